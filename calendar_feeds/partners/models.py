"""Tables of partners: who is told of changes, and each telling."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class Webhook(TenantRow, Base):
    """An address of another program that is told of changes, and how it stands with it."""

    __tablename__ = "webhook"

    label: Mapped[str] = mapped_column(Text)
    """What the municipality calls the program."""
    address: Mapped[str] = mapped_column(Text)
    """Shown to who manages partners, and never logged: it may hold a secret of theirs."""
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Of calendar_feeds.partners.kinds.KINDS."""
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed (core/vault.py)."""
    earlier_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    earlier_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Until then both secrets sign."""
    under: Mapped[str] = mapped_column(Text)
    """The name of the key that both are sealed with."""
    state: Mapped[str] = mapped_column(Text)
    """on or paused."""
    paused_why: Mapped[str | None] = mapped_column(Text)
    """by_hand, gone (it answered 410), failing (for days)."""
    position: Mapped[str] = mapped_column(Text)
    """How far the change log is read for it (calendar_feeds.partners.rules.Position)."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reached_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it last took something."""
    failing_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    failures: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """In a row."""
    rest_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """After a failure nothing is sent there for a while, so that it costs nobody else."""
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """A worker sends there until then; it writes down when it has done."""

    __table_args__ = (
        CheckConstraint("state IN ('on', 'paused')", name="state_known"),
        CheckConstraint(
            "(paused_why IS NULL) = (state = 'on') AND paused_why IN ('by_hand', 'gone', 'failing')",
            name="paused_for_a_reason",
        ),
        CheckConstraint("(earlier_secret IS NULL) = (earlier_until IS NULL)", name="earlier_has_an_end"),
        CheckConstraint("cardinality(kinds) > 0", name="kinds_some"),
    )


class WebhookDelivery(TenantRow, Base):
    """One change that one webhook is told, or a test. Its id is made of the two, so that it is the same for ever."""

    __tablename__ = "webhook_delivery"

    webhook_id: Mapped[UUID] = mapped_column(Uuid)
    change_id: Mapped[UUID | None] = mapped_column(Uuid)
    """The row of the change log, which may be gone; None: a test."""
    kind: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(Text)
    """due, done, or dead: given up after the last attempt."""
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    tried_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    status: Mapped[int | None] = mapped_column(Integer)
    """Of the last answer; None: there was none."""
    took_ms: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[str | None] = mapped_column(Text)
    """How it began, with what looks like a secret or a national number masked."""
    error: Mapped[str | None] = mapped_column(Text)
    """Why there was no answer: a word of core.calling.FAILED or core.destinations.REFUSED, or `forgotten`."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "webhook_id"], ["webhook.tenant_id", "webhook.id"]),
        CheckConstraint("state IN ('due', 'done', 'dead')", name="state_known"),
        Index(None, "tenant_id", "webhook_id", "created_at", "id"),
        Index(
            "webhook_delivery_due_idx",
            *("tenant_id", "webhook_id", "due_at"),
            postgresql_where=text("state = 'due'"),
        ),
    )
