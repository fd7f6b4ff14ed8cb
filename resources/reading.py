"""What a reader is shown of facilities and resources: the published to everybody, the rest to staff."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from core.paging import Page, read_cursor, write_cursor
from core.texts import Texts
from core.wire import clock_of
from people.actors import Actor
from resources import activities, place_queries
from resources.models import Facility, Opening, Unit
from resources.place_queries import Kept, Sight, sight_of
from resources.questions import Question
from resources.schemas import (
    FacilityDetail,
    FacilityOut,
    LeaseTerms,
    OpeningLine,
    Picture,
    ResourceBrief,
    ResourceDetail,
    ResourceOut,
    TermOut,
    Translated,
    UnitOut,
    Vocabulary,
)


async def facilities(
    db: AsyncSession, actor: Actor, now: datetime, *, zone: ZoneInfo, limit: int, cursor: str | None = None
) -> Page[FacilityOut]:
    """A page of them, by name."""
    sight, after = sight_of(actor, now), read_cursor(cursor, str, UUID)
    rows = await place_queries.facilities(db, sight, after=after and (after[0], after[1]), limit=limit + 1)
    page = rows[:limit]
    within = await _by_facility(db, sight, [row.id for row in page])
    following = write_cursor(page[-1].name, page[-1].id) if len(rows) > limit else None
    return Page([_facility_out(row, within.get(row.id, ()), zone) for row in page], following)


async def facility(
    db: AsyncSession, actor: Actor, facility_id: UUID, *, now: datetime, zone: ZoneInfo
) -> FacilityDetail:
    """One with its units and weekly hours. Raises NotFound, also for what the reader may not see."""
    sight = sight_of(actor, now)
    rows = await place_queries.facilities(db, sight, after=None, limit=1, ids=[facility_id])
    if not rows:
        raise NotFound(what="facility")
    within = await _by_facility(db, sight, [facility_id])
    return FacilityDetail(
        **msgspec.structs.asdict(_facility_out(rows[0], within.get(facility_id, ()), zone)),
        units=[unit_out(unit) for unit in await place_queries.units_of_facility(db, facility_id)],
        opening=lines_out(await place_queries.lines(db, facility_id=facility_id)),
    )


async def resources(
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    *,
    zone: ZoneInfo,
    limit: int,
    cursor: str | None = None,
    facility_id: UUID | None = None,
    kind: str | None = None,
    activity: str | None = None,
) -> Page[ResourceOut]:
    """A page of those that fit, by name."""
    after = read_cursor(cursor, str, UUID)
    rows = await place_queries.resources(
        db,
        sight_of(actor, now),
        after=after and (after[0], after[1]),
        limit=limit + 1,
        facility_ids=None if facility_id is None else [facility_id],
        kind=kind,
        activity=activity,
    )
    page = rows[:limit]
    units = await place_queries.units_of_resources(db, [kept.resource.id for kept in page])
    following = write_cursor(page[-1].resource.name, page[-1].resource.id) if len(rows) > limit else None
    return Page([_resource_out(kept, units, zone) for kept in page], following)


async def resource(
    db: AsyncSession, actor: Actor, resource_id: UUID, *, now: datetime, zone: ZoneInfo
) -> ResourceDetail:
    """One with its weekly hours. Raises NotFound, also for what the reader may not see."""
    rows = await place_queries.resources(db, sight_of(actor, now), ids=[resource_id])
    if not rows:
        raise NotFound(what="resource")
    units = await place_queries.units_of_resources(db, [resource_id])
    return ResourceDetail(
        **msgspec.structs.asdict(_resource_out(rows[0], units, zone)),
        opening=lines_out(await place_queries.lines(db, resource_id=resource_id)),
        facility_opening=lines_out(await place_queries.lines(db, facility_id=rows[0].facility.id)),
    )


def vocabulary(texts: Texts) -> Vocabulary:
    """All codes with their labels in the reader's language."""

    def terms(known: Mapping[str, activities.Term]) -> list[TermOut]:
        return [TermOut(code, texts.gettext(term.label)) for code, term in known.items()]

    return Vocabulary(
        kinds=terms(activities.KINDS),
        activities=terms(activities.ACTIVITIES),
        equipment=terms(activities.EQUIPMENT),
        accessibility=terms(activities.ACCESSIBILITY),
    )


