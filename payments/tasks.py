"""What happens later: documents follow bookings, pages are ended, money goes back, and what was left is found."""

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import BookingsChanged
from core.delivery import Door
from core.outbox import publish
from core.tasks import every, on, outside
from payments import deposits, leftovers, refunding, taking
from payments import order_queries as queries
from payments.gateway import provider_of
from payments.messages import CheckoutDue, DepositDue, RefundWanted
from payments.ordering import end_pages_of
from payments.settling import WHY, settle

logger = logging.getLogger("ledig.payments")

SLACK: Final = timedelta(minutes=15)
"""What should have happened by then did not: whoever was to do it is dead, or the provider was away for long."""
A_RUN: Final = 500


@on(BookingsChanged)
async def follow(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    """Cancelled, displaced, moved, lowered: credited and given back; no longer to be paid: its page is ended."""
    ids = [changed.id for changed in message.bookings]
    reason = message.reason if message.change == "reduced" else ""
    await settle(db, ids, now, why=WHY.get(message.change, "reduced"), reason=reason, by_id=message.by_id)
    await end_pages_of(db, ids)


@outside(CheckoutDue)
async def end_page(door: Door, message: CheckoutDue, now: datetime) -> None:
    """Nobody shall be able to pay it any more."""
    provider = provider_of(door.settings)
    if provider is not None:
        await taking.end_page(door, provider, message.checkout_id, now)


@outside(RefundWanted)
async def refund(door: Door, message: RefundWanted, now: datetime) -> None:
    """Killed in between, it is all done once more: the provider knows each refund by its key. While the installation
    has none (any more) it waits, is asked for again below, and finance is told of it after a day.
    """
    provider = provider_of(door.settings)
    if provider is None:
        logger.warning("refund %s waits: there is no provider", message.refund_id)
        return
    await refunding.carry_out(door, provider, message.refund_id, now)


@on(DepositDue)
async def give_back_deposit(db: AsyncSession, message: DepositDue, now: datetime) -> None:
    """Unless an officer has kept some of it meanwhile."""
    await deposits.give_back(db, message.booking_id, now)


@every("*/10 * * * *")
async def each_ten_minutes(db: AsyncSession, now: datetime) -> None:
    """Pages and refunds whose message was given up while the provider was away."""
    for checkout_id in await queries.overdue_checkouts(db, now - SLACK, A_RUN):
        publish(db, CheckoutDue(checkout_id))
    for refund_id in await queries.stuck_refunds(db, now - SLACK, now - timedelta(days=30), A_RUN):
        publish(db, RefundWanted(refund_id))


@every("23 2 * * *")
async def each_night(db: AsyncSession, now: datetime) -> None:
    """Deposits go back; then documents and money are held against the bookings."""
    await deposits.find_due(db, now, limit=A_RUN)
    await leftovers.mend(db, now, limit=A_RUN)
