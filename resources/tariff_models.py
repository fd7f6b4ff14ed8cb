"""Tables of what hire costs: tariffs with their lines, which places they hold for, articles, and what a late
cancellation costs.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
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
VAT_KNOWN = "vat_code IN ('exempt', 'zero', 'low', 'middle', 'full')"
EXEMPT_WHY = "vat_code <> 'exempt' OR vat_reason <> ''"


class Tariff(TenantRow, Base):
    """Leiesats: a price list, which may hold for many places."""

    __tablename__ = "tariff"

    key: Mapped[str] = mapped_column(Text)
    name: Mapped[JsonObject] = mapped_column(JSONB)
    """`{"nb": …, "nn": …, "en": …}`, any of them."""
    ordinary_hours: Mapped[list[JsonObject]] = mapped_column(JSONB, server_default=plain("'[]'"))
    """`[{"weekday": 1, "from_minute": 480, "until_minute": 1320}]`: what lines mean by ordinary hours and outside of
    them. Empty: all hours are ordinary."""
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, server_default=plain("1"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (UniqueConstraint("tenant_id", "key"),)


class TariffPlace(TenantRow, Base):
    """Where a tariff holds: at a resource, or at all of a facility that have none of their own."""

    __tablename__ = "tariff_place"

    tariff_id: Mapped[UUID] = mapped_column(Uuid)
    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "tariff_id"], ["tariff.tenant_id", "tariff.id"]),
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        CheckConstraint("(facility_id IS NULL) <> (resource_id IS NULL)", name="one_scope"),
        UniqueConstraint("tenant_id", "facility_id"),
        UniqueConstraint("tenant_id", "resource_id"),
        Index(None, "tenant_id", "tariff_id"),
    )


class TariffLine(TenantRow, Base):
    """A price and when it holds. Of `base` lines the first that fits, by position, prices each piece of the time;
    all `supplement` and `discount` lines that fit are added. What a line leaves out fits all.
    """

    __tablename__ = "tariff_line"

    tariff_id: Mapped[UUID] = mapped_column(Uuid)
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text, server_default="base")
    text: Mapped[JsonObject] = mapped_column(JSONB)
    customer_groups: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    usages: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), server_default="{}")
    """1 is Monday, 7 Sunday, 8 a public holiday whatever its weekday."""
    from_minute: Mapped[int | None] = mapped_column(SmallInteger)
    until_minute: Mapped[int | None] = mapped_column(SmallInteger)
    """Local minutes of the day; 1440 is 24:00."""
    hours: Mapped[str] = mapped_column(Text, server_default="any")
    """any, ordinary, outside: of the tariff's ordinary hours."""
    min_minutes: Mapped[int | None] = mapped_column(Integer)
    max_minutes: Mapped[int | None] = mapped_column(Integer)
    """Of the whole booking."""
    unit: Mapped[str] = mapped_column(Text)
    price_ore: Mapped[int] = mapped_column(BigInteger, server_default=plain("0"))
    percent: Mapped[int | None] = mapped_column(Integer)
    """Of a discount: basis points of what the base and supplement lines come to."""
    minimum_ore: Mapped[int | None] = mapped_column(BigInteger)
    """The least that a base line comes to in a booking."""
    most_ore: Mapped[int | None] = mapped_column(BigInteger)
    """The most that a base line comes to in a booking, for each local day it touches."""
    per_place: Mapped[bool] = mapped_column(Boolean, server_default=plain("true"))
    """Whether it is paid for each place (lane, table) that is booked of a pool."""
    includes_vat: Mapped[bool] = mapped_column(Boolean, server_default=plain("true"))
    vat_code: Mapped[str] = mapped_column(Text)
    vat_reason: Mapped[str] = mapped_column(Text, server_default="")
    payment: Mapped[str] = mapped_column(Text, server_default="invoice")
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    """The last local day it holds; of the day on which the booking starts."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "tariff_id"], ["tariff.tenant_id", "tariff.id"]),
        UniqueConstraint("tenant_id", "tariff_id", "position"),
        CheckConstraint("kind IN ('base', 'supplement', 'discount')", name="kind_known"),
        CheckConstraint("hours IN ('any', 'ordinary', 'outside')", name="hours_known"),
        CheckConstraint(
            "unit IN ('started_hour', 'hour', 'quarter', 'day', 'weekend', 'occasion', 'percent')",
            name="unit_known",
        ),
        CheckConstraint("(kind = 'discount') = (unit = 'percent')", name="discount_in_percent"),
        CheckConstraint("(unit = 'percent') = (percent IS NOT NULL)", name="percent_there"),
        CheckConstraint("percent BETWEEN 0 AND 10000", name="percent_sane"),
        CheckConstraint("price_ore BETWEEN 0 AND 100000000000", name="price_sane"),
        CheckConstraint("minimum_ore >= 0 AND most_ore >= 0", name="ends_sane"),
        CheckConstraint(VAT_KNOWN, name="vat_known"),
        CheckConstraint(EXEMPT_WHY, name="exempt_why"),
        CheckConstraint("payment IN ('online', 'invoice', 'internal')", name="payment_known"),
        CheckConstraint(
            "from_minute BETWEEN 0 AND 1439 AND until_minute BETWEEN 1 AND 1440", name="clock_sane"
        ),
        CheckConstraint("until_minute > from_minute", name="clock_ordered"),
        CheckConstraint("max_minutes >= min_minutes", name="length_ordered"),
        CheckConstraint("valid_until >= valid_from", name="validity_ordered"),
    )


class Article(TenantRow, Base):
    """Tilleggsvare: chairs, goals, a key, cleaning, a deposit."""

    __tablename__ = "article"

    key: Mapped[str] = mapped_column(Text)
    name: Mapped[JsonObject] = mapped_column(JSONB)
    description: Mapped[JsonObject] = mapped_column(JSONB, server_default=plain("'{}'"))
    kind: Mapped[str] = mapped_column(Text, server_default="article")
    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Where it is offered; neither: everywhere."""
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)
    """A pooled unit whose capacity is the stock; None: there is always enough."""
    unit: Mapped[str] = mapped_column(Text)
    price_ore: Mapped[int] = mapped_column(BigInteger)
    includes_vat: Mapped[bool] = mapped_column(Boolean, server_default=plain("true"))
    vat_code: Mapped[str] = mapped_column(Text)
    vat_reason: Mapped[str] = mapped_column(Text, server_default="")
    customer_groups: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    """Who pays for it; others get it free. Empty: all pay."""
    is_mandatory: Mapped[bool] = mapped_column(Boolean, server_default=plain("false"))
    """Goes with every booking there, once."""
    max_quantity: Mapped[int] = mapped_column(Integer, server_default=plain("1"))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, server_default=plain("1"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        ForeignKeyConstraint(["tenant_id", "unit_id"], ["unit.tenant_id", "unit.id"]),
        UniqueConstraint("tenant_id", "key"),
        CheckConstraint("kind IN ('article', 'deposit')", name="kind_known"),
        CheckConstraint("facility_id IS NULL OR resource_id IS NULL", name="one_scope"),
        CheckConstraint("unit IN ('piece', 'started_hour', 'occasion')", name="unit_known"),
        CheckConstraint("price_ore BETWEEN 0 AND 100000000000", name="price_sane"),
        CheckConstraint("max_quantity BETWEEN 1 AND 10000", name="quantity_sane"),
        CheckConstraint(VAT_KNOWN, name="vat_known"),
        CheckConstraint(EXEMPT_WHY, name="exempt_why"),
        CheckConstraint("valid_until >= valid_from", name="validity_ordered"),
    )


