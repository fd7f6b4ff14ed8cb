"""What the holder of a booking owes, and whether it must be paid before it is hers: decided here and nowhere else.

Nothing is owed for what is asked for, held or waits to be paid, nor for what was rejected, withdrawn, displaced or ran
out. A booking that is granted owes its price; one that its holder cancels owes what the tiers keep of it.
"""

from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from msgspec.structs import replace

from booking.models import Booking
from resources.cancelling import Fee, fee
from resources.prices import Price, kept_price, read_price
from resources.tariffs import Priceable

SHORTEST: Final = timedelta(minutes=31)
"""A page of the provider stays for half an hour at least. What begins sooner is not paid before, but on an invoice."""
GRANTED: Final = ("confirmed", "awaiting_payment")
"""States of a booking that was granted: it is the holder's, or is as soon as she has paid."""
LEAST_ORE: Final = 300
"""The provider takes no less than three kroner (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts)."""
By = Literal["rule", "officer"]
"""Who grants it: the resource's rule, at once, or somebody whose answer comes when nobody is waiting for it."""


class Granted(NamedTuple):
    """How a booking stands once it is granted."""

    state: Literal["confirmed", "awaiting_payment"]
    held_until: datetime | None
    """Until when it must be paid."""


def put_price(booking: Booking, price: Price) -> None:
    """What it costs from now on; what is owed follows when it is granted (`grant`) or moved (`owe`)."""
    booking.price = kept_price(price)
    booking.payment = price.payment if price.gross_ore else None


def grant(booking: Booking, known: Priceable | None, *, by: By, now: datetime) -> None:
    """It is the holder's: at once, or as soon as she has paid. Sets state, deadline and what is owed.

    The caller notes it, keeps its claims until `held_until`, and reminds of the deadline where there is one.
    """
    booking.state, booking.held_until = granted(booking, known, by=by, now=now)
    if booking.state == "confirmed" and booking.payment == "online":
        _on_invoice(booking)  # not to be paid before
    owe(booking)


def granted(booking: Booking, known: Priceable | None, *, by: By, now: datetime) -> Granted:
    """Whether it is confirmed at once, and else until when it must be paid. Where nobody takes money any more since it
    was priced, and where it begins too soon, it is.
    """
    if booking.payment != "online" or known is None or not known.online_open:
        return Granted("confirmed", None)
    if read_price(booking.price).gross_ore < LEAST_ORE:
        return Granted("confirmed", None)
    patience = timedelta(minutes=known.pay_minutes) if by == "rule" else timedelta(hours=known.pay_hours)
    until = min(booking.starts_at, now + patience)
    if until < now + SHORTEST:
        return Granted("confirmed", None)
    return Granted("awaiting_payment", until)


def reprice(booking: Booking, price: Price) -> None:
    """Another time or place has another price. What was paid stays paid: what is too much is given back, and what is
    missing comes on an invoice. What is the holder's without having been paid is not to be paid before any more.
    """
    if booking.state == "confirmed":
        booking.paid_ore = min(booking.paid_ore, booking.owed_ore)  # what was too much has gone back since
    put_price(booking, price)
    if booking.state == "requested":
        booking.paid_ore = 0  # decided, and paid, anew; the money goes back meanwhile
    if booking.state == "confirmed" and booking.payment == "online" and booking.paid_ore == 0:
        _on_invoice(booking)
    owe(booking)


def hasten(booking: Booking, now: datetime) -> None:
    """What waits to be paid and was moved: still by its deadline, never later than it begins; where that leaves too
    little time to pay, on an invoice.
    """
    assert booking.held_until is not None, "it waits to be paid"
    if booking.payment == "online" and booking.starts_at >= now + SHORTEST:
        booking.held_until = min(booking.held_until, booking.starts_at)
        return
    booking.state, booking.held_until = "confirmed", None
    if booking.payment == "online":
        _on_invoice(booking)
    owe(booking)


def _on_invoice(booking: Booking) -> None:
    booking.payment = "invoice"
    booking.price = {**booking.price, "payment": "invoice"}


def owe(booking: Booking) -> None:
    """What is owed for the booking as it stands now; of a cancelled one nothing but a fee (`refund_due`)."""
    booking.owed_ore = read_price(booking.price or {}).gross_ore if booking.state == "confirmed" else 0


class Refund(NamedTuple):
    """What becomes of the money when a booking is cancelled."""

    fee_ore: int
    """Kept of its price: still owed."""
    amount_ore: int
    """Given back of what was paid online."""
    rule: str
    """nothing_paid, waived, or why the fee is as it is (`resources.cancelling.Rule`)."""
    due_ore: int = 0
    """Of the fee, what was not paid online: still to be paid, on an invoice."""
    spared_ore: int = 0
    """Was to be paid on an invoice until now, and is not any more."""

    @property
    def kept_ore(self) -> int:
        """Of the fee, what was paid before."""
        return self.fee_ore - self.due_ore


def fee_of(booking: Any, known: Priceable | None, *, waived: bool, now: datetime) -> Fee:
    """What is kept of the price if the booking is cancelled now, never more than is owed. `waived`: it is the
    municipality's own doing. The booking may be a row.
    """
    if waived or booking.state != "confirmed" or booking.owed_ore == 0 or known is None:
        return Fee(fee_ore=0, percent=0, rule="no_tiers")
    due = fee(read_price(booking.price), known.tiers, starts_at=booking.starts_at, now=now)
    return replace(due, fee_ore=min(due.fee_ore, booking.owed_ore))


def refund_due(booking: Any, known: Priceable | None, *, waived: bool, now: datetime) -> Refund:
    """What is kept and given back if the booking is cancelled now: of what was paid and is still owed."""
    due = fee_of(booking, known, waived=waived, now=now)
    paid = min(booking.paid_ore, booking.owed_ore)
    rule = "nothing_paid" if paid == due.fee_ore == 0 else "waived" if waived else due.rule
    due_ore = max(0, due.fee_ore - paid)
    return Refund(
        due.fee_ore, max(0, paid - due.fee_ore), rule, due_ore, spared_ore=booking.owed_ore - paid - due_ore
    )
