"""Boards that stand open are told of what others commit, and of nothing else; and nobody is kept from stopping."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from booking.boards.stream import Streams, Watched
from core.db import Database
from core.errors import TooMany
from core.spans import Span, local_day
from tests import make
from tests.booking.conftest import Town
from tests.conftest import Undone, Urls
from tests.web.served import serving

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
DAY = local_day(make.OSLO, TUESDAY)
ME = "192.0.2.1"
SOON = 20.0
"""Seconds that a test waits before it gives up; none waits so long."""


@pytest.fixture
async def streams(database: Database) -> AsyncIterator[Streams]:
    """In a hurry."""
    made = Streams(database, pause=0.02, heartbeat=0.2, most_of_client=3, most=4)
    yield made
    made.close()


def watched(town: Town, facility_id: UUID, span: Span = DAY, *, with_requests: bool = False) -> Watched:
    return Watched(town.tenant.id, facility_id, span, with_requests)


async def heard(stream: AsyncGenerator[str | None, None]) -> str:
    """The next revision; heartbeats are let by."""
    async with asyncio.timeout(SOON):
        while True:
            found = await anext(stream)
            if found is not None:
                return found


async def silent(stream: AsyncGenerator[str | None, None], beats: int = 3) -> bool:
    """Nothing but heartbeats, so many."""
    async with asyncio.timeout(SOON):
        return [await anext(stream) for _ in range(beats)] == [None] * beats


async def test_every_change_that_others_commit_is_told_once(town: Town, streams: Streams) -> None:
    hall = await town.hall()
    kari = await town.person()
    stream = streams.revisions(watched(town, hall.facility_id), ME, None)
    seen = [await heard(stream)]
    booking = await town.booked(kari, hall.parts[0], EVENING)
    seen.append(await heard(stream))
    await town.move(kari, booking, make.at(TUESDAY, 19.5))
    seen.append(await heard(stream))
    await town.post(f"/bookings/{booking}/cancel", kari, {"reason": "Syk"})
    seen.append(await heard(stream))
    officer = await town.person("facility_manager")
    await town.close(officer, make.at(TUESDAY, 8, 2), facility_id=str(hall.facility_id))
    seen.append(await heard(stream))
    assert seen[0] == seen[3], "all is as it was before"
    assert len(set(seen)) == 4
    assert await silent(stream)
    await stream.aclose()


async def test_what_is_elsewhere_on_another_day_or_undone_is_not_told(town: Town, streams: Streams) -> None:
    hall, other = await town.hall(), await town.hall()
    kari = await town.person()
    stream = streams.revisions(watched(town, hall.facility_id), ME, None)
    await heard(stream)
    await town.book(kari, other.whole, EVENING)
    await town.book(kari, hall.whole, make.at(make.next_weekday(3), 18))
    with suppress(Undone):
        async with town.database.transaction(town.tenant.id) as db:
            await db.execute(text("UPDATE resource SET version = version + 1"))
            raise Undone
    assert await silent(stream)
    await stream.aclose()


async def test_who_knows_the_newest_is_told_nothing(town: Town, streams: Streams) -> None:
    hall = await town.hall()
    there = watched(town, hall.facility_id)
    first = streams.revisions(there, ME, None)
    known = await heard(first)
    again = streams.revisions(there, ME, known)
    assert await silent(again)
    await first.aclose()
    await again.aclose()


async def test_what_is_asked_for_is_told_to_those_alone_who_may_read_it(town: Town, streams: Streams) -> None:
    hall = await town.hall(decision="case_officer", request_holds=False)
    public = streams.revisions(watched(town, hall.facility_id), ME, None)
    staff = streams.revisions(watched(town, hall.facility_id, with_requests=True), ME, None)
    await heard(public)
    before = await heard(staff)
    await town.book(await town.person(), hall.whole, EVENING)
    assert await heard(staff) != before
    assert await silent(public)
    await public.aclose()
    await staff.aclose()


async def test_all_who_watch_the_same_share_one_look_that_ends_with_the_last(
    town: Town, streams: Streams
) -> None:
    hall = await town.hall()
    there = watched(town, hall.facility_id)
    both = [streams.revisions(there, ME, None) for _ in range(2)]
    for each in both:
        await heard(each)
    assert (streams.listeners, streams.looks) == (2, 1)
    await both[0].aclose()
    assert (streams.listeners, streams.looks) == (1, 1)
    await both[1].aclose()
    assert (streams.listeners, streams.looks) == (0, 0)


async def test_nobody_has_too_many(town: Town, streams: Streams) -> None:
    hall = await town.hall()
    there = watched(town, hall.facility_id)
    opened: list[Any] = [streams.revisions(there, ME, None) for _ in range(3)]
    for each in opened:
        await heard(each)
    with pytest.raises(TooMany):
        streams.check(ME)
    streams.check("192.0.2.2")
    opened.append(streams.revisions(there, "192.0.2.2", None))
    await heard(opened[-1])
    with pytest.raises(TooMany):
        streams.check("192.0.2.3")
    await opened.pop().aclose()
    streams.check("192.0.2.3")
    for each in opened:
        await each.aclose()
    streams.check(ME)


async def test_closing_ends_every_stream(town: Town, streams: Streams) -> None:
    hall = await town.hall()
    stream = streams.revisions(watched(town, hall.facility_id), ME, None)
    await heard(stream)
    streams.close()
    async with asyncio.timeout(SOON):
        assert [each async for each in stream] == []
    assert streams.listeners == 0


async def test_a_server_with_open_streams_tells_and_stops(
    town: Town, database_urls: Urls, tmp_path: Path
) -> None:
    """As operators run it. Where the server had to be killed, `serving` fails."""
    hall = await town.hall()
    kari = await town.person()
    path = f"/{town.tenant.slug}/facilities/{hall.facility_id}/board/events?day={TUESDAY}"
    async with AsyncExitStack() as left_open:
        client = await left_open.enter_async_context(httpx.AsyncClient(timeout=SOON))
        with serving(database_urls, tmp_path / "log") as address:
            async with client.stream("GET", address + path) as gone:
                assert gone.status_code == 200
            answer = await left_open.enter_async_context(client.stream("GET", address + path))
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert "content-encoding" not in answer.headers
            lines = answer.aiter_lines()
            first = await next_event(lines)
            await town.book(kari, hall.whole, EVENING)
            assert await next_event(lines) != first
        assert [line async for line in lines if line.startswith("event")] == [], (
            "it was ended, not broken off"
        )


async def next_event(lines: AsyncIterator[str]) -> str:
    """What the next `changed` says."""
    async for line in lines:
        if line == "event: changed":
            return await anext(lines)
    raise AssertionError("the stream has ended")
