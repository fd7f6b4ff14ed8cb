"""On which days and at which times an event starts (RFC 5545 §3.8.5), as its own clock shows them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dateutil.rrule import rrule, rrulestr

from calendar_feeds.incoming.content import Line
from calendar_feeds.incoming.moments import Moment, moment_of
from calendar_feeds.incoming.zones import Zones

PARTS: Final = frozenset(
    {
        "FREQ", "UNTIL", "COUNT", "INTERVAL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY",
        "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST",
    }
)  # fmt: skip
STEPS: Final = 50_000
"""Times that a rule may give before and in the period."""
RULE_CHARACTERS: Final = 2_000
INTERVAL: Final = 100_000
_STRIDES: Final = {
    "WEEKLY": timedelta(weeks=1),
    "DAILY": timedelta(days=1),
    "HOURLY": timedelta(hours=1),
    "MINUTELY": timedelta(minutes=1),
    "SECONDLY": timedelta(seconds=1),
}


class UnreadableRule(Exception):
    """Says which."""


class TooManyTimes(Exception):
    """A rule gives more than anybody could mean."""


def starts(
    first: Moment, rules: Sequence[Line], zones: Zones, between: tuple[datetime, datetime]
) -> Iterator[datetime]:
    """On the clock of `first`, those of each rule in order; the first itself, unless each rule ends before it.

    `between`: on that clock too, both included. Raises UnreadableRule and TooManyTimes.
    """
    has_begun = not rules
    for line in rules:
        rule, until = _rule(first, line, zones, between[0])
        has_begun = has_begun or until is None or until >= first.at
        yield from _between(rule, until, between)
    if has_begun:
        yield first.at


def _between(rule: rrule, until: datetime | None, between: tuple[datetime, datetime]) -> Iterator[datetime]:
    earliest, latest = between
    latest = latest if until is None else min(until, latest)
    for count, at in enumerate(rule):
        if at > latest:
            return
        if count > STEPS:
            raise TooManyTimes
        if at >= earliest:
            yield at


def _rule(first: Moment, line: Line, zones: Zones, earliest: datetime) -> tuple[rrule, datetime | None]:
    """The rule without its end, and its end on the first's clock."""
    parts = _parts(line.value)
    until = _until(parts.pop("UNTIL", None), first, zones)
    begins = first.at if "COUNT" in parts else _nearer(first.at, parts, earliest)
    try:
        made: Any = rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=begins)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise UnreadableRule(line.value) from error
    assert isinstance(made, rrule), "one rule"
    return made, until


def _parts(value: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for pair in value.strip().upper().split(";"):
        name, equals, words = (part.strip() for part in pair.partition("="))
        if not pair.strip() or name.startswith("X-") or (name, words) == ("RSCALE", "GREGORIAN"):
            continue
        if not equals or name not in PARTS or name in parts:
            raise UnreadableRule(value)
        parts[name] = words
    interval = parts.get("INTERVAL", "1")
    if "FREQ" not in parts or len(value) > RULE_CHARACTERS:
        raise UnreadableRule(value)
    if not (interval.isascii() and interval.isdecimal() and 1 <= int(interval[:9]) <= INTERVAL):
        raise UnreadableRule(value)
    if parts.get("COUNT", "1").startswith("-"):  # Exchange's for: no end
        del parts["COUNT"]
    return parts


def _until(value: str | None, first: Moment, zones: Zones) -> datetime | None:
    """On the first's clock, included; a day with all its times."""
    if not value:
        return None
    try:
        end = moment_of(value, {}, zones)
    except ValueError as error:
        raise UnreadableRule(f"UNTIL={value}") from error
    at = end.at
    if value.endswith("Z") and 2 <= at.year <= 9998:
        at = at.replace(tzinfo=UTC).astimezone(first.zone).replace(tzinfo=None)
    return at.replace(hour=23, minute=59, second=59) if end.is_day or first.is_day else at


def _nearer(start: datetime, parts: dict[str, str], earliest: datetime) -> datetime:
    """A start from which the rule gives the same times in the period, so that the years before need not be counted."""
    stride = _STRIDES.get(parts["FREQ"])
    if stride is None or start >= earliest:
        return start
    whole = stride * int(parts.get("INTERVAL", "1"))
    return start + max((earliest - start) // whole - 1, 0) * whole
