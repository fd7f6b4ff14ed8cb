"""The audit trail, for administrators: who did what to which row."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.paging import Page, read_cursor, write_cursor
from people import audit_queries
from people.actors import Actor
from people.audit_schemas import AuditOut, AuditWish
from people.reads import note_reads
from people.rules import demand


async def entries(
    db: AsyncSession, actor: Actor, wish: AuditWish, *, now: datetime, cursor: str | None, limit: int
) -> Page[AuditOut]:
    """Newest first, in one query. Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid.

    Those whose deeds are shown can see that they were.
    """
    demand(actor, "audit.read")
    after = read_cursor(cursor, datetime, UUID)
    rows = await audit_queries.entries_page(
        db,
        person_id=wish.person_id,
        table=wish.table,
        row_id=wish.row_id,
        action=wish.action,
        since=wish.since,
        until=wish.until,
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    shown, last = rows[:limit], rows[limit - 1] if len(rows) > limit else None
    known = [row.actor_id for row in shown if row.actor is not None]
    await note_reads(db, actor, known, "audit", now)
    told = [
        AuditOut(
            id=row.id,
            at=row.at,
            actor_id=row.actor_id,
            actor=row.actor,
            action=row.action,
            table=row.table_name,
            row_id=row.row_id,
            change=row.change,
        )
        for row in shown
    ]
    return Page(told, write_cursor(last.at, last.id) if last else None)
