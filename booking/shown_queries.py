"""SQL of what readers are shown: applications and bookings, by page, by case and in the calendar."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import CORE, Application, Booking, Claim
from booking.queries import touches
from core.db import AnyRow, AnySelect
from core.spans import Span
from people.models import Association, Person
from resources.models import Facility, Resource

# Made once and of tables, like those of claim_queries, for every answer to a wish ends with it.
application, booking = Application.__table__.c, Booking.__table__.c
resource, facility = Resource.__table__.c, Facility.__table__.c
BOOKINGS = (
    select(
        booking.id,
        booking.application_id,
        booking.resource_id,
        booking.person_id,
        booking.association_id,
        booking.starts_at,
        booking.ends_at,
        booking.quantity,
        booking.state,
        booking.held_until,
        booking.decided_at,
        booking.decision_text,
        booking.policy,
        booking.terms_version,
        booking.end_reason,
        booking.price,
        booking.payment,
        booking.owed_ore,
        booking.paid_ore,
        booking.sequence,
        booking.version,
        application.title,
        application.public,
        application.people,
        application.usage,
        application.articles,
        application.repeat,
        resource.name.label("resource_name"),
        resource.facility_id,
        resource.change_deadline_minutes,
        facility.name.label("facility_name"),
    )
    .where(
        *(table.tenant_id == bindparam("tenant_id") for table in (booking, application, resource, facility)),
        application.id == booking.application_id,
        resource.id == booking.resource_id,
        facility.id == resource.facility_id,
    )
    .order_by(booking.starts_at, booking.id)
)
IDS = any_(bindparam("ids", type_=ARRAY(Uuid)))
BOOKINGS_BY_ID = BOOKINGS.where(booking.id == IDS)
BOOKINGS_OF = BOOKINGS.where(booking.application_id == IDS)


async def shown_booking(db: AsyncSession, booking_id: UUID) -> AnyRow | None:
    return next(iter(await shown_bookings(db, [booking_id])), None)


async def shown_bookings(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Sorted by start."""
    values = {"tenant_id": db.info["tenant_id"], "ids": booking_ids}
    return (await db.execute(BOOKINGS_BY_ID, values)).all()


async def shown_bookings_of(db: AsyncSession, application_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Sorted by start."""
    values = {"tenant_id": db.info["tenant_id"], "ids": application_ids}
    return (await db.execute(BOOKINGS_OF, values)).all()


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
    statement = BOOKINGS.where(booking.starts_at < span.end, booking.ends_at > span.start)
    if person_id is not None:
        mine = and_(booking.person_id == person_id, booking.association_id.is_(None))
        statement = statement.where(or_(mine, booking.association_id.in_(association_ids)))
    if facility_ids is not None or resource_ids is not None:
        statement = statement.where(
            or_(resource.facility_id.in_(facility_ids or ()), resource.id.in_(resource_ids or ()))
        )
    if after is not None:
        statement = statement.where(tuple_(booking.starts_at, booking.id) > after)
    return (await db.execute(statement.limit(limit), {"tenant_id": db.info["tenant_id"]})).all()


NO_DEADLINE = datetime(2199, 1, 1, tzinfo=UTC)
"""Where what has none stands among deadlines."""
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


SHOWN_APPLICATION = _applications().where(Application.id == bindparam("application_id"))


async def shown_application(db: AsyncSession, application_id: UUID) -> AnyRow | None:
    return (await db.execute(SHOWN_APPLICATION, {"application_id": application_id})).first()


async def applications_page(
    db: AsyncSession,
    *,
    person_id: UUID | None,
    association_ids: Sequence[UUID],
    facility_ids: Sequence[UUID] | None,
    resource_ids: Sequence[UUID] | None,
    facility_id: UUID | None,
    resource_id: UUID | None,
    state: str | None,
    officer: UUID | Literal["none"] | None,
    by_deadline: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[AnyRow]:
    """A page of applications, oldest first or by deadline (those without last), that have a booking in the state, at
    the facility and of the resource, and at one of the places (either list fits). `officer`: who sees to them.
    """
    statement = _applications()
    if officer is not None:
        nobody, hers = Application.officer_id.is_(None), Application.officer_id == officer
        statement = statement.where(nobody if officer == "none" else hers)
    if person_id is not None:
        mine = and_(Application.person_id == person_id, Application.association_id.is_(None))
        statement = statement.where(or_(mine, Application.association_id.in_(association_ids)))
    narrowed = [Booking.application_id == Application.id, Booking.tenant_id == Application.tenant_id]
    if state is not None:
        narrowed.append(Booking.state == state)
    if resource_id is not None:
        narrowed.append(Booking.resource_id == resource_id)
    at = [Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id]
    if facility_id is not None:
        narrowed.append(exists().where(*at, Resource.facility_id == facility_id))
    if facility_ids is not None or resource_ids is not None:
        one_of = or_(Resource.facility_id.in_(facility_ids or ()), Resource.id.in_(resource_ids or ()))
        narrowed.append(exists().where(*at, one_of))
    if len(narrowed) > 2:
        statement = statement.where(exists().where(*narrowed))
    order = func.coalesce(Application.answer_by, NO_DEADLINE) if by_deadline else Application.created_at
    if after is not None:
        statement = statement.where(tuple_(order, Application.id) > after)
    return (await db.execute(statement.order_by(order, Application.id).limit(limit))).all()


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
