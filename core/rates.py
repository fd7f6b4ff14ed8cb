"""How often one client may ask: so many requests of a kind a minute, counted by PostgreSQL for all workers together.

A client is an address: names that anybody can make up, such as tokens, would buy as many requests as there are names.
The count is GCRA's (ITU-T I.371, the leaky bucket as a meter): one instant a client and kind, moved on by every
request. A worker borrows several requests at once and lends them out by itself, so that a busy client seldom costs a
question; what it has not lent out after LOAN_LASTS is lost to the client, so that no minute ever has more than it may.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Float, Integer, bindparam, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.errors import Busy, TooMany
from core.settings import Settings, read_limits
from core.vault import Vault

log = logging.getLogger("ledig.rates")

DEFAULTS = {"sign-in": 60, "search": 240, "feed": 600, "write": 240}
"""A minute and address. A school or a town hall is one address to us."""
DEMO_FACTOR = 100
MINUTE = 60.0
LOAN_LASTS = 5.0
"""Seconds."""
LARGEST_LOAN = 500
PATIENCE = 2.0
"""Seconds to wait for the database. The request will say better than this that it does not answer."""
KEPT = 20_000
"""Clients that a worker remembers at most."""

Clock = Callable[[], float]


class Limit(NamedTuple):
    """`a_minute` requests at most in any minute, `at_once` of them at any moment, the others coming back evenly."""

    a_minute: int

    @property
    def at_once(self) -> int:
        return max(1, self.a_minute // 2)

    @property
    def every(self) -> float:
        """Seconds until one more is to be had. A loan may be older than the minute in which it is used."""
        return (MINUTE + LOAN_LASTS) / max(1, self.a_minute - self.at_once)

    @property
    def loan(self) -> int:
        """The most that a worker borrows at once."""
        return max(1, min(self.a_minute // 20, LARGEST_LOAN))


def limits_of(settings: Settings) -> dict[str, Limit]:
    """Kind → limit, of the kinds that have one. Raises SettingsError."""
    factor = DEMO_FACTOR if settings.demo else 1
    default = {kind: number * factor for kind, number in DEFAULTS.items()}
    found = {**(DEFAULTS if settings.limits else default), **read_limits(settings.limits)}
    return {kind: Limit(number) for kind, number in found.items() if number is not None}


class Lent(NamedTuple):
    """What PostgreSQL answers: how many may pass, and when it is worth asking again."""

    passing: int
    wait: float
    """Seconds; 0 when some may pass."""


Borrow = Callable[[bytes, Limit, int], Awaitable[Lent]]

BORROW = text(
    """
    INSERT INTO rate_bucket AS bucket (key, full_at, lent)
    VALUES (
        :key,
        now() + least(:wanted, :at_once) * make_interval(secs => :every),
        least(:wanted, :at_once)
    )
    ON CONFLICT (key) DO UPDATE SET
        full_at = greatest(bucket.full_at, now()) + make_interval(secs => :every) * greatest(0, least(
            :wanted, floor(:at_once - extract(epoch FROM greatest(bucket.full_at - now(), '0')) / :every)
        )),
        lent = greatest(0, least(
            :wanted, floor(:at_once - extract(epoch FROM greatest(bucket.full_at - now(), '0')) / :every)
        ))
    RETURNING lent, extract(epoch FROM full_at - now()) AS until_full
    """
).bindparams(
    bindparam("wanted", type_=Integer), bindparam("at_once", type_=Integer), bindparam("every", type_=Float)
)
FORGET = text("DELETE FROM rate_bucket WHERE full_at < :now")


async def borrow(db: AsyncSession, key: bytes, limit: Limit, wanted: int) -> Lent:
    """As many of the wanted as there are, in one statement. PostgreSQL's clock is everybody's."""
    values = {"key": key, "wanted": wanted, "at_once": limit.at_once, "every": limit.every}
    row = (await db.execute(BORROW, values)).one()
    if row.lent:
        return Lent(row.lent, 0)
    return Lent(0, float(row.until_full) - (limit.at_once - 1) * limit.every)


async def forget(db: AsyncSession, now: datetime) -> None:
    """Those who have all their requests again are as if they had never asked."""
    await db.execute(FORGET, {"now": now})


class _Account:
    """What a worker has on loan for one client and kind."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.left = 0
        self.borrowed = 0
        self.until = -math.inf
        """Until then what is left holds, or nothing is to be had."""

    def next_loan(self, limit: Limit, now: float) -> int:
        """Twice the last, when that was used up in its time; who asks seldom borrows one at a time."""
        used_up = self.borrowed and not self.left and now < self.until
        return min(2 * self.borrowed, limit.loan) if used_up else 1


