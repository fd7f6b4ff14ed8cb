"""Tables of the room: orders with their lines, what was paid and given back, and how far a checkout has come.

An order is a sales document (salgsdokument): a receipt of what was paid online, an invoice, or a credit note of one of
these. While it is `open` it may change; once `issued` it has a number and never changes: triggers in the migration
refuse it, and refuse lines that do not add up. What is wrong in it is mended by a credit.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy import (
    text as plain,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow

JsonObject = dict[str, Any]


class Order(TenantRow, Base):
    """A receipt, invoice or credit note, or what is to become one."""

    __tablename__ = "pay_order"

    kind: Mapped[str] = mapped_column(Text)
    """receipt, invoice, credit."""
    state: Mapped[str] = mapped_column(Text, server_default="open")
    """open, issued, void."""
    number: Mapped[int | None] = mapped_column(BigInteger)
    """Within its kind, without gaps; given when it is issued."""
    payment: Mapped[str] = mapped_column(Text)
    """online, invoice, internal."""
    application_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    association_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Who pays: the association, else the person."""
    credits_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Of a credit note: the order it credits."""
    run_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Of an invoice: the run that made it."""
    net_ore: Mapped[int] = mapped_column(BigInteger)
    vat_ore: Mapped[int] = mapped_column(BigInteger)
    gross_ore: Mapped[int] = mapped_column(BigInteger)
    """Of a credit note too these are positive: what is taken back."""
    credited_ore: Mapped[int] = mapped_column(BigInteger, server_default=plain("0"))
    """How much of the gross later credit notes take back."""
    language: Mapped[str] = mapped_column(Text, server_default="nb")
    seller: Mapped[JsonObject] = mapped_column(JSONB, server_default=plain("'{}'"))
    customer: Mapped[JsonObject] = mapped_column(JSONB, server_default=plain("'{}'"))
    """Both as they stood when it was issued: `{"name", "organisation_number", "address", "postcode", "town", "email",
    "vat_registered"}`."""
    reference: Mapped[str] = mapped_column(Text, server_default="")
    """The customer's own (buyer reference)."""
    reason: Mapped[str] = mapped_column(Text, server_default="")
    """Of a credit note."""
    kid: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date | None] = mapped_column(Date)
    export_id: Mapped[UUID | None] = mapped_column(Uuid)
    """The export it went out with; nothing goes out twice."""
    by_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Who made it; None: the program."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    issued_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    voided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, server_default=plain("1"))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "application_id"], ["application.tenant_id", "application.id"]),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "association_id"], ["association.tenant_id", "association.id"]),
        ForeignKeyConstraint(["tenant_id", "credits_id"], ["pay_order.tenant_id", "pay_order.id"]),
        ForeignKeyConstraint(["tenant_id", "run_id"], ["invoice_run.tenant_id", "invoice_run.id"]),
        ForeignKeyConstraint(["tenant_id", "export_id"], ["export_run.tenant_id", "export_run.id"]),
        UniqueConstraint("tenant_id", "kind", "number"),
        CheckConstraint("kind IN ('receipt', 'invoice', 'credit')", name="kind_known"),
        CheckConstraint("state IN ('open', 'issued', 'void')", name="state_known"),
        CheckConstraint("payment IN ('online', 'invoice', 'internal')", name="payment_known"),
        CheckConstraint("net_ore + vat_ore = gross_ore", name="adds_up"),
        CheckConstraint("gross_ore >= 0", name="not_negative"),
        CheckConstraint("credited_ore BETWEEN 0 AND gross_ore", name="not_over_credited"),
        CheckConstraint("(kind = 'credit') = (credits_id IS NOT NULL)", name="credits_something"),
        CheckConstraint("(state = 'issued') = (number IS NOT NULL)", name="issued_is_numbered"),
        CheckConstraint("(state = 'issued') = (issued_at IS NOT NULL)", name="issued_is_dated"),
        CheckConstraint("person_id IS NOT NULL OR association_id IS NOT NULL", name="is_somebodys"),
        Index(None, "tenant_id", "application_id"),
        Index(None, "tenant_id", "created_at"),
        Index(None, "tenant_id", "issued_at"),
        Index(None, "tenant_id", "person_id", "created_at"),
        Index(None, "tenant_id", "association_id", "created_at"),
        Index(None, "tenant_id", "run_id"),
        Index(None, "tenant_id", "credits_id"),
        Index(
            "pay_order_to_export_idx",
            *("tenant_id", "issued_at", "id"),
            postgresql_where=plain("state = 'issued' AND export_id IS NULL"),
        ),
    )


