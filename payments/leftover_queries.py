"""SQL that holds documents and money against the bookings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Text, and_, case, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from booking.models import Booking
from core.db import AnyRow
from payments.models import Order, OrderLine, Payment, Refund
from payments.provider_models import Difference


def _billed(*, online: bool) -> Any:
    """booking_id, billed_ore: what stands billed of each booking, by receipts paid online or by all documents."""
    signed = case((Order.kind == "credit", -OrderLine.gross_ore), else_=OrderLine.gross_ore)
    statement = (
        select(
            OrderLine.tenant_id,
            OrderLine.booking_id,
            cast(func.sum(signed), BigInteger).label("billed_ore"),
        )
        .join(Order, and_(Order.tenant_id == OrderLine.tenant_id, Order.id == OrderLine.order_id))
        .where(Order.state == "issued", OrderLine.booking_id.is_not(None))
        .group_by(OrderLine.tenant_id, OrderLine.booking_id)
    )
    if online:
        statement = statement.where(Order.payment == "online")
    return statement.subquery()


async def over_billed(db: AsyncSession, limit: int) -> Sequence[UUID]:
    """Bookings of which more stands billed than is owed, by id."""
    billed = _billed(online=False)
    statement = (
        select(Booking.id)
        .join(billed, and_(billed.c.tenant_id == Booking.tenant_id, billed.c.booking_id == Booking.id))
        .where(billed.c.billed_ore > Booking.owed_ore)
        .order_by(Booking.id)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def waiting_refunds(db: AsyncSession, before: datetime, limit: int) -> Sequence[AnyRow]:
    """Refunds wanted before then that the provider has not taken, and no difference says so: id, amount_ore,
    order_id.
    """
    known = exists().where(
        Difference.tenant_id == Refund.tenant_id,
        Difference.kind == "refund_waiting",
        Difference.ref == cast(Refund.id, Text),
        Difference.settled_at.is_(None),
    )
    statement = (
        select(Refund.id, Refund.amount_ore, Payment.order_id)
        .join(Payment, and_(Payment.tenant_id == Refund.tenant_id, Payment.id == Refund.payment_id))
        .where(Refund.state == "wanted", Refund.created_at < before, ~known)
        .order_by(Refund.id)
        .limit(limit)
    )
    return (await db.execute(statement)).all()


async def off_balance(db: AsyncSession, limit: int) -> Sequence[AnyRow]:
    """Orders of which the money that is here is not what stands billed, and no difference says so: id, billed_ore,
    kept_ore.
    """
    kept = (
        select(cast(func.coalesce(func.sum(Payment.amount_ore - Payment.refunded_ore), 0), BigInteger))
        .where(Payment.tenant_id == Order.tenant_id, Payment.order_id == Order.id)
        .correlate(Order)
        .scalar_subquery()
    )
    billed = case((Order.state == "issued", Order.gross_ore - Order.credited_ore), else_=0)
    known = exists().where(
        Difference.tenant_id == Order.tenant_id,
        Difference.order_id == Order.id,
        Difference.settled_at.is_(None),
    )
    failed = (
        select(Refund.id)
        .join(Payment, and_(Payment.tenant_id == Refund.tenant_id, Payment.id == Refund.payment_id))
        .where(Payment.tenant_id == Order.tenant_id, Payment.order_id == Order.id, Refund.state == "failed")
        .correlate(Order)
        .exists()
    )
    statement = (
        select(Order.id, billed.label("billed_ore"), kept.label("kept_ore"))
        .where(Order.kind == "receipt", kept != billed, ~known, ~failed)
        .order_by(Order.id)
        .limit(limit)
    )
    return (await db.execute(statement)).all()


async def unbilled(db: AsyncSession, limit: int) -> Sequence[AnyRow]:
    """Bookings that were paid online and stand on no receipt: id, paid_ore."""
    line, order = aliased(OrderLine), aliased(Order)
    statement = (
        select(Booking.id, Booking.paid_ore)
        .where(
            Booking.paid_ore > 0,
            ~(
                select(line.id)
                .join(order, and_(order.tenant_id == line.tenant_id, order.id == line.order_id))
                .where(
                    line.tenant_id == Booking.tenant_id,
                    line.booking_id == Booking.id,
                    order.kind == "receipt",
                    order.state == "issued",
                )
                .correlate(Booking)
                .exists()
            ),
        )
        .order_by(Booking.id)
        .limit(limit)
    )
    return (await db.execute(statement)).all()
