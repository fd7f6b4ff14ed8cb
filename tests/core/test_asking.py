"""Questions of one statement: answered as a role that sees little, by connections that may be lost at any time."""

import asyncio
from collections.abc import AsyncGenerator

import asyncpg
import pytest

from core.asking import Asking, question
from core.db import Database
from core.errors import Busy
from core.provision import connect
from tests.conftest import Urls

BACKEND = question("SELECT pg_backend_pid() AS pid, current_user AS who")


@pytest.fixture
async def asking(database: Database) -> AsyncGenerator[Asking]:
    """Of two connections."""
    made = Asking(database.url, database.roles.feeds, size=2)
    yield made
    await made.close()


def test_values_go_by_number_and_casts_are_left_alone() -> None:
    asked = question("SELECT :b::text, :a, CAST(:b AS uuid) FROM t WHERE x = :a")
    assert asked.sql == "SELECT $1::text, $2, CAST($1 AS uuid) FROM t WHERE x = $2"
    assert asked.names == ("b", "a")


async def test_it_asks_as_the_role_and_keeps_the_connection(asking: Asking, database: Database) -> None:
    first, second = await asking.row(BACKEND, {}), await asking.row(BACKEND, {})
    assert first.who == database.roles.feeds
    assert first.pid == second.pid
    assert await asking.row(question("SELECT 1 AS one WHERE :no"), {"no": False}) is None
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asking.row(question("SELECT name FROM person"), {})


async def test_no_more_connections_than_it_may_have(asking: Asking) -> None:
    slow = question("SELECT pg_backend_pid() AS pid, pg_sleep(0.02)")
    answers = await asyncio.gather(*[asking.row(slow, {}) for _ in range(8)])
    assert len({answer.pid for answer in answers}) == 2


async def test_a_connection_that_was_lost_is_told_once_and_replaced(
    asking: Asking, database_urls: Urls
) -> None:
    lost = (await asking.row(BACKEND, {})).pid
    owner = await connect(database_urls.owner)
    sleeping = asyncio.create_task(asking.row(question("SELECT pg_sleep(5)"), {}))
    while await owner.fetchval("SELECT state FROM pg_stat_activity WHERE pid = $1", lost) != "active":
        await asyncio.sleep(0.01)
    await owner.execute("SELECT pg_terminate_backend($1)", lost)
    await owner.close()
    with pytest.raises(Busy):
        await sleeping
    assert (await asking.row(BACKEND, {})).pid != lost


async def test_who_gives_up_waiting_leaves_no_answer_to_the_next(asking: Asking) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await asking.row(question("SELECT 1 AS n, pg_sleep(5)"), {})
    assert (await asking.row(question("SELECT 2 AS n"), {})).n == 2


async def test_a_server_that_is_not_there_is_busy(database: Database) -> None:
    nowhere = Asking("postgresql://x:x@127.0.0.1:1/x", database.roles.feeds, size=1)
    for _ in range(2):
        with pytest.raises(Busy):
            await nowhere.row(BACKEND, {})
