"""Facility × time: what stands on each resource on each day, and a day as a table. Pure: it draws what it is given.

A thing (a booking, a closure, a wish) stands on every resource that shares a unit with it, and on no other. Time is
counted in instants, so that the 25-hour day has 25 hours and 02:00 twice.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple
from uuid import UUID

import msgspec

from core.spans import Span, merge

HOUR: Final = timedelta(hours=1)
QUARTER: Final = timedelta(minutes=15)
MINUTE: Final = timedelta(minutes=1)

Kind = Literal["booking", "request", "closure", "free"]
"""`request`: asked for, and keeping nobody else away."""


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """A booking or a closure, as far as the reader may know of it."""

    id: UUID
    kind: Kind
    span: Span
    unit_ids: frozenset[UUID]
    """The units that it blocks; of a request, those it would."""
    resource_id: UUID | None = None
    state: str = ""
    title: str = ""
    who: str = ""
    setup_minutes: int = 0
    cleanup_minutes: int = 0
    case_id: UUID | None = None
    """The application, for those who may open it."""


class Free(NamedTuple):
    """Free time, from the first start at which a booking may begin, and what a click on it asks for."""

    span: Span
    link: Span


class Shown(NamedTuple):
    """A resource of the board, with what the engine says of it."""

    id: UUID
    name: str
    unit_ids: frozenset[UUID]
    opened: Sequence[Sequence[Span]]
    """Of each day: when it is open, cut at the day's ends (`split_days`)."""
    free: Sequence[Sequence[Free]]
    """Of each day, by start."""


class Slot(NamedTuple):
    """What stands in a day of a resource. `span` is the part of it that lies in that day."""

    span: Span
    kind: Kind
    thing: Thing | None
    link: Span | None


class Day(NamedTuple):
    """One resource on one day."""

    opened: Sequence[Span]
    """When it is open, cut at the day's ends."""
    slots: tuple[Slot, ...]
    """By start; bookings that share a unit of a larger resource, or places of a pool, may overlap."""


class Row(NamedTuple):
    """A resource, and its days in their order."""

    resource_id: UUID
    name: str
    days: tuple[Day, ...]


class Hour(NamedTuple):
    """A heading of the day table."""

    start: datetime
    columns: int


class Cell(NamedTuple):
    """A stretch of a resource's day: everything that overlaps is in one cell, by start; nothing is cut."""

    columns: int
    state: Literal["things", "open", "closed", "past"]
    slots: tuple[Slot, ...]


class Table(NamedTuple):
    """A day: columns of time, a row of cells for each resource. No hours and no cells: nothing to show."""

    hours: tuple[Hour, ...]
    rows: tuple[tuple[Cell, ...], ...]


def board_rows(resources: Iterable[Shown], things: Iterable[Thing], days: Sequence[Span]) -> list[Row]:
    """Each resource's days, with what blocks its units. `things` sorted by start."""
    on_unit: dict[UUID, list[tuple[int, Thing]]] = {}
    for number, thing in enumerate(things):
        for unit_id in thing.unit_ids:
            on_unit.setdefault(unit_id, []).append((number, thing))
    return [_row(each, on_unit, days) for each in resources]


def _row(resource: Shown, on_unit: Mapping[UUID, list[tuple[int, Thing]]], days: Sequence[Span]) -> Row:
    """Numbered, so that what has several of the units stands there once and in its order."""
    numbered = {number: thing for unit in resource.unit_ids for number, thing in on_unit.get(unit, ())}
    things = [numbered[number] for number in sorted(numbered)]
    by_day = zip(days, resource.opened, resource.free, strict=True)
    return Row(resource.id, resource.name, tuple(_day(things, *each) for each in by_day))


def _day(things: Iterable[Thing], day: Span, opened: Sequence[Span], free: Sequence[Free]) -> Day:
    start, end = day
    slots = [
        Slot(cut(each.span, day), each.kind, each, None)
        for each in things
        if each.span.start < end and start < each.span.end
    ]
    rest = [Slot(span, "free", None, link) for span, link in free]
    if slots and rest:
        slots = sorted([*slots, *rest], key=_by_span)
    return Day(opened, tuple(slots or rest))


def _by_span(slot: Slot) -> Span:
    return slot.span


def cut(span: Span, day: Span) -> Span:
    """The part of it in that day."""
    return span if day.holds(span) else Span(max(span.start, day.start), min(span.end, day.end))


def split_days(spans: Iterable[Span], days: Sequence[Span]) -> list[tuple[Span, ...]]:
    """Of each day, what of the spans lies in it."""
    known = list(spans)
    return [tuple(cut(span, day) for span in known if span.meets(day)) for day in days]


def day_table(days: Sequence[Day], whole: Span, now: datetime) -> Table:
    """The resources' days side by side. Columns are quarters of an hour, cut further where something begins or ends
    in between; hours in which nothing is open and nothing stands, first and last, are left out.
    """
    reached = merge(
        itertools.chain.from_iterable((*day.opened, *(slot.span for slot in day.slots)) for day in days)
    )
    if not reached:
        return Table((), tuple(() for _ in days))
    first = whole.start + (reached[0].start - whole.start) // HOUR * HOUR
    last = min(whole.start - (whole.start - reached[-1].end) // HOUR * HOUR, whole.end)
    edges = {edge for day in days for cells in _stretches(day, Span(first, last), now) for edge in cells[0]}
    steps = (last - first) // QUARTER
    edges.update((first + QUARTER * n for n in range(steps + 1)), (last,))
    place = {edge: number for number, edge in enumerate(sorted(edges))}
    hours: list[Hour] = []
    start = first
    while start < last:
        end = min(start + HOUR, last)
        hours.append(Hour(start, place[end] - place[start]))
        start = end
    rows = tuple(
        tuple(
            Cell(place[span.end] - place[span.start], state, slots)
            for span, state, slots in _stretches(day, Span(first, last), now)
        )
        for day in days
    )
    return Table(tuple(hours), rows)


Stretch = tuple[Span, Literal["things", "open", "closed", "past"], tuple[Slot, ...]]


def _stretches(day: Day, window: Span, now: datetime) -> list[Stretch]:
    """The window cut in stretches that follow each other: what overlaps together, open or closed between."""
    found: list[Stretch] = []
    at = window.start
    for group in _clusters(day.slots):
        span = Span(group[0].span.start, max(slot.span.end for slot in group))
        if at < span.start:
            found += _between(day.opened, Span(at, span.start), now)
        found.append((span, "things", tuple(group)))
        at = span.end
    if at < window.end:
        found += _between(day.opened, Span(at, window.end), now)
    return found


def _clusters(slots: Sequence[Slot]) -> list[list[Slot]]:
    """Slots that overlap, directly or through others, together."""
    groups: list[list[Slot]] = []
    until: datetime | None = None
    for slot in slots:
        if until is None or slot.span.start >= until:
            groups.append([slot])
            until = slot.span.end
        else:
            groups[-1].append(slot)
            until = max(until, slot.span.end)
    return groups


def _between(opened: Sequence[Span], gap: Span, now: datetime) -> list[Stretch]:
    """A gap in which nothing stands: closed, open and over, or open and still not to be booked."""
    found: list[Stretch] = []
    at = gap.start
    for span in opened:
        if not span.meets(gap):
            continue
        here = cut(span, gap)
        if at < here.start:
            found.append((Span(at, here.start), "closed", ()))
        found.append((here, "past" if here.end <= now else "open", ()))
        at = here.end
    if at < gap.end:
        found.append((Span(at, gap.end), "closed", ()))
    return found
