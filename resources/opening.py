"""When is it open, and on which starts does the grid lie?"""

from collections.abc import Sequence
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


class OpeningHours(Struct, frozen=True, cache_hash=True):
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
    return list(_whole_open_spans(hours, window))


@lru_cache(maxsize=8192)
def _whole_open_spans(hours: OpeningHours, window: Span) -> Sequence[Span]:
    """Kept, for the halls of a facility mostly have its hours, and one search asks them all about one window."""
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
        if at - span.start < LOOK_BACK:
            return span.start
        return local_day(hours.zone, local_date(hours.zone, at)).start
    return None


def next_on_grid(zone: ZoneInfo, opened_at: datetime, at: datetime, *, step: timedelta) -> datetime:
    """The first start at or after `at` in an open span that `whole_open_spans` says opened then."""
    open_for = at - opened_at
    if open_for < LOOK_BACK:
        first = -(-open_for // step) * step
        if first < LOOK_BACK:
            return opened_at + first
        at = opened_at + LOOK_BACK
    day = local_day(zone, local_date(zone, at))
    return min(day.start - (day.start - at) // step * step, day.end)


def _spans_from(hours: OpeningHours, monday: date, window: Span) -> list[Span]:
    """Open spans that meet the window, not cut by it, of all that opens from that Monday on."""
    spans = _weekly_spans(hours, monday, window.end)
    if hours.extra:
        spans = merge([*spans, *hours.extra])
    spans = [span for span in spans if span.end > window.start and span.start < window.end]
    if spans and hours.closures:
        closures = [span for span in hours.closures if span.end > spans[0].start and span.start < window.end]
        if closures:
            left = subtract(spans, merge(closures))
            return [span for span in left if span.end > window.start and span.start < window.end]
    return spans


def _weekly_spans(hours: OpeningHours, monday: date, end: datetime) -> list[Span]:
    """The weekly hours without closed days, whole weeks from that Monday to the end or a little beyond."""
    spans: list[Span] = []
    while local_day(hours.zone, monday).start < end:
        closed = hours.closed_days and hours.closed_days & _days_reached(monday)
        week = _week(hours.zone, hours.own, hours.inherited, monday, closed)
        if spans and week and week[0].start <= spans[-1].end:
            spans += merge([spans.pop(), *week])
        else:
            spans += week
        monday += LOOK_BACK
    return spans


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
