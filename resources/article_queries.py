"""SQL about articles: which are offered where, how much of their stock is claimed, and who has ordered them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from resources.models import Facility, Resource, Unit
from resources.place_queries import Sight, visible_facilities, visible_resources
from resources.tariff_models import Article


class Stocked(NamedTuple):
    """An article with its stock; None: there is always enough."""

    article: Article
    stock: int | None


async def articles(
    db: AsyncSession, sight: Sight, *, ended: bool, article_id: UUID | None = None
) -> list[Stocked]:
    """Those of the municipality and of what the reader may see, by key; with `ended` also what is no longer offered."""
    statement = (
        select(Article, Unit.capacity)
        .outerjoin(Unit, and_(Unit.tenant_id == Article.tenant_id, Unit.id == Article.unit_id))
        .where(
            or_(Article.facility_id.is_(None), Article.facility_id.in_(visible_facilities(sight))),
            or_(Article.resource_id.is_(None), Article.resource_id.in_(visible_resources(sight))),
            true() if ended else Article.ended_at.is_(None),
        )
        .order_by(Article.key)
    )
    if article_id is not None:
        statement = statement.where(Article.id == article_id)
    return [Stocked(article, stock) for article, stock in await db.execute(statement)]


async def lock_article(db: AsyncSession, article_id: UUID) -> Article | None:
    """The article, ours alone to change: who is about to order it waits."""
    statement = select(Article).where(Article.id == article_id).with_for_update(key_share=True)
    return await db.scalar(statement.execution_options(populate_existing=True))


async def unit_of(db: AsyncSession, article_id: UUID) -> UUID | None:
    """The stock of the article, as long as nobody has locked it."""
    return await db.scalar(select(Article.unit_id).where(Article.id == article_id))


async def unit_named(db: AsyncSession, facility_id: UUID, key: str) -> Unit | None:
    """The unit of the facility by that key."""
    return await db.scalar(select(Unit).where(Unit.facility_id == facility_id, Unit.key == key))


async def facility_of(db: AsyncSession, resource_id: UUID) -> UUID | None:
    return await db.scalar(select(Resource.facility_id).where(Resource.id == resource_id))


async def is_facility(db: AsyncSession, facility_id: UUID) -> bool:
    return await db.scalar(select(Facility.id).where(Facility.id == facility_id)) is not None


# Bookings lie in the room above, so their tables are read bare.

CLAIMED = text(
    "SELECT starts_at, ends_at, quantity FROM claim WHERE tenant_id = CAST(:tenant_id AS uuid)"
    " AND unit_id = CAST(:unit_id AS uuid) AND kind = 1 AND NOT closing AND ends_at > :now"
    " AND (held_until IS NULL OR held_until > :now)"
)
ORDERED = text(
    "SELECT b.id FROM booking b JOIN application a ON a.tenant_id = b.tenant_id AND a.id = b.application_id"
    " JOIN resource r ON r.tenant_id = b.tenant_id AND r.id = b.resource_id"
    " WHERE b.tenant_id = CAST(:tenant_id AS uuid) AND b.ends_at > :now"
    " AND b.state IN ('held', 'requested', 'awaiting_payment', 'confirmed')"
    " AND (CAST(:facility_id AS uuid) IS NULL OR r.facility_id = CAST(:facility_id AS uuid))"
    " AND (CAST(:resource_id AS uuid) IS NULL OR r.id = CAST(:resource_id AS uuid))"
    " AND (CAST(:is_mandatory AS boolean)"
    " OR a.articles @> jsonb_build_array(jsonb_build_object('article', CAST(:key AS text))))"
    " ORDER BY b.starts_at, b.id LIMIT :most"
)


async def claimed(db: AsyncSession, unit_id: UUID, now: datetime) -> Sequence[AnyRow]:
    """What of the pooled unit is claimed now and later, set-up and clean-up included: starts_at, ends_at, quantity."""
    values: dict[str, Any] = {"tenant_id": str(db.info["tenant_id"]), "unit_id": str(unit_id), "now": now}
    return (await db.execute(CLAIMED, values)).all()


async def ordered_by(db: AsyncSession, article: Article, now: datetime, *, most: int) -> list[UUID]:
    """Bookings that are not over and have the article with them, by start."""
    values: dict[str, Any] = {
        "tenant_id": str(db.info["tenant_id"]),
        "now": now,
        "facility_id": None if article.facility_id is None else str(article.facility_id),
        "resource_id": None if article.resource_id is None else str(article.resource_id),
        "is_mandatory": article.is_mandatory,
        "key": article.key,
        "most": most,
    }
    return list((await db.scalars(ORDERED, values)).all())
