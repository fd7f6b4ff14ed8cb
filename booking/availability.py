"""What is free: the open time that can be booked now and that nobody has, and the starts that fit into it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from core.spans import (
    DAY,
    DAY_MINUTES,
    EVER,
    MINUTE,
    Span,
    clock_reaches,
    fuller_than,
    intersect,
    local_date,
    local_day,
    merge,
    subtract,
    widen,
)
from resources.opening import OpeningHours, next_on_grid, whole_open_spans

LONGEST_MINUTES = 366 * DAY_MINUTES
"""Of any booking, whatever its terms."""


class Terms(Struct, frozen=True, kw_only=True):
    """What a resource asks of a booking's time."""

    interval_minutes: int
    min_minutes: int = 1
    max_minutes: int | None = None
    setup_minutes: int = 0
    cleanup_minutes: int = 0
    notice_minutes: int = 0
    notice_days: int = 0
    """Whole local days: 1 is "not before tomorrow"."""
    horizon_days: int | None = None
    horizon_opens_minute: int = 0
    """Local minute of the day at which one more day of the horizon opens."""
    published_from: datetime | None = None
    published_until: datetime | None = None
    max_quantity: int = 1
    """How many of a pooled unit one booking may take."""

    @property
    def step(self) -> timedelta:
        return self.interval_minutes * MINUTE


class Part(NamedTuple):
    """So many places of a pooled unit, for a time."""

    span: Span
    quantity: int


class UnitTaken(Struct, frozen=True):
    """What others have of an exclusive unit: their times, and those with set-up and clean-up around.

    A closure has a pad and no core. Any order.
    """

    unit_id: UUID
    cores: Sequence[Span] = ()
    pads: Sequence[Span] = ()


class PoolTaken(Struct, frozen=True):
    """What others have of a unit with places for `capacity` at once."""

    unit_id: UUID
    capacity: int
    cores: Sequence[Part] = ()
    pads: Sequence[Part] = ()


Taken = Sequence[UnitTaken | PoolTaken]
"""One for each unit of the resource."""


class First(NamedTuple):
    """The earliest bookable time of a search; `closed` only when nothing is open in what was searched."""

    span: Span | None
    closed: bool


def bookable_window(terms: Terms, now: datetime, zone: ZoneInfo) -> Span | None:
    """The time in which a booking made now must lie as a whole; None when there is none."""
    if terms.published_from is not None and now < terms.published_from:
        return None
    start, end = earliest_start(terms, now, zone), horizon_end(terms, now, zone)
    if terms.published_until is not None:
        end = min(end, terms.published_until)
    return Span(start, end) if start < end else None


def earliest_start(terms: Terms, now: datetime, zone: ZoneInfo) -> datetime:
    """By the notice: so many minutes from now, and not before so many local days have begun."""
    start = now + terms.notice_minutes * MINUTE
    if terms.notice_days == 0:
        return start
    return max(start, local_day(zone, _today(zone, now) + terms.notice_days * DAY).start)


