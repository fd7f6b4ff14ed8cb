"""Whether a calendar is written as RFC 5545 says, to the byte: what most programs do not complain about before they
read something else than was meant.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

LONGEST: Final = 75
"""Octets of a line, its end not counted (RFC 5545 §3.1)."""
STATUSES: Final = frozenset({"CONFIRMED", "TENTATIVE", "CANCELLED"})
OF_CALENDAR: Final = frozenset(
    {
        *("VERSION", "PRODID", "CALSCALE", "NAME", "DESCRIPTION", "URL", "SOURCE", "COLOR", "LAST-MODIFIED"),
        *("REFRESH-INTERVAL", "X-PUBLISHED-TTL", "X-APPLE-CALENDAR-COLOR"),
        *("X-WR-CALNAME", "X-WR-CALDESC", "X-WR-TIMEZONE"),
    }
)
"""No METHOD: it is a calendar, not a message. No UID: vdirsyncer takes all events of such a one for the same."""
NEEDED: Final = frozenset(
    {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "LAST-MODIFIED", "STATUS", "TRANSP", "SUMMARY"}
)
OF_EVENT: Final = NEEDED | {"CLASS", "LOCATION", "GEO", "DESCRIPTION", "URL", "CATEGORIES", "CREATED"}
"""All that we ever write: what else stands there, somebody has smuggled in."""
OF_CLOCK: Final = frozenset({"TZID", "DTSTART", "RRULE", "TZNAME", "TZOFFSETFROM", "TZOFFSETTO"})
COMPONENTS: Final[dict[str, set[str]]] = {
    "": {"VCALENDAR"},
    "VCALENDAR": {"VTIMEZONE", "VEVENT"},
    "VTIMEZONE": {"STANDARD", "DAYLIGHT"},
}
PROPERTIES: Final[dict[str, frozenset[str]]] = {
    "VCALENDAR": OF_CALENDAR,
    "VEVENT": OF_EVENT,
    "VTIMEZONE": OF_CLOCK,
    "STANDARD": OF_CLOCK,
    "DAYLIGHT": OF_CLOCK,
}
LINE: Final = re.compile(r'([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:"[^"]*"|[^";:,]*))*):(.*)', re.DOTALL)
TEXTS: Final = frozenset({"SUMMARY", "LOCATION", "DESCRIPTION", "NAME", "X-WR-CALNAME", "X-WR-CALDESC"})
ESCAPED: Final = re.compile(r"(?:[^\\;,]|\\[\\;,nN])*", re.DOTALL)
UTC_TIME: Final = "%Y%m%dT%H%M%SZ"
LOCAL_TIME: Final = "%Y%m%dT%H%M%S"


class Line(NamedTuple):
    name: str
    parameters: str
    value: str


def faults(raw: bytes) -> list[str]:
    """In words, none when it is well written. Of a calendar of ours: it may hold what we write and nothing else."""
    return list(dict.fromkeys([*_octets(raw), *_contents(raw)]))


def _octets(raw: bytes) -> Iterator[str]:
    if not raw.endswith(b"\r\n"):
        yield "does not end in CRLF"
    for line in raw.split(b"\r\n"):
        if b"\n" in line or b"\r" in line:
            yield f"a line end that is not CRLF: {line[:80]!r}"
        if len(line) > LONGEST:
            yield f"{len(line)} octets in a line: {line[:80]!r}"
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield f"folded inside a sign: {line[:80]!r}"
            continue
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in text if sign not in "\t\r\n"):
            yield f"a control sign: {line[:80]!r}"
    if b"\r\n\r\n" in raw:
        yield "an empty line"


def unfolded(raw: bytes) -> list[str]:
    """Content lines. Bytes are joined before they are read."""
    joined = raw.replace(b"\r\n ", b"").replace(b"\r\n\t", b"").replace(b"\r\n", b"\n")
    return joined.decode(errors="replace").removesuffix("\n").split("\n")


def _contents(raw: bytes) -> Iterator[str]:
    lines: list[Line] = []
    for each in unfolded(raw):
        match = LINE.fullmatch(each)
        if match is None:
            yield f"not a content line: {each[:80]!r}"
        else:
            lines.append(Line(match[1], match[2], match[3]))
    uids = [line.value for _, line in _placed(lines) if line.name == "UID"]
    yield from (f"a UID {times} times: {uid}" for uid, times in Counter(uids).items() if times > 1)
    calendars = sum(line == Line("BEGIN", "", "VCALENDAR") for line in lines)
    if calendars != 1:
        yield f"{calendars} calendars"
    yield from _structure(lines)
    yield from _backwards(lines)
    zones = {
        line.value for component, line in _placed(lines) if line.name == "TZID" and component == "VTIMEZONE"
    }
    for component, line in _placed(lines):
        yield from _line(component, line, zones)


def _placed(lines: list[Line]) -> Iterator[tuple[str, Line]]:
    """Each property with the component it stands in."""
    inside = [""]
    for line in lines:
        if line.name == "BEGIN":
            inside.append(line.value)
        elif line.name == "END":
            inside = inside[:-1] or [""]
        else:
            yield inside[-1], line


def _structure(lines: list[Line]) -> Iterator[str]:
    inside: list[str] = [""]
    names: list[list[str]] = [[]]
    for line in lines:
        if line.name == "BEGIN":
            if line.value not in COMPONENTS.get(inside[-1], set[str]()):
                yield f"{line.value} in {inside[-1] or 'nothing'}"
            inside.append(line.value)
            names.append([])
        elif line.name == "END":
            if line.value != inside[-1] or len(inside) == 1:
                yield f"{inside[-1] or 'nothing'} is ended by END:{line.value}"
                return
            yield from _component(inside.pop(), names.pop())
        else:
            names[-1].append(line.name)
    if len(inside) > 1:
        yield f"{inside[-1]} is not ended"


def _component(component: str, names: list[str]) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{name} {times} times in a {component}"
        if name not in PROPERTIES.get(component, frozenset[str]()):
            yield f"{name} in a {component}"
    needed = (
        NEEDED if component == "VEVENT" else {"VERSION", "PRODID"} if component == "VCALENDAR" else set[str]()
    )
    yield from (f"no {name} in a {component}" for name in sorted(needed - set(names)))


def _line(component: str, line: Line, zones: set[str]) -> Iterator[str]:
    if line.name in TEXTS and not ESCAPED.fullmatch(line.value):
        yield f"a text that is not escaped: {line.name}:{line.value[:80]!r}"
    if line.name in TEXTS and not line.value:
        yield f"an empty {line.name}"
    if line.name == "STATUS" and line.value not in STATUSES:
        yield f"no such STATUS: {line.value}"
    if line.name in {"DTSTAMP", "LAST-MODIFIED"} and not _is_time(line.value, UTC_TIME):
        yield f"{line.name} is not in UTC: {line.value}"
    if component == "VEVENT" and line.name in {"DTSTART", "DTEND"}:
        yield from _time(line, zones)


def _time(line: Line, zones: set[str]) -> Iterator[str]:
    zone = re.fullmatch(r";TZID=([^;:]+)", line.parameters)
    if zone and zone[1] not in zones:
        yield f"a TZID without its VTIMEZONE: {zone[1]}"
    if not _is_time(line.value, LOCAL_TIME if zone else UTC_TIME) or (line.parameters and not zone):
        yield f"{line.name} is no instant: {line.parameters}:{line.value}"


def _backwards(lines: list[Line]) -> Iterator[str]:
    """Both times of an event stand on the same clock; where that shows an hour twice, on that of UTC."""
    start = Line("", "", "")
    for component, line in _placed(lines):
        if component == "VEVENT" and line.name == "DTSTART":
            start = line
        if component == "VEVENT" and line.name == "DTEND":
            if line.parameters != start.parameters:
                yield f"times on two clocks: {start.parameters}, {line.parameters}"
            elif line.value <= start.value:
                yield f"an end that is not after its start: {line.value}"


def _is_time(value: str, form: str) -> bool:
    try:
        return datetime.strptime(value, form).strftime(form) == value
    except ValueError:
        return False
