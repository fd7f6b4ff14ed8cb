"""Where things stand in CalDAV: one principal a feed, which is also its home, one calendar below it, its objects. Pure.

/caldav/t/{slug}.{secret}/            a secret feed by its address alone
/caldav/{m}/feeds/{id}/               the same feed, with the secret as password
/caldav/{m}/resources/{id}/           a resource, which everybody may read
    calendar/                         the calendar
    calendar/booking-{id}.ics         an event
/caldav/, /caldav/{m}/                where a program begins that has only the server's name and a password
"""

from typing import Final, Literal
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

from msgspec import Struct

CALENDAR: Final = "calendar"
ROOT: Final = "/caldav/"
Kind = Literal["root", "home", "calendar", "object"]


class Place(Struct, frozen=True):
    """What a path names."""

    kind: Kind
    base: str
    """Of the home, quoted, with a stroke at its end; of a root its own path."""
    secret: str | None = None
    """`<slug>.<secret>`, as it stands in the path."""
    feed_id: UUID | None = None
    resource_id: UUID | None = None
    name: str = ""
    """Of an object."""

    @property
    def calendar(self) -> str:
        """Path of the home's calendar."""
        return f"{self.base}{CALENDAR}/"

    @property
    def path(self) -> str:
        """As it is spelled in answers."""
        if self.kind == "object":
            return self.object(self.name)
        return self.calendar if self.kind == "calendar" else self.base

    def object(self, name: str) -> str:
        return self.calendar + quote(name, safe="@")

    def name_in(self, href: str) -> str | None:
        """Of an object that stands in this calendar, by its address as a program sends it; None for any other."""
        try:
            path = unquote(urlsplit(href).path, errors="strict")
        except ValueError:
            return None
        calendar = unquote(self.calendar)
        name = path.removeprefix(calendar)
        return name if name and name != path and "/" not in name else None


def place_of(path: str) -> Place | None:
    """`path`: decoded, as the server hears it, the municipality's slug always in it. None: there is nothing there."""
    parts = path.strip("/").split("/")
    if parts[0] != ROOT.strip("/") or "" in parts:
        return None
    match parts[1:]:
        case [] | [_]:
            return Place("root", _quoted(parts))
        case ["t", secret, *rest]:
            return _in_home(Place("home", _quoted(parts[:3]), secret=secret), rest)
        case [_, "feeds", told, *rest] if (feed_id := _id(told)) is not None:
            return _in_home(Place("home", _quoted(parts[:4]), feed_id=feed_id), rest)
        case [_, "resources", told, *rest] if (resource_id := _id(told)) is not None:
            return _in_home(Place("home", _quoted(parts[:4]), resource_id=resource_id), rest)
        case _:
            return None


def feed_place(slug: str, feed_id: UUID) -> Place:
    """Where the feed is that a password opens."""
    return Place("home", f"{ROOT}{slug}/feeds/{feed_id}/", feed_id=feed_id)


def _in_home(home: Place, rest: list[str]) -> Place | None:
    match rest:
        case []:
            return home
        case [name] if name == CALENDAR:
            return Place("calendar", home.base, home.secret, home.feed_id, home.resource_id)
        case [name, it] if name == CALENDAR:
            return Place("object", home.base, home.secret, home.feed_id, home.resource_id, it)
        case _:
            return None


def _quoted(parts: list[str]) -> str:
    return "/" + "".join(f"{quote(part)}/" for part in parts)


def _id(told: str) -> UUID | None:
    """Spelled as we spell it, so that nothing has two addresses."""
    try:
        found = UUID(told)
    except ValueError:
        return None
    return found if str(found) == told else None