def horizon_end(terms: Terms, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of the last local day that can be booked already."""
    if terms.horizon_days is None:
        return EVER.end
    today = _today(zone, now)
    is_opened = now >= clock_reaches(zone, today, terms.horizon_opens_minute)
    last = today + (terms.horizon_days if is_opened else terms.horizon_days - 1) * DAY
    return local_day(zone, last).end


def length_for(terms: Terms, minutes: int) -> timedelta | None:
    """The shortest allowed length of at least so many minutes; None when that is more than the longest."""
    length = max(shortest_minutes(terms), _rounded_up(minutes, terms.interval_minutes))
    return None if length > longest_minutes(terms) else length * MINUTE


def shortest_minutes(terms: Terms) -> int:
    """The minimum, rounded up to a whole number of intervals; never nothing."""
    return _rounded_up(max(terms.min_minutes, 1), terms.interval_minutes)


def longest_minutes(terms: Terms) -> int:
    """The maximum; nothing lasts longer than LONGEST_MINUTES, so that no question is endless."""
    return min(terms.max_minutes or LONGEST_MINUTES, LONGEST_MINUTES)


def _rounded_up(minutes: int, interval_minutes: int) -> int:
    return -(-minutes // interval_minutes) * interval_minutes


def max_quantity(terms: Terms, taken: Taken) -> int:
    """How many places one booking may ask for: by the terms, and by what its smallest pool has in all."""
    most = terms.max_quantity
    for unit in taken:
        if isinstance(unit, PoolTaken):
            most = min(most, unit.capacity)
    return most


def blocked(unit: UnitTaken | PoolTaken, terms: Terms, quantity: int = 1) -> list[Span]:
    """Where no own time may be on the unit, sorted, no overlaps.

    Nobody's time may meet another's padded time: ours not their pads, and our pad not their times. So the gap
    between two is the larger of the one's clean-up and the other's set-up, never their sum.
    """
    if isinstance(unit, UnitTaken):
        pads, cores = unit.pads, unit.cores
    else:
        spare = unit.capacity - quantity
        pads, cores = fuller_than(spare, unit.pads), fuller_than(spare, unit.cores)
    before, after = terms.cleanup_minutes * MINUTE, terms.setup_minutes * MINUTE
    return merge([*pads, *widen(cores, before=before, after=after)])


def padded_for(terms: Terms, span: Span) -> Span:
    """The span with set-up before and clean-up after, as the guard claims it."""
    return Span(span.start - terms.setup_minutes * MINUTE, span.end + terms.cleanup_minutes * MINUTE)


def all_blocked(taken: Taken, terms: Terms, quantity: int = 1) -> list[Span]:
    """Where no own time may be on one or other of the units."""
    if len(taken) == 1:
        return blocked(taken[0], terms, quantity)
    return merge(span for unit in taken for span in blocked(unit, terms, quantity))


def free_spans(
    terms: Terms, hours: OpeningHours, taken: Taken, *, window: Span, now: datetime, quantity: int = 1
) -> list[Span]:
    """Open, bookable now and not taken, within the window; sorted, no overlaps. Whatever its length."""
    opened = whole_open_spans(hours, window)
    return list(
        _free(terms, hours.zone, taken, within=intersect(opened, [window]), now=now, quantity=quantity)
    )


def starts(
    terms: Terms,
    hours: OpeningHours,
    taken: Taken,
    *,
    windows: Iterable[Span],
    length: timedelta,
    now: datetime,
    quantity: int = 1,
) -> Iterator[datetime]:
    """Every start at which a booking of this length lies in one of the windows and breaks no rule, lazily.

    `windows` are sorted and have no overlaps. None for a length that the terms do not allow.
    """
    windows = list(windows)
    if not windows or not is_allowed_length(terms, length):
        return
    opened = whole_open_spans(hours, Span(windows[0].start, windows[-1].end))
    within = intersect(opened, windows)
    yield from _starts(
        terms, hours.zone, taken, opened=opened, within=within, length=length, now=now, quantity=quantity
    )


def first_free(
    terms: Terms,
    hours: OpeningHours,
    taken: Taken,
    *,
    windows: Sequence[Span],
    minutes: int,
    now: datetime,
    quantity: int = 1,
    allowed: Callable[[Span], bool] | None = None,
) -> First:
    """The earliest allowed booking of at least so many minutes in one of the windows (see `clock_windows`).

    `allowed` may turn down a span for more reasons, such as the limits of who asks.
    """
    if not windows:
        return First(None, closed=True)
    opened = whole_open_spans(hours, Span(windows[0].start, windows[-1].end))
    within = intersect(opened, windows)
    earliest = next(within, None)
    if earliest is None:
        return First(None, closed=True)
    within = chain([earliest], within)
    length = length_for(terms, minutes)
    if length is None:
        return First(None, closed=False)
    for start in _starts(
        terms, hours.zone, taken, opened=opened, within=within, length=length, now=now, quantity=quantity
    ):
        span = Span(start, start + length)
        if allowed is None or allowed(span):
            return First(span, closed=False)
    return First(None, closed=False)


@lru_cache(maxsize=1024)
def clock_windows(
    zone: ZoneInfo, from_on: date, to_on: date, *, from_minute: int = 0, to_minute: int = DAY_MINUTES
) -> tuple[Span, ...]:
    """From one time on the clock to another on each local date, as sorted spans.

    A `to_minute` that is not after `from_minute` is on the next day. Windows that touch are one: without times, a
    booking may last over midnight.
    """
    if to_minute <= from_minute:
        to_minute += DAY_MINUTES
    days = (from_on + DAY * n for n in range((to_on - from_on).days + 1))
    spans = ((clock_reaches(zone, day, from_minute), clock_reaches(zone, day, to_minute)) for day in days)
    return tuple(merge(Span(start, end) for start, end in spans if start < end))


def is_allowed_length(terms: Terms, length: timedelta) -> bool:
    """The length is just what `length_for` gives for it."""
    minutes, rest = divmod(length, MINUTE)
    return not rest and length_for(terms, minutes) == length


def _starts(
    terms: Terms,
    zone: ZoneInfo,
    taken: Taken,
    *,
    opened: Sequence[Span],
    within: Iterable[Span],
    length: timedelta,
    now: datetime,
    quantity: int,
) -> Iterator[datetime]:
    step = terms.step
    around = iter(opened)
    open_span = next(around, None)
    for free in _free(terms, zone, taken, within=within, now=now, quantity=quantity):
        while open_span is not None and open_span.end <= free.start:
            open_span = next(around, None)
        assert open_span is not None, "free time is open time"
        latest = free.end - length
        start = next_on_grid(zone, open_span.start, free.start, step=step)
        while start <= latest:
            yield start
            start = next_on_grid(zone, open_span.start, start + MINUTE, step=step)


def _free(
    terms: Terms, zone: ZoneInfo, taken: Taken, *, within: Iterable[Span], now: datetime, quantity: int
) -> Iterator[Span]:
    bookable = bookable_window(terms, now, zone)
    if bookable is None or not 1 <= quantity <= max_quantity(terms, taken):
        return iter(())
    return subtract(intersect(within, [bookable]), all_blocked(taken, terms, quantity))


@lru_cache(maxsize=64)
def _today(zone: ZoneInfo, now: datetime) -> date:
    return local_date(zone, now)