async def _by_facility(
    db: AsyncSession, sight: Sight, facility_ids: Sequence[UUID]
) -> dict[UUID, list[ResourceBrief]]:
    found: dict[UUID, list[ResourceBrief]] = {}
    for row, _ in await place_queries.resources(db, sight, facility_ids=facility_ids):
        brief = ResourceBrief(row.id, row.key, row.name, row.kind, row.people)
        found.setdefault(row.facility_id, []).append(brief)
    return found


def _facility_out(row: Facility, within: Sequence[ResourceBrief], zone: ZoneInfo) -> FacilityOut:
    return FacilityOut(
        id=row.id,
        key=row.key,
        name=row.name,
        description=msgspec.convert(row.description, Translated),
        address=row.address,
        postcode=row.postcode,
        town=row.town,
        latitude=row.latitude,
        longitude=row.longitude,
        accessibility=row.accessibility,
        pictures=msgspec.convert(row.pictures, list[Picture]),
        closed_on_public_holidays=row.closed_on_public_holidays,
        closed_in_school_holidays=row.closed_in_school_holidays,
        published_from=local(row.published_from, zone),
        published_until=local(row.published_until, zone),
        version=row.version,
        resources=list(within),
    )


def _resource_out(kept: Kept, units: Mapping[UUID, Sequence[Unit]], zone: ZoneInfo) -> ResourceOut:
    row = kept.resource
    return ResourceOut(
        id=row.id,
        facility_id=row.facility_id,
        facility_name=kept.facility.name,
        key=row.key,
        name=row.name,
        kind=row.kind,
        description=msgspec.convert(row.description, Translated),
        pictures=msgspec.convert(row.pictures, list[Picture]),
        activities=row.activities,
        equipment=row.equipment,
        accessibility=row.accessibility,
        people=row.people,
        interval_minutes=row.interval_minutes,
        min_minutes=row.min_minutes,
        max_minutes=row.max_minutes,
        setup_minutes=row.setup_minutes,
        cleanup_minutes=row.cleanup_minutes,
        notice_minutes=row.notice_minutes,
        notice_days=row.notice_days,
        horizon_days=row.horizon_days,
        horizon_opens=clock_of(row.horizon_opens_minute),
        published_from=local(row.published_from, zone),
        published_until=local(row.published_until, zone),
        decision=row.decision,
        request_holds=row.request_holds,
        hold_minutes=row.hold_minutes,
        change_deadline_minutes=row.change_deadline_minutes,
        association_only=row.association_only,
        terms=None if row.terms is None else msgspec.convert(row.terms, LeaseTerms),
        decision_kind=row.decision_kind,
        answer_days=row.answer_days,
        questions=msgspec.convert(row.questions, list[Question]),
        units=[unit_out(unit) for unit in units.get(row.id, ())],
        version=row.version,
    )


def unit_out(unit: Unit) -> UnitOut:
    return UnitOut(unit.id, unit.key, unit.name, unit.capacity)


def lines_out(rows: Iterable[Opening]) -> list[OpeningLine]:
    """Weekly lines as people state them."""
    return [
        OpeningLine(
            weekday=row.weekday,
            opens=clock_of(row.opens_minute),
            closes=clock_of(row.closes_minute),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        )
        for row in rows
    ]


def local(instant: datetime | None, zone: ZoneInfo) -> datetime | None:
    """The instant with the municipality's offset."""
    return None if instant is None else instant.astimezone(zone)
