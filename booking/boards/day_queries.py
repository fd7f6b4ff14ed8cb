"""SQL of the list of the day: who comes, and at which facilities somebody may ask."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import LIVE, Application, Booking
from core.db import AnyRow
from core.spans import DAY, Span
from people.models import Association, Person, Team
from resources.models import Facility, Resource

LONGEST = 366 * DAY
"""Of a booking."""


async def facilities(
    db: AsyncSession, facility_ids: Sequence[UUID] | None, resource_ids: Sequence[UUID], *, limit: int
) -> Sequence[AnyRow]:
    """Id and name of those facilities and of those with one of the resources, by name. None: all."""
    statement = select(Facility.id, Facility.name).order_by(Facility.name, Facility.id).limit(limit)
    if facility_ids is not None:
        through = select(Resource.facility_id).where(Resource.id.in_(resource_ids))
        statement = statement.where(or_(Facility.id.in_(facility_ids), Facility.id.in_(through)))
    return (await db.execute(statement)).all()


async def resources(db: AsyncSession, facility_id: UUID) -> Sequence[AnyRow]:
    """The facility's resources, with what it is called and what they ask: id, name, questions, facility."""
    statement = (
        select(Resource.id, Resource.name, Resource.questions, Facility.name.label("facility"))
        .select_from(Facility)
        .outerjoin(
            Resource, and_(Resource.tenant_id == Facility.tenant_id, Resource.facility_id == Facility.id)
        )
        .where(Facility.id == facility_id)
        .order_by(Resource.name, Resource.id)
    )
    return (await db.execute(statement)).all()


async def visits(
    db: AsyncSession, resource_ids: Sequence[UUID], day: Span, now: datetime
) -> Sequence[AnyRow]:
    """Live bookings of the resources that touch the day, by start, with who comes and how she is reached."""
    statement = (
        select(
            Booking.id,
            Booking.application_id,
            Booking.resource_id,
            Booking.person_id,
            Booking.association_id,
            Booking.starts_at,
            Booking.ends_at,
            Booking.setup_minutes,
            Booking.cleanup_minutes,
            Booking.quantity,
            Booking.state,
            Application.title,
            Application.purpose,
            Application.people,
            Application.articles,
            Application.answers,
            Resource.name.label("resource"),
            Person.name.label("contact"),
            Person.phone,
            Association.name.label("association"),
            Team.name.label("team"),
        )
        .join(
            Application,
            and_(Application.tenant_id == Booking.tenant_id, Application.id == Booking.application_id),
        )
        .join(Resource, and_(Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id))
        .join(Person, and_(Person.tenant_id == Booking.tenant_id, Person.id == Booking.person_id))
        .outerjoin(
            Association,
            and_(Association.tenant_id == Booking.tenant_id, Association.id == Booking.association_id),
        )
        .outerjoin(Team, and_(Team.tenant_id == Application.tenant_id, Team.id == Application.team_id))
        .where(
            Booking.resource_id.in_(resource_ids),
            Booking.starts_at < day.end,
            Booking.starts_at > day.start - LONGEST,
            Booking.ends_at > day.start,
            Booking.state.in_(LIVE),
            or_(Booking.held_until.is_(None), Booking.held_until > now),
        )
        .order_by(Booking.starts_at, Resource.name, Booking.id)
    )
    return (await db.execute(statement)).all()
