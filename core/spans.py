"""When: half-open spans of time, sets of them, and what the local clock shows (see docs/time.md)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core.errors import Invalid, NonexistentLocalTime
from core.texts import N_

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
DAY_MINUTES = 24 * 60
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Span(NamedTuple):
    """[start, end) between two instants, both aware and in UTC, start before end.

    Made straight from instants that are known to be right; `span_between` checks what comes from outside.
    """

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """Real elapsed time."""
        return self.end - self.start

    def meets(self, other: "Span") -> bool:
        """Has time in common; spans that only touch have none."""
        return self.start < other.end and other.start < self.end

    def holds(self, other: "Span") -> bool:
        """All of the other lies in this one."""
        return self.start <= other.start and other.end <= self.end


EVER = Span(datetime(FIRST_YEAR - 1, 12, 31, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 2, tzinfo=UTC))
"""All the time the program knows of."""


def utc_now() -> datetime:
    """For the edges only (desk, CLI, tasks, relay); everywhere else `now` is an argument."""
    return datetime.now(UTC)


def span_between(start: datetime, end: datetime) -> Span:
    """The span between two instants from outside.

    Refuses with Invalid naive times, years out of reach, and an end that is not after its start.
    """
    span = Span(_instant(start, "start"), _instant(end, "end"))
    if span.end <= span.start:
        raise Invalid(field="end", expected=N_("an instant after start"))
    return span


def _instant(value: datetime, field: str) -> datetime:
    if value.tzinfo is None or value.utcoffset() is None:
        raise Invalid(field=field, expected=N_("a time with its offset from UTC"))
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Invalid(field=field, expected=f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    return value.astimezone(UTC)


# Sets of time: iterables of spans that are sorted and have no overlaps.


def merge(spans: Iterable[Span]) -> list[Span]:
    """All time in any of the spans, which may come in any order; those that touch become one."""
    merged: list[Span] = []
    current: Span | None = None
    for span in sorted(spans):
        if current is None:
            current = span
        elif span.start > current.end:
            merged.append(current)
            current = span
        elif span.end > current.end:
            current = Span(current.start, span.end)
    if current is not None:
        merged.append(current)
    return merged


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> Iterator[Span]:
    """What is left of a set of time, lazily."""
    holes_left = iter(holes)
    hole = next(holes_left, None)
    for span in spans:
        start, end = span
        while hole is not None and hole.start < end:
            if start < hole.start:
                yield Span(start, hole.start)
            start = max(start, hole.end)
            if hole.end > end:
                break
            hole = next(holes_left, None)
        if start < end:
            yield span if start is span.start else Span(start, end)


def intersect(spans: Iterable[Span], others: Iterable[Span]) -> Iterator[Span]:
    """The time in both sets, lazily."""
    others_left = iter(others)
    other = next(others_left, None)
    for span in spans:
        start, end = span
        while other is not None and other.start < end:
            if other.start <= start and end <= other.end:
                yield span
            elif other.end > start:
                yield Span(max(start, other.start), min(end, other.end))
            if other.end > end:
                break
            other = next(others_left, None)


def widen(spans: Iterable[Span], *, before: timedelta, after: timedelta) -> list[Span]:
    """Each span with more before and after it; they may overlap then."""
    if not before and not after:
        return list(spans)
    return [Span(start - before, end + after) for start, end in spans]


# The local clock.


def fuller_than(places: int, parts: Iterable[tuple[Span, int]]) -> list[Span]:
    """Where more than so many places are taken at once, sorted, no overlaps; `parts`: when, and how many places."""
    if places < 0:
        return [EVER]
    changes: dict[datetime, int] = {}
    for (start, end), quantity in parts:
        changes[start] = changes.get(start, 0) + quantity
        changes[end] = changes.get(end, 0) - quantity
    count = 0
    full: list[Span] = []
    for start, end in pairwise(sorted(changes)):
        count += changes[start]
        if count > places:
            full.append(Span(start, end))
    return merge(full)


def local_instant(zone: ZoneInfo, day: date, minute: int, fold: int = 0) -> datetime:
    """The instant at which the clock shows this minute (0 to 2880, beyond 1440 on the next day).

    Where the clock shows it twice, `fold` 0 is the first and 1 the second. Refuses with NonexistentLocalTime
    what it never shows.
    """
    return instant_of(zone, _wall(day, minute).replace(fold=fold))


def instant_of(zone: ZoneInfo, wall: datetime) -> datetime:
    """The instant of a naive wall-clock time; its `fold` chooses as in `local_instant`."""
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != wall:
        raise NonexistentLocalTime(day=wall.date().isoformat(), time=f"{wall:%H:%M}")
    return instant


def clock_reaches(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """The first instant at which the clock shows this minute of the day or a later one.

    For rules, which must always mean something: a time that the clock skips is the instant after the gap, one
    that it shows twice is the first. What people wish for goes through `local_instant`.
    """
    start, end, is_even = _clock_day(zone, day)
    if minute >= DAY_MINUTES:
        return end if minute == DAY_MINUTES else clock_reaches(zone, day + DAY, minute - DAY_MINUTES)
    if is_even:
        return start + minute * MINUTE
    return _reach(zone, _wall(day, minute))


def local_day(zone: ZoneInfo, day: date) -> Span:
    """From midnight to midnight on the local clock: 24 hours, or 23 or 25."""
    start, end, _ = _clock_day(zone, day)
    return Span(start, end)


def local_date(zone: ZoneInfo, instant: datetime) -> date:
    """The date on the local calendar."""
    return instant.astimezone(zone).date()


def monday_of(day: date) -> date:
    """The first day of the ISO week that the day lies in."""
    return day - DAY * day.weekday()


def _wall(day: date, minute: int) -> datetime:
    assert 0 <= minute <= 2 * DAY_MINUTES, "a minute of the day or of the next"
    return datetime.combine(day, time.min) + minute * MINUTE


@lru_cache(maxsize=16_384)
def _clock_day(zone: ZoneInfo, day: date) -> tuple[datetime, datetime, bool]:
    """Start and end of the local day, and whether its clock runs evenly all through."""
    start, end = _reach(zone, _wall(day, 0)), _reach(zone, _wall(day, DAY_MINUTES))
    last = end - MINUTE
    is_even = end - start == DAY and start.astimezone(zone).utcoffset() == last.astimezone(zone).utcoffset()
    return start, end, is_even


def _reach(zone: ZoneInfo, wall: datetime) -> datetime:
    """The first instant at which the clock shows `wall` or, that day, a later time."""
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # PEP 495: in a gap, fold 0 reads the clock as before the change and lands after it; fold 1 the reverse.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    offset_after = first.astimezone(zone).utcoffset()
    minutes = range(1, (first - before) // MINUTE + 1)
    instants = (before + MINUTE * n for n in minutes)
    return next(at for at in instants if at.astimezone(zone).utcoffset() == offset_after)
