"""Every calendar program sees the same bookings, at the same instants, in the same states, whatever happens to them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.booking.conftest import Town
from tests.calendar_feeds.clients.dav import PythonCaldav
from tests.calendar_feeds.clients.libraries import LIBRARIES
from tests.calendar_feeds.clients.octets import faults
from tests.calendar_feeds.clients.programs import Khal, Libical, as_node_ical_reads, by_node
from tests.calendar_feeds.clients.shown import as_it_is, differences, without_uids
from tests.calendar_feeds.clients.story import Read, play

JAVASCRIPT = {"node-ical": as_node_ical_reads, "ical.js": as_it_is}


async def test_what_is_written_is_written_as_the_standard_says(served: Town) -> None:
    async def watch(step: str, feeds: Sequence[Read]) -> None:
        for feed in feeds:
            assert faults(feed.raw) == [], (step, feed.wanted.name)
            again = (await served.http.get(feed.url)).content
            assert again == feed.raw, f"{feed.wanted.name} is not the same twice, {step}"

    await play(served, watch)


async def test_libraries_of_python_see_what_there_is(served: Town) -> None:
    async def watch(step: str, feeds: Sequence[Read]) -> None:
        for feed in feeds:
            for name, library in LIBRARIES.items():
                found = library.read(feed.raw)
                assert feed.unlike(found, library.as_read) == "", (step, feed.wanted.name, name)

    await play(served, watch)


async def test_programs_of_javascript_see_what_there_is(served: Town) -> None:
    async def watch(step: str, feeds: Sequence[Read]) -> None:
        read = await by_node({feed.wanted.name: feed.url for feed in feeds})
        assert set(read) == set(JAVASCRIPT)
        for name, as_read in JAVASCRIPT.items():
            for feed in feeds:
                found = read[name][feed.wanted.name]
                assert feed.unlike(found, as_read) == "", (step, feed.wanted.name, name)

    await play(served, watch)


async def test_khal_sees_through_vdirsyncer_what_there_is(served: Town, tmp_path: Path) -> None:
    """What vdirsyncer calls an event is what is in it: two that tell the same, as busy times may, are one to it."""
    khal = Khal(tmp_path)

    async def watch(step: str, feeds: Sequence[Read]) -> None:
        read = await khal.read({feed.wanted.name: feed.url for feed in feeds})
        for feed in feeds:
            found = read[feed.wanted.name]
            assert differences(set(without_uids(feed.wanted.events)), found) == "", (step, feed.wanted.name)

    await play(served, watch)
    assert await khal.hears_nothing_new()


async def test_a_caldav_client_that_fetches_changes_alone_sees_what_there_is(served: Town) -> None:
    client = PythonCaldav()

    async def watch(step: str, feeds: Sequence[Read]) -> None:
        secret = [feed for feed in feeds if "/ical/t/" in feed.url]
        assert len(secret) > 3
        for feed in secret:
            found = await client.read(feed)
            assert feed.unlike(found) == "", (step, feed.wanted.name)

    with client.open:
        await play(served, watch)


@pytest.mark.libical
async def test_libical_sees_what_there_is_and_finds_no_fault(served: Town, tmp_path: Path) -> None:
    libical = Libical(tmp_path)

    async def watch(step: str, feeds: Sequence[Read]) -> None:
        for feed in feeds:
            assert feed.unlike(libical.read(feed.raw)) == "", (step, feed.wanted.name)

    await play(served, watch)
