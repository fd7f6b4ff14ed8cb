"""People who wait, and what they are offered, over HTTP and from the tables."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from booking.offers import accept_offer, decline_offer
from core.spans import Span, utc_now
from people.actors import Actor
from tests import make
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
HOUR = timedelta(hours=1)


async def wait(town: Town, token: str, resource_id: UUID, span: Span, **more: Any) -> httpx.Response:
    body = {"resource_id": str(resource_id), "start": make.iso(span.start), "end": make.iso(span.end), **more}
    return await town.post("/waiting", token, body)


async def waits(town: Town, token: str, resource_id: UUID, span: Span, **more: Any) -> str:
    """The id of the wait, which must be accepted."""
    answer = await wait(town, token, resource_id, span, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def offers(town: Town) -> list[tuple[UUID, UUID, str, datetime | None]]:
    """Offer, person, state of the booking, deadline; in the order in which they were made."""
    async with town.database.transaction(town.tenant.id) as db:
        rows = await db.execute(
            text(
                "SELECT o.id, b.person_id, b.state, b.held_until FROM offer o JOIN booking b ON b.id = o.booking_id"
                " ORDER BY o.made_at, o.id"
            )
        )
        return [tuple(row) for row in rows]


async def ended(town: Town, wait_id: str) -> str | None:
    async with town.database.transaction(town.tenant.id) as db:
        return await db.scalar(text("SELECT end_reason FROM wait WHERE id = :id"), {"id": UUID(wait_id)})


async def persons(town: Town, number: int) -> list[tuple[UUID, str]]:
    return await town.have(lambda db: _persons(db, number))


async def _persons(db: Any, number: int) -> list[tuple[UUID, str]]:
    return [await make.person(db) for _ in range(number)]


async def cancel(town: Town, token: str, booking_id: str) -> None:
    answer = await town.post(f"/bookings/{booking_id}/cancel", token, {"reason": ""})
    assert answer.status_code == 200, answer.text


async def answer(
    town: Town,
    offer_id: UUID,
    person_id: UUID,
    *,
    accept: bool,
    clubs: tuple[UUID, ...] = (),
    now: datetime | None = None,
) -> None:
    work = accept_offer if accept else decline_offer
    async with town.database.transaction(town.tenant.id) as db:
        actor = Actor(person_id=person_id, name="Kari", associations=clubs)
        await work(db, actor, town.tenant, offer_id, now or utc_now())
