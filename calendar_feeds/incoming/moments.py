"""When a date or time of a foreign calendar is (RFC 5545 §3.3.4–3.3.6): days and clocks first, instants last."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import Final, NamedTuple

from calendar_feeds.incoming.content import Line
from calendar_feeds.incoming.zones import Zones
from core.spans import DAY

LONGEST: Final = timedelta(days=40_000)
"""No event is taken for longer; then arithmetic stays among the years that Python knows."""
_VALUE = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})?(Z|[+-][0-9]{4})?)?", re.IGNORECASE
)
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?",
    re.IGNORECASE,
)


class Moment(NamedTuple):
    """What a clock on a wall shows, and in which zone; `is_day`: a whole day, then it is midnight."""

    at: datetime
    """Naive."""
    zone: tzinfo
    is_day: bool

    def instant(self) -> datetime:
        """In UTC. What the clock skips is taken as if it did not, what it shows twice as the first (RFC 5545 §3.3.5).
        Raises OverflowError.
        """
        return instant(self.at, self.zone)


class Length(NamedTuple):
    """Days by the calendar, then time by the clock in the hand (RFC 5545 §3.8.5.3)."""

    days: int
    elapsed: timedelta

    def after(self, at: datetime, zone: tzinfo) -> datetime:
        """The instant that much after a time on the zone's clock."""
        return instant(at + timedelta(days=self.days), zone) + self.elapsed

    @property
    def most(self) -> timedelta:
        """No less than this."""
        return timedelta(days=self.days) + self.elapsed


def instant(at: datetime, zone: tzinfo) -> datetime:
    """In UTC. Raises OverflowError."""
    return at.replace(tzinfo=zone).astimezone(UTC)


def moment(line: Line, zones: Zones) -> Moment:
    """Raises ValueError."""
    return moment_of(line.value, line.parameters, zones)


def moments(line: Line, zones: Zones) -> Iterator[Moment]:
    """Of a list between commas; of periods the starts. Raises ValueError."""
    for value in line.value.split(","):
        if value.strip():
            yield moment_of(value.partition("/")[0], line.parameters, zones)


def moment_of(value: str, parameters: dict[str, str], zones: Zones) -> Moment:
    """Raises ValueError."""
    match = _VALUE.fullmatch(value.strip())
    if match is None:
        raise ValueError("no date or time")
    year, month, day, hour, minute, second, offset = match.groups()
    if hour is None or parameters.get("VALUE", "").upper() == "DATE":
        return Moment(datetime(int(year), int(month), int(day)), zones.local, is_day=True)
    seconds = min(int(second or 0), 59)  # a leap second has no place on the clock
    at = datetime(int(year), int(month), int(day), 0, int(minute), seconds)
    at = at + DAY if hour == "24" else at.replace(hour=int(hour))
    if offset:
        return Moment(at, _offset(offset), is_day=False)
    name = parameters.get("TZID")
    return Moment(at, zones.of(name) if name else zones.floating, is_day=False)


def _offset(text: str) -> tzinfo:
    if text in "Zz":
        return UTC
    length = timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
    return timezone(length if text[0] == "+" else -length)


def duration(value: str) -> Length:
    """Raises ValueError and OverflowError."""
    match = _DURATION.fullmatch(value.strip())
    if match is None or not any(match.groups()[1:]):
        raise ValueError("no duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    if match[1] == "-":
        return Length(-(weeks * 7 + days), -timedelta(hours=hours, minutes=minutes, seconds=seconds))
    return Length(weeks * 7 + days, timedelta(hours=hours, minutes=minutes, seconds=seconds))


def length_between(start: Moment, end: Moment) -> Length:
    """From start to end: days between days, else elapsed time; of day and clock mixed, the day begins at midnight."""
    if start.is_day and end.is_day:
        return Length((end.at - start.at) // DAY, timedelta())
    if abs(end.at.year - start.at.year) > LONGEST // DAY // 366:
        return Length(LONGEST // DAY if end.at > start.at else -1, timedelta())
    if start.zone is end.zone or start.is_day or end.is_day:
        same = end._replace(zone=start.zone) if end.is_day else end
        return Length(0, same.instant() - start.instant())
    return Length(0, end.instant() - start.instant())


def is_midnight(at: datetime) -> bool:
    return at.time() == time()
