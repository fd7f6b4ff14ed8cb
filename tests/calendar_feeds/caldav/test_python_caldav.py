"""The library `caldav`, as it is, against the program behind a real socket."""

from collections.abc import Generator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from caldav.davclient import DAVClient
from caldav.lib import error

from core.spans import Span
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.caldav.asking import Address, address

# What the library returns it does not type closely: it serves synchronous and asynchronous programs alike.

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
HERS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Kari//NO
BEGIN:VEVENT
UID:min-egen
DTSTAMP:20261101T120000Z
DTSTART:20261201T180000Z
DTEND:20261201T190000Z
SUMMARY:Min egen
END:VEVENT
END:VCALENDAR
"""
LATER = make.at(TUESDAY, 20)


@pytest.fixture
def clients() -> Generator[list[Any], None, None]:
    """Those that a test has opened."""
    opened: list[Any] = []
    yield opened
    for each in opened:
        each.close()


def by_address(server: str, told: Address) -> Any:
    return DAVClient(url=f"{server}{told.home}")


def by_password(server: str, path: str, told: Address) -> Any:
    return DAVClient(url=f"{server}{path}", username="telefon", password=told.told)


def only_calendar(client: Any) -> Any:
    (calendar,) = client.principal().calendars()
    return calendar


def shown(event: Any) -> tuple[str, datetime, str, str]:
    component = event.icalendar_component
    return (
        str(component["uid"]),
        component["dtstart"].dt,
        str(component["summary"]),
        str(component["status"]),
    )


def uid(booking: str) -> str:
    return f"booking-{booking}@ledig"


async def test_the_calendar_is_found_and_read_by_its_address_alone(
    town: Town, server: str, clients: list[Any]
) -> None:
    hall = await town.hall()
    kari, token = await town.have(make.person)
    first = await town.booked(token, hall.parts[0], EVENING, title="Trening")
    second = await town.booked(token, hall.parts[0], LATER, title="Møte; med, \\ tegn")
    clients.append(client := by_address(server, await address(town, kari)))

    calendar = only_calendar(client)
    events = sorted(shown(each) for each in calendar.events())

    assert calendar.get_display_name().endswith(f"– {town.tenant.name}")
    assert events == sorted(
        [
            (uid(first), EVENING.start, "Trening", "CONFIRMED"),
            (uid(second), LATER.start, "Møte; med, \\ tegn", "CONFIRMED"),
        ]
    )


@pytest.mark.parametrize("path", ["/caldav/", "/caldav/{m}/", "/.well-known/caldav"])
async def test_the_calendar_is_found_with_the_secret_as_password(
    town: Town, server: str, clients: list[Any], path: str
) -> None:
    hall = await town.hall()
    kari, token = await town.have(make.person)
    booking = await town.booked(token, hall.parts[0], EVENING)
    told = await address(town, kari)
    clients.append(client := by_password(server, path.format(m=town.tenant.slug), told))

    (event,) = only_calendar(client).events()

    assert shown(event)[0] == uid(booking)


async def test_a_search_by_time_finds_what_is_then(town: Town, server: str, clients: list[Any]) -> None:
    hall = await town.hall()
    kari, token = await town.have(make.person)
    await town.booked(token, hall.parts[0], EVENING)
    booking = await town.booked(token, hall.parts[0], LATER)
    clients.append(client := by_address(server, await address(town, kari)))

    found = only_calendar(client).search(start=LATER.start, end=LATER.end, event=True)

    assert [shown(each)[0] for each in found] == [uid(booking)]


async def test_changes_alone_are_told_after_the_first_time(
    town: Town, server: str, clients: list[Any]
) -> None:
    hall = await town.hall()
    kari, token = await town.have(make.person)
    moved = await town.booked(token, hall.parts[0], EVENING)
    cancelled = await town.booked(token, hall.parts[1], EVENING)
    await town.booked(token, hall.parts[2], EVENING)
    clients.append(client := by_address(server, await address(town, kari)))
    kept = only_calendar(client).objects_by_sync_token(load_objects=True)
    assert len(list(kept)) == 3

    assert (await town.move(token, moved, LATER)).status_code == 200
    await town.post(f"/bookings/{cancelled}/cancel", token, {})
    new = await town.booked(token, hall.parts[0], Span(EVENING.start, EVENING.end))
    updated, deleted = kept.sync()

    assert sorted(shown(each)[0] for each in updated) == sorted(map(uid, (moved, cancelled, new)))
    assert not list(deleted)
    states = {shown(each)[0]: shown(each)[1::2] for each in kept}
    assert states[uid(moved)] == (LATER.start, "CONFIRMED")
    assert states[uid(cancelled)] == (EVENING.start, "CANCELLED")
    assert [list(each) for each in kept.sync()] == [[], []]


async def test_a_booking_that_goes_to_another_hall_leaves_the_first_ones_calendar(
    town: Town, server: str, clients: list[Any]
) -> None:
    hall, other = await town.hall(), await town.hall()
    kari, token = await town.have(make.person)
    booking = await town.booked(token, hall.parts[0], EVENING)
    told = await address(town, kari, "resource", hall.parts[0], "public")
    clients.append(client := by_address(server, told))
    kept = only_calendar(client).objects_by_sync_token(load_objects=True)
    assert len(list(kept)) == 1

    assert (await town.move(token, booking, EVENING, other.parts[0])).status_code == 200
    updated, deleted = kept.sync()

    assert not list(updated)
    assert [str(each.url).rpartition("/")[2] for each in deleted] == [f"booking-{UUID(booking)}.ics"]
    assert not list(kept)


async def test_who_wants_to_write_is_refused(town: Town, server: str, clients: list[Any]) -> None:
    hall = await town.hall()
    kari, token = await town.have(make.person)
    await town.booked(token, hall.parts[0], EVENING)
    clients.append(client := by_address(server, await address(town, kari)))
    calendar = only_calendar(client)
    (event,) = calendar.events()

    with pytest.raises(error.AuthorizationError):
        calendar.save_event(HERS)
    with pytest.raises(error.DAVError):
        event.delete()

    assert len(calendar.events()) == 1
