"""What waiting tells about persons: their copy, what goes when they are erased, and how long it is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.waiting import queries
from core.privacy import Effect, erases, holds, retains
from core.texts import N_

holds("wait", N_("What you have asked to be told of when it becomes free"))(queries.held_of)


@erases("wait")
async def erase_waits(db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool) -> list[Effect]:
    """All of it; what was offered is an application, and goes the way of those."""
    del now
    found = await queries.ids_of(db, person_id)
    if found and not dry_run:
        await queries.forget(db, found)
    return [
        Effect(
            what=N_("What you have asked to be told of when it becomes free"), count=len(found), fate="erased"
        )
    ]


@retains(
    "wait",
    N_("What people have waited for"),
    90,
    reason=N_("So that questions about the order can be answered. No law asks for more."),
)
async def forget_waits(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when they waited no more."""
    del now
    found = await queries.ended_before(db, before, limit)
    await queries.forget(db, found)
    return len(found)
