"""What a letter says of the money of a cancelled booking is what is then done with it."""

import msgspec
import pytest
from sqlalchemy import select

from booking.closures import close
from booking.messages import BookingsChanged, Settled
from booking.schemas import ClosureIn
from core.db import Database
from core.outbox_models import OutboxMessage
from core.tenants import Tenant
from tests.payments.market import Market, priced


async def said(market: Market) -> list[Settled]:
    """What the messages that wait say of money."""
    async with market.door() as db:
        rows = await db.scalars(select(OutboxMessage.body).where(OutboxMessage.kind == "BookingsChanged"))
        found = [msgspec.convert(body, BookingsChanged) for body in rows]
    return [each.settled for message in found for each in message.bookings if each.settled is not None]


@pytest.mark.parametrize(
    ("fee_percent", "by_officer", "back_ore"),
    [
        (None, False, 60_000),
        (0, False, 60_000),
        (30, False, 45_000),
        (100, False, 10_000),
        (100, True, 60_000),
    ],
)
async def test_what_is_said_to_go_back_goes_back(
    database: Database, tenant: Tenant, fee_percent: int | None, by_officer: bool, back_ore: int
) -> None:
    market = await Market(database, tenant).open(fee_percent=fee_percent)
    (booking_id,) = await market.bought(priced(50_000, deposit=(10_000, "exempt")))
    await market.cancel(booking_id, market.officer if by_officer else None)
    (settled,) = await said(market)
    assert settled == Settled(
        refund_ore=back_ore, kept_ore=60_000 - back_ore, due_ore=0, spared_ore=0, is_internal=False
    )
    await market.happen()
    assert [each.amount_ore for each in await market.refunds()] == [settled.refund_ore]
    assert market.till.kept_ore == settled.kept_ore == (await market.booking(booking_id)).owed_ore
    await market.check_settled()


async def test_what_was_not_paid_is_not_said_to_go_back(market_of_fees: Market) -> None:
    market = market_of_fees
    (booking_id,) = await market.waiting(priced(50_000))
    await market.cancel(booking_id)
    (settled,) = await said(market)
    assert settled == Settled(refund_ore=0, kept_ore=0, due_ore=0, spared_ore=0, is_internal=False)
    await market.happen()
    assert not await market.refunds()


async def test_what_is_displaced_goes_back_whole(market_of_fees: Market) -> None:
    market = market_of_fees
    (booking_id,) = await market.bought(priced(50_000))
    stands = await market.booking(booking_id)
    form = ClosureIn(
        start=stands.starts_at,
        end=stands.ends_at,
        resource_id=market.hall.whole,
        reason="Vask",
        displace=True,
    )
    async with market.door() as db:
        await close(db, market.officer, market.tenant, form, market.now)
    (settled,) = await said(market)
    await market.happen()
    assert [each.amount_ore for each in await market.refunds()] == [settled.refund_ore] == [50_000]
    await market.check_settled()


@pytest.fixture
async def market_of_fees(database: Database, tenant: Tenant) -> Market:
    """Who cancels gets nothing back."""
    return await Market(database, tenant).open(fee_percent=100)
