"""Something to show in the templates of invoicing."""

from typing import Any, Final

from tests.web.contexts import NOW, Sample, at

RUN: Final[dict[str, Any]] = {
    "period": "1.–31. oktober 2026",
    "state": "Skal ses gjennom",
    "colour": "info",
    "orders": 2,
    "gross": "1 310 kr",
    "found": 12,
    "done": 12,
    "created_at": NOW,
    "created_by": "Kari Nordmann",
    "is_working": False,
    "may_issue": True,
    "may_drop": True,
    "version": 1,
    "url": "/run",
}
WORKING: Final[dict[str, Any]] = {
    **RUN,
    "is_working": True,
    "done": 5,
    "may_issue": False,
    "orders": 0,
    "created_by": "",
}
INVOICE: Final[dict[str, Any]] = {
    "customer": "Solvik idrettslag",
    "number": None,
    "payment": "Faktura",
    "reference": "PO-1",
    "lines": 2,
    "net": "1 000 kr",
    "vat": "250 kr",
    "gross": "1 250 kr",
    "credited": "",
    "warnings": ["Ingen adresse", "Et lite beløp"],
    "kid": "",
    "due_on": "",
    "is_draft": True,
    "is_issued": False,
    "may_credit": False,
    "exported": False,
    "version": 1,
    "url": "/invoice",
}
ISSUED: Final[dict[str, Any]] = {
    **INVOICE,
    "number": 17,
    "credited": "100 kr",
    "warnings": [],
    "kid": "0000000178",
    "due_on": "torsdag 31. desember 2026",
    "is_draft": False,
    "is_issued": True,
    "may_credit": True,
    "exported": True,
}
RUNS: Final[dict[str, Any]] = {
    "form": {"from_on": "2026-10-01", "until_on": "2026-10-31"},
    "errors": {},
    "runs": [RUN, WORKING],
    "idempotency_key": "k",
    "post_url": "/x",
    "terms_url": "/terms",
    "accounts_url": "/accounts",
    "exports_url": "/exports",
    "previous_url": None,
    "next_url": "?next",
}
ONE_RUN: Final[dict[str, Any]] = {
    "run": RUN,
    "invoices": [INVOICE, ISSUED],
    "missing": [],
    "refusals": [],
    "issue_url": "/issue",
    "drop_url": "/drop",
    "again_url": "/again",
    "terms_url": "/terms",
    "back_url": "/y",
    "previous_url": None,
    "next_url": "?next",
}
LINE: Final[dict[str, Any]] = {
    "text": "Solvikhallen, Sal A: Leie",
    "span": at(24, "18:00"),
    "net": "500 kr",
    "vat": "125 kr",
    "gross": "625 kr",
    "account": "16000 310",
}
ONE: Final[dict[str, Any]] = {
    "invoice": INVOICE,
    "lines": [LINE, {**LINE, "span": None, "account": ""}],
    "bookings": [
        {"id": "1", "text": "Solvikhallen, Sal A", "span": at(24, "18:00")},
        {"id": "2", "text": "Solvikhallen, Sal B", "span": None},
    ],
    "form": {"reference": "PO-1", "reason": "", "which": "all", "again": ""},
    "errors": {},
    "refusals": [],
    "reference_url": "/reference",
    "leave_out_url": "/leave-out",
    "credit_url": "/credit",
    "order_url": None,
    "back_url": "/run",
    "runs_url": "/runs",
}
TERMS: Final[dict[str, Any]] = {
    "form": {
        "seller_name": "",
        "address": "Storgata 1",
        "postcode": "4050",
        "town": "Solvik",
        "email": "post@solvik.example",
        "vat_registered": "yes",
        "bank_account": "86011117947",
        "kid_prefix": "42",
        "kid_length": "10",
        "kid_check": "mod10",
        "delay_days": "7",
        "due_days": "30",
        "deposit_days": "7",
        "layout": "csv",
    },
    "errors": {},
    "refusals": [],
    "checks": [("mod10", "mod10"), ("mod11", "mod11")],
    "layouts": [("csv", "CSV"), ("ehf", "EHF Billing 3.0 (zip)")],
    "version": 1,
    "post_url": "/x",
    "back_url": "/y",
}
CODE: Final[dict[str, Any]] = {
    "name": "Solvikhallen: Sal A",
    "account": "16000",
    "department": "310",
    "project": "",
    "product": "",
    "drop_url": "/drop",
}
CODES: Final[dict[str, Any]] = {
    "codes": [CODE],
    "form": dict.fromkeys(("place", "article", "account", "department", "project", "product"), ""),
    "errors": {},
    "places": [("facility:1", "Solvikhallen"), ("resource:1", "Solvikhallen: Sal A")],
    "post_url": "/x",
    "back_url": "/y",
}
FILE: Final[dict[str, Any]] = {
    "number": 3,
    "layout": "CSV",
    "state": "Klar",
    "is_made": True,
    "orders": 12,
    "file_name": "csv-3.csv",
    "created_at": NOW,
    "created_by": "Kari Nordmann",
    "url": "/file",
}
EXPORTS: Final[dict[str, Any]] = {
    "form": {"layout": "csv"},
    "errors": {},
    "layouts": [
        {"key": "csv", "name": "CSV", "about": "", "waiting": 3},
        {"key": "ehf", "name": "EHF Billing 3.0 (zip)", "about": "", "waiting": 1},
    ],
    "exports": [{**FILE, "is_made": False, "state": "Skrives", "created_by": ""}, FILE],
    "idempotency_key": "k",
    "post_url": "/x",
    "again_url": "/again",
    "invoices_url": "/invoices",
    "previous_url": None,
    "next_url": "?next",
}
REFUSED: Final[list[dict[str, Any]]] = [
    {"title": "Noen har endret dette.", "explanation": None, "conflicts": [], "alternatives": []}
]


