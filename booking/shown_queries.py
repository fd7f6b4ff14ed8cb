"""SQL of what readers are shown: applications and bookings, by page, by case and in the calendar."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import CORE, Application, Booking, Claim
from booking.queries import touches
from core.db import AnyRow, AnySelect
from core.spans import Span
from people.models import Association, Person
from resources.models import Facility, Resource

BOOKING_COLUMNS = (
    Booking.id,
    Booking.application_id,
    Booking.resource_id,
    Booking.person_id,
    Booking.association_id,
    Booking.starts_at,
    Booking.ends_at,
    Booking.quantity,
    Booking.state,
    Booking.held_until,
    Booking.decided_at,
    Booking.decision_text,
    Booking.end_reason,
    Booking.price,
    Booking.sequence,
    Booking.version,
    Application.title,
    Application.public,
    Resource.name.label("resource_name"),
    Resource.facility_id,
    Resource.change_deadline_minutes,
    Facility.name.label("facility_name"),
)


def _bookings() -> AnySelect:
    return (
        select(*BOOKING_COLUMNS)
        .select_from(Booking)
        .join(
            Application,
            and_(Application.tenant_id == Booking.tenant_id, Application.id == Booking.application_id),
        )
        .join(Resource, and_(Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id))
        .join(Facility, and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id))
    )


async def shown_booking(db: AsyncSession, booking_id: UUID) -> AnyRow | None:
    return (await db.execute(_bookings().where(Booking.id == booking_id))).first()


async def shown_bookings(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Sorted by start."""
    statement = _bookings().where(Booking.id.in_(booking_ids))
    return (await db.execute(statement.order_by(Booking.starts_at, Booking.id))).all()


async def shown_bookings_of(db: AsyncSession, application_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Sorted by start."""
    statement = _bookings().where(Booking.application_id.in_(application_ids))
    return (await db.execute(statement.order_by(Booking.starts_at, Booking.id))).all()


async def bookings_page(
    db: AsyncSession,
    *,
    person_id: UUID | None,
    association_ids: Sequence[UUID],
    facility_ids: Sequence[UUID] | None,
    resource_ids: Sequence[UUID] | None,
    span: Span,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[AnyRow]:
    """A page of bookings that touch the span, by start. `person_id` and `association_ids` narrow to whose they are;
    `facility_ids` and `resource_ids` to where (either fits).
    """
    statement = _bookings().where(Booking.starts_at < span.end, Booking.ends_at > span.start)
    if person_id is not None:
        mine = and_(Booking.person_id == person_id, Booking.association_id.is_(None))
        statement = statement.where(or_(mine, Booking.association_id.in_(association_ids)))
    if facility_ids is not None or resource_ids is not None:
        statement = statement.where(
            or_(Resource.facility_id.in_(facility_ids or ()), Resource.id.in_(resource_ids or ()))
        )
    if after is not None:
        statement = statement.where(tuple_(Booking.starts_at, Booking.id) > after)
    return (await db.execute(statement.order_by(Booking.starts_at, Booking.id).limit(limit))).all()


APPLICATION_COLUMNS = (
    Application,
    Person.name.label("applicant"),
    Association.name.label("association"),
)


def _applications() -> AnySelect:
    return (
        select(*APPLICATION_COLUMNS)
        .join(Person, and_(Person.tenant_id == Application.tenant_id, Person.id == Application.person_id))
        .outerjoin(
            Association,
            and_(
                Association.tenant_id == Application.tenant_id, Association.id == Application.association_id
            ),
        )
    )


async def shown_application(db: AsyncSession, application_id: UUID) -> AnyRow | None:
    return (await db.execute(_applications().where(Application.id == application_id))).first()


async def applications_page(
    db: AsyncSession,
    *,
    person_id: UUID | None,
    association_ids: Sequence[UUID],
    facility_ids: Sequence[UUID] | None,
    resource_ids: Sequence[UUID] | None,
    facility_id: UUID | None,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[AnyRow]:
    """A page of applications, oldest first, that have a booking in the state, at the facility, and at one of the
    places (either list fits).
    """
    statement = _applications()
    if person_id is not None:
        mine = and_(Application.person_id == person_id, Application.association_id.is_(None))
        statement = statement.where(or_(mine, Application.association_id.in_(association_ids)))
    narrowed = [Booking.application_id == Application.id, Booking.tenant_id == Application.tenant_id]
    if state is not None:
        narrowed.append(Booking.state == state)
    at = [Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id]
    if facility_id is not None:
        narrowed.append(exists().where(*at, Resource.facility_id == facility_id))
    if facility_ids is not None or resource_ids is not None:
        one_of = or_(Resource.facility_id.in_(facility_ids or ()), Resource.id.in_(resource_ids or ()))
        narrowed.append(exists().where(*at, one_of))
    if len(narrowed) > 2:
        statement = statement.where(exists().where(*narrowed))
    if after is not None:
        statement = statement.where(tuple_(Application.created_at, Application.id) > after)
    return (await db.execute(statement.order_by(Application.created_at, Application.id).limit(limit))).all()


async def calendar_bookings(db: AsyncSession, unit_ids: Sequence[UUID], span: Span) -> Sequence[AnyRow]:
    """Bookings that have a core claim on one of the units in the span, by start, each once."""
    claimed = select(Claim.booking_id).where(
        Claim.unit_id.in_(unit_ids), Claim.kind == CORE, Claim.closing.is_(False), touches(span)
    )
    statement = (
        select(
            Booking.id,
            Booking.resource_id,
            Booking.person_id,
            Booking.association_id,
            Booking.starts_at,
            Booking.ends_at,
            Booking.state,
            Booking.quantity,
            Booking.held_until,
            Application.title,
            Application.public,
            Association.name.label("association"),
            Resource.facility_id,
        )
        .join(
            Application,
            and_(Application.tenant_id == Booking.tenant_id, Application.id == Booking.application_id),
        )
        .join(Resource, and_(Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id))
        .outerjoin(
            Association,
            and_(Association.tenant_id == Booking.tenant_id, Association.id == Booking.association_id),
        )
        .where(Booking.id.in_(claimed))
        .order_by(Booking.starts_at, Booking.id)
    )
    return (await db.execute(statement)).all()
