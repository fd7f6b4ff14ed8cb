"""Each event of a feed as a calendar object: its name, its text, and what changes when the text does. Pure."""

import re
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar
from msgspec import Struct

from core.ical import PRODID, UID_DOMAIN, timezone_of

CONTENT_TYPE: Final = "text/calendar; charset=utf-8; component=VEVENT"
SUFFIX: Final = ".ics"
THING = re.compile(r"(?:booking|closure)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.ics", re.ASCII)
UID = re.compile(r"^UID:(.*)\r\n", re.MULTILINE)


class Member(Struct, frozen=True):
    """One event."""

    id: UUID
    """Of what it shows; nobody is told."""
    name: str
    """In the calendar's address."""
    lines: str
    """Of the event alone."""
    text: str
    """The whole object."""
    etag: str


def member(thing_id: UUID, lines: str, zone: ZoneInfo) -> Member:
    """`lines`: from BEGIN:VEVENT to END:VEVENT, as the feed has them."""
    head, end = frame(zone)
    text = head + lines + end
    return Member(thing_id, object_name(lines), lines, text, f'"{sha256(text.encode()).hexdigest()[:32]}"')


def object_name(lines: str) -> str:
    """Its UID, so that whoever puts the address and the event side by side sees that they belong together."""
    uid = UID.search(lines.replace("\r\n ", ""))
    assert uid is not None, "every event has one"
    return uid[1].removesuffix(f"@{UID_DOMAIN}") + SUFFIX


def named_thing(name: str) -> UUID | None:
    """Which booking or closure an object shows, where its name tells."""
    read = THING.fullmatch(name)
    return UUID(read[1]) if read else None


@lru_cache(maxsize=64)
def frame(zone: ZoneInfo) -> tuple[str, str]:
    """What stands before an event and after it, where it stands alone (RFC 4791 §4.1)."""
    calendar: Any = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if (clock := timezone_of(zone)) is not None:
        calendar.add_component(clock)
    text = calendar.to_ical(sorted=False).decode()
    end = "END:VCALENDAR\r\n"
    return text.removesuffix(end), end


def clock_text(zone: ZoneInfo) -> str:
    """A calendar that holds nothing but the zone."""
    return "".join(frame(zone))
