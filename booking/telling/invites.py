"""Bookings as invitations that calendars understand: REQUEST when one stands, CANCEL when it does not (RFC 5546, 6047).

Each booking is an object of its own with its own UID, which never changes; SEQUENCE grows with every change of it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from icalendar import Calendar, Event, vCalAddress

from booking.telling.wording import clean, one_line
from core.ical import PRODID, Written, booking_uid, on_clock, stamp, timezone_of

MOST: Final = 50
"""So many invitations go with one letter; more are one object that a calendar takes in whole (RFC 6047 §4.4)."""

Method = Literal["REQUEST", "CANCEL"]


class Address(msgspec.Struct, frozen=True):
    """Somebody as calendars name her."""

    name: str
    email: str


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """A booking as its holder's calendar is to have it."""

    booking_id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    text: str
    url: str
    method: Method
    is_certain: bool = True
    """False: it waits for an answer."""


def invitations(
    invites: Sequence[Invite], *, organizer: Address, attendee: Address, zone: ZoneInfo, now: datetime
) -> str | None:
    """ICalendar objects, one after the other; None when there is nothing to put into a calendar."""
    if not invites:
        return None
    if len(invites) <= MOST:
        return "".join(
            _object(each.method, [_event(each, organizer, attendee, zone=zone, now=now)], zone)
            for each in invites
        )
    return _object("PUBLISH", [_event(each, organizer, None, zone=zone, now=now) for each in invites], zone)


def _object(method: str, events: Sequence[Any], zone: ZoneInfo) -> str:
    calendar: Any = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if (clock := timezone_of(zone)) is not None:
        calendar.add_component(clock)
    for event in events:
        calendar.add_component(event)
    text: bytes = calendar.to_ical(sorted=False)
    return text.decode()


def _event(
    invite: Invite, organizer: Address, attendee: Address | None, *, zone: ZoneInfo, now: datetime
) -> Any:
    event: Any = Event()
    event.add("uid", booking_uid(invite.booking_id))
    event.add("dtstamp", stamp(now))
    start, end = on_clock(invite.starts_at, invite.ends_at, zone)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("sequence", invite.sequence)
    event.add("summary", Written(one_line(invite.title) or "–"))
    event.add("location", Written(one_line(invite.place)))
    event.add("description", Written(clean(f"{invite.text}\n\n{invite.url}")))
    event.add("url", invite.url)
    is_over = invite.method == "CANCEL"
    event.add("status", "CANCELLED" if is_over else "CONFIRMED" if invite.is_certain else "TENTATIVE")
    event.add("transp", "TRANSPARENT" if is_over else "OPAQUE")
    event.add("organizer", _address(organizer))
    if attendee is not None:
        invited = _address(attendee)
        for name, value in (("ROLE", "REQ-PARTICIPANT"), ("PARTSTAT", "ACCEPTED"), ("RSVP", "FALSE")):
            invited.params[name] = value
        event.add("attendee", invited)
    return event


def _address(somebody: Address) -> vCalAddress:
    found = vCalAddress(f"mailto:{somebody.email}")
    name = one_line(somebody.name).replace('"', "'")  # a parameter cannot hold one (RFC 5545 §3.1)
    if name:
        found.params["CN"] = name
    return found
