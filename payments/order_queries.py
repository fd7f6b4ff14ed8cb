"""SQL of orders: documents with their lines and numbers, checkouts, payments and refunds.

Order of locks: orders by id, payments by id, then the room of bookings' own, and last a series of numbers.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Booking
from core.db import AnyRow
from core.ids import new_id
from payments.invoice_models import InvoiceTerms
from payments.models import Checkout, Deposit, Order, OrderLine, Payment, Refund, Series
from payments.provider_models import Difference, ProviderAccount
from people.models import Association, Person

FRESH = {"populate_existing": True}
QUIET = {"synchronize_session": False}


# Orders and their lines.


async def order(db: AsyncSession, order_id: UUID) -> Order | None:
    return await db.scalar(select(Order).where(Order.id == order_id), execution_options=FRESH)


async def lock_orders(db: AsyncSession, order_ids: Collection[UUID]) -> Sequence[Order]:
    """By id."""
    statement = select(Order).where(Order.id.in_(order_ids)).order_by(Order.id).with_for_update()
    return (await db.scalars(statement, execution_options=FRESH)).all()


async def lock_order(db: AsyncSession, order_id: UUID) -> Order | None:
    return next(iter(await lock_orders(db, [order_id])), None)


async def lock_open(db: AsyncSession, application_id: UUID) -> Sequence[Order]:
    """Receipts of the application that are not issued yet, by id."""
    statement = (
        select(Order)
        .where(Order.application_id == application_id, Order.kind == "receipt", Order.state == "open")
        .order_by(Order.id)
        .with_for_update()
    )
    return (await db.scalars(statement, execution_options=FRESH)).all()


async def count_open(db: AsyncSession, application_id: UUID) -> int:
    """The same, counted as they stand now and not locked."""
    statement = select(func.count()).where(
        Order.application_id == application_id, Order.kind == "receipt", Order.state == "open"
    )
    return await db.scalar(statement) or 0


async def open_with(db: AsyncSession, booking_ids: Collection[UUID]) -> Sequence[UUID]:
    """Receipts that are not issued yet and have lines of these bookings, by id."""
    statement = (
        select(Order.id)
        .where(
            Order.kind == "receipt",
            Order.state == "open",
            exists().where(
                OrderLine.tenant_id == Order.tenant_id,
                OrderLine.order_id == Order.id,
                OrderLine.booking_id.in_(booking_ids),
            ),
        )
        .order_by(Order.id)
    )
    return (await db.scalars(statement)).all()


async def application_of(db: AsyncSession, booking_id: UUID) -> UUID | None:
    return await db.scalar(select(Booking.application_id).where(Booking.id == booking_id))


async def lines_of(db: AsyncSession, order_ids: Collection[UUID]) -> dict[UUID, list[OrderLine]]:
    """By order, in their order."""
    statement = (
        select(OrderLine)
        .where(OrderLine.order_id.in_(order_ids))
        .order_by(OrderLine.order_id, OrderLine.position)
    )
    found: dict[UUID, list[OrderLine]] = {each: [] for each in order_ids}
    for line in await db.scalars(statement):
        found[line.order_id].append(line)
    return found


async def billed_in(db: AsyncSession, booking_ids: Collection[UUID]) -> Sequence[UUID]:
    """Receipts and invoices that are issued and have lines of these bookings, by id."""
    statement = (
        select(Order.id)
        .where(
            Order.kind != "credit",
            Order.state == "issued",
            exists().where(
                OrderLine.tenant_id == Order.tenant_id,
                OrderLine.order_id == Order.id,
                OrderLine.booking_id.in_(booking_ids),
            ),
        )
        .order_by(Order.id)
    )
    return (await db.scalars(statement)).all()


async def credit_lines_of(db: AsyncSession, order_ids: Collection[UUID]) -> dict[UUID, list[OrderLine]]:
    """Lines of the issued credit notes, by the order they credit."""
    statement = (
        select(Order.credits_id, OrderLine)
        .join(OrderLine, and_(OrderLine.tenant_id == Order.tenant_id, OrderLine.order_id == Order.id))
        .where(Order.credits_id.in_(order_ids), Order.state == "issued")
        .order_by(Order.number, OrderLine.position)
    )
    found: dict[UUID, list[OrderLine]] = {each: [] for each in order_ids}
    for row in await db.execute(statement):
        found[row.credits_id].append(row.OrderLine)
    return found


async def next_number(db: AsyncSession, kind: str) -> int:
    """The number that is now the caller's, who holds the series until the transaction ends."""
    begun = upsert(Series).values(tenant_id=db.info["tenant_id"], id=new_id(), kind=kind)
    await db.execute(begun.on_conflict_do_nothing(index_elements=["tenant_id", "kind"]))
    taken = (
        update(Series)
        .where(Series.kind == kind)
        .values(next_number=Series.next_number + 1)
        .returning(Series.next_number)
    )
    number = await db.scalar(taken, execution_options=QUIET)
    assert number is not None, "its row was made above"
    return number - 1