class CancelTier(TenantRow, Base):
    """What of the price is kept when a booking is cancelled so long before its start, or later than the next tier.

    The tiers of the resource hold, else those of its facility, else those of the municipality.
    """

    __tablename__ = "cancel_tier"

    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    minutes_before: Mapped[int] = mapped_column(Integer)
    """At least so long before the start."""
    fee_percent: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        CheckConstraint("facility_id IS NULL OR resource_id IS NULL", name="one_scope"),
        CheckConstraint("minutes_before BETWEEN 0 AND 527040", name="time_sane"),
        CheckConstraint("fee_percent BETWEEN 0 AND 100", name="fee_sane"),
        UniqueConstraint(
            "tenant_id",
            "facility_id",
            "resource_id",
            "minutes_before",
            postgresql_nulls_not_distinct=True,
        ),
    )


class PayTerms(TenantRow, Base):
    """How the municipality is paid for bookings; at most one row. Without one nothing is paid online."""

    __tablename__ = "pay_terms"

    online_open: Mapped[bool] = mapped_column(Boolean, server_default=plain("false"))
    """Whether somebody can take the money: set by the room of payments. Until then what should be paid online goes on
    an invoice."""
    pay_minutes: Mapped[int] = mapped_column(Integer, server_default=plain("45"))
    """How long who booked by herself has for paying."""
    pay_hours: Mapped[int] = mapped_column(Integer, server_default=plain("72"))
    """The same after an officer's approval; never longer than until it begins."""
    version: Mapped[int] = mapped_column(Integer, server_default=plain("1"))

    __table_args__ = (
        UniqueConstraint("tenant_id"),
        CheckConstraint("pay_minutes BETWEEN 31 AND 1440", name="minutes_sane"),
        CheckConstraint("pay_hours BETWEEN 1 AND 720", name="hours_sane"),
    )
