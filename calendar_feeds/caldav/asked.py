"""What a calendar program asks for, from the XML that it sends (RFC 4918, 4791, 6578). Pure."""

import base64
import binascii
import re
from typing import Final, Literal

from msgspec import Struct

from calendar_feeds.caldav.dav import CALDAV, DAV, Node, NotXml, Refused, caldav, dav, read
from calendar_feeds.caldav.filtering import Filter, filter_in

MOST_HREFS: Final = 10_000
"""Objects to be fetched by one request: vdirsyncer asks for all of a calendar at once."""
LONGEST_NAMES: Final = 4_096
"""Signs in the names of the properties that are asked for: those that are not there are told of every object."""
CALENDAR_DATA: Final = f"{{{CALDAV}}}calendar-data"


class Props(Struct, frozen=True):
    """Which properties: those named, all that are usually wanted (and those named), or only the names of all."""

    kind: Literal["some", "all", "names"]
    names: tuple[str, ...] = ()


class Find(Struct, frozen=True):
    """PROPFIND."""

    props: Props


class Query(Struct, frozen=True):
    """calendar-query: the objects that a filter lets through."""

    props: Props
    filter: Filter


class Multiget(Struct, frozen=True):
    """calendar-multiget: the objects of these addresses."""

    props: Props
    hrefs: tuple[str, ...]


class Sync(Struct, frozen=True):
    """sync-collection: what has changed since a token; since ever when it is empty."""

    props: Props
    token: str
    limit: int | None


Report = Query | Multiget | Sync


def find_in(body: bytes) -> Find:
    """An empty body asks for all (RFC 4918 §9.1). Raises NotXml."""
    if not body.strip():
        return Find(Props("all"))
    root = read(body)
    if root.name != f"{{{DAV}}}propfind":
        raise NotXml
    return Find(_props(root))


def report_in(body: bytes) -> Report:
    """Raises NotXml, and Refused for reports and filters that are not known here."""
    root = read(body)
    if root.name == f"{{{CALDAV}}}calendar-query":
        _check_data(root)
        return Query(_props(root), filter_in(root))
    if root.name == f"{{{CALDAV}}}calendar-multiget":
        _check_data(root)
        hrefs = tuple(each.text.strip() for each in root.children if each.name == f"{{{DAV}}}href")
        if len(hrefs) > MOST_HREFS:
            raise Refused(403, dav("number-of-matches-within-limits"))
        return Multiget(_props(root), hrefs)
    if root.name == f"{{{DAV}}}sync-collection":
        _check_data(root)
        token = root.child(f"{{{DAV}}}sync-token")
        return Sync(_props(root), "" if token is None else token.text.strip(), _limit(root))
    raise Refused(403, dav("supported-report"))


def _props(root: Node) -> Props:
    found = _named(root)
    if sum(map(len, found.names)) > LONGEST_NAMES:
        raise NotXml
    return found


def _named(root: Node) -> Props:
    for each in root.children:
        if each.name == f"{{{DAV}}}prop":
            return Props("some", tuple(dict.fromkeys(prop.name for prop in each.children)))
        if each.name == f"{{{DAV}}}propname":
            return Props("names")
        if each.name == f"{{{DAV}}}allprop":
            more = root.child(f"{{{DAV}}}include")
            names = () if more is None else tuple(dict.fromkeys(prop.name for prop in more.children))
            return Props("all", names)
    return Props("all")


def _limit(root: Node) -> int | None:
    limit = root.child(f"{{{DAV}}}limit")
    number = None if limit is None else limit.child(f"{{{DAV}}}nresults")
    if number is None:
        return None
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", number.text.strip(), re.ASCII):
        raise Refused(403, dav("number-of-matches-within-limits"))
    return int(number.text)


def _check_data(root: Node) -> None:
    """Objects are told as iCalendar 2.0, whole: of what else could be asked, the format alone must be refused."""
    prop = root.child(f"{{{DAV}}}prop")
    data = None if prop is None else prop.child(CALENDAR_DATA)
    if data is None:
        return
    kind = data.attributes.get("content-type", "text/calendar").lower()
    if kind != "text/calendar" or data.attributes.get("version", "2.0") != "2.0":
        raise Refused(403, caldav("supported-calendar-data"))


PASSWORD = re.compile(r"[a-z][a-z0-9-]{0,62}\.[A-Za-z0-9_-]{16,100}", re.ASCII)


def password_in(authorization: str) -> str | None:
    """`<slug>.<secret>` of a header of Basic (RFC 7617), whatever name stands before it."""
    scheme, _, told = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        read = base64.b64decode(told.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    password = read.partition(":")[2].strip()
    return password if PASSWORD.fullmatch(password) else None
