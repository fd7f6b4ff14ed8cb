"""The table of letters: e-mail that is to be sent, and was."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, LargeBinary, Text, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class Letter(TenantRow, Base):
    """Written with what it tells of, in one transaction; sent by a task."""

    __tablename__ = "letter"

    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Whom it is to, where that is somebody we know."""
    address: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    """The same with headings and links; None: plain text alone."""
    calendar: Mapped[str | None] = mapped_column(Text)
    """iCalendar objects to go with it (RFC 6047), one after the other; the METHOD of each says what the reader's
    program shall do."""
    hidden: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What goes where `core.mail.HIDDEN` stands, sealed (core/vault.py): JSON texts in their order. None once sent."""
    unsubscribe_url: Mapped[str | None] = mapped_column(Text)
    """Where one click ends letters of this kind (RFC 8058); None: the law wants it sent."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index(None, "tenant_id", "created_at", "id"),)
