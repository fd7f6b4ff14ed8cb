"""Paying in the sandbox over HTTP, the whole program around it: notices early, late, doubled, in any order, or none.

However it comes, money and bookings agree in the end.
"""

import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.delivery import Door
from core.spans import Span, utc_now
from payments import ordering, provider_tasks, reconciling
from payments.gateway import Stripe
from payments.messages import NoticeCame
from payments.ordering import Paying, Ready
from payments.provider import Unclear
from payments.sandbox import paying
from payments.sandbox.program import KEY, Faults
from people.actors import Actor
from resources.pay_queries import open_online
from tests.payments.conftest import Counter, settings_of
from tests.payments.market import Market, priced
from tests.payments.tills import OLD_SECRET, SECRET


class OverHttp(Stripe):
    """The gateway, with what the market wants of a till."""

    def __init__(self, url: str) -> None:
        super().__init__(KEY, (SECRET, OLD_SECRET), url)
        self.now: datetime = utc_now()
        self.step: Callable[[str], None] = lambda _: None


class Shop(Market):
    """The market, whose till is the sandbox."""

    def __init__(self, counter: Counter) -> None:
        super().__init__(counter.database, counter.tenant)
        self.counter, self.gateway = counter, OverHttp(counter.till.sandbox.url)
        self.till = cast(Any, self.gateway)
        self.door = Door(counter.database, counter.tenant.id, settings_of(counter.till))

    async def click_pay(self, booking_id: UUID) -> Paying:
        async def act(work: Callable[[AsyncSession, Actor], Awaitable[Ready]]) -> Ready:
            return await self.database.run(self.tenant.id, lambda db: work(db, self.kari))

        return await ordering.pay(
            act,
            self.database,
            self.gateway,
            self.tenant,
            booking_id,
            address=lambda path: f"https://ledig.example{path}",
            now=self.now,
        )

    async def buy(self, booking_id: UUID, card: str = paying.PAYS) -> None:
        """At the sandbox; the program is told nothing yet."""
        answer = await self.counter.till.press(
            (await self.click_pay(booking_id)).url, action="pay", card=card
        )
        assert answer.status_code == 303

    async def work(self, *, shuffle: random.Random | None = None) -> None:
        """What notices that were kept lead to."""
        async with self.door() as db:
            rows = (await db.execute(text("SELECT id FROM provider_notice WHERE worked_at IS NULL"))).all()
        ids = [row.id for row in rows]
        if shuffle is not None:
            shuffle.shuffle(ids)
        for id_ in ids:
            await provider_tasks.hear(self.door, NoticeCame(id_), self.now)

    async def heard(self, **how: Any) -> None:
        """Notices are sent and worked on, and what follows from them happens."""
        await self.counter.tell(**how)
        await self.work()
        await self.happen()

    def given_back(self) -> list[int]:
        """At the sandbox."""
        books = self.counter.till.sandbox.books
        return [each["amount"] for each in books.all(self.counter.account, "refund")]

    async def settled(self) -> None:
        """What must hold, there and here; `Market.check_settled` asks a till in memory."""
        await self.check()
        books = self.counter.till.sandbox.books
        kept = sum(
            each["amount_captured"] - each["amount_refunded"]
            for each in books.all(self.counter.account, "charge")
        )
        async with self.door() as db:
            ours = await db.scalar(text("SELECT coalesce(sum(amount_ore - refunded_ore), 0) FROM payment"))
        assert kept == ours


@pytest.fixture
async def shop(counter: Counter) -> AsyncGenerator[Shop, None]:
    made = Shop(counter)
    await made.open()
    yield made
    await made.gateway.close()


async def test_a_notice_confirms_the_booking_before_anybody_comes_back(shop: Shop) -> None:
    [booking] = await shop.waiting(priced(50_000))
    await shop.buy(booking)
    await shop.heard()
    assert (await shop.booking(booking)).state == "confirmed"
    assert len(await shop.orders("receipt")) == 1
    assert [each.amount_ore for each in await shop.payments()] == [50_000]
    notices = await shop.counter.rows("provider_notice")
    assert notices
    assert all(each.worked_at for each in notices)
    await shop.settled()


@pytest.mark.parametrize("seed", range(4))
async def test_notices_thrice_and_in_any_order_are_one_payment(shop: Shop, seed: int) -> None:
    ids = await shop.waiting(priced(50_000), priced(20_000))
    await shop.buy(ids[0], paying.REFUND_PENDS)
    await shop.counter.tell(copies=3, backwards=bool(seed % 2))
    await shop.work(shuffle=random.Random(seed))
    await shop.happen()
    await shop.cancel(ids[1])
    await shop.happen()
    shop.counter.till.sandbox.paying.settle()
    await shop.counter.tell(copies=2, backwards=True)
    await shop.work(shuffle=random.Random(seed))
    await shop.happen()
    assert [each.state for each in await shop.refunds()] == ["done"] * len(shop.given_back())
    assert len(await shop.payments()) == 1
    await shop.settled()


