"""Which facilities and resources are there, for readers and for those who change them?"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, delete, false, or_, select, text, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from people.actors import Actor
from resources.models import (
    BookingLimit,
    ExtraOpening,
    Facility,
    Opening,
    Resource,
    ResourceUnit,
    SchoolHoliday,
    Unit,
)

Row = TypeVar("Row", Facility, Resource, Unit, ExtraOpening, SchoolHoliday, BookingLimit)
Position = tuple[str, UUID] | None
"""Name and id of the last on the page before."""


class Sight(Struct, frozen=True):
    """What a reader may see besides what is published at `now`."""

    now: datetime
    everything: bool = False
    facility_ids: frozenset[UUID] = frozenset()
    resource_ids: frozenset[UUID] = frozenset()


def sight_of(actor: Actor, now: datetime) -> Sight:
    """Whoever has any staff role somewhere sees there what is not published yet, or no more."""
    return Sight(
        now=now,
        everything=any(grant.facility_id is None and grant.resource_id is None for grant in actor.grants),
        facility_ids=frozenset(grant.facility_id for grant in actor.grants if grant.facility_id is not None),
        resource_ids=frozenset(grant.resource_id for grant in actor.grants if grant.resource_id is not None),
    )


class Kept(NamedTuple):
    """A resource with what lies around it."""

    resource: Resource
    facility: Facility


def _published(table: type[Facility] | type[Resource], now: datetime) -> ColumnElement[bool]:
    return and_(
        or_(table.published_from.is_(None), table.published_from <= now),
        or_(table.published_until.is_(None), table.published_until > now),
    )


def _visible_facility(sight: Sight) -> ColumnElement[bool]:
    if sight.everything:
        return true()
    through_resource = select(Resource.facility_id).where(Resource.id.in_(sight.resource_ids))
    return or_(
        _published(Facility, sight.now),
        Facility.id.in_(sight.facility_ids) if sight.facility_ids else false(),
        Facility.id.in_(through_resource) if sight.resource_ids else false(),
    )


def _visible_resource(sight: Sight) -> ColumnElement[bool]:
    """For a statement that joins the facility."""
    if sight.everything:
        return true()
    return or_(
        and_(_published(Resource, sight.now), _published(Facility, sight.now)),
        Resource.facility_id.in_(sight.facility_ids) if sight.facility_ids else false(),
        Resource.id.in_(sight.resource_ids) if sight.resource_ids else false(),
    )


def _of_facility() -> ColumnElement[bool]:
    return and_(Facility.tenant_id == Resource.tenant_id, Facility.id == Resource.facility_id)


async def facilities(
    db: AsyncSession, sight: Sight, *, after: Position, limit: int, ids: Iterable[UUID] | None = None
) -> Sequence[Facility]:
    """Those the reader may see, by name."""
    query = select(Facility).where(_visible_facility(sight)).order_by(Facility.name, Facility.id).limit(limit)
    if after is not None:
        query = query.where(tuple_(Facility.name, Facility.id) > after)
    if ids is not None:
        query = query.where(Facility.id.in_(list(ids)))
    return (await db.scalars(query)).all()


async def resources(
    db: AsyncSession,
    sight: Sight,
    *,
    after: Position = None,
    limit: int | None = None,
    ids: Iterable[UUID] | None = None,
    facility_ids: Iterable[UUID] | None = None,
    kind: str | None = None,
    activity: str | None = None,
) -> list[Kept]:
    """Those the reader may see, each with its facility, by name."""
    query = (
        select(Resource, Facility)
        .join(Facility, _of_facility())
        .where(_visible_resource(sight))
        .order_by(Resource.name, Resource.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Resource.name, Resource.id) > after)
    if ids is not None:
        query = query.where(Resource.id.in_(list(ids)))
    if facility_ids is not None:
        query = query.where(Resource.facility_id.in_(list(facility_ids)))
    if kind is not None:
        query = query.where(Resource.kind == kind)
    if activity is not None:
        query = query.where(Resource.activities.any_() == activity)
    return [Kept(resource, facility) for resource, facility in await db.execute(query)]


async def units_of_resources(db: AsyncSession, resource_ids: Iterable[UUID]) -> dict[UUID, list[Unit]]:
    """Resource id → its units by key."""
    query = (
        select(ResourceUnit.resource_id, Unit)
        .join(Unit, and_(Unit.tenant_id == ResourceUnit.tenant_id, Unit.id == ResourceUnit.unit_id))
        .where(ResourceUnit.resource_id.in_(list(resource_ids)))
        .order_by(Unit.key, Unit.id)
    )
    found: dict[UUID, list[Unit]] = {}
    for resource_id, unit in await db.execute(query):
        found.setdefault(resource_id, []).append(unit)
    return found


async def units_of_facility(db: AsyncSession, facility_id: UUID) -> Sequence[Unit]:
    """By key."""
    return (
        await db.scalars(select(Unit).where(Unit.facility_id == facility_id).order_by(Unit.key, Unit.id))
    ).all()


async def lines(
    db: AsyncSession, *, facility_id: UUID | None = None, resource_id: UUID | None = None
) -> Sequence[Opening]:
    """Weekly lines of the facility or (instead) the resource, in the week's order."""
    query = select(Opening).order_by(
        Opening.weekday, Opening.opens_minute, Opening.closes_minute, Opening.valid_from, Opening.id
    )
    if resource_id is not None:
        return (await db.scalars(query.where(Opening.resource_id == resource_id))).all()
    return (await db.scalars(query.where(Opening.facility_id == facility_id))).all()


