"""The same request sent twice is carried out once: Idempotency-Key, kept with the answer it got."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, TenantRow
from core.ids import new_id


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


async def claim_key(
    db: AsyncSession, person_id: UUID, key: str, request_hash: bytes, now: datetime
) -> UUID | None:
    """The new row's id; None when the key was used before, after waiting for that request to end."""
    statement = (
        insert(IdempotencyKey)
        .values(
            tenant_id=db.info["tenant_id"],
            id=new_id(),
            person_id=person_id,
            key=key,
            request_hash=request_hash,
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.id)
    )
    return await db.scalar(statement)


async def answer_of(db: AsyncSession, person_id: UUID, key: str) -> IdempotencyKey:
    """The earlier request with this key."""
    statement = select(IdempotencyKey).where(IdempotencyKey.person_id == person_id, IdempotencyKey.key == key)
    return (await db.scalars(statement)).one()


async def keep_answer(db: AsyncSession, row_id: UUID, status: int, answer: bytes) -> None:
    """The answer, in the transaction that earned it."""
    await db.flush()
    await db.execute(
        update(IdempotencyKey).where(IdempotencyKey.id == row_id).values(status=status, answer=answer)
    )


async def forget(db: AsyncSession, before: datetime) -> None:
    """Keys of requests made before: nobody repeats those any more."""
    await db.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < before))