def sample(name: str, template: str, context: dict[str, Any]) -> Sample:
    return Sample(name=name, template=f"payments/{template}.html", context=context)


SAMPLES: Final[tuple[Sample, ...]] = (
    sample("invoice-runs", "invoice_runs", RUNS),
    sample(
        "invoice-runs-errors",
        "invoice_runs",
        {**RUNS, "runs": [], "next_url": None, "errors": {"from_on": "Skriv en dag som finnes."}},
    ),
    sample("invoice-run", "invoice_run", ONE_RUN),
    sample(
        "invoice-run-missing",
        "invoice_run",
        {**ONE_RUN, "missing": ["Skriv inn kontonummeret først."], "refusals": REFUSED},
    ),
    sample("invoice-run-working", "invoice_run", {**ONE_RUN, "run": WORKING, "invoices": []}),
    sample(
        "invoice-run-none",
        "invoice_run",
        {**ONE_RUN, "run": {**RUN, "may_issue": False, "may_drop": False}, "invoices": []},
    ),
    sample("invoice-draft", "invoice", ONE),
    sample("invoice-issued", "invoice", {**ONE, "invoice": ISSUED, "order_url": "/order"}),
    sample(
        "invoice-errors",
        "invoice",
        {
            **ONE,
            "invoice": ISSUED,
            "form": {**ONE["form"], "which": "some", "again": "yes"},
            "errors": {"reason": "Skriv hvorfor."},
            "refusals": REFUSED,
        },
    ),
    sample(
        "invoice-left-out",
        "invoice",
        {**ONE, "invoice": {**INVOICE, "is_draft": False, "warnings": []}, "bookings": []},
    ),
    sample("invoice-terms", "invoice_terms", TERMS),
    sample(
        "invoice-terms-errors",
        "invoice_terms",
        {
            **TERMS,
            "errors": {"bank_account": "Skriv 11 sifre.", "kid_length": "For kort."},
            "refusals": REFUSED,
        },
    ),
    sample("account-codes", "account_codes", CODES),
    sample(
        "account-codes-errors",
        "account_codes",
        {**CODES, "codes": [], "errors": {"account": "Fyll ut minst ett av dem."}},
    ),
    sample("exports", "exports", EXPORTS),
    sample(
        "exports-errors",
        "exports",
        {**EXPORTS, "exports": [], "next_url": None, "errors": {"layout": "Velg en av disse."}},
    ),
)
"""Each template with what its page may hold."""
