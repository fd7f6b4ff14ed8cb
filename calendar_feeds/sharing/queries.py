"""SQL of the house: taken times of many resources, and an association's own that everybody may know."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Application, Booking, Claim
from core.db import AnyRow
from core.spans import Span
from people.models import Association

TAKING = ("requested", "awaiting_payment", "confirmed")


def _taken(span: Span, resource_ids: Sequence[UUID], now: datetime) -> Any:
    """Bookings in the span that take time from others; title and association only where everybody may know them."""
    takes = exists().where(Claim.tenant_id == Booking.tenant_id, Claim.booking_id == Booking.id)
    return (
        select(
            Booking.id,
            Booking.resource_id,
            Booking.starts_at,
            Booking.ends_at,
            Booking.state,
            Booking.quantity,
            case((Application.public, Application.title)).label("title"),
            case((Application.public, Association.name)).label("association"),
        )
        .join(
            Application,
            and_(Application.tenant_id == Booking.tenant_id, Application.id == Booking.application_id),
        )
        .outerjoin(
            Association,
            and_(Association.tenant_id == Booking.tenant_id, Association.id == Booking.association_id),
        )
        .where(
            Booking.resource_id.in_(resource_ids),
            Booking.starts_at < span.end,
            Booking.ends_at > span.start,
            Booking.state.in_(TAKING),
            or_(Booking.held_until.is_(None), Booking.held_until > now),
            or_(Booking.state != "requested", takes),
        )
        .order_by(Booking.starts_at, Booking.id)
    )


async def taken_page(
    db: AsyncSession,
    span: Span,
    resource_ids: Sequence[UUID],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> Sequence[AnyRow]:
    """Of the resources, by start, each once: id, resource_id, starts_at, ends_at, state, quantity, and title and
    association, None where they are nobody's business.
    """
    statement = _taken(span, resource_ids, now).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(Booking.starts_at, Booking.id) > after)
    return (await db.execute(statement)).all()


async def public_of_association(
    db: AsyncSession,
    association_id: UUID,
    span: Span,
    *,
    resource_ids: Sequence[UUID],
    limit: int,
    now: datetime,
) -> Sequence[AnyRow]:
    """The same of what the association tells everybody that it does."""
    statement = _taken(span, resource_ids, now).where(
        Booking.association_id == association_id, Application.public
    )
    return (await db.execute(statement.limit(limit))).all()
