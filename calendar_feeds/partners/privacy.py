"""What partners' tables and the change log hold about persons, and how long."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.partners import queries, webhook_queries
from calendar_feeds.partners.rules import LOG_KEPT
from core.privacy import Row, holds, retains
from core.texts import N_


@holds("change_log", N_("When my bookings changed, for calendars and other programs"))
async def collect_changes(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Numbers and states. When she is erased they stay as nobody's: her number says no more who she was."""
    return [
        {
            "id": row.id,
            "booking_id": row.thing_id,
            "person_id": row.person_id,
            "version": row.version,
            "state": row.state,
            "resource_id": row.resource_id,
            "association_id": row.association_id,
            "team_id": row.team_id,
            "at": row.at,
        }
        for row in await queries.changes_by(db, person_id)
    ]


@retains(
    "change_log",
    N_("The log of what changed, for calendars and other programs"),
    LOG_KEPT.days,
    least=LOG_KEPT.days,
    reason=N_("So that a program that was away for a year misses nothing. It holds numbers, not names."),
)
async def forget_changes(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when it changed, and never before the booking's time is that long over."""
    del now
    return await queries.forget_changes(db, before, limit)


@retains(
    "webhook_delivery",
    N_("The log of what other programs were told"),
    30,
    reason=N_("So that errors can be found. The change log can be told again for longer."),
)
async def forget_deliveries(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when it was to be told."""
    del now
    return await webhook_queries.forget_deliveries(db, before, limit)
