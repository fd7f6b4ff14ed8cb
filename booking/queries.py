"""All SQL of the room."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Row,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from booking.claim_queries import A_DAY
from booking.claim_queries import lock_units as lock_units
from booking.claim_queries import units_of as units_of
from booking.models import CORE, LIVE, Application, Booking, Claim
from core.db import AnyRow
from core.spans import Span
from resources.models import Closure, Resource, ResourceUnit, Unit


def touches(span: Span) -> Any:
    """Written with plain comparisons, which reach the index under row security."""
    return and_(Claim.ends_at > span.start, Claim.ends_at < span.end + A_DAY, Claim.starts_at < span.end)


async def release(db: AsyncSession, booking_ids: Sequence[UUID]) -> None:
    """Take away all claims of the bookings or closures."""
    await db.execute(delete(Claim).where(Claim.booking_id.in_(booking_ids)))


async def release_units(db: AsyncSession, booking_ids: Sequence[UUID], unit_ids: Sequence[UUID]) -> None:
    """Take away their claims on these units; what they have of stocks stays theirs."""
    await db.execute(delete(Claim).where(Claim.booking_id.in_(booking_ids), Claim.unit_id.in_(unit_ids)))


async def keep_claims(
    db: AsyncSession, booking_ids: Sequence[UUID], held_until: datetime | None = None
) -> None:
    """When the claims run out; None: never."""
    await db.execute(update(Claim).where(Claim.booking_id.in_(booking_ids)).values(held_until=held_until))


async def lock_application(db: AsyncSession, application_id: UUID) -> Application | None:
    """The application, locked until the transaction ends, fresh."""
    statement = select(Application).where(Application.id == application_id)
    return await db.scalar(statement.with_for_update().execution_options(populate_existing=True))


async def lock_bookings(
    db: AsyncSession, *, ids: Sequence[UUID] | None = None, application_id: UUID | None = None
) -> Sequence[Booking]:
    """The bookings, locked in id order, fresh. Units are always locked before bookings."""
    statement = select(Booking).order_by(Booking.id)
    if ids is not None:
        statement = statement.where(Booking.id.in_(ids))
    if application_id is not None:
        statement = statement.where(Booking.application_id == application_id)
    return (await db.scalars(statement.with_for_update().execution_options(populate_existing=True))).all()


async def usage_of(
    db: AsyncSession, *, person_id: UUID, association_id: UUID | None, since: datetime, now: datetime
) -> Sequence[AnyRow]:
    """Live bookings of the holder that end after `since`: resource_id, facility_id, starts_at, ends_at."""
    holder = (
        and_(Booking.person_id == person_id, Booking.association_id.is_(None))
        if association_id is None
        else Booking.association_id == association_id
    )
    statement = (
        select(Booking.id, Booking.resource_id, Resource.facility_id, Booking.starts_at, Booking.ends_at)
        .join(Resource, and_(Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id))
        .where(
            holder,
            Booking.ends_at > since,
            Booking.state.in_(LIVE),
            or_(Booking.held_until.is_(None), Booking.held_until > now),
        )
    )
    return (await db.execute(statement)).all()


async def usage_of_all(
    db: AsyncSession,
    *,
    person_ids: Sequence[UUID],
    association_ids: Sequence[UUID],
    since: datetime,
    now: datetime,
) -> Sequence[AnyRow]:
    """Live bookings that end after `since` of persons (for themselves) and associations: application_id, person_id,
    association_id, state, resource_id, facility_id, starts_at, ends_at.
    """
    statement = (
        select(
            Booking.application_id,
            Booking.person_id,
            Booking.association_id,
            Booking.state,
            Booking.resource_id,
            Resource.facility_id,
            Booking.starts_at,
            Booking.ends_at,
        )
        .join(Resource, and_(Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id))
        .where(
            or_(
                and_(Booking.person_id.in_(person_ids), Booking.association_id.is_(None)),
                Booking.association_id.in_(association_ids),
            ),
            Booking.ends_at > since,
            Booking.state.in_(LIVE),
            or_(Booking.held_until.is_(None), Booking.held_until > now),
        )
    )
    return (await db.execute(statement)).all()


async def closures_between(
    db: AsyncSession,
    span: Span,
    *,
    unit_ids: Sequence[UUID] | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> Sequence[Closure]:
    """Closures not lifted that touch the span, by start; only those that claim one of the units when given."""
    statement = select(Closure).where(
        Closure.lifted_at.is_(None), Closure.ends_at > span.start, Closure.starts_at < span.end
    )
    if unit_ids is not None:
        claimed = select(Claim.booking_id).where(Claim.unit_id.in_(unit_ids), Claim.closing, touches(span))
        statement = statement.where(Closure.id.in_(claimed))
    if after is not None:
        statement = statement.where(tuple_(Closure.starts_at, Closure.id) > after)
    return (await db.scalars(statement.order_by(Closure.starts_at, Closure.id).limit(limit))).all()


async def lock_closure(db: AsyncSession, closure_id: UUID) -> Closure | None:
    return await db.scalar(select(Closure).where(Closure.id == closure_id).with_for_update())


async def lock_closures(db: AsyncSession, closure_ids: Collection[UUID]) -> Sequence[Closure]:
    """The closures, locked in id order, fresh. Units are always locked before closures."""
    statement = select(Closure).where(Closure.id.in_(closure_ids)).order_by(Closure.id)
    return (await db.scalars(statement.with_for_update().execution_options(populate_existing=True))).all()


async def applications_of(db: AsyncSession, booking_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Booking → its application."""
    statement = select(Booking.id, Booking.application_id).where(Booking.id.in_(booking_ids))
    return dict((await db.execute(statement)).all())


