"""SQL of arrangements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from booking.arrangement_models import Arrangement
from booking.models import LIVE, Application, Booking
from core.db import AnyRow
from core.files_models import StoredFile
from resources.models import Facility, Resource


def _published(now: datetime) -> Any:
    return and_(
        *(
            or_(column.is_(None), column <= now)
            for column in (Resource.published_from, Facility.published_from)
        ),
        *(
            or_(column.is_(None), column > now)
            for column in (Resource.published_until, Facility.published_until)
        ),
    )


_OF_APPLICATION = and_(
    Application.tenant_id == Arrangement.tenant_id, Application.id == Arrangement.application_id
)
_AT_RESOURCE = and_(Resource.tenant_id == Booking.tenant_id, Resource.id == Booking.resource_id)
_AT_FACILITY = and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id)


async def coming(
    db: AsyncSession,
    now: datetime,
    *,
    published: bool,
    facility_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[AnyRow]:
    """Arrangement, its title and the start of its next time, by that: those that are not over and not cancelled."""
    of_arrangement = and_(
        Arrangement.tenant_id == Booking.tenant_id, Arrangement.application_id == Booking.application_id
    )
    times = (
        select(Arrangement.id, func.min(Booking.starts_at).label("first"))
        .join(Booking, of_arrangement)
        .join(Resource, _AT_RESOURCE)
        .join(Facility, _AT_FACILITY)
        .where(Arrangement.cancelled_at.is_(None), Booking.state.in_(LIVE), Booking.ends_at > now)
        .group_by(Arrangement.id)
    )
    if published:
        times = times.where(_published(now))
    if facility_id is not None:
        times = times.where(Resource.facility_id == facility_id)
    found = times.subquery()
    statement = (
        select(Arrangement, Application.title, found.c.first)
        .join(found, found.c.id == Arrangement.id)
        .join(Application, _OF_APPLICATION)
        .order_by(found.c.first, Arrangement.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(found.c.first, Arrangement.id) > after)
    return (await db.execute(statement)).all()


async def arrangement(db: AsyncSession, arrangement_id: UUID) -> AnyRow | None:
    """Arrangement and its title."""
    statement = (
        select(Arrangement, Application.title)
        .join(Application, _OF_APPLICATION)
        .where(Arrangement.id == arrangement_id)
    )
    return (await db.execute(statement)).first()


async def lock_arrangement(db: AsyncSession, arrangement_id: UUID) -> Arrangement | None:
    """Locked until the transaction ends, fresh."""
    statement = select(Arrangement).where(Arrangement.id == arrangement_id)
    return await db.scalar(statement.with_for_update().execution_options(populate_existing=True))


async def times_of(
    db: AsyncSession, application_ids: Sequence[UUID], *, published_at: datetime | None
) -> Sequence[AnyRow]:
    """Times that stand, by start; with `published_at` only those at places that are published then."""
    statement = (
        select(
            Booking.id,
            Booking.application_id,
            Booking.resource_id,
            Booking.starts_at,
            Booking.ends_at,
            Resource.name.label("resource"),
            Resource.facility_id,
            Facility.name.label("facility"),
        )
        .join(Resource, _AT_RESOURCE)
        .join(Facility, _AT_FACILITY)
        .where(Booking.application_id.in_(application_ids), Booking.state.in_(LIVE))
        .order_by(Booking.starts_at, Booking.id)
    )
    if published_at is not None:
        statement = statement.where(_published(published_at))
    return (await db.execute(statement)).all()


async def places_of(db: AsyncSession, application_id: UUID) -> Sequence[AnyRow]:
    """Every place it has or had a time at: facility_id and resource_id."""
    statement = (
        select(Resource.facility_id, Booking.resource_id)
        .join(Resource, _AT_RESOURCE)
        .where(Booking.application_id == application_id)
        .distinct()
    )
    return (await db.execute(statement)).all()


async def drop_file(db: AsyncSession, file_id: UUID) -> None:
    """A picture that another has taken the place of."""
    await db.execute(delete(StoredFile).where(StoredFile.id == file_id))


async def laid_by(db: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    """For the copy of whoever laid them."""
    statement = select(Arrangement.id, Arrangement.created_at, Arrangement.created_by)
    rows = await db.execute(statement.where(Arrangement.created_by == person_id).order_by(Arrangement.id))
    return [dict(row) for row in rows.mappings()]
