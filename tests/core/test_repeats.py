"""Repeats: by weeks and by rule, with exceptions, over the nights of DST, and against dateutil."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import Invalid, NonexistentLocalTime
from core.repeats import Repeat, occurrences
from core.spans import Span, local_date, local_instant

OSLO = ZoneInfo("Europe/Oslo")
SANTIAGO = ZoneInfo("America/Santiago")  # The clock is set at midnight.
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # By half an hour.
HAVANA = ZoneInfo("America/Havana")  # 00:00 to 01:00 is shown twice.


def oslo(text: str) -> datetime:
    """The instant of what the clock in Oslo shows, with a "b" behind for the second time it shows that."""
    wall = datetime.fromisoformat(text.rstrip("b"))
    return wall.replace(tzinfo=OSLO, fold=int(text.endswith("b"))).astimezone(UTC)


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


FREQUENCIES: dict[str, Literal[1, 2, 3]] = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
}


def written(weekday: rrule.weekday) -> str:
    """As BYDAY has it: -1TU."""
    return f"{weekday.n or ''}{weekday!r:.2}"


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
    "FREQ=DAILY;UNTIL=20991231",
    "FREQ=DAILY;UNTIL=20261123",
    "FREQ=DAILY;COUNT=३",
    "FREQ=DAILY;\x00COUNT=3",
    "FREQ=DAILY;COUNT=3\n",
    "FREQ=DAILY;COUNT=3" * 100_000,
    "FREQ=WEEKLY;COUNT=3;BYDAY=MO" + ",MO" * 1000,
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

    @settings(max_examples=60, deadline=None)
    @given(
        st.sampled_from([OSLO, SANTIAGO, LORD_HOWE, HAVANA]),
        st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
        st.integers(1, 3000).map(lambda n: n * timedelta(minutes=1)),
    )
    @example(OSLO, oslo("2026-10-24 22:00"), timedelta(hours=5, minutes=30))
    @example(OSLO, oslo("2026-10-25 02:30b"), timedelta(minutes=15))
    def test_the_first_occurrence_is_just_what_was_asked(
        self, zone: ZoneInfo, start: datetime, length: timedelta
    ) -> None:
        first = Span(start, start + length)
        try:
            found = occurrences(first, Repeat(rrule="FREQ=WEEKLY;COUNT=60"), zone, at_most=60)
        except Invalid:
            wall_start, wall_end = (at.astimezone(zone).replace(tzinfo=None) for at in first)
            assert wall_end <= wall_start
            return
        assert found[0] == (local_date(zone, start), first)
        assert all(
            isinstance(one.span, NonexistentLocalTime) or one.span.start < one.span.end for one in found
        )

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
            ("FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=4", ["24.11.", "27.11.", "07.12.", "25.12."]),
            ("FREQ=WEEKLY;BYDAY=WE;COUNT=3", ["24.11.", "25.11.", "02.12."]),
        ],
    )
    def test_rules_of_rfc_5545(self, rule: str, days: list[str]) -> None:
        found = shown(("2026-11-24 18:00", "2026-11-24 19:00"), Repeat(rrule=rule))
        assert found == [f"{day} 18:00–19:00" for day in days]

    @settings(max_examples=60, deadline=None)
    @given(
        st.dates(date(2026, 1, 1), date(2027, 12, 31)),
        st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]),
        st.integers(1, 40),
        st.lists(st.sampled_from(rrule.weekdays), max_size=3),
        st.lists(st.integers(1, 31) | st.integers(-31, -1), max_size=3),
        st.integers(-5, 5),
    )
    def test_rules_mean_what_they_mean_to_dateutil(
        self,
        day: date,
        frequency: Literal["DAILY", "WEEKLY", "MONTHLY"],
        interval: int,
        weekdays: list[rrule.weekday],
        month_days: list[int],
        nth: int,
    ) -> None:
        if frequency == "MONTHLY" and nth:
            weekdays = [weekday(nth) for weekday in weekdays]
        if frequency == "WEEKLY":
            month_days = []
        start = datetime.combine(day, time(18))
        until = start + timedelta(days=900)
        rule = f"FREQ={frequency};INTERVAL={interval};UNTIL={until:%Y%m%dT%H%M%S}"
        rule += f";BYDAY={','.join(map(written, weekdays))}" if weekdays else ""
        rule += f";BYMONTHDAY={','.join(map(str, month_days))}" if month_days else ""
        peer = rrule.rrule(
            FREQUENCIES[frequency],
            dtstart=start,
            interval=interval,
            byweekday=weekdays or None,
            bymonthday=month_days or None,
            until=until,
        )
        first = Span(local_instant(OSLO, day, 18 * 60), local_instant(OSLO, day, 19 * 60))
        found = [one.day for one in occurrences(first, Repeat(rrule=rule), OSLO, at_most=1000)]
        assert found == sorted({day, *(at.date() for at in peer)})

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
            (Repeat(rrule="FREQ=DAILY", until=date(2036, 11, 1)), "repeat"),
            (Repeat(every_weeks=1, until=date(2036, 11, 1)), "repeat"),
            (Repeat(rrule="FREQ=DAILY", until=date(2100, 12, 31)), "repeat.until"),
            (Repeat(every_weeks=1, until=date(2100, 12, 31)), "repeat.until"),
            (Repeat(rrule="FREQ=DAILY;INTERVAL=7;BYDAY=WE;COUNT=10"), "repeat.rrule"),
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
        found = shown(("2026-02-24 18:00", "2026-02-24 19:00"), Repeat(rrule=rule, until=date(2035, 12, 31)))
        assert found == ["24.02. 18:00–19:00"]
