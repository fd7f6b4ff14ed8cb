"""What one VEVENT of a foreign calendar says about itself (RFC 5545 §3.6.1, MS-OXCICAL), its recurrence unread."""

import hashlib
import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from calendar_feeds.incoming.content import Component, Line, Lines
from calendar_feeds.incoming.moments import (
    LONGEST,
    Length,
    Moment,
    duration,
    is_midnight,
    length_between,
    moment,
    moment_of,
)
from calendar_feeds.incoming.occurrence import TEXT_CHARACTERS, ProblemKind
from calendar_feeds.incoming.zones import Zones
from core.spans import DAY

UID_CHARACTERS: Final = 200
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
_UNHEARD = frozenset({"FREE", "WORKINGELSEWHERE"})


class Broken(Exception):
    """The event cannot be placed in time."""

    def __init__(self, kind: ProblemKind, what: str = "") -> None:
        super().__init__(kind)
        self.kind: ProblemKind = kind
        self.what = what


class Event(NamedTuple):
    """One component. `original`: the time of the series that it replaces, None: it is the series, or all by itself."""

    uid: str
    original: Moment | None
    is_onward: bool
    """It replaces those after it too (RANGE=THISANDFUTURE)."""
    start: Moment
    length: Length
    summary: str
    location: str
    is_all_day: bool
    is_busy: bool
    is_tentative: bool
    is_cancelled: bool
    version: tuple[int, str]
    """The greater is the newer."""
    lines: Lines

    @property
    def recurs(self) -> bool:
        return "RRULE" in self.lines or "RDATE" in self.lines


def event_of(component: Component, uid: str, zones: Zones) -> Event:
    """Raises Broken, ValueError and OverflowError."""
    lines = component.lines
    original = lines["RECURRENCE-ID"][0] if "RECURRENCE-ID" in lines else None
    replaced = moment(original, zones) if original else None
    start, length = _time(lines, zones)
    for each in (start, replaced):
        if each is not None:
            each.instant()  # or it is too far away to reckon with
    busy = _word(lines, "X-MICROSOFT-CDO-BUSYSTATUS")
    status = _word(lines, "STATUS")
    return Event(
        uid=uid,
        original=replaced,
        is_onward=original is not None and original.parameters.get("RANGE", "").upper() == "THISANDFUTURE",
        start=start,
        length=length,
        summary=plain_text(_first(lines, "SUMMARY")),
        location=plain_text(_first(lines, "LOCATION")),
        is_all_day=start.is_day or _is_days(lines, start, length),
        is_busy=_word(lines, "TRANSP") != "TRANSPARENT" and busy not in _UNHEARD,
        is_tentative="TENTATIVE" in {status, busy},
        is_cancelled=status == "CANCELLED",
        version=_version(lines),
        lines=lines,
    )


def uid_of(component: Component) -> str:
    """As keys have it; empty: it has none."""
    text = " ".join(_readable(_first(component.lines, "UID")).split())
    if len(text) <= UID_CHARACTERS:
        return text
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def plain_text(escaped: str) -> str:
    """One line of at most TEXT_CHARACTERS, its escapes (RFC 5545 §3.3.11) and whatever cannot be shown undone."""
    text = escaped[: TEXT_CHARACTERS * 4]
    if "\\" in text:
        text = _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)
    return " ".join(_readable(text).split())[:TEXT_CHARACTERS].rstrip()


def _readable(text: str) -> str:
    if text.isprintable():  # then none of the others is in it
        return text
    return "".join(
        " " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each
        for each in text
        if each not in _BIDI and unicodedata.category(each) != "Cs"
    )


def _first(lines: Lines, name: str) -> str:
    found = lines.get(name)
    return found[0].value if found else ""


def _word(lines: Lines, name: str) -> str:
    return _first(lines, name).strip().upper()


def _version(lines: Lines) -> tuple[int, str]:
    sequence = _first(lines, "SEQUENCE").strip()
    changed = _first(lines, "LAST-MODIFIED") or _first(lines, "DTSTAMP")
    return int(sequence[:9]) if sequence.isascii() and sequence.isdecimal() else 0, changed.strip()[:20]


def _time(lines: Lines, zones: Zones) -> tuple[Moment, Length]:
    if "DTSTART" not in lines:
        raise Broken("no_start")
    start = moment(lines["DTSTART"][0], zones)
    if "DTEND" in lines:
        length = length_between(start, _end(lines["DTEND"][0], start, zones))
        if start.is_day and length == Length(0, timedelta()):
            length = Length(1, timedelta())  # as some write a single day
    elif "DURATION" in lines:
        length = duration(_first(lines, "DURATION"))
    elif start.is_day:
        length = Length(1, timedelta())
    else:
        raise Broken("no_length")
    if length.most < timedelta():
        raise Broken("ends_before_start")
    if not length.most:
        raise Broken("no_length")
    if length.most > LONGEST:
        length = Length(LONGEST // DAY, timedelta())
    if start.is_day and length.elapsed:
        start = start._replace(is_day=False)
    return start, length


def _end(line: Line, start: Moment, zones: Zones) -> Moment:
    """An end without a zone of its own is on the start's clock."""
    end = moment_of(line.value, line.parameters, zones)
    if not end.is_day and not line.parameters.get("TZID") and end.zone is zones.floating and not start.is_day:
        return end._replace(zone=start.zone)
    return end


def _is_days(lines: Lines, start: Moment, length: Length) -> bool:
    """Outlook writes whole days also as times from midnight to midnight."""
    if _word(lines, "X-MICROSOFT-CDO-ALLDAYEVENT") != "TRUE" or not is_midnight(start.at):
        return False
    end: datetime = start.at + length.most
    return is_midnight(end)
