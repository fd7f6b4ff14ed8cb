"""SQL of tokens, newest first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from people.models import Person, Token


async def tokens_page(
    db: AsyncSession, *, person_id: UUID | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[AnyRow]:
    """Of one person, or of all; each with the person's name."""
    statement = select(
        Token.id,
        Token.person_id,
        Token.label,
        Token.scopes,
        Token.created_at,
        Token.expires_at,
        Token.used_at,
        Token.revoked_at,
        Person.name.label("person"),
    ).join(Person, and_(Person.tenant_id == Token.tenant_id, Person.id == Token.person_id))
    if person_id is not None:
        statement = statement.where(Token.person_id == person_id)
    if after is not None:
        statement = statement.where(tuple_(Token.created_at, Token.id) < after)
    return (await db.execute(statement.order_by(Token.created_at.desc(), Token.id.desc()).limit(limit))).all()


async def count_live(db: AsyncSession, person_id: UUID, now: datetime) -> int:
    """How many of hers open something."""
    is_young = or_(Token.expires_at.is_(None), Token.expires_at > now)
    statement = select(func.count()).where(Token.person_id == person_id, Token.revoked_at.is_(None), is_young)
    return await db.scalar(statement) or 0


async def locked_token(db: AsyncSession, token_id: UUID) -> Token | None:
    """To be revoked."""
    return await db.scalar(select(Token).where(Token.id == token_id).with_for_update())
