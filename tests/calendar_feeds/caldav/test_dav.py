"""XML of WebDAV: what is read of it, what is not, and that what is written is read again."""

from contextlib import suppress
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_feeds.caldav.dav import DEEPEST, MOST, Node, NotXml, dav, document, element, read, text

LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><propfind xmlns="DAV:">&b;</propfind>'
OUTSIDE = b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><propfind xmlns="DAV:">&a;</propfind>'


def test_names_texts_and_attributes_are_read() -> None:
    found = read(b'<a xmlns="DAV:" xmlns:c="urn:x"><c:b n="1">x&amp;y</c:b><d/>z</a>')

    assert found.name == "{DAV:}a"
    assert found.text == "z"
    assert found.child("{urn:x}b") == Node("{urn:x}b", {"n": "1"}, (), "x&y")
    assert found.child("{urn:x}d") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"BEGIN:VCALENDAR",
        b"<a>",
        b"<a/><b/>",
        b"<a></b>",
        b'<a xmlns:p="urn:x"><q:b/></a>',
        b"<a>\x00</a>",
        b"\xff\xfe<",
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b'<?xml version="1.0" encoding="rot13"?><a/>',
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>',
        b"<a>&unknown;</a>",
        LAUGHS,
        OUTSIDE,
        b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1),
        b"<a>" * 100_000,
        b"<a>" + b"<b/>" * MOST + b"</a>",
    ],
)
def test_what_is_no_xml_or_more_than_needed_is_refused(body: bytes) -> None:
    with pytest.raises(NotXml):
        read(body)


def test_as_deep_and_as_much_as_is_allowed_is_read() -> None:
    assert read(b"<a>" * DEEPEST + b"</a>" * DEEPEST).name == "a"
    assert len(read(b"<a>" + b"<b/>" * (MOST - 1) + b"</a>").children) == MOST - 1


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(NotXml):
        read(body)


@given(st.text())
def test_what_is_written_is_read_again(value: str) -> None:
    found = ET.fromstring(document("multistatus", dav("displayname", text(value))))

    told = found.findtext("{DAV:}displayname")
    assert told is not None
    assert told == "".join(each for each in value if text(each))


def test_the_ends_of_lines_are_kept() -> None:
    found = ET.fromstring(document("multistatus", dav("displayname", text("a\r\nb\rc\n"))))

    assert found.findtext("{DAV:}displayname") == "a\r\nb\rc\n"


@pytest.mark.parametrize(
    "name", ["{urn:strange&<>\"'}name", "bare", "{http://www.w3.org/XML/1998/namespace}lang", "{DAV:}x"]
)
def test_any_name_that_was_asked_for_is_told_again(name: str) -> None:
    (found,) = ET.fromstring(document("prop", element(name)))

    assert found.tag == name
