"""The price that whoever moves has seen: what she moves costs that, or it is not moved and she is told."""

from collections.abc import Iterable
from typing import NamedTuple

from booking.models import Booking
from core.errors import PriceChanged
from core.money import Money, money
from resources.prices import read_price


class Bill(NamedTuple):
    """What bookings cost, together."""

    price_ore: int
    paid_ore: int
    """Online, and still theirs."""
    owed_ore: int


def bill_of(bookings: Iterable[Booking]) -> Bill:
    """As they stand now."""
    every = list(bookings)
    return Bill(
        sum(read_price(each.price or {}).gross_ore for each in every),
        sum(each.paid_ore for each in every),
        sum(each.owed_ore for each in every),
    )


def demand_agreed(agreed: Money | None, before: Bill, moved: Iterable[Booking]) -> None:
    """Raises PriceChanged when what was moved does not cost what was agreed to; without a word, anything is agreed to.

    Its facts say what goes back of what was paid, and what comes on an invoice, by the rule of `owing.reprice`.
    """
    if agreed is None:
        return
    after = bill_of(moved)
    if agreed == Money(after.price_ore):
        return
    raise PriceChanged(
        was=money(before.price_ore),
        price=money(after.price_ore),
        given_back=money(max(0, min(before.paid_ore, before.owed_ore) - after.owed_ore)),
        on_invoice=money(max(0, after.owed_ore - after.paid_ore)),
    )
