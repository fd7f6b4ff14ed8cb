"""What telling holds about persons: messages inside, and who wrote the municipality's words."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling import queries
from booking.telling_models import Notice, NoticeText
from core.privacy import Effect, erases, holds, retains
from core.texts import N_
from people import erasure_queries, retention_queries

holds("notice", N_("Messages to you"))(queries.notices_of)
holds("notice_text", N_("Texts of the municipality's letters that you have written as staff"))(
    queries.texts_by
)


@erases("notice")
async def erase_notices(db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool) -> list[Effect]:
    """They are about her alone."""
    del now
    own = Notice.person_id == person_id
    found = await erasure_queries.count(db, Notice, own)
    if found and not dry_run:
        await erasure_queries.remove(db, Notice, own)
    return [Effect(what=N_("Messages to you"), count=found, fate="erased")]


@erases("notice_text")
async def keep_texts(db: AsyncSession, person_id: UUID, now: datetime, *, dry_run: bool) -> list[Effect]:
    """They are the municipality's."""
    del now, dry_run
    found = await erasure_queries.count(db, NoticeText, NoticeText.changed_by == person_id)
    why = N_("They are the municipality's. Your name is gone from them.")
    return [
        Effect(what=N_("Texts of letters that you have written as staff"), count=found, fate="kept", why=why)
    ]


@retains(
    "notice",
    N_("Messages to people inside the service"),
    365,
    reason=N_("So that people can look up what they were told. The case itself is kept longer."),
)
async def forget_notices(db: AsyncSession, before: datetime, now: datetime, limit: int) -> int:
    """From when they were written."""
    del now
    return await retention_queries.remove_some(db, Notice, Notice.created_at < before, limit=limit)
