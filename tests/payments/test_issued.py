"""What is issued stands as it is, adds up, and is numbered without gaps."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.db import Database
from core.tenants import Tenant
from payments.models import Payment
from tests.payments.market import Market, priced

ONE_MORE_LINE = """
INSERT INTO order_line (tenant_id, id, order_id, position, kind, text, unit, quantity_milli, unit_ore, vat_code,
    vat_rate, net_ore, vat_ore, gross_ore)
SELECT tenant_id, gen_random_uuid(), order_id, 99, kind, text, unit, 1, 0, vat_code, vat_rate, 0, 0, 0 FROM order_line
"""


@pytest.fixture
async def market(database: Database, tenant: Tenant) -> Market:
    return await Market(database, tenant).open()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pay_order SET gross_ore = gross_ore + 1, net_ore = net_ore + 1",
        'UPDATE pay_order SET customer = \'{"name": "Ola"}\'',
        "UPDATE pay_order SET customer = '{}'",
        "UPDATE pay_order SET state = 'void', number = NULL, issued_at = NULL",
        "UPDATE pay_order SET credited_ore = gross_ore + 1",
        "UPDATE order_line SET gross_ore = gross_ore + 1, net_ore = net_ore + 1",
        "DELETE FROM order_line",
        "DELETE FROM pay_order",
        "UPDATE payment SET refunded_ore = amount_ore + 1",
        ONE_MORE_LINE,
    ],
)
async def test_what_is_issued_never_changes(market: Market, statement: str) -> None:
    await market.bought(priced())
    with pytest.raises(DBAPIError):
        async with market.door() as db:
            await db.execute(text(statement))
    await market.check_settled()


async def test_an_order_whose_lines_do_not_add_up_is_not_issued(market: Market) -> None:
    (booking_id,) = await market.waiting(priced())
    await market.click(booking_id)
    async with market.door() as db:
        await db.execute(text("UPDATE order_line SET gross_ore = gross_ore - 1, net_ore = net_ore - 1"))
    with pytest.raises(DBAPIError, match="do not add up"):
        async with market.door() as db:
            await db.execute(text("UPDATE pay_order SET state = 'issued', number = 1, issued_at = now()"))


async def test_numbers_have_no_gaps_however_many_pay_at_once(market: Market) -> None:
    refs = [await market.click_and_pay(each) for _ in range(8) for each in await market.waiting(priced())]
    await asyncio.gather(*(market.hear(ref) for ref in refs))
    await market.happen()
    assert sorted(order.number or 0 for order in await market.orders("receipt")) == list(range(1, 9))
    assert len(await market.rows(Payment)) == 8
    await market.check_settled()
