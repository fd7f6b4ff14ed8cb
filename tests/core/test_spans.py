"""Spans, sets of them, the local clock and repeats."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid, NonexistentLocalTime
from core.spans import (
    Repeat,
    Span,
    clock_reaches,
    intersect,
    local_date,
    local_day,
    local_instant,
    merge,
    monday_of,
    occurrences,
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


def shown(first: tuple[str, str], repeat: Repeat, at_most: int = 500) -> list[str]:
    """The occurrences as the clock in Oslo shows them: "24.11. 18:00–19:30"."""
    lines: list[str] = []
    for day, found in occurrences(Span(oslo(first[0]), oslo(first[1])), repeat, OSLO, at_most=at_most):
        if isinstance(found, NonexistentLocalTime):
            lines.append(f"{day:%d.%m.} no {found.facts['time']}")
        else:
            start, end = (at.astimezone(OSLO) for at in found)
            assert start.date() == day
            lines.append(f"{start:%d.%m. %H:%M}–{end:%H:%M}")
    return lines


TUESDAY = date(2026, 11, 24)
NOT_OUR_RULES = [
    "",
    "FREQ",
    "FREQ=",
    "COUNT=3",
    "FREQ=SECONDLY;COUNT=3",
    "FREQ=HOURLY;COUNT=3",
    "FREQ=YEARLY;COUNT=3",
    "FREQ=DAILY;COUNT=3;COUNT=4",
    "FREQ=DAILY;INTERVAL=0;COUNT=3",
    "FREQ=DAILY;INTERVAL=1000;COUNT=2",
    "FREQ=DAILY;COUNT=0",
    "FREQ=DAILY;COUNT=-1",
    "FREQ=DAILY;COUNT=2;UNTIL=20270101",
    "FREQ=DAILY;BYHOUR=1,2;COUNT=3",
    "FREQ=DAILY;BYSETPOS=1;COUNT=3",
    "FREQ=DAILY;COUNT=3;WKST=MO",
    "FREQ=WEEKLY;BYDAY=1MO;COUNT=3",
    "FREQ=WEEKLY;BYMONTHDAY=3;COUNT=3",
    "FREQ=WEEKLY;BYDAY=XX;COUNT=3",
    "FREQ=MONTHLY;BYMONTHDAY=0;COUNT=3",
    "FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3",
    "FREQ=MONTHLY;BYDAY=6MO;COUNT=3",
    "FREQ=DAILY;UNTIL=20269999",
    "FREQ=DAILY;UNTIL=00010101T000000Z",
    "FREQ=DAILY;UNTIL=99991231T235959Z",
    "FREQ=DAILY;UNTIL=20261123",
    "FREQ=DAILY;COUNT=३",
    "FREQ=DAILY;\x00COUNT=3",
    "FREQ=DAILY;COUNT=3\n",
    "FREQ=DAILY;COUNT=3" * 100_000,
]


class TestRepeats:
    def test_weekly_until_a_date_with_exceptions(self) -> None:
        repeat = Repeat(
            every_weeks=1,
            until=date(2026, 12, 15),
            except_on=frozenset([date(2026, 12, 8), date(2026, 12, 9)]),
        )
        assert shown(("2026-11-24 18:00", "2026-11-24 19:30"), repeat) == [
            "24.11. 18:00–19:30",
            "01.12. 18:00–19:30",
            "15.12. 18:00–19:30",
        ]

    def test_every_second_week(self) -> None:
        repeat = Repeat(every_weeks=2, until=date(2026, 12, 22))
        assert shown(("2026-11-24 18:00", "2026-11-24 19:30"), repeat) == [
            "24.11. 18:00–19:30",
            "08.12. 18:00–19:30",
            "22.12. 18:00–19:30",
        ]

    @pytest.mark.parametrize(
        ("change", "hours"),
        [
            (date(2026, 3, 28), 5),
            (date(2027, 3, 27), 5),
            (date(2026, 10, 24), 7),
            (date(2027, 10, 30), 7),
        ],
    )
    def test_the_clock_times_stay_and_only_the_night_of_the_change_differs(
        self, change: date, hours: int
    ) -> None:
        week = timedelta(days=7)
        first = Span(local_instant(OSLO, change - week, 22 * 60), local_instant(OSLO, change - week, 28 * 60))
        found = occurrences(first, Repeat(every_weeks=1, until=change + week), OSLO, at_most=10)
        spans = [item.span for item in found if isinstance(item.span, Span)]
        assert [one.length / timedelta(hours=1) for one in spans] == [6, hours, 6]
        assert [(one.start.astimezone(OSLO).hour, one.end.astimezone(OSLO).hour) for one in spans] == [
            (22, 4)
        ] * 3

    def test_a_time_the_clock_skips_is_reported_and_never_moved(self) -> None:
        repeat = Repeat(every_weeks=1, until=date(2026, 4, 5))
        assert shown(("2026-03-22 02:30", "2026-03-22 04:00"), repeat) == [
            "22.03. 02:30–04:00",
            "29.03. no 02:30",
            "05.04. 02:30–04:00",
        ]
        assert shown(("2026-03-21 22:00", "2026-03-22 02:30"), repeat) == [
            "21.03. 22:00–02:30",
            "28.03. no 02:30",
            "04.04. 22:00–02:30",
        ]
        repeat = Repeat(rrule="FREQ=DAILY;COUNT=3")
        assert shown(("2026-03-28 02:00", "2026-03-28 03:00"), repeat) == [
            "28.03. 02:00–03:00",
            "29.03. no 02:00",
            "30.03. 02:00–03:00",
        ]

    def test_the_first_of_two_equal_times_is_meant_unless_the_second_was_asked_for(self) -> None:
        found = occurrences(
            Span(oslo("2026-10-18 02:30"), oslo("2026-10-18 04:00")),
            Repeat(rrule="FREQ=WEEKLY;COUNT=2"),
            OSLO,
            at_most=3,
        )
        assert found[1].span == Span(oslo("2026-10-25 02:30"), oslo("2026-10-25 04:00"))
        found = occurrences(
            Span(oslo("2026-10-25 02:30b"), oslo("2026-10-25 04:00")),
            Repeat(rrule="FREQ=WEEKLY;COUNT=2"),
            OSLO,
            at_most=3,
        )
        assert [item.span for item in found] == [
            Span(oslo("2026-10-25 02:30b"), oslo("2026-10-25 04:00")),
            Span(oslo("2026-11-01 02:30"), oslo("2026-11-01 04:00")),
        ]

    def test_a_time_from_one_02_00_to_the_other_cannot_be_repeated(self) -> None:
        inside = Span(oslo("2026-10-25 02:00"), oslo("2026-10-25 02:00b"))
        with pytest.raises(Invalid):
            occurrences(inside, Repeat(every_weeks=1, until=date(2026, 12, 1)), OSLO, at_most=10)

    def test_a_camp_over_midnights_is_one_span_each_time(self) -> None:
        found = occurrences(
            Span(oslo("2026-10-16 16:00"), oslo("2026-10-18 12:00")),
            Repeat(every_weeks=1, until=date(2026, 10, 31)),
            OSLO,
            at_most=9,
        )
        assert [item.span for item in found] == [
            Span(oslo("2026-10-16 16:00"), oslo("2026-10-18 12:00")),
            Span(oslo("2026-10-23 16:00"), oslo("2026-10-25 12:00")),
            Span(oslo("2026-10-30 16:00"), oslo("2026-11-01 12:00")),
        ]

    @pytest.mark.parametrize(
        ("rule", "days"),
        [
            ("FREQ=DAILY;COUNT=3", ["24.11.", "25.11.", "26.11."]),
            ("freq=weekly;count=2", ["24.11.", "01.12."]),
            ("RRULE:FREQ=WEEKLY;COUNT=2", ["24.11.", "01.12."]),
            ("FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261203", ["24.11.", "26.11.", "01.12.", "03.12."]),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;COUNT=4", ["24.11.", "07.12.", "08.12.", "21.12."]),
            ("FREQ=WEEKLY;UNTIL=20261201T170000Z", ["24.11.", "01.12."]),
            ("FREQ=WEEKLY;UNTIL=20261201T165959Z", ["24.11."]),
            ("FREQ=WEEKLY;UNTIL=20261201T180000", ["24.11.", "01.12."]),
            ("FREQ=WEEKLY;UNTIL=20261201T175959", ["24.11."]),
            ("FREQ=MONTHLY;COUNT=3", ["24.11.", "24.12.", "24.01."]),
            ("FREQ=MONTHLY;BYDAY=-1TU;COUNT=3", ["24.11.", "29.12.", "26.01."]),
            ("FREQ=MONTHLY;BYMONTHDAY=24,-1;COUNT=3", ["24.11.", "30.11.", "24.12."]),
            # The first time counts even where the rule would not have it (RFC 5545 §3.8.5.3).
            ("FREQ=WEEKLY;BYDAY=WE;COUNT=3", ["24.11.", "25.11.", "02.12."]),
        ],
    )
    def test_rules_of_rfc_5545(self, rule: str, days: list[str]) -> None:
        found = shown(("2026-11-24 18:00", "2026-11-24 19:00"), Repeat(rrule=rule))
        assert found == [f"{day} 18:00–19:00" for day in days]

    @pytest.mark.parametrize(
        ("repeat", "field"),
        [
            (Repeat(), "repeat"),
            (Repeat(every_weeks=1), "repeat.until"),
            (Repeat(every_weeks=0, until=date(2027, 1, 1)), "repeat.every_weeks"),
            (Repeat(every_weeks=10**9, until=date(2027, 1, 1)), "repeat.every_weeks"),
            (Repeat(every_weeks=1, until=date(2026, 11, 23)), "repeat.until"),
            (Repeat(every_weeks=1, until=date.max), "repeat.until"),
            (Repeat(every_weeks=1, until=TUESDAY, except_on=frozenset([TUESDAY])), "repeat.except"),
            (Repeat(every_weeks=1, rrule="FREQ=DAILY;COUNT=2"), "repeat.rrule"),
            *[(Repeat(rrule=rule), "repeat.rrule") for rule in NOT_OUR_RULES],
            (Repeat(rrule="FREQ=DAILY"), "repeat.until"),
            (Repeat(rrule="FREQ=DAILY;COUNT=10000"), "repeat"),
            (Repeat(rrule="FREQ=DAILY;COUNT=999999999"), "repeat"),
            (Repeat(rrule="FREQ=DAILY", until=date(2100, 12, 31)), "repeat"),
            (Repeat(every_weeks=1, until=date(2100, 12, 31)), "repeat"),
        ],
    )
    def test_what_is_not_understood_or_too_much_is_refused_by_field(self, repeat: Repeat, field: str) -> None:
        with pytest.raises(Invalid) as refusal:
            shown(("2026-11-24 18:00", "2026-11-24 19:00"), repeat, at_most=400)
        assert refusal.value.facts["field"] == field

    def test_the_refusal_of_too_many_names_the_limit(self) -> None:
        with pytest.raises(Invalid) as refusal:
            shown(
                ("2026-11-24 18:00", "2026-11-24 19:00"), Repeat(rrule="FREQ=DAILY;COUNT=10000"), at_most=400
            )
        assert refusal.value.facts["at_most"] == 400

    def test_a_rule_that_hardly_ever_matches_ends(self) -> None:
        rule = "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31"
        found = shown(("2026-02-24 18:00", "2026-02-24 19:00"), Repeat(rrule=rule, until=date(2100, 12, 31)))
        assert found == ["24.02. 18:00–19:00"]