async def terms(db: AsyncSession) -> InvoiceTerms | None:
    """What stands on the municipality's receipts and invoices, where it has said so."""
    return await db.scalar(select(InvoiceTerms))


async def person(db: AsyncSession, person_id: UUID) -> Person | None:
    return await db.scalar(select(Person).where(Person.id == person_id))


async def association(db: AsyncSession, association_id: UUID) -> Association | None:
    return await db.scalar(select(Association).where(Association.id == association_id))


# Checkouts.


async def checkout(db: AsyncSession, checkout_id: UUID) -> Checkout | None:
    return await db.scalar(select(Checkout).where(Checkout.id == checkout_id), execution_options=FRESH)


async def checkout_by_ref(db: AsyncSession, provider: str, ref: str) -> Checkout | None:
    statement = select(Checkout).where(Checkout.provider == provider, Checkout.ref == ref)
    return await db.scalar(statement, execution_options=FRESH)


async def latest_checkout(db: AsyncSession, order_id: UUID) -> Checkout | None:
    """Of the order, the last attempt."""
    statement = (
        select(Checkout).where(Checkout.order_id == order_id).order_by(Checkout.attempt.desc()).limit(1)
    )
    return await db.scalar(statement, execution_options=FRESH)


async def live_checkouts(db: AsyncSession, order_ids: Collection[UUID]) -> Sequence[Checkout]:
    """Attempts that somebody may still pay, or may not know yet how to, by id."""
    statement = (
        select(Checkout)
        .where(Checkout.order_id.in_(order_ids), Checkout.state.in_(("wanted", "open")))
        .order_by(Checkout.id)
    )
    return (await db.scalars(statement, execution_options=FRESH)).all()


