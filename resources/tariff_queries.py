"""SQL about what hire costs: what decides a price, and tariffs and cancel tiers as staff see to them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from msgspec.json import Decoder
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from resources.models import Facility, Resource
from resources.tariff_models import CancelTier, PayTerms, Tariff, TariffLine, TariffPlace
from resources.tariffs import ArticleFacts, Priceable, TariffFacts, Tier

# One statement of plain SQL like that of `resources.queries`, and for the same reason: every quote and every booking
# asks it. Its parts are put together here.
PRICEABLES = text("""
WITH picked AS MATERIALIZED (
    SELECT r.id, r.facility_id FROM resource r
    WHERE r.tenant_id = :tenant_id AND r.id = ANY(:resource_ids)
), placed AS MATERIALIZED (
    SELECT coalesce(p.resource_id, p.facility_id) AS place, p.tariff_id
    FROM tariff_place p
    WHERE p.tenant_id = :tenant_id
        AND (p.resource_id IN (SELECT id FROM picked) OR p.facility_id IN (SELECT facility_id FROM picked))
)
SELECT 'resource' AS part, p.id AS owner, p.facility_id AS other, CAST(NULL AS text) AS texts
FROM picked p
UNION ALL
SELECT 'placed', p.place, p.tariff_id, NULL FROM placed p
UNION ALL
SELECT 'tariff', t.id, NULL, json_build_object('id', t.id, 'version', t.version, 'key', t.key, 'name', t.name,
    'ordinary_hours', t.ordinary_hours, 'lines', coalesce((
        SELECT json_agg(json_build_object('id', l.id, 'kind', l.kind, 'text', l.text,
            'customer_groups', l.customer_groups, 'usages', l.usages, 'weekdays', l.weekdays,
            'from_minute', l.from_minute, 'until_minute', l.until_minute, 'hours', l.hours,
            'min_minutes', l.min_minutes, 'max_minutes', l.max_minutes, 'unit', l.unit, 'price_ore', l.price_ore,
            'percent', l.percent, 'minimum_ore', l.minimum_ore, 'most_ore', l.most_ore, 'per_place', l.per_place,
            'includes_vat', l.includes_vat, 'vat_code', l.vat_code, 'vat_reason', l.vat_reason,
            'payment', l.payment, 'valid_from', l.valid_from, 'valid_until', l.valid_until) ORDER BY l.position)
        FROM tariff_line l WHERE l.tenant_id = :tenant_id AND l.tariff_id = t.id), '[]'))::text
FROM tariff t
WHERE t.tenant_id = :tenant_id AND t.ended_at IS NULL AND t.id IN (SELECT tariff_id FROM placed)
UNION ALL
SELECT 'articles', coalesce(a.resource_id, a.facility_id), NULL,
    json_agg(json_build_object('id', a.id, 'key', a.key, 'name', a.name, 'kind', a.kind, 'unit_id', a.unit_id,
        'unit', a.unit, 'price_ore', a.price_ore, 'includes_vat', a.includes_vat, 'vat_code', a.vat_code,
        'vat_reason', a.vat_reason, 'customer_groups', a.customer_groups, 'is_mandatory', a.is_mandatory,
        'max_quantity', a.max_quantity, 'valid_from', a.valid_from, 'valid_until', a.valid_until)
        ORDER BY a.key)::text
FROM article a
WHERE a.tenant_id = :tenant_id AND a.ended_at IS NULL
    AND (a.resource_id IS NULL OR a.resource_id IN (SELECT id FROM picked))
    AND (a.facility_id IS NULL OR a.facility_id IN (SELECT facility_id FROM picked))
GROUP BY 2
UNION ALL
SELECT 'tiers', coalesce(c.resource_id, c.facility_id), NULL,
    json_agg(json_build_object('minutes_before', c.minutes_before, 'fee_percent', c.fee_percent)
        ORDER BY c.minutes_before DESC)::text
FROM cancel_tier c
WHERE c.tenant_id = :tenant_id
    AND (c.resource_id IS NULL OR c.resource_id IN (SELECT id FROM picked))
    AND (c.facility_id IS NULL OR c.facility_id IN (SELECT facility_id FROM picked))
GROUP BY 2
UNION ALL
SELECT 'terms', NULL, NULL, json_build_object('online_open', y.online_open, 'pay_minutes', y.pay_minutes,
    'pay_hours', y.pay_hours)::text
