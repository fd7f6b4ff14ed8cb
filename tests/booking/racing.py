"""Many requests at once, and what they were answered."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from core.spans import utc_now
from tests.booking.conftest import Town


async def race(*runners: Awaitable[httpx.Response]) -> list[httpx.Response]:
    """All at once; none of the answers is a fault of ours."""
    answers = await asyncio.gather(*runners)
    assert all(answer.status_code < 500 for answer in answers), [
        a.text for a in answers if a.status_code >= 500
    ]
    return list(answers)


def statuses(answers: Sequence[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def told(answers: Sequence[httpx.Response]) -> Counter[str]:
    """How often each refusal was given."""
    return Counter(answer.json()["type"] for answer in answers if answer.status_code >= 400)


async def count_live(town: Town) -> int:
    async with town.database.transaction(town.tenant.id) as db:
        return await db.scalar(
            text("SELECT count(*) FROM booking WHERE state IN ('held', 'requested', 'confirmed')")
        )


async def run_out(town: Town, held: dict[str, Any]) -> None:
    """Lets the deadline of a hold be past."""
    past = utc_now() - timedelta(seconds=1)
    async with town.database.transaction(town.tenant.id) as db:
        for each in held["bookings"]:
            values = {"past": past, "id": UUID(each["id"])}
            await db.execute(text("UPDATE booking SET held_until = :past WHERE id = :id"), values)
            await db.execute(text("UPDATE claim SET held_until = :past WHERE booking_id = :id"), values)
            await db.execute(
                text("UPDATE outbox SET due_at = :past WHERE body ->> 'booking_id' = :id"),
                {**values, "id": each["id"]},
            )
