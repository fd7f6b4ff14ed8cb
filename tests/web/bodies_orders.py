"""Bodies and ids of the routes of orders; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {"refund_id": "refund"}
"""Name of an id in a path, an address or a body → its table."""
BOUGHT: dict[str, str] = {
    "/bookings/{booking_id:uuid}/checkout": "unpaid_booking",
    "/bookings/{booking_id:uuid}/pay": "unpaid_booking",
    "/bookings/{booking_id:uuid}/deposit": "used_booking",
    "/orders/{order_id:uuid}/receipt.pdf": "paid_order",
    "/orders/{order_id:uuid}/return": "paid_order",
    "/orders/{order_id:uuid}/refund": "paid_order",
    "/staff/payments/{order_id:uuid}/refund": "paid_order",
    "/staff/payments/{order_id:uuid}/deposit": "paid_order",
}
"""Path in a municipality → what of tests/web/sold.py its id stands for, in a town where something was sold."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    del ids
    return {
        "refund": {"reason": "Kaldt", "amount": {"amount": 1, "currency": "NOK"}},
        "keep_deposit": {"reason": "Knust rute", "kept": {"amount": 1, "currency": "NOK"}},
    }
