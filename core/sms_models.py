"""The table of text messages: SMS that are to be sent, and were."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class TextMessage(TenantRow, Base):
    """Written with what it tells of, in one transaction; sent by a task."""

    __tablename__ = "text_message"

    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    number: Mapped[str] = mapped_column(Text)
    """As people.addresses.check_phone writes it: +4791234567."""
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index(None, "tenant_id", "created_at", "id"),)
