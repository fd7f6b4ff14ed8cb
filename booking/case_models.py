"""Tables of the case: what is said in it, what is decided, offered and appealed, and who sees to it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class CaseEntry(TenantRow, Base):
    """A line of the case's timeline. What was written stays as it was written."""

    __tablename__ = "case_entry"

    application_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Text)
    """message and question (to the applicant, a question stops the clock), answer (hers), note (staff alone),
    assigned, offer, decision, appeal."""
    author_id: Mapped[UUID | None] = mapped_column(Uuid)
    by_staff: Mapped[bool] = mapped_column(Boolean)
    text: Mapped[str] = mapped_column(Text, server_default="")
    file_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default="{}")
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=sql("'{}'"))
    """Of what is no text: ids of the officer, the offer, the decision it is about."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "application_id"], ["application.tenant_id", "application.id"]),
        ForeignKeyConstraint(["tenant_id", "author_id"], ["person.tenant_id", "person.id"]),
        CheckConstraint(
            "kind IN ('message', 'question', 'answer', 'note', 'assigned', 'offer', 'decision', 'appeal')",
            name="kind_known",
        ),
        Index(None, "tenant_id", "application_id", "created_at"),
    )


class Decision(TenantRow, Base):
    """Vedtak, or the answer to a wish to hire: written once, never changed; the program has no right to."""

    __tablename__ = "decision"

    application_id: Mapped[UUID] = mapped_column(Uuid)
    number: Mapped[int] = mapped_column(Integer)
    """Of the application's decisions: 1, 2 …"""
    kind: Mapped[str] = mapped_column(Text)
    """vedtak, or private_law where the municipality lets as any owner does."""
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    """None: automatically."""
    officer: Mapped[str] = mapped_column(Text, server_default="")
    """Her name as it stood then."""
    outcomes: Mapped[list[Any]] = mapped_column(JSONB)
    """Each booking_id, outcome (approved, rejected, offered), resource, facility, start, end."""
    reason_key: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    """Of the municipality's list, as it read then."""
    text: Mapped[str] = mapped_column(Text, server_default="")
    """The officer's own words."""
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """By what it was decided: versions of the resources and of the policy, and what an automatic decision met."""
    language: Mapped[str] = mapped_column(Text)
    appeal_until: Mapped[date | None] = mapped_column(Date)
    """The last day to appeal; None: no right of appeal."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "application_id"], ["application.tenant_id", "application.id"]),
        ForeignKeyConstraint(["tenant_id", "decided_by"], ["person.tenant_id", "person.id"]),
        UniqueConstraint("tenant_id", "application_id", "number"),
        CheckConstraint("kind IN ('vedtak', 'private_law')", name="kind_known"),
    )


class Appeal(TenantRow, Base):
    """Klage over a decision."""

    __tablename__ = "appeal"

    decision_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    text: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    in_time: Mapped[bool] = mapped_column(Boolean)
    outcome: Mapped[str | None] = mapped_column(Text)
    """granted, upheld (the decision stands) or dismissed; None: open."""
    answer: Mapped[str] = mapped_column(Text, server_default="")
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_by: Mapped[UUID | None] = mapped_column(Uuid)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "decision_id"], ["decision.tenant_id", "decision.id"]),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "closed_by"], ["person.tenant_id", "person.id"]),
        UniqueConstraint("tenant_id", "decision_id"),
        CheckConstraint("outcome IN ('granted', 'upheld', 'dismissed')", name="outcome_known"),
    )


class RejectionReason(TenantRow, Base):
    """A line of the municipality's list of reasons to reject."""

    __tablename__ = "rejection_reason"

    key: Mapped[str] = mapped_column(Text)
    texts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """`{"nb": …, "nn": …, "en": …}`, any of them."""
    position: Mapped[int] = mapped_column(Integer, server_default=sql("0"))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (UniqueConstraint("tenant_id", "key"),)


class Offer(TenantRow, Base):
    """Another time than asked for, held for whom it is offered to until a deadline; taken by one click."""

    __tablename__ = "offer"

    kind: Mapped[str] = mapped_column(Text)
    """counter (the officer's, to an applicant), waiting (a freed time, to who is next on the list)."""
    booking_id: Mapped[UUID] = mapped_column(Uuid)
    """The held booking; its `held_until` is the deadline."""
    instead_of: Mapped[UUID | None] = mapped_column(Uuid)
    """The requested booking that it would replace."""
    wait_id: Mapped[UUID | None] = mapped_column(Uuid)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    """None: by the waiting list."""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    text: Mapped[str] = mapped_column(Text, server_default="")
    answer: Mapped[str | None] = mapped_column(Text)
    """accepted, declined; None: none, and too late when the booking has lapsed."""
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        ForeignKeyConstraint(["tenant_id", "instead_of"], ["booking.tenant_id", "booking.id"]),
        ForeignKeyConstraint(["tenant_id", "wait_id"], ["wait.tenant_id", "wait.id"]),
        ForeignKeyConstraint(["tenant_id", "made_by"], ["person.tenant_id", "person.id"]),
        UniqueConstraint("tenant_id", "booking_id"),
        Index(None, "tenant_id", "instead_of"),
        CheckConstraint("kind IN ('counter', 'waiting')", name="kind_known"),
        CheckConstraint("answer IN ('accepted', 'declined')", name="answer_known"),
    )


class Routing(TenantRow, Base):
    """Who gets the cases of a facility or, before that, of a resource."""

    __tablename__ = "routing"

    facility_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    officer_id: Mapped[UUID] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        ForeignKeyConstraint(["tenant_id", "officer_id"], ["person.tenant_id", "person.id"]),
        CheckConstraint("(facility_id IS NULL) <> (resource_id IS NULL)", name="one_scope"),
        Index(
            "routing_facility_key",
            "tenant_id",
            "facility_id",
            unique=True,
            postgresql_where=sql("ended_at IS NULL AND facility_id IS NOT NULL"),
        ),
        Index(
            "routing_resource_key",
            "tenant_id",
            "resource_id",
            unique=True,
            postgresql_where=sql("ended_at IS NULL AND resource_id IS NOT NULL"),
        ),
    )


class Absence(TenantRow, Base):
    """An officer is away, both days included; somebody may see to her cases meanwhile."""

    __tablename__ = "absence"

    officer_id: Mapped[UUID] = mapped_column(Uuid)
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    substitute_id: Mapped[UUID | None] = mapped_column(Uuid)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "officer_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "substitute_id"], ["person.tenant_id", "person.id"]),
        CheckConstraint("until_on >= from_on", name="ordered"),
        Index(None, "tenant_id", "officer_id", "until_on"),
    )