class OrderLine(TenantRow, Base):
    """A line of an order. The lines of an order add up to it; of each rate, VAT is rounded once for the order."""

    __tablename__ = "order_line"

    order_id: Mapped[UUID] = mapped_column(Uuid)
    position: Mapped[int] = mapped_column(Integer)
    booking_id: Mapped[UUID | None] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Text)
    """As `resources.prices.LineKind`; and `fee`, what is kept of a cancelled time; `difference`."""
    key: Mapped[str] = mapped_column(Text, server_default="")
    """Article or tariff line, by which accounts are found."""
    text: Mapped[str] = mapped_column(Text)
    """In the order's language."""
    unit: Mapped[str] = mapped_column(Text)
    quantity_milli: Mapped[int] = mapped_column(BigInteger)
    unit_ore: Mapped[int] = mapped_column(BigInteger)
    vat_code: Mapped[str] = mapped_column(Text)
    vat_rate: Mapped[int] = mapped_column(Integer)
    """Basis points."""
    vat_reason: Mapped[str] = mapped_column(Text, server_default="")
    net_ore: Mapped[int] = mapped_column(BigInteger)
    vat_ore: Mapped[int] = mapped_column(BigInteger)
    gross_ore: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it was delivered: the time that was booked."""
    account: Mapped[JsonObject] = mapped_column(JSONB, server_default=plain("'{}'"))
    """Dimensions for the books, fixed when it is issued: `{"account", "department", "project", "product"}`."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "order_id"], ["pay_order.tenant_id", "pay_order.id"]),
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        UniqueConstraint("tenant_id", "order_id", "position"),
        CheckConstraint("net_ore + vat_ore = gross_ore", name="adds_up"),
        CheckConstraint("vat_code IN ('exempt', 'zero', 'low', 'middle', 'full')", name="vat_known"),
        CheckConstraint("vat_rate BETWEEN 0 AND 10000", name="rate_sane"),
        Index(None, "tenant_id", "booking_id"),
    )


class Series(TenantRow, Base):
    """The next number of each kind of order. Its row is locked by whoever issues, so that no number is missing."""

    __tablename__ = "number_series"

    kind: Mapped[str] = mapped_column(Text)
    next_number: Mapped[int] = mapped_column(BigInteger, server_default=plain("1"))

    __table_args__ = (UniqueConstraint("tenant_id", "kind"),)


