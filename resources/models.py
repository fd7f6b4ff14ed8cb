"""Tables of the room: facilities, resources, the units they are made of, when they are open and when not."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Computed,
    Date,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow

JsonObject = dict[str, Any]


class Facility(TenantRow, Base):
    """Anlegg or bygg: the place, with an address and a door."""

    __tablename__ = "facility"

    key: Mapped[str] = mapped_column(Text)
    """The municipality's own short name; imports find the row by it."""
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[JsonObject] = mapped_column(JSONB, server_default=text("'{}'"))
    """`{"nb": …, "nn": …, "en": …}`, any of them."""
    address: Mapped[str | None] = mapped_column(Text)
    postcode: Mapped[str | None] = mapped_column(Text)
    town: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    accessibility: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    pictures: Mapped[list[JsonObject]] = mapped_column(JSONB, server_default=text("'[]'"))
    """`[{"url", "alt": {"nb", "nn", "en"}, "credit"}]`."""
    closed_on_public_holidays: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    closed_in_school_holidays: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    published_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    published_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (UniqueConstraint("tenant_id", "key"),)


class Resource(TenantRow, Base):
    """Leieobjekt: what one books, with the rules that hold for it."""

    __tablename__ = "resource"

    facility_id: Mapped[UUID] = mapped_column(Uuid)
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    description: Mapped[JsonObject] = mapped_column(JSONB, server_default=text("'{}'"))
    pictures: Mapped[list[JsonObject]] = mapped_column(JSONB, server_default=text("'[]'"))
    activities: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    equipment: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    accessibility: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    people: Mapped[int | None] = mapped_column(Integer)
    """How many fit in."""
    interval_minutes: Mapped[int] = mapped_column(Integer, server_default=text("30"))
    min_minutes: Mapped[int] = mapped_column(Integer, server_default=text("30"))
    max_minutes: Mapped[int | None] = mapped_column(Integer)
    setup_minutes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    cleanup_minutes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    notice_minutes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    notice_days: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    horizon_days: Mapped[int | None] = mapped_column(Integer)
    horizon_opens_minute: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Local minute of the day at which the next day of the horizon opens."""
    published_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    published_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision: Mapped[str] = mapped_column(Text, server_default="case_officer")
    request_holds: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    """Whether an undecided request holds the time (first come) or may compete with others."""
    hold_minutes: Mapped[int] = mapped_column(Integer, server_default=text("20"))
    """How long a hold stands before it lapses."""
    change_deadline_minutes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Until how long before its start a booking may be cancelled or moved by its holder."""
    association_only: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    terms: Mapped[JsonObject | None] = mapped_column(JSONB(none_as_null=True))
    """`{"version": "2026-1", "nb": …, "nn": …, "en": …}`; None: nothing to accept. Earlier versions: TermsVersion."""
    decision_kind: Mapped[str] = mapped_column(Text, server_default="private_law")
    """vedtak: an individual decision that can be appealed; private_law: letting as any owner does."""
    answer_days: Mapped[int] = mapped_column(Integer, server_default=text("14"))
    """Within how many days the municipality means to answer a request."""
    questions: Mapped[list[JsonObject]] = mapped_column(JSONB, server_default=text("'[]'"))
    """The resource's own questions to who applies (resources.questions)."""
    search_text: Mapped[str] = mapped_column(Text, server_default="")
    """What a text search looks through, folded (`resources.wording`); the service writes it with every change."""
    search_words: Mapped[Any] = mapped_column(
        TSVECTOR, Computed("to_tsvector('norwegian', search_text)", persisted=True), deferred=True
    )
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        UniqueConstraint("tenant_id", "facility_id", "key"),
        CheckConstraint("interval_minutes BETWEEN 5 AND 1440", name="interval_sane"),
        CheckConstraint("min_minutes BETWEEN 1 AND 44640", name="min_sane"),
        CheckConstraint("max_minutes BETWEEN min_minutes AND 44640", name="max_sane"),
        CheckConstraint(
            "setup_minutes BETWEEN 0 AND 1440 AND cleanup_minutes BETWEEN 0 AND 1440", name="pad_sane"
        ),
        CheckConstraint("decision IN ('automatic', 'case_officer')", name="decision_known"),
        CheckConstraint("decision_kind IN ('vedtak', 'private_law')", name="decision_kind_known"),
        CheckConstraint("answer_days BETWEEN 1 AND 365", name="answer_days_sane"),
    )


