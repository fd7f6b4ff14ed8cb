"""Busy times by property: three sets apart from each other, and what is left over is what the engine calls free."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from booking.availability import (
    Part,
    PoolTaken,
    Taken,
    Terms,
    UnitTaken,
    bookable_window,
    free_spans,
    padded_for,
)
from calendar_feeds.sharing.rules import busy_in
from core.spans import Span, intersect, merge, subtract
from resources.opening import OpeningHours, WeeklyOpening

OSLO = ZoneInfo("Europe/Oslo")
FIRST = datetime(2026, 10, 22, 22, tzinfo=UTC)
WINDOW = Span(FIRST, FIRST + timedelta(days=7, hours=1))
"""The week in which the clock is set back."""
QUARTER = timedelta(minutes=15)


def a_span(start: int, length: int) -> Span:
    return Span(FIRST + start * QUARTER, FIRST + (start + length) * QUARTER)


def a_line(weekday: int, opens: int, length: int) -> WeeklyOpening:
    return WeeklyOpening(weekday, opens * 60, min((opens + length) * 60, 1440))


def some_hours(own: list[WeeklyOpening], closed: list[Span]) -> OpeningHours:
    return OpeningHours(OSLO, own=tuple(own), closures=tuple(merge(closed)))


spans = st.builds(a_span, st.integers(-100, 700), st.integers(1, 60))
padding = st.sampled_from([0, 15, 30, 90])
terms = st.builds(
    Terms,
    interval_minutes=st.sampled_from([15, 30]),
    setup_minutes=padding,
    cleanup_minutes=padding,
    notice_minutes=st.sampled_from([0, 600]),
    horizon_days=st.sampled_from([None, 3]),
)
lines = st.builds(a_line, st.integers(1, 7), st.integers(0, 23), st.integers(1, 24))
hours = st.builds(some_hours, st.lists(lines, max_size=12), st.lists(spans, max_size=2))


def exclusive(number: int, asked: Terms, cores: list[Span]) -> UnitTaken:
    return UnitTaken(UUID(int=number), cores, [padded_for(asked, core) for core in cores])


def pooled(number: int, asked: Terms, cores: list[Span]) -> PoolTaken:
    pads = [Part(padded_for(asked, core), 1) for core in cores]
    return PoolTaken(UUID(int=number), 2, [Part(core, 1) for core in cores], pads)


@given(terms, hours, st.lists(st.tuples(spans, st.booleans()), max_size=8), st.booleans(), st.integers(0, 60))
def test_what_is_in_none_of_the_three_is_free(
    asked: Terms, opened: OpeningHours, taken: list[tuple[Span, bool]], is_pool: bool, hour: int
) -> None:
    of = pooled if is_pool else exclusive
    everything: Taken = [of(1, asked, [span for span, _ in taken])]
    sure: Taken = [of(1, asked, [span for span, is_sure in taken if is_sure])]
    now = FIRST + timedelta(hours=hour)

    busy = busy_in(asked, opened, everything=everything, sure=sure, window=WINDOW)

    together = sorted([*busy.taken, *busy.tentative, *busy.unavailable])
    assert all(one.end <= other.start for one, other in pairwise(together))
    for each in (busy.taken, busy.tentative, busy.unavailable):
        assert merge(each) == each
    assert all(WINDOW.holds(span) for span in together)
    bookable = bookable_window(asked, now, OSLO)
    left = subtract([WINDOW], together)
    free = free_spans(asked, opened, everything, window=WINDOW, now=now)
    assert merge(free) == merge(intersect(left, [bookable] if bookable else []))
    if not is_pool:
        certain = merge(span for span, is_sure in taken if is_sure)
        assert busy.taken == list(intersect(certain, [WINDOW]))


def test_what_has_no_units_is_never_free() -> None:
    busy = busy_in(Terms(interval_minutes=30), OpeningHours(OSLO), everything=(), sure=(), window=WINDOW)
    assert busy.unavailable == [WINDOW]
