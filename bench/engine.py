"""The engine alone: how long it looks for a free hour in a unit that has none."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from bench.report import Row
from booking.availability import Terms, UnitTaken, clock_windows, first_free
from core.spans import Span, local_date, local_day, utc_now
from resources.opening import OpeningHours, WeeklyOpening

OSLO = ZoneInfo("Europe/Oslo")
DAYS = 730
TERMS = Terms(interval_minutes=15, min_minutes=30, setup_minutes=15, cleanup_minutes=15)


def full(bookings: int) -> Callable[[], object]:
    """Two years in which so many bookings, one close after another, leave no half hour."""
    first = local_date(OSLO, utc_now()) + timedelta(days=1)
    start = local_day(OSLO, first).start
    length = timedelta(days=DAYS + 1) / bookings
    cores = [Span(start + length * n, start + length * (n + 1)) for n in range(bookings)]
    taken = [UnitTaken(UUID(int=1), cores, cores)]
    hours = OpeningHours(OSLO, inherited=tuple(WeeklyOpening(day, 7 * 60, 23 * 60) for day in range(1, 8)))
    windows = clock_windows(OSLO, first, first + timedelta(days=DAYS - 1))

    def look() -> None:
        found = first_free(TERMS, hours, taken, windows=windows, minutes=60, now=NOW)
        assert found.span is None, "it is full"
        assert not found.closed

    return look


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def engine_rows(*, rounds: int) -> list[Row]:
    few, many = full(3_000), full(30_000)
    few_ms, many_ms = _in_turns(few, many, 5 * rounds)
    name = "engine alone: first free time of a full unit with {} bookings in two years"
    return [
        Row(name=name.format("3,000"), figure=few_ms, unit="ms", aim="< 5 ms", aim_met=few_ms < 5),
        Row(
            name=name.format("30,000"),
            figure=many_ms,
            unit="ms",
            limit=few_ms,
            ratio=many_ms / few_ms,
            aim="≤ 12 × as long",
            aim_met=many_ms <= 12 * few_ms,
        ),
    ]


def _in_turns(few: Callable[[], object], many: Callable[[], object], rounds: int) -> tuple[float, float]:
    few()
    many()
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for look, times in zip((few, many), took, strict=True):
            started = time.perf_counter()
            look()
            times.append((time.perf_counter() - started) * 1000)
    return median(took[0]), median(took[1])
