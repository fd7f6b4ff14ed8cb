"""The one way money comes in: a paid page of the provider's becomes a payment, a receipt and confirmed bookings.

What has been paid is looked up with the provider each time; who says that something was paid (the browser coming
back, a notice, our own clock) does not matter, nor in which order, nor how often.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from core.delivery import Door
from core.money import CURRENCY
from core.outbox import later, publish
from payments import order_queries as queries
from payments.documents import by_booking, left_of, taken_back
from payments.issuing import credit, issue, line_of
from payments.messages import CheckoutDue
from payments.models import Checkout, Order, OrderLine, Payment
from payments.ordering import annul
from payments.provider import Provider, Session
from payments.refunding import give_back, want

STILL_WORKING: Final = timedelta(minutes=10)
"""After so long a page is looked at again that the provider itself is not done with."""


class Errand(NamedTuple):
    """A page to ask the provider about."""

    account: str
    ref: str
    is_live: bool


async def take(db: AsyncSession, provider: str, session: Session, now: datetime) -> None:
    """What a page of the provider's, as it stands there, means for us. Any order, any number of times.

    Paid: its order is issued and its bookings are confirmed; what cannot be had any more is credited and given back.
    Money that no order waits for (paid twice, paid after the order was void, another amount) is given back whole.
    A page of somebody else's changes nothing.
    """
    found = await _checkout_of(db, provider, session)
    if found is None:
        return
    order = await queries.lock_order(db, found.order_id)
    row = await queries.checkout(db, found.id)
    assert order is not None, "a checkout is of an order"
    assert row is not None, "nothing is deleted"
    if session.state == "ended":
        await _ended(db, order, row, now)
    if session.state != "paid":
        return
    assert session.payment_ref is not None, "what is paid has a payment"
    payment_id = await queries.add_payment(
        db,
        order_id=order.id,
        checkout_id=row.id,
        provider=provider,
        ref=session.payment_ref,
        amount_ore=session.amount_ore,
        captured_at=session.paid_at or now,
        now=now,
    )
    if payment_id is None:
        return
    row.state, row.ref, row.ended_at = "paid", row.ref or session.ref, now
    await db.flush()
    (payment,) = await queries.lock_payments(db, payment_id=payment_id)
    await _settle(db, order, payment, session, now)
    for other in await queries.live_checkouts(db, [order.id] if order.state == "issued" else []):
        publish(db, CheckoutDue(other.id))
    await db.flush()


async def _checkout_of(db: AsyncSession, provider: str, session: Session) -> Checkout | None:
    """By the provider's id of it; else by ours that it bears, where the answer to our asking was lost."""
    found = await queries.checkout_by_ref(db, provider, session.ref)
    if found is None and session.checkout_id is not None:
        found = await queries.checkout(db, session.checkout_id)
        if found is not None and (found.provider != provider or found.ref not in {None, session.ref}):
            return None
    return found


async def _settle(db: AsyncSession, order: Order, payment: Payment, session: Session, now: datetime) -> None:
    if session.currency.upper() != CURRENCY or session.amount_ore != order.gross_ore:
        await queries.open_difference(
            db,
            "amount",
            payment.ref,
            order_id=order.id,
            ours_ore=order.gross_ore,
            theirs_ore=session.amount_ore,
            now=now,
        )
        want(db, payment, payment.amount_ore, why="lost", now=now)
        return
    if order.state != "open":
        why = "paid_twice" if order.state == "issued" else "lost"
        want(db, payment, payment.amount_ore, why=why, now=now)
        return
    rows = (await queries.lines_of(db, [order.id]))[order.id]
    paid = await paying.confirm_paid(db, by_booking([line_of(row) for row in rows]), now)
    await issue(db, order, now)
    if paid.lost:
        await _credit_lost(db, order, rows, paid.lost, now)


async def _credit_lost(
    db: AsyncSession, order: Order, rows: Sequence[OrderLine], lost: Sequence[UUID], now: datetime
) -> None:
    """What was paid too late: the time is somebody else's."""
    billed = [line_of(row) for row in rows]
    left = left_of(billed, [])
    lines = taken_back(billed, [], {each: left[each] for each in lost if left.get(each)})
    if lines:
        note = await credit(db, order, lines, reason="", by_id=None, now=now)
        await give_back(db, order, note, why="lost", now=now)


async def _ended(db: AsyncSession, order: Order, row: Checkout, now: datetime) -> None:
    """Nobody can pay it there any more. An order that nothing waits for is void."""
    if row.state in {"wanted", "open"}:
        row.state, row.ended_at = "ended", now
        await db.flush()
    if order.state != "open" or await queries.live_checkouts(db, [order.id]):
        return
    lines = (await queries.lines_of(db, [order.id]))[order.id]
    ids = sorted({line.booking_id for line in lines if line.booking_id is not None})
    standing = await paying.standing(db, ids)
    if not any(each.state == "awaiting_payment" for each in standing.values()):
        await annul(db, order, now)


async def look(door: Door, provider: Provider, checkout_id: UUID, now: datetime) -> Session | None:
    """Asks the provider how it stands with a page, and takes what was paid; as it stands there, or None where there is
    nothing to ask. Raises Unclear, Declined.
    """
    async with door() as db:
        errand = await _errand(db, checkout_id)
    if errand is None:
        return None
    session = await provider.session(errand.account, errand.ref)
    await door.database.run(door.tenant_id, lambda db: take(db, provider.name, session, now))
    return session


async def end_page(door: Door, provider: Provider, checkout_id: UUID, now: datetime) -> None:
    """The time to pay is over, or the order is another: the page is ended, unless somebody has paid meanwhile.

    Raises Unclear, Declined.
    """
    await door.database.run(door.tenant_id, lambda db: _give_up(db, checkout_id, now))
    async with door() as db:
        errand = await _errand(db, checkout_id)
    if errand is None or not errand.is_live:
        return
    session = await provider.end_session(errand.account, errand.ref)

    async def work(db: AsyncSession) -> None:
        await take(db, provider.name, session, now)
        if session.state in {"open", "processing"}:
            later(db, CheckoutDue(checkout_id), now + STILL_WORKING)

    await door.database.run(door.tenant_id, work)


async def _errand(db: AsyncSession, checkout_id: UUID) -> Errand | None:
    """None: there is nothing to ask."""
    row = await queries.checkout(db, checkout_id)
    if row is None or row.ref is None:
        return None
    account = await queries.account(db, row.provider, active=False)
    assert account is not None, "a page was made on an account"
    return Errand(account, row.ref, row.state == "open")


async def _give_up(db: AsyncSession, checkout_id: UUID, now: datetime) -> None:
    """An attempt whose address never came back: nobody has it, so nobody can pay there."""
    row = await queries.checkout(db, checkout_id)
    if row is None or row.state != "wanted":
        return
    order = await queries.lock_order(db, row.order_id)
    row = await queries.checkout(db, checkout_id)
    assert order is not None, "a checkout is of an order"
    assert row is not None, "nothing is deleted"
    if row.state == "wanted":
        await _ended(db, order, row, now)
