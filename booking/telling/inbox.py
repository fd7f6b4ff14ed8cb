"""One's messages inside: listed, opened, marked as read. Nobody reads those of others."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling import inbox_queries as queries
from booking.telling.schemas import NoticeOut
from booking.telling_models import Notice
from core.errors import NotFound
from core.paging import Page, read_cursor, write_cursor
from people.actors import Actor
from people.rules import demand_person


async def notices(db: AsyncSession, actor: Actor, *, cursor: str | None, limit: int) -> Page[NoticeOut]:
    """The newest first. Raises SignInNeeded, Invalid."""
    person_id = demand_person(actor, writes=False)
    after = read_cursor(cursor, datetime, UUID)
    rows = await queries.notices(
        db, person_id, after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return Page([_out(row) for row in rows[:limit]], write_cursor(last.created_at, last.id) if last else None)


async def open_notice(db: AsyncSession, actor: Actor, notice_id: UUID, now: datetime) -> NoticeOut:
    """One, read from now on, unless a program that only reads asks. Raises SignInNeeded, NotFound."""
    person_id = demand_person(actor, writes=False)
    row = await queries.notice(db, person_id, notice_id)
    if row is None:
        raise NotFound(what="message")
    if row.read_at is None and actor.may_write:
        await queries.mark_read(db, person_id, max(now, row.created_at), notice_id=notice_id)
        row.read_at = now
    return _out(row)


async def mark_read(db: AsyncSession, actor: Actor, notice_id: UUID, now: datetime) -> NoticeOut:
    """The same, of who may write. Raises SignInNeeded, Forbidden, NotFound."""
    demand_person(actor)
    return await open_notice(db, actor, notice_id, now)


async def mark_all_read(db: AsyncSession, actor: Actor, now: datetime) -> None:
    """All that she has got by now. Raises SignInNeeded, Forbidden."""
    await queries.mark_read(db, demand_person(actor), now)


def _out(row: Notice) -> NoticeOut:
    return NoticeOut(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        text=row.text,
        path=row.path,
        application_id=row.application_id,
        created_at=row.created_at,
        read_at=row.read_at,
    )
