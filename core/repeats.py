"""On which days does a repeated time come again, and what is its span then?"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import chain, islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from core.errors import Invalid, NonexistentLocalTime
from core.spans import DAY, FIRST_YEAR, LAST_YEAR, Span, instant_of, monday_of
from core.texts import N_

MOST_WEEKS = 53
LONGEST_RULE = 500
LONGEST_REPEAT = 10 * 366 * DAY


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

    So a weekly 22–04 stays 22–04, and is an hour longer or shorter in the nights when the clock is set. The
    first span is always the first occurrence (RFC 5545 §3.8.5.3), unless its day is excepted. Refuses with
    Invalid a rule that is not understood, that never ends, or that gives more than `at_most`, exceptions
    included.
    """
    start, end = first.start.astimezone(zone), first.end.astimezone(zone)
    wall_start, wall_end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    if wall_end <= wall_start:
        raise Invalid(
            field="repeat", expected=N_("a time that does not lie within the hour the clock shows twice")
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
        raise Invalid(field="repeat.except", expected=N_("at least one day left"))
    return found


def _days_by_weeks(first: date, repeat: Repeat) -> Iterator[date]:
    if repeat.every_weeks is None:
        raise Invalid(field="repeat", expected=N_("every_weeks or rrule"))
    if not 1 <= repeat.every_weeks <= MOST_WEEKS:
        raise Invalid(field="repeat.every_weeks", expected=f"a number from 1 to {MOST_WEEKS}")
    if repeat.until is None:
        raise Invalid(field="repeat.until", expected=N_("a date"))
    day, last = first, _last_day(first, repeat.until)
    while day <= last:
        yield day
        day += 7 * DAY * repeat.every_weeks


def _last_day(first: date, until: date, field: str = "repeat.until") -> date:
    if not first <= until <= first + LONGEST_REPEAT:
        raise Invalid(field=field, expected=f"a date from {first} to {first + LONGEST_REPEAT}")
    return until


_WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
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
    last = first + LONGEST_REPEAT
    if repeat.until is not None:
        last = datetime.combine(_last_day(first.date(), repeat.until), time(23, 59, 59))
    if "UNTIL" in parts:
        rule_end = _rule_end(parts["UNTIL"], zone)
        _last_day(first.date(), rule_end.date(), "repeat.rrule")
        last = min(last, rule_end)
    if repeat.until is None and "UNTIL" not in parts and "COUNT" not in parts:
        raise Invalid(field="repeat.until", expected=N_("a date, or COUNT or UNTIL in the rule"))

    last_day = last.date() if first.time() <= last.time() else last.date() - DAY
    count = int(parts.get("COUNT", "0"))
    found = 0
    for found, day in enumerate(chain([first.date()], _rule_days(first.date(), parts, last_day)), 1):
        yield day
        if found == count:
            return
    if found < count and repeat.until is None:
        raise Invalid(field="repeat.rrule", expected=f"a rule that comes {count} times in ten years")


def _rule_days(first: date, parts: dict[str, str], last: date) -> Iterator[date]:
    """The days after the first up to the last that FREQ, INTERVAL, BYDAY and BYMONTHDAY choose.

    Read here and not by dateutil, which searches to the year 9999 for a day that never comes.
    """
    interval = int(parts.get("INTERVAL", "1"))
    by_day, by_month_day = parts.get("BYDAY", ""), parts.get("BYMONTHDAY", "")
    if parts["FREQ"] == "WEEKLY":
        by_day = by_day or _WEEKDAYS[first.weekday()]
    elif parts["FREQ"] == "MONTHLY" and not by_day:
        by_month_day = by_month_day or str(first.day)
    weekdays, month_days = set(by_day.split(",")), {int(day) for day in by_month_day.split(",") if day}

    for day in (first + n * DAY for n in range(1, (last - first).days + 1)):
        if (
            _periods_between(first, day, parts["FREQ"]) % interval == 0
            and (not by_day or not weekdays.isdisjoint(_weekday_names(day)))
            and (not month_days or not month_days.isdisjoint(_month_day_numbers(day)))
        ):
            yield day


def _periods_between(first: date, day: date, frequency: str) -> int:
    if frequency == "DAILY":
        return (day - first).days
    if frequency == "WEEKLY":
        return (monday_of(day) - monday_of(first)).days // 7
    return (day.year - first.year) * 12 + day.month - first.month


def _weekday_names(day: date) -> list[str]:
    """All that BYDAY may call the day: the last Tuesday of a month may be TU, 4TU, +4TU and -1TU."""
    name, month_end = _WEEKDAYS[day.weekday()], monthrange(day.year, day.month)[1]
    nth, nth_last = (day.day + 6) // 7, (month_end - day.day + 7) // 7
    return [name, f"{nth}{name}", f"+{nth}{name}", f"-{nth_last}{name}"]


def _month_day_numbers(day: date) -> tuple[int, int]:
    """All that BYMONTHDAY may call the day, from either end of the month."""
    return day.day, day.day - monthrange(day.year, day.month)[1] - 1


def _rule_parts(repeat: Repeat) -> dict[str, str]:
    """The rule taken apart, each part by its name."""
    rule = (repeat.rrule or "").upper()
    match = _RULE.fullmatch(rule) if len(rule) <= LONGEST_RULE else None
    if match is None or repeat.every_weeks is not None:
        raise Invalid(field="repeat.rrule", expected=N_("one RFC 5545 rule such as FREQ=WEEKLY;COUNT=10"))
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
        raise Invalid(
            field="repeat.rrule", expected=N_("parts that RFC 5545 §3.3.10 allows together, each once")
        )
    return parts


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
