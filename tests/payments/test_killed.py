"""The program is killed before every step in the database and at the till, and goes on afterwards: nothing is lost,
nothing is done twice, and money and bookings agree.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import update

from booking.guard import lapse
from booking.models import Booking
from core.db import Database
from core.spans import Span
from core.tenants import Tenant
from payments import lowering, tasks
from payments.models import Order
from tests.payments.market import Market, priced

MOST_STEPS = 300


class Story(NamedTuple):
    """What came before, what is cut off, how it goes on, and what the till has kept in the end of each time."""

    before: Callable[[Market], Awaitable[Any]]
    cut_off: Callable[[Market, Any], Awaitable[Any]]
    goes_on: Callable[[Market, Any], Awaitable[Any]]
    kept_ore: int


async def waits(market: Market) -> UUID:
    return (await market.waiting(priced(50_000), pay_within=timedelta(minutes=40)))[0]


async def clicks(market: Market, booking_id: UUID) -> None:
    await market.click(booking_id)


async def clicks_again_and_pays(market: Market, booking_id: UUID) -> None:
    market.wait(seconds=30)
    await market.hear(await market.click_and_pay(booking_id))


async def has_paid(market: Market) -> str:
    ids = await market.waiting(priced(50_000), priced(25_000))
    return await market.click_and_pay(ids[0])


async def hears(market: Market, ref: str) -> None:
    await market.hear(ref)


async def has_paid_too_late(market: Market) -> str:
    (booking_id,) = await market.waiting(priced(50_000))
    ref = await market.click_and_pay(booking_id)
    market.wait(minutes=31)
    async with market.door() as db:
        await lapse(db, [booking_id], market.now)
    found = await market.booking(booking_id)
    await market.waiting(priced(), span=Span(found.starts_at, found.ends_at), state="confirmed")
    return ref


async def has_paid_twice(market: Market) -> str:
    (booking_id,) = await market.waiting(priced(50_000), pay_within=timedelta(hours=2))
    first = await market.ref_of(await market.click(booking_id))
    market.wait(minutes=119.5)
    second = await market.click_and_pay(booking_id)
    assert market.till.pay(first)
    await market.hear(second)
    return first


async def has_paid_in_the_last_moment(market: Market) -> str:
    ref = await has_paid(market)
    market.wait(minutes=31)
    return ref


async def has_not_paid_in_time(market: Market) -> str:
    (booking_id,) = await market.waiting(priced(50_000))
    ref = await market.ref_of(await market.click(booking_id))
    market.wait(minutes=31)
    return ref


async def is_displaced(market: Market) -> UUID:
    (booking_id, _) = await market.bought(priced(50_000), priced(25_000, deposit=(5_000, "exempt")))
    async with market.door() as db:
        await db.execute(
            update(Booking).where(Booking.id == booking_id).values(state="displaced", owed_ore=0)
        )
    return booking_id


async def is_bought(market: Market) -> UUID:
    (booking_id,) = await market.bought(priced(50_000))
    return booking_id


async def officer_gives_back(market: Market, booking_id: UUID) -> None:
    """Again, if it was not done before: the officer looks first."""
    if (await market.booking(booking_id)).owed_ore < 50_000:
        return
    receipt = max(await market.orders("receipt"), key=lambda order: order.number or 0)

    async def work(db: Any) -> Order:
        return await lowering.refund(
            db,
            market.officer,
            receipt.id,
            amount_ore=20_000,
            reason="Kaldt",
            booking_ids=None,
            now=market.now,
        )

    await market.database.run(market.tenant.id, work)


async def money_is_to_go_back(market: Market) -> UUID:
    booking_id = await is_bought(market)
    await officer_gives_back(market, booking_id)
    return booking_id


async def was_used_long_ago(market: Market) -> UUID:
    start = market.now + timedelta(days=2)
    deposited = priced(50_000, deposit=(20_000, "exempt"))
    (booking_id,) = await market.waiting(deposited, span=Span(start, start + timedelta(hours=1)))
    await market.hear(await market.click_and_pay(booking_id))
    await market.happen()
    market.till.now = (await market.booking(booking_id)).ends_at + timedelta(days=8)
    return booking_id


async def a_night(market: Market, _: Any) -> None:
    async with market.door() as db:
        await tasks.each_night(db, market.now)
    await market.happen()


async def happens(market: Market, _: Any) -> None:
    await market.happen()


STORIES = {
    "the click": Story(waits, clicks, clicks_again_and_pays, 50_000),
    "the notice": Story(has_paid, hears, hears, 75_000),
    "the notice of what was paid too late": Story(has_paid_too_late, hears, hears, 0),
    "the notice of what was paid twice": Story(has_paid_twice, hears, hears, 50_000),
    "the deadline of what was paid": Story(has_paid_in_the_last_moment, happens, happens, 75_000),
    "the deadline of what was not paid": Story(has_not_paid_in_time, happens, happens, 0),
    "a displacement": Story(is_displaced, a_night, a_night, 30_000),
    "the officer": Story(is_bought, officer_gives_back, officer_gives_back, 30_000),
    "the refund": Story(money_is_to_go_back, happens, happens, 30_000),
    "a deposit": Story(was_used_long_ago, a_night, a_night, 50_000),
}


@pytest.mark.parametrize("name", STORIES)
async def test_killed_anywhere_money_and_bookings_agree(
    database: Database, tenant: Tenant, name: str
) -> None:
    story = STORIES[name]
    market = await Market(database, tenant).open()
    for step in range(1, MOST_STEPS):
        began = market.till.kept_ore
        state = await story.before(market)
        async with market.kill_at(step) as killed:
            await story.cut_off(market, state)
        await market.check()
        await story.goes_on(market, state)
        await market.happen()
        await market.check_settled()
        assert market.till.kept_ore - began == story.kept_ore, f"killed before step {step}"
        if not killed.died:
            assert step > 5, "it was killed somewhere"
            return
    raise AssertionError("it never ends")
