"""SQL of messages inside, and of the municipality's own words as rows to be changed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling_models import Notice, NoticeText

UNSYNCHRONIZED = {"synchronize_session": False}


async def notices(
    db: AsyncSession, person_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Notice]:
    """Hers, the newest first."""
    statement = select(Notice).where(Notice.person_id == person_id)
    if after is not None:
        statement = statement.where(tuple_(Notice.created_at, Notice.id) < after)
    ordered = statement.order_by(Notice.created_at.desc(), Notice.id.desc())
    return (await db.scalars(ordered.limit(limit))).all()


async def notice(db: AsyncSession, person_id: UUID, notice_id: UUID) -> Notice | None:
    """One of hers."""
    return await db.scalar(select(Notice).where(Notice.id == notice_id, Notice.person_id == person_id))


async def mark_read(
    db: AsyncSession, person_id: UUID, now: datetime, *, notice_id: UUID | None = None
) -> None:
    """One of hers, or (None) all that she had got by then and not read; those read before keep their time."""
    unread = update(Notice).where(
        Notice.person_id == person_id, Notice.read_at.is_(None), Notice.created_at <= now
    )
    if notice_id is not None:
        unread = unread.where(Notice.id == notice_id)
    await db.execute(unread.values(read_at=now), execution_options=UNSYNCHRONIZED)


async def all_words(db: AsyncSession) -> set[tuple[str, str]]:
    """(kind, language) of which the municipality has words of its own."""
    return {
        (kind, language) for kind, language in await db.execute(select(NoticeText.kind, NoticeText.language))
    }


async def words(db: AsyncSession, kind: str, language: str, *, lock: bool = False) -> NoticeText | None:
    """The municipality's own; with `lock`, to be changed."""
    statement = select(NoticeText).where(NoticeText.kind == kind, NoticeText.language == language)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return await db.scalar(statement)
