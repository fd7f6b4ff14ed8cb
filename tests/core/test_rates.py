"""No client gets more than its limit in any minute, whichever workers it asks, and gets its requests back."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.errors import Busy, TooMany
from core.rates import DEFAULTS, KEPT, Lent, Limit, Rates, borrow, counted, forget, limits_of
from core.settings import Settings, SettingsError, read_limits, read_settings
from core.spans import utc_now
from core.vault import Vault

SHIFT = text("UPDATE rate_bucket SET full_at = full_at - make_interval(secs => :seconds)")
"""Time passes: in a transaction PostgreSQL's clock stands still."""


class Workers:
    """Several workers of one program, and a clock that a test moves."""

    def __init__(self, db: AsyncSession, limit: int, count: int) -> None:
        self.db, self.now, self.asked, self.told = db, 0.0, 0, 0
        limits = {"search": Limit(limit)}
        self.all = [Rates(limits, self._borrow, clock=lambda: self.now) for _ in range(count)]

    async def _borrow(self, key: bytes, limit: Limit, wanted: int) -> Lent:
        self.asked += 1
        return await borrow(self.db, key, limit, wanted)

    async def passes(self, seconds: float) -> None:
        self.now += seconds
        await self.db.execute(SHIFT, {"seconds": seconds})

    async def ask(self, worker: int = 0, client: str = "192.0.2.1") -> bool:
        try:
            await self.all[worker].take("search", client)
        except TooMany as refusal:
            self.told = refusal.facts["retry_after"]
            return False
        return True


@pytest.mark.parametrize("limit", [1, 2, 3, 20, 240])
@pytest.mark.parametrize("count", [1, 4])
async def test_no_minute_has_more_than_the_limit(db: AsyncSession, limit: int, count: int) -> None:
    """Many paces: storms, drips, and pauses that let loans run out."""
    workers, dice = Workers(db, limit, count), random.Random(limit * count)
    passed: list[float] = []
    for _ in range(40):
        pause = dice.choice([0, 0.01, 0.3, 1, 4.9, 5.1, 20, 66])
        for _ in range(dice.randint(1, limit)):
            if await workers.ask(dice.randrange(count)):
                passed.append(workers.now)
            if pause and dice.random() < 0.1:
                await workers.passes(pause * dice.random())
        await workers.passes(pause)
    assert len(passed) > limit
    most = max(sum(1 for at in passed if begun <= at < begun + 60) for begun in passed)
    assert most <= limit


async def test_who_waits_as_long_as_told_gets_through(db: AsyncSession) -> None:
    workers = Workers(db, 20, 2)
    assert [await workers.ask(n % 2) for n in range(14)].count(True) >= 8
    for n in range(100):
        if not await workers.ask(n % 2):
            assert 1 <= workers.told <= 66
            await workers.passes(workers.told)
            assert await workers.ask(n % 2)


async def test_an_even_pace_of_half_the_limit_is_never_refused(db: AsyncSession) -> None:
    """Whoever asks seldom borrows one at a time, and loses nothing."""
    workers = Workers(db, 240, 4)
    for n in range(240):
        assert await workers.ask(n % 4)
        await workers.passes(0.5)


async def test_a_busy_client_seldom_costs_a_question(db: AsyncSession) -> None:
    workers = Workers(db, 1000, 1)
    for _ in range(400):
        assert await workers.ask()
    assert workers.asked < 20


async def test_who_has_been_refused_costs_no_question_until_it_may_ask_again(db: AsyncSession) -> None:
    workers = Workers(db, 2, 1)
    assert [await workers.ask() for _ in range(500)] == [True] + [False] * 499
    assert workers.asked == 2


async def test_one_client_does_not_stand_in_the_way_of_another(db: AsyncSession) -> None:
    workers = Workers(db, 2, 1)
    assert [await workers.ask(client=f"192.0.2.{n % 3}") for n in range(6)] == [True] * 3 + [False] * 3


async def test_kinds_are_counted_apart(db: AsyncSession) -> None:
    rates = Rates({"search": Limit(1), "write": Limit(1)}, partial(borrow, db))
    await rates.take("search", "a")
    await rates.take("write", "a")
    await rates.take("feed", "a")  # has no limit
    with pytest.raises(TooMany):
        await rates.take("write", "a")