async def test_a_payment_of_which_nobody_told_is_taken_at_night(shop: Shop) -> None:
    [booking] = await shop.waiting(priced(50_000))
    await shop.buy(booking)
    shop.counter.till.sandbox.notices.held.clear()
    around = timedelta(minutes=5)
    await reconciling.reconcile(shop.door, shop.gateway, shop.now - around, shop.now + around, shop.now)
    await shop.happen()
    assert (await shop.booking(booking)).state == "confirmed"
    assert not await shop.counter.rows("pay_difference")
    await shop.settled()


async def test_a_payment_that_comes_too_late_is_given_back_once(shop: Shop) -> None:
    [late] = await shop.waiting(priced(50_000), pay_within=timedelta(minutes=40))
    await shop.buy(late)
    held, shop.counter.till.sandbox.notices.held = shop.counter.till.sandbox.notices.held, []
    span = await _span(shop, late)
    async with shop.door() as db:
        await db.execute(text("UPDATE booking SET state = 'lapsed', held_until = NULL, ended_at = now()"))
        await db.execute(text("DELETE FROM claim"))
    await shop.waiting(priced(10_000), span=span)
    shop.counter.till.sandbox.notices.held = held
    await shop.heard(copies=3, backwards=True)
    await shop.heard(copies=2)
    assert (await shop.booking(late)).state == "lapsed"
    assert shop.given_back() == [50_000]
    await shop.settled()


async def _span(shop: Shop, booking_id: UUID) -> Span:
    found = await shop.booking(booking_id)
    return Span(found.starts_at, found.ends_at)


async def test_a_refund_that_fails_is_told_and_finance_sees_it(shop: Shop) -> None:
    [booking] = await shop.waiting(priced(50_000))
    await shop.buy(booking, paying.REFUND_FAILS)
    await shop.heard()
    await shop.cancel(booking)
    await shop.happen()
    [refund] = await shop.refunds()
    assert refund.state == "done"
    shop.counter.till.sandbox.paying.settle()
    await shop.heard(copies=2)
    [refund] = await shop.refunds()
    assert (refund.state, refund.error) == ("failed", "expired_or_canceled_card")
    assert [each.kind for each in await shop.counter.rows("pay_difference")] == ["refund_failed"]


async def test_money_that_comes_days_later_confirms_then_and_not_before(shop: Shop) -> None:
    [booking] = await shop.waiting(priced(50_000))
    await shop.buy(booking, paying.LATER)
    await shop.heard()
    assert (await shop.booking(booking)).state == "awaiting_payment"
    shop.counter.till.sandbox.paying.settle()
    await shop.heard()
    assert (await shop.booking(booking)).state == "confirmed"
    await shop.settled()


async def test_while_the_provider_is_away_nothing_is_marked_as_done(shop: Shop) -> None:
    [booking] = await shop.waiting(priced(50_000))
    await shop.buy(booking)
    await shop.counter.tell()
    shop.counter.till.sandbox.faults = Faults(down=True)
    with pytest.raises(Unclear):
        await shop.work()
    assert (await shop.booking(booking)).state == "awaiting_payment"
    shop.counter.till.sandbox.faults = Faults()
    await shop.work()
    await shop.happen()
    assert (await shop.booking(booking)).state == "confirmed"


async def test_a_dispute_is_noted_on_the_payment(shop: Shop) -> None:
    [booking] = await shop.waiting(priced(50_000))
    await shop.buy(booking, paying.DISPUTED)
    await shop.heard(backwards=True)
    await shop.counter.tell()
    [payment] = await shop.payments()
    if payment.dispute is None:  # its notice came before the payment was known: the night finds it
        await reconciling.look(shop.door, shop.gateway, payment.ref, shop.now)
        [payment] = await shop.payments()
    assert payment.dispute == {"state": "needs_response"}
    assert [each.kind for each in await shop.counter.rows("pay_difference")] == ["disputed"]
    assert (await shop.booking(booking)).state == "confirmed"


async def test_an_account_that_is_restricted_takes_no_money(shop: Shop) -> None:
    async with shop.door() as db:
        await open_online(db, is_open=True)
    shop.counter.till.sandbox.connecting.restrict(shop.counter.account)
    await shop.heard()
    async with shop.door() as db:
        assert await db.scalar(text("SELECT online_open FROM pay_terms")) is False
    [account] = [each for each in await shop.counter.rows("provider_account") if each.provider == "stripe"]
    assert account.state == "restricted"


async def test_a_notice_about_something_of_no_account_of_ours_changes_nothing(shop: Shop) -> None:
    """It is signed, and still nothing in it is believed."""
    async with shop.door() as db:
        await db.execute(
            text(
                "INSERT INTO provider_notice (tenant_id, id, provider, ref, kind, about) SELECT :tenant,"
                " gen_random_uuid(), 'stripe', 'evt_' || kind, kind, 'made_up_1' FROM"
                " unnest(ARRAY['session', 'payment', 'refund']) AS kind"
            ),
            {"tenant": shop.tenant.id},
        )
    await shop.work()
    assert not await shop.payments()
    assert not await shop.counter.rows("pay_difference")
    assert all(each.worked_at for each in await shop.counter.rows("provider_notice"))
