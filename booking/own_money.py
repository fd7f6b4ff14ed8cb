"""What the money of bookings looks like to whoever has them: price, what is owed, what cancelling now would cost."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import owed_queries
from booking.owing import fee_of
from booking.showing import is_holder
from people.actors import Actor
from resources.cancelling import Fee
from resources.prices import Price, read_price
from resources.tariff_queries import priceables
from resources.tariffs import Priceable


class OwnMoney(Struct, frozen=True, kw_only=True):
    """Of one booking as it stands at the moment."""

    state: str
    price: Price
    payment: str | None
    owed_ore: int
    paid_ore: int
    pay_by: datetime | None
    """Until when it must be paid, or is lost; None: nothing is to be paid now."""
    is_waived: bool
    """Whoever reads is not its holder: she would cancel it for the municipality, and nothing is kept."""
    fee: Fee
    """What is kept if the reader cancels now."""

    @property
    def refund_ore(self) -> int:
        """What is given back then, of what was paid and is still owed."""
        return max(0, min(self.paid_ore, self.owed_ore) - self.fee.fee_ore)


async def money_of(
    db: AsyncSession, actor: Actor, booking_ids: Sequence[UUID], now: datetime
) -> Mapping[UUID, OwnMoney]:
    """Booking → its money, for whoever has been found to read them. Two statements, however many."""
    if not booking_ids:
        return {}
    rows = await owed_queries.standing(db, booking_ids)
    known = await priceables(db, sorted({row.resource_id for row in rows}))
    return {row.id: _money(row, actor, known.get(row.resource_id), now) for row in rows}


def _money(row: Any, actor: Actor, known: Priceable | None, now: datetime) -> OwnMoney:
    is_awaited = row.state == "awaiting_payment" and row.held_until is not None and row.held_until > now
    is_waived = not is_holder(actor, row.person_id, row.association_id)
    return OwnMoney(
        state=row.state,
        price=read_price(row.price),
        payment=row.payment,
        owed_ore=row.owed_ore,
        paid_ore=row.paid_ore,
        pay_by=row.held_until if is_awaited else None,
        is_waived=is_waived,
        fee=fee_of(row, known, waived=is_waived, now=now),
    )
