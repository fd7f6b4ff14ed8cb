"""Bodies, ids and queries of the routes of invoicing; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {
    "run_id": "invoice_run",
    "export_id": "export_run",
    "code_id": "account_code",
    "order_id": "pay_order",
}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    return {
        "change_invoice_terms": {"due_days": 14},
        "add_account_code": {"resource_id": ids["resource"], "account": "16000"},
        "begin_invoice_run": {"from_on": "2026-10-01", "until_on": "2026-10-31"},
        "change_invoice": {"reference": "PO-1"},
        "leave_out_of_invoice": {"booking_id": ids["booking"]},
        "credit_invoice": {"reason": "Feil", "bookings": [ids["booking"]]},
        "begin_export": {"layout": "csv"},
    }
