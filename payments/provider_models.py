"""Tables of what is known of the payment provider: the municipality's account there, what the provider has told, and
where its books and ours differ.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Text, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow

JsonObject = dict[str, Any]


class ProviderAccount(TenantRow, Base):
    """The municipality's own account with the provider: the money goes there directly."""

    __tablename__ = "provider_account"

    provider: Mapped[str] = mapped_column(Text)
    ref: Mapped[str | None] = mapped_column(Text)
    """The provider's id of it; None while it is being made."""
    state: Mapped[str] = mapped_column(Text, server_default="wanted")
    """wanted, onboarding, active, restricted, ended."""
    wants: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))
    """What the provider still asks for, in its words."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    created_by: Mapped[UUID | None] = mapped_column(Uuid)
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        UniqueConstraint("tenant_id", "provider", "ref"),
        CheckConstraint(
            "state IN ('wanted', 'onboarding', 'active', 'restricted', 'ended')", name="state_known"
        ),
        Index(
            "provider_account_one",
            *("tenant_id", "provider"),
            unique=True,
            postgresql_where=text("state <> 'ended'"),
        ),
    )


class ProviderNotice(TenantRow, Base):
    """What the provider has told, once each, as it came; worked on afterwards."""

    __tablename__ = "provider_notice"

    provider: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text)
    """The provider's id of the notice."""
    kind: Mapped[str] = mapped_column(Text)
    """As payments.provider.NoticeKind."""
    about: Mapped[str] = mapped_column(Text, server_default="")
    """The provider's id of what it is about, which is fetched anew before anything is believed."""
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    worked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        UniqueConstraint("tenant_id", "provider", "ref"),
        Index(None, "tenant_id", "received_at"),
    )


class Difference(TenantRow, Base):
    """Something in which the provider's books and ours differ, until it no longer does or somebody has explained it."""

    __tablename__ = "pay_difference"

    kind: Mapped[str] = mapped_column(Text)
    """payment_unknown, payment_missing, amount, refund_unknown, refund_missing, refund_failed, refund_waiting,
    disputed, booking.
    """
    ref: Mapped[str] = mapped_column(Text)
    """The provider's id, or our own of what is known to us alone."""
    order_id: Mapped[UUID | None] = mapped_column(Uuid)
    ours_ore: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    theirs_ore: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    found_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    settled_by: Mapped[UUID | None] = mapped_column(Uuid)
    explanation: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Index(
            "pay_difference_open",
            *("tenant_id", "kind", "ref"),
            unique=True,
            postgresql_where=text("settled_at IS NULL"),
        ),
    )
