"""SQL of partners: the change log read forward, and what of it is old."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from booking.log_models import ChangeLog
from booking.models import Booking
from calendar_feeds.partners.rules import Position
from core.db import AnyRow
from resources.models import Closure, Resource

Places = tuple[Sequence[UUID] | None, Sequence[UUID] | None]
"""Facilities and resources, as people.rules.places_of has them; None, None: everywhere."""
EDGE = text("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")


async def edge(db: AsyncSession) -> int:
    """The oldest transaction still under way: below it nothing can come any more (docs/decisions/0010)."""
    return (await db.execute(EDGE)).scalar_one()


async def settled(
    db: AsyncSession, after: Position, below: int, *, places: Places = (None, None), limit: int
) -> Sequence[ChangeLog]:
    """What has been logged of bookings and closures after the position, by transactions below the edge, which must have
    been read before.
    """
    facilities, resources = places
    statement = (
        select(ChangeLog)
        .where(
            tuple_(ChangeLog.xid, ChangeLog.id) > tuple_(after.xid, after.id),
            ChangeLog.xid < below,
            ChangeLog.kind.in_(["booking", "closure"]),
        )
        .order_by(ChangeLog.xid, ChangeLog.id)
        .limit(limit)
    )
    if facilities is not None or resources is not None:
        at_facilities = select(Resource.id).where(Resource.facility_id.in_(facilities or ()))
        statement = statement.where(
            or_(ChangeLog.resource_id.in_(at_facilities), ChangeLog.resource_id.in_(resources or ()))
        )
    return (await db.scalars(statement)).all()


async def history(db: AsyncSession, thing_ids: Sequence[UUID]) -> Sequence[ChangeLog]:
    """All that the log says of the things, in its order."""
    statement = select(ChangeLog).where(ChangeLog.thing_id.in_(thing_ids))
    return (await db.scalars(statement.order_by(ChangeLog.xid, ChangeLog.version, ChangeLog.id))).all()


async def is_held_back(db: AsyncSession, edge: int) -> bool:
    """Whether something is logged that is not settled yet."""
    return (await db.scalar(select(exists().where(ChangeLog.xid >= edge)))) or False


async def first_since(db: AsyncSession, at: datetime) -> int | None:
    """The oldest transaction that changed something at that time or later."""
    return await db.scalar(select(func.min(ChangeLog.xid)).where(ChangeLog.at >= at))


async def told(db: AsyncSession, change_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """The changes, each with when its booking or closure is, as that stands now: (id, kind, thing_id, version, state,
    resource_id, at, starts_at, ends_at, now_version, now_state, now_resource_id); the last five None for what is gone.
    """
    is_booking = ChangeLog.kind == "booking"
    statement = (
        select(
            ChangeLog.id,
            ChangeLog.kind,
            ChangeLog.thing_id,
            ChangeLog.version,
            ChangeLog.state,
            ChangeLog.resource_id,
            ChangeLog.at,
            func.coalesce(Booking.starts_at, Closure.starts_at).label("starts_at"),
            func.coalesce(Booking.ends_at, Closure.ends_at).label("ends_at"),
            Booking.version.label("now_version"),
            Booking.state.label("now_state"),
            Booking.resource_id.label("now_resource_id"),
            Closure.id.label("closure_id"),
            Closure.lifted_at,
        )
        .outerjoin(
            Booking,
            is_booking & (Booking.tenant_id == ChangeLog.tenant_id) & (Booking.id == ChangeLog.thing_id),
        )
        .outerjoin(
            Closure,
            ~is_booking & (Closure.tenant_id == ChangeLog.tenant_id) & (Closure.id == ChangeLog.thing_id),
        )
        .where(ChangeLog.id.in_(change_ids))
    )
    return (await db.execute(statement)).all()


async def forget_changes(db: AsyncSession, before: datetime, limit: int) -> int:
    """Rows that old, at most so many; how many went. All of a booking's are kept until its time is that long over:
    a calendar program is told that it was cancelled only if it was ever told of it.
    """
    has_time = exists().where(
        Booking.tenant_id == ChangeLog.tenant_id,
        Booking.id == ChangeLog.thing_id,
        Booking.ends_at >= before,
    )
    chosen = select(ChangeLog.id).where(ChangeLog.at < before, ~has_time).order_by(ChangeLog.id).limit(limit)
    ids = (await db.scalars(chosen)).all()
    await db.execute(
        delete(ChangeLog).where(ChangeLog.id.in_(ids)), execution_options={"synchronize_session": False}
    )
    return len(ids)


async def changes_by(db: AsyncSession, person_id: UUID) -> Sequence[ChangeLog]:
    """Of the bookings a person has, by time."""
    statement = select(ChangeLog).where(ChangeLog.person_id == person_id).order_by(ChangeLog.at, ChangeLog.id)
    return (await db.scalars(statement)).all()
