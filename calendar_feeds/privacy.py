"""What secret addresses tell about persons: their copy, what goes when they are erased, and how long it is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds import subscription_queries as queries
from core.privacy import Effect, erases, holds, retains
from core.texts import N_

TITLE = N_("Calendars you subscribe to by a secret address")

holds("feed", TITLE)(queries.held_of)


@erases("feed")
async def erase_feeds(db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool) -> list[Effect]:
    """All of them are gone for calendar programs at once. The rows stay without words, so that they hear that."""
    count = await queries.count_telling(db, person_id)
    if count and not dry_run:
        await queries.close_all(db, person_id, now)
    return [Effect(what=TITLE, count=count, fate="erased")]


@retains(
    "feed",
    N_("Secret addresses of calendars that were revoked"),
    730,
    reason=N_(
        "So that calendar programs that still ask are told that the address is gone. No law asks for more."
    ),
)
async def forget_feeds(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when they were revoked."""
    del now
    return await queries.forget_revoked(db, before, limit)
