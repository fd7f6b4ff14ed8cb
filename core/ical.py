"""What all our iCalendar objects are made with: one zone, one way to write instants, one name for UIDs (RFC 5545)."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Component, Timezone, vText

UID_DOMAIN: Final = "ledig"
"""The program's own, whatever the municipality's address becomes: a UID that changed would be another booking."""
PRODID: Final = "-//Ledig//Booking//NO"
OSLO: Final = """BEGIN:VTIMEZONE
TZID:Europe/Oslo
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n")
"""Of every letter the same: Google is said to compare it. Other zones are written in UTC."""


def booking_uid(booking_id: UUID) -> str:
    """A booking's name in calendars, in letters and in feeds, for ever."""
    return f"booking-{booking_id}@{UID_DOMAIN}"


def on_clock(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """On the zone's clock; both in UTC when one of them is in the hour that the clock shows twice. There TZID means the
    first (RFC 5545 §3.3.5), but libical and khal take it for the second.
    """
    local = starts_at.astimezone(zone), ends_at.astimezone(zone)
    if zone.key != "Europe/Oslo" or any(_is_shown_twice(each) for each in local):
        return starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    return local


def _is_shown_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def stamp(at: datetime) -> datetime:
    """In UTC, to the second: calendars know no finer."""
    return at.astimezone(UTC).replace(microsecond=0)


def timezone_of(zone: ZoneInfo) -> Any:
    """The component that says when the zone's clock changes; None where times are in UTC."""
    return Timezone.from_ical(OSLO) if zone.key == "Europe/Oslo" else None


class Written(vText):
    r"""A text that people wrote, to be read as they wrote it (RFC 5545 §3.3.11): icalendar takes a typed `\N` or `\;`
    for one that is escaped already, and another sign would come back.
    """

    def to_ical(self) -> bytes:
        text = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return text.replace("\r\n", "\n").replace("\n", "\\n").encode()


def lines_of(component: Component) -> str:
    """As it is written, its first and last line (BEGIN and END) left out: content lines, folded, each ended."""
    text = component.to_ical(sorted=False).decode()
    return text.partition("\r\n")[2].rpartition("END:")[0]
