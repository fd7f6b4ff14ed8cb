"""Who may do what with orders, over the API."""

from tests.web.entitled import SIGNED_IN, Only, Right

KEEPERS = "administrator case_officer finance"
READERS = "administrator facility_manager case_officer finance caretaker reader"
RIGHTS: dict[str, Right] = {
    "GET /api/{m}/orders": SIGNED_IN,
    "GET /api/{m}/orders/{order_id}": Only(
        KEEPERS, "leader booker treasurer reading", at="resource", others=404
    ),
    "GET /api/{m}/orders/{order_id}/receipt.pdf": Only(
        KEEPERS, "leader booker treasurer reading", at="resource", others=404
    ),
    "POST /api/{m}/orders/{order_id}/refund": Only(KEEPERS, at="resource"),
    "POST /api/{m}/refunds/{refund_id}/again": Only(KEEPERS, held=409),
    "POST /api/{m}/bookings/{booking_id}/checkout": Only(
        also="leader booker herself", others=404, sees=f"treasurer {READERS}", at="resource"
    ),
    "POST /api/{m}/bookings/{booking_id}/deposit": Only(KEEPERS, at="resource"),
}
"""Route → who may, as in tests/web/rights.py."""
