"""People pay, pay twice, cancel and go away; the provider is silent, late and double; the program dies: in whatever
order all this comes, money and bookings agree in the end.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from booking.models import Booking
from core.db import Database
from core.errors import Refusal
from core.spans import Span
from payments import lowering, refunding, taking, tasks
from payments.models import Checkout, Order, Refund
from payments.provider import Session, Unclear
from tests.conftest import Urls, add_tenant
from tests.payments.market import Market, priced
from tests.payments.till import Mood

MOODS: list[Mood] = ["well", "well", "silent_before", "silent_after"]
AT_A_TIME = 12
ACTS = (
    *("book", "click", "click", "click_and_pay", "click_and_pay", "click_and_pay", "pay", "pay"),
    *("notice", "notice", "old_answer", "come_back", "cancel", "take", "officer", "wait", "happen", "happen"),
    *("mood", "die", "news_of_refund"),
)
SETTINGS = settings(
    max_examples=10,
    stateful_step_count=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


class Street:
    """A market and the people in it. Each act may be refused, left unanswered, or cut off by the program's death."""

    def __init__(self, market: Market, done: Counter[str]) -> None:
        self.market, self.done = market, done
        self.bookings: list[UUID] = []
        self.answers: list[Session] = []
        """As the provider gave them at some time."""
        self.dies_at = 0

    async def act(self, chance: random.Random) -> None:
        name = chance.choice(ACTS)
        dies_at = 0
        if name not in {"die", "mood", "wait", "book"}:
            dies_at, self.dies_at = self.dies_at, 0
        async with self.market.kill_at(dies_at) as killed:
            try:
                if await getattr(self, name)(chance):
                    self.done[name] += 1
            except (Refusal, Unclear) as error:
                self.done[f"{name}: {type(error).__name__}"] += 1
        self.done["killed"] += killed.died

    async def book(self, chance: random.Random) -> bool:
        more: dict[str, Any] = {"deposit": (12_345, "exempt")} if chance.random() < 0.5 else {}
        prices = [
            priced(chance.randint(100, 90_000), article=(chance.randint(1, 999), "low"), **more)
            for _ in range(chance.randint(1, 2))
        ]
        self.bookings += await self.market.waiting(
            *prices, pay_within=timedelta(minutes=chance.choice([30, 30, 120, 240]))
        )
        return True

    async def _booking(self, chance: random.Random) -> UUID:
        """One of the last."""
        if not self.bookings:
            await self.book(chance)
        return chance.choice(self.bookings[-4:])

    async def click(self, chance: random.Random) -> bool:
        await self.market.click(await self._booking(chance))
        return True

    async def click_and_pay(self, chance: random.Random) -> bool:
        paying = await self.market.click(await self._booking(chance))
        return self.market.till.pay(await self.market.ref_of(paying))

    async def pay(self, chance: random.Random) -> bool:
        """On a page that was opened some time ago."""
        refs = list(self.market.till.sessions)[-5:]
        return bool(refs) and self.market.till.pay(chance.choice(refs))

    async def notice(self, chance: random.Random) -> bool:
        refs = list(self.market.till.sessions)[-5:]
        if not refs:
            return False
        self.answers.append(self.market.till.sessions[chance.choice(refs)])
        await self.market.hear(chance.choice(refs))
        return True

    async def old_answer(self, chance: random.Random) -> bool:
        """How it stood when it was asked for, however long ago, comes only now."""
        if not self.answers:
            return False
        session = chance.choice(self.answers[-8:])
        market = self.market
        await market.database.run(
            market.tenant.id, lambda db: taking.take(db, market.till.name, session, market.now)
        )
        return True

    async def come_back(self, chance: random.Random) -> bool:
        rows = await self.market.rows(Checkout)
        if not rows:
            return False
        await taking.look(self.market.door, self.market.till, chance.choice(rows[-5:]).id, self.market.now)
        return True

    async def cancel(self, chance: random.Random) -> bool:
        await self.market.cancel(await self._booking(chance))
        return True

    async def take(self, _: random.Random) -> bool:
        """Somebody else gets the time of one that has lapsed."""
        lapsed = await self.market.rows(Booking, Booking.state == "lapsed")
        for found in lapsed[-1:]:
            await self.market.waiting(priced(), span=Span(found.starts_at, found.ends_at))
        return bool(lapsed)

    async def officer(self, chance: random.Random) -> bool:
        orders = await self.market.orders("receipt")
        if not orders:
            return False
        market, order = self.market, chance.choice(orders)

        async def work(db: Any) -> Order:
            return await lowering.refund(
                db,
                market.officer,
                order.id,
                amount_ore=chance.choice([None, chance.randint(1, 60_000)]),
                reason="Kaldt",
                booking_ids=None,
                now=market.now,
            )

        await market.database.run(market.tenant.id, work)
        return True

    async def news_of_refund(self, chance: random.Random) -> bool:
        """What the provider tells of a refund, whether we know yet that it is there or not."""
        there = [each for payment in self.market.till.payments.values() for each in payment.refunds]
        if not there:
            return False
        async with self.market.door() as db:
            return await refunding.note_known(db, chance.choice(there), self.market.now)

    async def wait(self, chance: random.Random) -> bool:
        self.market.wait(minutes=chance.choice([1, 5, 10, 29, 31, 60]))
        return True

    async def happen(self, _: random.Random) -> bool:
        await self.market.happen_once()
        return True

    async def mood(self, chance: random.Random) -> bool:
        self.market.till.moods = [chance.choice(MOODS) for _ in range(3)]
        return True

    async def die(self, chance: random.Random) -> bool:
        """The next thing is cut off."""
        self.dies_at = chance.randint(1, 60)
        return True

    async def end(self) -> None:
        """The provider is well again, all is heard, the time to pay is over, and a night has passed."""
        market = self.market
        market.till.moods = []
        market.wait(hours=5)
        for ref in list(market.till.sessions):
            await market.hear(ref)
        await market.happen()
        async with market.door() as db:
            await tasks.each_ten_minutes(db, market.now)
            await tasks.each_night(db, market.now)
        await market.happen()
        for row in await market.rows(Checkout):
            assert row.state in {"paid", "ended"}, "nobody can pay any more"
        for row in await market.rows(Booking):
            assert row.state != "awaiting_payment", "all that was not paid has lapsed"
        for row in await market.rows(Refund):
            assert row.state == "done", "all is there"
            self.done[f"refund: {row.why}"] += 1
        await market.check_settled()


class Machine(RuleBasedStateMachine):
    """Hypothesis would try the same few things again and again: it chooses the seed, chance the rest."""

    urls: Urls
    done: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = Database(self.urls.program, pool_size=4)
        market = self.run(Market(self.database, self.run(add_tenant(self.urls))).open(fee_percent=40))
        self.street = Street(market, self.done)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @rule(seed=st.integers(0, 2**32))
    def things_happen(self, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(AT_A_TIME):
            self.run(self.street.act(chance))

    @invariant()
    def what_must_always_hold_holds(self) -> None:
        self.run(self.street.market.check())

    def teardown(self) -> None:
        try:
            self.run(self.street.end())
        finally:
            self.run(self.database.close())
            self.runner.close()


def test_in_whatever_order_money_and_bookings_agree(database_urls: Urls) -> None:
    done: Counter[str] = Counter()
    run_state_machine_as_test(
        type("Here", (Machine,), {"urls": database_urls, "done": done}), settings=SETTINGS
    )
    rare = {"refund: lost", "refund: paid_twice", "die", "mood", "take", "news_of_refund"}
    assert not set(ACTS) - rare - done.keys(), "everything was tried"
