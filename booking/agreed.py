"""What a move does to the price, and that whoever moves has agreed to it."""

from collections.abc import Iterable
from typing import NamedTuple

from booking.messages import Repriced
from booking.models import Booking
from core.errors import PriceChanged
from core.money import Money, money
from resources.prices import read_price


class Bill(NamedTuple):
    """What a booking costs, as it stands."""

    price_ore: int
    kept_ore: int
    """Of what was paid online, what is not on its way back."""


def bill_of(booking: Booking) -> Bill:
    """As it stands now."""
    return Bill(read_price(booking.price or {}).gross_ore, min(booking.paid_ore, booking.owed_ore))


def repriced(before: Bill, booking: Booking) -> Repriced:
    """What became of its money when it was moved (by the rule of `owing.reprice`)."""
    after = bill_of(booking)
    is_billed = booking.state == "confirmed" and booking.payment != "internal"
    return Repriced(
        was_ore=before.price_ore,
        price_ore=after.price_ore,
        given_back_ore=max(0, before.kept_ore - after.kept_ore),
        on_invoice_ore=booking.owed_ore - after.kept_ore if is_billed else 0,
    )


def demand_agreed(agreed: Money | None, changes: Iterable[Repriced]) -> None:
    """Raises PriceChanged when what was moved does not cost, together, what was agreed to; without a word, anything is
    agreed to.
    """
    if agreed is None:
        return
    every = list(changes)
    price_ore = sum(each.price_ore for each in every)
    if agreed == Money(price_ore):
        return
    raise PriceChanged(
        was=money(sum(each.was_ore for each in every)),
        price=money(price_ore),
        given_back=money(sum(each.given_back_ore for each in every)),
        on_invoice=money(sum(each.on_invoice_ore for each in every)),
    )
