"""From a booking to the lines that calendars read (RFC 5545, 7986): each made once, by icalendar, and joined. Pure."""

import base64
import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from icalendar.parser import Contentline
from msgspec import Struct

from booking.telling.wording import clean, one_line
from core.ical import PRODID, UID_DOMAIN, Written, booking_uid, lines_of, on_clock, stamp, timezone_of

REFRESH: Final = timedelta(hours=1)
END: Final = "END:VEVENT\r\n"
ENDED: Final = frozenset({"rejected", "withdrawn", "cancelled", "lapsed", "displaced", "given_back"})
STATUS: Final = {"confirmed": "CONFIRMED", **dict.fromkeys(ENDED, "CANCELLED")}
"""Of the booking's state; of all others TENTATIVE: nothing is promised yet."""


class Words(Struct, frozen=True):
    """What a feed says of itself, in the municipality's language."""

    busy: str
    cancelled: str
    """"Cancelled: {title}"."""
    closed: str
    closed_for: str
    """"Closed: {reason}"."""


class Shut(Struct, frozen=True, kw_only=True):
    """A closure as a calendar is to have it."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    is_lifted: bool
    reason: str
    place: str


class Shown(Struct, frozen=True, kw_only=True):
    """A booking as a calendar is to have it."""

    id: UUID
    sequence: int
    state: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    title: str
    is_public: bool
    """Whether everybody may know the title and who it is for."""
    association: str | None
    team: str | None
    place: str
    address: str
    url: str
    text: str
    """What only its holders read."""


class Lines(Struct, frozen=True):
    """Content lines of one event, folded, each ended with CRLF."""

    head: str
    times: str
    place: str
    public: str
    full: str


def lines(shown: Shown, words: Words, zone: ZoneInfo) -> Lines:
    """What people wrote stands in values only: icalendar escapes and folds it, and what nobody sees is left out."""
    head: Any = Event()
    head.add("uid", booking_uid(shown.id))
    place: Any = Event()
    where = ", ".join(filter(None, (one_line(shown.place), one_line(shown.address))))
    if where:
        place.add("location", Written(where))
    who = " – ".join(filter(None, (shown.association, shown.team)))
    said = dict.fromkeys(filter(None, (one_line(shown.title), one_line(who))))  # the club's name once
    title = " – ".join(said) or words.busy
    public: Any = Event()
    public.add("summary", Written(_summary(title if shown.is_public else words.busy, shown.state, words)))
    full: Any = Event()
    full.add("summary", Written(_summary(title, shown.state, words)))
    full.add("description", Written(clean(f"{shown.text}\n\n{shown.url}")))
    full.add("url", shown.url)
    return Lines(
        head="BEGIN:VEVENT\r\n" + lines_of(head),
        times=_times(shown, zone, sequence=shown.sequence, status=STATUS.get(shown.state, "TENTATIVE")),
        place=lines_of(place),
        public=lines_of(public),
        full=lines_of(full),
    )


def closure_lines(shut: Shut, words: Words, zone: ZoneInfo) -> Lines:
    """That a place is closed, and why: everybody may know. `full` is `public`."""
    head: Any = Event()
    head.add("uid", f"closure-{shut.id}@{UID_DOMAIN}")
    place: Any = Event()
    if where := one_line(shut.place):
        place.add("location", Written(where))
    reason = one_line(shut.reason)
    title = words.closed_for.format(reason=reason) if reason else words.closed
    public: Any = Event()
    public.add("summary", Written(words.cancelled.format(title=title) if shut.is_lifted else title))
    told = lines_of(public)
    return Lines(
        head="BEGIN:VEVENT\r\n" + lines_of(head),
        times=_times(
            shut, zone, sequence=int(shut.is_lifted), status="CANCELLED" if shut.is_lifted else "CONFIRMED"
        ),
        place=lines_of(place),
        public=told,
        full=told,
    )


def _times(shown: Shown | Shut, zone: ZoneInfo, *, sequence: int, status: str) -> str:
    event: Any = Event()
    changed_at = stamp(shown.changed_at)
    event.add("dtstamp", changed_at)
    start, end = on_clock(shown.starts_at, shown.ends_at, zone)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("sequence", sequence)
    event.add("last-modified", changed_at)
    event.add("status", status)
    event.add("transp", "TRANSPARENT" if status == "CANCELLED" else "OPAQUE")
    event.add("class", "PUBLIC")
    return lines_of(event)


def _summary(title: str, state: str, words: Words) -> str:
    """Calendars that do not know STATUS show it as if nothing had happened: so it is said in words too."""
    return words.cancelled.format(title=title) if state in ENDED else title


def busy_lines(words: Words, times: str) -> str:
    """All that is told of a time that is only taken, or, as its `times` say, no longer."""
    return _busy_lines(words, is_off="\nSTATUS:CANCELLED" in times)


@lru_cache(maxsize=1024)
def _busy_lines(words: Words, *, is_off: bool) -> str:
    event: Any = Event()
    event.add("summary", Written(words.cancelled.format(title=words.busy) if is_off else words.busy))
    return lines_of(event)


def told_first(full: str, facts: str) -> str:
    """The lines of a booking with more in front of its description: what only the staff of its place read."""
    description = "DESCRIPTION:"
    more = Written(clean(facts) + "\n\n").to_ical().decode()
    lines = [
        description + more + line.removeprefix(description) if line.startswith(description) else line
        for line in full.replace("\r\n ", "").split("\r\n")
    ]
    return "\r\n".join(Contentline(line).to_ical().decode() for line in lines)


def busy_head(key: bytes, feed: str, booking_id: UUID) -> str:
    """The start of an event whose UID tells nobody which booking it is, nor which event of another feed."""
    name = hashlib.blake2b(booking_id.bytes, key=hashlib.sha256(key + feed.encode()).digest(), digest_size=16)
    secret = base64.b32encode(name.digest()).decode().rstrip("=").lower()
    return f"BEGIN:VEVENT\r\nUID:busy-{secret}@{UID_DOMAIN}\r\n"


def has_utc(events: str) -> bool:
    """Whether the time of one of them stands in UTC, as in the hour that the clock shows twice."""
    return "\nDTSTART:" in events


@lru_cache(maxsize=4096)
def frame(
    name: str, url: str, colour: str, zone: ZoneInfo, *, source: str | None = None, names_zone: bool = True
) -> tuple[str, str]:
    """What stands before a feed's events, and after them. No METHOD and no UID: it is a calendar, not a message.

    `source`: its own address, where that is no secret. `names_zone` is for feeds without times in UTC: programs that
    heed X-WR-TIMEZONE put such times on that zone's clock and reckon there, so that the doubled hour loses one of its
    two (recurring-ical-events 3.8.2).
    """
    calendar: Any = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    name = Written(one_line(name))
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    if names_zone:
        calendar.add("x-wr-timezone", zone.key)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("url", url)
    if source is not None:
        calendar.add("source", source, parameters={"VALUE": "URI"})
    calendar.add("x-apple-calendar-color", colour)
    if (clock := timezone_of(zone)) is not None:
        calendar.add_component(clock)
    text = calendar.to_ical(sorted=False).decode()
    end = "END:VCALENDAR\r\n"
    return text.removesuffix(end), end