async def closures_of(db: AsyncSession, resource_id: UUID, now: datetime) -> Sequence[Closure]:
    """Closures of the resource itself that are not lifted and not over, locked in id order."""
    statement = (
        select(Closure)
        .where(Closure.resource_id == resource_id, Closure.ends_at > now, Closure.lifted_at.is_(None))
        .order_by(Closure.id)
    )
    return (await db.scalars(statement.with_for_update())).all()


async def units_at(
    db: AsyncSession, *, facility_id: UUID | None, resource_id: UUID | None, unit_id: UUID | None
) -> Sequence[AnyRow]:
    """The units (id, capacity, facility_id) that a closure there concerns, by id."""
    statement = select(Unit.id, Unit.capacity, Unit.facility_id).order_by(Unit.id)
    if facility_id is not None:
        statement = statement.where(Unit.facility_id == facility_id)
    if resource_id is not None:
        of_resource = select(ResourceUnit.unit_id).where(ResourceUnit.resource_id == resource_id)
        statement = statement.where(Unit.id.in_(of_resource))
    if unit_id is not None:
        statement = statement.where(Unit.id == unit_id)
    return (await db.execute(statement)).all()


async def claimed_bookings(db: AsyncSession, unit_ids: Sequence[UUID], span: Span) -> Sequence[UUID]:
    """Bookings whose own time on one of the units meets the span, each once, by id."""
    statement = (
        select(Claim.booking_id)
        .where(Claim.unit_id.in_(unit_ids), Claim.kind == CORE, Claim.closing.is_(False), touches(span))
        .distinct()
        .order_by(Claim.booking_id)
    )
    return (await db.scalars(statement)).all()


async def claiming_bookings_of(db: AsyncSession, resource_id: UUID, now: datetime) -> Sequence[Booking]:
    """Bookings of the resource that have claims and have not ended, locked in id order."""
    has_claims = exists().where(Claim.tenant_id == Booking.tenant_id, Claim.booking_id == Booking.id)
    statement = (
        select(Booking)
        .where(Booking.resource_id == resource_id, Booking.ends_at > now, Booking.state.in_(LIVE), has_claims)
        .order_by(Booking.id)
    )
    return (await db.scalars(statement.with_for_update().execution_options(populate_existing=True))).all()


async def lock_resource(db: AsyncSession, resource_id: UUID) -> Resource | None:
    """The resource, so that nobody else changes it meanwhile."""
    return await db.scalar(select(Resource).where(Resource.id == resource_id).with_for_update(key_share=True))


async def set_units(db: AsyncSession, resource_id: UUID, unit_ids: Sequence[UUID]) -> None:
    """The resource takes just these units."""
    await db.execute(delete(ResourceUnit).where(ResourceUnit.resource_id == resource_id))
    db.add_all(ResourceUnit(resource_id=resource_id, unit_id=unit_id) for unit_id in unit_ids)
    await db.flush()


async def count_claims(db: AsyncSession, booking_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Booking → number of claim rows."""
    statement = (
        select(Claim.booking_id, func.count())
        .where(Claim.booking_id.in_(booking_ids))
        .group_by(Claim.booking_id)
    )
    return dict((await db.execute(statement)).all())


async def units_missed(
    db: AsyncSession, facility_ids: Sequence[UUID] | None, now: datetime
) -> Sequence[Row[Closure, Unit]]:
    """Facility closures that are not over, each with a unit of the facility on which it has no claim."""
    claimed = exists().where(
        Claim.tenant_id == Closure.tenant_id, Claim.unit_id == Unit.id, Claim.booking_id == Closure.id
    )
    statement = (
        select(Closure, Unit)
        .join(Unit, and_(Unit.tenant_id == Closure.tenant_id, Unit.facility_id == Closure.facility_id))
        .where(
            Closure.ends_at > now,
            Closure.lifted_at.is_(None),
            ~claimed,
        )
        .order_by(Closure.id, Unit.id)
    )
    if facility_ids is not None:
        statement = statement.where(Closure.facility_id.in_(facility_ids))
    return (await db.execute(statement)).all()
