"""Why not: every refusal with its facts, limits over weeks, and deadlines."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.availability import Part, PoolTaken, Taken, Terms, UnitTaken, first_free, starts
from booking.rules import Limit, LimitKind, Usage, check_change_deadline, refusals, time_by_week
from core.errors import Refusal, TooSoon
from core.spans import MINUTE, Span, local_day, local_instant, monday_of, widen
from resources.opening import OpeningHours, WeeklyOpening

OSLO = ZoneInfo("Europe/Oslo")
TUESDAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOURS = OpeningHours(OSLO, tuple(WeeklyOpening(weekday, 480, 1320) for weekday in range(1, 8)))
HOURLY = Terms(interval_minutes=60, min_minutes=60)
HALL, ROOM, FACILITY, ELSEWHERE = (UUID(int=n) for n in range(1, 5))


def at(clock: str, day: date = TUESDAY) -> datetime:
    hours, minutes = clock.split(":")
    return local_instant(OSLO, day, int(hours) * 60 + int(minutes))


def span(clock: str, day: date = TUESDAY) -> Span:
    """The span of "18:00–19:30" in Oslo."""
    start, end = clock.split("–")
    return Span(at(start, day), at(end, day))


def reasons(
    wish: Span,
    *,
    terms: Terms = HOURLY,
    hours: OpeningHours = HOURS,
    taken: Taken = (),
    quantity: int = 1,
    now: datetime = NOW,
) -> list[tuple[str, dict[str, object]]]:
    found = refusals(terms, hours, taken, wish=wish, now=now, quantity=quantity)
    return [(type(refusal).__name__, refusal.facts) for refusal in found]


class TestReasons:
    def test_there_are_none_for_what_may_be_booked(self) -> None:
        assert reasons(span("18:00–20:00")) == []

    @pytest.mark.parametrize(
        ("clock", "terms", "expected"),
        [
            ("18:00–18:30", {}, ("TooShort", {"min_minutes": 60})),
            ("18:00–19:00", {"min_minutes": 61}, ("TooShort", {"min_minutes": 120})),
            ("18:00–21:00", {"max_minutes": 120}, ("TooLong", {"max_minutes": 120})),
            ("18:00–19:30", {}, ("OffGrid", {"interval_minutes": 60})),
            ("18:00–20:00", {"max_minutes": 100}, ("TooLong", {"max_minutes": 100})),
            ("18:00–19:00", {"min_minutes": 61, "max_minutes": 100}, ("TooShort", {"min_minutes": 120})),
        ],
    )
    def test_length(self, clock: str, terms: dict[str, int], expected: tuple[str, dict[str, object]]) -> None:
        assert reasons(span(clock), terms=msgspec.structs.replace(HOURLY, **terms)) == [expected]

    def test_a_length_with_seconds_is_off_the_grid(self) -> None:
        wish = Span(at("18:00"), at("19:00") + timedelta(seconds=1))
        assert reasons(wish) == [("OffGrid", {"interval_minutes": 60})]

    def test_a_hundred_years_are_too_long_and_no_other_question_is_asked(self) -> None:
        wish = Span(at("18:00"), datetime(2100, 12, 31, tzinfo=UTC))
        assert reasons(wish) == [("TooLong", {"max_minutes": 366 * 1440})]

    @pytest.mark.parametrize(
        ("clock", "nearest"),
        [
            ("17:40–18:40", ["17:00", "18:00"]),
            ("08:20–09:20", ["08:00", "09:00"]),
            ("20:30–21:30", ["20:00", "21:00"]),
            ("19:01–22:01", []),
        ],
    )
    def test_a_start_beside_the_grid_is_told_the_nearest(self, clock: str, nearest: list[str]) -> None:
        expected = {"interval_minutes": 60, "nearest": [at(start) for start in nearest]}
        found = [facts for name, facts in reasons(span(clock)) if name == "OffGrid"]
        assert found == ([expected] if nearest else [])

    def test_outside_opening_hours_is_told_when_it_is_open_that_day(self) -> None:
        assert reasons(span("21:00–23:00")) == [("OutsideOpeningHours", {"open": [span("08:00–22:00")]})]
        assert reasons(span("23:00–25:00")) == [
            ("OutsideOpeningHours", {"open": [span("08:00–22:00"), span("32:00–46:00")]})
        ]
        assert reasons(span("18:00–20:00"), hours=OpeningHours(OSLO)) == [
            ("OutsideOpeningHours", {"open": []})
        ]

    def test_a_gap_within_the_wish_is_outside(self) -> None:
        split = OpeningHours(OSLO, (WeeklyOpening(2, 480, 720), WeeklyOpening(2, 730, 1320)))
        assert [name for name, _ in reasons(span("11:00–13:00"), hours=split)] == ["OutsideOpeningHours"]

    def test_a_closure_is_named_with_its_own_times(self) -> None:
        closures = (span("12:00–14:00"), span("19:00–20:00"))
        hours = msgspec.structs.replace(HOURS, closures=closures)
        assert reasons(span("18:00–20:00"), hours=hours) == [("Closed", {"closures": [span("19:00–20:00")]})]
        assert reasons(span("14:00–15:00"), hours=hours) == []

    def test_a_closure_outside_opening_hours_is_both(self) -> None:
        hours = msgspec.structs.replace(HOURS, closures=(span("21:00–24:00"),))
        assert [name for name, _ in reasons(span("21:00–23:00"), hours=hours)] == [
            "Closed",
            "OutsideOpeningHours",
        ]

    def test_the_claim_of_a_closure_is_not_told_as_taken_too(self) -> None:
        closure = span("19:00–20:00")
        hours = msgspec.structs.replace(HOURS, closures=(closure,))
        taken = [UnitTaken(HALL, [span("18:00–19:00")], [span("18:00–19:00"), closure])]
        found = reasons(span("18:00–20:00"), hours=hours, taken=taken)
        assert found == [
            ("Closed", {"closures": [closure]}),
            ("TimeTaken", {"conflicts": [span("18:00–19:00")]}),
        ]

    def test_taken_names_the_times_of_others_not_their_padding(self) -> None:
        cores = [span("14:00–15:00"), span("17:00–18:00"), span("19:00–20:00"), span("21:30–22:00")]
        taken = [UnitTaken(HALL, cores, widen(cores, before=30 * MINUTE, after=30 * MINUTE))]
        found = reasons(span("18:00–21:00"), taken=taken)
        assert found == [("TimeTaken", {"conflicts": [span("17:00–18:00"), span("19:00–20:00")]})]

    def test_taken_on_two_units_by_one_booking_is_told_once(self) -> None:
        core = span("18:00–19:00")
        taken = [UnitTaken(HALL, [core], [core]), UnitTaken(ROOM, [core], [core])]
        assert reasons(core, taken=taken) == [("TimeTaken", {"conflicts": [core]})]

    def test_a_full_pool_names_when_it_is_full(self) -> None:
        parts = [Part(span("18:00–20:00"), 2), Part(span("19:00–21:00"), 2)]
        terms = msgspec.structs.replace(HOURLY, max_quantity=4)
        taken = [PoolTaken(HALL, 4, parts, parts)]
        assert reasons(span("18:00–21:00"), terms=terms, taken=taken, quantity=2) == [
            ("TimeTaken", {"conflicts": [span("19:00–20:00")]})
        ]
        assert reasons(span("20:00–21:00"), terms=terms, taken=taken, quantity=2) == []

    @pytest.mark.parametrize("quantity", [0, -1, 4, 10**9])
    def test_a_quantity_is_from_one_to_what_there_is(self, quantity: int) -> None:
        terms = msgspec.structs.replace(HOURLY, max_quantity=9)
        (name, facts), *_ = reasons(
            span("18:00–19:00"), terms=terms, taken=[PoolTaken(HALL, 3)], quantity=quantity
        )
        assert (name, facts["field"], facts["at_most"]) == ("Invalid", "quantity", 3)

    def test_too_soon_names_the_earliest(self) -> None:
        terms = msgspec.structs.replace(HOURLY, notice_days=2)
        assert reasons(span("18:00–19:00"), terms=terms) == [("TooSoon", {"earliest_at": at("24:00")})]
        assert [name for name, _ in reasons(span("18:00–19:00"), now=at("18:00") + MINUTE)] == ["TooSoon"]
        assert reasons(span("18:00–19:00"), now=at("18:00")) == []

    def test_too_far_ahead_says_when_it_opens(self) -> None:
        terms = msgspec.structs.replace(HOURLY, horizon_days=1, horizon_opens_minute=12 * 60)
        now = at("11:59", date(2026, 11, 23))
        facts = {"latest_at": at("00:00"), "opens_at": at("12:00", date(2026, 11, 23))}
        assert reasons(span("18:00–19:00"), terms=terms, now=now) == [("TooFarAhead", facts)]
        assert reasons(span("18:00–19:00"), terms=terms, now=now + MINUTE) == []

    def test_the_last_day_of_the_horizon_can_be_booked_to_24_00(self) -> None:
        late = OpeningHours(OSLO, (WeeklyOpening(2, 1200, 1560),))
        terms = msgspec.structs.replace(HOURLY, horizon_days=1)
        assert reasons(span("23:00–24:00"), terms=terms, hours=late) == []
        assert [name for name, _ in reasons(span("23:00–25:00"), terms=terms, hours=late)] == ["TooFarAhead"]

    def test_what_is_not_published_yet_says_when_and_what_is_no_more_is_closed(self) -> None:
        coming = msgspec.structs.replace(HOURLY, published_from=at("12:00"))
        assert reasons(span("18:00–19:00"), terms=coming) == [("TooFarAhead", {"opens_at": at("12:00")})]
        going = msgspec.structs.replace(HOURLY, published_until=at("18:30"))
        assert reasons(span("18:00–19:00"), terms=going) == [("Closed", {"closures": [span("18:30–19:00")]})]
        going = msgspec.structs.replace(HOURLY, published_until=at("19:00"))
        assert reasons(span("18:00–19:00"), terms=going) == []

    def test_all_reasons_are_told_and_facts_can_be_sent(self) -> None:
        terms = msgspec.structs.replace(HOURLY, notice_days=9, max_minutes=60)
        taken = [UnitTaken(HALL, [span("18:00–19:00")], [span("18:00–19:00")])]
        usage = Usage(OSLO, NOW)
        found = refusals(
            terms, HOURS, taken, wish=span("17:30–20:00"), now=NOW, quantity=2,
            usage=usage, limits=[Limit("active_bookings", 0)],
        )  # fmt: skip
        assert [type(refusal).__name__ for refusal in found] == [
            "Invalid",
            "TooLong",
            "TooSoon",
            "OffGrid",
            "TimeTaken",
            "LimitReached",
        ]
        assert msgspec.json.encode([refusal.facts for refusal in found])


class TestSearchAndCreate:
    @given(st.integers(0, 30), st.sampled_from([30, 45, 60]), st.integers(0, 60), st.integers(0, 60))
    def test_agree_minute_by_minute(self, booked: int, interval: int, setup: int, cleanup: int) -> None:
        core = Span(at("16:00") + booked * 10 * MINUTE, at("17:00") + booked * 10 * MINUTE)
        taken = [UnitTaken(HALL, [core], widen([core], before=20 * MINUTE, after=10 * MINUTE))]
        terms = Terms(interval_minutes=interval, setup_minutes=setup, cleanup_minutes=cleanup)
        length = interval * MINUTE
        window = span("15:00–22:00")
        given_starts = list(starts(terms, HOURS, taken, windows=[window], length=length, now=NOW))
        every_minute = [window.start + n * MINUTE for n in range(7 * 60)]
        assert given_starts == [
            start
            for start in every_minute
            if start + length <= window.end
            and not reasons(Span(start, start + length), terms=terms, taken=taken)
        ]
        first = first_free(terms, HOURS, taken, windows=[window], minutes=1, now=NOW)
        assert (first.span and first.span.start) == next(iter(given_starts), None)


def usage_of(*held: Span, resource_id: UUID = HALL, facility_id: UUID = FACILITY) -> Usage:
    usage = Usage(OSLO, NOW)
    for each in held:
        usage.add(each, resource_id=resource_id, facility_id=facility_id)
    return usage


def reached(usage: Usage, limit: Limit, wish: Span) -> list[dict[str, object]]:
    found: list[Refusal] = list(usage.refusals([limit], wish))
    assert usage.allows([limit], wish) == (not found)
    return [refusal.facts for refusal in found]


class TestLimits:
    def test_active_bookings_are_those_that_have_not_ended(self) -> None:
        usage = usage_of(
            span("08:00–10:00", date(2026, 11, 23)),
            span("09:00–10:01", date(2026, 11, 23)),
            span("18:00–19:00"),
        )
        assert reached(usage, Limit("active_bookings", 3), span("20:00–21:00")) == []
        assert reached(usage, Limit("active_bookings", 2), span("20:00–21:00")) == [
            {"kind": "active_bookings", "limit": 2, "used": 2, "place_id": None}
        ]

    @pytest.mark.parametrize("kind", ["active_bookings", "minutes_per_week"])
    @pytest.mark.parametrize(
        ("place_id", "counts"),
        [(None, True), (HALL, True), (FACILITY, True), (ROOM, False), (ELSEWHERE, False)],
    )
    def test_a_limit_counts_what_is_held_at_its_place(
        self, kind: LimitKind, place_id: UUID | None, counts: bool
    ) -> None:
        limit = Limit(kind, 1 if kind == "active_bookings" else 60, place_id)
        found = reached(usage_of(span("10:00–11:00")), limit, span("18:00–19:00"))
        assert bool(found) == counts

    def test_wishes_of_one_application_count_together(self) -> None:
        usage, limits = usage_of(), [Limit("active_bookings", 2)]
        outcomes: list[bool] = []
        for clock in ("10:00–11:00", "12:00–13:00", "14:00–15:00"):
            allowed = usage.allows(limits, span(clock))
            outcomes.append(allowed)
            if allowed:
                usage.add(span(clock), resource_id=HALL, facility_id=FACILITY)
        assert outcomes == [True, True, False]

    def test_minutes_of_a_week_are_real_minutes_of_the_local_iso_week(self) -> None:
        sunday, monday = date(2026, 11, 29), date(2026, 11, 30)
        usage = usage_of(span("18:00–20:00"), span("20:00–22:00", sunday), span("10:00–11:00", monday))
        limit = Limit("minutes_per_week", 300)
        assert reached(usage, limit, span("08:00–09:00")) == []
        assert reached(usage, limit, span("08:00–09:01")) == [
            {
                "kind": "minutes_per_week",
                "limit": 300,
                "used": 240,
                "place_id": None,
                "week": at("00:00", date(2026, 11, 23)),
            }
        ]
        assert reached(usage, limit, span("12:00–16:00", monday)) == []

    def test_a_booking_over_the_edge_of_the_week_counts_in_both(self) -> None:
        sunday = date(2026, 11, 29)
        usage = usage_of(span("22:00–27:00", sunday))
        first, second = date(2026, 11, 24), date(2026, 12, 1)
        assert reached(usage, Limit("minutes_per_week", 180), span("10:00–11:00", first)) == []
        assert len(reached(usage, Limit("minutes_per_week", 179), span("10:00–11:00", first))) == 1
        assert reached(usage, Limit("minutes_per_week", 240), span("10:00–11:00", second)) == []
        assert len(reached(usage, Limit("minutes_per_week", 239), span("10:00–11:00", second))) == 1
        assert len(reached(usage_of(), Limit("minutes_per_week", 60), span("22:00–27:00", sunday))) == 2

    @pytest.mark.parametrize(
        ("sunday", "hours"), [(date(2026, 3, 29), 167), (date(2026, 10, 25), 169), (date(2026, 11, 29), 168)]
    )
    def test_the_week_of_the_change_has_an_hour_less_or_more(self, sunday: date, hours: int) -> None:
        week = Span(local_day(OSLO, monday_of(sunday)).start, local_day(OSLO, sunday).end)
        assert list(time_by_week(week, OSLO)) == [(monday_of(sunday), timedelta(hours=hours))]

    def test_a_limit_of_nothing_lets_nothing_through(self) -> None:
        assert not usage_of().allows([Limit("active_bookings", 0)], span("10:00–11:00"))
        assert not usage_of().allows([Limit("minutes_per_week", 0)], span("10:00–11:00"))
        assert usage_of().allows([], span("10:00–11:00"))


class TestChangeDeadline:
    @pytest.mark.parametrize(
        ("deadline_minutes", "now", "in_time"),
        [
            (120, "16:00", True),
            (120, "16:01", False),
            (0, "17:59", True),
            (0, "18:00", False),
            (120, "23:00", False),
        ],
    )
    def test_a_booking_may_be_changed_until_its_deadline(
        self, deadline_minutes: int, now: str, in_time: bool
    ) -> None:
        starts_at = at("18:00")
        if in_time:
            check_change_deadline(starts_at, deadline_minutes, at(now))
            return
        with pytest.raises(TooSoon) as refusal:
            check_change_deadline(starts_at, deadline_minutes, at(now))
        assert refusal.value.facts == {"deadline_at": starts_at - deadline_minutes * MINUTE}

    def test_a_day_of_deadline_is_24_real_hours(self) -> None:
        starts_at = at("12:00", date(2026, 10, 25))
        check_change_deadline(starts_at, 1440, at("13:00", date(2026, 10, 24)))
        with pytest.raises(TooSoon):
            check_change_deadline(starts_at, 1440, at("13:01", date(2026, 10, 24)))
