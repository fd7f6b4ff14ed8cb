"""Free time, starts and the first free time, by tables; test_oracle.py has the properties."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from booking.availability import (
    Part,
    PoolTaken,
    Taken,
    Terms,
    UnitTaken,
    blocked,
    bookable_window,
    clock_windows,
    first_free,
    free_spans,
    length_for,
    starts,
)
from core.spans import EVER, MINUTE, Span, local_day, local_instant, widen
from resources.opening import OpeningHours, WeeklyOpening
from tests.booking.worlds import OSLO

OPEN_8_TO_22 = tuple(WeeklyOpening(weekday, 480, 1320) for weekday in range(1, 8))
TUESDAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
HOURS = OpeningHours(OSLO, OPEN_8_TO_22)
HOURLY = Terms(interval_minutes=60, min_minutes=60)


def at(clock: str, day: date = TUESDAY) -> datetime:
    hours, minutes = clock.split(":")
    return local_instant(OSLO, day, int(hours) * 60 + int(minutes))


def span(clock: str, day: date = TUESDAY) -> Span:
    """The span of "18:00–19:30" in Oslo."""
    start, end = clock.split("–")
    return Span(at(start, day), at(end, day))


def exclusive(*booked: str, setup: int = 0, cleanup: int = 0, unit: int = 1) -> UnitTaken:
    """A unit that others have at these times, with this much around each."""
    cores = [span(clock) for clock in booked]
    return UnitTaken(UUID(int=unit), cores, widen(cores, before=setup * MINUTE, after=cleanup * MINUTE))


def clocks(spans: Iterable[Span]) -> list[str]:
    return [f"{start.astimezone(OSLO):%H:%M}–{end.astimezone(OSLO):%H:%M}" for start, end in spans]


def clock_starts(
    terms: Terms, hours: OpeningHours, taken: Taken, length: int, *, window: str = "00:00–24:00"
) -> str:
    found = starts(terms, hours, taken, windows=[span(window)], length=length * MINUTE, now=NOW)
    return " ".join(f"{start.astimezone(OSLO):%H:%M}" for start in found)


class TestLength:
    @pytest.mark.parametrize(
        ("interval", "least", "most", "asked", "given"),
        [
            (30, 30, None, 30, 30),
            (30, 30, None, 31, 60),
            (30, 45, None, 30, 60),  # A minimum that is no multiple is rounded up.
            (90, 60, None, 60, 90),
            (45, 60, None, 60, 90),
            (45, 45, 90, 46, 90),
            (60, 60, 120, 121, None),
            (60, 60, 90, 61, None),  # A maximum that is no multiple is never reached.
            (60, 45, 50, 30, None),
            (30, 30, None, 0, 30),
            (30, 30, None, -5, 30),
            (60, 60, None, 60 * 24 * 30, 60 * 24 * 30),
            (60, 60, None, 10**15, None),
        ],
    )
    def test_is_rounded_up_to_interval_and_minimum(
        self, interval: int, least: int, most: int | None, asked: int, given: int | None
    ) -> None:
        terms = Terms(interval_minutes=interval, min_minutes=least, max_minutes=most)
        assert length_for(terms, asked) == (None if given is None else given * MINUTE)


class TestGrid:
    @pytest.mark.parametrize(
        ("interval", "length", "expected"),
        [
            (60, 120, "08:00 09:00 10:00 11:00 12:00 13:00 14:00 15:00 16:00 17:00 18:00 19:00 20:00"),
            (90, 90, "08:00 09:30 11:00 12:30 14:00 15:30 17:00 18:30 20:00"),
            (45, 225, "08:00 08:45 09:30 10:15 11:00 11:45 12:30 13:15 14:00 14:45 15:30 16:15 17:00 17:45"),
            (240, 240, "08:00 12:00 16:00"),
        ],
    )
    def test_starts_are_counted_from_the_opening(self, interval: int, length: int, expected: str) -> None:
        assert clock_starts(Terms(interval_minutes=interval), HOURS, [], length) == expected

    def test_a_booking_of_others_does_not_move_the_grid(self) -> None:
        assert clock_starts(HOURLY, HOURS, [exclusive("08:00–19:10")], 60) == "20:00 21:00"

    def test_a_window_does_not_move_the_grid(self) -> None:
        assert clock_starts(HOURLY, HOURS, [], 60, window="17:40–20:59") == "18:00 19:00"

    def test_starts_that_the_night_of_autumn_has_twice(self) -> None:
        night = OpeningHours(OSLO, tuple(WeeklyOpening(weekday, 0, 300) for weekday in range(1, 8)))
        day = local_day(OSLO, date(2026, 10, 25))
        now = datetime(2026, 10, 1, tzinfo=UTC)
        found = [start.astimezone(OSLO) for start in starts(
            HOURLY, night, [], windows=[day], length=60 * MINUTE, now=now)]  # fmt: skip
        assert [f"{start:%H%z}" for start in found] == [
            "00+0200",
            "01+0200",
            "02+0200",
            "02+0100",
            "03+0100",
            "04+0100",
        ]

    def test_no_starts_in_the_hour_that_spring_skips(self) -> None:
        night = OpeningHours(OSLO, tuple(WeeklyOpening(weekday, 0, 300) for weekday in range(1, 8)))
        day = local_day(OSLO, date(2026, 3, 29))
        now = datetime(2026, 3, 1, tzinfo=UTC)
        found = [start.astimezone(OSLO) for start in starts(
            HOURLY, night, [], windows=[day], length=60 * MINUTE, now=now)]  # fmt: skip
        assert [f"{start:%H%z}" for start in found] == ["00+0100", "01+0100", "03+0200", "04+0200"]

    def test_a_length_that_the_terms_do_not_have_has_no_starts(self) -> None:
        assert clock_starts(Terms(interval_minutes=30, min_minutes=60, max_minutes=120), HOURS, [], 30) == ""
        assert clock_starts(Terms(interval_minutes=30, min_minutes=60, max_minutes=120), HOURS, [], 75) == ""
        assert clock_starts(Terms(interval_minutes=30, min_minutes=60, max_minutes=120), HOURS, [], 150) == ""


class TestPadding:
    @pytest.mark.parametrize(
        ("own_setup", "own_cleanup", "their_setup", "their_cleanup", "free"),
        [
            (0, 0, 0, 0, ["08:00–12:00", "14:00–22:00"]),
            (30, 15, 0, 0, ["08:00–11:45", "14:30–22:00"]),
            (0, 0, 30, 15, ["08:00–11:30", "14:15–22:00"]),
            # The larger of the two, never the sum.
            (30, 15, 30, 15, ["08:00–11:30", "14:30–22:00"]),
            (10, 60, 30, 15, ["08:00–11:00", "14:15–22:00"]),
            (60, 10, 15, 30, ["08:00–11:45", "15:00–22:00"]),
        ],
    )
    def test_the_gap_is_the_larger_of_clean_up_and_set_up(
        self, own_setup: int, own_cleanup: int, their_setup: int, their_cleanup: int, free: list[str]
    ) -> None:
        terms = Terms(interval_minutes=15, setup_minutes=own_setup, cleanup_minutes=own_cleanup)
        taken = [exclusive("12:00–14:00", setup=their_setup, cleanup=their_cleanup)]
        assert clocks(free_spans(terms, HOURS, taken, window=local_day(OSLO, TUESDAY), now=NOW)) == free

    def test_padding_may_lie_outside_opening_hours_and_in_a_closure(self) -> None:
        terms = Terms(interval_minutes=60, setup_minutes=60, cleanup_minutes=60)
        hours = OpeningHours(OSLO, OPEN_8_TO_22, closures=(span("12:00–13:00"),))
        closed = UnitTaken(UUID(int=1), (), [span("12:00–13:00")])
        free = free_spans(terms, hours, [closed], window=local_day(OSLO, TUESDAY), now=NOW)
        assert clocks(free) == ["08:00–12:00", "13:00–22:00"]


class TestUnits:
    def test_whole_and_part_conflict_and_siblings_do_not(self) -> None:
        a, b = exclusive("18:00–20:00", unit=1), exclusive("19:00–21:00", unit=2)
        evening = span("17:00–22:00")

        def free(*units: UnitTaken) -> list[str]:
            return clocks(free_spans(HOURLY, HOURS, units, window=evening, now=NOW))

        assert free(a) == ["17:00–18:00", "20:00–22:00"]
        assert free(b) == ["17:00–19:00", "21:00–22:00"]
        assert free(a, b) == ["17:00–18:00", "21:00–22:00"]
        assert free(exclusive(unit=3)) == ["17:00–22:00"]

    @pytest.mark.parametrize(
        ("quantity", "free"),
        [
            (1, ["17:00–19:00", "20:00–22:00"]),
            (2, ["17:00–19:00", "20:00–22:00"]),
            (3, ["17:00–18:00", "20:00–21:00"]),
            (4, ["17:00–18:00"]),
            (5, []),
            (0, []),
        ],
    )
    def test_a_pool_takes_as_many_as_it_has_places(self, quantity: int, free: list[str]) -> None:
        there = [("18:00–20:00", 2), ("19:00–20:00", 2), ("20:00–21:00", 1), ("21:00–22:00", 2)]
        parts = [Part(span(clock), places) for clock, places in there]
        pool = PoolTaken(UUID(int=1), 4, parts, parts)
        terms = Terms(interval_minutes=60, max_quantity=9)
        found = free_spans(terms, HOURS, [pool], window=span("17:00–22:00"), now=NOW, quantity=quantity)
        assert clocks(found) == free

    def test_a_booking_takes_no_more_than_the_terms_say(self) -> None:
        pool = PoolTaken(UUID(int=1), 4)
        terms = Terms(interval_minutes=60, max_quantity=2)
        window = span("17:00–22:00")
        assert clocks(free_spans(terms, HOURS, [pool], window=window, now=NOW, quantity=2)) == ["17:00–22:00"]
        assert free_spans(terms, HOURS, [pool], window=window, now=NOW, quantity=3) == []

    def test_a_full_pool_stays_full_over_a_change_of_guests(self) -> None:
        parts = [Part(span("18:00–19:00"), 1), Part(span("19:00–20:00"), 1)]
        pool = PoolTaken(UUID(int=1), 1, parts, parts)
        assert blocked(pool, HOURLY) == [span("18:00–20:00")]

    def test_more_than_a_pool_has_is_never_free(self) -> None:
        assert blocked(PoolTaken(UUID(int=1), 4), HOURLY, quantity=5) == [EVER]

    def test_a_pool_keeps_places_for_set_up_too(self) -> None:
        """Ours not their pads, our pad not their times: as for exclusive units, when too few places are left."""
        core, pad = Part(span("18:00–20:00"), 3), Part(span("17:30–20:15"), 3)
        pool = PoolTaken(UUID(int=1), 4, [core], [pad])
        terms = Terms(interval_minutes=15, setup_minutes=30, cleanup_minutes=15, max_quantity=4)
        window = span("17:00–22:00")
        assert clocks(free_spans(terms, HOURS, [pool], window=window, now=NOW, quantity=1)) == ["17:00–22:00"]
        assert clocks(free_spans(terms, HOURS, [pool], window=window, now=NOW, quantity=2)) == [
            "17:00–17:30",
            "20:30–22:00",
        ]


OPENS_AT_8 = {"horizon_days": 7, "horizon_opens_minute": 480}
OPENS_AT_HALF_PAST_2 = {"horizon_days": 7, "horizon_opens_minute": 150}


class TestBookableWindow:
    @pytest.mark.parametrize(
        ("now", "terms", "start", "end"),
        [
            ("2026-11-24T10:07", {}, "2026-11-24T10:07", None),
            ("2026-11-24T10:07", {"notice_minutes": 90}, "2026-11-24T11:37", None),
            # An hour of notice is a real hour, also over the change of the clock.
            ("2026-03-29T01:30", {"notice_minutes": 60}, "2026-03-29T03:30", None),
            ("2026-11-24T10:07", {"notice_days": 1}, "2026-11-25T00:00", None),
            ("2026-11-24T23:59", {"notice_days": 2}, "2026-11-26T00:00", None),
            ("2026-11-24T23:59", {"notice_days": 1, "notice_minutes": 120}, "2026-11-25T01:59", None),
            ("2026-03-28T12:00", {"notice_days": 2}, "2026-03-30T00:00", None),
            ("2026-11-24T10:07", {"horizon_days": 0}, "2026-11-24T10:07", "2026-11-25T00:00"),
            ("2026-11-24T10:07", {"horizon_days": 7}, "2026-11-24T10:07", "2026-12-02T00:00"),
            ("2026-10-20T10:00", {"horizon_days": 5}, "2026-10-20T10:00", "2026-10-26T00:00"),
            ("2026-11-24T07:59", OPENS_AT_8, "2026-11-24T07:59", "2026-12-01T00:00"),
            ("2026-11-24T08:00", OPENS_AT_8, "2026-11-24T08:00", "2026-12-02T00:00"),
            # 02:30 is skipped that night: the horizon opens with the first instant after it.
            ("2026-03-29T01:59", OPENS_AT_HALF_PAST_2, "2026-03-29T01:59", "2026-04-05T00:00"),
            ("2026-03-29T03:00", OPENS_AT_HALF_PAST_2, "2026-03-29T03:00", "2026-04-06T00:00"),
            ("2026-11-24T07:00", {"horizon_days": 0, "horizon_opens_minute": 480}, None, None),
            ("2026-11-24T10:00", {"horizon_days": 3, "notice_days": 4}, None, None),
        ],
    )  # fmt: skip
    def test_notice_and_horizon_follow_the_local_clock(
        self, now: str, terms: dict[str, int], start: str | None, end: str | None
    ) -> None:
        found = bookable_window(
            msgspec.structs.replace(HOURLY, **terms),
            datetime.fromisoformat(now).replace(tzinfo=OSLO).astimezone(UTC),
            OSLO,
        )
        if start is None:
            assert found is None
            return
        assert found is not None
        assert found.start == datetime.fromisoformat(start).replace(tzinfo=OSLO)
        assert found.end == (EVER.end if end is None else datetime.fromisoformat(end).replace(tzinfo=OSLO))

    def test_only_what_is_published_can_be_booked(self) -> None:
        terms = Terms(interval_minutes=60, published_from=at("12:00"), published_until=at("20:00"))
        assert bookable_window(terms, at("11:59"), OSLO) is None
        assert bookable_window(terms, at("12:00"), OSLO) == span("12:00–20:00")
        assert bookable_window(terms, at("20:00"), OSLO) is None
        short = msgspec.structs.replace(
            terms, published_until=at("20:00", date(2027, 11, 24)), horizon_days=0
        )
        assert bookable_window(short, at("12:00"), OSLO) == span("12:00–24:00")


class TestClockWindows:
    def test_each_date_has_its_own(self) -> None:
        found = clock_windows(OSLO, TUESDAY, date(2026, 11, 25), from_minute=17 * 60, to_minute=22 * 60)
        assert found == (span("17:00–22:00"), span("17:00–22:00", date(2026, 11, 25)))

    def test_whole_days_are_one_window(self) -> None:
        (found,) = clock_windows(OSLO, TUESDAY, date(2026, 11, 26))
        assert found == Span(at("00:00"), at("24:00", date(2026, 11, 26)))

    def test_an_end_that_is_not_after_the_beginning_is_on_the_next_day(self) -> None:
        assert clock_windows(OSLO, TUESDAY, TUESDAY, from_minute=22 * 60, to_minute=120) == (
            span("22:00–26:00"),
        )
        assert clock_windows(OSLO, TUESDAY, TUESDAY, from_minute=1080, to_minute=1080) == (
            span("18:00–42:00"),
        )

    def test_there_is_none_in_a_gap_or_in_dates_turned_round(self) -> None:
        assert clock_windows(OSLO, date(2026, 3, 29), date(2026, 3, 29), from_minute=120, to_minute=180) == ()
        assert clock_windows(OSLO, TUESDAY, date(2026, 11, 23)) == ()


class TestFirstFree:
    def first(
        self, hours: OpeningHours, taken: Taken, clock: str, *, minutes: int = 60, terms: Terms = HOURLY
    ) -> tuple[list[str], bool]:
        found = first_free(terms, hours, taken, windows=[span(clock)], minutes=minutes, now=NOW)
        return clocks([found.span] if found.span else []), found.closed

    def test_the_earliest_start_that_fits(self) -> None:
        assert self.first(HOURS, [exclusive("17:00–18:30")], "17:00–22:00") == (["19:00–20:00"], False)

    def test_full_is_not_closed(self) -> None:
        assert self.first(HOURS, [exclusive("08:00–22:00")], "17:00–22:00") == ([], False)

    def test_closed_is_only_where_nothing_is_open(self) -> None:
        assert self.first(HOURS, [exclusive("08:00–22:00")], "22:00–24:00") == ([], True)
        assert self.first(OpeningHours(OSLO), [], "17:00–22:00") == ([], True)
        closed = OpeningHours(OSLO, OPEN_8_TO_22, closures=(span("16:00–23:00"),))
        assert self.first(closed, [], "17:00–22:00") == ([], True)
        assert self.first(closed, [], "15:30–22:00") == ([], False)
        assert first_free(HOURLY, HOURS, [], windows=[], minutes=60, now=NOW) == (None, True)

    def test_too_late_to_book_or_too_long_is_not_closed(self) -> None:
        assert first_free(HOURLY, HOURS, [], windows=[span("17:00–22:00")], minutes=60, now=at("21:01")) == (
            None,
            False,
        )
        short = Terms(interval_minutes=60, max_minutes=120)
        assert self.first(HOURS, [], "17:00–22:00", minutes=180, terms=short) == ([], False)

    def test_free_pieces_in_separate_spans_never_add_up(self) -> None:
        assert self.first(HOURS, [exclusive("18:00–19:00", "20:00–21:00")], "17:00–22:00", minutes=120) == (
            [],
            False,
        )
        split = OpeningHours(OSLO, (WeeklyOpening(2, 1020, 1080), WeeklyOpening(2, 1085, 1140)))
        assert self.first(split, [], "17:00–22:00", minutes=120) == ([], False)

    def test_the_booking_lies_wholly_within_the_clock_window(self) -> None:
        assert self.first(HOURS, [], "17:30–18:30") == ([], False)
        assert self.first(HOURS, [], "17:30–19:00") == (["18:00–19:00"], False)

    def test_the_evenings_of_a_week_are_tried_in_turn(self) -> None:
        windows = clock_windows(OSLO, TUESDAY, date(2026, 11, 27), from_minute=1020, to_minute=1320)
        taken = [exclusive("08:00–22:00", "41:00–45:00")]
        found = first_free(HOURLY, HOURS, taken, windows=windows, minutes=120, now=NOW)
        assert found.span == span("17:00–19:00", date(2026, 11, 26))

    def test_what_is_not_allowed_is_passed_over(self) -> None:
        evening = [span("17:00–22:00")]
        found = first_free(
            HOURLY,
            HOURS,
            [],
            windows=evening,
            minutes=60,
            now=NOW,
            allowed=lambda wish: wish.start >= at("20:30"),
        )
        assert found.span == span("21:00–22:00")
        never = first_free(HOURLY, HOURS, [], windows=evening, minutes=60, now=NOW, allowed=lambda _: False)
        assert never == (None, False)

    def test_a_camp_over_midnight_is_one_span(self) -> None:
        always = OpeningHours(OSLO, tuple(WeeklyOpening(weekday, 0, 1440) for weekday in range(1, 8)))
        windows = clock_windows(OSLO, date(2026, 10, 23), date(2026, 10, 27))
        now = datetime(2026, 10, 1, tzinfo=UTC)
        found = first_free(HOURLY, always, [], windows=windows, minutes=60 * 100, now=now)
        assert found.span is not None
        assert found.span.length == timedelta(hours=100)
        assert found.span.start == windows[0].start