async def test_what_is_known_to_be_used_up_is_told_without_asking(db: AsyncSession) -> None:
    workers = Workers(db, 1, 1)
    workers.all[0].check("search", "192.0.2.1")
    assert await workers.ask()
    workers.all[0].check("search", "192.0.2.1")
    assert not await workers.ask()
    asked = workers.asked
    with pytest.raises(TooMany):
        workers.all[0].check("search", "192.0.2.1")
    await workers.passes(66)
    workers.all[0].check("search", "192.0.2.1")
    assert workers.asked == asked


async def test_workers_that_ask_at_once_never_get_more_together(database: Database) -> None:
    """Real commits, six connections, one row."""
    ask = counted(database, Vault([b"x" * 32]))
    workers = [Rates({"search": Limit(200)}, ask) for _ in range(6)]
    client = "198.51.100.7"

    async def storm(rates: Rates) -> int:
        passed = 0
        for _ in range(100):
            try:
                await rates.take("search", client)
                passed += 1
            except TooMany:
                await asyncio.sleep(0)
        return passed

    passed = sum(await asyncio.gather(*(storm(each) for each in workers for _ in range(3))))
    assert 60 <= passed <= 110  # 100 at once, and what comes back meanwhile; loans may lie unused


async def test_the_table_tells_nobody_who_asked(database: Database) -> None:
    await Rates({"search": Limit(9)}, counted(database, Vault([b"y" * 32]))).take("search", "198.51.100.8")
    async with database.shared() as db:
        keys = [row.key for row in await db.execute(text("SELECT key FROM rate_bucket"))]
    assert keys
    assert all(len(key) == 32 and b"198" not in key for key in keys)


async def test_who_has_all_requests_again_is_forgotten(db: AsyncSession) -> None:
    limit = Limit(240)
    await borrow(db, b"a", limit, 1)
    await borrow(db, b"b", limit, 100)
    await db.execute(SHIFT, {"seconds": 5})
    await forget(db, utc_now())
    assert (await db.execute(text("SELECT key FROM rate_bucket WHERE key IN ('a', 'b')"))).all() == [(b"b",)]
    await forget(db, utc_now() + timedelta(minutes=2))
    assert not (await db.execute(text("SELECT key FROM rate_bucket WHERE key IN ('a', 'b')"))).all()


async def never(_key: bytes, _limit: Limit, _wanted: int) -> Lent:
    await asyncio.sleep(60)
    return Lent(1, 0)


async def busy(_key: bytes, _limit: Limit, _wanted: int) -> Lent:
    raise Busy


@pytest.mark.parametrize("ask", [never, busy])
async def test_what_cannot_be_counted_is_let_through(
    ask: Callable[[bytes, Limit, int], Awaitable[Lent]], caplog: pytest.LogCaptureFixture
) -> None:
    await Rates({"search": Limit(1)}, ask).take("search", "a")
    assert "not counted" in caplog.text


async def test_a_worker_remembers_only_so_many_clients() -> None:
    async def lend(_key: bytes, _limit: Limit, _wanted: int) -> Lent:
        return Lent(1, 0)

    rates = Rates({"search": Limit(9)}, lend)
    for n in range(KEPT + 100):
        await rates.take("search", str(n))
    assert rates.remembered <= KEPT


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(), DEFAULTS),
        (Settings(demo=True), {kind: 100 * number for kind, number in DEFAULTS.items()}),
        (Settings(limits="search=5, feed=off"), {"sign-in": 60, "search": 5, "write": 240}),
        (Settings(demo=True, limits="search=5"), {**DEFAULTS, "search": 5}),
        (Settings(limits="off"), {}),
    ],
)
def test_limits_are_the_defaults_but_for_what_is_said(settings: Settings, expected: dict[str, int]) -> None:
    assert {kind: limit.a_minute for kind, limit in limits_of(settings).items()} == expected


@pytest.mark.parametrize(
    "nonsense",
    ["search", "search=", "search=0", "search=-1", "search=many", "reading=5", "search=1,search=2", "on"],
)
def test_nonsense_is_refused_by_name(nonsense: str) -> None:
    with pytest.raises(SettingsError, match="LEDIG_LIMITS"):
        read_settings({"LEDIG_LIMITS": nonsense})
    with pytest.raises(SettingsError):
        read_limits(nonsense)