class Checkout(TenantRow, Base):
    """One attempt at paying an order with the provider. Written before the provider is called."""

    __tablename__ = "checkout"

    order_id: Mapped[UUID] = mapped_column(Uuid)
    attempt: Mapped[int] = mapped_column(Integer)
    """The idempotency key is `order-id:checkout:attempt`."""
    provider: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="wanted")
    """wanted: the provider may or may not know of it; open; paid; ended: nobody can pay it any more."""
    ref: Mapped[str | None] = mapped_column(Text)
    """The provider's id of it."""
    url: Mapped[str | None] = mapped_column(Text)
    amount_ore: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """When nobody can pay it any more, as we asked for."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "order_id"], ["pay_order.tenant_id", "pay_order.id"]),
        UniqueConstraint("tenant_id", "order_id", "attempt"),
        UniqueConstraint("tenant_id", "provider", "ref"),
        CheckConstraint("state IN ('wanted', 'open', 'paid', 'ended')", name="state_known"),
        CheckConstraint("amount_ore > 0", name="amount_sane"),
    )


class Payment(TenantRow, Base):
    """Money that the provider has taken. One row for each of the provider's payments, however often it is told."""

    __tablename__ = "payment"

    order_id: Mapped[UUID] = mapped_column(Uuid)
    checkout_id: Mapped[UUID | None] = mapped_column(Uuid)
    provider: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text)
    """The provider's id of the payment."""
    amount_ore: Mapped[int] = mapped_column(BigInteger)
    refunded_ore: Mapped[int] = mapped_column(BigInteger, server_default=plain("0"))
    """What refunds that have not failed come to, whether they are carried out yet or not."""
    captured_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    noted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    dispute: Mapped[JsonObject | None] = mapped_column(JSONB(none_as_null=True))
    """What a cardholder disputes, as the provider tells it."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "order_id"], ["pay_order.tenant_id", "pay_order.id"]),
        ForeignKeyConstraint(["tenant_id", "checkout_id"], ["checkout.tenant_id", "checkout.id"]),
        UniqueConstraint("tenant_id", "provider", "ref"),
        CheckConstraint("amount_ore > 0", name="amount_sane"),
        CheckConstraint("refunded_ore BETWEEN 0 AND amount_ore", name="not_over_refunded"),
        Index(None, "tenant_id", "order_id"),
        Index(None, "tenant_id", "captured_at"),
    )


class Refund(TenantRow, Base):
    """Money given back. Written before the provider is called; the idempotency key is `refund-id:refund`."""

    __tablename__ = "refund"

    payment_id: Mapped[UUID] = mapped_column(Uuid)
    credit_id: Mapped[UUID | None] = mapped_column(Uuid)
    """The credit note; None for money that never belonged to a booking (paid twice)."""
    amount_ore: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text, server_default="wanted")
    """wanted: the provider may or may not know of it; sent: it does; done; failed: the provider says it cannot."""
    ref: Mapped[str | None] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    """cancelled, displaced, lost, reduced, paid_twice, officer, deposit."""
    reason: Mapped[str] = mapped_column(Text, server_default="")
    by_id: Mapped[UUID | None] = mapped_column(Uuid)
    error: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "payment_id"], ["payment.tenant_id", "payment.id"]),
        ForeignKeyConstraint(["tenant_id", "credit_id"], ["pay_order.tenant_id", "pay_order.id"]),
        UniqueConstraint("tenant_id", "ref"),
        CheckConstraint("amount_ore > 0", name="amount_sane"),
        CheckConstraint("state IN ('wanted', 'sent', 'done', 'failed')", name="state_known"),
        Index(None, "tenant_id", "payment_id"),
        Index(None, "tenant_id", "credit_id"),
        Index(
            "refund_pending_idx",
            "tenant_id",
            "created_at",
            postgresql_where=plain("state IN ('wanted', 'sent')"),
        ),
    )


class Deposit(TenantRow, Base):
    """What became of a booking's deposit after use: given back by itself, or kept in part or whole with a reason."""

    __tablename__ = "deposit"

    booking_id: Mapped[UUID] = mapped_column(Uuid)
    given_ore: Mapped[int] = mapped_column(BigInteger)
    kept_ore: Mapped[int] = mapped_column(BigInteger, server_default=plain("0"))
    reason: Mapped[str] = mapped_column(Text, server_default="")
    """Why something is kept."""
    by_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Who kept it; None: it went back by itself."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        UniqueConstraint("tenant_id", "booking_id"),
        CheckConstraint("given_ore >= 0 AND kept_ore >= 0", name="not_negative"),
        CheckConstraint("(kept_ore > 0) <= (reason <> '')", name="kept_for_a_reason"),
    )
