"""Opening hours and the grid: tables for midnights, overnight openings, holidays and the nights of DST."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spans import Span, local_day, local_instant
from resources.opening import (
    OpeningHours,
    WeeklyOpening,
    grid_origin,
    next_on_grid,
    open_spans,
    whole_open_spans,
)

OSLO = ZoneInfo("Europe/Oslo")
MONDAY = date(2026, 11, 23)
TUESDAY, SATURDAY, SUNDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=5), MONDAY + timedelta(days=6)
ALWAYS = tuple(WeeklyOpening(weekday, 0, 1440) for weekday in range(1, 8))


def at(text: str) -> datetime:
    """The instant of "24.11. 18:00" on the clock in Oslo in 2026."""
    return datetime.strptime(f"2026 {text}", "%Y %d.%m. %H:%M").replace(tzinfo=OSLO).astimezone(UTC)


def span(start: str, end: str) -> Span:
    return Span(at(start), at(end))


def minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def daily(opens: str, closes: str) -> tuple[WeeklyOpening, ...]:
    return tuple(WeeklyOpening(weekday, minute(opens), minute(closes)) for weekday in range(1, 8))


def shown(hours: OpeningHours, first: date, last: date | None = None) -> list[str]:
    """What is open from the first local day to the last, as the clock shows it."""
    window = Span(local_day(hours.zone, first).start, local_day(hours.zone, last or first).end)
    found = [tuple(instant.astimezone(hours.zone) for instant in span) for span in open_spans(hours, window)]
    return [f"{start:%d.%m. %H:%M}–{end:%d.%m. %H:%M}" for start, end in found]


class TestWeeklyHours:
    def test_each_weekday_has_its_lines(self) -> None:
        lines = (WeeklyOpening(1, 480, 720), WeeklyOpening(1, 780, 1320), WeeklyOpening(2, 960, 1320))
        assert shown(OpeningHours(OSLO, lines), MONDAY, MONDAY + timedelta(days=7)) == [
            "23.11. 08:00–23.11. 12:00",
            "23.11. 13:00–23.11. 22:00",
            "24.11. 16:00–24.11. 22:00",
            "30.11. 08:00–30.11. 12:00",
            "30.11. 13:00–30.11. 22:00",
        ]

    def test_lines_that_touch_or_overlap_are_one_span(self) -> None:
        lines = (WeeklyOpening(1, 480, 720), WeeklyOpening(1, 720, 900), WeeklyOpening(1, 840, 960))
        assert shown(OpeningHours(OSLO, lines), MONDAY) == ["23.11. 08:00–23.11. 16:00"]

    def test_24_00_and_00_00_touch_over_midnight_also_from_sunday_to_monday(self) -> None:
        lines = (WeeklyOpening(7, 1200, 1440), WeeklyOpening(1, 0, 120))
        assert shown(OpeningHours(OSLO, lines), SUNDAY, SUNDAY + timedelta(days=1)) == [
            "29.11. 20:00–30.11. 02:00"
        ]

    def test_a_line_past_24_00_goes_on_into_the_next_day(self) -> None:
        friday_night = OpeningHours(OSLO, (WeeklyOpening(5, 1200, 1560),))
        assert shown(friday_night, date(2026, 11, 27), SATURDAY) == ["27.11. 20:00–28.11. 02:00"]
        assert shown(friday_night, SATURDAY) == ["28.11. 00:00–28.11. 02:00"]
        two_days = OpeningHours(OSLO, (WeeklyOpening(7, 1200, 2880),))
        assert shown(two_days, MONDAY, TUESDAY) == ["23.11. 00:00–24.11. 00:00"]

    def test_validity_includes_both_its_dates_which_are_those_of_the_weekday(self) -> None:
        line = WeeklyOpening(1, 1200, 1560, valid_from=MONDAY, valid_until=MONDAY)
        assert shown(OpeningHours(OSLO, (line,)), MONDAY - timedelta(days=7), MONDAY + timedelta(days=8)) == [
            "23.11. 20:00–24.11. 02:00"
        ]

    def test_own_lines_replace_the_inherited_ones_for_the_whole_of_their_dates(self) -> None:
        own = (WeeklyOpening(1, 1080, 1200, valid_from=MONDAY, valid_until=TUESDAY),)
        hours = OpeningHours(OSLO, own, daily("08:00", "22:00"))
        assert shown(hours, SUNDAY - timedelta(days=7), date(2026, 11, 25)) == [
            "22.11. 08:00–22.11. 22:00",
            "23.11. 18:00–23.11. 20:00",
            # Tuesday has no line of its own, but own lines are valid: closed.
            "25.11. 08:00–25.11. 22:00",
        ]

    def test_an_inherited_night_is_not_cut_by_own_lines_of_the_next_day(self) -> None:
        own = (WeeklyOpening(2, 600, 660, valid_from=TUESDAY),)
        hours = OpeningHours(OSLO, own, daily("20:00", "26:00"))
        assert shown(hours, TUESDAY) == ["24.11. 00:00–24.11. 02:00", "24.11. 10:00–24.11. 11:00"]


class TestExceptions:
    def test_a_closed_day_takes_the_whole_local_day_and_cuts_the_night_before(self) -> None:
        hours = OpeningHours(OSLO, daily("20:00", "26:00"), closed_days=frozenset([TUESDAY]))
        assert shown(hours, MONDAY, date(2026, 11, 25)) == [
            "23.11. 00:00–23.11. 02:00",
            "23.11. 20:00–24.11. 00:00",
            "25.11. 00:00–25.11. 02:00",
            "25.11. 20:00–26.11. 00:00",
        ]

    def test_a_closed_monday_cuts_the_night_of_sunday(self) -> None:
        hours = OpeningHours(OSLO, daily("20:00", "26:00"), closed_days=frozenset([MONDAY]))
        assert shown(hours, MONDAY) == []

    def test_an_extra_opening_holds_on_a_closed_day_and_joins_the_hours_it_touches(self) -> None:
        extra = (span("24.11. 10:00", "24.11. 12:00"), span("25.11. 22:00", "26.11. 08:00"))
        hours = OpeningHours(OSLO, daily("08:00", "22:00"), closed_days=frozenset([TUESDAY]), extra=extra)
        assert shown(hours, TUESDAY, date(2026, 11, 26)) == [
            "24.11. 10:00–24.11. 12:00",
            "25.11. 08:00–26.11. 22:00",
        ]

    def test_a_closure_beats_everything(self) -> None:
        hours = OpeningHours(
            OSLO,
            daily("08:00", "22:00"),
            extra=(span("23.11. 05:00", "23.11. 07:00"),),
            closures=(span("23.11. 06:00", "23.11. 10:20"), span("23.11. 10:00", "23.11. 11:00")),
        )
        assert shown(hours, MONDAY) == ["23.11. 05:00–23.11. 06:00", "23.11. 11:00–23.11. 22:00"]

    def test_no_hours_are_never_open(self) -> None:
        assert shown(OpeningHours(OSLO), MONDAY, SUNDAY) == []


class TestTheNightsOfTheChange:
    @pytest.mark.parametrize(
        ("day", "opens", "closes", "hours_open"),
        [
            (date(2026, 3, 29), "00:00", "24:00", 23),
            (date(2027, 3, 28), "00:00", "24:00", 23),
            (date(2026, 10, 25), "00:00", "24:00", 25),
            (date(2027, 10, 31), "00:00", "24:00", 25),
            (date(2026, 3, 29), "01:00", "05:00", 3),
            (date(2026, 10, 25), "01:00", "05:00", 5),
            (date(2026, 3, 28), "20:00", "28:00", 7),
            (date(2026, 10, 24), "20:00", "28:00", 9),
            (date(2026, 3, 29), "08:00", "22:00", 14),
            (date(2026, 10, 25), "08:00", "22:00", 14),
            # 02:30 is skipped: the first instant after the gap.
            (date(2026, 3, 29), "02:30", "05:00", 2),
            (date(2026, 3, 29), "01:00", "02:30", 1),
            # 02:30 comes twice: the first.
            (date(2026, 10, 25), "02:30", "05:00", 3.5),
            (date(2026, 10, 25), "01:00", "02:30", 1.5),
        ],
    )
    def test_hours_follow_the_clock(self, day: date, opens: str, closes: str, hours_open: float) -> None:
        hours = OpeningHours(OSLO, (WeeklyOpening(day.isoweekday(), minute(opens), minute(closes)),))
        night = Span(local_day(OSLO, day).start, local_day(OSLO, day + timedelta(days=1)).end)
        (found,) = open_spans(hours, night)
        assert found.length / timedelta(hours=1) == hours_open

    def test_hours_that_lie_in_the_gap_are_none_that_night(self) -> None:
        hours = OpeningHours(OSLO, daily("02:00", "03:00"))
        assert len(shown(hours, date(2026, 3, 28), date(2026, 3, 30))) == 2

    def test_an_hour_that_comes_twice_is_open_twice(self) -> None:
        hours = OpeningHours(OSLO, daily("02:00", "03:00"))
        (found,) = open_spans(hours, local_day(OSLO, date(2026, 10, 25)))
        assert found.length == timedelta(hours=2)


class TestTheGrid:
    def test_starts_are_counted_from_the_start_of_the_open_span(self) -> None:
        hours = OpeningHours(OSLO, daily("08:15", "22:00"))
        assert grid_origin(hours, at("24.11. 18:00")) == at("24.11. 08:15")
        assert grid_origin(hours, at("24.11. 08:15")) == at("24.11. 08:15")
        assert grid_origin(hours, at("24.11. 22:00")) is None
        assert grid_origin(hours, at("24.11. 08:14")) is None

    def test_an_open_span_over_midnight_is_counted_from_the_evening_before(self) -> None:
        hours = OpeningHours(OSLO, daily("20:10", "26:00"))
        assert grid_origin(hours, at("24.11. 01:30")) == at("23.11. 20:10")

    def test_days_that_touch_are_counted_from_the_first(self) -> None:
        hours = OpeningHours(
            OSLO, (WeeklyOpening(1, 605, 1440), WeeklyOpening(2, 0, 1440), WeeklyOpening(3, 0, 600))
        )
        assert grid_origin(hours, at("25.11. 09:00")) == at("23.11. 10:05")

    def test_a_night_that_lasts_over_all_of_monday_counts_on_tuesday_too(self) -> None:
        hours = OpeningHours(OSLO, (WeeklyOpening(7, 605, 2880), WeeklyOpening(2, 0, 600)))
        assert grid_origin(hours, at("24.11. 09:00")) == at("22.11. 10:05")

    def test_a_closure_starts_the_grid_anew(self) -> None:
        hours = OpeningHours(OSLO, daily("08:00", "22:00"), closures=(span("24.11. 09:00", "24.11. 10:20"),))
        assert grid_origin(hours, at("24.11. 12:00")) == at("24.11. 10:20")

    def test_a_place_that_never_closes_is_counted_from_local_midnight(self) -> None:
        hours = OpeningHours(OSLO, ALWAYS)
        assert grid_origin(hours, at("24.11. 18:00")) == at("24.11. 00:00")
        assert grid_origin(hours, at("25.10. 18:00")) == at("25.10. 00:00")

    @pytest.mark.parametrize(
        ("asked", "origin"),
        [
            ("24.11. 12:00", "24.11. 10:20"),
            ("28.11. 12:00", "24.11. 10:20"),
            ("01.12. 10:19", "24.11. 10:20"),
            ("01.12. 10:20", "01.12. 00:00"),
            ("02.12. 09:00", "02.12. 00:00"),
        ],
    )
    def test_a_week_after_a_closure_midnight_counts_again(self, asked: str, origin: str) -> None:
        hours = OpeningHours(OSLO, ALWAYS, closures=(span("23.11. 09:00", "24.11. 10:20"),))
        assert grid_origin(hours, at(asked)) == at(origin)

    @given(
        st.sampled_from([ALWAYS, daily("08:00", "22:00"), daily("17:00", "26:30"), daily("00:00", "20:00")]),
        st.integers(0, 14 * 96).map(lambda n: at("15.10. 00:00") + n * timedelta(minutes=15)),
        st.integers(0, 10 * 96).map(lambda n: n * timedelta(minutes=15)),
        st.integers(1, 96).map(lambda n: n * timedelta(minutes=15)),
    )
    def test_the_grid_does_not_depend_on_the_window_asked(
        self, lines: tuple[WeeklyOpening, ...], asked: datetime, earlier: timedelta, later: timedelta
    ) -> None:
        hours = OpeningHours(OSLO, lines, closures=(span("20.10. 09:00", "21.10. 10:20"),))
        for found in whole_open_spans(hours, Span(asked - earlier, asked + later)):
            if found.start <= asked < found.end:
                step = timedelta(minutes=90)
                start = next_on_grid(OSLO, found.start, asked, step=step)
                origin = grid_origin(hours, start)
                assert origin is None or (start - origin) % step == timedelta()
                origin = grid_origin(hours, asked)
                assert origin is not None
                assert (start == asked) == ((asked - origin) % step == timedelta())

    def test_steps_that_do_not_divide_the_day_begin_anew_at_midnight(self) -> None:
        opened_at = at("01.11. 00:00")
        step = timedelta(minutes=50)
        assert next_on_grid(OSLO, opened_at, at("23.11. 23:20"), step=step) == at("23.11. 23:20")
        assert next_on_grid(OSLO, opened_at, at("23.11. 23:21"), step=step) == at("24.11. 00:00")

    def test_the_step_over_the_seventh_day_lands_on_the_grid_of_midnight(self) -> None:
        opened_at = at("16.11. 10:20")
        step = timedelta(hours=1)
        assert next_on_grid(OSLO, opened_at, at("23.11. 09:21"), step=step) == at("23.11. 11:00")
        assert next_on_grid(OSLO, opened_at, at("23.11. 09:20"), step=step) == at("23.11. 09:20")

    def test_both_02_00_of_autumn_are_starts(self) -> None:
        hours = OpeningHours(OSLO, daily("00:00", "06:00"))
        (found,) = open_spans(hours, local_day(OSLO, date(2026, 10, 25)))
        first = local_instant(OSLO, date(2026, 10, 25), 120)
        for start in (first, first + timedelta(hours=1)):
            assert next_on_grid(OSLO, found.start, start, step=timedelta(hours=1)) == start
