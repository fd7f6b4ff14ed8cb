"""Calendars fetched over HTTP from a host on this machine, carried out, and kept whatever becomes of the host."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling_models import Notice
from calendar_feeds.incoming import fetching, queries
from calendar_feeds.incoming.models import CalendarImport
from core.delivery import Door
from core.settings import Settings
from core.spans import utc_now
from core.vault import vault_of
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.incoming.calendars import attach, bookings, closures, said, states
from tests.calendar_feeds.incoming.hosts import SIGN_IN, host, http, ics

TUESDAY = make.next_weekday(2)
MORNING = make.at(TUESDAY, 9, 2)
NOON = make.at(TUESDAY, 12)
DAYS = [make.at(TUESDAY + timedelta(days=n), 9) for n in range(10)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """With a vault of its own; the loopback may be called."""
    return Settings(var_dir=tmp_path, call_networks=("127.0.0.0/8",))


async def attached(town: Town, settings: Settings, resource_id: UUID, address: str, **more: Any) -> UUID:
    sealed = vault_of(settings).seal(address)
    return await town.have(lambda db: attach(db, resource_id, address=sealed, **more))


async def fetched(
    town: Town, settings: Settings, import_id: UUID, now: datetime | None = None
) -> CalendarImport:
    """How it stands afterwards."""
    door = Door(town.database, town.tenant.id, settings)
    await fetching.fetch(door, import_id, now or utc_now())
    return await standing(town, import_id)


async def standing(town: Town, import_id: UUID) -> CalendarImport:
    async def work(db: AsyncSession) -> CalendarImport | None:
        return await queries.lock_import(db, import_id)

    row = await town.have(work)
    assert row is not None
    return row


async def test_what_the_host_says_is_closed_and_what_has_not_changed_is_not_read(
    town: Town, settings: Settings
) -> None:
    hall = await town.hall()
    async with host() as school:
        row_id = await attached(town, settings, hall.whole, school.address)
        calendar = http(ics([said("a", MORNING), said("b", NOON)]), ETag='"1"', Last_Modified="Sat, 28")

        def answer(headers: dict[str, str]) -> bytes:
            is_known = headers.get("if-none-match") == '"1"' and headers.get("if-modified-since") == "Sat, 28"
            return b"HTTP/1.1 304 Not Modified\r\n\r\n" if is_known else calendar

        school.answers = answer
        row = await fetched(town, settings, row_id)
        assert (row.state, row.why, row.failures, row.leased_until) == ("on", None, 0, None)
        assert await closures(town) == [MORNING, NOON]
        again = await fetched(town, settings, row_id, utc_now() + timedelta(minutes=1))

        assert (again.read_at, again.changed_at) == (row.read_at, row.changed_at)
        assert row.fetched_at is not None
        assert again.fetched_at is not None
        assert again.fetched_at > row.fetched_at
        assert "if-none-match" not in school.asked[0]
        assert school.asked[1]["if-none-match"] == '"1"'
        later = await fetched(town, settings, row_id, utc_now() + timedelta(days=8))
        assert "if-none-match" not in school.asked[2]
        assert later.read_at != row.read_at


async def test_the_same_body_is_not_read_though_the_host_has_no_tags(town: Town, settings: Settings) -> None:
    hall = await town.hall()
    kari = await town.person()
    hers = await town.booked(kari, hall.whole, NOON)
    async with host() as school:
        row_id = await attached(town, settings, hall.whole, school.address)
        school.answer = http(ics([said("a", MORNING), said("b", NOON)]))
        first = await fetched(town, settings, row_id)
        assert await states(town, row_id) == {"a": "applied", "b": "collides"}
        await town.post(f"/bookings/{hers}/cancel", kari, {})

        second = await fetched(town, settings, row_id)

        assert second.read_at == first.read_at
        assert await states(town, row_id) == {"a": "applied", "b": "applied"}


@pytest.mark.parametrize(
    ("answer", "why", "state"),
    [
        (http("", "404 Not Found"), "gone", "on"),
        (http("", "410 Gone"), "gone", "gone"),
        (http("", "401 Unauthorized"), "denied", "on"),
        (http("", "500 Oops"), "answered_badly", "on"),
        (http(SIGN_IN, Content_Type="text/html"), "not_a_calendar", "on"),
        (http(""), "not_a_calendar", "on"),
        (http("", "302 Found", Location="http://10.0.0.1/"), "redirect", "on"),
        (http("", "302 Found", Location="http://localhost:1/"), "redirect", "on"),
        (http("BEGIN:VCALENDAR\r\n", Content_Length="90000"), "broken", "on"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000_001, "too_large", "on"),
        (b"nonsense\r\n\r\n", "broken", "on"),
    ],
)
async def test_whatever_the_host_does_nothing_is_removed(
    town: Town, settings: Settings, answer: bytes, why: str, state: str
) -> None:
    hall = await town.hall()
    async with host() as school:
        row_id = await attached(town, settings, hall.whole, school.address)
        school.answer = http(ics([said("a", MORNING)]))
        await fetched(town, settings, row_id)
        school.answer = answer

        row = await fetched(town, settings, row_id)

    assert (row.why, row.state, row.failures) == (why, state, 1)
    assert row.due_at > utc_now()
    assert await closures(town) == [MORNING]


async def test_a_host_that_is_not_there_and_one_of_the_inside(town: Town, tmp_path: Path) -> None:
    hall = await town.hall()
    strict = Settings(var_dir=tmp_path)
    async with host() as school:
        address = school.address
        school.answer = http(ics([said("a", MORNING)]))
        inside = await attached(town, strict, hall.whole, address)
        assert (await fetched(town, strict, inside)).why == "refused"
        assert school.asked == []
    lenient = Settings(var_dir=tmp_path, call_networks=("127.0.0.0/8",))
    assert (await fetched(town, lenient, inside)).why == "unreachable"


async def test_an_address_that_cannot_be_opened(town: Town, settings: Settings) -> None:
    hall = await town.hall()
    row_id = await town.have(lambda db: attach(db, hall.whole, address=b"other key"))

    assert (await fetched(town, settings, row_id)).why == "sealed"


async def test_staff_are_told_once_of_what_goes_on_failing(town: Town, settings: Settings) -> None:
    hall = await town.hall()
    async with host() as school:
        row_id = await attached(town, settings, hall.whole, school.address)
        now = utc_now()

        async def told(times: int) -> int:
            nonlocal now
            for _ in range(times):
                row = await fetched(town, settings, row_id, now)
                now = row.due_at
            async with town.database.transaction(town.tenant.id) as db:
                found = await db.scalars(select(Notice).where(Notice.kind == "import_failed"))
                return len(found.all())

        school.answer = http("", "404 Not Found")
        assert await told(4) == 0
        assert await told(6) == 1
        row = await standing(town, row_id)
        assert (row.state, row.failures) == ("gone", 10)
        assert row.due_at - now == timedelta(0)
        school.answer = http(ics([said("a", make.at(TUESDAY + timedelta(days=60), 9))]))
        assert await told(1) == 1
        row = await standing(town, row_id)
        assert (row.state, row.failures, row.why, row.told_at) == ("on", 0, None, None)
        school.answer = http("", "410 Gone")
        assert await told(1) == 2


async def test_a_calendar_that_is_suddenly_empty_waits_until_an_officer_is_sure(
    town: Town, settings: Settings
) -> None:
    hall = await town.hall()
    async with host() as school:
        row_id = await attached(town, settings, hall.whole, school.address)
        school.answer = http(ics(said(f"k{n}", day) for n, day in enumerate(DAYS)))
        await fetched(town, settings, row_id)
        school.answer = http(ics([]))

        row = await fetched(town, settings, row_id)
        assert (row.why, len(await closures(town))) == ("held", 10)
        held = row.held_hash
        assert held is not None

        async def is_sure(db: AsyncSession) -> None:
            found = await queries.lock_import(db, row_id)
            assert found is not None
            found.sure_hash = held

        await town.have(is_sure)
        row = await fetched(town, settings, row_id)
        assert (row.why, row.held_hash, row.sure_hash) == (None, None, None)
        assert await closures(town) == []


async def test_what_was_held_back_is_forgotten_when_the_calendar_is_whole_again(
    town: Town, settings: Settings
) -> None:
    hall = await town.hall()
    async with host() as school:
        row_id = await attached(town, settings, hall.whole, school.address)
        whole = http(ics(said(f"k{n}", day) for n, day in enumerate(DAYS)))
        for answer in (whole, http(ics([])), whole):
            school.answer = answer
            row = await fetched(town, settings, row_id)

        assert (row.why, row.held_hash, row.failures) == (None, None, 0)
        assert len(await closures(town)) == 10


async def test_an_event_that_cannot_be_read_any_more_keeps_its_place(town: Town, settings: Settings) -> None:
    hall = await town.hall()
    async with host() as school:
        row_id = await attached(town, settings, hall.whole, school.address)
        calendar = ics([said("a", MORNING), said("b", NOON)])
        school.answer = http(calendar)
        await fetched(town, settings, row_id)
        school.answer = http(calendar.replace(f"DTSTART:{NOON.start:%Y%m%dT%H%M%SZ}", "DTSTART:nonsense"))

        row = await fetched(town, settings, row_id)

    assert (row.why, sum(row.problems.values())) == (None, 1)
    assert await closures(town) == [MORNING, NOON]


async def test_two_fetches_at_once_ask_once_and_lay_once(town: Town, settings: Settings) -> None:
    hall = await town.hall()
    async with host() as school:
        row_id = await attached(town, settings, hall.whole, school.address, kind="bookings")
        school.answer = http(ics([said("a", MORNING), said("b", NOON)]))
        school.waits = asyncio.Event()
        fetches = [asyncio.create_task(fetched(town, settings, row_id)) for _ in range(5)]
        while not school.asked:
            await asyncio.sleep(0.01)
        await asyncio.wait(fetches, return_when=asyncio.FIRST_COMPLETED)
        school.waits.set()
        await asyncio.gather(*fetches)

        assert len(school.asked) == 1
        assert len(await bookings(town)) == 2


async def test_who_has_lost_the_lease_carries_nothing_out(town: Town, settings: Settings) -> None:
    """A fetch that took longer than its lease, and another that was faster."""
    hall = await town.hall()
    async with host() as slow:
        row_id = await attached(town, settings, hall.whole, slow.address)
        slow.answer = http(ics([said("a", MORNING)]))
        slow.waits = asyncio.Event()
        first = asyncio.create_task(fetched(town, settings, row_id))
        while not slow.asked:
            await asyncio.sleep(0.01)
        slow.waits, waits = None, slow.waits
        slow.answers = lambda _: http(ics([said("a", NOON)]))
        await fetched(town, settings, row_id, utc_now() + fetching.LEASE * 2)
        slow.answers = lambda _: http(ics([said("a", MORNING)]))
        waits.set()
        await first

    assert await closures(town) == [NOON]


async def test_one_that_was_paused_or_removed_meanwhile_is_left_alone(town: Town, settings: Settings) -> None:
    hall = await town.hall()
    async with host() as school:
        row_id = await attached(town, settings, hall.whole, school.address)
        school.answer = http(ics([said("a", MORNING)]))
        school.waits = asyncio.Event()
        running = asyncio.create_task(fetched(town, settings, row_id))
        while not school.asked:
            await asyncio.sleep(0.01)
        await town.have(lambda db: db.execute(text("UPDATE calendar_import SET state = 'paused'")))
        school.waits.set()
        await running
        await fetched(town, settings, row_id)

        assert (len(school.asked), await closures(town)) == (1, [])


async def test_the_sweep_picks_those_that_are_due_and_each_once(town: Town, settings: Settings) -> None:
    hall = await town.hall()
    now = utc_now()
    due = await attached(town, settings, hall.whole, "https://a.example", due_at=now)
    gone = await attached(town, settings, hall.whole, "https://b.example", due_at=now, state="gone")
    await attached(town, settings, hall.whole, "https://c.example", due_at=now, state="paused")
    await attached(town, settings, hall.whole, "https://d.example", due_at=now + timedelta(minutes=1))
    await attached(
        town, settings, hall.whole, "https://e.example", due_at=now, leased_until=now + timedelta(minutes=1)
    )

    await asyncio.gather(*(town.have(lambda db: fetching.sweep(db, now)) for _ in range(4)))

    async with town.database.transaction(town.tenant.id) as db:
        found = await db.scalars(text("SELECT body ->> 'import_id' FROM outbox WHERE kind = 'FetchDue'"))
        assert sorted(found.all()) == sorted([str(due), str(gone)])


async def test_another_municipality_has_nothing_to_do_with_it(
    town: Town, settings: Settings, stranger: Any
) -> None:
    hall = await town.hall()
    async with host() as school:
        row_id = await attached(town, settings, hall.whole, school.address)
        school.answer = http(ics([said("a", MORNING)]))
        await fetching.fetch(Door(town.database, stranger.id, settings), row_id, utc_now())
        assert school.asked == []
        async with town.database.transaction(stranger.id) as db:
            assert await queries.lock_import(db, row_id) is None


async def test_the_address_is_nowhere_in_the_open(
    town: Town, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    hall = await town.hall()
    async with host() as school:
        row_id = await attached(town, settings, hall.whole, school.address)
        school.answer = http("", "500 Oops")
        caplog.set_level("DEBUG")
        await fetched(town, settings, row_id)
    async with town.database.transaction(town.tenant.id) as db:
        rows = await db.scalars(text("SELECT i::text FROM calendar_import i"))
        assert "hemmelig" not in "".join(rows)
    assert "hemmelig" not in caplog.text
