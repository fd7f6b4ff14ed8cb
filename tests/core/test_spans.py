"""Spans, sets of them, the local clock and repeats."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid, NonexistentLocalTime
from core.spans import (
    Span,
    clock_reaches,
    intersect,
    local_date,
    local_day,
    local_instant,
    merge,
    monday_of,
    span_between,
    subtract,
    widen,
)

OSLO = ZoneInfo("Europe/Oslo")
SANTIAGO = ZoneInfo("America/Santiago")  # The clock is set at midnight.
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # By half an hour.
HAVANA = ZoneInfo("America/Havana")  # 00:00 to 01:00 is shown twice.

SPRING = [date(2026, 3, 29), date(2027, 3, 28)]
AUTUMN = [date(2026, 10, 25), date(2027, 10, 31)]

T0 = datetime(2026, 11, 23, tzinfo=UTC)


def span(start: int, end: int) -> Span:
    """So many minutes after T0."""
    return Span(T0 + timedelta(minutes=start), T0 + timedelta(minutes=end))


def oslo(text: str) -> datetime:
    """The instant of what the clock in Oslo shows, with a "b" behind for the second time it shows that."""
    wall = datetime.fromisoformat(text.rstrip("b"))
    return wall.replace(tzinfo=OSLO, fold=int(text.endswith("b"))).astimezone(UTC)


spans = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda at: span(at[0], at[0] + at[1]))
span_sets = st.lists(spans, max_size=8).map(merge)


def minutes_in(spans: list[Span]) -> set[datetime]:
    return {at + timedelta(minutes=n) for at, end in spans for n in range((end - at) // timedelta(minutes=1))}


class TestSetsOfTime:
    @given(st.lists(spans, max_size=8))
    def test_merge_keeps_every_minute_and_leaves_gaps_between(self, some: list[Span]) -> None:
        merged = merge(some)
        assert minutes_in(merged) == minutes_in(some)
        assert all(one.end < other.start for one, other in pairwise(merged))

    @given(span_sets, span_sets)
    def test_subtract_leaves_the_minutes_of_the_one_only(self, some: list[Span], holes: list[Span]) -> None:
        left = list(subtract(some, holes))
        assert minutes_in(left) == minutes_in(some) - minutes_in(holes)
        assert left == merge(left)

    @given(span_sets, span_sets)
    def test_intersect_leaves_the_minutes_of_both(self, some: list[Span], others: list[Span]) -> None:
        both = list(intersect(some, others))
        assert minutes_in(both) == minutes_in(some) & minutes_in(others)
        assert both == merge(both)

    def test_spans_that_touch_become_one_when_merged_but_do_not_meet(self) -> None:
        assert merge([span(60, 120), span(0, 60)]) == [span(0, 120)]
        assert not span(0, 60).meets(span(60, 120))
        assert list(subtract([span(0, 60)], [span(60, 120)])) == [span(0, 60)]
        assert list(intersect([span(0, 60)], [span(60, 120)])) == []
        assert list(intersect([span(60, 120)], [span(0, 60), span(120, 180)])) == []

    def test_widen_gives_each_span_more_on_both_sides(self) -> None:
        wider = widen([span(60, 120)], before=timedelta(minutes=15), after=timedelta(minutes=30))
        assert wider == [span(45, 150)]


class TestSpansFromOutside:
    def test_any_offset_becomes_utc(self) -> None:
        east = timezone(timedelta(hours=5, minutes=30))
        given = span_between(datetime(2026, 11, 23, 10, tzinfo=OSLO), datetime(2026, 11, 23, 16, tzinfo=east))
        assert given == Span(
            datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
        )
        assert given.start.tzinfo is UTC

    @pytest.mark.parametrize(
        ("start", "end", "field"),
        [
            (datetime(2026, 1, 1), T0, "start"),
            (T0, datetime(2026, 1, 1), "end"),
            (T0, T0, "end"),
            (T0, T0 - timedelta(minutes=1), "end"),
            (T0, datetime.max.replace(tzinfo=timezone(-timedelta(hours=14))), "end"),
            (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), T0, "start"),
            (T0, datetime(2101, 1, 1, tzinfo=UTC), "end"),
            (datetime(1999, 12, 31, tzinfo=UTC), T0, "start"),
        ],
    )
    def test_what_makes_no_sense_is_refused_by_field(
        self, start: datetime, end: datetime, field: str
    ) -> None:
        with pytest.raises(Invalid) as refusal:
            span_between(start, end)
        assert refusal.value.facts["field"] == field

    def test_the_doubled_hour_alone_is_a_span_of_one_hour(self) -> None:
        first = datetime(2026, 10, 25, 2, tzinfo=OSLO)
        assert span_between(first, first.replace(fold=1)).length == timedelta(hours=1)


class TestTheLocalClock:
    @pytest.mark.parametrize("day", SPRING)
    def test_a_spring_day_has_23_hours_and_no_half_past_two(self, day: date) -> None:
        assert local_day(OSLO, day).length == timedelta(hours=23)
        for minute in (120, 150, 179):
            with pytest.raises(NonexistentLocalTime):
                local_instant(OSLO, day, minute)
        assert local_instant(OSLO, day, 180) - local_instant(OSLO, day, 119) == timedelta(minutes=1)

    @pytest.mark.parametrize("day", AUTUMN)
    def test_an_autumn_day_has_25_hours_and_two_half_past_twos(self, day: date) -> None:
        assert local_day(OSLO, day).length == timedelta(hours=25)
        for minute in (120, 150, 179):
            first, second = local_instant(OSLO, day, minute), local_instant(OSLO, day, minute, fold=1)
            assert second - first == timedelta(hours=1)
        assert local_instant(OSLO, day, 119, fold=1) == local_instant(OSLO, day, 119)
        assert local_instant(OSLO, day, 180, fold=1) == local_instant(OSLO, day, 180)

    def test_the_refusal_says_which_time_there_is_not(self) -> None:
        with pytest.raises(NonexistentLocalTime) as refusal:
            local_instant(OSLO, date(2026, 3, 28), 1440 + 150)
        assert refusal.value.facts == {"day": "2026-03-29", "time": "02:30"}

    def test_24_00_and_later_is_the_next_day(self) -> None:
        day = date(2026, 11, 23)
        assert (
            local_instant(OSLO, day, 1440)
            == local_day(OSLO, day).end
            == local_day(OSLO, date(2026, 11, 24)).start
        )
        assert local_instant(OSLO, day, 1500) == oslo("2026-11-24 01:00")
        assert local_instant(OSLO, day, 2880) == oslo("2026-11-25 00:00")

    @pytest.mark.parametrize(
        ("zone", "day", "minute", "expected"),
        [
            (OSLO, date(2026, 3, 29), 119, "2026-03-29T00:59Z"),
            (OSLO, date(2026, 3, 29), 120, "2026-03-29T01:00Z"),
            (OSLO, date(2026, 3, 29), 150, "2026-03-29T01:00Z"),
            (OSLO, date(2026, 3, 29), 180, "2026-03-29T01:00Z"),
            (OSLO, date(2026, 3, 28), 1440 + 150, "2026-03-29T01:00Z"),
            (OSLO, date(2026, 3, 29), 1440 + 150, "2026-03-30T00:30Z"),
            (OSLO, date(2026, 10, 25), 150, "2026-10-25T00:30Z"),
            (OSLO, date(2026, 10, 25), 180, "2026-10-25T02:00Z"),
            (SANTIAGO, date(2026, 9, 6), 0, "2026-09-06T04:00Z"),
            (SANTIAGO, date(2026, 9, 5), 1440, "2026-09-06T04:00Z"),
            (SANTIAGO, date(2026, 9, 6), 30, "2026-09-06T04:00Z"),
            (LORD_HOWE, date(2026, 10, 4), 135, "2026-10-03T15:30Z"),
            (HAVANA, date(2026, 11, 1), 0, "2026-11-01T04:00Z"),
        ],
    )
    def test_a_rule_means_the_first_instant_the_clock_has_come_so_far(
        self, zone: ZoneInfo, day: date, minute: int, expected: str
    ) -> None:
        assert clock_reaches(zone, day, minute) == datetime.fromisoformat(expected)

    @given(
        st.sampled_from([OSLO, SANTIAGO, LORD_HOWE, HAVANA]),
        st.dates(date(2025, 1, 1), date(2028, 1, 1)),
        st.integers(0, 2880),
    )
    def test_the_clock_shows_what_was_asked_or_a_gap_was_there(
        self, zone: ZoneInfo, day: date, minute: int
    ) -> None:
        asked = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
        reached = clock_reaches(zone, day, minute)
        just_before = reached - timedelta(minutes=1)
        assert just_before.astimezone(zone).replace(tzinfo=None) < asked
        shown = reached.astimezone(zone).replace(tzinfo=None)
        try:
            assert local_instant(zone, day, minute) == reached
            assert shown == asked
        except NonexistentLocalTime:
            assert shown > asked

    @given(st.sampled_from([OSLO, SANTIAGO, LORD_HOWE, HAVANA]), st.dates(date(2025, 1, 1), date(2028, 1, 1)))
    def test_days_follow_each_other_without_gap(self, zone: ZoneInfo, day: date) -> None:
        today, tomorrow = local_day(zone, day), local_day(zone, day + timedelta(days=1))
        assert today.end == tomorrow.start
        assert local_date(zone, today.start) == day == local_date(zone, today.end - timedelta(seconds=1))

    def test_weeks_begin_on_monday(self) -> None:
        assert monday_of(date(2026, 11, 29)) == monday_of(date(2026, 11, 23)) == date(2026, 11, 23)
