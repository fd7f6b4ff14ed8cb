"""What money looks like on the wire: orders, what was paid and given back, and where one pays."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core.money import CURRENCY, Money
from core.tenants import Tenant
from payments.reading_schemas import Brief, Full, Kind, Line, State

Reason = Annotated[
    str, Meta(min_length=1, max_length=500, pattern=r"^[^\u0000]*[!-~\u00a1-\uffff][^\u0000]*(?!\n)$")
]


class AmountIn(msgspec.Struct, forbid_unknown_fields=True):
    """So much, in øre."""

    amount: Annotated[int, Meta(ge=1, le=10**11)]
    currency: Literal["NOK"] = CURRENCY


class RefundIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be given back, and why."""

    reason: Reason
    """Stands on the credit note."""
    amount: AmountIn | UnsetType = UNSET
    """With VAT; all that is left when it is not said."""
    bookings: Annotated[list[UUID], Meta(min_length=1, max_length=500)] | UnsetType = UNSET
    """Those of the order that it is given back for; all when they are not said."""


class DepositIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is kept of a deposit, and why; the rest goes back."""

    kept: AmountIn
    reason: Reason


class DepositOut(msgspec.Struct, kw_only=True):
    """What became of a deposit."""

    booking_id: UUID
    kept: Money
    given: Money
    reason: str


class CheckoutOut(msgspec.Struct, kw_only=True):
    """Where to pay."""

    url: str
    expires_at: datetime
    order_id: UUID


class OrderLineOut(msgspec.Struct, kw_only=True):
    """A line of an order."""

    booking_id: UUID | None
    kind: str
    text: str
    unit: str
    quantity: str
    """A decimal number of units, such as 1.5."""
    net: Money
    vat: Money
    gross: Money
    vat_code: str
    vat_rate: str
    """In per cent."""
    vat_reason: str
    starts_at: datetime | None
    ends_at: datetime | None


class PaymentOut(msgspec.Struct, kw_only=True):
    """Money that came in."""

    amount: Money
    refunded: Money
    captured_at: datetime


class RefundOut(msgspec.Struct, kw_only=True):
    """Money on its way back, or there."""

    id: UUID
    amount: Money
    state: str
    """wanted, sent, done, failed."""
    why: str
    reason: str
    credit_id: UUID | None
    created_at: datetime
    done_at: datetime | None


class OrderOut(msgspec.Struct, kw_only=True):
    """A receipt, invoice or credit note in a list."""

    id: UUID
    kind: Kind
    state: State
    number: int | None
    payment: str
    gross: Money
    credited: Money
    """Of the gross, what credit notes have taken back."""
    paid: Money
    refunded: Money
    created_at: datetime
    issued_at: datetime | None
    due_on: date | None
    customer: str


class OrderFullOut(msgspec.Struct, kw_only=True):
    """A receipt, invoice or credit note with all that stands on it."""

    id: UUID
    kind: Kind
    state: State
    number: int | None
    payment: str
    application_id: UUID | None
    association_id: UUID | None
    credits_id: UUID | None
    """Of a credit note: what it takes back of."""
    net: Money
    vat: Money
    gross: Money
    credited: Money
    seller: dict[str, Any]
    customer: dict[str, Any]
    reference: str
    reason: str
    kid: str | None
    due_on: date | None
    created_at: datetime
    issued_at: datetime | None
    lines: Sequence[OrderLineOut]
    payments: Sequence[PaymentOut]
    refunds: Sequence[RefundOut]
    credits: Sequence[UUID]
    """Its credit notes."""
    version: int


def order_out(order: Brief, tenant: Tenant) -> OrderOut:
    return OrderOut(
        id=order.id,
        kind=order.kind,
        state=order.state,
        number=order.number,
        payment=order.payment,
        gross=Money(order.gross_ore),
        credited=Money(order.credited_ore),
        paid=Money(order.paid_ore),
        refunded=Money(order.refunded_ore),
        created_at=order.created_at.astimezone(tenant.zone),
        issued_at=_local(order.issued_at, tenant),
        due_on=order.due_on,
        customer=order.customer,
    )


def order_full_out(order: Full, tenant: Tenant) -> OrderFullOut:
    return OrderFullOut(
        id=order.id,
        kind=order.kind,
        state=order.state,
        number=order.number,
        payment=order.payment,
        application_id=order.application_id,
        association_id=order.association_id,
        credits_id=order.credits_id,
        net=Money(order.net_ore),
        vat=Money(order.vat_ore),
        gross=Money(order.gross_ore),
        credited=Money(order.credited_ore),
        seller=msgspec.to_builtins(order.seller),
        customer=msgspec.to_builtins(order.customer),
        reference=order.reference,
        reason=order.reason,
        kid=order.kid,
        due_on=order.due_on,
        created_at=order.created_at.astimezone(tenant.zone),
        issued_at=_local(order.issued_at, tenant),
        lines=[_line_out(line, tenant) for line in order.lines],
        payments=[
            PaymentOut(
                amount=Money(each.amount_ore),
                refunded=Money(each.refunded_ore),
                captured_at=each.captured_at.astimezone(tenant.zone),
            )
            for each in order.payments
        ],
        refunds=[
            RefundOut(
                id=each.id,
                amount=Money(each.amount_ore),
                state=each.state,
                why=each.why,
                reason=each.reason,
                credit_id=each.credit_id,
                created_at=each.created_at.astimezone(tenant.zone),
                done_at=_local(each.done_at, tenant),
            )
            for each in order.refunds
        ],
        credits=[each.id for each in order.credits],
        version=order.version,
    )


def _line_out(line: Line, tenant: Tenant) -> OrderLineOut:
    return OrderLineOut(
        booking_id=line.booking_id,
        kind=line.kind,
        text=line.text,
        unit=line.unit,
        quantity=_decimal(line.quantity_milli, 1000),
        net=Money(line.net_ore),
        vat=Money(line.vat_ore),
        gross=Money(line.gross_ore),
        vat_code=line.vat_code,
        vat_rate=_decimal(line.vat_rate, 100),
        vat_reason=line.vat_reason,
        starts_at=_local(line.starts_at, tenant),
        ends_at=_local(line.ends_at, tenant),
    )


def _decimal(number: int, parts: int) -> str:
    """As a decimal number without needless zeros: 1500 thousandths are 1.5."""
    whole, rest = divmod(abs(number), parts)
    digits = str(rest + parts)[1:].rstrip("0")
    return ("-" if number < 0 else "") + str(whole) + (f".{digits}" if digits else "")


def _local(at: datetime | None, tenant: Tenant) -> datetime | None:
    return None if at is None else at.astimezone(tenant.zone)
