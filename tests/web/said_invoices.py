"""What the rows of the two test municipalities say about invoicing; said.py takes it in."""

from typing import Any

INVOICES: dict[str, Any] = {
    "invoice_terms.bank_account": "86011117947",
    "invoice_terms.postcode": "4050",
    "invoice_terms.kid_prefix": "",
    "invoice_terms.kid_length": 10,
    "invoice_terms.kid_check": "mod10",
    "invoice_terms.delay_days": 7,
    "invoice_terms.due_days": 30,
    "invoice_terms.deposit_days": 7,
    "invoice_terms.layout": "csv",
    "invoice_run.state": "drafted",
    "invoice_run.issued_at": None,
    "invoice_run.issued_by": None,
    "export_run.state": "made",
    "export_run.layout": "csv",
    "export_run.media_type": "text/csv",
    "export_run.file_name": "csv-1.csv",
    "account_code.resource_id": None,
    "account_code.article": None,
    "number_series.kind": "invoice",
}