FROM pay_terms y WHERE y.tenant_id = :tenant_id
""").bindparams(bindparam("tenant_id", type_=Uuid()), bindparam("resource_ids", type_=ARRAY(Uuid)))
READ_TARIFF = Decoder(TariffFacts)
READ_ARTICLES = Decoder(tuple[ArticleFacts, ...])
READ_TIERS = Decoder(tuple[Tier, ...])
READ_TERMS = Decoder(Priceable)
"""Of pay_terms: they are columns of the same names."""


class _Parts(NamedTuple):
    """What the statement answered. Of the texts, None owns what holds everywhere."""

    resources: list[tuple[UUID, UUID]]
    """Each with its facility."""
    tariff_at: dict[UUID, UUID]
    texts: dict[str, dict[UUID | None, str]]

    def known(self, places: Sequence[UUID | None]) -> Priceable:
        """Of places from the nearest to the widest."""
        tariffs, tiers = self.texts["tariff"], self.texts["tiers"]
        laid = [self.tariff_at.get(place) for place in places if place is not None]
        return _priceable(
            self.texts["terms"].get(None, "{}"),
            next((tiers[place] for place in places if place in tiers), "[]"),
            tuple(self.texts["articles"].get(place, "[]") for place in places),
            next((tariffs[each] for each in laid if each in tariffs), None),
        )


async def priceables(db: AsyncSession, resource_ids: Sequence[UUID]) -> dict[UUID, Priceable]:
    """Id → what decides its price; ids that do not exist here are left out. One statement, however many.

    A resource's own tariff holds, else its facility's; likewise cancel tiers, and then the municipality's. Articles
    are those of the resource, of its facility and of everywhere.
    """
    parts = await _parts(db, resource_ids)
    return {
        resource_id: parts.known((resource_id, facility_id, None))
        for resource_id, facility_id in parts.resources
    }


async def everywhere(db: AsyncSession) -> Priceable:
    """What holds where nothing nearer does: articles, tiers and terms of the municipality; no tariff."""
    return (await _parts(db, [])).known((None,))


async def _parts(db: AsyncSession, resource_ids: Sequence[UUID]) -> _Parts:
    parts = _Parts([], {}, {"tariff": {}, "articles": {}, "tiers": {}, "terms": {}})
    values = {"tenant_id": db.info["tenant_id"], "resource_ids": list(resource_ids)}
    for part, owner, other, told in await db.execute(PRICEABLES, values):
        if part == "resource":
            parts.resources.append((owner, other))
        elif part == "placed":
            parts.tariff_at[owner] = other
        else:
            parts.texts[part][owner] = told
    return parts


# What was read before is known again by its text. Equal texts mean the same, so nothing that is kept here grows old.


@lru_cache(maxsize=4096)
def _tariff(told: str) -> TariffFacts:
    return READ_TARIFF.decode(told)


@lru_cache(maxsize=4096)
def _priceable(terms: str, tiers: str, articles: tuple[str, ...], tariff: str | None) -> Priceable:
    pay = READ_TERMS.decode(terms)
    offered = [article for each in articles for article in READ_ARTICLES.decode(each)]
    return Priceable(
        tariff=None if tariff is None else _tariff(tariff),
        articles=tuple(sorted(offered, key=lambda article: article.key)),
        tiers=READ_TIERS.decode(tiers),
        online_open=pay.online_open,
        pay_minutes=pay.pay_minutes,
        pay_hours=pay.pay_hours,
    )


# --- tariffs as staff see to them


async def tariffs(
    db: AsyncSession,
    *,
    ended: bool,
    facility_id: UUID | None,
    resource_id: UUID | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[Tariff]:
    """By key: those that hold, or those that have ended; of a place, only what is laid at the very place."""
    statement = (
        select(Tariff)
        .where(Tariff.ended_at.is_not(None) if ended else Tariff.ended_at.is_(None))
        .order_by(Tariff.key, Tariff.id)
        .limit(limit)
    )
    if facility_id is not None or resource_id is not None:
        placed = select(TariffPlace.tariff_id)
        if facility_id is not None:
            placed = placed.where(TariffPlace.facility_id == facility_id)
        if resource_id is not None:
            placed = placed.where(TariffPlace.resource_id == resource_id)
        statement = statement.where(Tariff.id.in_(placed))
    if after is not None:
        statement = statement.where(tuple_(Tariff.key, Tariff.id) > after)
    return (await db.scalars(statement)).all()


async def tariff(db: AsyncSession, tariff_id: UUID, *, locked: bool = False) -> Tariff | None:
    """Also one that has ended. Locked: ours alone to change until the transaction ends."""
    statement = select(Tariff).where(Tariff.id == tariff_id)
    return await db.scalar(statement.with_for_update(key_share=True) if locked else statement)


async def lines(db: AsyncSession, tariff_id: UUID) -> Sequence[TariffLine]:
    """In their order."""
    statement = select(TariffLine).where(TariffLine.tariff_id == tariff_id).order_by(TariffLine.position)
    return (await db.scalars(statement)).all()


async def drop_lines(db: AsyncSession, tariff_id: UUID) -> None:
    await db.execute(delete(TariffLine).where(TariffLine.tariff_id == tariff_id))


async def places(db: AsyncSession, tariff_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Where the tariffs hold: tariff_id, facility_id (of the resource, too), resource_id, facility_name and
    resource_name, by names.
    """
    statement = (
        select(
            TariffPlace.tariff_id,
            Facility.id.label("facility_id"),
            TariffPlace.resource_id,
            Facility.name.label("facility_name"),
            Resource.name.label("resource_name"),
        )
        .outerjoin(
            Resource,
            and_(Resource.tenant_id == TariffPlace.tenant_id, Resource.id == TariffPlace.resource_id),
        )
        .join(
            Facility,
            and_(
                Facility.tenant_id == TariffPlace.tenant_id,
                Facility.id == func.coalesce(TariffPlace.facility_id, Resource.facility_id),
            ),
        )
        .where(TariffPlace.tariff_id.in_(tariff_ids))
        .order_by(Facility.name, Resource.name.nulls_first(), TariffPlace.id)
    )
    return (await db.execute(statement)).all()


