"""SQL about how resources are decided: the lines of their policy, and the versions of their terms."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import and_, delete, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from resources.models import DecisionPolicy, Facility, Resource, TermsVersion
from resources.questions import Question


async def lines_of(db: AsyncSession, resource_id: UUID) -> Sequence[DecisionPolicy]:
    """In their order."""
    statement = select(DecisionPolicy).where(DecisionPolicy.resource_id == resource_id)
    return (await db.scalars(statement.order_by(DecisionPolicy.position))).all()


async def drop_lines(db: AsyncSession, resource_id: UUID) -> None:
    await db.execute(delete(DecisionPolicy).where(DecisionPolicy.resource_id == resource_id))


async def terms_of(db: AsyncSession, resource_id: UUID) -> Sequence[TermsVersion]:
    """All versions, the newest first."""
    statement = select(TermsVersion).where(TermsVersion.resource_id == resource_id)
    return (await db.scalars(statement.order_by(TermsVersion.created_at.desc(), TermsVersion.id))).all()


async def terms_version(db: AsyncSession, resource_id: UUID, version: str) -> TermsVersion | None:
    """That version of the resource's terms."""
    return await db.scalar(
        select(TermsVersion).where(TermsVersion.resource_id == resource_id, TermsVersion.version == version)
    )


async def terms_known(db: AsyncSession, resource_ids: Sequence[UUID]) -> dict[tuple[UUID, str], TermsVersion]:
    """All versions of the resources' terms."""
    statement = select(TermsVersion).where(TermsVersion.resource_id.in_(resource_ids))
    return {(row.resource_id, row.version): row for row in await db.scalars(statement)}


async def managed(
    db: AsyncSession,
    *,
    facility_ids: Sequence[UUID] | None,
    resource_ids: Sequence[UUID] | None,
    words: str,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[AnyRow]:
    """Resources of the places (either fits; both None: all) whose name or facility has the words: id, name,
    facility_name, decision, and how many lines their policy has. By name.
    """
    lines = (
        select(func.count())
        .where(DecisionPolicy.tenant_id == Resource.tenant_id, DecisionPolicy.resource_id == Resource.id)
        .scalar_subquery()
    )
    statement = (
        select(
            Resource.id,
            Resource.name,
            Facility.name.label("facility_name"),
            Resource.decision,
            lines.label("lines"),
        )
        .join(Facility, and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id))
        .order_by(Resource.name, Resource.id)
        .limit(limit)
    )
    if facility_ids is not None or resource_ids is not None:
        statement = statement.where(
            or_(Resource.facility_id.in_(facility_ids or ()), Resource.id.in_(resource_ids or ()))
        )
    for word in words.split()[:8]:
        pattern = f"%{word.replace('%', '').replace('_', '')}%"
        statement = statement.where(or_(Resource.name.ilike(pattern), Facility.name.ilike(pattern)))
    if after is not None:
        statement = statement.where(tuple_(Resource.name, Resource.id) > after)
    return (await db.execute(statement)).all()


async def questions_of(db: AsyncSession, resource_ids: Sequence[UUID]) -> list[list[Question]]:
    """What each of the resources asks, by id."""
    statement = select(Resource.questions).where(Resource.id.in_(resource_ids)).order_by(Resource.id)
    return [msgspec.convert(each, list[Question]) for each in await db.scalars(statement)]