class DecisionPolicy(TenantRow, Base):
    """A line of when a request is decided automatically and when by an officer. The first that fits, by position,
    decides; where none fits, `resource.decision` does. What a line leaves out fits all.
    """

    __tablename__ = "decision_policy"

    resource_id: Mapped[UUID] = mapped_column(Uuid)
    position: Mapped[int] = mapped_column(Integer)
    decision: Mapped[str] = mapped_column(Text)
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), server_default="{}")
    """1 is Monday, 7 Sunday (ISO 8601); of the local day on which it starts. Empty: all."""
    from_minute: Mapped[int | None] = mapped_column(SmallInteger)
    until_minute: Mapped[int | None] = mapped_column(SmallInteger)
    """The whole booking lies between these local minutes of the day; 1440 is 24:00."""
    min_minutes: Mapped[int | None] = mapped_column(Integer)
    max_minutes: Mapped[int | None] = mapped_column(Integer)
    customer_groups: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    """Of who books (people.groups). Empty: all."""
    max_people: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        UniqueConstraint("tenant_id", "resource_id", "position"),
        CheckConstraint("decision IN ('automatic', 'case_officer')", name="decision_known"),
        CheckConstraint("until_minute > from_minute", name="clock_ordered"),
        CheckConstraint("max_minutes >= min_minutes", name="length_ordered"),
    )


class TermsVersion(TenantRow, Base):
    """Leievilkår as they read from one day to the next: what was accepted can always be shown again."""

    __tablename__ = "terms_version"

    resource_id: Mapped[UUID] = mapped_column(Uuid)
    version: Mapped[str] = mapped_column(Text)
    texts: Mapped[JsonObject] = mapped_column(JSONB)
    """`{"nb": …, "nn": …, "en": …}`, any of them."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        UniqueConstraint("tenant_id", "resource_id", "version"),
    )


class Unit(TenantRow, Base):
    """Del: the smallest part that can be taken."""

    __tablename__ = "unit"

    facility_id: Mapped[UUID] = mapped_column(Uuid)
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    capacity: Mapped[int | None] = mapped_column(Integer)
    """None: exclusive. A number: pooled, so many at once (lanes, tables)."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        UniqueConstraint("tenant_id", "facility_id", "key"),
        CheckConstraint("capacity BETWEEN 1 AND 10000", name="capacity_sane"),
    )


class ResourceUnit(TenantRow, Base):
    """Which units a resource takes when it is booked."""

    __tablename__ = "resource_unit"

    resource_id: Mapped[UUID] = mapped_column(Uuid)
    unit_id: Mapped[UUID] = mapped_column(Uuid)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        ForeignKeyConstraint(["tenant_id", "unit_id"], ["unit.tenant_id", "unit.id"]),
        UniqueConstraint("tenant_id", "resource_id", "unit_id"),
        Index(None, "tenant_id", "unit_id"),
    )


class Opening(TenantRow, Base):
    """A line of weekly opening hours, of a facility or (instead, where any is valid) of a resource."""

    __tablename__ = "opening"

    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    weekday: Mapped[int] = mapped_column(SmallInteger)
    """1 is Monday, 7 Sunday (ISO 8601)."""
    opens_minute: Mapped[int] = mapped_column(SmallInteger)
    closes_minute: Mapped[int] = mapped_column(SmallInteger)
    """Local minutes of the day; 1440 is 24:00, beyond is the next day."""
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        CheckConstraint("(facility_id IS NULL) <> (resource_id IS NULL)", name="one_scope"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_known"),
        CheckConstraint("opens_minute BETWEEN 0 AND 1439", name="opens_sane"),
        CheckConstraint(
            "closes_minute > opens_minute AND closes_minute <= opens_minute + 1440", name="closes_sane"
        ),
        CheckConstraint("valid_until >= valid_from", name="validity_ordered"),
        Index(None, "tenant_id", "facility_id"),
        Index(None, "tenant_id", "resource_id"),
    )


class ExtraOpening(TenantRow, Base):
    """Open for once, beside the weekly hours; also on a public or school holiday."""

    __tablename__ = "extra_opening"

    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        CheckConstraint("(facility_id IS NULL) <> (resource_id IS NULL)", name="one_scope"),
        CheckConstraint("starts_at < ends_at", name="not_empty"),
        Index(None, "tenant_id", "ends_at"),
    )


class Closure(TenantRow, Base):
    """Stenging of a facility, a resource or a unit. Its claims keep every booking away."""

    __tablename__ = "closure"

    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text)
    """Told to everyone."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    created_by: Mapped[UUID | None] = mapped_column(Uuid)
    lifted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        ForeignKeyConstraint(["tenant_id", "unit_id"], ["unit.tenant_id", "unit.id"]),
        CheckConstraint("num_nonnulls(facility_id, resource_id, unit_id) = 1", name="one_scope"),
        CheckConstraint("starts_at < ends_at", name="not_empty"),
        Index(None, "tenant_id", "ends_at"),
    )


class SchoolHoliday(TenantRow, Base):
    """A period of the municipality's school calendar (skolerute), both days included."""

    __tablename__ = "school_holiday"

    name: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)

    __table_args__ = (CheckConstraint("until_on >= from_on", name="ordered"),)


class BookingLimit(TenantRow, Base):
    """How much one person or one association may have, in all or at one facility or resource."""

    __tablename__ = "booking_limit"

    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    holder: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    value: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        CheckConstraint("facility_id IS NULL OR resource_id IS NULL", name="one_scope"),
        CheckConstraint("holder IN ('person', 'association')", name="holder_known"),
        CheckConstraint("kind IN ('active_bookings', 'minutes_per_week')", name="kind_known"),
        CheckConstraint("value >= 0", name="value_sane"),
    )
