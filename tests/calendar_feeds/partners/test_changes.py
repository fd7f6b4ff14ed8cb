"""Who reads the change log forward misses nothing and sees nothing twice, and learns ids and states alone."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from booking.log_models import ChangeLog
from calendar_feeds.partners import changes as reading
from calendar_feeds.partners import queries
from calendar_feeds.partners.rules import (
    FIRST,
    LOG_KEPT,
    MARGIN,
    Position,
    read_position,
    write_position,
)
from core.db import Database
from core.errors import CursorTooOld, Invalid
from core.ids import new_id
from core.spans import utc_now
from core.tenants import Tenant
from people.actors import Actor, Grant
from tests import make
from tests.booking.conftest import Town

READER = Actor(person_id=new_id(), grants=(Grant("reader"),))
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
EVENING = make.at(make.next_weekday(2), 18)
LATER = make.at(make.next_weekday(2), 20)
DAY = timedelta(days=1)


def row(**columns: Any) -> ChangeLog:
    values: dict[str, Any] = {
        "id": new_id(),
        "kind": "booking",
        "thing_id": new_id(),
        "version": 1,
        "state": "confirmed",
        "resource_id": new_id(),
    }
    return ChangeLog(**{**values, **columns})


async def write(database: Database, tenant: Tenant, dice: random.Random, *, gives_up: bool) -> set[UUID]:
    """One transaction with some rows, which takes its time; the ids of what was committed."""
    rows = [row(at=utc_now()) for _ in range(dice.randint(1, 4))]
    try:
        async with database.transaction(tenant.id) as db:
            for each in rows:
                db.add(each)
                await db.flush()
                await asyncio.sleep(dice.choice([0, 0, 0.002, 0.02]))
            if gives_up:
                raise ChangedHerMindError
    except ChangedHerMindError:
        return set()
    return {each.id for each in rows}


class ChangedHerMindError(Exception):
    pass


async def read_all(
    database: Database, tenant: Tenant, since: str | None, *, limit: int, seen: list[UUID]
) -> str:
    """Page by page to the end; the cursor for the next time."""
    while True:
        async with database.transaction(tenant.id) as db:
            found = await reading.changes(db, READER, tenant, since=since, limit=limit, now=utc_now())
        seen += [each.id for each in found.items]
        since = found.next
        if not found.more:
            return since


@pytest.mark.parametrize("seed", range(3))
async def test_readers_miss_nothing_and_see_nothing_twice_while_many_write_out_of_order(
    database: Database, tenant: Tenant, seed: int
) -> None:
    dice = random.Random(seed)
    starts = [await read_all(database, tenant, None, limit=1, seen=[]) for _ in range(3)]
    is_over = asyncio.Event()

    async def read_on(since: str, limit: int) -> list[UUID]:
        seen: list[UUID] = []
        while not is_over.is_set():
            since = await read_all(database, tenant, since, limit=limit, seen=seen)
            await asyncio.sleep(dice.choice([0, 0.001, 0.01]))
        while await unsettled(database, tenant):
            await asyncio.sleep(0.01)
        await read_all(database, tenant, since, limit=limit, seen=seen)
        return seen

    readers = [
        asyncio.create_task(read_on(since, limit)) for since, limit in zip(starts, (1, 3, 50), strict=True)
    ]
    written: set[UUID] = set()
    for _ in range(6):
        told = await asyncio.gather(*(write(database, tenant, dice, gives_up=n % 5 == 4) for n in range(8)))
        written.update(*told)
    is_over.set()

    async with database.transaction(tenant.id) as db:
        rows = (await db.scalars(select(ChangeLog).where(ChangeLog.id.in_(written)))).all()
    things = {each.thing_id for each in rows}
    assert len(things) == len(written) > 50
    for seen in await asyncio.gather(*readers):
        assert len(seen) == len(set(seen)), "something was told twice"
        assert set(seen) == things


async def unsettled(database: Database, tenant: Tenant) -> int:
    """How many rows others still hold back: none once all transactions have ended."""
    async with database.transaction(tenant.id) as db:
        edge = await queries.edge(db)
        late = select(func.count()).select_from(ChangeLog).where(ChangeLog.xid >= edge)
        return (await db.scalars(late)).one()


async def test_what_commits_late_is_told_late_and_holds_back_what_began_after_it(
    database: Database, tenant: Tenant
) -> None:
    since = await read_all(database, tenant, None, limit=1, seen=[])
    early, late = row(at=utc_now()), row(at=utc_now())
    async with database.transaction(tenant.id) as slow:
        slow.add(early)
        await slow.flush()
        async with database.transaction(tenant.id) as quick:
            quick.add(late)
        seen: list[UUID] = []
        since = await read_all(database, tenant, since, limit=9, seen=seen)
        assert seen == []
    while await unsettled(database, tenant):  # tests beside us write too
        await asyncio.sleep(0.01)
    await read_all(database, tenant, since, limit=9, seen=seen)
    assert seen == [early.thing_id, late.thing_id]


async def test_a_program_follows_a_booking_from_beginning_to_end(town: Town) -> None:
    hall = await town.hall()
    kari, program = await town.person(), await town.person("reader", scopes=("read", "staff"))
    start = await town.get("/changes", program)
    assert start == {"items": [], "next": start["next"], "more": False}

    booking = await town.booked(kari, hall.parts[0], EVENING, title="Hemmelig trening")
    assert (await town.move(kari, booking, LATER, hall.parts[1])).is_success
    assert (await town.post(f"/bookings/{booking}/cancel", kari, {})).is_success

    told = await until(town, program, start["next"], 4)
    states = [(each["state"], each["version"]) for each in told]
    assert (states[0], states[3]) == (("confirmed", 1), ("cancelled", 3))
    assert set(states[1:3]) == {("confirmed", 2), ("elsewhere", 2)}
    assert {each["id"] for each in told} == {booking}
    assert set(told[0]) == {
        "kind",
        "id",
        "version",
        "state",
        "resource_id",
        "association_id",
        "team_id",
        "at",
    }
    assert "Hemmelig" not in str(told)


async def until(town: Town, token: str, since: str, number: int) -> list[dict[str, Any]]:
    """What is told, once so much of it is settled."""
    told: list[dict[str, Any]] = []
    while len(told) < number:
        page = await town.get("/changes", token, since=since, limit=2)
        told += page["items"]
        since = page["next"]
    return told


async def test_a_closure_is_told_once_for_each_resource_that_it_closes(town: Town) -> None:
    hall = await town.hall()
    admin = await town.person("administrator")
    since = (await town.get("/changes", admin))["next"]

    closure = (await town.close(admin, EVENING, unit_id=str(hall.units[0]))).json()
    assert (await town.ask("DELETE", f"/closures/{closure['id']}", admin)).is_success

    told = await until(town, admin, since, 4)
    both = {str(hall.whole), str(hall.parts[0])}
    assert {each["resource_id"] for each in told[:2]} == {each["resource_id"] for each in told[2:]} == both
    assert [each["state"] for each in told] == ["closed", "closed", "lifted", "lifted"]
    assert {(each["kind"], each["id"]) for each in told} == {("closure", closure["id"])}


async def test_who_answers_for_one_facility_hears_of_that_alone(town: Town) -> None:
    here, there = await town.hall(), await town.hall()
    kari = await town.person()
    caretaker = await town.person("caretaker", facility_id=here.facility_id)
    of_one = await town.person("reader", resource_id=here.parts[1])
    since = (await town.get("/changes", caretaker))["next"]

    mine = [await town.booked(kari, part, EVENING) for part in here.parts[:2]]
    other = await town.booked(kari, there.parts[0], EVENING)

    everything = await until(town, await town.person("reader"), since, 3)
    assert {each["id"] for each in everything} == {*mine, other}
    assert {each["id"] for each in await until(town, caretaker, since, 2)} == set(mine)
    assert [each["id"] for each in await until(town, of_one, since, 1)] == mine[1:]


async def test_no_municipality_hears_of_another(town: Town, database: Database, stranger: Tenant) -> None:
    since = await read_all(database, stranger, None, limit=1, seen=[])
    await town.booked(await town.person(), (await town.hall()).whole, EVENING)
    seen: list[UUID] = []
    await read_all(database, stranger, since, limit=9, seen=seen)
    assert seen == []


async def test_what_is_no_cursor_is_named(town: Town) -> None:
    program = await town.person("reader")
    for since in ("x", "e30", "AAAA", write_position(Position(1, FIRST, NOW))[:-3]):
        answer = await town.ask("GET", "/changes", program, since=since)
        assert (answer.status_code, answer.json()["field"]) == (422, "since"), answer.text
    assert (await town.ask("GET", "/changes", await town.person())).status_code == 403
    assert (await town.ask("GET", "/changes")).status_code == 401


async def test_a_cursor_that_is_too_old_is_refused_with_what_to_do(town: Town) -> None:
    program = await town.person("reader")
    old = write_position(Position(1, FIRST, utc_now() - LOG_KEPT))
    answer = await town.ask("GET", "/changes", program, since=old)
    assert answer.status_code == 410
    assert answer.json()["type"].endswith("/cursor-too-old")
    assert answer.json()["kept_days"] == LOG_KEPT.days


POSITIONS = st.builds(
    Position,
    st.integers(0, 10**12),
    st.uuids(),
    st.datetimes(
        datetime(2025, 11, 1),
        datetime(2026, 11, 28, 12),
        timezones=st.just(UTC),
    ),
)


@given(POSITIONS)
def test_a_position_comes_back_as_it_was(position: Position) -> None:
    assert read_position(write_position(position), position.xid, NOW) == position


@given(POSITIONS)
def test_a_cursor_of_transactions_to_come_is_of_another_database(position: Position) -> None:
    with pytest.raises(CursorTooOld):
        read_position(write_position(position), position.xid - 1, NOW)


@given(st.text(max_size=60))
def test_nothing_else_is_a_cursor(text: str) -> None:
    with pytest.raises((Invalid, CursorTooOld)):
        read_position(text, 2**40, NOW)


def test_a_cursor_grows_too_old_a_day_before_anything_after_it_may_go() -> None:
    edge = NOW - LOG_KEPT + MARGIN
    assert read_position(write_position(Position(5, FIRST, edge)), 9, NOW).xid == 5
    with pytest.raises(CursorTooOld):
        read_position(write_position(Position(5, FIRST, edge - timedelta(seconds=1))), 9, NOW)


async def test_old_rows_go_and_those_of_bookings_to_come_stay(town: Town, database: Database) -> None:
    hall = await town.hall()
    booking = await town.booked(await town.person(), hall.whole, EVENING)
    now = utc_now()
    of_past, young = row(at=now - LOG_KEPT - DAY), row(at=now - LOG_KEPT + DAY)
    closure = row(kind="closure", state="closed", at=now - LOG_KEPT - DAY)

    async with database.transaction(town.tenant.id) as db:
        db.add_all([of_past, young, closure])
    async with database.transaction(town.tenant.id) as db:
        assert await queries.forget_changes(db, now - LOG_KEPT, 1) == 1
        assert await queries.forget_changes(db, now - LOG_KEPT, 9) == 1
        assert await queries.forget_changes(db, now - LOG_KEPT, 9) == 0
        left = set((await db.scalars(select(ChangeLog.thing_id))).all())
    assert left == {young.thing_id, UUID(booking)}
    async with database.transaction(town.tenant.id) as db:  # so long ago, and its time is to come
        assert await queries.forget_changes(db, now + DAY, 9) == 1
        assert set((await db.scalars(select(ChangeLog.thing_id))).all()) == {UUID(booking)}
