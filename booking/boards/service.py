"""The board of a facility: its resources on a day or through a week, as far as the reader may know."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking import showing
from booking.availability import free_spans, length_for
from booking.boards import board_queries
from booking.boards.board import Free, Row, Shown, Thing, board_rows, split_days
from booking.boards.stream import Watched
from booking.claims import Board, terms_for, window_of
from booking.models import CORE
from core.db import AnyRow
from core.errors import NotFound
from core.spans import DAY, Span, local_day
from core.tenants import Tenant
from people.actors import Actor, Place
from people.reads import note_reads
from people.rules import may
from resources import place_queries, queries
from resources.facts import Bookable, Wanted
from resources.opening import next_on_grid, whole_open_spans

A_PAGE = 40
"""Resources on a board."""


class FacilityBoard(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows."""

    facility_id: UUID
    name: str
    rows: Sequence[Row]
    days: Sequence[Span]
    page: int
    is_last: bool
    revision: str
    may_read_all: bool
    """The reader is staff at one of the resources, and is told who and what there."""
    may_decide: bool
    resource_names: Mapping[UUID, str]


def days_from(tenant: Tenant, first: date, count: int) -> list[Span]:
    """Local days, one after the other."""
    return [local_day(tenant.zone, first + n * DAY) for n in range(count)]


async def facility_board(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    facility_id: UUID,
    *,
    first: date,
    count: int,
    page: int,
    now: datetime,
) -> FacilityBoard:
    """So many days from the first. A constant number of statements. Raises NotFound for what is not published."""
    days = days_from(tenant, first, count)
    window = Span(days[0].start, days[-1].end)
    here = Place(facility_id)
    found, name = await places(db, actor, Wanted(facility_ids=(facility_id,)), window, now)
    if name is None:
        name = await _facility_name(db, actor, facility_id, now)
    shown = found[(page - 1) * A_PAGE : page * A_PAGE]
    reads = reads_requests(actor, found)
    revision = await board_queries.revision(db, facility_id, window, with_requests=reads)
    rows = await rows_of(db, actor, shown, days, now)
    return FacilityBoard(
        facility_id=facility_id,
        name=name,
        rows=rows,
        days=days,
        page=page,
        is_last=page * A_PAGE >= len(found),
        revision=revision,
        may_read_all=reads,
        may_decide=may(actor, "application.decide", here),
        resource_names={each.facts.id: each.facts.name for each in found},
    )


async def watched_board(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    facility_id: UUID,
    *,
    first: date,
    count: int,
    now: datetime,
) -> Watched:
    """What must be looked at to know whether this board has changed. Raises NotFound as `facility_board` does."""
    days = days_from(tenant, first, count)
    window = Span(days[0].start, days[-1].end)
    found, name = await places(db, actor, Wanted(facility_ids=(facility_id,)), window, now)
    if name is None:
        await _facility_name(db, actor, facility_id, now)
    return Watched(tenant.id, facility_id, window, reads_requests(actor, found))


def reads_requests(actor: Actor, found: Iterable[Bookable]) -> bool:
    """Whether the reader is told what is asked for at one of the resources, too."""
    return any(_reads(actor, each) for each in found)


def _reads(actor: Actor, bookable: Bookable) -> bool:
    return may(actor, "booking.read_all", Place(bookable.facts.facility_id, bookable.facts.id))


async def _facility_name(db: AsyncSession, actor: Actor, facility_id: UUID, now: datetime) -> str:
    """Of a facility with nothing to show. Raises NotFound."""
    sight = place_queries.sight_of(actor, now)
    for row in await place_queries.facilities(db, sight, after=None, limit=1, ids=[facility_id]):
        return row.name
    raise NotFound(what="facility")


async def places(
    db: AsyncSession, actor: Actor, wanted: Wanted, window: Span, now: datetime
) -> tuple[list[Bookable], str | None]:
    """The resources that the reader may see, by name, and what the facility of the first is called."""
    found = [each for each in await queries.bookable(db, wanted, window) if _is_visible(actor, each, now)]
    return found, found[0].facts.facility_name if found else None


def _is_visible(actor: Actor, bookable: Bookable, now: datetime) -> bool:
    facts = bookable.facts
    is_published = (facts.published_from is None or facts.published_from <= now) and (
        facts.published_until is None or now < facts.published_until
    )
    return is_published or _reads(actor, bookable)


