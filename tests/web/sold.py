"""What has been bought in a town, by its own market: something that waits to be paid, and a deposit after use."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import RowMapping, insert, null, select, update

from core.db import Database
from core.spans import Span, utc_now
from payments.provider_models import ProviderAccount
from people.actors import Actor
from tests import make
from tests.payments.market import Market, priced
from tests.payments.till import Till
from tests.web.towns import TABLES, Town

A_DAY = timedelta(days=1)
NOT_ISSUED = {"state": "open", "number": None, "issued_at": None}


async def sold(database: Database, town: Town) -> Till:
    """Puts `unpaid_booking`, `used_booking` and `paid_order` into the ids of the town; the till where it pays.

    All are its person's, for its association, at its resource.
    """
    market = Market(database, town.tenant, utc_now() - 3 * A_DAY)
    market.kari = _buyer(town)
    market.association_id = town.ids["association"]
    market.hall = make.Hall(town.ids["facility"], (town.ids["unit"],), town.ids["resource"], ())
    async with market.door() as db:
        db.add(ProviderAccount(provider="till", ref=f"acct_{town.tenant.slug}", state="active"))
    used = Span(market.now + A_DAY, market.now + A_DAY + timedelta(hours=1))
    (used_id,) = await market.waiting(priced(50_000, deposit=(20_000, "exempt")), span=used)
    await market.hear(await market.click_and_pay(used_id))
    await market.happen()
    (order,) = await market.orders("receipt")
    market.till.now = utc_now()
    (unpaid_id,) = await market.waiting(priced(), pay_within=A_DAY)
    town.ids |= {"used_booking": used_id, "paid_order": order.id, "unpaid_booking": unpaid_id}
    return market.till


async def clicked(database: Database, town: Town, till: Till) -> None:
    """Her page at the till is there already: paying again leads to it, and needs nothing written down."""
    market = Market(database, town.tenant, till.now)
    market.till, market.kari = till, _buyer(town)
    await market.click(town.ids["unpaid_booking"])


def _buyer(town: Town) -> Actor:
    return Actor(person_id=town.ids["person"], associations=(town.ids["association"],))


async def copied(database: Database, town: Town, twin: Town) -> None:
    """All rows of the town that the twin, of the same ids, does not have yet."""
    rows: dict[str, Sequence[RowMapping]] = {}
    async with database.transaction(town.tenant.id) as db:
        for name, table in TABLES.items():
            stored = [column for column in table.c if column.computed is None]
            rows[name] = (await db.execute(select(*stored))).mappings().all()
    async with database.transaction(twin.tenant.id) as db:
        for name, table in TABLES.items():
            known = set(await db.scalars(select(table.c.id)))
            for row in rows[name]:
                if row["id"] not in known:
                    values = {key: null() if value is None else value for key, value in row.items()}
                    values |= {"tenant_id": twin.tenant.id, **(NOT_ISSUED if name == "pay_order" else {})}
                    await db.execute(insert(table).values(values))
        orders = TABLES["pay_order"]
        for row in rows["pay_order"]:  # an order takes no lines when it is issued
            issued = {key: row[key] for key in NOT_ISSUED}
            await db.execute(update(orders).where(orders.c.id == row["id"]).values(issued))
    twin.ids |= town.ids