class Rates:
    """The counts of one worker. Make one per process and event loop."""

    def __init__(self, limits: dict[str, Limit], borrow: Borrow, *, clock: Clock = time.monotonic) -> None:
        self._limits = limits
        self._borrow = borrow
        self._clock = clock
        self._accounts: dict[tuple[str, str], _Account] = {}

    @property
    def remembered(self) -> int:
        """How many clients and kinds."""
        return len(self._accounts)

    async def take(self, kind: str, client: str) -> None:
        """One request of the kind passes. Raises TooMany when the client has had all of this minute."""
        limit = self._limits.get(kind)
        if limit is None:
            return
        account = self._account(kind, client)
        if self._lend(account):
            return
        async with account.lock:  # whoever waited here may find that the loan is made
            if self._lend(account):
                return
            await self._ask(account, kind, client, limit)

    def check(self, kind: str, client: str) -> None:
        """Takes nothing and asks nobody. Raises TooMany when it is known that there is nothing to take."""
        account = self._accounts.get((kind, client))
        if account is not None and not account.borrowed and self._clock() < account.until:
            raise _too_many(account.until - self._clock())

    def _lend(self, account: _Account) -> bool:
        now = self._clock()
        if now >= account.until:
            return False
        if account.left:
            account.left -= 1
            return True
        if not account.borrowed:
            raise _too_many(account.until - now)
        return False

    async def _ask(self, account: _Account, kind: str, client: str, limit: Limit) -> None:
        now = self._clock()
        try:
            async with asyncio.timeout(PATIENCE):
                lent = await self._borrow(f"{kind}\0{client}".encode(), limit, account.next_loan(limit, now))
        except (Busy, PoolTimeout, DBAPIError, TimeoutError) as error:
            log.warning("requests are not counted: %s", error)
            return
        account.borrowed, account.left = lent.passing, max(0, lent.passing - 1)
        account.until = now + (LOAN_LASTS if lent.passing else lent.wait)
        if not lent.passing:
            raise _too_many(lent.wait)

    def _account(self, kind: str, client: str) -> _Account:
        account = self._accounts.get((kind, client))
        if account is None:
            if len(self._accounts) >= KEPT:
                self._tidy()
            account = self._accounts[kind, client] = _Account()
        return account

    def _tidy(self) -> None:
        """Loans that are over tell nothing any more; when all are alive, the oldest half is forgotten."""
        now = self._clock()
        alive = {key: each for key, each in self._accounts.items() if now < each.until or each.lock.locked()}
        self._accounts = alive if len(alive) < KEPT else dict(list(alive.items())[KEPT // 2 :])


def _too_many(wait: float) -> TooMany:
    return TooMany(retry_after=max(1, math.ceil(wait)))


def counted(database: Database, vault: Vault) -> Borrow:
    """Borrows from this database, in a transaction of its own. Who asked stands there only as a keyed hash."""

    async def ask(key: bytes, limit: Limit, wanted: int) -> Lent:
        async with database.shared() as db:
            return await borrow(db, vault.hash("rate", key.decode()), limit, wanted)

    return ask
