"""When: half-open spans of time, sets of them, what the local clock shows, and repeats (see docs/time.md)."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain, islice
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from dateutil import rrule
from msgspec import Struct

from core.errors import Invalid, NonexistentLocalTime

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
DAY_MINUTES = 24 * 60
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_WEEKS = 53


class Span(NamedTuple):
    """[start, end) between two instants, both aware and in UTC, start before end.

    Made straight from instants that are known to be right; `span_between` checks what comes from outside.
    """

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """Real elapsed time."""
        return self.end - self.start

    def meets(self, other: "Span") -> bool:
        """Has time in common; spans that only touch have none."""
        return self.start < other.end and other.start < self.end

    def holds(self, other: "Span") -> bool:
        """All of the other lies in this one."""
        return self.start <= other.start and other.end <= self.end


EVER = Span(datetime(FIRST_YEAR - 1, 12, 31, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 2, tzinfo=UTC))
"""All the time the program knows of."""


def utc_now() -> datetime:
    """For the edges only (desk, CLI, tasks, relay); everywhere else `now` is an argument."""
    return datetime.now(UTC)


def span_between(start: datetime, end: datetime) -> Span:
    """The span between two instants from outside.

    Refuses with Invalid naive times, years out of reach, and an end that is not after its start.
    """
    span = Span(_instant(start, "start"), _instant(end, "end"))
    if span.end <= span.start:
        raise Invalid(field="end", expected="an instant after start")
    return span


def _instant(value: datetime, field: str) -> datetime:
    if value.tzinfo is None or value.utcoffset() is None:
        raise Invalid(field=field, expected="a time with its offset from UTC")
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Invalid(field=field, expected=f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    return value.astimezone(UTC)


# Sets of time: iterables of spans that are sorted and have no overlaps.


def merge(spans: Iterable[Span]) -> list[Span]:
    """All time in any of the spans, which may come in any order; those that touch become one."""
    merged: list[Span] = []
    current: Span | None = None
    for span in sorted(spans):
        if current is None:
            current = span
        elif span.start > current.end:
            merged.append(current)
            current = span
        elif span.end > current.end:
            current = Span(current.start, span.end)
    if current is not None:
        merged.append(current)
    return merged


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> Iterator[Span]:
    """What is left of a set of time, lazily."""
    holes_left = iter(holes)
    hole = next(holes_left, None)
    for span in spans:
        start, end = span
        while hole is not None and hole.start < end:
            if start < hole.start:
                yield Span(start, hole.start)
            start = max(start, hole.end)
            if hole.end > end:
                break
            hole = next(holes_left, None)
        if start < end:
            yield span if start is span.start else Span(start, end)


def intersect(spans: Iterable[Span], others: Iterable[Span]) -> Iterator[Span]:
    """The time in both sets, lazily."""
    others_left = iter(others)
    other = next(others_left, None)
    for span in spans:
        start, end = span
        while other is not None and other.start < end:
            if other.start <= start and end <= other.end:
                yield span
            elif other.end > start:
                yield Span(max(start, other.start), min(end, other.end))
            if other.end > end:
                break
            other = next(others_left, None)


def widen(spans: Iterable[Span], *, before: timedelta, after: timedelta) -> list[Span]:
    """Each span with more before and after it; they may overlap then."""
    return [Span(start - before, end + after) for start, end in spans]


# The local clock.


def local_instant(zone: ZoneInfo, day: date, minute: int, fold: int = 0) -> datetime:
    """The instant at which the clock shows this minute (0 to 2880, beyond 1440 on the next day).

    Where the clock shows it twice, `fold` 0 is the first and 1 the second. Refuses with NonexistentLocalTime
    what it never shows.
    """
    return instant_of(zone, _wall(day, minute).replace(fold=fold))


def instant_of(zone: ZoneInfo, wall: datetime) -> datetime:
    """The instant of a naive wall-clock time; its `fold` chooses as in `local_instant`."""
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != wall:
        raise NonexistentLocalTime(day=wall.date().isoformat(), time=f"{wall:%H:%M}")
    return instant


def clock_reaches(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """The first instant at which the clock shows this minute of the day or a later one.

    For rules, which must always mean something: a time that the clock skips is the instant after the gap, one
    that it shows twice is the first. What people wish for goes through `local_instant`.
    """
    start, end, is_even = _clock_day(zone, day)
    if minute >= DAY_MINUTES:
        return end if minute == DAY_MINUTES else clock_reaches(zone, day + DAY, minute - DAY_MINUTES)
    if is_even:
        return start + minute * MINUTE
    return _reach(zone, _wall(day, minute))


def local_day(zone: ZoneInfo, day: date) -> Span:
    """From midnight to midnight on the local clock: 24 hours, or 23 or 25."""
    start, end, _ = _clock_day(zone, day)
    return Span(start, end)


def local_date(zone: ZoneInfo, instant: datetime) -> date:
    """The date on the local calendar."""
    return instant.astimezone(zone).date()


def monday_of(day: date) -> date:
    """The first day of the ISO week that the day lies in."""
    return day - DAY * day.weekday()


def _wall(day: date, minute: int) -> datetime:
    assert 0 <= minute <= 2 * DAY_MINUTES, "a minute of the day or of the next"
    return datetime.combine(day, time.min) + minute * MINUTE


@lru_cache(maxsize=16_384)
def _clock_day(zone: ZoneInfo, day: date) -> tuple[datetime, datetime, bool]:
    """Start and end of the local day, and whether its clock runs evenly all through."""
    start, end = _reach(zone, _wall(day, 0)), _reach(zone, _wall(day, DAY_MINUTES))
    last = end - MINUTE
    is_even = end - start == DAY and start.astimezone(zone).utcoffset() == last.astimezone(zone).utcoffset()
    return start, end, is_even


def _reach(zone: ZoneInfo, wall: datetime) -> datetime:
    """The first instant at which the clock shows `wall` or, that day, a later time."""
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # PEP 495: in a gap, fold 0 reads the clock as before the change and lands after it; fold 1 the reverse.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    offset_after = first.astimezone(zone).utcoffset()
    minutes = range(1, (first - before) // MINUTE + 1)
    instants = (before + MINUTE * n for n in minutes)
    return next(at for at in instants if at.astimezone(zone).utcoffset() == offset_after)


# Repeats.


class Repeat(Struct, frozen=True):
    """How a first span is repeated: every so many weeks, or by a rule (RFC 5545 RRULE)."""

    every_weeks: int | None = None
    rrule: str | None = None
    until: date | None = None
    """The last local date that may have an occurrence."""
    except_on: frozenset[date] = frozenset()


class Occurrence(NamedTuple):
    """One of a repeat: its local date, and its span, or why the clock has none for it."""

    day: date
    span: Span | NonexistentLocalTime


def occurrences(first: Span, repeat: Repeat, zone: ZoneInfo, *, at_most: int) -> list[Occurrence]:
    """The first span and its repeats, sorted. Start and end keep what they show on the local clock.

    So a weekly 22–02 stays 22–02, and is an hour longer or shorter in the nights when the clock is set. The
    first span is always the first occurrence (RFC 5545 §3.8.5.3), unless its day is excepted. Refuses with
    Invalid a rule that is not understood, that never ends, or that gives more than `at_most`, exceptions
    included.
    """
    start, end = first.start.astimezone(zone), first.end.astimezone(zone)
    wall_start, wall_end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    if wall_end <= wall_start:
        raise Invalid(
            field="repeat", expected="a time that does not lie within the hour the clock shows twice"
        )
    by_rule = repeat.rrule is not None
    all_days = _days_by_rule(wall_start, repeat, zone) if by_rule else _days_by_weeks(start.date(), repeat)
    days = list(islice(all_days, at_most + 1))
    if len(days) > at_most:
        raise Invalid(field="repeat", expected=f"at most {at_most} occurrences", at_most=at_most)

    found: list[Occurrence] = []
    for day in days:
        if day in repeat.except_on:
            continue
        later = day - start.date()
        try:
            span = Span(
                instant_of(zone, (wall_start + later).replace(fold=start.fold)),
                instant_of(zone, (wall_end + later).replace(fold=end.fold)),
            )
        except NonexistentLocalTime as refusal:
            found.append(Occurrence(day, refusal))
        else:
            found.append(Occurrence(day, span))
    if not found:
        raise Invalid(field="repeat.except", expected="at least one day left")
    return found


def _days_by_weeks(first: date, repeat: Repeat) -> Iterator[date]:
    if repeat.every_weeks is None:
        raise Invalid(field="repeat", expected="every_weeks or rrule")
    if not 1 <= repeat.every_weeks <= MOST_WEEKS:
        raise Invalid(field="repeat.every_weeks", expected=f"a number from 1 to {MOST_WEEKS}")
    if repeat.until is None:
        raise Invalid(field="repeat.until", expected="a date")
    day, last = first, _last_day(first, repeat.until)
    while day <= last:
        yield day
        day += 7 * DAY * repeat.every_weeks


def _last_day(first: date, until: date, field: str = "repeat.until") -> date:
    if not first <= until <= date(LAST_YEAR, 12, 31):
        raise Invalid(field=field, expected=f"a date from {first} to the end of {LAST_YEAR}")
    return until


_FREQUENCIES: dict[str, Literal[1, 2, 3]] = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
}
_WEEKDAYS = dict(zip(["MO", "TU", "WE", "TH", "FR", "SA", "SU"], rrule.weekdays, strict=True))
_RULE = re.compile(r"(?:RRULE:)?((?:[A-Z]+=[A-Z0-9,+-]+)(?:;[A-Z]+=[A-Z0-9,+-]+)*)", re.ASCII)
_RULE_PARTS = {
    "FREQ": re.compile("DAILY|WEEKLY|MONTHLY"),
    "INTERVAL": re.compile("[1-9][0-9]{0,2}"),
    "COUNT": re.compile("[1-9][0-9]{0,8}"),
    "UNTIL": re.compile("([0-9]{8})(?:T([0-9]{6})(Z)?)?"),
    "BYDAY": re.compile(
        "(?:[+-]?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:[+-]?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU))*"
    ),
    "BYMONTHDAY": re.compile("[+-]?(?:[1-9]|[12][0-9]|3[01])(?:,[+-]?(?:[1-9]|[12][0-9]|3[01]))*"),
}


def _days_by_rule(first: datetime, repeat: Repeat, zone: ZoneInfo) -> Iterator[date]:
    """The local days on which the rule starts a span; `first` is the wall-clock start of the first."""
    parts = _rule_parts(repeat)
    last = datetime.combine(date(LAST_YEAR, 12, 31), time(23, 59, 59))
    if repeat.until is not None:
        last = datetime.combine(_last_day(first.date(), repeat.until), last.time())
    if "UNTIL" in parts:
        rule_end = _rule_end(parts["UNTIL"], zone)
        _last_day(first.date(), rule_end.date(), "repeat.rrule")
        last = min(last, rule_end)
    if repeat.until is None and "UNTIL" not in parts and "COUNT" not in parts:
        raise Invalid(field="repeat.until", expected="a date, or COUNT or UNTIL in the rule")

    rule = rrule.rrule(
        _FREQUENCIES[parts["FREQ"]],
        dtstart=first,
        interval=int(parts.get("INTERVAL", "1")),
        byweekday=[_rule_weekday(word) for word in parts["BYDAY"].split(",")] if "BYDAY" in parts else None,
        bymonthday=[int(word) for word in parts["BYMONTHDAY"].split(",")] if "BYMONTHDAY" in parts else None,
        until=last,
    )
    days = chain([first.date()], (start.date() for start in rule if start > first))
    return islice(days, int(parts["COUNT"])) if "COUNT" in parts else days


def _rule_parts(repeat: Repeat) -> dict[str, str]:
    """The rule taken apart. It is read here and not by dateutil, which would also run what never ends."""
    match = _RULE.fullmatch((repeat.rrule or "").upper())
    if match is None or repeat.every_weeks is not None:
        raise Invalid(field="repeat.rrule", expected="one RFC 5545 rule such as FREQ=WEEKLY;COUNT=10")
    pairs = [part.split("=") for part in match[1].split(";")]
    parts = dict(pairs)
    for name, value in pairs:
        if name not in _RULE_PARTS or not _RULE_PARTS[name].fullmatch(value):
            raise Invalid(
                field="repeat.rrule", expected=f"only {', '.join(_RULE_PARTS)}, not {name}={value}"[:200]
            )
    is_monthly = parts.get("FREQ") == "MONTHLY"
    is_odd = (
        len(parts) < len(pairs)
        or "FREQ" not in parts
        or ("COUNT" in parts and "UNTIL" in parts)
        or ("BYMONTHDAY" in parts and parts["FREQ"] == "WEEKLY")
        or (any(sign.isdigit() for sign in parts.get("BYDAY", "")) and not is_monthly)
    )
    if is_odd:
        raise Invalid(field="repeat.rrule", expected="parts that RFC 5545 §3.3.10 allows together, each once")
    return parts


def _rule_weekday(word: str) -> rrule.weekday:
    weekday = _WEEKDAYS[word[-2:]]
    return weekday(int(word[:-2])) if word[:-2] else weekday


def _rule_end(word: str, zone: ZoneInfo) -> datetime:
    """UNTIL as the local wall clock shows it; a bare date is good to its last second."""
    match = _RULE_PARTS["UNTIL"].fullmatch(word)
    assert match is not None, "checked in _rule_parts"
    day, clock, is_utc = match.groups()
    try:
        end = datetime.fromisoformat(f"{day}T{clock or 235959}")
    except ValueError as error:
        raise Invalid(field="repeat.rrule", expected=f"a date that exists, not UNTIL={word}") from error
    if is_utc and FIRST_YEAR <= end.year <= LAST_YEAR:
        end = end.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return end
