"""Who else wants or has the same time."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from booking.models import LIVE, Application, Booking
from core.db import AnyRow
from people.models import Association, Person
from resources.models import Resource, ResourceUnit


async def rivals(db: AsyncSession, booking_ids: Sequence[UUID]) -> dict[UUID, list[AnyRow]]:
    """Booking → live bookings of other applications that share a unit and time with it, by start.

    Each with person_id, association_id, resource_id, facility_id, starts_at, ends_at, state, applicant, association.
    """
    other = aliased(Booking)
    mine, others = aliased(ResourceUnit), aliased(ResourceUnit)
    statement = (
        select(
            Booking.id.label("rival_of"),
            other.id,
            other.person_id,
            other.association_id,
            other.resource_id,
            Resource.facility_id,
            other.starts_at,
            other.ends_at,
            other.state,
            Application.title,
            Person.name.label("applicant"),
            Association.name.label("association"),
        )
        .distinct()
        .select_from(Booking)
        .join(mine, and_(mine.tenant_id == Booking.tenant_id, mine.resource_id == Booking.resource_id))
        .join(others, and_(others.tenant_id == mine.tenant_id, others.unit_id == mine.unit_id))
        .join(
            other,
            and_(
                other.tenant_id == others.tenant_id,
                other.resource_id == others.resource_id,
                other.starts_at < Booking.ends_at,
                other.ends_at > Booking.starts_at,
                other.application_id != Booking.application_id,
                other.state.in_(LIVE),
            ),
        )
        .join(Resource, and_(Resource.tenant_id == other.tenant_id, Resource.id == other.resource_id))
        .join(
            Application,
            and_(Application.tenant_id == other.tenant_id, Application.id == other.application_id),
        )
        .join(Person, and_(Person.tenant_id == other.tenant_id, Person.id == other.person_id))
        .outerjoin(
            Association,
            and_(Association.tenant_id == other.tenant_id, Association.id == other.association_id),
        )
        .where(Booking.id.in_(booking_ids))
        .order_by(other.starts_at, other.id)
    )
    found: dict[UUID, list[AnyRow]] = {}
    for row in await db.execute(statement):
        found.setdefault(row.rival_of, []).append(row)
    return found
