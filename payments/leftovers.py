"""Documents and money held against the bookings: what can be mended is mended, the rest is reported.

Nothing should ever be found here. It is looked for all the same, because it is money.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from payments import leftover_queries as queries
from payments.order_queries import open_difference
from payments.settling import settle

logger = logging.getLogger("ledig.payments")
A_DAY: Final = timedelta(days=1)


async def mend(db: AsyncSession, now: datetime, *, limit: int) -> int:
    """How many were found.

    Billed online above what is owed: credited and given back. Money of an order that is neither what stands billed nor
    known to be different, money that has waited for a day to go back, and bookings that count as paid with nothing
    billed: a difference for finance.
    """
    unsettled = await queries.over_billed(db, limit)
    if unsettled:
        logger.warning("bookings that were billed above what is owed: %s", len(unsettled))
        await settle(db, unsettled, now, why="reduced")
    orders = await queries.off_balance(db, limit)
    for row in orders:
        await open_difference(
            db,
            "amount",
            str(row.id),
            order_id=row.id,
            ours_ore=row.billed_ore,
            theirs_ore=row.kept_ore,
            now=now,
        )
    waiting = await queries.waiting_refunds(db, now - A_DAY, limit)
    for row in waiting:
        await open_difference(
            db,
            "refund_waiting",
            str(row.id),
            order_id=row.order_id,
            ours_ore=row.amount_ore,
            theirs_ore=0,
            now=now,
        )
    unpaid = await queries.unbilled(db, limit)
    for row in unpaid:
        await open_difference(
            db, "booking", str(row.id), order_id=None, ours_ore=row.paid_ore, theirs_ore=0, now=now
        )
    return len(unsettled) + len(orders) + len(waiting) + len(unpaid)
