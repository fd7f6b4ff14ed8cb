"""The same request sent twice is carried out once: Idempotency-Key, kept with the answer it got."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, LargeBinary, SmallInteger, Text, UniqueConstraint, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class IdempotencyKey(TenantRow, Base):
    """Written in the transaction of the request itself: no answer is kept for what was rolled back."""

    __tablename__ = "idempotency_key"

    person_id: Mapped[UUID] = mapped_column(Uuid)
    key: Mapped[str] = mapped_column(Text)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of method, path and body."""
    status: Mapped[int | None] = mapped_column(SmallInteger)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (UniqueConstraint("tenant_id", "person_id", "key"), Index(None, "created_at"))
