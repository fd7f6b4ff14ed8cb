"""The table of files that people send us."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Integer, LargeBinary, Text, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class StoredFile(TenantRow, Base):
    """What core.files.check_upload let in."""

    __tablename__ = "stored_file"

    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Who sent it."""
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (CheckConstraint("size = octet_length(content)", name="size_true"),)
