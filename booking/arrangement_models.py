"""The table of arrangements: public events, each with an application whose bookings have its time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class Arrangement(TenantRow, Base):
    """What is told of a public event. When, where and its title stand in its application and bookings."""

    __tablename__ = "arrangement"

    application_id: Mapped[UUID] = mapped_column(Uuid)
    description: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """`{"nb": …, "nn": …, "en": …}`, any of them."""
    organiser: Mapped[str] = mapped_column(Text)
    website: Mapped[str | None] = mapped_column(Text)
    picture_id: Mapped[UUID | None] = mapped_column(Uuid)
    """A stored file."""
    picture_alt: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[UUID] = mapped_column(Uuid)
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "application_id"], ["application.tenant_id", "application.id"]),
        ForeignKeyConstraint(["tenant_id", "picture_id"], ["stored_file.tenant_id", "stored_file.id"]),
        ForeignKeyConstraint(["tenant_id", "created_by"], ["person.tenant_id", "person.id"]),
        UniqueConstraint("tenant_id", "application_id"),
        Index(None, "tenant_id", "created_at"),
    )
