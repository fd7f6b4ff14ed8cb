"""Which events a calendar-query asks for: in what time, and with what in their properties (RFC 4791 §9.7). Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from calendar_feeds.caldav.dav import CALDAV, Node, Refused, caldav

COLLATIONS: Final = {"i;ascii-casemap", "i;octet", "default", ""}
INSTANT = re.compile(r"[0-9]{8}T[0-9]{6}Z", re.ASCII)
LINE = re.compile(r"([A-Za-z0-9-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)", re.DOTALL)
ESCAPED = re.compile(r"\\([\\;,nN])")


class TextMatch(Struct, frozen=True):
    """Whether a text contains another."""

    wanted: str
    is_exact: bool
    """Capital letters of ASCII are others than small ones."""
    is_negated: bool

    def holds(self, value: str) -> bool:
        found = self.wanted in value if self.is_exact else _small(self.wanted) in _small(value)
        return found is not self.is_negated


class PropFilter(Struct, frozen=True):
    """That a property is there, or is not, or is there with such a text."""

    name: str
    is_there: bool = True
    match: TextMatch | None = None

    def holds(self, values: Sequence[str]) -> bool:
        if not self.is_there:
            return not values
        return bool(values) if self.match is None else any(map(self.match.holds, values))


class Filter(Struct, frozen=True):
    """All of it must hold. Feeds have single events only, without alarms: more than this cannot be asked of them."""

    is_empty: bool = False
    """It asks for what no feed has, such as tasks."""
    since: datetime | None = None
    until: datetime | None = None
    props: tuple[PropFilter, ...] = ()

    def holds(self, lines: str) -> bool:
        """Of the content lines of one event, but for the time, which the database looks at."""
        if not self.props:
            return True
        values = values_of(lines)
        return all(each.holds(values.get(each.name, ())) for each in self.props)


def filter_in(report: Node) -> Filter:
    """Raises Refused."""
    root = report.child(_name("filter"))
    calendars = () if root is None else root.children
    if len(calendars) != 1 or calendars[0].name != _name("comp-filter"):
        raise _invalid()
    calendar = calendars[0]
    if calendar.attributes.get("name", "").upper() != "VCALENDAR":
        raise _invalid()
    found = Filter()
    for each in calendar.children:
        if each.name == _name("is-not-defined"):
            return Filter(is_empty=True)
        if each.name == _name("comp-filter"):
            found = _both(found, _component(each))
        elif each.name == _name("time-range"):
            found = _both(found, _times(each))
        else:
            raise _unknown(each)
    return found


def _component(node: Node) -> Filter:
    is_absent = node.child(_name("is-not-defined")) is not None
    kind = node.attributes.get("name", "").upper()
    if not kind:
        raise _invalid()
    if kind == "VTIMEZONE":
        raise _unknown(node)
    if kind != "VEVENT":
        return Filter(is_empty=not is_absent)
    if is_absent:
        return Filter(is_empty=True)
    found = Filter()
    for each in node.children:
        if each.name == _name("time-range"):
            found = _both(found, _times(each))
        elif each.name == _name("prop-filter"):
            found = _both(found, Filter(props=(_property(each),)))
        elif each.name == _name("comp-filter"):  # of alarms, which there are none of
            found = _both(found, Filter(is_empty=each.child(_name("is-not-defined")) is None))
        else:
            raise _unknown(each)
    return found


def _property(node: Node) -> PropFilter:
    name = node.attributes.get("name", "").upper()
    if not name:
        raise _invalid()
    match: TextMatch | None = None
    for each in node.children:
        if each.name == _name("is-not-defined"):
            return PropFilter(name, is_there=False)
        if each.name != _name("text-match"):
            raise _unknown(node)
        match = _text_match(each)
    return PropFilter(name, match=match)


def _text_match(node: Node) -> TextMatch:
    collation = node.attributes.get("collation", "")
    if collation not in COLLATIONS:
        raise Refused(403, caldav("supported-collation"))
    is_negated = node.attributes.get("negate-condition", "no") == "yes"
    return TextMatch(node.text, collation == "i;octet", is_negated)


def _times(node: Node) -> Filter:
    since, until = (_instant(node.attributes.get(name)) for name in ("start", "end"))
    if (since is None and until is None) or (since is not None and until is not None and since >= until):
        raise _invalid()
    return Filter(since=since, until=until)


def _instant(told: str | None) -> datetime | None:
    if told is None:
        return None
    if not INSTANT.fullmatch(told):
        raise _invalid()
    try:
        return datetime.strptime(told, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise _invalid() from error


def _both(one: Filter, other: Filter) -> Filter:
    return Filter(
        one.is_empty or other.is_empty,
        max((each for each in (one.since, other.since) if each is not None), default=None),
        min((each for each in (one.until, other.until) if each is not None), default=None),
        one.props + other.props,
    )


def values_of(lines: str) -> Mapping[str, Sequence[str]]:
    """Property → its values, as people read them."""
    found: dict[str, list[str]] = {}
    for line in lines.replace("\r\n ", "").split("\r\n"):
        if read := LINE.fullmatch(line):
            found.setdefault(read[1].upper(), []).append(
                ESCAPED.sub(lambda each: "\n" if each[1] in "nN" else each[1], read[3])
            )
    return found


def _small(value: str) -> str:
    """RFC 4790 §9.2: the letters of ASCII and no others."""
    return "".join(each.lower() if each.isascii() else each for each in value)


def _name(local: str) -> str:
    return f"{{{CALDAV}}}{local}"


def _invalid() -> Refused:
    return Refused(403, caldav("valid-filter"))


def _unknown(node: Node) -> Refused:
    """The part that is not understood is named (RFC 4791 §7.8)."""
    local = "prop-filter" if node.name == _name("prop-filter") else "comp-filter"
    return Refused(403, caldav("supported-filter", caldav(local, name=node.attributes.get("name", ""))))
