"""Tables of privacy: which staff have read about whom, and how long each kind of data is kept here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class PersonalRead(TenantRow, Base):
    """A member of staff has read about a person who is not herself: once an hour for each kind of page."""

    __tablename__ = "personal_read"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    reader_id: Mapped[UUID] = mapped_column(Uuid)
    what: Mapped[str] = mapped_column(Text)
    """Of people.reads.READS."""
    hour: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """The hour in which it was read first."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "reader_id"], ["person.tenant_id", "person.id"]),
        UniqueConstraint("tenant_id", "person_id", "reader_id", "what", "hour"),
        Index(None, "tenant_id", "person_id", "at"),
    )


class RetentionRule(TenantRow, Base):
    """How long this municipality keeps a kind of data, where it differs from what the program proposes."""

    __tablename__ = "retention_rule"

    kind: Mapped[str] = mapped_column(Text)
    """Of core.privacy."""
    days: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        UniqueConstraint("tenant_id", "kind"),
        CheckConstraint("days BETWEEN 1 AND 36500", name="days_sane"),
    )
