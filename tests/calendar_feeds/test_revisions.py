"""A feed's state is that of the transactions that made it: none is missed, in whatever order they commit."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.log_models import ChangeLog
from calendar_feeds import queries
from calendar_feeds.queries import Revision
from calendar_feeds.scopes import Scope
from core.db import Database
from core.ids import new_id
from core.spans import utc_now
from core.tenants import Tenant
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.conftest import Reader

TUESDAY = make.next_weekday(2)
EVERYBODYS = Scope("municipality")


async def logged(db: AsyncSession) -> UUID:
    """A change, as far as feeds ask for it."""
    id_ = new_id()
    db.add(ChangeLog(id=id_, kind="booking", thing_id=id_, version=1, state="confirmed", resource_id=id_))
    await db.flush()
    return id_


async def state(database: Database, tenant: Tenant, scope: Scope = EVERYBODYS) -> Revision:
    async with database.feeds() as db:
        found = await queries.revision(db, tenant.id, scope, "public", now=utc_now())
    assert found is not None
    return found


def name_of(found: Revision) -> tuple[int, tuple[int, ...]]:
    return found.newest, found.beside


async def test_an_older_transaction_that_commits_later_is_another_state(
    database: Database, tenant: Tenant
) -> None:
    """The very mistake that a counter makes: the reader has seen the younger, and the older comes after it."""
    before = await state(database, tenant)
    async with database.transaction(tenant.id) as older:
        await logged(older)
        async with database.transaction(tenant.id) as younger:
            await logged(younger)
        between = await state(database, tenant)
        again = await state(database, tenant)
    after = await state(database, tenant)

    assert len({name_of(each) for each in (before, between, after)}) == 3
    assert name_of(again) == name_of(between)
    assert after.newest == between.newest > between.settled
    assert len(after.beside) == len(between.beside) + 1


class Undone(Exception):
    """What a transaction is ended with that is to leave nothing behind."""


class Going:
    """A transaction that does what it is told, when it is told."""

    def __init__(self, database: Database, tenant: Tenant) -> None:
        self._database, self._tenant = database, tenant
        self._orders = asyncio.Queue[str]()
        self._done = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        with suppress(Undone):
            async with self._database.transaction(self._tenant.id) as db:
                while (order := await self._orders.get()) == "write":
                    await logged(db)
                    self._done.set()
                if order == "undo":
                    raise Undone

    async def write(self) -> None:
        self._done.clear()
        self._orders.put_nowait("write")
        await self._done.wait()

    async def end(self, how: str) -> None:
        self._orders.put_nowait(how)
        await self._task


async def test_what_is_rolled_back_was_never_there(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as db:
        await logged(db)
    before = await state(database, tenant)
    going = Going(database, tenant)
    await going.write()
    await going.end("undo")
    assert name_of(await state(database, tenant)) == name_of(before)


async def test_a_state_has_one_name_while_others_come_and_go(database: Database, tenant: Tenant) -> None:
    """What others are doing meanwhile is no reason to send a calendar again."""
    going = Going(database, tenant)
    await going.write()
    async with database.transaction(tenant.id) as db:
        await logged(db)
    while_one_goes_on = await state(database, tenant)
    await going.end("undo")
    async with database.transaction(tenant.id) as other:
        await other.execute(text("SELECT pg_current_xact_id()"))
        while_another_does = await state(database, tenant)
    after = await state(database, tenant)
    assert len({name_of(each) for each in (while_one_goes_on, while_another_does, after)}) == 1
    assert while_one_goes_on.settled < while_one_goes_on.newest


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    script=st.lists(
        st.tuples(st.sampled_from(["write", "write", "commit", "undo", "read"]), st.integers(0, 3)),
        min_size=4,
        max_size=24,
    )
)
async def test_two_states_are_equal_when_they_are_of_the_same_changes_and_only_then(
    database: Database, tenant: Tenant, script: list[tuple[str, int]]
) -> None:
    """Four transactions that write, commit or are undone in any order, and a reader in between."""
    seen: dict[tuple[int, tuple[int, ...]], frozenset[UUID]] = {}
    named: dict[frozenset[UUID], tuple[int, tuple[int, ...]]] = {}
    going: dict[int, Going] = {}

    async def read() -> None:
        found = await state(database, tenant)
        async with database.transaction(tenant.id) as db:
            visible = frozenset(await db.scalars(select(ChangeLog.id)))
        assert seen.setdefault(name_of(found), visible) == visible
        assert named.setdefault(visible, name_of(found)) == name_of(found)

    for order, number in [*script, *[("commit", each) for each in range(4)], ("read", 0)]:
        if order == "read":
            await read()
        elif order == "write":
            if number not in going:
                going[number] = Going(database, tenant)
            await going[number].write()
        elif number in going:
            await going.pop(number).end(order)


async def test_a_feed_read_all_the_while_misses_nothing(town: Town, reader: Reader) -> None:
    """Many book at once while programs poll: whoever ends with a tag has all that the tag stands for."""
    halls = [await town.hall() for _ in range(3)]
    people = await town.people(6)
    path = reader.path("")
    held: dict[str, set[str]] = {}
    is_over = asyncio.Event()

    async def poll() -> tuple[str, set[str]]:
        tag, uids = "", set[str]()
        while True:
            last = is_over.is_set()
            answer = await reader.ask(path, If_None_Match=tag, Accept_Encoding="identity")
            if answer.status_code == 200:
                tag = answer.headers["etag"]
                uids = {line for line in answer.text.split("\r\n") if line.startswith("UID:")}
                held.setdefault(tag, uids)
            if last:
                return tag, uids
            await asyncio.sleep(random.uniform(0, 0.01))

    async def book(token: str, hour: int) -> str:
        hall = halls[hour % 3]
        return await town.booked(
            token, hall.parts[0], make.at(TUESDAY + timedelta(days=hour // 3), 9 + hour % 9)
        )

    readers = [asyncio.create_task(poll()) for _ in range(3)]
    booked = await asyncio.gather(*[book(people[hour % 6], hour) for hour in range(18)])
    is_over.set()
    ended = await asyncio.gather(*readers)

    wanted = {f"UID:booking-{id_}@ledig" for id_ in booked}
    assert all(uids == wanted for _, uids in ended)


async def test_a_booking_that_moved_to_another_hall_is_news_for_both(town: Town, reader: Reader) -> None:
    here, there = await town.hall(), await town.hall()
    kari = await town.person("administrator")
    booking = await town.booked(kari, here.whole, make.at(TUESDAY, 10))
    paths = [reader.path("resources", hall.whole) for hall in (here, there)]
    tags = [(await reader.ask(path)).headers["etag"] for path in paths]
    moved = await town.move(kari, booking, make.at(TUESDAY, 12), there.whole)
    assert moved.status_code == 200, moved.text
    left, came = [await reader.ask(path, If_None_Match=tag) for path, tag in zip(paths, tags, strict=True)]
    assert (left.status_code, came.status_code) == (200, 200)
    assert booking not in left.text
    assert booking in came.text
