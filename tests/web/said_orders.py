"""What the rows of the two test municipalities say about the money of bookings; said.py takes it in."""

from typing import Any

MONEY: dict[str, Any] = {
    "application.usage": "ordinary",
    "booking.payment": None,
    "booking.price": {},
    "booking.owed_ore": 0,
    "booking.paid_ore": 0,
    "deposit.given_ore": 100,
    "deposit.kept_ore": 0,
}
