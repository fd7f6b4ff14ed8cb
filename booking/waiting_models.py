"""Tables of waiting: who wants a time when it becomes free, and what the displaced are offered instead."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class Wait(TenantRow, Base):
    """Somebody is to be told, or offered the time, when it becomes free: one time at a resource, or any that a search
    would find.
    """

    __tablename__ = "wait"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    association_id: Mapped[UUID | None] = mapped_column(Uuid)
    resource_id: Mapped[UUID | None] = mapped_column(Uuid)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """Of one time: the time. Of a search: what it searches in; it ends by itself then."""
    search: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The search, as the address bar has it. None: one time."""
    title: Mapped[str] = mapped_column(Text, server_default="")
    """Of the application that is made when the time is taken."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    end_reason: Mapped[str | None] = mapped_column(Text)
    """taken, declined, stopped, over."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "association_id"], ["association.tenant_id", "association.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        CheckConstraint("starts_at < ends_at", name="not_empty"),
        CheckConstraint("(search IS NULL) = (resource_id IS NOT NULL)", name="time_or_search"),
        CheckConstraint("end_reason IN ('taken', 'declined', 'stopped', 'over')", name="end_known"),
        Index("wait_open_idx", "tenant_id", "ends_at", postgresql_where="ended_at IS NULL"),
        Index(None, "tenant_id", "person_id"),
    )


class Replacement(TenantRow, Base):
    """A time that a displaced booking may have instead. It is not held: who clicks first has it."""

    __tablename__ = "replacement"

    booking_id: Mapped[UUID] = mapped_column(Uuid)
    """The displaced one."""
    resource_id: Mapped[UUID] = mapped_column(Uuid)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    taken_by: Mapped[UUID | None] = mapped_column(Uuid)
    """The booking that was made of it."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "booking_id"], ["booking.tenant_id", "booking.id"]),
        ForeignKeyConstraint(["tenant_id", "resource_id"], ["resource.tenant_id", "resource.id"]),
        ForeignKeyConstraint(["tenant_id", "taken_by"], ["booking.tenant_id", "booking.id"]),
        UniqueConstraint("tenant_id", "booking_id", "resource_id", "starts_at"),
        CheckConstraint("starts_at < ends_at", name="not_empty"),
    )
