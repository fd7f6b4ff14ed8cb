"""Documents follow bookings: what was billed above what is owed is credited, and goes back where it was paid online."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from booking.messages import Change
from payments import order_queries as queries
from payments.documents import Line, left_of, taken_back
from payments.issuing import credit, line_of
from payments.models import Order, OrderLine
from payments.refunding import give_back

WHY: Mapping[Change, str] = {"cancelled": "cancelled", "displaced": "displaced"}
"""How the refund is told; everything else is a price that was lowered."""


class Ledger(NamedTuple):
    """All that was billed of some bookings and taken back again."""

    orders: Sequence[Order]
    """Receipts and invoices, locked."""
    lines: Mapping[UUID, Sequence[Line]]
    credited: Mapping[UUID, Sequence[Line]]
    """Both by order."""
    left: Mapping[UUID, Mapping[UUID, int]]
    """Order → booking → øre that stand billed."""

    def billed_ore(self, booking_id: UUID) -> int:
        return sum(each.get(booking_id, 0) for each in self.left.values())


async def ledger_of(db: AsyncSession, booking_ids: Collection[UUID]) -> Ledger:
    """Locks the documents that the bookings stand on."""
    order_ids = await queries.billed_in(db, booking_ids)
    orders = await queries.lock_orders(db, order_ids)
    lines = _told(await queries.lines_of(db, order_ids))
    credited = _told(await queries.credit_lines_of(db, order_ids))
    left = {each.id: left_of(lines[each.id], credited[each.id]) for each in orders}
    return Ledger(orders, lines, credited, left)


def _told(found: Mapping[UUID, Sequence[OrderLine]]) -> dict[UUID, list[Line]]:
    return {order_id: [line_of(row) for row in rows] for order_id, rows in found.items()}


async def settle(
    db: AsyncSession,
    booking_ids: Collection[UUID],
    now: datetime,
    *,
    why: str,
    reason: str = "",
    by_id: UUID | None = None,
    deposits: bool = False,
    before: UUID | None = None,
) -> list[Order]:
    """Credits down to what is owed for the bookings; the credit notes that were made. Any number of times.

    The latest document is credited first, or the order `before` all others. `deposits`: what goes back is the deposit;
    else the deposit goes first for what is no longer to take place, and last for what is.
    """
    ledger = await ledger_of(db, booking_ids)
    if not ledger.orders:
        return []
    standing = await paying.standing(db, sorted(booking_ids))
    over = {each: ledger.billed_ore(each) - found.owed_ore for each, found in standing.items()}
    first = {each for each, found in standing.items() if deposits or found.state != "confirmed"}
    made: list[Order] = []
    for order in sorted(
        ledger.orders, key=lambda each: (each.id == before, each.issued_at, each.id), reverse=True
    ):
        left = ledger.left[order.id]
        less = {
            booking_id: min(ore, left[booking_id])
            for booking_id, ore in over.items()
            if ore > 0 and left.get(booking_id, 0) > 0
        }
        if not less:
            continue
        back = taken_back(ledger.lines[order.id], ledger.credited[order.id], less, deposit_first=first)
        note = await credit(db, order, back, reason=reason, by_id=by_id, now=now)
        if order.payment == "online":
            await give_back(db, order, note, why=why, now=now, reason=reason, by_id=by_id)
        for booking_id, ore in less.items():
            over[booking_id] -= ore
        made.append(note)
    return made
