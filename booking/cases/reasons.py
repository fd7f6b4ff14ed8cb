"""The municipality's list of reasons to reject: what stands on it, in which words and order, and until when."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking.case_models import RejectionReason
from booking.cases import case_queries
from booking.cases.case_schemas import ReasonIn
from core.audit import note
from core.errors import AlreadyExists, Invalid, NotFound
from core.ids import new_id
from core.texts import N_
from people.actors import Actor
from people.rules import demand


async def listed(db: AsyncSession, actor: Actor, now: datetime) -> Sequence[RejectionReason]:
    """Also those that have ended. Raises SignInNeeded, Forbidden."""
    demand(actor, "tenant.manage")
    return await case_queries.reasons(db, now, with_ended=True)


async def add(db: AsyncSession, actor: Actor, form: ReasonIn, now: datetime) -> UUID:
    """Raises Forbidden, Invalid, AlreadyExists for a key that is or was used."""
    demand(actor, "tenant.manage")
    if any(row.key == form.key for row in await case_queries.reasons(db, now, with_ended=True)):
        raise AlreadyExists(field="key")
    row = RejectionReason(id=new_id(), key=form.key, texts=_texts(form), position=form.position)
    db.add(row)
    note(db, actor.person_id, "reason.added", table="rejection_reason", row_id=row.id, now=now)
    await db.flush()
    return row.id


async def change(db: AsyncSession, actor: Actor, reason_id: UUID, form: ReasonIn, now: datetime) -> None:
    """Other words or another place; decisions keep the words they were made with. Raises Forbidden, NotFound."""
    demand(actor, "tenant.manage")
    row = await _row(db, reason_id)
    before = {"texts": row.texts, "position": row.position}
    row.texts, row.position = _texts(form), form.position
    after = {"texts": row.texts, "position": row.position}
    changed = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    note(
        db,
        actor.person_id,
        "reason.changed",
        table="rejection_reason",
        row_id=row.id,
        now=now,
        change=changed,
    )
    await db.flush()


async def end(db: AsyncSession, actor: Actor, reason_id: UUID, now: datetime) -> None:
    """It can no longer be chosen. Raises Forbidden, NotFound."""
    demand(actor, "tenant.manage")
    row = await _row(db, reason_id)
    if row.ended_at is None:
        row.ended_at = now
        note(db, actor.person_id, "reason.ended", table="rejection_reason", row_id=row.id, now=now)
        await db.flush()


async def _row(db: AsyncSession, reason_id: UUID) -> RejectionReason:
    row = await case_queries.reason(db, reason_id)
    if row is None:
        raise NotFound(what="reason")
    return row


def _texts(form: ReasonIn) -> dict[str, str]:
    """Raises Invalid when it says nothing in any language."""
    texts = {language: text.strip() for language, text in form.texts.items() if text.strip()}
    if not texts:
        raise Invalid(field="nb", expected=N_("some words"))
    return msgspec.to_builtins(texts)