async def drop_lines(
    db: AsyncSession, *, facility_id: UUID | None = None, resource_id: UUID | None = None
) -> None:
    """Take away all weekly lines of the facility or (instead) the resource."""
    if resource_id is not None:
        await db.execute(delete(Opening).where(Opening.resource_id == resource_id))
    else:
        await db.execute(delete(Opening).where(Opening.facility_id == facility_id))


async def locked(db: AsyncSession, table: type[Row], row_id: UUID) -> Row | None:
    """The row, ours alone to change until the transaction ends; None when there is none by that id here."""
    return await db.scalar(select(table).where(table.id == row_id).with_for_update(key_share=True))


def visible_facilities(sight: Sight) -> Select[UUID]:
    """Ids of those the reader may see, for a condition."""
    return select(Facility.id).where(_visible_facility(sight))


def visible_resources(sight: Sight) -> Select[UUID]:
    """The same of resources."""
    return select(Resource.id).join(Facility, _of_facility()).where(_visible_resource(sight))


def _of_visible(table: type[ExtraOpening] | type[BookingLimit], sight: Sight) -> ColumnElement[bool]:
    return or_(
        table.facility_id.in_(visible_facilities(sight)), table.resource_id.in_(visible_resources(sight))
    )


async def extra_openings(db: AsyncSession, sight: Sight) -> Sequence[ExtraOpening]:
    """Those that are not over, of what the reader may see, by start."""
    query = select(ExtraOpening).where(ExtraOpening.ends_at > sight.now, _of_visible(ExtraOpening, sight))
    return (await db.scalars(query.order_by(ExtraOpening.starts_at, ExtraOpening.id))).all()


async def school_holidays(db: AsyncSession) -> Sequence[SchoolHoliday]:
    """By their first day."""
    return (await db.scalars(select(SchoolHoliday).order_by(SchoolHoliday.from_on, SchoolHoliday.id))).all()


async def limits(db: AsyncSession, sight: Sight) -> Sequence[BookingLimit]:
    """Those of the municipality, and those of what the reader may see."""
    everywhere = and_(BookingLimit.facility_id.is_(None), BookingLimit.resource_id.is_(None))
    query = select(BookingLimit).where(or_(everywhere, _of_visible(BookingLimit, sight)))
    return (await db.scalars(query.order_by(BookingLimit.id))).all()


class Everything(Struct):
    """All places of a municipality, as an import needs them."""

    facilities: Sequence[Facility]
    units: Sequence[Unit]
    resources: Sequence[Resource]
    resource_units: Sequence[ResourceUnit]
    openings: Sequence[Opening]
    school_holidays: Sequence[SchoolHoliday]
    limits: Sequence[BookingLimit]


async def everything(db: AsyncSession) -> Everything:
    """The rows themselves; facilities and resources locked."""
    return Everything(
        facilities=(
            await db.scalars(select(Facility).order_by(Facility.id).with_for_update(key_share=True))
        ).all(),
        units=(await db.scalars(select(Unit))).all(),
        resources=(
            await db.scalars(select(Resource).order_by(Resource.id).with_for_update(key_share=True))
        ).all(),
        resource_units=(await db.scalars(select(ResourceUnit))).all(),
        openings=(await db.scalars(select(Opening))).all(),
        school_holidays=await school_holidays(db),
        limits=(await db.scalars(select(BookingLimit))).all(),
    )


async def has_claims(db: AsyncSession, unit_id: UUID, now: datetime) -> bool:
    """Whether somebody has the unit now or later. Bookings lie in the room above, so their table is read bare."""
    sought = text(
        "SELECT EXISTS (SELECT FROM claim WHERE tenant_id = CAST(:tenant_id AS uuid)"
        " AND unit_id = CAST(:unit_id AS uuid) AND ends_at > :now)"
    )
    values: dict[str, Any] = {"tenant_id": str(db.info["tenant_id"]), "unit_id": str(unit_id), "now": now}
    return bool(await db.scalar(sought, values))
