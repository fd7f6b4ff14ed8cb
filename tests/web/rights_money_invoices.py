"""Who may do what with invoices and files for the books, and their forms filled in."""

from tests.web.entitled import Only, Right
from tests.web.towns import Form

FINANCE = Only("administrator finance")
NO_INVOICE = Only("administrator finance", held=404)
"""The town's order is a receipt."""
NOTHING_NEW = Only("administrator finance", held=409)
"""The town has issued nothing."""
RIGHTS: dict[str, Right] = {
    "GET /api/{m}/invoice-terms": FINANCE,
    "PATCH /api/{m}/invoice-terms": FINANCE,
    "GET /api/{m}/account-codes": FINANCE,
    "POST /api/{m}/account-codes": FINANCE,
    "DELETE /api/{m}/account-codes/{code_id}": FINANCE,
    "GET /api/{m}/invoice-runs": FINANCE,
    "POST /api/{m}/invoice-runs": FINANCE,
    "GET /api/{m}/invoice-runs/{run_id}": FINANCE,
    "GET /api/{m}/invoice-runs/{run_id}/invoices": FINANCE,
    "POST /api/{m}/invoice-runs/{run_id}/issue": FINANCE,
    "POST /api/{m}/invoice-runs/{run_id}/drop": FINANCE,
    "PATCH /api/{m}/invoices/{order_id}": NO_INVOICE,
    "POST /api/{m}/invoices/{order_id}/leave-out": NO_INVOICE,
    "POST /api/{m}/invoices/{order_id}/credit": NO_INVOICE,
    "GET /api/{m}/exports": FINANCE,
    "POST /api/{m}/exports": NOTHING_NEW,
    "GET /api/{m}/exports/{export_id}": FINANCE,
    "GET /api/{m}/exports/{export_id}/file": FINANCE,
    "GET /{m}/staff/invoices": FINANCE,
    "POST /{m}/staff/invoices": FINANCE,
    "GET /{m}/staff/invoices/terms": FINANCE,
    "POST /{m}/staff/invoices/terms": FINANCE,
    "GET /{m}/staff/invoices/accounts": FINANCE,
    "POST /{m}/staff/invoices/accounts": FINANCE,
    "POST /{m}/staff/invoices/accounts/{code_id}/drop": FINANCE,
    "GET /{m}/staff/invoices/runs/{run_id}": FINANCE,
    "POST /{m}/staff/invoices/runs/{run_id}/issue": FINANCE,
    "POST /{m}/staff/invoices/runs/{run_id}/drop": FINANCE,
    "GET /{m}/staff/invoices/{order_id}": NO_INVOICE,
    "POST /{m}/staff/invoices/{order_id}/reference": NO_INVOICE,
    "POST /{m}/staff/invoices/{order_id}/leave-out": NO_INVOICE,
    "POST /{m}/staff/invoices/{order_id}/credit": NO_INVOICE,
    "GET /{m}/staff/exports": FINANCE,
    "POST /{m}/staff/exports": NOTHING_NEW,
    "GET /{m}/staff/exports/{export_id}/file": FINANCE,
}
"""Route → who may, as in tests/web/rights.py."""
TERMS = {
    "version": "1",
    "seller_name": "",
    "address": "",
    "postcode": "4050",
    "town": "Sola",
    "email": "",
    "bank_account": "8601 11 17947",
    "kid_prefix": "",
    "kid_length": "10",
    "kid_check": "mod10",
    "delay_days": "7",
    "due_days": "30",
    "deposit_days": "7",
    "layout": "csv",
}
FORMS: dict[str, Form] = {
    "POST /{m}/staff/invoices": lambda _: {"from_on": "2026-10-01", "until_on": "2026-10-31"},
    "POST /{m}/staff/invoices/terms": lambda _: TERMS,
    "POST /{m}/staff/invoices/accounts": lambda town: {
        "place": f"resource:{town.ids['resource']}",
        "account": "16000",
    },
    "POST /{m}/staff/exports": lambda _: {"layout": "csv"},
}
"""Route → its form, filled in so that whoever may is answered with success."""
