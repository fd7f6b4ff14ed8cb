"""Paths of CalDAV, and what they name."""

from uuid import UUID

import pytest

from calendar_feeds.caldav.places import feed_place, place_of

ID = "0190c2f0-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("path", "kind", "spelled"),
    [
        ("/caldav", "root", "/caldav/"),
        ("/caldav/", "root", "/caldav/"),
        ("/caldav/bergen/", "root", "/caldav/bergen/"),
        ("/caldav/t/bergen.abc", "home", "/caldav/t/bergen.abc/"),
        ("/caldav/t/bergen.abc/calendar", "calendar", "/caldav/t/bergen.abc/calendar/"),
        ("/caldav/t/bergen.abc/calendar/x.ics", "object", "/caldav/t/bergen.abc/calendar/x.ics"),
        ("/caldav/t/bergen.abc/calendar/æ .ics", "object", "/caldav/t/bergen.abc/calendar/%C3%A6%20.ics"),
        (f"/caldav/bergen/feeds/{ID}/", "home", f"/caldav/bergen/feeds/{ID}/"),
        (f"/caldav/bergen/resources/{ID}/calendar/", "calendar", f"/caldav/bergen/resources/{ID}/calendar/"),
    ],
)
def test_a_path_names(path: str, kind: str, spelled: str) -> None:
    found = place_of(path)

    assert found is not None
    assert (found.kind, found.path) == (kind, spelled)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ical/bergen/",
        "/caldav//bergen/",
        "/caldav/t/bergen.abc/other/",
        "/caldav/t/bergen.abc/calendar/a/b",
        "/caldav/bergen/feeds/1/",
        f"/caldav/bergen/feeds/{ID.upper()}/",
        f"/caldav/bergen/halls/{ID}/",
    ],
)
def test_nothing_else_is_there(path: str) -> None:
    assert place_of(path) is None


@pytest.mark.parametrize(
    ("href", "name"),
    [
        (f"/caldav/bergen/feeds/{ID}/calendar/booking-1.ics", "booking-1.ics"),
        (f"https://ledig.test/caldav/bergen/feeds/{ID}/calendar/booking%2D1.ics", "booking-1.ics"),
        (f"/caldav/bergen/feeds/{ID}/calendar/", None),
        (f"/caldav/bergen/feeds/{ID}/calendar/a/b", None),
        (f"/caldav/bergen/feeds/{ID}/calendar/a%2Fb", None),
        ("/caldav/bergen/feeds/other/calendar/booking-1.ics", None),
        ("booking-1.ics", None),
        ("https://[", None),
        ("/%ff", None),
    ],
)
def test_an_object_is_known_by_its_address_however_it_is_quoted(href: str, name: str | None) -> None:
    assert feed_place("bergen", UUID(ID)).name_in(href) == name
