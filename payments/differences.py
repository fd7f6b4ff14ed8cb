"""Where the provider's books and ours differ, for whoever keeps the books: to read, and to explain."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.errors import NotFound, WrongState
from core.paging import Page, read_cursor, write_cursor
from core.wire import id_in
from payments import difference_queries as queries
from payments import refunding
from payments.reading_schemas import Differs
from people.actors import Actor
from people.rules import demand

READ: Final = "money.read"
EXPLAIN: Final = "invoice.manage"
"""Held over the whole municipality: an account with the provider is of no place in particular."""


async def differences(
    db: AsyncSession, actor: Actor, *, is_settled: bool, cursor: str | None, limit: int
) -> Page[Differs]:
    """Open ones, or those that are settled; newest first. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand(actor, READ)
    found = read_cursor(cursor, datetime, UUID)
    after = None if found is None else (found[0], found[1])
    rows = await queries.listed(db, is_settled=is_settled, after=after, limit=limit + 1)
    items = [msgspec.convert(row, Differs, from_attributes=True) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items, write_cursor(last.found_at, last.id) if last else None)


async def difference(db: AsyncSession, actor: Actor, difference_id: UUID) -> Differs:
    """Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand(actor, READ)
    row = await queries.one(db, difference_id)
    if row is None:
        raise NotFound(what="difference")
    return msgspec.convert(row, Differs, from_attributes=True)


async def explain(
    db: AsyncSession, actor: Actor, difference_id: UUID, explanation: str, now: datetime
) -> None:
    """It is as it is: from now on it is settled. Raises NotFound; WrongState when it was settled already."""
    demand(actor, EXPLAIN)
    row = await queries.locked(db, difference_id)
    if row is None:
        raise NotFound(what="difference")
    if row.settled_at is not None:
        raise WrongState(state="settled")
    row.settled_at, row.settled_by, row.explanation = now, actor.person_id, explanation
    audit.note(
        db, actor.person_id, "difference.explained", table="pay_difference", row_id=row.id, now=now,
        change={"explanation": ("", explanation)},
    )  # fmt: skip
    await db.flush()


async def try_again(db: AsyncSession, actor: Actor, difference_id: UUID, now: datetime) -> None:
    """A refund that failed is asked for anew. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, WrongState."""
    demand(actor, "refund.give")
    found = await difference(db, actor, difference_id)
    refund_id = id_in(found.ref)
    if refund_id is None or found.kind != "refund_failed":
        raise WrongState(state=found.kind)
    await refunding.try_again(db, actor, refund_id, now)