async def drop_places(db: AsyncSession, tariff_id: UUID) -> None:
    await db.execute(delete(TariffPlace).where(TariffPlace.tariff_id == tariff_id))


async def facilities_of(
    db: AsyncSession, facility_ids: Sequence[UUID], resource_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    """Facility or resource → its facility; those that do not exist here are left out."""
    ones = select(Facility.id, Facility.id.label("facility_id")).where(Facility.id.in_(facility_ids))
    others = select(Resource.id, Resource.facility_id).where(Resource.id.in_(resource_ids))
    found = [*(await db.execute(ones)).all(), *(await db.execute(others)).all()]
    return {row[0]: row[1] for row in found}


async def taken(
    db: AsyncSession, facility_ids: Sequence[UUID], resource_ids: Sequence[UUID], *, but: UUID
) -> dict[UUID, str]:
    """Facility or resource that a tariff other than `but` is laid at → the key of that tariff."""
    statement = (
        select(func.coalesce(TariffPlace.resource_id, TariffPlace.facility_id), Tariff.key)
        .join(Tariff, and_(Tariff.tenant_id == TariffPlace.tenant_id, Tariff.id == TariffPlace.tariff_id))
        .where(or_(TariffPlace.facility_id.in_(facility_ids), TariffPlace.resource_id.in_(resource_ids)))
        .where(Tariff.id != but)
    )
    return {row[0]: row[1] for row in await db.execute(statement)}


async def key_exists(db: AsyncSession, key: str) -> bool:
    """Whether a tariff, ended or not, has the key."""
    return bool(await db.scalar(select(Tariff.id).where(Tariff.key == key)))


# --- cancel tiers and terms of pay


async def tiers(db: AsyncSession, facility_id: UUID | None, resource_id: UUID | None) -> Sequence[CancelTier]:
    """Of the very place; neither: of the municipality. The longest first."""
    statement = select(CancelTier).where(_at(facility_id, resource_id))
    return (await db.scalars(statement.order_by(CancelTier.minutes_before.desc()))).all()


async def drop_tiers(db: AsyncSession, facility_id: UUID | None, resource_id: UUID | None) -> None:
    await db.execute(delete(CancelTier).where(_at(facility_id, resource_id)))


def _at(facility_id: UUID | None, resource_id: UUID | None) -> ColumnElement[bool]:
    return and_(
        CancelTier.facility_id.is_not_distinct_from(facility_id),
        CancelTier.resource_id.is_not_distinct_from(resource_id),
    )


async def pay_terms(db: AsyncSession, *, locked: bool = False) -> PayTerms | None:
    """The one row, where there is one."""
    statement = select(PayTerms)
    return await db.scalar(statement.with_for_update(key_share=True) if locked else statement)
