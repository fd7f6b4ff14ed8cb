"""Which time zone a foreign calendar means: IANA's names, Windows' names, those of old programs, and its own rules."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

NAME_CHARACTERS: Final = 200
RULES_BYTES: Final = 50_000
"""More than this of a VTIMEZONE is not read."""
_DISPLAYED = re.compile(r"\((?:UTC|GMT)[^)]*\)\s*(.*)", re.IGNORECASE)
_OFFSET = re.compile(r"\(?(?:UTC|GMT)?\s*([+-])([0-9]{1,2})[:.]?([0-9]{2})?\)?", re.IGNORECASE)
_UTC = frozenset(
    {"utc", "z", "gmt", "etc/utc", "coordinated universal time", "tzone://microsoft/utc", "zulu"}
)
_WINDOWS: Final[Mapping[str, str]] = {name.lower(): zone for name, zone in WINDOWS_TO_OLSON.items()}


def zone_named(name: str) -> tzinfo | None:
    """By its name alone; None: no program's name for a zone that is known here."""
    name = name.strip().strip('"').strip()
    if not name or len(name) > NAME_CHARACTERS:
        return None
    if name.lower() in _UTC:
        return UTC
    return (
        _iana(name)
        or _iana(_WINDOWS.get(name.lower(), ""))
        or _at_the_end(name)
        or _displayed(name)
        or _iana(_names().get(name.lower(), ""))
        or _iana(_names().get(name.lower().replace(" ", "_"), ""))
    )


def zone_defined(rules: bytes, location: str) -> tzinfo | None:
    """By a VTIMEZONE; None: it cannot be understood. May take as long as its rules make it."""
    if (zone := zone_named(location)) is not None:
        return zone
    if len(rules) > RULES_BYTES:
        return None
    try:
        read: Any = Timezone.from_ical(rules)
        made: object = read.to_tz(lookup_tzid=False)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):
        return None  # whatever its writer meant by it
    return made if isinstance(made, tzinfo) else None


def zone_offset(name: str) -> tzinfo | None:
    """Of a name that is an offset: `UTC+01:00`, `GMT+0100`, `(UTC+01:00) Somewhere`."""
    match = _OFFSET.match(name.strip())
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset >= timedelta(hours=24):
        return None
    return timezone(offset if sign == "+" else -offset)


class Zones:
    """Those of one calendar."""

    def __init__(self, local: ZoneInfo, unknown: Callable[[str], None]) -> None:
        """`unknown` hears once of each name that nothing is known of."""
        self.local = local
        self.floating: tzinfo = local
        """Of times that have no zone."""
        self._defined: dict[str, tuple[bytes, str]] = {}
        self._found: dict[str, tzinfo | None] = {}
        self._unknown = unknown

    def define(self, name: str, rules: bytes, location: str) -> None:
        """The first of a name counts."""
        self._defined.setdefault(name.strip(), (rules, location))

    def of(self, name: str) -> tzinfo:
        """The zone by that name, else the floating one."""
        if name not in self._found:
            self._found[name] = None  # also if the rules take too long: once is enough
            self._found[name] = self._look_up(name)
            if self._found[name] is None:
                self._unknown(name)
        return self._found[name] or self.floating

    def named(self, name: str) -> tzinfo:
        """Of X-WR-TIMEZONE: by its name alone, else the local one."""
        if (zone := zone_named(name)) is None:
            self._unknown(name)
        return zone or self.local

    def _look_up(self, name: str) -> tzinfo | None:
        if (zone := zone_named(name)) is not None:
            return zone
        if (defined := self._defined.get(name.strip())) is not None:
            zone = zone_defined(*defined)
        return zone or zone_offset(name)


def _iana(name: str) -> tzinfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _at_the_end(name: str) -> tzinfo | None:
    """`/freeassociation.sourceforge.net/Tzfile/Europe/Oslo`, `/mozilla.org/20050126_1/Europe/Oslo`."""
    if not name.startswith("/"):
        return None
    parts = name.strip("/").split("/")
    for count in (3, 2, 1):
        if len(parts) > count and (zone := _iana("/".join(parts[-count:]))) is not None:
            return zone
    return None


def _displayed(name: str) -> tzinfo | None:
    """`(UTC+01:00) Amsterdam, Berlin, Bern` and `(GMT-08.00) Pacific Time (US & Canada)`, as Windows shows zones."""
    match = _DISPLAYED.match(name)
    if match is None:
        return None
    shown = match[1].strip()
    if shown.lower() in _UTC:
        return UTC
    for city in re.split(r"[,/]", shown):
        if (zone := _iana(_cities().get(city.strip().lower().replace(" ", "_"), ""))) is not None:
            return zone
    words = shown.partition("(")[0].strip().lower()
    return _iana(_WINDOWS.get(words.replace(" time", " standard time"), ""))


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    """IANA's names by themselves in small letters."""
    return {name.lower(): name for name in available_timezones()}


@lru_cache(maxsize=1)
def _cities() -> Mapping[str, str]:
    return {
        name.rpartition("/")[2].lower(): name
        for name in sorted(available_timezones())
        if name.count("/") == 1 and not name.startswith(("Etc/", "SystemV/"))
    }
