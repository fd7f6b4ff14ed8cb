"""Deposits: back by themselves a week after use, or kept, in part or whole, and told so."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from booking.telling_models import Notice
from core.errors import AlreadyExists, Invalid, NotFound
from core.outbox_models import OutboxMessage
from payments import deposits, telling_tasks
from payments.messages import DepositKept
from payments.models import Deposit
from tests.payments.market import Market, priced
from tests.payments.test_refunds import lines_of, night
from tests.payments.test_refunds import market as market


async def test_a_deposit_goes_back_a_week_after_use_and_once(market: Market) -> None:
    (booking_id,) = await market.bought(priced(50_000, deposit=(20_000, "exempt")))
    ends_at = (await market.booking(booking_id)).ends_at
    market.till.now = ends_at + timedelta(days=6)
    await night(market)
    assert not await market.refunds()
    market.wait(days=1)
    for _ in range(2):
        await night(market)
    (refund,) = await market.refunds()
    assert (refund.why, refund.amount_ore, refund.state) == ("deposit", 20_000, "done")
    (credit,) = await market.orders("credit")
    assert [row.kind for row in await lines_of(market, credit.id)] == ["deposit"]
    assert market.till.kept_ore == 50_000
    await market.check_settled()


async def test_what_an_officer_keeps_of_it_stays(market: Market) -> None:
    (booking_id,) = await market.bought(priced(50_000, deposit=(20_000, "exempt")))
    market.till.now = (await market.booking(booking_id)).ends_at + timedelta(days=1)

    async def keep(ore: int, reason: str = "Knust rute") -> Deposit:
        async with market.door() as db:
            return await deposits.keep(db, market.officer, booking_id, ore, reason=reason, now=market.now)

    for ore, reason in ((20_001, "x"), (0, "x"), (5_000, "")):
        with pytest.raises(Invalid):
            await keep(ore, reason)
    await keep(5_000)
    with pytest.raises(AlreadyExists):
        await keep(5_000)
    await market.happen()
    market.wait(days=30)
    await night(market)
    assert [each.amount_ore for each in await market.refunds()] == [15_000]
    assert market.till.kept_ore == 55_000
    await market.check_settled()


async def told_of_deposits(market: Market) -> list[str]:
    """What those messages say that were published."""
    async with market.door() as db:
        for body in await db.scalars(select(OutboxMessage.body).where(OutboxMessage.kind == "DepositKept")):
            await telling_tasks.tell_kept(db, msgspec.convert(body, DepositKept), market.now)
        found = await db.scalars(select(Notice).where(Notice.kind == "deposit_kept"))
        return [each.text.replace("\xa0", " ") for each in found]


async def test_who_paid_a_deposit_is_told_what_is_kept_of_it_and_why(market: Market) -> None:
    (booking_id,) = await market.bought(priced(50_000, deposit=(20_000, "exempt")))
    market.till.now = (await market.booking(booking_id)).ends_at + timedelta(days=1)
    async with market.door() as db:
        await deposits.keep(db, market.officer, booking_id, 5_000, reason="Knust rute", now=market.now)
    (told,) = await told_of_deposits(market)
    assert "50 kr" in told
    assert "Knust rute" in told
    assert "150 kr betales tilbake." in told


async def test_of_two_officers_who_keep_it_all_at_once_one_does_and_one_letter_goes_out(
    market: Market,
) -> None:
    (booking_id,) = await market.bought(priced(50_000, deposit=(20_000, "exempt")))
    market.till.now = (await market.booking(booking_id)).ends_at + timedelta(days=1)

    async def keep(reason: str) -> str:
        async with market.door() as db:
            await deposits.keep(db, market.officer, booking_id, 20_000, reason=reason, now=market.now)
        return reason

    both = await asyncio.gather(keep("Knust rute"), keep("Knust dør"), return_exceptions=True)
    (reason,) = [each for each in both if isinstance(each, str)]
    (refused,) = [each for each in both if not isinstance(each, str)]
    (told,) = await told_of_deposits(market)
    await market.happen()
    assert isinstance(refused, AlreadyExists)
    assert "200 kr" in told
    assert reason in told
    assert "Ingenting betales tilbake." in told
    assert await market.refunds() == []
    assert market.till.kept_ore == 70_000
    await market.check_settled()


async def test_before_it_was_used_nothing_is_kept(market: Market) -> None:
    (booking_id,) = await market.bought(priced(50_000, deposit=(20_000, "exempt")))
    with pytest.raises(NotFound):
        async with market.door() as db:
            await deposits.keep(db, market.officer, booking_id, 1, reason="x", now=market.now)