async def overdue_checkouts(db: AsyncSession, before: datetime, limit: int) -> Sequence[UUID]:
    """Attempts that should have ended by then and have not, the longest overdue first."""
    statement = (
        select(Checkout.id)
        .where(Checkout.state.in_(("wanted", "open")), Checkout.expires_at < before)
        .order_by(Checkout.expires_at, Checkout.id)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def account(db: AsyncSession, provider: str, *, active: bool) -> str | None:
    """The provider's id of the municipality's account; not `active`: also one that takes no more, the newest."""
    statement = (
        select(ProviderAccount.ref)
        .where(ProviderAccount.provider == provider, ProviderAccount.ref.is_not(None))
        .order_by(ProviderAccount.state == "ended", ProviderAccount.created_at.desc())
        .limit(1)
    )
    if active:
        statement = statement.where(ProviderAccount.state == "active")
    return await db.scalar(statement)


# Payments and refunds.


async def add_payment(
    db: AsyncSession,
    *,
    order_id: UUID,
    checkout_id: UUID,
    provider: str,
    ref: str,
    amount_ore: int,
    captured_at: datetime,
    now: datetime,
) -> UUID | None:
    """Its id; None when it was noted before."""
    made = upsert(Payment).values(
        tenant_id=db.info["tenant_id"],
        id=new_id(),
        order_id=order_id,
        checkout_id=checkout_id,
        provider=provider,
        ref=ref,
        amount_ore=amount_ore,
        captured_at=captured_at,
        noted_at=now,
    )
    once = made.on_conflict_do_nothing(index_elements=["tenant_id", "provider", "ref"]).returning(Payment.id)
    return await db.scalar(once)


async def lock_payments(
    db: AsyncSession, *, order_id: UUID | None = None, payment_id: UUID | None = None
) -> Sequence[Payment]:
    """By id."""
    statement = select(Payment).order_by(Payment.id).with_for_update()
    if order_id is not None:
        statement = statement.where(Payment.order_id == order_id)
    if payment_id is not None:
        statement = statement.where(Payment.id == payment_id)
    return (await db.scalars(statement, execution_options=FRESH)).all()


async def refund(db: AsyncSession, refund_id: UUID) -> AnyRow | None:
    """The refund, with its Payment."""
    statement = (
        select(Refund, Payment)
        .join(Payment, and_(Payment.tenant_id == Refund.tenant_id, Payment.id == Refund.payment_id))
        .where(Refund.id == refund_id)
    )
    return (await db.execute(statement, execution_options=FRESH)).one_or_none()


async def lock_refund(db: AsyncSession, refund_id: UUID) -> Refund | None:
    statement = select(Refund).where(Refund.id == refund_id).with_for_update()
    return await db.scalar(statement, execution_options=FRESH)


async def refund_by_ref(db: AsyncSession, ref: str) -> UUID | None:
    return await db.scalar(select(Refund.id).where(Refund.ref == ref))


async def stuck_refunds(db: AsyncSession, before: datetime, since: datetime, limit: int) -> Sequence[UUID]:
    """Refunds wanted since and before then of which it is not known how they ended, oldest first."""
    statement = (
        select(Refund.id)
        .where(Refund.state.in_(("wanted", "sent")), Refund.created_at.between(since, before))
        .order_by(Refund.created_at, Refund.id)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def open_difference(
    db: AsyncSession,
    kind: str,
    ref: str,
    *,
    order_id: UUID | None,
    ours_ore: int,
    theirs_ore: int,
    now: datetime,
) -> None:
    """One for each kind and ref that is open."""
    made = upsert(Difference).values(
        tenant_id=db.info["tenant_id"],
        id=new_id(),
        kind=kind,
        ref=ref,
        order_id=order_id,
        ours_ore=ours_ore,
        theirs_ore=theirs_ore,
        found_at=now,
    )
    await db.execute(
        made.on_conflict_do_nothing(
            index_elements=["tenant_id", "kind", "ref"], index_where=text("settled_at IS NULL")
        )
    )


async def lock_difference(db: AsyncSession, kind: str, ref: str) -> Difference | None:
    """The open one."""
    statement = select(Difference).where(
        Difference.kind == kind, Difference.ref == ref, Difference.settled_at.is_(None)
    )
    return await db.scalar(statement.with_for_update(), execution_options=FRESH)


# Deposits.


async def deposit(db: AsyncSession, booking_id: UUID) -> Deposit | None:
    """What became of the booking's."""
    return await db.scalar(select(Deposit).where(Deposit.booking_id == booking_id))


async def deposits(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[Deposit]:
    """What became of those of these bookings, where it is said."""
    return (await db.scalars(select(Deposit).where(Deposit.booking_id.in_(booking_ids)))).all()


async def deposits_due(db: AsyncSession, paid_until: datetime, now: datetime, limit: int) -> Sequence[UUID]:
    """Bookings with a deposit of which nothing has become, by id: paid ones that were over by then, and those that
    are invoiced as soon as they are over, since nobody has paid anything yet.
    """
    known = exists().where(Deposit.tenant_id == Booking.tenant_id, Deposit.booking_id == Booking.id)
    statement = (
        select(Booking.id)
        .where(
            Booking.owed_ore > 0,
            Booking.state == "confirmed",
            Booking.ends_at <= now,
            or_(Booking.ends_at <= paid_until, Booking.paid_ore == 0),
            Booking.price.contains({"lines": [{"kind": "deposit"}]}),
            ~known,
        )
        .order_by(Booking.id)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()
