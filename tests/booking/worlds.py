"""Random small worlds for the time engine: opening hours, what others have, terms and a now, near a night of DST."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from booking.availability import Part, PoolTaken, Taken, Terms, UnitTaken
from core.spans import Span, local_day
from resources.opening import OpeningHours, WeeklyOpening

OSLO = ZoneInfo("Europe/Oslo")
GRAIN = 5

PLACES = [
    (OSLO, date(2026, 3, 28)),
    (OSLO, date(2026, 10, 24)),
    (OSLO, date(2027, 3, 28)),
    (OSLO, date(2027, 10, 31)),
    (OSLO, date(2026, 11, 23)),
    (OSLO, date(2026, 12, 31)),
    # The clock is set at midnight, or by half an hour.
    (ZoneInfo("America/Santiago"), date(2026, 9, 5)),
    (ZoneInfo("America/Santiago"), date(2026, 4, 4)),
    (ZoneInfo("Australia/Lord_Howe"), date(2026, 10, 3)),
    (ZoneInfo("Australia/Lord_Howe"), date(2026, 4, 4)),
]


class World(NamedTuple):
    terms: Terms
    hours: OpeningHours
    taken: Taken
    now: datetime
    day: date
    quantity: int

    @property
    def window(self) -> Span:
        """Three days and a bit, not on midnights."""
        start = local_day(self.hours.zone, self.day).start
        return Span(start + timedelta(minutes=155), start + timedelta(days=2, minutes=485))


def minutes(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least // GRAIN, most // GRAIN).map(lambda n: n * GRAIN)


def spans_near(day: date, *, days_before: int = 1, longest: int = 1500) -> st.SearchStrategy[Span]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)

    def span(from_minute: int, length: int) -> Span:
        start = midnight + timedelta(minutes=from_minute)
        return Span(start, start + timedelta(minutes=length))

    return st.builds(span, minutes(-1440 * days_before, 1440 * 3), minutes(GRAIN, longest))


@st.composite
def lines(draw: st.DrawFn, day: date) -> WeeklyOpening:
    opens = draw(st.one_of(st.sampled_from([0, 120, 150, 480, 960, 1320]), minutes(0, 1435)))
    closes = draw(st.one_of(st.sampled_from([150, 180, 1320, 1440, 1560, 1590, 2880]), minutes(GRAIN, 2880)))
    near = st.none() | st.integers(-9, 3).map(lambda n: day + timedelta(days=n))
    return WeeklyOpening(
        draw(st.integers(1, 7)), opens, closes if closes > opens else opens + 60, draw(near), draw(near)
    )


def timetables(day: date) -> st.SearchStrategy[tuple[WeeklyOpening, ...]]:
    always = tuple(WeeklyOpening(weekday, 0, 1440) for weekday in range(1, 8))
    daily = tuple(WeeklyOpening(weekday, 480, 1320) for weekday in range(1, 8))
    nightly = tuple(WeeklyOpening(weekday, 1020, 1590) for weekday in range(1, 8))
    return st.sampled_from([(), always, daily, nightly]) | st.lists(lines(day), max_size=10).map(tuple)


@st.composite
def opening_hours(draw: st.DrawFn, zone: ZoneInfo, day: date) -> OpeningHours:
    dates = st.integers(-8, 4).map(lambda n: day + timedelta(days=n))
    return OpeningHours(
        zone,
        draw(timetables(day)),
        draw(timetables(day)),
        draw(st.frozensets(dates, max_size=2)),
        tuple(draw(st.lists(spans_near(day, days_before=9), max_size=3))),
        tuple(draw(st.lists(spans_near(day, days_before=9), max_size=3))),
    )


@st.composite
def all_terms(draw: st.DrawFn, now: datetime) -> Terms:
    interval = draw(st.sampled_from([15, 30, 45, 60, 90, 50]))
    shortest = draw(st.sampled_from([GRAIN, 30, 60, 100, 240]))
    instants = st.none() | minutes(-600, 6000).map(lambda n: now + timedelta(minutes=n))
    return Terms(
        interval_minutes=interval,
        min_minutes=shortest,
        max_minutes=draw(st.none() | minutes(shortest, 1600)),
        setup_minutes=draw(st.sampled_from([0, 0, 15, 60])),
        cleanup_minutes=draw(st.sampled_from([0, 0, 30, 45])),
        notice_minutes=draw(st.sampled_from([0, 0, 60, 2000])),
        notice_days=draw(st.sampled_from([0, 0, 1, 2])),
        horizon_days=draw(st.none() | st.integers(0, 4)),
        horizon_opens_minute=draw(st.sampled_from([0, 150, 480, 1435])),
        published_from=draw(instants) if draw(st.integers(0, 4)) == 0 else None,
        published_until=draw(instants) if draw(st.integers(0, 4)) == 0 else None,
        max_quantity=draw(st.integers(1, 3)),
    )


@st.composite
def units(draw: st.DrawFn, day: date, unit_id: UUID) -> UnitTaken | PoolTaken:
    bookings: list[tuple[Span, Span, int]] = []
    for core in draw(st.lists(spans_near(day, longest=300), max_size=5)):
        before, after = (timedelta(minutes=draw(st.sampled_from([0, 15, 60]))) for _ in range(2))
        bookings.append((core, Span(core.start - before, core.end + after), draw(st.integers(1, 2))))
    closures = draw(st.lists(spans_near(day), max_size=1))
    capacity = draw(st.none() | st.integers(1, 4))
    if capacity is None:
        pads = [pad for _, pad, _ in bookings] + closures
        return UnitTaken(unit_id, [core for core, _, _ in bookings], pads)
    return PoolTaken(
        unit_id,
        capacity,
        [Part(core, quantity) for core, _, quantity in bookings],
        [Part(pad, quantity) for _, pad, quantity in bookings] + [Part(span, capacity) for span in closures],
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    zone, day = draw(st.sampled_from(PLACES))
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    now = midnight + timedelta(minutes=draw(minutes(-2000, 1500)))
    return World(
        terms=draw(all_terms(now)),
        hours=draw(opening_hours(zone, day)),
        taken=[draw(units(day, UUID(int=n))) for n in range(draw(st.integers(1, 2)))],
        now=now,
        day=day,
        quantity=draw(st.sampled_from([1, 1, 1, 2, 3])),
    )
