"""Who did what to which row, for ever: rows are added, never changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import DateTime, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow


class AuditEntry(TenantRow, Base):
    __tablename__ = "audit_entry"

    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    """None: the program itself, as when a hold lapses."""
    action: Mapped[str] = mapped_column(Text)
    table_name: Mapped[str] = mapped_column(Text)
    row_id: Mapped[UUID] = mapped_column(Uuid)
    change: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """`{"column": [before, after]}`, only what changed."""

    __table_args__ = (
        Index(None, "tenant_id", "table_name", "row_id", "at"),
        Index(None, "tenant_id", "at", "id"),
        Index(None, "tenant_id", "actor_id", "at"),
    )


def note(
    db: AsyncSession,
    actor_id: UUID | None,
    action: str,
    *,
    table: str,
    row_id: UUID,
    now: datetime,
    change: dict[str, tuple[Any, Any]] | None = None,
) -> None:
    """Add a row to the audit trail in the caller's transaction."""
    db.add(
        AuditEntry(
            at=now,
            actor_id=actor_id,
            action=action,
            table_name=table,
            row_id=row_id,
            change=msgspec.to_builtins(change or {}),
        )
    )
