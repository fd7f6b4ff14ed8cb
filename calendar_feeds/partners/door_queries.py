"""SQL of door locks and their codes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, delete, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from booking.door_models import DoorCode, DoorLock
from booking.models import Application, Booking
from core.db import AnyRow
from resources.models import Facility, Resource

QUIET = {"synchronize_session": False}
FRESH = {"populate_existing": True}


async def bookings(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[Booking]:
    """By id; nobody changes them until the transaction ends, so that what is wanted for them holds."""
    statement = select(Booking).where(Booking.id.in_(booking_ids)).order_by(Booking.id)
    return (await db.scalars(statement.with_for_update(read=True), execution_options=FRESH)).all()


async def codes_for(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[DoorCode]:
    """By id, locked."""
    statement = select(DoorCode).where(DoorCode.booking_id.in_(booking_ids)).order_by(DoorCode.id)
    return (await db.scalars(statement.with_for_update(), execution_options=FRESH)).all()


async def locks_of(db: AsyncSession, resource_ids: Sequence[UUID]) -> Sequence[DoorLock]:
    """Those that get new codes."""
    statement = select(DoorLock).where(DoorLock.resource_id.in_(resource_ids), DoorLock.ended_at.is_(None))
    return (await db.scalars(statement)).all()


async def concerned(db: AsyncSession, lock: DoorLock, now: datetime) -> Sequence[UUID]:
    """Bookings that the lock has codes for, or that are still to come at its resource; by id."""
    coming = select(Booking.id).where(
        Booking.resource_id == lock.resource_id, Booking.state == "confirmed", Booking.ends_at > now
    )
    known = select(DoorCode.booking_id).where(DoorCode.lock_id == lock.id, DoorCode.state != "gone")
    return sorted((await db.scalars(coming.union(known))).all())


async def locked_code(db: AsyncSession, code_id: UUID) -> DoorCode | None:
    statement = select(DoorCode).where(DoorCode.id == code_id).with_for_update()
    return await db.scalar(statement, execution_options=FRESH)


async def door_lock(db: AsyncSession, lock_id: UUID) -> DoorLock | None:
    return await db.scalar(select(DoorLock).where(DoorLock.id == lock_id))


async def locked_lock(db: AsyncSession, lock_id: UUID) -> DoorLock | None:
    statement = select(DoorLock).where(DoorLock.id == lock_id).with_for_update(key_share=True)
    return await db.scalar(statement, execution_options=FRESH)


async def overdue(db: AsyncSession, before: datetime, now: datetime, limit: int) -> Sequence[UUID]:
    """Codes that somebody should have spoken to the lock about by then, the longest due first."""
    statement = (
        select(DoorCode.id)
        .where(
            DoorCode.due_at <= before,
            or_(DoorCode.leased_until.is_(None), DoorCode.leased_until <= now),
        )
        .order_by(DoorCode.due_at, DoorCode.id)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def missing(db: AsyncSession, begins_before: datetime, now: datetime, limit: int) -> Sequence[AnyRow]:
    """Codes that are not in the lock though it was tried, of bookings that begin so soon and whose holder has not
    been told: the code, locked, person_id, application_id, title, resource_id, starts_at, ends_at.
    """
    statement = (
        select(
            DoorCode,
            Booking.person_id,
            Booking.application_id,
            Booking.resource_id,
            Booking.starts_at,
            Booking.ends_at,
            Application.title,
        )
        .join(Booking, and_(Booking.tenant_id == DoorCode.tenant_id, Booking.id == DoorCode.booking_id))
        .join(
            Application,
            and_(Application.tenant_id == Booking.tenant_id, Application.id == Booking.application_id),
        )
        .where(
            DoorCode.state.in_(("wanted", "failed")),
            DoorCode.attempts > 0,
            DoorCode.told_at.is_(None),
            Booking.state == "confirmed",
            Booking.starts_at <= begins_before,
            Booking.ends_at > now,
        )
        .order_by(DoorCode.id)
        .limit(limit)
        .with_for_update(of=DoorCode, skip_locked=True)
    )
    return (await db.execute(statement)).all()


# For whoever manages locks.


async def place(db: AsyncSession, resource_id: UUID) -> AnyRow | None:
    """facility_id, name and facility of a resource."""
    statement = (
        select(Resource.facility_id, Resource.name, Facility.name.label("facility"))
        .join(Facility, and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id))
        .where(Resource.id == resource_id)
    )
    return (await db.execute(statement)).one_or_none()


async def locks(
    db: AsyncSession,
    facility_ids: Sequence[UUID] | None,
    resource_ids: Sequence[UUID] | None,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
    only: UUID | None = None,
) -> Sequence[AnyRow]:
    """Those in use, of these places (None, None: of all), newest first: the lock, facility_id, name, facility, and how
    many of its codes are `late` (tried in vain) and `failed`.
    """
    late = _count(or_(DoorCode.state == "wanted", DoorCode.state == "withdrawing"), DoorCode.attempts > 0)
    statement = (
        select(
            DoorLock,
            Resource.facility_id,
            Resource.name,
            Facility.name.label("facility"),
            late.label("late"),
            _count(DoorCode.state == "failed").label("failed"),
        )
        .join(
            Resource,
            and_(Resource.tenant_id == DoorLock.tenant_id, Resource.id == DoorLock.resource_id),
        )
        .join(Facility, and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id))
        .where(DoorLock.ended_at.is_(None))
        .order_by(DoorLock.created_at.desc(), DoorLock.id.desc())
        .limit(limit)
    )
    if facility_ids is not None and resource_ids is not None:
        statement = statement.where(
            or_(Resource.facility_id.in_(facility_ids), Resource.id.in_(resource_ids))
        )
    if only is not None:
        statement = statement.where(DoorLock.id == only)
    if after is not None:
        statement = statement.where(tuple_(DoorLock.created_at, DoorLock.id) < tuple_(*after))
    return (await db.execute(statement)).all()


def _count(*which: ColumnElement[bool]) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(DoorCode)
        .where(DoorCode.tenant_id == DoorLock.tenant_id, DoorCode.lock_id == DoorLock.id, *which)
        .scalar_subquery()
    )


async def codes_at(
    db: AsyncSession, lock_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[DoorCode]:
    """Latest validity first."""
    statement = select(DoorCode).where(DoorCode.lock_id == lock_id)
    if after is not None:
        statement = statement.where(tuple_(DoorCode.valid_from, DoorCode.id) < tuple_(*after))
    ordered = statement.order_by(DoorCode.valid_from.desc(), DoorCode.id.desc()).limit(limit)
    return (await db.scalars(ordered)).all()


async def placeable(db: AsyncSession, lock_id: UUID, now: datetime) -> Sequence[DoorCode]:
    """Those that the lock should have now or later, locked by id."""
    statement = select(DoorCode).where(
        DoorCode.lock_id == lock_id,
        DoorCode.state.in_(("wanted", "placed", "failed")),
        DoorCode.valid_until > now,
    )
    return (await db.scalars(statement.order_by(DoorCode.id).with_for_update())).all()


async def forget(db: AsyncSession, before: datetime, limit: int) -> int:
    """Codes whose time was over then, and locks that were taken away and have none; how many codes went."""
    chosen = select(DoorCode.id).where(DoorCode.valid_until < before).order_by(DoorCode.id).limit(limit)
    ids = (await db.scalars(chosen)).all()
    await db.execute(delete(DoorCode).where(DoorCode.id.in_(ids)), execution_options=QUIET)
    has_codes = (
        select(DoorCode.id)
        .where(DoorCode.tenant_id == DoorLock.tenant_id, DoorCode.lock_id == DoorLock.id)
        .exists()
    )
    await db.execute(
        delete(DoorLock).where(DoorLock.ended_at < before - timedelta(days=1), ~has_codes),
        execution_options=QUIET,
    )
    return len(ids)


async def codes_by(db: AsyncSession, person_id: UUID) -> Sequence[AnyRow]:
    """Of a person's bookings: id, booking_id, valid_from, valid_until, state; by start."""
    statement = (
        select(DoorCode.id, DoorCode.booking_id, DoorCode.valid_from, DoorCode.valid_until, DoorCode.state)
        .join(Booking, and_(Booking.tenant_id == DoorCode.tenant_id, Booking.id == DoorCode.booking_id))
        .where(Booking.person_id == person_id)
        .order_by(DoorCode.valid_from, DoorCode.id)
    )
    return (await db.execute(statement)).all()


async def not_under(db: AsyncSession, key: str, limit: int) -> Sequence[DoorLock]:
    """Locks that are sealed with another key, of this municipality."""
    statement = select(DoorLock).where(DoorLock.under != key).order_by(DoorLock.id).limit(limit)
    return (await db.scalars(statement.with_for_update())).all()


async def codes_not_under(db: AsyncSession, key: str, limit: int) -> Sequence[DoorCode]:
    """The same of codes that are not gone."""
    statement = (
        select(DoorCode)
        .where(DoorCode.under != key, DoorCode.code.is_not(None))
        .order_by(DoorCode.id)
        .limit(limit)
    )
    return (await db.scalars(statement.with_for_update())).all()
