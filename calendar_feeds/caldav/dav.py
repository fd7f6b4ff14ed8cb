"""WebDAV's XML: read within bounds, nothing but elements and text; and written, whatever stands in a text. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NewType
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from msgspec import Struct

DAV: Final = "DAV:"
CALDAV: Final = "urn:ietf:params:xml:ns:caldav"
SERVER: Final = "http://calendarserver.org/ns/"
APPLE: Final = "http://apple.com/ns/ical/"
PREFIXES: Final[Mapping[str, str]] = {DAV: "d", CALDAV: "c", SERVER: "cs", APPLE: "a"}
XML: Final = "http://www.w3.org/XML/1998/namespace"

DEEPEST: Final = 24
MOST: Final = 20_000
"""Elements."""

Xml = NewType("Xml", str)
"""Well-formed content, escaped."""
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
"""A bare CR would be read as the end of a line, and the CRLF of a calendar lost."""


class NotXml(Exception):
    """What came is no XML, or more than is read."""


class Refused(Exception):
    """A no of WebDAV's own: the status, and what `DAV:error` holds (RFC 4918 §16)."""

    def __init__(self, status: int, condition: Xml) -> None:
        super().__init__(condition)
        self.status = status
        self.condition = condition


class Node(Struct, frozen=True):
    """An element: its name as `{namespace}local`, and what stands in it."""

    name: str
    attributes: Mapping[str, str]
    children: "tuple[Node, ...]" = ()
    text: str = ""
    """Of its own, between and around the children."""

    def child(self, name: str) -> "Node | None":
        """The first of that name."""
        return next((each for each in self.children if each.name == name), None)


class _Reader:
    """What the parser tells of a document; it ends at the first thing too many."""

    def __init__(self) -> None:
        self._open: list[tuple[str, Mapping[str, str], list[Node], list[str]]] = []
        self._root: Node | None = None
        self._count = 0

    def start(self, tag: str, attrs: Mapping[str, str]) -> None:
        self._count += 1
        if self._count > MOST or len(self._open) >= DEEPEST:
            raise NotXml
        self._open.append((tag, dict(attrs), [], []))

    def end(self, tag: str) -> None:
        del tag
        name, attributes, children, texts = self._open.pop()
        node = Node(name, attributes, tuple(children), "".join(texts))
        if self._open:
            self._open[-1][2].append(node)
        else:
            self._root = node

    def data(self, data: str) -> None:
        if self._open:
            self._open[-1][3].append(data)

    def close(self) -> Node:
        if self._root is None:
            raise NotXml
        return self._root


def read(body: bytes) -> Node:
    """The document's element. No document type is read, so that there are no entities but XML's own. Raises NotXml."""
    parser = DefusedXMLParser(target=_Reader(), forbid_dtd=True)
    try:
        parser.feed(body)
        found = parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        # ValueError and LookupError: an encoding that Python does not know, or that is none of letters.
        raise NotXml from error
    assert isinstance(found, Node), "the reader's own answer"
    return found


def text(value: str) -> Xml:
    """Any text as it is read again; what XML cannot write is left out."""
    return Xml(re.sub(r'[&<>"\r]', lambda found: ESCAPES[found[0]], FORBIDDEN.sub("", value)))


def element(name: str, /, *inner: Xml, **attributes: str) -> Xml:
    """By its name as `{namespace}local`."""
    tag, declared = _tag(name)
    told = "".join(f' {key.replace("_", "-")}="{text(value)}"' for key, value in attributes.items())
    content = "".join(inner)
    return Xml(f"<{tag}{declared}{told}>{content}</{tag}>" if content else f"<{tag}{declared}{told}/>")


def _tag(name: str) -> tuple[str, str]:
    namespace, _, local = name[1:].partition("}") if name.startswith("{") else ("", "", name)
    if not namespace:
        return local, ""
    if namespace == XML:
        return f"xml:{local}", ""
    if namespace in PREFIXES:
        return f"{PREFIXES[namespace]}:{local}", ""
    return f"x:{local}", f' xmlns:x="{text(namespace)}"'


def dav(local: str, *inner: Xml) -> Xml:
    return element(f"{{{DAV}}}{local}", *inner)


def caldav(local: str, /, *inner: Xml, **attributes: str) -> Xml:
    return element(f"{{{CALDAV}}}{local}", *inner, **attributes)


def href(path: str) -> Xml:
    """An address that is quoted already."""
    return dav("href", text(path))


def document(root: str, *inner: Xml) -> bytes:
    """A whole document of one DAV element."""
    declared = "".join(f' xmlns:{prefix}="{namespace}"' for namespace, prefix in PREFIXES.items())
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<d:{root}{declared}>'
    return f"{head}{''.join(inner)}</d:{root}>".encode()


def status(code: int) -> Xml:
    words = {200: "OK", 403: "Forbidden", 404: "Not Found", 507: "Insufficient Storage"}
    return dav("status", text(f"HTTP/1.1 {code} {words[code]}"))


def response(path: str, found: Iterable[Xml], missing: Iterable[str]) -> Xml:
    """What is told of one address: properties, and the names of those that it has not (RFC 4918 §14.24)."""
    parts = [dav("propstat", dav("prop", *props), status(200))] if (props := list(found)) else []
    if names := list(missing):
        parts.append(dav("propstat", dav("prop", *map(element, names)), status(404)))
    if not parts:
        parts.append(dav("propstat", dav("prop"), status(200)))
    return dav("response", href(path), *parts)


def gone(path: str) -> Xml:
    """Nothing is there, or not any more."""
    return dav("response", href(path), status(404))


def cut(path: str) -> Xml:
    """There is more than was told (RFC 6578 §3.6)."""
    return dav("response", href(path), status(507), dav("error", dav("number-of-matches-within-limits")))
