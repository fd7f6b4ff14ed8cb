"""Something to show of what waits to be paid, and of what has been."""

from typing import Any, Final

from tests.web.contexts import BOOKING_FORM, NOW, Sample, application, booking
from tests.web.contexts_quote import FREE, PRICE

MONEY: Final[dict[str, Any]] = booking()["money"]
AWAITED: Final[dict[str, Any]] = {
    **MONEY,
    "gross_ore": 95500,
    "owed_ore": 0,
    "deposit_ore": 30000,
    "pay_by": NOW,
    "pay_url": "/solvik/bookings/1/pay",
    "on_invoice": False,
    "fee_ore": 0,
    "price": PRICE,
}
PAID: Final[dict[str, Any]] = {
    **AWAITED,
    "owed_ore": 95500,
    "paid_ore": 95500,
    "pay_by": None,
    "pay_url": None,
    "fee_ore": 32750,
    "refund_ore": 62750,
}
DEARER: Final[dict[str, Any]] = {**PAID, "gross_ore": 125500, "owed_ore": 125500, "invoice_ore": 30000}
CANCELLED: Final[dict[str, Any]] = {**PAID, "owed_ore": 32750, "fee_ore": 0}
FREE_OF_CHARGE: Final[dict[str, Any]] = {
    **MONEY,
    "gross_ore": 0,
    "owed_ore": 0,
    "on_invoice": False,
    "fee_ore": 0,
    "price": FREE,
}
WAITING: Final = booking("awaiting_payment", money=AWAITED)
PRICED_ANEW: Final[dict[str, Any]] = {
    "title": "Den nye tiden har en annen pris.",
    "explanation": "Prisen blir 1 255 kr i stedet for 955 kr. 300 kr kommer på faktura.",
    "conflicts": [],
    "alternatives": [],
}
SAMPLES: Final = (
    Sample(
        name="move-dearer",
        template="booking/move.html",
        context={
            "booking": booking(money=PAID),
            "form": {**BOOKING_FORM, "which": "one", "if_refused": "fail"},
            "series": None,
            "fates": [],
            "is_ambiguous": False,
            "errors": {},
            "refusals": [PRICED_ANEW],
            "price_ore": 125500,
            "post_url": "/x",
            "back_url": "/y",
        },
    ),
    Sample(
        name="receipt-to-pay",
        template="booking/receipt.html",
        context=application(
            WAITING,
            WAITING,
            to_pay={"n": 2, "gross_ore": 191000, "pay_by": NOW, "url": "/solvik/bookings/1/pay"},
        ),
    ),
    Sample(
        name="receipt-paid",
        template="booking/receipt.html",
        context=application(booking(money=PAID), booking(money=FREE_OF_CHARGE), is_new=False),
    ),
    Sample(
        name="mine-to-pay",
        template="booking/mine.html",
        context={
            "coming": [WAITING, booking(money=PAID), booking(money=DEARER), booking(money=FREE_OF_CHARGE)],
            "past": [booking("cancelled", money=CANCELLED, cancel_url=None, move_url=None)],
            "previous_url": None,
            "next_url": None,
        },
    ),
)
