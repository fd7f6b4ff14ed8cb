"""SQL of one person: herself, locked for a change."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from people.models import Person


async def locked(db: AsyncSession, person_id: UUID) -> Person | None:
    """Fresh, and nobody else changes her meanwhile; bookings of hers may still be written."""
    statement = select(Person).where(Person.id == person_id).with_for_update(key_share=True)
    return await db.scalar(statement.execution_options(populate_existing=True))


async def locked_whole(db: AsyncSession, person_id: UUID) -> Person | None:
    """The same, and nothing new may point at her either: what is being written of hers is waited for, and seen."""
    statement = select(Person).where(Person.id == person_id).with_for_update()
    return await db.scalar(statement.execution_options(populate_existing=True))
