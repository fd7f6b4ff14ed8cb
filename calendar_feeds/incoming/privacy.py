"""What calendars in tell about persons: who attached them, and names that may stand in what they brought."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.incoming import queries
from core.privacy import holds, retains
from core.texts import N_

holds("calendar_import", N_("Calendars from elsewhere that you have attached as staff"))(queries.imports_by)


@retains(
    "imported_event",
    N_("What calendars from elsewhere brought"),
    90,
    reason=N_("So that questions afterwards can be answered. Titles in it may hold names."),
)
async def forget_events(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when they were over. What was closed or booked stays as it is."""
    del now
    return await queries.forget_over(db, before, limit)
