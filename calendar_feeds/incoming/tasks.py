"""What happens later: attached calendars are fetched when their time has come."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.incoming import fetching
from calendar_feeds.incoming.messages import FetchDue
from core.delivery import Door
from core.tasks import every, outside


@every("*/5 * * * *")
async def sweep(db: AsyncSession, now: datetime) -> None:
    """Those that are due."""
    await fetching.sweep(db, now)


@outside(FetchDue)
async def fetch(door: Door, message: FetchDue, now: datetime) -> None:
    """One of them."""
    await fetching.fetch(door, message.import_id, now)
