"""SQL of what orders tell about persons."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from payments.invoice_models import InvoiceRun
from payments.models import Deposit, Order, OrderLine, Payment, Refund

Row = dict[str, Any]


async def _rows(db: AsyncSession, statement: Any) -> list[Row]:
    return [dict(row) for row in (await db.execute(statement)).mappings()]


async def orders(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Hers, also those for associations, with their lines; and, by id alone, credit notes she made as staff."""
    lines = (
        select(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_object(
                        "booking_id",
                        OrderLine.booking_id,
                        "text",
                        OrderLine.text,
                        "gross_ore",
                        OrderLine.gross_ore,
                    ),
                    OrderLine.position,
                ),
                type_=JSONB,
            )
        )
        .where(OrderLine.tenant_id == Order.tenant_id, OrderLine.order_id == Order.id)
        .correlate(Order)
        .scalar_subquery()
    )
    own = select(
        Order.id,
        Order.kind,
        Order.state,
        Order.number,
        Order.payment,
        Order.application_id,
        Order.association_id,
        Order.net_ore,
        Order.vat_ore,
        Order.gross_ore,
        Order.credited_ore,
        Order.customer,
        Order.reference,
        Order.reason,
        Order.kid,
        Order.due_on,
        Order.created_at,
        Order.issued_at,
        lines.label("lines"),
    ).where(Order.person_id == person_id)
    made = select(Order.id, Order.kind, Order.number, Order.issued_at).where(
        Order.by_id == person_id, Order.person_id.is_distinct_from(person_id)
    )
    return [
        *await _rows(db, own.order_by(Order.created_at, Order.id)),
        *await _rows(db, made.order_by(Order.created_at, Order.id)),
    ]


async def payments(db: AsyncSession, person_id: UUID) -> list[Row]:
    """What came in for her orders."""
    statement = (
        select(
            Payment.id,
            Payment.order_id,
            Payment.provider,
            Payment.ref,
            Payment.amount_ore,
            Payment.refunded_ore,
            Payment.captured_at,
            Payment.dispute,
        )
        .join(Order, and_(Order.tenant_id == Payment.tenant_id, Order.id == Payment.order_id))
        .where(Order.person_id == person_id)
        .order_by(Payment.captured_at, Payment.id)
    )
    return await _rows(db, statement)


async def refunds(db: AsyncSession, person_id: UUID) -> list[Row]:
    """What went back of her orders; and, by id alone, what she gave back as staff."""
    shared = (Refund.id, Refund.amount_ore, Refund.state, Refund.why, Refund.created_at, Refund.done_at)
    joined = (
        select(*shared, Payment.order_id, Refund.reason)
        .join(Payment, and_(Payment.tenant_id == Refund.tenant_id, Payment.id == Refund.payment_id))
        .join(Order, and_(Order.tenant_id == Payment.tenant_id, Order.id == Payment.order_id))
    )
    given = (
        select(*shared)
        .join(Payment, and_(Payment.tenant_id == Refund.tenant_id, Payment.id == Refund.payment_id))
        .join(Order, and_(Order.tenant_id == Payment.tenant_id, Order.id == Payment.order_id))
        .where(Refund.by_id == person_id, Order.person_id.is_distinct_from(person_id))
    )
    own = joined.where(Order.person_id == person_id)
    return [
        *await _rows(db, own.order_by(Refund.created_at, Refund.id)),
        *await _rows(db, given.order_by(Refund.created_at, Refund.id)),
    ]


async def deposits(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Those that she kept something of as staff."""
    statement = select(Deposit.id, Deposit.booking_id, Deposit.kept_ore, Deposit.given_ore, Deposit.at)
    return await _rows(db, statement.where(Deposit.by_id == person_id).order_by(Deposit.at))


async def staff_work(db: AsyncSession, person_id: UUID, column: Any, *more: Any) -> list[Row]:
    """By id alone, what she did as staff: rows of the column's table that bear her."""
    table = column.class_
    statement = select(table.id, *more).where(column == person_id)
    return await _rows(db, statement.order_by(table.id))


async def invoice_runs(db: AsyncSession, person_id: UUID) -> list[Row]:
    """By id alone, those that she made or issued."""
    statement = select(InvoiceRun.id, InvoiceRun.created_at, InvoiceRun.issued_at)
    hers = or_(InvoiceRun.created_by == person_id, InvoiceRun.issued_by == person_id)
    return await _rows(db, statement.where(hers).order_by(InvoiceRun.id))


async def count(db: AsyncSession, person_id: UUID) -> int:
    """Documents with her name on them."""
    statement = select(func.count()).where(
        Order.person_id == person_id, Order.state == "issued", Order.customer != {}
    )
    return await db.scalar(statement) or 0


async def forget_customers(db: AsyncSession, before: datetime, limit: int) -> int:
    """Who the customer was, and what was written about her, goes from documents of before then; how many."""
    old: Sequence[UUID] = (
        await db.scalars(
            select(Order.id)
            .where(
                or_(Order.customer != {}, Order.reference != "", Order.reason != ""),
                func.coalesce(Order.issued_at, Order.created_at) < before,
            )
            .order_by(Order.id)
            .limit(limit)
            .with_for_update()
        )
    ).all()
    await db.execute(
        update(Order).where(Order.id.in_(old)).values(customer={}, reference="", reason=""),
        execution_options={"synchronize_session": False},
    )
    return len(old)
