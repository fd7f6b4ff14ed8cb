"""An invoice is taken back, all of it or some bookings: by a credit note, for what is issued never changes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from core.audit import note
from core.errors import NotFound, WrongState
from core.money import Money
from payments import documents, issuing, order_queries
from payments.invoicing import invoice_queries as queries
from payments.invoicing.gathering import RIGHT
from payments.invoicing.invoice_schemas import CreditIn, CreditOut
from people.actors import Actor
from people.rules import demand


async def credit(db: AsyncSession, actor: Actor, order_id: UUID, form: CreditIn, now: datetime) -> CreditOut:
    """The credit note. What is not to be invoiced again is owed no more.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, and WrongState where nothing is left of it.
    """
    demand(actor, RIGHT)
    order = await order_queries.lock_order(db, order_id)
    if order is None or order.kind != "invoice":
        raise NotFound(what="invoice")
    if order.state != "issued":
        raise WrongState(state=order.state)
    lines = await order_queries.lines_of(db, [order_id])
    credited = await order_queries.credit_lines_of(db, [order_id])
    billed = [issuing.line_of(row) for row in lines[order_id]]
    back = [issuing.line_of(row) for row in credited[order_id]]
    left = {each: ore for each, ore in documents.left_of(billed, back).items() if ore > 0}
    if form.bookings is not None:
        if not set(form.bookings) <= {line.booking_id for line in billed}:
            raise NotFound(what="booking")
        left = {each: ore for each, ore in left.items() if each in form.bookings}
    if not left:
        raise WrongState(state="credited")
    if not form.again:
        await _owe_less(db, actor, left, form.reason, now)
    made = await issuing.credit(
        db,
        order,
        documents.taken_back(billed, back, left),
        reason=form.reason.strip(),
        by_id=actor.person_id,
        now=now,
    )
    change = {"credit_id": (None, str(made.id)), "again": (None, form.again)}
    note(db, actor.person_id, "invoice.credited", table="pay_order", row_id=order_id, now=now, change=change)
    assert made.number is not None, "it was issued"
    return CreditOut(id=made.id, number=made.number, gross=Money(made.gross_ore))


async def _owe_less(
    db: AsyncSession, actor: Actor, less: dict[UUID, int], reason: str, now: datetime
) -> None:
    """Before the credit note: each owes what is billed elsewhere, and no more than now."""
    for row in await queries.standing(db, sorted(less)):
        owed = max(0, min(row.owed_ore, row.billed_ore - less[row.id]))
        if owed < row.owed_ore:
            await paying.owe_less(db, actor, row.id, owed, reason=reason, now=now)
