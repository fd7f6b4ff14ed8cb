"""Calendars that are attached to a hall of a town, and what they say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Booking
from calendar_feeds.incoming import applying, queries
from calendar_feeds.incoming.applying import Came
from calendar_feeds.incoming.models import CalendarImport, ImportedEvent
from calendar_feeds.incoming.occurrence import Occurrence
from core.ids import new_id
from core.spans import Span, utc_now
from resources.models import Closure
from tests import make
from tests.booking.conftest import Town


def said(key: str, span: Span, summary: str = "Matte 8A", **more: Any) -> Occurrence:
    """An occurrence as a calendar has it."""
    values: dict[str, Any] = {"location": "", "is_all_day": False, "is_busy": True, "is_tentative": False}
    digest = f"{span.start.isoformat()} {span.end.isoformat()} {summary}"
    return Occurrence(
        key=key,
        starts_at=span.start,
        ends_at=span.end,
        summary=summary,
        digest=digest,
        **{**values, **more},
    )


async def attach(db: AsyncSession, resource_id: UUID, *, kind: str = "closures", **columns: Any) -> UUID:
    """An import of somebody's, with an association where it brings bookings."""
    if "created_by" not in columns:
        columns["created_by"], _ = await make.person(db, role="facility_manager")
    association_id = (await make.association(db))[0] if kind == "bookings" else None
    row_id = new_id()
    values: dict[str, Any] = {
        "address": b"",
        "under": "",
        "host": "skole.example",
        "label": "Skolens timeplan",
        "shows_title": False,
        "every_minutes": 60,
        "state": "on",
        "due_at": utc_now(),
        "created_at": utc_now(),
    }
    db.add(
        CalendarImport(
            id=row_id,
            resource_id=resource_id,
            kind=kind,
            association_id=association_id,
            **{**values, **columns},
        )
    )
    await db.flush()
    return row_id


async def carry_out(
    town: Town,
    import_id: UUID,
    occurrences: Sequence[Occurrence],
    *,
    now: datetime | None = None,
    **more: Any,
) -> Came:
    """What the calendar says, carried out in a transaction of its own, as a fetch does."""

    async def work(db: AsyncSession) -> Came:
        row = await queries.lock_import(db, import_id)
        assert row is not None
        more.setdefault("is_whole", True)
        return await applying.apply(db, row, occurrences, now=now or utc_now(), **more)

    return await town.database.run(town.tenant.id, work)


async def events(town: Town, import_id: UUID) -> dict[str, ImportedEvent]:
    """By key."""
    async with town.database.transaction(town.tenant.id) as db:
        return {each.key: each for each in await queries.events_of(db, import_id)}


async def states(town: Town, import_id: UUID) -> dict[str, str]:
    return {key: each.state for key, each in (await events(town, import_id)).items()}


async def closures(town: Town) -> list[Span]:
    """Those in force, by start."""
    async with town.database.transaction(town.tenant.id) as db:
        rows = await db.scalars(
            select(Closure).where(Closure.lifted_at.is_(None)).order_by(Closure.starts_at)
        )
        return [Span(row.starts_at, row.ends_at) for row in rows]


async def bookings(town: Town, state: str = "confirmed") -> list[Booking]:
    """By start."""
    async with town.database.transaction(town.tenant.id) as db:
        rows = await db.scalars(select(Booking).where(Booking.state == state).order_by(Booking.starts_at))
        return list(rows)
