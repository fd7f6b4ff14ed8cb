"""Tables of telling: messages inside, and the municipality's own words for letters."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint, Uuid
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class Notice(TenantRow, Base):
    """A message to a person, shown when she is signed in; e-mail and SMS say the same."""

    __tablename__ = "notice"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(Text)
    """Of booking.telling.kinds.KINDS."""
    application_id: Mapped[UUID | None] = mapped_column(Uuid)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    """Where it leads, inside the municipality: `/applications/…`."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "application_id"], ["application.tenant_id", "application.id"]),
        Index(None, "tenant_id", "person_id", "created_at"),
        Index("notice_unread_idx", "tenant_id", "person_id", postgresql_where=sql("read_at IS NULL")),
    )


class NoticeText(TenantRow, Base):
    """The municipality's own words for a kind of message in a language, instead of ours."""

    __tablename__ = "notice_text"

    kind: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    """With `{title}`, `{times}` and the like; the kind says which."""
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_by: Mapped[UUID | None] = mapped_column(Uuid)
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "changed_by"], ["person.tenant_id", "person.id"]),
        UniqueConstraint("tenant_id", "kind", "language"),
    )
