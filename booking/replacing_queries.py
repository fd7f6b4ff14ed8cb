"""SQL of what the displaced may have instead."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Booking
from booking.waiting_models import Replacement
from core.db import AnyRow
from resources.models import Facility, Resource


async def displaced(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[Booking]:
    """Those of the bookings that are displaced, by start."""
    statement = select(Booking).where(Booking.id.in_(booking_ids), Booking.state == "displaced")
    return (await db.scalars(statement.order_by(Booking.starts_at, Booking.id))).all()


async def associations_only(db: AsyncSession, resource_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the resources that only associations may book."""
    statement = select(Resource.id).where(Resource.id.in_(resource_ids), Resource.association_only)
    return set((await db.scalars(statement)).all())


async def have_replacements(db: AsyncSession, booking_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the bookings for which other times have been written down."""
    statement = select(Replacement.booking_id).where(Replacement.booking_id.in_(booking_ids)).distinct()
    return set((await db.scalars(statement)).all())


async def untaken(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Times that the displaced bookings may have instead, by booking and time; none of a booking that has one."""
    has_one = select(Replacement.booking_id).where(
        Replacement.booking_id.in_(booking_ids), Replacement.taken_by.is_not(None)
    )
    statement = (
        select(
            Replacement.id,
            Replacement.booking_id,
            Replacement.resource_id,
            Replacement.starts_at,
            Replacement.ends_at,
            Resource.name.label("resource"),
            Facility.name.label("facility"),
        )
        .join(
            Resource,
            and_(Resource.tenant_id == Replacement.tenant_id, Resource.id == Replacement.resource_id),
        )
        .join(Facility, and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id))
        .where(Replacement.booking_id.in_(booking_ids), Replacement.booking_id.not_in(has_one))
        .order_by(Replacement.booking_id, Replacement.starts_at, Replacement.id)
    )
    return (await db.execute(statement)).all()


async def replacements_of(db: AsyncSession, booking_id: UUID) -> Sequence[Replacement]:
    """All of the booking, locked in id order, fresh."""
    statement = select(Replacement).where(Replacement.booking_id == booking_id).order_by(Replacement.id)
    locking: Any = statement.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(locking)).all()


async def forget_untaken(db: AsyncSession, booking_id: UUID) -> None:
    """Nobody has taken them, and others are found instead."""
    await db.execute(
        delete(Replacement).where(Replacement.booking_id == booking_id, Replacement.taken_by.is_(None))
    )
