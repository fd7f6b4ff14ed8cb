"""How staff make and change facilities, resources and units."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.errors import ChangedMeanwhile, InUse, Invalid, NonexistentLocalTime, NotFound
from core.ids import new_id
from core.texts import N_
from core.wire import instant_from, minutes_of
from people.actors import Actor, Place
from people.rules import demand, demand_person
from resources import place_queries, reading
from resources.activities import ACCESSIBILITY, ACTIVITIES, EQUIPMENT, KINDS, check_codes
from resources.lease_terms import keep_terms
from resources.models import Facility, Resource, ResourceUnit, Unit
from resources.questions import Question, check_questions
from resources.schemas import (
    FacilityDetail,
    FacilityIn,
    FacilityPatch,
    ResourceDetail,
    ResourceIn,
    ResourcePatch,
    UnitIn,
    UnitOut,
    UnitPatch,
)
from resources.wording import place_text

KNOWN = {"activities": ACTIVITIES, "equipment": EQUIPMENT, "accessibility": ACCESSIBILITY}
FIRST_YEAR, LAST_YEAR = 2000, 2100


async def add_facility(
    db: AsyncSession, actor: Actor, body: FacilityIn, *, zone: ZoneInfo, now: datetime
) -> FacilityDetail:
    """A new facility. Raises AlreadyExists when its key is taken."""
    demand(actor, "resource.manage")
    row = Facility(id=new_id(), **columns_of(body, zone))
    check_publication(row)
    db.add(row)
    await db.flush()
    _note(db, actor, "facility.added", row=row, now=now, change=_all_of(body))
    return await reading.facility(db, actor, row.id, now=now, zone=zone)


async def change_facility(
    db: AsyncSession,
    actor: Actor,
    facility_id: UUID,
    *,
    body: FacilityPatch,
    version: int | None,
    zone: ZoneInfo,
    now: datetime,
) -> FacilityDetail:
    """What is given changes, and the search text of its resources with it. Raises NotFound, ChangedMeanwhile."""
    row = await facility_to_change(db, actor, facility_id, action="resource.manage", version=version)
    change = _set(row, columns_of(body, zone))
    check_publication(row)
    if change:
        row.version += 1
        for kept in await place_queries.resources(
            db, place_queries.Sight(now=now, everything=True), facility_ids=[facility_id]
        ):
            kept.resource.search_text = resource_text(kept.resource, row)
        _note(db, actor, "facility.changed", row=row, now=now, change=change)
        await db.flush()
    return await reading.facility(db, actor, facility_id, now=now, zone=zone)


async def add_resource(
    db: AsyncSession, actor: Actor, body: ResourceIn, *, zone: ZoneInfo, now: datetime
) -> ResourceDetail:
    """A new resource with its units. Raises Invalid for units of another facility."""
    demand_person(actor)
    facility = await place_queries.locked(db, Facility, body.facility_id)
    if facility is None:
        raise Invalid(field="facility_id", expected=N_("a facility of this municipality"))
    demand(actor, "resource.manage", Place(facility.id))
    units = {unit.id: unit for unit in await place_queries.units_of_facility(db, facility.id)}
    _check_units(body.units, units)
    row = Resource(id=new_id(), facility_id=facility.id, **columns_of(body, zone))
    check_rules(row)
    row.search_text = resource_text(row, facility)
    db.add(row)
    await db.flush()
    db.add_all(ResourceUnit(resource_id=row.id, unit_id=unit_id) for unit_id in sorted(set(body.units)))
    await keep_terms(db, row, now)
    await db.flush()
    _note(db, actor, "resource.added", row=row, now=now, change=_all_of(body))
    return await reading.resource(db, actor, row.id, now=now, zone=zone)


async def change_resource(
    db: AsyncSession,
    actor: Actor,
    resource_id: UUID,
    *,
    body: ResourcePatch,
    version: int | None,
    zone: ZoneInfo,
    now: datetime,
) -> ResourceDetail:
    """What is given changes; bookings that are made keep what they were made by. Raises NotFound, ChangedMeanwhile."""
    row = await resource_to_change(db, actor, resource_id, action="resource.manage", version=version)
    change = _set(row, columns_of(body, zone))
    check_rules(row)
    if "terms" in change:
        await keep_terms(db, row, now)
    if change:
        row.version += 1
        facility = await place_queries.facilities(
            db, place_queries.Sight(now=now, everything=True), after=None, limit=1, ids=[row.facility_id]
        )
        row.search_text = resource_text(row, facility[0])
        _note(db, actor, "resource.changed", row=row, now=now, change=change)
        await db.flush()
    return await reading.resource(db, actor, resource_id, now=now, zone=zone)


async def add_unit(
    db: AsyncSession, actor: Actor, facility_id: UUID, *, body: UnitIn, now: datetime
) -> UnitOut:
    """A new part of a facility. Raises NotFound, AlreadyExists."""
    await facility_to_change(db, actor, facility_id, action="resource.manage", version=None)
    row = Unit(id=new_id(), facility_id=facility_id, key=body.key, name=body.name, capacity=body.capacity)
    db.add(row)
    await db.flush()
    _note(db, actor, "unit.added", row=row, now=now, change=_all_of(body))
    return reading.unit_out(row)


async def change_unit(
    db: AsyncSession, actor: Actor, unit_id: UUID, *, body: UnitPatch, now: datetime
) -> UnitOut:
    """A new name or capacity. Raises InUse when somebody has the unit and it would take fewer, or in another way."""
    demand_person(actor)
    row = await place_queries.locked(db, Unit, unit_id)
    if row is None:
        raise NotFound(what="unit")
    demand(actor, "resource.manage", Place(row.facility_id))
    if body.capacity is not UNSET and body.capacity != row.capacity:
        has_more = row.capacity is not None and body.capacity is not None and body.capacity > row.capacity
        if not has_more and await place_queries.has_claims(db, unit_id, now):
            raise InUse(field="capacity", unit_id=unit_id)
    change = _set(row, columns_of(body, ZoneInfo("UTC")))
    if change:
        _note(db, actor, "unit.changed", row=row, now=now, change=change)
        await db.flush()
    return reading.unit_out(row)


def resource_text(resource: Resource, facility: Facility) -> str:
    """What a search for the resource looks through."""
    return place_text(
        [resource.name, facility.name, facility.town or "", facility.address or ""],
        kind=resource.kind,
        activities=resource.activities,
        equipment=resource.equipment,
        descriptions=[str(text) for row in (resource, facility) for text in (row.description or {}).values()],
    )


async def facility_to_change(
    db: AsyncSession, actor: Actor, facility_id: UUID, *, action: str, version: int | None
) -> Facility:
    """The facility, locked, for somebody who may. Raises SignInNeeded, NotFound, Forbidden, ChangedMeanwhile."""
    demand_person(actor)
    row = await place_queries.locked(db, Facility, facility_id)
    if row is None:
        raise NotFound(what="facility")
    demand(actor, action, Place(facility_id))
    check_version(row.version, version)
    return row


async def resource_to_change(
    db: AsyncSession, actor: Actor, resource_id: UUID, *, action: str, version: int | None
) -> Resource:
    """The resource, locked, for somebody who may. Raises SignInNeeded, NotFound, Forbidden, ChangedMeanwhile."""
    demand_person(actor)
    row = await place_queries.locked(db, Resource, resource_id)
    if row is None:
        raise NotFound(what="resource")
    demand(actor, action, Place(row.facility_id, resource_id))
    check_version(row.version, version)
    return row


def check_version(stands: int, expected: int | None) -> None:
    """Raises ChangedMeanwhile when the change was made against another version than stands."""
    if expected is not None and expected != stands:
        raise ChangedMeanwhile(version=stands)


def check_publication(row: Facility | Resource) -> None:
    """Raises Invalid when publication would end before it begins."""
    if row.published_from and row.published_until and row.published_until <= row.published_from:
        raise Invalid(field="published_until", expected=N_("an instant after published_from"))


def check_rules(row: Resource) -> None:
    """Raises Invalid when no booking could ever have an allowed length, and for questions that cannot be asked."""
    check_publication(row)
    check_questions(msgspec.convert(row.questions or [], list[Question]))
    shortest = -(-row.min_minutes // row.interval_minutes) * row.interval_minutes
    if row.max_minutes is not None and row.max_minutes < shortest:
        raise Invalid(
            field="max_minutes", expected=f"at least {shortest}, the shortest length that fits the interval"
        )


def columns_of(body: msgspec.Struct, zone: ZoneInfo) -> dict[str, Any]:
    """Columns and their values as the body gives them. Raises Invalid with the field."""
    columns: dict[str, Any] = {}
    for field in body.__struct_fields__:
        value = getattr(body, field)
        if value is UNSET or field in {"units", "facility_id"}:
            continue
        if field == "horizon_opens":
            columns["horizon_opens_minute"] = minutes_of(value)
        elif field in {"published_from", "published_until"}:
            columns[field] = None if value is None else instant_in(value, zone, field)
        elif field in KNOWN:
            columns[field] = check_codes(field, value, KNOWN[field])
        else:
            columns[field] = msgspec.to_builtins(value)
    if "kind" in columns and columns["kind"] not in KINDS:
        raise Invalid(field="kind", expected=f"one of {', '.join(KINDS)}")
    return columns


def instant_in(value: Any, zone: ZoneInfo, field: str) -> datetime:
    """The instant meant, in a year the program knows of. Raises Invalid."""
    try:
        instant = instant_from(value, zone, field)
    except NonexistentLocalTime as refusal:
        refusal.facts.setdefault("field", field)
        raise
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise Invalid(field=field, expected=f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    return instant


def _check_units(unit_ids: Sequence[UUID], known: Mapping[UUID, Unit]) -> None:
    for place, unit_id in enumerate(unit_ids):
        if unit_id not in known:
            raise Invalid(field=f"units.{place}", expected=N_("a unit of the same facility"))


def _set(row: Any, columns: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Set what differs; the answer is what changed, before and after."""
    change: dict[str, tuple[Any, Any]] = {}
    for name, value in columns.items():
        before = getattr(row, name)
        if before != value:
            setattr(row, name, value)
            change[name] = (before, value)
    return change


def _all_of(body: msgspec.Struct) -> dict[str, tuple[Any, Any]]:
    return {field: (None, getattr(body, field)) for field in body.__struct_fields__}


def _note(
    db: AsyncSession,
    actor: Actor,
    action: str,
    *,
    row: Facility | Resource | Unit,
    now: datetime,
    change: dict[str, tuple[Any, Any]],
) -> None:
    audit.note(db, actor.person_id, action, table=row.__tablename__, row_id=row.id, now=now, change=change)
