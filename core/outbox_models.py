"""What is told to others and not yet done: the outbox, and which of its subscribers have finished."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, SmallInteger, Text, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class OutboxMessage(TenantRow, Base):
    """Something that is to happen; gone when all its subscribers have finished."""

    __tablename__ = "outbox"

    kind: Mapped[str] = mapped_column(Text)
    """Name of the message class, or `every:` and the name of a task that recurs."""
    body: Mapped[Any] = mapped_column(JSONB)
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    """When the relay shall send it, or send it again. PostgreSQL's clock decides."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the broker got it. None: not sent, or taken up by a worker since then."""
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """How often a worker has begun on it."""
    last_error: Mapped[str | None] = mapped_column(Text)
    dead_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Given up, kept until someone resends it."""

    __table_args__ = (Index("outbox_due_idx", "due_at", postgresql_where=text("dead_at IS NULL")),)
    # Written and forgotten: what the server filled in is not fetched back.
    __mapper_args__ = {"eager_defaults": False}


class OutboxDone(TenantRow, Base):
    """A subscriber that has finished with a message on which others are still at work."""

    __tablename__ = "outbox_done"

    message_id: Mapped[UUID] = mapped_column(Uuid)
    subscriber: Mapped[str] = mapped_column(Text)
    done_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (UniqueConstraint("tenant_id", "message_id", "subscriber"),)
    __mapper_args__ = {"eager_defaults": False}
