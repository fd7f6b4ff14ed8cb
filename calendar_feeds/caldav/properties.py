"""What is told of a calendar, its home and its objects, by property (RFC 4918, 3744, 4791, 5397, 6578). Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from calendar_feeds.caldav.asked import CALENDAR_DATA, Props
from calendar_feeds.caldav.dav import (
    APPLE,
    CALDAV,
    DAV,
    SERVER,
    Xml,
    caldav,
    dav,
    element,
    href,
    response,
    text,
)
from calendar_feeds.caldav.objects import CONTENT_TYPE, Member
from calendar_feeds.caldav.places import ROOT, Place
from core.spans import Span

LARGEST_OBJECT: Final = 100_000
"""No object of ours is longer."""

Found = Mapping[str, Xml]
"""Property → the whole element."""


class Calendar(Struct, frozen=True):
    """What there is to tell of a calendar."""

    place: Place
    name: str
    colour: str
    """As `#rrggbb`."""
    zone_name: str
    clock: str
    """An iCalendar text that holds the zone."""
    span: Span
    """What it holds."""
    token: str


def of_root(principal: str) -> Found:
    """Where programs begin: it says where to go on."""
    return _told(
        (DAV, "resourcetype", dav("collection")),
        (DAV, "displayname", text("Ledig")),
        *_whose(principal),
        (CALDAV, "calendar-home-set", href(principal)),
        (DAV, "principal-URL", href(principal)),
    )


def of_home(calendar: Calendar) -> Found:
    principal = calendar.place.base
    return _told(
        (DAV, "resourcetype", dav("collection"), dav("principal")),
        (DAV, "displayname", text(calendar.name)),
        *_whose(principal),
        (DAV, "principal-URL", href(principal)),
        (DAV, "alternate-URI-set"),
        (DAV, "group-membership"),
        (CALDAV, "calendar-home-set", href(principal)),
        (CALDAV, "calendar-user-address-set", href(principal)),
        (CALDAV, "supported-calendar-component-sets", caldav("supported-calendar-component-set", _events())),
    )


def of_calendar(calendar: Calendar) -> Found:
    names = ("calendar-query", "calendar-multiget")
    reports = (*map(caldav, names), dav("sync-collection"))
    return _told(
        (DAV, "resourcetype", dav("collection"), caldav("calendar")),
        (DAV, "displayname", text(calendar.name)),
        *_whose(calendar.place.base),
        (DAV, "supported-report-set", *(dav("supported-report", dav("report", each)) for each in reports)),
        (DAV, "sync-token", text(calendar.token)),
        (SERVER, "getctag", text(calendar.token)),
        (CALDAV, "supported-calendar-component-set", _events()),
        (
            CALDAV,
            "supported-calendar-data",
            caldav("calendar-data", content_type="text/calendar", version="2.0"),
        ),
        (CALDAV, "calendar-timezone", text(calendar.clock)),
        (CALDAV, "calendar-timezone-id", text(calendar.zone_name)),
        (CALDAV, "max-resource-size", text(str(LARGEST_OBJECT))),
        (CALDAV, "min-date-time", text(_instant(calendar.span.start))),
        (CALDAV, "max-date-time", text(_instant(calendar.span.end))),
        (CALDAV, "supported-collation-set", *_collations()),
        (APPLE, "calendar-color", text(f"{calendar.colour}FF")),
    )


def of_object(place: Place, member: Member) -> Found:
    return _told(
        (DAV, "resourcetype"),
        (DAV, "getetag", text(member.etag)),
        (DAV, "getcontenttype", text(CONTENT_TYPE)),
        (DAV, "getcontentlength", text(str(len(member.text.encode())))),
        *_whose(place.base),
    )


def told(path: str, found: Found, props: Props, data: Xml | None = None) -> Xml:
    """The answer for one address: of what was asked for, what there is, and the names of the rest. `data`: the object
    itself, which nobody is sent unasked.
    """
    if props.kind == "names":
        return response(path, [element(name) for name in found], ())
    wanted = props.names if props.kind == "some" else tuple(dict.fromkeys([*found, *props.names]))
    there = found if data is None else {**found, CALENDAR_DATA: element(CALENDAR_DATA, data)}
    return response(
        path,
        [there[name] for name in wanted if name in there],
        [name for name in wanted if name not in there],
    )


def _told(*properties: tuple[str, str, *tuple[Xml, ...]]) -> Found:
    found: dict[str, Xml] = {}
    for namespace, local, *inner in properties:
        name = f"{{{namespace}}}{local}"
        found[name] = element(name, *inner)
    return found


def _whose(principal: str) -> tuple[tuple[str, str, *tuple[Xml, ...]], ...]:
    """Who reads may read, and is the owner as far as calendar programs need one."""
    rights = ("read", "read-current-user-privilege-set")
    return (
        (DAV, "owner", href(principal)),
        (DAV, "current-user-principal", href(principal)),
        (DAV, "principal-collection-set", href(ROOT)),
        (DAV, "current-user-privilege-set", *(dav("privilege", dav(right)) for right in rights)),
    )


def _events() -> Xml:
    return caldav("comp", name="VEVENT")


def _collations() -> tuple[Xml, ...]:
    return tuple(caldav("supported-collation", text(each)) for each in ("i;ascii-casemap", "i;octet"))


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
