"""SQL of revenue: what was issued minus what was credited, grouped, in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Text, and_, case, cast, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Booking
from core.db import AnyRow
from payments.models import Order, OrderLine
from payments.revenue_schemas import By
from resources.models import Facility, Resource

Places = tuple[list[UUID] | None, list[UUID] | None]
"""Facilities and resources, as people.rules.places_of has them; None, None: everywhere."""
ARTICLES = ("article", "deposit")


def _sum(column: Any) -> Any:
    """What credit notes take back counts against it."""
    signed = case((Order.kind == "credit", -column), else_=column)
    return cast(func.coalesce(func.sum(signed), 0), BigInteger)


def _key(by: By, zone: str) -> tuple[Any, Any]:
    """What is grouped by, and its name."""
    nameless = literal("", Text)
    match by:
        case "facility":
            return cast(Facility.id, Text), func.max(Facility.name)
        case "resource":
            return cast(Resource.id, Text), func.max(func.concat(Facility.name, ": ", Resource.name))
        case "month":
            return func.to_char(func.timezone(zone, Order.issued_at), "YYYY-MM"), nameless
        case "customer_group":
            return Booking.price["customer_group"].astext, nameless
        case "article":
            is_article = OrderLine.kind.in_(ARTICLES)
            return (
                case((is_article, OrderLine.key), else_=OrderLine.kind),
                func.max(case((is_article, OrderLine.text), else_="")),
            )


async def revenue(
    db: AsyncSession,
    by: By,
    since: datetime,
    until: datetime,
    *,
    zone: str,
    places: Places,
    facility_id: UUID | None,
) -> Sequence[AnyRow]:
    """Of documents issued in [since, until), each as revenue_schemas.RevenueRow."""
    key, name = _key(by, zone)
    found = func.coalesce(key, "").label("key")
    statement = (
        select(
            found,
            func.coalesce(name, "").label("name"),
            _sum(OrderLine.net_ore).label("net_ore"),
            _sum(OrderLine.vat_ore).label("vat_ore"),
            _sum(OrderLine.gross_ore).label("gross_ore"),
            func.count(Order.id.distinct()).label("documents"),
        )
        .select_from(Order)
        .join(OrderLine, and_(OrderLine.tenant_id == Order.tenant_id, OrderLine.order_id == Order.id))
        .outerjoin(
            Booking, and_(Booking.tenant_id == OrderLine.tenant_id, Booking.id == OrderLine.booking_id)
        )
        .outerjoin(
            Resource, and_(Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id)
        )
        .outerjoin(
            Facility, and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id)
        )
        .where(Order.state == "issued", Order.issued_at >= since, Order.issued_at < until)
        .group_by(found)
        .order_by(found)
    )
    if places != (None, None):
        facility_ids, resource_ids = places
        statement = statement.where(
            or_(Facility.id.in_(facility_ids or ()), Resource.id.in_(resource_ids or ()))
        )
    if facility_id is not None:
        statement = statement.where(Facility.id == facility_id)
    return (await db.execute(statement)).all()


async def facilities(db: AsyncSession, places: Places) -> Sequence[AnyRow]:
    """Id and name of those that may be chosen, by name."""
    statement = select(Facility.id, Facility.name).order_by(Facility.name, Facility.id)
    if places != (None, None):
        facility_ids, resource_ids = places
        within = select(Resource.facility_id).where(Resource.id.in_(resource_ids or ()))
        statement = statement.where(or_(Facility.id.in_(facility_ids or ()), Facility.id.in_(within)))
    return (await db.execute(statement)).all()
