"""Tables of the room: applications, their bookings, and the claims that keep everybody else away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow

CORE = 0
"""A claim of the time itself."""
PAD = 1
"""A claim of the time with set-up before and clean-up after."""

LIVE = ("held", "requested", "awaiting_payment", "confirmed")
"""States of a booking that has, or may still get, its time."""
ENDED = ("rejected", "withdrawn", "cancelled", "lapsed", "displaced", "given_back")


class Application(TenantRow, Base):
    """Søknad: who wants what for what, with one or many wanted times."""

    __tablename__ = "application"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    association_id: Mapped[UUID | None] = mapped_column(Uuid)
    team_id: Mapped[UUID | None] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(Text)
    public: Mapped[bool] = mapped_column(Boolean)
    """Whether everybody may read the title in the calendar."""
    purpose: Mapped[str] = mapped_column(Text, server_default="")
    usage: Mapped[str] = mapped_column(Text, server_default="ordinary")
    """What it is used for, where a tariff asks: ordinary, arrangement, commercial."""
    activity: Mapped[str | None] = mapped_column(Text)
    audience: Mapped[str | None] = mapped_column(Text)
    people: Mapped[int | None] = mapped_column(Integer)
    articles: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    accepted_terms: Mapped[str | None] = mapped_column(Text)
    """The version that was accepted."""
    repeat: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    officer_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Who sees to it."""
    answer_by: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Until when the municipality shall have answered; None: nothing to answer."""
    paused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when it waits for the applicant: that time is added to `answer_by` when she has answered."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "association_id"], ["association.tenant_id", "association.id"]),
        ForeignKeyConstraint(["tenant_id", "team_id"], ["team.tenant_id", "team.id"]),
        ForeignKeyConstraint(["tenant_id", "officer_id"], ["person.tenant_id", "person.id"]),
        CheckConstraint("usage IN ('ordinary', 'arrangement', 'commercial')", name="usage_known"),
        Index(None, "tenant_id", "person_id"),
        Index(None, "tenant_id", "association_id"),
        Index(None, "tenant_id", "officer_id"),
    )


class Booking(TenantRow, Base):
    """One occurrence: somebody has a resource at a time. Never deleted; its state says how it ended."""

    __tablename__ = "booking"

    application_id: Mapped[UUID] = mapped_column(Uuid)
    resource_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    association_id: Mapped[UUID | None] = mapped_column(Uuid)
    team_id: Mapped[UUID | None] = mapped_column(Uuid)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    setup_minutes: Mapped[int] = mapped_column(Integer)
    cleanup_minutes: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    state: Mapped[str] = mapped_column(Text)
    held_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When a hold, or the time to pay, runs out."""
    price: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """`resources.prices.kept_price`: what it costs and why; empty: nothing."""
    payment: Mapped[str | None] = mapped_column(Text)
    """online, invoice, internal; None: it costs nothing."""
    owed_ore: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """What its holder owes for it as it stands (with VAT): the price once it is granted, the fee once cancelled."""
    paid_ore: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """What was paid online for it when it was confirmed, and had not gone back when it was last moved; giving back is
    the room of payments' own business.
    """
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    """None with `decided_at` set: decided automatically."""
    decision_text: Mapped[str | None] = mapped_column(Text)
    policy: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Why it was decided automatically or left to an officer: the policy's line as it read then."""
    terms_version: Mapped[str | None] = mapped_column(Text)
    """Of the resource's terms that were accepted with it."""
    reminded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When its holder was reminded of the time it stands at now."""
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_by: Mapped[UUID | None] = mapped_column(Uuid)
    end_reason: Mapped[str | None] = mapped_column(Text)
    sequence: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Counts changes of time, place or state, as calendars want it (RFC 5545 §3.8.7.4)."""
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    text_version: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Counts what changes about it while it does not: its place's name, its holder's, its title forgotten."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "application_id"], ["application.tenant_id", "application.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "association_id"], ["association.tenant_id", "association.id"]),
        ForeignKeyConstraint(["tenant_id", "team_id"], ["team.tenant_id", "team.id"]),
        CheckConstraint("starts_at < ends_at", name="not_empty"),
        CheckConstraint("quantity >= 1", name="quantity_sane"),
        CheckConstraint("owed_ore >= 0 AND paid_ore >= 0", name="money_sane"),
        CheckConstraint("payment IN ('online', 'invoice', 'internal')", name="payment_known"),
        CheckConstraint(
            "state IN ('held', 'requested', 'awaiting_payment', 'confirmed', 'rejected', 'withdrawn', "
            "'cancelled', 'lapsed', 'displaced', 'given_back')",
            name="state_known",
        ),
        Index(None, "tenant_id", "application_id"),
        Index(None, "tenant_id", "person_id", "starts_at"),
        Index(None, "tenant_id", "association_id", "starts_at"),
        Index(None, "tenant_id", "resource_id", "starts_at"),
        Index(
            "booking_team_idx",
            *("tenant_id", "team_id", "starts_at"),
            postgresql_where=text("team_id IS NOT NULL"),
        ),
        Index("booking_open_idx", "tenant_id", "created_at", postgresql_where=text("state = 'requested'")),
        Index(
            "booking_rival_idx",
            "tenant_id",
            "resource_id",
            "starts_at",
            postgresql_where=text("state = 'requested'"),
        ),
        Index(
            "booking_owed_idx",
            "tenant_id",
            "ends_at",
            postgresql_where=text("owed_ore > 0"),
        ),
        Index(
            "booking_coming_idx",
            "tenant_id",
            "starts_at",
            postgresql_where=text("state = 'confirmed' AND reminded_at IS NULL"),
        ),
    )


class Claim(TenantRow, Base):
    """That a unit is taken for a time. Rows come and go with the booking or closure they stand for."""

    __tablename__ = "claim"

    unit_id: Mapped[UUID] = mapped_column(Uuid)
    booking_id: Mapped[UUID] = mapped_column(Uuid)
    """Of the booking, or of the closure when `closing`."""
    rival_id: Mapped[UUID] = mapped_column(Uuid)
    """Claims of one rival never exclude each other: the booking's id, or, on a pooled unit, the unit's."""
    kind: Mapped[int] = mapped_column(SmallInteger)
    closing: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    quantity: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    held_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """A hold's claim counts for nothing after this instant, even before the lapse is carried out."""
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """At most 24 hours after the start: longer times are several rows, so that a B-tree on the end finds all
    that touch a span. It must be a B-tree: under row security only leakproof operators reach an index, and
    `&&` is not one."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "unit_id"], ["unit.tenant_id", "unit.id"]),
        ExcludeConstraint(
            ("tenant_id", "="),
            ("unit_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            ("kind", "<>"),
            ("rival_id", "<>"),
            name="claim_no_overlap",
            using="gist",
        ),
        CheckConstraint("kind IN (0, 1)", name="kind_known"),
        CheckConstraint("starts_at < ends_at AND ends_at - starts_at <= interval '24 hours'", name="short"),
        Index(None, "tenant_id", "booking_id"),
        Index(None, "tenant_id", "unit_id", "ends_at"),
        Index("claim_closing_idx", "tenant_id", "unit_id", "ends_at", postgresql_where=text("closing")),
    )
