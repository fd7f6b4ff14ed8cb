"""Money given back: written down first, then asked of the provider until it is clear, and never more than came in."""

import logging
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note as note_audit
from core.delivery import Door
from core.errors import NotFound, WrongState
from core.ids import new_id
from core.outbox import publish
from payments import order_queries as queries
from payments.messages import RefundWanted
from payments.models import Order, Payment, Refund
from payments.provider import Declined, Provider, Refunded
from people.actors import Actor
from people.rules import demand

logger = logging.getLogger("ledig.payments")

LOOK_FIRST: Final = timedelta(minutes=5)
"""A refund that is older when the provider is asked is looked for there first: providers forget idempotency keys
(after a day or more: https://docs.stripe.com/api/idempotent_requests)."""


class Errand(NamedTuple):
    """A refund to ask the provider for."""

    account: str
    payment_ref: str
    amount_ore: int
    refund_ref: str | None
    created_at: datetime


def want(
    db: AsyncSession,
    payment: Payment,
    amount_ore: int,
    *,
    why: str,
    now: datetime,
    credit_id: UUID | None = None,
    reason: str = "",
    by_id: UUID | None = None,
) -> Refund:
    """So much of the payment, which is locked, goes back as soon as the provider can be asked."""
    payment.refunded_ore += amount_ore
    assert payment.refunded_ore <= payment.amount_ore, "no more goes back than came in"
    made = Refund(
        id=new_id(),
        payment_id=payment.id,
        credit_id=credit_id,
        amount_ore=amount_ore,
        state="wanted",
        why=why,
        reason=reason,
        by_id=by_id,
        created_at=now,
    )
    db.add(made)
    publish(db, RefundWanted(made.id))
    return made


async def give_back(
    db: AsyncSession,
    order: Order,
    credit: Order,
    *,
    why: str,
    now: datetime,
    reason: str = "",
    by_id: UUID | None = None,
) -> None:
    """What the credit note takes back of an order that was paid online, out of its payments."""
    rest = credit.gross_ore
    for payment in await queries.lock_payments(db, order_id=order.id):
        part = min(rest, payment.amount_ore - payment.refunded_ore)
        if part > 0:
            want(db, payment, part, why=why, now=now, credit_id=credit.id, reason=reason, by_id=by_id)
            rest -= part
    if (
        rest
    ):  # somebody has given back by hand, or a refund that failed was given otherwise: finance must look
        await queries.open_difference(
            db,
            "refund_missing",
            str(credit.id),
            order_id=order.id,
            ours_ore=credit.gross_ore,
            theirs_ore=credit.gross_ore - rest,
            now=now,
        )
    await db.flush()


async def carry_out(door: Door, provider: Provider, refund_id: UUID, now: datetime) -> None:
    """Asks the provider, and writes down what it says. As often as you like: one refund is one. Raises Unclear."""
    async with door() as db:
        errand = await _errand(db, refund_id)
    if errand is None:
        return
    try:
        answer = await _ask(provider, errand, refund_id, now)
    except Declined as error:
        code = error.code
        logger.warning("refund %s was declined: %s", refund_id, code)
        await door.database.run(door.tenant_id, lambda db: fail(db, refund_id, code, now))
        return
    await door.database.run(door.tenant_id, lambda db: note(db, refund_id, answer, now))


async def _ask(provider: Provider, errand: Errand, refund_id: UUID, now: datetime) -> Refunded:
    if errand.refund_ref is not None:
        return await provider.refunded(errand.account, errand.refund_ref)
    if now - errand.created_at > LOOK_FIRST:
        there = await provider.captured(errand.account, errand.payment_ref)
        for each in there.refunds:
            if each.refund_id == refund_id:
                return each
    return await provider.refund(
        errand.account,
        key=f"{refund_id}:refund",
        payment_ref=errand.payment_ref,
        amount_ore=errand.amount_ore,
        refund_id=refund_id,
    )


