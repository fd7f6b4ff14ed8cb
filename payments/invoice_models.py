"""Tables of invoicing: what the municipality writes on its invoices, runs, exports and accounts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow

JsonObject = dict[str, Any]


class InvoiceTerms(TenantRow, Base):
    """What stands on the municipality's receipts and invoices; at most one row."""

    __tablename__ = "invoice_terms"

    seller_name: Mapped[str] = mapped_column(Text, server_default="")
    """Empty: the municipality's name."""
    address: Mapped[str] = mapped_column(Text, server_default="")
    postcode: Mapped[str] = mapped_column(Text, server_default="")
    town: Mapped[str] = mapped_column(Text, server_default="")
    email: Mapped[str] = mapped_column(Text, server_default="")
    vat_registered: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    bank_account: Mapped[str] = mapped_column(Text, server_default="")
    """11 digits."""
    kid_prefix: Mapped[str] = mapped_column(Text, server_default="")
    kid_length: Mapped[int] = mapped_column(Integer, server_default=text("10"))
    """With the check digit."""
    kid_check: Mapped[str] = mapped_column(Text, server_default="mod10")
    delay_days: Mapped[int] = mapped_column(Integer, server_default=text("7"))
    """How long after its use a booking is invoiced at the earliest."""
    due_days: Mapped[int] = mapped_column(Integer, server_default=text("30"))
    deposit_days: Mapped[int] = mapped_column(Integer, server_default=text("7"))
    """How long after its use a deposit is given back, unless it is kept."""
    layout: Mapped[str] = mapped_column(Text, server_default="csv")
    """Of the exports: the key of a layout (payments/layouts)."""
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))

    __table_args__ = (
        UniqueConstraint("tenant_id"),
        CheckConstraint("kid_check IN ('mod10', 'mod11')", name="check_known"),
        CheckConstraint("kid_length BETWEEN 4 AND 25", name="kid_sane"),
        CheckConstraint("delay_days BETWEEN 0 AND 365", name="delay_sane"),
        CheckConstraint("due_days BETWEEN 0 AND 90", name="due_sane"),
        CheckConstraint("deposit_days BETWEEN 0 AND 90", name="deposit_sane"),
    )


class InvoiceRun(TenantRow, Base):
    """One gathering of what is to be invoiced: drafts by customer, for the bookings of a period."""

    __tablename__ = "invoice_run"

    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    """The last local day of use that is invoiced."""
    state: Mapped[str] = mapped_column(Text, server_default="gathering")
    """gathering, drafted, issuing, issued, void."""
    found: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Bookings that were due when it began."""
    done: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Of these, those that have been looked at: drafted, or nothing was left to invoice."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    created_by: Mapped[UUID | None] = mapped_column(Uuid)
    issued_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    issued_by: Mapped[UUID | None] = mapped_column(Uuid)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))

    __table_args__ = (
        CheckConstraint("state IN ('gathering', 'drafted', 'issuing', 'issued', 'void')", name="state_known"),
        CheckConstraint("until_on >= from_on", name="ordered"),
        Index(None, "tenant_id", "created_at"),
    )


class ExportRun(TenantRow, Base):
    """A file that went to finance, kept as it was: to have it again is to get the same bytes."""

    __tablename__ = "export_run"

    number: Mapped[int] = mapped_column(Integer)
    layout: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="making")
    """making, made."""
    orders: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    media_type: Mapped[str] = mapped_column(Text, server_default="")
    file_name: Mapped[str] = mapped_column(Text, server_default="")
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    created_by: Mapped[UUID | None] = mapped_column(Uuid)

    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        CheckConstraint("state IN ('making', 'made')", name="state_known"),
        Index(None, "tenant_id", "created_at"),
    )


class AccountCode(TenantRow, Base):
    """Where in the books something stands: of the municipality, a facility, a resource or an article. What a narrower
    line leaves empty is taken from the wider one.
    """

    __tablename__ = "account_code"

    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    article: Mapped[str | None] = mapped_column(Text)
    """Its key."""
    account: Mapped[str] = mapped_column(Text, server_default="")
    department: Mapped[str] = mapped_column(Text, server_default="")
    project: Mapped[str] = mapped_column(Text, server_default="")
    product: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        CheckConstraint("num_nonnulls(facility_id, resource_id, article) <= 1", name="one_scope"),
        UniqueConstraint(
            "tenant_id", "facility_id", "resource_id", "article", postgresql_nulls_not_distinct=True
        ),
    )