async def rows_of(
    db: AsyncSession, actor: Actor, shown: Sequence[Bookable], days: Sequence[Span], now: datetime
) -> list[Row]:
    """The resources' days with all that stands on them."""
    if not shown:
        return []
    window = Span(days[0].start, days[-1].end)
    units = {unit.id for each in shown for unit in each.units}
    reach = window_of([window], {each.facts.id: each for each in shown})
    longest = max((each.facts.min_minutes + each.facts.interval_minutes for each in shown), default=0)
    reach = Span(reach.start, reach.end + timedelta(minutes=longest))
    claims = await board_queries.standing(db, units, reach, now)
    things = await _things(db, actor, shown, claims, window, now)
    taken = Board.grouped(row[:-1] for row in claims)
    opened = {hours: split_days(whole_open_spans(hours, window), days) for hours in {e.hours for e in shown}}
    return board_rows(
        [
            Shown(
                each.facts.id,
                each.facts.name,
                frozenset(unit.id for unit in each.units),
                opened[each.hours],
                free_times(each, taken, days, now),
            )
            for each in shown
        ],
        things,
        days,
    )


async def _things(
    db: AsyncSession,
    actor: Actor,
    shown: Sequence[Bookable],
    claims: Sequence[AnyRow],
    window: Span,
    now: datetime,
) -> list[Thing]:
    """Bookings, closures and requests in the window, by start. Staff who are told of persons leave a trace."""
    booked, closed = _units_of(claims, window)
    rows = list(await board_queries.bookings(db, booked))
    things = [_booking(actor, row, booked[row.id]) for row in rows]
    units_of = {each.facts.id: {unit.id for unit in each.units} for each in shown}
    readable = [each.facts.id for each in shown if _reads(actor, each)]
    if readable:
        asked = [row for row in await board_queries.requests(db, readable, window) if row.id not in booked]
        things += [_booking(actor, row, units_of[row.resource_id], kind="request") for row in asked]
        await _note(db, actor, [*rows, *asked], now)
    if closed:
        things += [
            Thing(
                id=row.id,
                kind="closure",
                span=Span(row.starts_at, row.ends_at),
                unit_ids=frozenset(closed[row.id]),
                title=row.reason,
            )
            for row in await board_queries.closures(db, closed)
        ]
    return sorted(things, key=lambda thing: (thing.span, thing.id))


def _units_of(
    claims: Iterable[AnyRow], window: Span
) -> tuple[Mapping[UUID, set[UUID]], Mapping[UUID, set[UUID]]]:
    """Booking → units whose time it has in the window, and closure → units that it closes."""
    booked: dict[UUID, set[UUID]] = {}
    closed: dict[UUID, set[UUID]] = {}
    for unit_id, kind, closing, _, starts, ends, ids in claims:
        if not closing and kind != CORE:
            continue
        found = closed if closing else booked
        for start, end, id_ in zip(starts, ends, ids, strict=True):
            if start < window.end and end > window.start:
                found.setdefault(id_, set()).add(unit_id)
    return booked, closed


async def _note(db: AsyncSession, actor: Actor, rows: Iterable[AnyRow], now: datetime) -> None:
    """A board names persons to staff, where no association stands between."""
    read = [
        row.person_id
        for row in rows
        if row.association_id is None
        and showing.may_read(actor, row)
        and not showing.is_own(actor, row.person_id, None)
    ]
    await note_reads(db, actor, read, "calendar", now)


def _booking(actor: Actor, row: AnyRow, unit_ids: set[UUID], kind: str = "booking") -> Thing:
    """When and where always; title and association when public or the reader's to know; persons to staff alone."""
    knows = actor.person_id is not None and showing.may_read(actor, row)
    tells = knows or row.public
    who = (row.association if tells else None) or (row.applicant if knows else None)
    return Thing(
        id=row.id,
        kind="request" if kind == "request" else "booking",
        span=Span(row.starts_at, row.ends_at),
        unit_ids=frozenset(unit_ids),
        resource_id=row.resource_id,
        state=row.state,
        title=row.title if tells else "",
        who=who or "",
        setup_minutes=row.setup_minutes,
        cleanup_minutes=row.cleanup_minutes,
        case_id=row.application_id if knows else None,
    )


def free_times(bookable: Bookable, board: Board, days: Sequence[Span], now: datetime) -> list[list[Free]]:
    """Of each day, the free time in which a booking of the shortest length may begin, from the first such start on.

    `days` follow each other.
    """
    found: list[list[Free]] = [[] for _ in days]
    terms = terms_for(bookable)
    length = length_for(terms, terms.min_minutes)
    if length is None or not bookable.units or days[-1].end <= now:
        return found
    reach = Span(days[0].start, days[-1].end + length)
    taken = board.taken(bookable.units)
    begins = [day.start for day in days]
    around, opening = iter(whole_open_spans(bookable.hours, reach)), Span(reach.start, reach.start)
    for start, end in free_spans(terms, bookable.hours, taken, window=reach, now=now):
        while opening.end <= start:
            opening = next(around)
        for number in range(bisect_right(begins, start) - 1, bisect_left(begins, end)):
            day = days[number]
            first = next_on_grid(bookable.zone, opening.start, max(start, day.start), step=terms.step)
            if first < day.end and first + length <= end:
                link = Span(first, first + length)
                found[number].append(Free(Span(first, min(end, day.end)), link))
    return found