async def _errand(db: AsyncSession, refund_id: UUID) -> Errand | None:
    """None: it is known how it ended."""
    row = await queries.refund(db, refund_id)
    if row is None or row.Refund.state in {"done", "failed"}:
        return None
    account = await queries.account(db, row.Payment.provider, active=False)
    assert account is not None, "it was paid to an account"
    return Errand(account, row.Payment.ref, row.Refund.amount_ore, row.Refund.ref, row.Refund.created_at)


async def note(db: AsyncSession, refund_id: UUID, answer: Refunded, now: datetime) -> None:
    """How it stands with the provider. News may come in any order: what was done may fail, what failed stays so."""
    if answer.state == "failed":
        await fail(db, refund_id, answer.error or "failed", now, ref=answer.ref)
        return
    row = await queries.lock_refund(db, refund_id)
    if row is None or row.state in {"done", "failed"}:
        return
    row.state, row.ref = answer.state, answer.ref
    row.done_at = now if answer.state == "done" else None
    await _waits_no_more(db, refund_id, now)
    await db.flush()


async def _waits_no_more(db: AsyncSession, refund_id: UUID, now: datetime) -> None:
    """The provider has taken it, or said that it cannot: settled by itself, if finance was told of the waiting."""
    difference = await queries.lock_difference(db, "refund_waiting", str(refund_id))
    if difference is not None:
        difference.settled_at = now


async def note_known(db: AsyncSession, answer: Refunded, now: datetime) -> bool:
    """The same for news that names no refund of ours but by what the provider keeps. False: it is none of ours."""
    refund_id = await queries.refund_by_ref(db, answer.ref)
    if refund_id is None and answer.refund_id is not None and await queries.refund(db, answer.refund_id):
        refund_id = answer.refund_id
    if refund_id is None:
        return False
    await note(db, refund_id, answer, now)
    return True


async def fail(
    db: AsyncSession, refund_id: UUID, error: str, now: datetime, *, ref: str | None = None
) -> None:
    """The provider cannot: the money is still here, and finance is to find another way, or try again."""
    found = await queries.refund(db, refund_id)
    if found is None:
        return
    (payment,) = await queries.lock_payments(db, payment_id=found.Payment.id)
    row = await queries.lock_refund(db, refund_id)
    if row is None or row.state == "failed":
        return
    row.state, row.error, row.ref, row.done_at = "failed", error[:200], row.ref or ref, now
    payment.refunded_ore -= row.amount_ore
    await _waits_no_more(db, refund_id, now)
    await queries.open_difference(
        db,
        "refund_failed",
        str(row.id),
        order_id=payment.order_id,
        ours_ore=row.amount_ore,
        theirs_ore=0,
        now=now,
    )
    await db.flush()


async def try_again(db: AsyncSession, actor: Actor, refund_id: UUID, now: datetime) -> UUID:
    """A refund that failed is asked for anew, as a new one; its difference is settled with that.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, WrongState.
    """
    demand(actor, "refund.give")
    found = await queries.refund(db, refund_id)
    if found is None:
        raise NotFound(what="refund")
    (payment,) = await queries.lock_payments(db, payment_id=found.Payment.id)
    row = await queries.lock_refund(db, refund_id)
    difference = await queries.lock_difference(db, "refund_failed", str(refund_id))
    if row is None or row.state != "failed" or difference is None:
        raise WrongState(state=found.Refund.state)
    if payment.refunded_ore + row.amount_ore > payment.amount_ore:
        raise WrongState(state="refunded")
    made = want(
        db,
        payment,
        row.amount_ore,
        why=row.why,
        now=now,
        credit_id=row.credit_id,
        reason=row.reason,
        by_id=actor.person_id,
    )
    difference.settled_at, difference.settled_by = now, actor.person_id
    note_audit(
        db, actor.person_id, "refund.tried_again", table="refund", row_id=made.id, now=now,
        change={"after": (None, refund_id)},
    )  # fmt: skip
    await db.flush()
    return made.id
