"""What door locks' tables hold about persons, and how long."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.partners import door_queries
from core.privacy import Row, holds, retains
from core.texts import N_


@holds("door_code", N_("Codes that opened doors for my bookings"))
async def collect_codes(db: AsyncSession, person_id: UUID) -> list[Row]:
    """When each was valid, not the code: that stands on the booking's page as long as it opens anything."""
    return [
        {
            "id": row.id,
            "booking_id": row.booking_id,
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
            "state": row.state,
        }
        for row in await door_queries.codes_by(db, person_id)
    ]


@retains(
    "door_code",
    N_("Codes that opened doors"),
    30,
    reason=N_("So that it can be found out which bookings a door was open for, when something is amiss."),
)
async def forget_codes(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when they ceased to open."""
    del now
    return await door_queries.forget(db, before, limit)
