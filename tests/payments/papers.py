"""Orders made as rows, issued, for what reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Application, Booking
from core.ids import new_id
from core.money import RATES, vat_in
from core.spans import Span
from payments.models import Order, OrderLine, Payment, Refund


@dataclass(frozen=True)
class Sold:
    """Something that was sold: a line of an order."""

    gross_ore: int
    vat_code: str = "exempt"
    booking_id: UUID | None = None
    text: str = "Leie av sal"
    span: Span | None = None
    key: str = "hire"
    kind: str = "hire"
    vat_reason: str = ""


async def booking(
    db: AsyncSession,
    resource_id: UUID,
    person_id: UUID,
    span: Span,
    *,
    association_id: UUID | None = None,
    price: dict[str, Any] | None = None,
) -> UUID:
    """A confirmed one, with its application."""
    application_id, booking_id = new_id(), new_id()
    who = {"person_id": person_id, "association_id": association_id}
    made = span.start - timedelta(days=3)
    db.add(Application(id=application_id, title="Trening", public=False, created_at=made, **who))
    await db.flush()
    db.add(
        Booking(
            id=booking_id,
            application_id=application_id,
            resource_id=resource_id,
            starts_at=span.start,
            ends_at=span.end,
            setup_minutes=0,
            cleanup_minutes=0,
            state="confirmed",
            payment="online",
            price=price or {},
            **who,
        )
    )
    await db.flush()
    return booking_id


async def order(
    db: AsyncSession,
    person_id: UUID,
    sold: Sequence[Sold],
    *,
    at: datetime,
    kind: str = "receipt",
    state: str = "issued",
    **more: Any,
) -> UUID:
    """With its lines, and a number when it is issued."""
    row_id = new_id()
    lines = [
        OrderLine(
            order_id=row_id,
            position=place,
            booking_id=each.booking_id,
            kind=each.kind,
            key=each.key,
            text=each.text,
            unit="occasion",
            quantity_milli=1000,
            unit_ore=each.gross_ore,
            vat_code=each.vat_code,
            vat_rate=RATES[each.vat_code],  # type: ignore[index]
            vat_reason=each.vat_reason,
            net_ore=each.gross_ore - vat_in(each.gross_ore, RATES[each.vat_code]),  # type: ignore[index]
            vat_ore=vat_in(each.gross_ore, RATES[each.vat_code]),  # type: ignore[index]
            gross_ore=each.gross_ore,
            starts_at=each.span.start if each.span else None,
            ends_at=each.span.end if each.span else None,
        )
        for place, each in enumerate(sold, 1)
    ]
    values: dict[str, Any] = {
        "payment": "online",
        "seller": {"name": "Solvik kommune", "organisation_number": "964965226", "vat_registered": True},
        "customer": {"name": "Kari Nordmann"},
        "created_at": at,
        **more,
    }
    made = Order(
        id=row_id,
        kind=kind,
        state="open",
        person_id=person_id,
        net_ore=sum(line.net_ore for line in lines),
        vat_ore=sum(line.vat_ore for line in lines),
        gross_ore=sum(line.gross_ore for line in lines),
        **values,
    )
    db.add(made)
    await db.flush()
    db.add_all(lines)
    await db.flush()
    if state == "issued":
        last = (await db.execute(select(func.max(Order.number)).where(Order.kind == kind))).scalar()
        made.number, made.issued_at = (last or 0) + 1, at
    made.state = state
    await db.flush()
    return row_id


async def paid(db: AsyncSession, order_id: UUID, amount_ore: int, at: datetime) -> UUID:
    """Money that came in for it."""
    row_id = new_id()
    db.add(
        Payment(
            id=row_id,
            order_id=order_id,
            provider="sandbox",
            ref=f"pi_{row_id.hex}",
            amount_ore=amount_ore,
            captured_at=at,
        )
    )
    await db.flush()
    return row_id


async def given_back(
    db: AsyncSession, payment_id: UUID, credit_id: UUID | None, amount_ore: int, at: datetime
) -> UUID:
    """Some of it."""
    row_id = new_id()
    payment = (await db.scalars(select(Payment).where(Payment.id == payment_id))).one()
    payment.refunded_ore += amount_ore
    db.add(
        Refund(
            id=row_id,
            payment_id=payment_id,
            credit_id=credit_id,
            amount_ore=amount_ore,
            state="done",
            why="cancelled",
            created_at=at,
            done_at=at,
        )
    )
    await db.flush()
    return row_id
