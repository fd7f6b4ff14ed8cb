"""When is it open, and on which starts does the grid lie?"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

from core.spans import DAY, Span, clock_reaches, intersect, local_date, local_day, merge, monday_of, subtract

LOOK_BACK = 7 * DAY
"""How far before an instant it matters when it was open: extra openings and closures must be known from there."""


class WeeklyOpening(Struct, frozen=True, cache_hash=True):
    """Open from one minute to another on a weekday, on the dates the line is valid (both included).

    24:00 is 1440; a `closes_minute` beyond it is on the next day, and the whole opening belongs to the first.
    """

    weekday: int
    """1 is Monday, 7 Sunday."""
    opens_minute: int
    closes_minute: int
    valid_from: date | None = None
    valid_until: date | None = None


class OpeningHours(Struct, frozen=True):
    """All that decides when a resource is open: ((weekly − closed days) ∪ extra) − closures."""

    zone: ZoneInfo
    own: tuple[WeeklyOpening, ...] = ()
    """The resource's lines. On a date on which any of them is valid they replace all inherited ones."""
    inherited: tuple[WeeklyOpening, ...] = ()
    closed_days: frozenset[date] = frozenset()
    """Public and school holidays: the weekly hours do not hold, extra openings do."""
    extra: tuple[Span, ...] = ()
    closures: tuple[Span, ...] = ()
    """Of the facility, the resource and its units; nothing opens what they close."""


def open_spans(hours: OpeningHours, window: Span) -> list[Span]:
    """Open time within the window, sorted, no overlaps; spans that touch are one, also over midnight."""
    return list(intersect(whole_open_spans(hours, window), [window]))


def whole_open_spans(hours: OpeningHours, window: Span) -> list[Span]:
    """The open spans that meet the window, each from its very start, as the grid needs it.

    Where one began more than LOOK_BACK before the window, its start is only known to be that early. What lies
    after the window is not complete.
    """
    monday = monday_of(local_date(hours.zone, window.start) - DAY)
    spans = _spans_from(hours, monday, window)
    # The Sunday before may be open to the end of Monday: what starts by then may have started earlier.
    if spans and spans[0].start <= local_day(hours.zone, monday).end:
        return _spans_from(hours, monday - 14 * DAY, window)
    return spans


def grid_origin(hours: OpeningHours, at: datetime) -> datetime | None:
    """From where the starts around `at` are counted; None when it is closed then.

    The start of the open span that `at` lies in. When it has been open for LOOK_BACK or longer, the local
    midnight before `at`, so that a place that never closes has the same starts every day.
    """
    for span in whole_open_spans(hours, Span(at, at + timedelta.resolution)):
        return _origin(hours.zone, span.start, at)
    return None


def next_on_grid(zone: ZoneInfo, opened_at: datetime, at: datetime, *, step: timedelta) -> datetime:
    """The first start at or after `at` on the grid of a span that `whole_open_spans` says opened then."""
    origin = _origin(zone, opened_at, at)
    start = origin - (origin - at) // step * step
    if at - opened_at >= LOOK_BACK:
        return min(start, local_day(zone, local_date(zone, at)).end)
    if start - opened_at >= LOOK_BACK:
        return next_on_grid(zone, opened_at, opened_at + LOOK_BACK, step=step)
    return start


def _origin(zone: ZoneInfo, opened_at: datetime, at: datetime) -> datetime:
    if at - opened_at < LOOK_BACK:
        return opened_at
    return local_day(zone, local_date(zone, at)).start


def _spans_from(hours: OpeningHours, monday: date, window: Span) -> list[Span]:
    """Open spans that meet the window, not cut by it, of all that opens from that Monday on."""
    spans = list(_weekly_spans(hours, monday, window))
    if hours.extra:
        spans = merge([*spans, *(span for span in hours.extra if span.start < window.end)])
    if hours.closures:
        spans = list(subtract(spans, merge(span for span in hours.closures if span.start < window.end)))
    return [span for span in spans if span.end > window.start]


def _weekly_spans(hours: OpeningHours, monday: date, window: Span) -> Iterator[Span]:
    """The weekly hours without closed days, from that Monday to the window's end; touching spans are one."""
    current: Span | None = None
    while local_day(hours.zone, monday).start < window.end:
        closed = hours.closed_days and hours.closed_days & _days_reached(monday)
        for span in _week(hours.zone, hours.own, hours.inherited, monday, closed):
            if current is None or span.start > current.end:
                if current is not None:
                    yield current
                current = span
            elif span.end > current.end:
                current = Span(current.start, span.end)
            if span.start >= window.end:
                break
        monday += LOOK_BACK
    if current is not None and current.start < window.end:
        yield current


@lru_cache(maxsize=8192)
def _week(
    zone: ZoneInfo,
    own: tuple[WeeklyOpening, ...],
    inherited: tuple[WeeklyOpening, ...],
    monday: date,
    closed: frozenset[date],
) -> tuple[Span, ...]:
    """What opens in an ISO week. Kept, for there are few timetables and people ask for the same weeks."""
    spans = [
        Span(opens_at, closes_at)
        for day in (monday + DAY * n for n in range(7))
        for line in _lines_on(own, inherited, day)
        if (opens_at := clock_reaches(zone, day, line.opens_minute))
        < (closes_at := clock_reaches(zone, day, line.closes_minute))
    ]
    return tuple(subtract(merge(spans), merge(local_day(zone, day) for day in closed)))


@lru_cache(maxsize=1024)
def _days_reached(monday: date) -> frozenset[date]:
    """The days that openings of this week can lie on: its own, and the Monday after its Sunday night."""
    return frozenset(monday + DAY * n for n in range(8))


def _lines_on(
    own: tuple[WeeklyOpening, ...], inherited: tuple[WeeklyOpening, ...], day: date
) -> list[WeeklyOpening]:
    valid = [line for line in own if _is_valid(line, day)] or [
        line for line in inherited if _is_valid(line, day)
    ]
    return [line for line in valid if line.weekday == day.isoweekday()]


def _is_valid(line: WeeklyOpening, day: date) -> bool:
    return (line.valid_from is None or line.valid_from <= day) and (
        line.valid_until is None or day <= line.valid_until
    )
