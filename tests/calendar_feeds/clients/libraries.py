"""Calendars as programs read them that are written with Python's libraries."""

from collections.abc import Callable, Mapping
from datetime import UTC, timedelta
from typing import Any, Final, NamedTuple, cast

import ics  # pyright: ignore[reportMissingTypeStubs]
import recurring_ical_events  # pyright: ignore[reportMissingTypeStubs]
import vobject
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from core.spans import utc_now
from tests.calendar_feeds.clients.shown import Shown, as_it_is, read_in_turn, told, utc

BACK, AHEAD = timedelta(days=120), timedelta(days=450)
"""More than feeds hold."""


def by_icalendar(raw: bytes) -> list[Shown]:
    """With recurring-ical-events, which many Python programs ask for what is on."""
    calendar: Any = Calendar.from_ical(raw)
    missing = calendar.get_missing_tzids()
    assert not missing, f"zones that are not told of: {missing}"
    broken = [error for component in calendar.walk() for error in component.errors]
    assert not broken, broken
    now = utc_now()
    found = cast("Any", recurring_ical_events).of(calendar).between(now - BACK, now + AHEAD)
    assert len(found) == len(calendar.walk("VEVENT"))
    return sorted(map(event_of, found))


def event_of(event: Any) -> Shown:
    """Of icalendar's own."""
    return Shown(
        utc(event["DTSTART"].dt),
        utc(event["DTEND"].dt),
        *(told(event.get(name)) for name in ("UID", "STATUS", "SUMMARY", "LOCATION", "DESCRIPTION")),
    )


def by_vobject(raw: bytes) -> list[Shown]:
    calendar: Any = cast("Any", vobject).readOne(raw.decode())
    calendar.validate(raiseException=True)
    return sorted(
        Shown(
            utc(event.dtstart.value),
            utc(event.dtend.value),
            *(_of_vobject(event, name) for name in ("uid", "status", "summary", "location", "description")),
        )
        for event in calendar.contents.get("vevent", [])
    )


def _of_vobject(event: Any, name: str) -> str:
    lines: list[Any] = event.contents.get(name, [])
    assert len(lines) <= 1, f"{name} more than once"
    return lines[0].value if lines else ""


def by_ics(raw: bytes) -> list[Shown]:
    calendar: Any = cast("Any", ics).Calendar(raw.decode())
    return sorted(
        Shown(
            utc(event.begin.datetime),
            utc(event.end.datetime),
            *(
                told(text)
                for text in (event.uid, event.status, event.name, event.location, event.description)
            ),
        )
        for event in calendar.events
    )


def as_ics_reads(event: Shown) -> Shown:
    """Version 0.7.3."""
    signs = {";": ";", ",": ",", "n": "\n", "N": "\n", "r": "\r", "R": "\r", "\\": "\\"}
    return read_in_turn(event, *((f"\\{escape}", sign) for escape, sign in signs.items()))


def by_home_assistant(raw: bytes) -> list[Shown]:
    """`ical`, the library that Home Assistant's calendars are read with; and its timeline."""
    calendar = IcsCalendarStream.calendar_from_ics(raw.decode())
    timeline = list(calendar.timeline_tz(UTC))
    assert len(timeline) == len(calendar.events)
    return sorted(
        Shown(
            event.start_datetime,
            event.end_datetime,
            *(
                told(text)
                for text in (
                    event.uid,
                    event.status.value if event.status else "",
                    event.summary,
                    event.location,
                    event.description,
                )
            ),
        )
        for event in timeline
    )


class Library(NamedTuple):
    read: Callable[[bytes], list[Shown]]
    as_read: Callable[[Shown], Shown] = as_it_is
    """What it makes of an event; of most, what is there."""


LIBRARIES: Final[Mapping[str, Library]] = {
    "icalendar": Library(by_icalendar),
    "vobject": Library(by_vobject),
    "ics": Library(by_ics, as_ics_reads),
    "Home Assistant": Library(by_home_assistant),
}
