"""SQL about who has which unit when. Its statements are made once: to make one takes longer than to send it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, all_, and_, any_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Claim
from core.db import AnyRow
from core.spans import Span
from resources.models import ResourceUnit, Unit
from resources.tariff_models import Article

A_DAY = timedelta(hours=24)
"""No claim is longer; see Claim.ends_at."""

# Tables instead of classes: nothing here needs the ORM, whose share of a short statement is the larger half. So these
# name their municipality themselves.
claim, unit, part = Claim.__table__.c, Unit.__table__.c, ResourceUnit.__table__.c
article = Article.__table__.c
HERE = bindparam("tenant_id", type_=Uuid())
UNIT_IDS = any_(bindparam("unit_ids", type_=ARRAY(Uuid)))

LOCK_UNITS = (
    select(unit.id)
    .where(unit.tenant_id == HERE, unit.id == UNIT_IDS)
    .order_by(unit.id)
    .with_for_update(key_share=True)
)
# Plain comparisons, which reach the index under row security.
ON_UNITS = and_(
    claim.unit_id == UNIT_IDS,
    claim.ends_at > bindparam("start"),
    claim.ends_at < bindparam("a_day_after"),
    claim.starts_at < bindparam("end"),
)
CLAIMS = select(
    claim.unit_id,
    claim.kind,
    claim.closing,
    claim.quantity,
    claim.starts_at,
    claim.ends_at,
    claim.held_until,
    claim.booking_id,
).where(claim.tenant_id == HERE, ON_UNITS)
BUT_OF = all_(bindparam("but_of", type_=ARRAY(Uuid)))
CLAIMS_OF_OTHERS = CLAIMS.where(claim.booking_id != BUT_OF)
PUBLIC_TAKEN = (
    select(
        claim.unit_id,
        claim.kind,
        claim.closing,
        claim.quantity,
        func.array_agg(claim.starts_at).label("starts"),
        func.array_agg(claim.ends_at).label("ends"),
    )
    .where(ON_UNITS, or_(claim.held_until.is_(None), claim.held_until > bindparam("now")))
    .group_by(claim.unit_id, claim.kind, claim.closing, claim.quantity)
)
TAKEN = PUBLIC_TAKEN.where(claim.tenant_id == HERE)
TAKEN_BY_OTHERS = TAKEN.where(claim.booking_id != BUT_OF)
UNITS_OF = (
    select(part.resource_id, part.unit_id, unit.capacity)
    .join_from(
        ResourceUnit.__table__,
        Unit.__table__,
        and_(unit.tenant_id == part.tenant_id, unit.id == part.unit_id),
    )
    .where(
        part.tenant_id == HERE,
        unit.tenant_id == HERE,
        part.resource_id == any_(bindparam("resource_ids", type_=ARRAY(Uuid))),
    )
    .order_by(part.unit_id)
)


ARTICLES_STAND = (
    select(article.id, article.unit_id, unit.capacity)
    .join_from(
        Article.__table__,
        Unit.__table__,
        and_(unit.tenant_id == article.tenant_id, unit.id == article.unit_id),
        isouter=True,
    )
    .where(article.tenant_id == HERE, article.id == any_(bindparam("article_ids", type_=ARRAY(Uuid))))
    .order_by(article.id)
    .with_for_update(read=True, of=Article.__table__)
)
CAPACITIES = select(unit.id, unit.capacity).where(unit.tenant_id == HERE, unit.id == UNIT_IDS)


async def articles_standing(db: AsyncSession, article_ids: Iterable[UUID]) -> Sequence[AnyRow]:
    """The articles (id, unit_id, capacity), so that nobody gives them another stock before we are done. Lock their
    units first.
    """
    values = {"tenant_id": db.info["tenant_id"], "article_ids": sorted(set(article_ids))}
    return (await db.execute(ARTICLES_STAND, values)).all()


async def capacities(db: AsyncSession, unit_ids: Iterable[UUID]) -> dict[UUID, int | None]:
    """Unit → how many there are at once."""
    values = {"tenant_id": db.info["tenant_id"], "unit_ids": sorted(set(unit_ids))}
    return dict((await db.execute(CAPACITIES, values)).all())


async def lock_units(db: AsyncSession, unit_ids: Iterable[UUID]) -> None:
    """Wait for our turn at each of the units, always in the same order."""
    await db.execute(LOCK_UNITS, {"tenant_id": db.info["tenant_id"], "unit_ids": sorted(set(unit_ids))})


async def claims_between(
    db: AsyncSession, unit_ids: Iterable[UUID], span: Span, *, but_of: Collection[UUID] = ()
) -> Sequence[AnyRow]:
    """Claims on the units that touch the span: unit_id, kind, closing, quantity, starts_at, ends_at, held_until,
    booking_id. Any order. `but_of` leaves out those of these bookings.
    """
    values = {**_on_units(unit_ids, span), "tenant_id": db.info["tenant_id"]}
    if but_of:
        return (await db.execute(CLAIMS_OF_OTHERS, {**values, "but_of": sorted(but_of)})).all()
    return (await db.execute(CLAIMS, values)).all()


async def taken_between(
    db: AsyncSession, unit_ids: Iterable[UUID], span: Span, now: datetime, *, but_of: Collection[UUID] = ()
) -> Sequence[AnyRow]:
    """The same without who, and without holds that have run out: unit_id, kind, closing, quantity, and all starts and
    ends of these. Also for the public.
    """
    values = {**_on_units(unit_ids, span), "now": now}
    if "tenant_id" not in db.info:
        return (await db.execute(PUBLIC_TAKEN, values)).all()
    values["tenant_id"] = db.info["tenant_id"]
    if but_of:
        return (await db.execute(TAKEN_BY_OTHERS, {**values, "but_of": sorted(but_of)})).all()
    return (await db.execute(TAKEN, values)).all()


def _on_units(unit_ids: Iterable[UUID], span: Span) -> dict[str, Any]:
    return {
        "unit_ids": sorted(set(unit_ids)),
        "start": span.start,
        "end": span.end,
        "a_day_after": span.end + A_DAY,
    }


async def units_of(db: AsyncSession, resource_ids: Sequence[UUID]) -> dict[UUID, list[AnyRow]]:
    """Resource → its units (unit_id, capacity), by id."""
    found: dict[UUID, list[AnyRow]] = {}
    for row in await db.execute(UNITS_OF, {"tenant_id": db.info["tenant_id"], "resource_ids": resource_ids}):
        found.setdefault(row.resource_id, []).append(row)
    return found
