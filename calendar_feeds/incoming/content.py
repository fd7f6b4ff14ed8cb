"""Which components a foreign calendar holds, and what their lines say (RFC 5545 §3.1), whatever else is in it."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_LINE = re.compile(rb"[^\r\n]+")
_START = re.compile(rb"[A-Za-z0-9-]{1,40}(?=[:;])")
_PARAMETER = re.compile(r';([^=;"]+)=("[^"]*"|[^;]*)')
DATES: Final = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"})
"""Their values hold no colon, but names of zones do, and not every program puts those in quotes."""
KEPT: Final = DATES | {
    "UID",
    "DURATION",
    "RRULE",
    "EXRULE",
    "STATUS",
    "TRANSP",
    "SUMMARY",
    "LOCATION",
    "SEQUENCE",
    "DTSTAMP",
    "LAST-MODIFIED",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "X-MICROSOFT-CDO-ALLDAYEVENT",
}
OF_THE_CALENDAR: Final = frozenset({"X-WR-CALNAME", "NAME", "X-WR-TIMEZONE"})
DEPTH: Final = 20
"""Components within components; those further in are lines that nobody reads."""


class Line(NamedTuple):
    """One property."""

    value: str
    parameters: dict[str, str]
    """Names in capitals; quotes left out."""


Lines = dict[str, list[Line]]
"""By their names in capitals, in order."""


class Component(NamedTuple):
    """VEVENT or VTIMEZONE, or VCALENDAR with its own lines alone, which comes after what it holds."""

    name: str
    lines: Lines
    """Those that are KEPT; of a VTIMEZONE its name alone."""
    text: bytes
    """Of a VTIMEZONE as it stands, its lines ended by CRLF; else empty."""
    is_whole: bool
    """False: its END is missing."""


def components(text: bytes) -> Iterator[Component]:
    """In the order of their ends. Holds one line at a time, and what the current components keep."""
    scan = _Scan()
    for line in unfolded(text):
        if line[:6].upper() == b"BEGIN:":
            yield from scan.begin(_name(line[6:]))
            scan.note_rule(line)
        elif line[:4].upper() == b"END:":
            scan.note_rule(line)
            yield from scan.end(_name(line[4:]))
        else:
            scan.keep(line)
    yield from scan.rest()


class _Scan:
    """Where in the text we are."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._event: Lines = {}
        self._calendar: Lines = {}
        self._zone = bytearray()

    def begin(self, name: str) -> Iterator[Component]:
        """An event that begins within another: the other has no end."""
        if name == "VEVENT":
            if name in self._open:
                yield Component(name, self._event, b"", is_whole=False)
                del self._open[self._open.index(name) :]
            self._event = {}
        elif name == "VTIMEZONE":
            self._zone = bytearray()
        if len(self._open) < DEPTH:
            self._open.append(name)

    def end(self, name: str) -> Iterator[Component]:
        """Whatever is open within ends too; what was never begun does not."""
        if name not in self._open:
            return
        is_whole = self._open[-1] == name or name == "VEVENT"
        while self._open.pop() != name:
            pass
        if name == "VEVENT":
            yield Component(name, self._event, b"", is_whole=True)
        elif name == "VTIMEZONE":
            yield Component(name, _of_zone(bytes(self._zone)), bytes(self._zone), is_whole=is_whole)
        elif name == "VCALENDAR":
            yield Component(name, self._calendar, b"", is_whole=is_whole)
            self._calendar = {}

    def keep(self, line: bytes) -> None:
        if not self._open:
            return
        if self._open[-1] == "VEVENT":
            _keep(self._event, line, KEPT)
        elif self._open[-1] == "VCALENDAR":
            _keep(self._calendar, line, OF_THE_CALENDAR)
        else:
            self.note_rule(line)

    def note_rule(self, line: bytes) -> None:
        """Of a zone all lines are."""
        if "VTIMEZONE" in self._open:
            self._zone += line + b"\r\n"

    def rest(self) -> Iterator[Component]:
        """What has no end."""
        if "VEVENT" in self._open:
            yield Component("VEVENT", self._event, b"", is_whole=False)
        if "VCALENDAR" in self._open:
            yield Component("VCALENDAR", self._calendar, b"", is_whole=False)


def unfolded(text: bytes) -> Iterator[bytes]:
    """Lines, however they end, without those that are empty and without NUL; folded ones made whole."""
    current = bytearray()
    for match in _LINE.finditer(text):
        line = match[0].replace(b"\0", b"") if b"\0" in match[0] else match[0]
        if line[:1] in {b" ", b"\t"}:
            current += line[1:]
            continue
        if current:
            yield bytes(current)
        current = bytearray(line)
    if current:
        yield bytes(current)


def plain(text: bytes) -> bytes:
    """In a charset that ASCII is a part of, without a byte order mark (Outlook may write UTF-16)."""
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return text.decode("utf-16", "replace").encode("utf-8", "replace")
    return text.removeprefix(b"\xef\xbb\xbf")


def _name(word: bytes) -> str:
    return word[:40].strip().upper().decode("ascii", "replace")


def _keep(kept: Lines, line: bytes, names: frozenset[str]) -> None:
    match = _START.match(line)
    if match is None:
        return
    name = match[0].upper().decode("ascii")
    if name in names and (read := _line(name, decoded(line[match.end() :]))) is not None:
        kept.setdefault(name, []).append(read)


def _line(name: str, rest: str) -> Line | None:
    """What follows the name: `;parameter=value:value`."""
    colon = rest.rfind(":") if name in DATES else _colon(rest)
    if colon < 0:
        return None
    head = rest[:colon]
    parameters = {key.upper(): value.strip('"') for key, value in _PARAMETER.findall(head)} if head else {}
    return Line(rest[colon + 1 :], parameters)


def _colon(rest: str) -> int:
    """The first outside quotes; where quotes are not closed, the first."""
    in_quotes = False
    for i, character in enumerate(rest):
        if character == '"':
            in_quotes = not in_quotes
        elif character == ":" and not in_quotes:
            return i
    return rest.find(":")


def decoded(line: bytes) -> str:
    """UTF-8, or else what Windows writes in western Europe."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _of_zone(text: bytes) -> Lines:
    lines: Lines = {}
    for line in _LINE.findall(text):
        _keep(lines, line, frozenset({"TZID", "X-LIC-LOCATION"}))
    return lines
