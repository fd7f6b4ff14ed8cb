"""Invoices to write out, without a database."""

from datetime import date
from typing import Any

from core.ids import new_id
from core.money import RATES, vat_in
from payments.invoicing.outgoing import Outgoing, OutgoingLine, Party

SELLER = Party(
    name="Sola kommune",
    organisation_number="948243113",
    address="Rådhusvegen 21",
    postcode="4050",
    town="Sola",
    email="post@sola.kommune.no",
    vat_registered=True,
    bank_account="86011117947",
)
CUSTOMER = Party(
    name="Sola fotballklubb",
    organisation_number="971274042",
    address="Solavegen 1",
    postcode="4050",
    town="Sola",
)


def line(gross_ore: int, code: str = "exempt", **more: Any) -> OutgoingLine:
    vat = vat_in(gross_ore, RATES[code])  # type: ignore[index]  # a VatCode
    values: dict[str, Any] = {
        "text": "Leie av Sal A",
        "unit": "hour",
        "quantity_milli": 1500,
        "vat_code": code,
        "vat_rate": RATES[code],  # type: ignore[index]  # the same
        "vat_reason": "mval. § 3-11" if code == "exempt" else "",
        "net_ore": gross_ore - vat,
        "vat_ore": vat,
        "gross_ore": gross_ore,
        "starts_on": date(2026, 11, 24),
        "ends_on": date(2026, 11, 24),
        "account": {"account": "16500", "department": "310"},
    }
    return OutgoingLine(**{**values, **more})


def paper(*lines: OutgoingLine, **more: Any) -> Outgoing:
    lines = lines or (line(655_00),)
    values: dict[str, Any] = {
        "id": new_id(),
        "kind": "invoice",
        "number": 17,
        "payment": "invoice",
        "issued_on": date(2026, 12, 1),
        "due_on": date(2026, 12, 31),
        "kid": "000000178",
        "reference": "PO-1",
        "credits_number": None,
        "credits_issued_on": None,
        "reason": "",
        "customer_id": new_id(),
        "seller": SELLER,
        "customer": CUSTOMER,
        "net_ore": sum(each.net_ore for each in lines),
        "vat_ore": sum(each.vat_ore for each in lines),
        "gross_ore": sum(each.gross_ore for each in lines),
        "lines": lines,
    }
    return Outgoing(**{**values, **more})


def credit(*lines: OutgoingLine, **more: Any) -> Outgoing:
    values: dict[str, Any] = {
        "kind": "credit",
        "credits_number": 17,
        "credits_issued_on": date(2026, 12, 1),
        "due_on": None,
        "kid": "",
        "reason": "Feil kunde",
    }
    return paper(*lines, **{**values, **more})
