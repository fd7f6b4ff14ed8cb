"""Money given back: never more than came in, once, with a credit note that says what for."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update

from booking.models import Booking
from core.db import Database
from core.errors import Forbidden, Invalid, NotFound, Refusal, WrongState
from core.ids import new_id
from core.tenants import Tenant
from payments import leftovers, lowering, refunding, tasks
from payments.messages import RefundWanted
from payments.models import Order
from payments.provider_models import Difference
from payments.settling import settle
from people.actors import Actor, Grant
from tests.payments.market import Market, priced


@pytest.fixture
async def market(database: Database, tenant: Tenant) -> Market:
    return await Market(database, tenant).open()


async def give_back(
    market: Market,
    amount_ore: int | None = None,
    *,
    actor: Actor | None = None,
    bookings: list[UUID] | None = None,
    reason: str = "Hallen var kald.",
) -> Order:
    (receipt,) = await market.orders("receipt")

    async def work(db: Any) -> Order:
        return await lowering.refund(
            db,
            actor or market.officer,
            receipt.id,
            amount_ore=amount_ore,
            reason=reason,
            booking_ids=bookings,
            now=market.now,
        )

    return await market.database.run(market.tenant.id, work)


async def owe(market: Market, booking_id: UUID, owed_ore: int, state: str) -> None:
    """As if it had been cancelled with such a fee."""
    async with market.door() as db:
        values = {"state": state, "owed_ore": owed_ore, "version": Booking.version + 1}
        await db.execute(update(Booking).where(Booking.id == booking_id).values(**values))


async def test_an_officer_gives_a_part_back_with_a_reason(market: Market) -> None:
    (booking_id,) = await market.bought(priced(50_000))
    note = await give_back(market, 12_345)
    await market.happen()
    assert (note.gross_ore, note.vat_ore, note.number, note.reason) == (12_345, 2_469, 1, "Hallen var kald.")
    (refund,) = await market.refunds()
    assert (refund.amount_ore, refund.why, refund.state, refund.by_id) == (
        *(12_345, "officer", "done"),
        market.officer.person_id,
    )
    assert (await market.booking(booking_id)).owed_ore == 37_655
    assert (await market.booking(booking_id)).state == "confirmed"
    assert market.till.kept_ore == 37_655
    await market.check_settled()


@pytest.mark.parametrize("amount", [50_001, 0, -1, 10**12])
async def test_more_than_is_left_is_refused_with_how_much_that_is(market: Market, amount: int) -> None:
    await market.bought(priced(50_000))
    with pytest.raises(Invalid) as refused:
        await give_back(market, amount)
    assert refused.value.facts["field"] == "amount"
    assert refused.value.facts["at_most"] == 50_000
    await give_back(market, 20_000)
    with pytest.raises(Invalid) as refused:
        await give_back(market, 30_001)
    assert refused.value.facts["at_most"] == 30_000
    await give_back(market)
    with pytest.raises(WrongState):
        await give_back(market)
    await market.happen()
    assert market.till.kept_ore == 0
    await market.check_settled()


async def test_of_several_bookings_those_that_are_named_give_it(market: Market) -> None:
    one, other = await market.bought(priced(50_000), priced(30_000))
    await give_back(market, 10_000, bookings=[other])
    assert [(await market.booking(each)).owed_ore for each in (one, other)] == [50_000, 20_000]
    await give_back(market, 7_000)
    assert [(await market.booking(each)).owed_ore for each in (one, other)] == [45_000, 18_000]
    with pytest.raises(Invalid):
        await give_back(market, 1, bookings=[new_id()])
    await market.happen()
    await market.check_settled()


async def test_who_may_not_give_back_does_not(market: Market) -> None:
    await market.bought(priced())
    elsewhere = Actor(person_id=new_id(), grants=(Grant("case_officer", new_id()),))
    for actor in (market.kari, elsewhere):
        with pytest.raises(Forbidden):
            await give_back(market, 1, actor=actor)
    with pytest.raises(Invalid):
        await give_back(market, 1, reason=" ")
    assert not await market.refunds()


async def test_refunds_that_race_never_come_to_more_than_was_paid(market: Market) -> None:
    await market.bought(priced(50_000))
    told = await asyncio.gather(*(give_back(market, 15_000) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(each, Order) for each in told) == 3
    assert all(isinstance(each, Order | Refusal) for each in told)
    await market.happen()
    assert market.till.kept_ore == 5_000
    await market.check_settled()


async def test_cancelled_the_fee_is_kept_and_the_deposit_is_not(market: Market) -> None:
    (booking_id,) = await market.bought(priced(50_000, deposit=(20_000, "exempt")))
    await owe(market, booking_id, 25_000, "cancelled")
    await settle_all(market)
    (credit,) = await market.orders("credit")
    lines = {row.kind: row.gross_ore for row in await lines_of(market, credit.id)}
    assert lines == {"deposit": 20_000, "hire": 25_000}
    (refund,) = await market.refunds()
    assert (refund.why, refund.amount_ore) == ("cancelled", 45_000)
    assert market.till.kept_ore == 25_000
    await market.check_settled()


async def test_cancelled_by_its_holder_the_tier_is_kept_and_the_rest_goes_back_once(
    database: Database, tenant: Tenant
) -> None:
    market = await Market(database, tenant).open(fee_percent=30)
    mine, theirs = await market.bought(
        priced(50_000, article=(9_999, "low"), deposit=(20_000, "exempt")), priced(40_000)
    )
    await market.cancel(mine)
    await market.cancel(theirs, market.officer)
    for _ in range(3):
        await market.happen()
    assert [(await market.booking(each)).owed_ore for each in (mine, theirs)] == [17_999, 0]
    assert sorted(each.amount_ore for each in await market.refunds()) == [40_000, 62_000]
    assert {each.why for each in await market.refunds()} == {"cancelled"}
    assert market.till.kept_ore == 17_999
    await market.check_settled()


async def settle_all(market: Market) -> None:
    ids = [row.id for row in await market.rows(Booking)]
    for _ in range(2):
        async with market.door() as db:
            await settle(db, ids, market.now, why="cancelled")
    await market.happen()


async def lines_of(market: Market, order_id: UUID) -> Any:
    async with market.door() as db:
        return (
            await db.execute(text("SELECT * FROM order_line WHERE order_id = :id"), {"id": order_id})
        ).all()


# The provider.


async def test_without_an_answer_it_is_asked_again_and_given_back_once(market: Market) -> None:
    await market.bought(priced(50_000))
    await give_back(market, 10_000)
    market.till.moods = ["silent_after", "silent_before", "silent_after"]
    await market.happen()
    assert market.till.kept_ore == 40_000
    assert [each.state for each in await market.refunds()] == ["done"]


async def test_asked_again_days_later_it_is_looked_for_first(market: Market) -> None:
    await market.bought(priced(50_000))
    await give_back(market, 10_000)
    market.till.moods = ["silent_after"]
    await market.happen_once()
    market.wait(days=3)
    market.till.forget_keys()
    await market.happen()
    assert market.till.kept_ore == 40_000
    assert [each.state for each in await market.refunds()] == ["done"]


async def test_on_its_way_it_arrives_later_whatever_order_the_news_come_in(market: Market) -> None:
    await market.bought(priced(50_000))
    market.till.sends_slowly = True
    await give_back(market, 10_000)
    await market.happen()
    (row,) = await market.refunds()
    assert row.state == "sent"
    payment = next(iter(market.till.payments.values()))
    (sent,) = payment.refunds
    (done,) = market.till.arrive()
    for news in (done, sent, done):
        async with market.door() as db:
            assert await refunding.note_known(db, news, market.now)
    assert [each.state for each in await market.refunds()] == ["done"]
    await market.check_settled()


async def test_one_that_fails_is_reported_and_can_be_tried_again_once(market: Market) -> None:
    await market.bought(priced(50_000))
    market.till.fails_refunds = True
    await give_back(market, 10_000)
    await market.happen()
    (failed,) = await market.refunds()
    assert (failed.state, failed.error) == ("failed", "lost_or_stolen_card")
    (payment,) = await market.payments()
    assert payment.refunded_ore == 0
    (difference,) = await market.rows(Difference)
    assert (difference.kind, difference.ours_ore, difference.settled_at) == ("refund_failed", 10_000, None)
    market.till.fails_refunds = False

    async def again(db: Any) -> UUID:
        return await refunding.try_again(db, market.officer, failed.id, market.now)

    told = await asyncio.gather(
        *(market.database.run(market.tenant.id, again) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(each, UUID) for each in told) == 1
    assert sum(isinstance(each, WrongState) for each in told) == 2
    await market.happen()
    assert market.till.kept_ore == 40_000
    assert [each.settled_by for each in await market.rows(Difference)] == [market.officer.person_id]


async def test_one_that_was_done_may_still_fail(market: Market) -> None:
    await market.bought(priced(50_000))
    market.till.sends_slowly = True
    await give_back(market, 10_000)
    await market.happen()
    (failed,) = market.till.arrive(failed=True)
    for _ in range(2):
        async with market.door() as db:
            await refunding.note_known(db, failed, market.now)
    assert len(await market.rows(Difference)) == 1
    (payment,) = await market.payments()
    assert payment.refunded_ore == 0


async def test_declined_it_is_reported(market: Market) -> None:
    await market.bought(priced(50_000))
    await give_back(market, 10_000)
    market.till.moods = ["declines"]
    await market.happen()
    assert [each.state for each in await market.refunds()] == ["failed"]
    assert [each.kind for each in await market.rows(Difference)] == ["refund_failed"]


async def test_a_refund_of_another_municipality_is_none_of_ours(
    market: Market, database: Database, stranger: Tenant
) -> None:
    other = await Market(database, stranger, market.now).open()
    await market.bought(priced())
    await give_back(market, 10_000)
    await market.happen()
    ((there,),) = [payment.refunds for payment in market.till.payments.values()]
    async with other.door() as db:
        assert not await refunding.note_known(db, there, market.now)
    with pytest.raises(NotFound):
        async with other.door() as db:
            await refunding.try_again(db, other.officer, (await market.refunds())[0].id, market.now)


# Deposits.


async def night(market: Market) -> None:
    async with market.door() as db:
        await tasks.each_night(db, market.now)
    await market.happen()


# What should never be found.


async def test_what_was_left_unsettled_is_found_by_night_and_mended(market: Market) -> None:
    (booking_id,) = await market.bought(priced(50_000))
    await owe(market, booking_id, 0, "displaced")
    await night(market)
    assert [each.amount_ore for each in await market.refunds()] == [50_000]
    await market.check_settled()


async def test_money_that_does_not_fit_is_reported_once(market: Market) -> None:
    (booking_id,) = await market.bought(priced(50_000))
    async with market.door() as db:
        await db.execute(text("UPDATE payment SET refunded_ore = 1000"))
        assert await leftovers.mend(db, market.now, limit=10) == 1
        assert await leftovers.mend(db, market.now, limit=10) == 0
        await db.execute(text("DELETE FROM claim"))
    (difference,) = await market.rows(Difference)
    assert (difference.kind, difference.ours_ore, difference.theirs_ore) == ("amount", 50_000, 49_000)
    assert (await market.booking(booking_id)).state == "confirmed"


async def test_without_a_provider_money_waits_finance_is_told_and_it_goes_when_there_is_one(
    market: Market,
) -> None:
    await market.bought(priced(50_000))
    await give_back(market, 10_000)
    (refund,) = await market.refunds()
    assert market.door.settings.stripe_key is None
    await tasks.refund(market.door, RefundWanted(refund.id), market.now)
    async with market.door() as db:
        await db.execute(text("DELETE FROM outbox WHERE kind = 'RefundWanted'"))  # it was delivered
    market.wait(days=2)
    await night(market)
    await night(market)
    (waiting,) = await market.rows(Difference)
    assert (waiting.kind, waiting.ours_ore, waiting.settled_at) == ("refund_waiting", 10_000, None)
    assert [each.state for each in await market.refunds()] == ["wanted"]

    async with market.door() as db:
        await tasks.each_ten_minutes(db, market.now)
    await market.happen()
    (settled,) = await market.rows(Difference)
    assert (settled.settled_at, settled.settled_by) == (market.now, None)
    assert market.till.kept_ore == 40_000
    assert [each.state for each in await market.refunds()] == ["done"]


async def test_a_booking_that_counts_as_paid_without_a_receipt_is_reported(market: Market) -> None:
    (booking_id,) = await market.waiting(priced(), state="confirmed")
    async with market.door() as db:
        await db.execute(
            update(Booking).values(paid_ore=50_000, owed_ore=50_000, version=Booking.version + 1)
        )
        await leftovers.mend(db, market.now, limit=10)
    (difference,) = await market.rows(Difference)
    assert (difference.kind, difference.ref) == ("booking", str(booking_id))
