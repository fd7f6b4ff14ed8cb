"""Tables of door locks: where each is reached, and which code it is to have when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class DoorLock(TenantRow, Base):
    """The lock of a resource's door. One that is taken away stays until its codes are gone."""

    __tablename__ = "door_lock"

    resource_id: Mapped[UUID] = mapped_column(Uuid)
    address: Mapped[str] = mapped_column(Text)
    """Where it is reached; shown to who manages it, and never logged."""
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed (core/vault.py); sent as a Bearer token."""
    under: Mapped[str] = mapped_column(Text)
    """The name of the key that it is sealed with."""
    minutes_before: Mapped[int] = mapped_column(Integer)
    minutes_after: Mapped[int] = mapped_column(Integer)
    """A code is valid so long before the booking begins and after it ends; set-up and clean-up at least."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when it has no new codes."""
    reached_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it last did as it was told."""
    failing_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        CheckConstraint(
            "minutes_before BETWEEN 0 AND 1440 AND minutes_after BETWEEN 0 AND 1440", name="margins_sane"
        ),
        Index(
            "door_lock_one",
            *("tenant_id", "resource_id"),
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class DoorCode(TenantRow, Base):
    """What one lock is to know for one booking. Only `state` and what follows from it says what it knows."""

    __tablename__ = "door_code"

    lock_id: Mapped[UUID] = mapped_column(Uuid)
    booking_id: Mapped[UUID] = mapped_column(Uuid)
    code: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed (core/vault.py); None once it is gone."""
    under: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    valid_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(Text)
    """wanted: to be placed, or placed anew; placed; withdrawing: to be taken away; gone; failed: the lock refused it,
    or nobody reached the lock in time."""
    wish: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    """Counts what is wanted of the lock: whoever comes back from it with another number has done what is no longer
    wanted."""
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the lock is to be called (again); None: there is nothing to say to it."""
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """A worker speaks to the lock until then."""
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """That failed, for what is wanted now."""
    error: Mapped[str | None] = mapped_column(Text)
    """Why the last failed: a word of core.calling, `status 500` or `in_use`."""
    placed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When its holder was told that it is not in the lock."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "lock_id"], ["door_lock.tenant_id", "door_lock.id"]),
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        CheckConstraint("state IN ('wanted', 'placed', 'withdrawing', 'gone', 'failed')", name="state_known"),
        CheckConstraint("valid_from < valid_until", name="not_empty"),
        UniqueConstraint("tenant_id", "booking_id", "lock_id"),
        Index(None, "tenant_id", "lock_id", "valid_from"),
        Index("door_code_due_idx", "tenant_id", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )
