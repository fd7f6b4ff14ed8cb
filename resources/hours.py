"""How staff set when places are open, and how much one holder may have."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.errors import Invalid, NotFound
from core.ids import new_id
from core.spans import DAY_MINUTES, span_between
from core.texts import N_
from core.wire import minutes_of
from people.actors import Actor
from people.rules import demand, demand_person
from resources import place_queries
from resources.models import BookingLimit, ExtraOpening, Facility, Opening, Resource, SchoolHoliday
from resources.opening import WeeklyOpening
from resources.reading import lines_out
from resources.schemas import (
    ExtraOpeningIn,
    ExtraOpeningOut,
    LimitIn,
    LimitOut,
    LimitPatch,
    OpeningIn,
    OpeningLine,
    OpeningOut,
    SchoolHolidayIn,
    SchoolHolidayOut,
)
from resources.service import facility_to_change, instant_in, resource_to_change

LONGEST_EXTRA = timedelta(days=62)


def weekly(line: OpeningLine, field: str) -> WeeklyOpening:
    """The line in minutes. Raises Invalid with the field when its validity ends before it begins."""
    if line.valid_from and line.valid_until and line.valid_until < line.valid_from:
        raise Invalid(field=f"{field}.valid_until", expected=N_("a date not before valid_from"))
    opens, closes = minutes_of(line.opens), minutes_of(line.closes)
    if closes <= opens:
        closes += DAY_MINUTES
    return WeeklyOpening(line.weekday, opens, closes, line.valid_from, line.valid_until)


async def set_facility_hours(
    db: AsyncSession, actor: Actor, facility_id: UUID, *, body: OpeningIn, version: int | None, now: datetime
) -> OpeningOut:
    """These weekly lines instead of all the facility had. Raises NotFound, ChangedMeanwhile, Invalid."""
    row = await facility_to_change(db, actor, facility_id, action="opening.manage", version=version)
    return await _set_hours(db, actor, row, body=body, now=now)


async def set_resource_hours(
    db: AsyncSession, actor: Actor, resource_id: UUID, *, body: OpeningIn, version: int | None, now: datetime
) -> OpeningOut:
    """These weekly lines instead of all the resource had; none: it inherits. Raises as `set_facility_hours`."""
    row = await resource_to_change(db, actor, resource_id, action="opening.manage", version=version)
    return await _set_hours(db, actor, row, body=body, now=now)


async def _set_hours(
    db: AsyncSession, actor: Actor, row: Facility | Resource, *, body: OpeningIn, now: datetime
) -> OpeningOut:
    facility_id, resource_id = (row.id, None) if isinstance(row, Facility) else (None, row.id)
    weekly_lines = [weekly(line, f"lines.{place}") for place, line in enumerate(body.lines)]
    before = lines_out(await place_queries.lines(db, facility_id=facility_id, resource_id=resource_id))
    await place_queries.drop_lines(db, facility_id=facility_id, resource_id=resource_id)
    db.add_all(line_row(line, facility_id=facility_id, resource_id=resource_id) for line in weekly_lines)
    row.version += 1
    await db.flush()
    after = lines_out(await place_queries.lines(db, facility_id=facility_id, resource_id=resource_id))
    audit.note(
        db,
        actor.person_id,
        "opening.set",
        table=row.__tablename__,
        row_id=row.id,
        now=now,
        change={"opening": (before, after)},
    )
    return OpeningOut(after, row.version)


def line_row(line: WeeklyOpening, *, facility_id: UUID | None, resource_id: UUID | None) -> Opening:
    """The line as a row of the facility or the resource."""
    return Opening(
        id=new_id(),
        facility_id=facility_id,
        resource_id=resource_id,
        weekday=line.weekday,
        opens_minute=line.opens_minute,
        closes_minute=line.closes_minute,
        valid_from=line.valid_from,
        valid_until=line.valid_until,
    )


async def facility_hours(db: AsyncSession, actor: Actor, facility_id: UUID, *, now: datetime) -> OpeningOut:
    """The weekly lines of a facility."""
    found = await place_queries.facilities(
        db, place_queries.sight_of(actor, now), after=None, limit=1, ids=[facility_id]
    )
    if not found:
        raise NotFound(what="facility")
    return OpeningOut(lines_out(await place_queries.lines(db, facility_id=facility_id)), found[0].version)


async def resource_hours(db: AsyncSession, actor: Actor, resource_id: UUID, *, now: datetime) -> OpeningOut:
    """The weekly lines of a resource's own; none: it has those of its facility."""
    found = await place_queries.resources(db, place_queries.sight_of(actor, now), ids=[resource_id])
    if not found:
        raise NotFound(what="resource")
    version = found[0].resource.version
    return OpeningOut(lines_out(await place_queries.lines(db, resource_id=resource_id)), version)


async def extra_openings(
    db: AsyncSession, actor: Actor, *, zone: ZoneInfo, now: datetime
) -> list[ExtraOpeningOut]:
    """Those that are not over, by start."""
    return [
        _extra_out(row, zone)
        for row in await place_queries.extra_openings(db, place_queries.sight_of(actor, now))
    ]


async def open_for_once(
    db: AsyncSession, actor: Actor, body: ExtraOpeningIn, *, zone: ZoneInfo, now: datetime
) -> ExtraOpeningOut:
    """Open beside the weekly hours. Raises Invalid, NotFound, Forbidden."""
    demand_person(actor)
    span = span_between(instant_in(body.start, zone, "start"), instant_in(body.end, zone, "end"))
    if span.length > LONGEST_EXTRA:
        raise Invalid(field="end", expected=f"at most {LONGEST_EXTRA.days} days after start")
    if (body.facility_id is None) == (body.resource_id is None):
        raise Invalid(field="facility_id", expected=N_("either facility_id or resource_id"))
    if body.facility_id is not None:
        await facility_to_change(db, actor, body.facility_id, action="opening.manage", version=None)
    elif body.resource_id is not None:
        await resource_to_change(db, actor, body.resource_id, action="opening.manage", version=None)
    row = ExtraOpening(
        id=new_id(),
        facility_id=body.facility_id,
        resource_id=body.resource_id,
        starts_at=span.start,
        ends_at=span.end,
    )
    db.add(row)
    await db.flush()
    result = _extra_out(row, zone)
    _note(db, actor, "extra_opening.added", row=row, now=now, before=None, after=result)
    return result


async def end_extra_opening(db: AsyncSession, actor: Actor, extra_id: UUID, *, now: datetime) -> None:
    """No longer open for once; bookings made stay. Raises NotFound, Forbidden."""
    demand_person(actor)
    row = await place_queries.locked(db, ExtraOpening, extra_id)
    if row is None:
        raise NotFound(what="extra_opening")
    if row.facility_id is not None:
        await facility_to_change(db, actor, row.facility_id, action="opening.manage", version=None)
    elif row.resource_id is not None:
        await resource_to_change(db, actor, row.resource_id, action="opening.manage", version=None)
    before = _extra_out(row, ZoneInfo("UTC"))
    _note(db, actor, "extra_opening.removed", row=row, now=now, before=before, after=None)
    await db.delete(row)
    await db.flush()


async def school_holidays(db: AsyncSession) -> list[SchoolHolidayOut]:
    """The municipality's school calendar, by first day."""
    return [_holiday_out(row) for row in await place_queries.school_holidays(db)]


async def add_school_holiday(
    db: AsyncSession, actor: Actor, body: SchoolHolidayIn, *, now: datetime
) -> SchoolHolidayOut:
    """Raises Invalid, Forbidden."""
    demand(actor, "opening.manage")
    if body.until_on < body.from_on:
        raise Invalid(field="until_on", expected=N_("a date not before from_on"))
    row = SchoolHoliday(id=new_id(), name=body.name, from_on=body.from_on, until_on=body.until_on)
    db.add(row)
    await db.flush()
    result = _holiday_out(row)
    _note(db, actor, "school_holiday.added", row=row, now=now, before=None, after=result)
    return result


async def remove_school_holiday(db: AsyncSession, actor: Actor, holiday_id: UUID, *, now: datetime) -> None:
    """Raises NotFound, Forbidden."""
    demand(actor, "opening.manage")
    row = await place_queries.locked(db, SchoolHoliday, holiday_id)
    if row is None:
        raise NotFound(what="school_holiday")
    _note(db, actor, "school_holiday.removed", row=row, now=now, before=_holiday_out(row), after=None)
    await db.delete(row)
    await db.flush()


async def limits(db: AsyncSession, actor: Actor, *, now: datetime) -> list[LimitOut]:
    """What holds here, oldest first."""
    return [_limit_out(row) for row in await place_queries.limits(db, place_queries.sight_of(actor, now))]


async def add_limit(db: AsyncSession, actor: Actor, body: LimitIn, *, now: datetime) -> LimitOut:
    """Raises Invalid, NotFound, Forbidden."""
    demand_person(actor)
    if body.facility_id is not None and body.resource_id is not None:
        raise Invalid(field="resource_id", expected=N_("either facility_id or resource_id, or neither"))
    if body.facility_id is not None:
        await facility_to_change(db, actor, body.facility_id, action="resource.manage", version=None)
    elif body.resource_id is not None:
        await resource_to_change(db, actor, body.resource_id, action="resource.manage", version=None)
    else:
        demand(actor, "resource.manage")
    row = BookingLimit(
        id=new_id(),
        facility_id=body.facility_id,
        resource_id=body.resource_id,
        holder=body.holder,
        kind=body.kind,
        value=body.value,
    )
    db.add(row)
    await db.flush()
    result = _limit_out(row)
    _note(db, actor, "limit.added", row=row, now=now, before=None, after=result)
    return result


async def change_limit(
    db: AsyncSession, actor: Actor, limit_id: UUID, *, body: LimitPatch, now: datetime
) -> LimitOut:
    """Another value; who has more already keeps it. Raises NotFound, Forbidden."""
    row = await _limit_to_change(db, actor, limit_id)
    before = _limit_out(row)
    row.value = body.value
    await db.flush()
    _note(db, actor, "limit.changed", row=row, now=now, before=before, after=_limit_out(row))
    return _limit_out(row)


async def remove_limit(db: AsyncSession, actor: Actor, limit_id: UUID, *, now: datetime) -> None:
    """Raises NotFound, Forbidden."""
    row = await _limit_to_change(db, actor, limit_id)
    _note(db, actor, "limit.removed", row=row, now=now, before=_limit_out(row), after=None)
    await db.delete(row)
    await db.flush()


async def _limit_to_change(db: AsyncSession, actor: Actor, limit_id: UUID) -> BookingLimit:
    demand_person(actor)
    row = await place_queries.locked(db, BookingLimit, limit_id)
    if row is None:
        raise NotFound(what="limit")
    if row.facility_id is not None:
        await facility_to_change(db, actor, row.facility_id, action="resource.manage", version=None)
    elif row.resource_id is not None:
        await resource_to_change(db, actor, row.resource_id, action="resource.manage", version=None)
    else:
        demand(actor, "resource.manage")
    return row


def _extra_out(row: ExtraOpening, zone: ZoneInfo) -> ExtraOpeningOut:
    return ExtraOpeningOut(
        row.id, row.facility_id, row.resource_id, row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    )


def _holiday_out(row: SchoolHoliday) -> SchoolHolidayOut:
    return SchoolHolidayOut(row.id, row.name, row.from_on, row.until_on)


def _limit_out(row: BookingLimit) -> LimitOut:
    return LimitOut(row.id, row.facility_id, row.resource_id, row.holder, row.kind, row.value)


def _note(
    db: AsyncSession,
    actor: Actor,
    action: str,
    *,
    row: ExtraOpening | SchoolHoliday | BookingLimit,
    now: datetime,
    before: msgspec.Struct | None,
    after: msgspec.Struct | None,
) -> None:
    audit.note(
        db,
        actor.person_id,
        action,
        table=row.__tablename__,
        row_id=row.id,
        now=now,
        change={"row": (before, after)},
    )
