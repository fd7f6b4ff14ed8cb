"""SQL of what lies under something that is laid: whose bookings are in the way, and who they are."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import CORE, PAD, Application, Booking, Claim
from booking.queries import touches
from core.db import AnyRow
from core.spans import Span
from people.models import Association, Person
from resources.models import Facility, Resource, Unit


class Ground(NamedTuple):
    """Where and when something is laid. Nobody's own time may meet `reach`, nor her padded time `time`."""

    unit_ids: Sequence[UUID]
    reach: Span
    time: Span | None = None
    """None: the padding of others may reach into it."""


def _in_the_way(ground: Ground) -> Any:
    meets = and_(Claim.kind == CORE, touches(ground.reach))
    if ground.time is not None:
        meets = or_(meets, and_(Claim.kind == PAD, touches(ground.time)))
    return and_(Claim.unit_id.in_(ground.unit_ids), meets)


async def bookings_under(db: AsyncSession, grounds: Sequence[Ground]) -> Sequence[UUID]:
    """Bookings that have claims in the way of any of the grounds, each once, by id."""
    statement = (
        select(Claim.booking_id)
        .where(Claim.closing.is_(False), or_(false(), *(_in_the_way(each) for each in grounds)))
        .distinct()
        .order_by(Claim.booking_id)
    )
    return (await db.scalars(statement)).all()


async def who_lies_under(db: AsyncSession, booking_ids: Sequence[UUID], *, limit: int) -> Sequence[AnyRow]:
    """The bookings by start, with who has them."""
    statement = (
        select(
            Booking.id,
            Booking.resource_id,
            Booking.person_id,
            Booking.association_id,
            Booking.starts_at,
            Booking.ends_at,
            Booking.state,
            Application.title,
            Resource.name.label("resource"),
            Resource.facility_id,
            Person.name.label("applicant"),
            Association.name.label("association"),
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
        .where(Booking.id.in_(booking_ids))
        .order_by(Booking.starts_at, Booking.id)
        .limit(limit)
    )
    return (await db.execute(statement)).all()


class PlaceRow(NamedTuple):
    """A place that can be closed: a facility, a resource of it, or a unit of it."""

    facility_id: UUID
    facility: str
    resource_id: UUID | None = None
    resource: str | None = None
    unit_id: UUID | None = None
    unit: str | None = None


async def places(db: AsyncSession, *, with_units: bool) -> list[PlaceRow]:
    """Every facility with its resources and, if asked for, units."""
    rows = await db.execute(select(Facility.id, Facility.name).order_by(Facility.name))
    facilities: dict[UUID, str] = dict(rows.all())
    found = [PlaceRow(id_, name) for id_, name in facilities.items()]
    for id_, name, facility_id in await db.execute(
        select(Resource.id, Resource.name, Resource.facility_id).order_by(Resource.name)
    ):
        found.append(PlaceRow(facility_id, facilities[facility_id], id_, name))
    if with_units:
        for id_, name, facility_id in await db.execute(
            select(Unit.id, Unit.name, Unit.facility_id).order_by(Unit.name)
        ):
            found.append(PlaceRow(facility_id, facilities[facility_id], unit_id=id_, unit=name))
    return found
