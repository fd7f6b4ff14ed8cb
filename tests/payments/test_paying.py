"""Paying, whatever comes in between: money and bookings agree in the end."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from booking.guard import lapse
from booking.models import Booking
from core.db import Database
from core.errors import Forbidden, NotFound, NotPayableOnline, PaymentUnavailable, WrongState
from core.ids import new_id
from core.spans import Span
from core.tenants import Tenant
from payments import taking
from payments.models import Checkout, Order
from payments.provider_models import Difference, ProviderAccount
from people.actors import Actor
from tests.payments.market import Market, priced


@pytest.fixture
async def market(database: Database, tenant: Tenant) -> Market:
    return await Market(database, tenant).open()


async def taken_meanwhile(market: Market, booking: Booking) -> None:
    """Somebody else has got its time."""
    await market.waiting(priced(), span=Span(booking.starts_at, booking.ends_at), state="confirmed")


async def test_a_booking_is_confirmed_when_it_is_paid_and_has_a_receipt(market: Market) -> None:
    (booking_id,) = await market.bought(priced(50_000))
    found = await market.booking(booking_id)
    assert (found.state, found.owed_ore, found.paid_ore) == ("confirmed", 50_000, 50_000)
    (receipt,) = await market.orders("receipt")
    assert (receipt.number, receipt.gross_ore, receipt.vat_ore) == (1, 50_000, 10_000)
    assert receipt.seller["name"] == market.tenant.name
    assert receipt.seller["organisation_number"] == market.tenant.organisation_number
    assert receipt.customer["name"].startswith("Kari")
    assert market.till.kept_ore == 50_000
    await market.check_settled()


async def test_all_that_waits_in_an_application_is_one_order(market: Market) -> None:
    ids = await market.bought(priced(50_000), priced(30_000, article=(12_345, "low")))
    assert [(await market.booking(each)).state for each in ids] == ["confirmed", "confirmed"]
    (receipt,) = await market.orders("receipt")
    assert receipt.gross_ore == 92_345
    await market.check_settled()


async def test_the_same_click_again_is_the_same_page(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    first, again = await market.click(booking_id), await market.click(booking_id)
    assert first == again
    assert market.till.calls == ["open_session"]


async def test_told_three_times_and_looked_up_it_is_taken_once(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    ref = await market.click_and_pay(booking_id)
    (checkout,) = await market.rows(Checkout)
    await taking.look(market.door, market.till, checkout.id, market.now)
    for _ in range(3):
        await market.hear(ref)
    assert len(await market.orders("receipt")) == len(await market.payments()) == 1
    assert not await market.refunds()
    await market.happen()
    await market.check_settled()


async def test_news_of_all_kinds_at_once_are_taken_once(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    ref = await market.click_and_pay(booking_id)
    (checkout,) = await market.rows(Checkout)
    await asyncio.gather(
        *(market.hear(ref) for _ in range(4)),
        *(taking.look(market.door, market.till, checkout.id, market.now) for _ in range(2)),
        taking.end_page(market.door, market.till, checkout.id, market.now),
    )
    await market.happen()
    assert len(await market.payments()) == 1
    assert (await market.booking(booking_id)).state == "confirmed"
    await market.check_settled()


async def test_what_is_paid_twice_goes_back_once(market: Market) -> None:
    (booking_id,) = await market.waiting(priced(), pay_within=timedelta(hours=2))
    first = await market.ref_of(await market.click(booking_id))
    market.wait(minutes=119.5)
    second = await market.ref_of(await market.click(booking_id))
    assert second != first, "the first page is nearly over"
    for ref in (first, second):
        assert market.till.pay(ref)
    for ref in (second, first, second, first):
        await market.hear(ref)
    await market.happen()
    (refund,) = await market.refunds()
    assert (refund.why, refund.amount_ore, refund.state, refund.credit_id) == (
        "paid_twice",
        50_000,
        "done",
        None,
    )
    assert market.till.kept_ore == 50_000
    assert len(await market.orders("receipt")) == 1
    await market.check_settled()


async def test_when_one_page_is_paid_the_others_are_ended(market: Market) -> None:
    (booking_id,) = await market.waiting(priced(), pay_within=timedelta(hours=2))
    first = await market.ref_of(await market.click(booking_id))
    market.wait(minutes=119.5)
    second = await market.ref_of(await market.click(booking_id))
    assert market.till.pay(second)
    await market.hear(second)
    await market.happen()
    assert not market.till.pay(first)
    await market.check_settled()


async def test_paid_in_the_last_moment_and_heard_after_the_lapse_the_time_is_taken_again(
    market: Market,
) -> None:
    (booking_id,) = await market.waiting(priced())
    ref = await market.ref_of(await market.click(booking_id))
    market.wait(minutes=29.9)
    assert market.till.pay(ref)
    market.wait(minutes=5)
    await market.happen()
    assert (await market.booking(booking_id)).state == "confirmed"
    await market.hear(ref)
    await market.happen()
    assert not await market.refunds()
    await market.check_settled()


async def test_heard_when_somebody_else_has_the_time_it_goes_back_once(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    ref = await market.click_and_pay(booking_id)
    market.wait(minutes=31)
    async with market.door() as db:
        await make_lapse(db, booking_id, market)
    await taken_meanwhile(market, await market.booking(booking_id))
    for _ in range(3):
        await market.hear(ref)
        await market.happen()
    assert (await market.booking(booking_id)).state == "lapsed"
    (refund,) = await market.refunds()
    assert (refund.why, refund.amount_ore, refund.state) == ("lost", 50_000, "done")
    (credit,) = await market.orders("credit")
    assert (credit.gross_ore, credit.vat_ore) == (50_000, 10_000)
    assert market.till.kept_ore == 0


async def make_lapse(db: Any, booking_id: Any, market: Market) -> None:
    await lapse(db, [booking_id], market.now)


async def test_of_two_that_were_paid_together_the_lost_one_alone_goes_back(market: Market) -> None:
    kept, lost = await market.waiting(priced(50_000), priced(30_000, deposit=(10_000, "exempt")))
    ref = await market.click_and_pay(kept)
    async with market.door() as db:
        await db.execute(update(Booking).where(Booking.id == lost).values(state="displaced", owed_ore=0))
    await market.hear(ref)
    await market.happen()
    assert (await market.booking(kept)).state == "confirmed"
    (refund,) = await market.refunds()
    assert refund.amount_ore == 40_000
    assert market.till.kept_ore == 50_000


async def test_nobody_can_pay_what_has_lapsed(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    ref = await market.ref_of(await market.click(booking_id))
    market.wait(minutes=30.5)
    await market.happen()
    assert not market.till.pay(ref)
    (order,) = await market.rows(Order)
    assert order.state == "void"
    with pytest.raises(WrongState):
        await market.click(booking_id)
    await market.check_settled()


async def test_nobody_can_pay_what_was_cancelled(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    ref = await market.ref_of(await market.click(booking_id))
    await market.cancel(booking_id)
    await market.happen()
    assert not market.till.pay(ref)
    await market.check_settled()


async def test_when_one_of_two_is_cancelled_the_other_is_another_order(market: Market) -> None:
    gone, stays = await market.waiting(priced(50_000), priced(30_000))
    old = await market.ref_of(await market.click(stays))
    await market.cancel(gone)
    new = await market.ref_of(await market.click(stays))
    assert market.till.sessions[new].amount_ore == 30_000
    await market.happen()
    assert not market.till.pay(old)
    assert market.till.pay(new)
    await market.hear(new)
    await market.happen()
    assert {order.state for order in await market.rows(Order)} == {"void", "issued"}
    await market.check_settled()


async def test_an_old_order_that_is_paid_all_the_same_goes_back(market: Market) -> None:
    gone, stays = await market.waiting(priced(50_000), priced(30_000))
    old = await market.ref_of(await market.click(stays))
    await market.cancel(gone)
    new = await market.ref_of(await market.click(stays))
    assert market.till.pay(old)
    assert market.till.pay(new)
    await market.happen()
    await market.hear(new)
    await market.hear(old)
    await market.happen()
    (refund,) = await market.refunds()
    assert (refund.why, refund.amount_ore) == ("lost", 80_000)
    assert (await market.booking(stays)).state == "confirmed"
    await market.check_settled()


@pytest.mark.parametrize("change", [{"amount_ore": 49_999}, {"currency": "SEK"}])
async def test_another_amount_than_was_asked_for_is_reported_and_goes_back(
    market: Market, change: dict[str, Any]
) -> None:
    (booking_id,) = await market.waiting(priced(50_000))
    ref = await market.ref_of(await market.click(booking_id))
    market.till.alter(ref, **change)
    assert market.till.pay(ref)
    await market.hear(ref)
    await market.hear(ref)
    (difference,) = await market.rows(Difference)
    assert (difference.kind, difference.ours_ore) == ("amount", 50_000)
    assert (await market.booking(booking_id)).state == "awaiting_payment"
    await market.happen()
    assert market.till.kept_ore == 0
    again = await market.ref_of(await market.click(booking_id))
    assert market.till.pay(again)
    await market.hear(again)
    assert (await market.booking(booking_id)).state == "confirmed"


async def test_a_page_of_another_municipality_changes_nothing(
    market: Market, database: Database, stranger: Tenant
) -> None:
    other = await Market(database, stranger, market.now).open()
    (booking_id,) = await market.waiting(priced())
    (theirs,) = await other.waiting(priced())
    ref = await other.click_and_pay(theirs)
    await database.run(
        market.tenant.id,
        lambda db: taking.take(db, "till", other.till.sessions[ref], market.now),
    )
    ours = market.till.sessions[await market.ref_of(await market.click(booking_id))]
    forged = other.till.sessions[ref].__class__
    mixed = forged(
        ref=ref,
        state="paid",
        amount_ore=50_000,
        currency="NOK",
        payment_ref="pi_x",
        checkout_id=ours.checkout_id,
    )
    await database.run(stranger.id, lambda db: taking.take(db, "till", mixed, market.now))
    assert not await market.payments()
    assert (await market.booking(booking_id)).state == "awaiting_payment"


async def test_another_page_that_names_our_attempt_is_not_its_page(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    session = market.till.sessions[await market.ref_of(await market.click(booking_id))]
    other = session.__class__(
        ref="cs_other", state="paid", amount_ore=50_000, currency="NOK", payment_ref="pi_x",
        checkout_id=session.checkout_id, order_id=session.order_id,
    )  # fmt: skip
    await market.database.run(market.tenant.id, lambda db: taking.take(db, "till", other, market.now))
    assert not await market.payments()


async def test_who_has_days_to_pay_gets_a_new_page_each_day(market: Market) -> None:
    (booking_id,) = await market.waiting(priced(), pay_within=timedelta(days=3))
    first = await market.ref_of(await market.click(booking_id))
    market.wait(hours=30)
    assert not market.till.pay(first)
    await market.hear(await market.click_and_pay(booking_id))
    market.wait(days=3)
    await market.happen()
    assert (await market.booking(booking_id)).state == "confirmed"
    assert {each.state for each in await market.rows(Checkout)} == {"paid", "ended"}
    await market.check_settled()


# The provider is silent, slow or says no.


@pytest.mark.parametrize("mood", ["silent_before", "silent_after"])
async def test_silence_leaves_the_attempt_and_the_next_click_asks_the_same_again(
    market: Market, mood: Any
) -> None:
    (booking_id,) = await market.waiting(priced())
    market.till.moods = [mood]
    with pytest.raises(PaymentUnavailable):
        await market.click(booking_id)
    market.wait(seconds=20)
    await market.hear(await market.click_and_pay(booking_id))
    assert len(market.till.sessions) == 1
    assert (await market.booking(booking_id)).state == "confirmed"


@pytest.mark.parametrize("mood", ["silent_before", "silent_after"])
async def test_asked_too_late_for_the_same_page_there_is_a_new_one(market: Market, mood: Any) -> None:
    (booking_id,) = await market.waiting(priced())
    market.till.moods = [mood]
    with pytest.raises(PaymentUnavailable):
        await market.click(booking_id)
    market.wait(minutes=10)
    await market.hear(await market.click_and_pay(booking_id))
    assert (await market.booking(booking_id)).state == "confirmed"
    await market.happen()
    await market.check_settled()


async def test_what_the_provider_declines_is_told_and_tried_anew(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    market.till.moods = ["declines"]
    with pytest.raises(PaymentUnavailable):
        await market.click(booking_id)
    assert [each.state for each in await market.rows(Checkout)] == ["ended"]
    await market.hear(await market.click_and_pay(booking_id))
    assert [each.attempt for each in await market.rows(Checkout)] == [1, 2]


async def test_an_attempt_that_never_got_an_address_is_given_up_when_the_time_is_over(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    market.till.moods = ["silent_after"]
    with pytest.raises(PaymentUnavailable):
        await market.click(booking_id)
    market.wait(minutes=31)
    await market.happen()
    (checkout,) = await market.rows(Checkout)
    (order,) = await market.rows(Order)
    assert (checkout.state, order.state) == ("ended", "void")


async def test_when_ending_a_page_gets_no_answer_it_is_asked_until_it_does(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    ref = await market.ref_of(await market.click(booking_id))
    market.wait(minutes=31)
    market.till.moods = ["silent_before", "silent_after", "silent_before"]
    await market.happen()
    assert not market.till.pay(ref)
    assert (await market.rows(Checkout))[0].state == "ended"


async def test_where_nobody_takes_money_it_is_refused(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    async with market.door() as db:
        await db.execute(update(ProviderAccount).values(state="restricted"))
    with pytest.raises(NotPayableOnline):
        await market.click(booking_id)
    assert not await market.rows(Order)


async def test_nobody_else_pays_it_or_learns_of_it(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    with pytest.raises(NotFound):
        await market.click(booking_id, Actor(person_id=new_id()))
    with pytest.raises((Forbidden, NotFound)):
        await market.click(booking_id, market.officer)
    with pytest.raises(NotFound):
        await market.click(new_id())


async def test_many_clicks_at_once_are_one_order(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    pages = await asyncio.gather(*(market.click(booking_id) for _ in range(5)))
    assert len({page.url for page in pages}) == 1
    assert len(await market.rows(Order)) == len(await market.rows(Checkout)) == len(market.till.sessions) == 1


async def test_more_bookings_than_the_page_has_lines_for_are_shown_as_one(market: Market) -> None:
    ids = await market.waiting(*(priced(100) for _ in range(95)), pay_within=timedelta(days=2))
    await market.hear(await market.click_and_pay(ids[0]))
    await market.happen()
    assert market.till.kept_ore == 9_500
    await market.check_settled()
