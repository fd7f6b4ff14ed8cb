"""All SQL of calendars in."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Booking
from calendar_feeds.incoming.models import CalendarImport, ImportedEvent
from core.db import AnyRow
from people.models import Association, RoleGrant
from resources.models import Closure, Facility, Resource

QUIET = {"synchronize_session": False}
Row = dict[str, Any]
IS_WELL = CalendarImport.why.is_(None)


async def lock_import(db: AsyncSession, import_id: UUID) -> CalendarImport | None:
    """The import, fresh, so that nobody else works on it meanwhile. Before units, always."""
    statement = select(CalendarImport).where(CalendarImport.id == import_id).with_for_update()
    return await db.scalar(statement.execution_options(populate_existing=True))


async def due(db: AsyncSession, now: datetime, *, limit: int) -> Sequence[CalendarImport]:
    """Imports whose time has come and that nobody is at, locked, the longest waiting first; those that somebody has in
    hand are left for the next time.
    """
    statement = (
        select(CalendarImport)
        .where(
            CalendarImport.state != "paused",
            CalendarImport.due_at <= now,
            or_(CalendarImport.leased_until.is_(None), CalendarImport.leased_until <= now),
        )
        .order_by(CalendarImport.due_at, CalendarImport.id)
        .limit(limit)
    )
    return (await db.scalars(statement.with_for_update(skip_locked=True))).all()


async def not_under(db: AsyncSession, key: str, batch: int) -> Sequence[CalendarImport]:
    """So many whose addresses are sealed with another key, locked by id."""
    statement = select(CalendarImport).where(CalendarImport.under != key).order_by(CalendarImport.id)
    return (await db.scalars(statement.limit(batch).with_for_update())).all()


# What an import has brought.


async def events_of(db: AsyncSession, import_id: UUID) -> Sequence[ImportedEvent]:
    """All of them, by start."""
    statement = select(ImportedEvent).where(ImportedEvent.import_id == import_id)
    return (await db.scalars(statement.order_by(ImportedEvent.starts_at, ImportedEvent.key))).all()


async def colliding(db: AsyncSession, import_id: UUID, now: datetime) -> Sequence[ImportedEvent]:
    """Those that wait for something to get out of their way and are not over, by start."""
    statement = select(ImportedEvent).where(
        ImportedEvent.import_id == import_id, ImportedEvent.state == "collides", ImportedEvent.ends_at > now
    )
    return (await db.scalars(statement.order_by(ImportedEvent.starts_at, ImportedEvent.key))).all()


async def event_of(db: AsyncSession, import_id: UUID, event_id: UUID) -> ImportedEvent | None:
    """One of them; the import is locked."""
    statement = select(ImportedEvent).where(
        ImportedEvent.import_id == import_id, ImportedEvent.id == event_id
    )
    return await db.scalar(statement)


async def changed_by_others(db: AsyncSession, import_id: UUID, now: datetime) -> Sequence[UUID]:
    """Those to come whose closure somebody has lifted, or whose booking somebody has ended or moved."""
    is_changed = or_(
        Closure.lifted_at.is_not(None),
        Booking.state != "confirmed",
        Booking.starts_at != ImportedEvent.starts_at,
        Booking.ends_at != ImportedEvent.ends_at,
        Booking.resource_id != CalendarImport.resource_id,
    )
    statement = (
        select(ImportedEvent.id)
        .join(
            CalendarImport,
            and_(
                CalendarImport.tenant_id == ImportedEvent.tenant_id,
                CalendarImport.id == ImportedEvent.import_id,
            ),
        )
        .outerjoin(
            Closure,
            and_(Closure.tenant_id == ImportedEvent.tenant_id, Closure.id == ImportedEvent.closure_id),
        )
        .outerjoin(
            Booking,
            and_(Booking.tenant_id == ImportedEvent.tenant_id, Booking.id == ImportedEvent.booking_id),
        )
        .where(
            ImportedEvent.import_id == import_id,
            ImportedEvent.state == "applied",
            ImportedEvent.ends_at > now,
            is_changed,
        )
    )
    return (await db.scalars(statement)).all()


async def set_ignored(db: AsyncSession, event_ids: Collection[UUID], now: datetime) -> None:
    """Somebody here has changed what was laid."""
    statement = update(ImportedEvent).where(ImportedEvent.id.in_(event_ids))
    await db.execute(
        statement.values(state="ignored", why="changed", in_the_way=[], changed_at=now),
        execution_options=QUIET,
    )


# As they are shown.


def _shown() -> Any:
    return (
        select(
            CalendarImport,
            Resource.name.label("resource"),
            Resource.facility_id,
            Facility.name.label("facility"),
            IS_WELL.label("is_well"),
        )
        .join(
            Resource,
            and_(Resource.tenant_id == CalendarImport.tenant_id, Resource.id == CalendarImport.resource_id),
        )
        .join(Facility, and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id))
    )


async def shown(
    db: AsyncSession,
    *,
    places: tuple[Sequence[UUID] | None, Sequence[UUID] | None],
    resource_id: UUID | None,
    after: Any,
    limit: int,
) -> Sequence[AnyRow]:
    """Imports with the names of their places: the ailing first, then by label. `places`: facilities and resources that
    they lie in; (None, None): all.
    """
    statement = _shown()
    facility_ids, resource_ids = places
    if facility_ids is not None and resource_ids is not None:
        statement = statement.where(
            or_(Resource.facility_id.in_(facility_ids), Resource.id.in_(resource_ids))
        )
    if resource_id is not None:
        statement = statement.where(Resource.id == resource_id)
    order = (IS_WELL, CalendarImport.label, CalendarImport.id)
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple(after))
    return (await db.execute(statement.order_by(*order).limit(limit))).all()


async def shown_one(db: AsyncSession, import_id: UUID) -> AnyRow | None:
    return (await db.execute(_shown().where(CalendarImport.id == import_id))).one_or_none()


async def counts(db: AsyncSession, import_ids: Sequence[UUID], now: datetime) -> dict[tuple[UUID, str], int]:
    """(Import, state) → how many of its events are in it and not over."""
    statement = (
        select(ImportedEvent.import_id, ImportedEvent.state, func.count())
        .where(ImportedEvent.import_id.in_(import_ids), ImportedEvent.ends_at > now)
        .group_by(ImportedEvent.import_id, ImportedEvent.state)
    )
    return {(row[0], row[1]): row[2] for row in await db.execute(statement)}


async def events_page(
    db: AsyncSession, import_id: UUID, *, state: str | None, after: Any, limit: int, now: datetime
) -> Sequence[ImportedEvent]:
    """Those that are not over, by start; of one state when it is given."""
    statement = select(ImportedEvent).where(ImportedEvent.import_id == import_id, ImportedEvent.ends_at > now)
    if state is not None:
        statement = statement.where(ImportedEvent.state == state)
    if after is not None:
        statement = statement.where(tuple_(ImportedEvent.starts_at, ImportedEvent.id) > tuple(after))
    order = (ImportedEvent.starts_at, ImportedEvent.id)
    return (await db.scalars(statement.order_by(*order).limit(limit))).all()


async def association_names(db: AsyncSession) -> Sequence[AnyRow]:
    """All associations (id, name), by name."""
    return (await db.execute(select(Association.id, Association.name).order_by(Association.name))).all()


async def facility_of(db: AsyncSession, resource_id: UUID) -> UUID | None:
    """Where the resource lies, if there is one."""
    return await db.scalar(select(Resource.facility_id).where(Resource.id == resource_id))


async def count_of(db: AsyncSession, resource_id: UUID) -> int:
    """How many calendars are attached to it."""
    statement = select(func.count()).select_from(CalendarImport)
    return await db.scalar(statement.where(CalendarImport.resource_id == resource_id)) or 0


async def call_anew(db: AsyncSession, import_id: UUID, now: datetime) -> None:
    """At the next reading each event to come counts as one whose words have changed."""
    statement = update(ImportedEvent).where(ImportedEvent.import_id == import_id, ImportedEvent.ends_at > now)
    await db.execute(statement.values(digest=""), execution_options=QUIET)


async def delete_import(db: AsyncSession, import_id: UUID) -> None:
    """With its events; what they stand for stays."""
    await db.execute(
        delete(ImportedEvent).where(ImportedEvent.import_id == import_id), execution_options=QUIET
    )
    await db.execute(delete(CalendarImport).where(CalendarImport.id == import_id), execution_options=QUIET)


# Persons.


async def imports_by(db: AsyncSession, person_id: UUID) -> list[Row]:
    """Those that she attached, without their addresses."""
    statement = select(
        CalendarImport.id, CalendarImport.label, CalendarImport.host, CalendarImport.created_at
    ).where(CalendarImport.created_by == person_id)
    rows = await db.execute(statement.order_by(CalendarImport.created_at, CalendarImport.id))
    return [dict(row) for row in rows.mappings()]


async def forget_over(db: AsyncSession, before: datetime, limit: int) -> int:
    """Delete at most so many that were over before; how many."""
    over = select(ImportedEvent.id).where(ImportedEvent.ends_at < before).limit(limit)
    found = (await db.scalars(over)).all()
    await db.execute(delete(ImportedEvent).where(ImportedEvent.id.in_(found)), execution_options=QUIET)
    return len(found)


async def keepers(db: AsyncSession, resource_id: UUID) -> Sequence[UUID]:
    """The facility managers of a resource; administrators where it has none. By id."""
    statement = (
        select(RoleGrant.person_id, RoleGrant.role)
        .join(
            Resource,
            and_(
                Resource.tenant_id == RoleGrant.tenant_id,
                or_(RoleGrant.facility_id.is_(None), RoleGrant.facility_id == Resource.facility_id),
                or_(RoleGrant.resource_id.is_(None), RoleGrant.resource_id == Resource.id),
            ),
        )
        .where(
            Resource.id == resource_id,
            RoleGrant.ended_at.is_(None),
            RoleGrant.role.in_(("facility_manager", "administrator")),
        )
    )
    found = (await db.execute(statement)).all()
    managers = {row.person_id for row in found if row.role == "facility_manager"}
    return sorted(managers or {row.person_id for row in found})
