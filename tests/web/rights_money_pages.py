"""Who may do what with receipts, payments and revenue, and their forms filled in."""

from tests.web.entitled import SIGNED_IN, Only, Right
from tests.web.towns import Form

READERS = "administrator facility_manager case_officer finance caretaker reader"
PAY = Only("", "leader booker herself", at="resource", others=404, sees=f"treasurer {READERS}")
KEEPERS = "administrator case_officer finance"
SEE = Only(KEEPERS, "leader booker treasurer reading", at="resource", others=404)
GIVE_BACK = Only(KEEPERS, at="resource", others=404, sees="leader booker treasurer")
BOOKS = Only("administrator finance", "reading", at="anywhere")
RIGHTS: dict[str, Right] = {
    "GET /{m}/orders": SIGNED_IN,
    "GET /{m}/orders/{order_id}": SEE,
    "GET /{m}/orders/{order_id}/receipt.pdf": SEE,
    "GET /{m}/staff/payments": Only(KEEPERS, "reading", at="anywhere"),
    "GET /{m}/bookings/{booking_id}/pay": PAY,
    "POST /{m}/bookings/{booking_id}/pay": PAY,
    "GET /{m}/orders/{order_id}/return": SEE,
    "GET /{m}/staff/payments/{order_id}/refund": GIVE_BACK,
    "POST /{m}/staff/payments/{order_id}/refund": GIVE_BACK,
    "GET /{m}/staff/payments/{order_id}/deposit": GIVE_BACK,
    "POST /{m}/staff/payments/{order_id}/deposit": GIVE_BACK,
    "GET /{m}/staff/payments/differences": Only("administrator finance", "reading"),
    "GET /{m}/staff/payments/differences/{difference_id}": Only("administrator finance", "reading"),
    "POST /{m}/staff/payments/differences/{difference_id}": Only("administrator finance"),
    "POST /{m}/staff/payments/differences/{difference_id}/again": Only("administrator finance", held=409),
    "GET /{m}/staff/revenue": BOOKS,
    "GET /{m}/staff/revenue.csv": BOOKS,
}
"""Route → who may, as in tests/web/rights.py."""
FORMS: dict[str, Form] = {
    "POST /{m}/staff/payments/differences/{difference_id}": lambda _: {"explanation": "Gebyr"},
    "POST /{m}/staff/payments/{order_id}/refund": lambda town: {
        f"amount-{town.ids['used_booking']}": "1",
        "reason": "Kaldt",
        "step": "give",
    },
    "POST /{m}/staff/payments/{order_id}/deposit": lambda town: {
        "booking_id": str(town.ids["used_booking"]),
        f"kept-{town.ids['used_booking']}": "1",
        f"reason-{town.ids['used_booking']}": "Knust rute",
    },
}
"""Route → its form, filled in so that whoever may is answered with success."""
