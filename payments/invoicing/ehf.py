"""EHF Billing 3.0 (Peppol BIS Billing 3.0): an invoice or a credit note as UBL 2.1. Pure.

Source: https://docs.peppol.eu/poacc/billing/3.0/ and the Norwegian rules NO-R-001 and NO-R-002. The order of elements
is that of the OASIS schemas. What is written by people is text, never markup, and has no signs that XML forbids.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from stdnum.no import orgnr

from core.money import CURRENCY, divided
from payments.invoicing.outgoing import Outgoing, OutgoingLine, Party

CUSTOMIZATION: Final = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
NORWEGIAN: Final = "0192"
"""Scheme of organisation numbers."""
CREDIT_TRANSFER: Final = "30"
UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
CBC: Final = f"{{{UBL}CommonBasicComponents-2}}"
CAC: Final = f"{{{UBL}CommonAggregateComponents-2}}"
UNITS: Final[Mapping[str, tuple[str, int]]] = {
    "started_hour": ("HUR", 1),
    "hour": ("HUR", 1),
    "quarter": ("HUR", 4),
    "day": ("DAY", 1),
    "piece": ("H87", 1),
}
"""Unit of a line → UN/ECE Recommendation 20 and how many of ours are one of theirs; others are C62, "one"."""
CATEGORIES: Final[Mapping[str, str]] = {"exempt": "E", "zero": "Z"}
"""VAT code → UNCL5305; the others are S. All of who is not registered for VAT is O."""
NOT_REGISTERED: Final = "Selger er ikke merverdiavgiftsregistrert"
EXEMPT: Final = "Unntatt etter merverdiavgiftsloven kapittel 3"
SET_OFF: Final = "Trekkes fra eller betales tilbake"
AT_ONCE: Final = "Betales ved mottak"
PRICE_PLACES: Final = 8

register_namespace("cbc", CBC.strip("{}"))
register_namespace("cac", CAC.strip("{}"))


class NotEhf(ValueError):
    """It cannot go out as EHF; `why` is a word: customer_number, seller_number, bank_account, unregistered_vat."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def refused(paper: Outgoing) -> str | None:
    """Why it cannot go out as EHF; None: it can."""
    if paper.kind not in ("invoice", "credit") or paper.payment != "invoice":
        return "kind"
    if not orgnr.is_valid(paper.customer.organisation_number):
        return "customer_number"
    if not orgnr.is_valid(paper.seller.organisation_number):
        return "seller_number"
    if not paper.is_credit and not paper.seller.bank_account:
        return "bank_account"
    if not paper.seller.vat_registered and paper.vat_ore:
        return "unregistered_vat"
    return None


def ehf(paper: Outgoing) -> bytes:
    """The XML. Raises NotEhf."""
    why = refused(paper)
    if why is not None:
        raise NotEhf(why)
    name = "CreditNote" if paper.is_credit else "Invoice"
    root = Element(f"{{{UBL}{name}-2}}{name}")
    _head(root, paper)
    _party(SubElement(root, f"{CAC}AccountingSupplierParty"), paper.seller, is_seller=True)
    _party(SubElement(root, f"{CAC}AccountingCustomerParty"), paper.customer)
    _delivery(root, paper.lines)
    _payment(root, paper)
    _totals(root, paper)
    for position, line in enumerate(paper.lines, start=1):
        _line(root, paper, line, position)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def file_name(paper: Outgoing) -> str:
    return f"{'kreditnota' if paper.is_credit else 'faktura'}-{paper.number}.xml"


def _head(root: Element, paper: Outgoing) -> None:
    _text(root, "CustomizationID", CUSTOMIZATION)
    _text(root, "ProfileID", PROFILE)
    _text(root, "ID", str(paper.number))
    _text(root, "IssueDate", paper.issued_on.isoformat())
    if not paper.is_credit and paper.due_on is not None:
        _text(root, "DueDate", paper.due_on.isoformat())
    if paper.is_credit:
        _text(root, "CreditNoteTypeCode", "381")
    else:
        _text(root, "InvoiceTypeCode", "380")
    if clean(paper.reason):
        _text(root, "Note", clean(paper.reason))
    _text(root, "DocumentCurrencyCode", CURRENCY)
    _text(root, "BuyerReference", clean(paper.reference) or clean(paper.customer.name) or str(paper.number))
    if paper.is_credit and paper.credits_number is not None:
        billing = SubElement(root, f"{CAC}BillingReference")
        document = SubElement(billing, f"{CAC}InvoiceDocumentReference")
        _text(document, "ID", str(paper.credits_number))
        if paper.credits_issued_on is not None:
            _text(document, "IssueDate", paper.credits_issued_on.isoformat())


def _party(place: Element, party: Party, *, is_seller: bool = False) -> None:
    inner = SubElement(place, f"{CAC}Party")
    number = orgnr.compact(party.organisation_number)
    _text(inner, "EndpointID", number, schemeID=NORWEGIAN)
    name = clean(party.name) or number
    _text(SubElement(inner, f"{CAC}PartyName"), "Name", name)
    address = SubElement(inner, f"{CAC}PostalAddress")
    for tag, value in (
        ("StreetName", party.address),
        ("CityName", party.town),
        ("PostalZone", party.postcode),
    ):
        if clean(value):
            _text(address, tag, clean(value))
    _text(SubElement(address, f"{CAC}Country"), "IdentificationCode", "NO")
    if is_seller and party.vat_registered:
        tax = SubElement(inner, f"{CAC}PartyTaxScheme")
        _text(tax, "CompanyID", f"NO{number}MVA")
        _text(SubElement(tax, f"{CAC}TaxScheme"), "ID", "VAT")
    legal = SubElement(inner, f"{CAC}PartyLegalEntity")
    _text(legal, "RegistrationName", name)
    _text(legal, "CompanyID", number, schemeID=NORWEGIAN)
    if clean(party.email):
        contact = SubElement(inner, f"{CAC}Contact")
        _text(contact, "ElectronicMail", clean(party.email))


def _delivery(root: Element, lines: Sequence[OutgoingLine]) -> None:
    """The last day of use."""
    days = [line.ends_on for line in lines if line.ends_on is not None]
    if days:
        _text(SubElement(root, f"{CAC}Delivery"), "ActualDeliveryDate", max(days).isoformat())


def _payment(root: Element, paper: Outgoing) -> None:
    """Where to pay; and, where there is no day to pay by, a word on it (BR-CO-25)."""
    if paper.seller.bank_account:
        means = SubElement(root, f"{CAC}PaymentMeans")
        _text(means, "PaymentMeansCode", CREDIT_TRANSFER)
        if paper.kid and not paper.is_credit:
            _text(means, "PaymentID", paper.kid)
        account = SubElement(means, f"{CAC}PayeeFinancialAccount")
        _text(account, "ID", paper.seller.bank_account)
    if paper.is_credit or paper.due_on is None:
        _text(SubElement(root, f"{CAC}PaymentTerms"), "Note", SET_OFF if paper.is_credit else AT_ONCE)


def _category(paper: Outgoing, code: str) -> str:
    return CATEGORIES.get(code, "S") if paper.seller.vat_registered else "O"


def _totals(root: Element, paper: Outgoing) -> None:
    groups: dict[tuple[str, int], list[OutgoingLine]] = {}
    for line in paper.lines:
        groups.setdefault((_category(paper, line.vat_code), line.vat_rate), []).append(line)
    total = SubElement(root, f"{CAC}TaxTotal")
    _amount(total, "TaxAmount", paper.vat_ore)
    for (category, rate), lines in sorted(groups.items()):
        part = SubElement(total, f"{CAC}TaxSubtotal")
        _amount(part, "TaxableAmount", sum(line.net_ore for line in lines))
        _amount(part, "TaxAmount", sum(line.vat_ore for line in lines))
        told = SubElement(part, f"{CAC}TaxCategory")
        _tax(told, category, rate, reasons=[line.vat_reason for line in lines])
    sums = SubElement(root, f"{CAC}LegalMonetaryTotal")
    _amount(sums, "LineExtensionAmount", paper.net_ore)
    _amount(sums, "TaxExclusiveAmount", paper.net_ore)
    _amount(sums, "TaxInclusiveAmount", paper.gross_ore)
    _amount(sums, "PayableAmount", paper.gross_ore)


def _tax(place: Element, category: str, rate: int, *, reasons: Sequence[str] | None = None) -> None:
    """Of a line without, of the totals with why it is exempt: all reasons of that category in one text."""
    _text(place, "ID", category)
    if category != "O":
        _text(place, "Percent", percent(rate))
    if reasons is not None and category in ("E", "O"):
        told = "; ".join(dict.fromkeys(clean(reason) for reason in reasons if clean(reason)))
        _text(place, "TaxExemptionReason", told or (EXEMPT if category == "E" else NOT_REGISTERED))
    _text(SubElement(place, f"{CAC}TaxScheme"), "ID", "VAT")


def _line(root: Element, paper: Outgoing, line: OutgoingLine, position: int) -> None:
    """What is negative (a discount) is so many of minus one: a price may not be negative (BR-27)."""
    place = SubElement(root, f"{CAC}{'CreditNoteLine' if paper.is_credit else 'InvoiceLine'}")
    code, per, quantity_milli = "C62", 1, 1000
    if line.unit in UNITS and line.quantity_milli > 0 and line.net_ore >= 0:
        (code, per), quantity_milli = UNITS[line.unit], line.quantity_milli
    quantity = Decimal(quantity_milli) / 1000 / per
    if line.net_ore < 0:
        quantity = -quantity
    _text(place, "ID", str(position))
    _text(
        place,
        "CreditedQuantity" if paper.is_credit else "InvoicedQuantity",
        plain(quantity),
        unitCode=code,
    )
    _amount(place, "LineExtensionAmount", line.net_ore)
    if line.account.get("account"):
        _text(place, "AccountingCost", clean(line.account["account"]))
    if line.starts_on is not None and line.ends_on is not None:
        period = SubElement(place, f"{CAC}InvoicePeriod")
        _text(period, "StartDate", line.starts_on.isoformat())
        _text(period, "EndDate", line.ends_on.isoformat())
    item = SubElement(place, f"{CAC}Item")
    _text(item, "Name", clean(line.text)[:500] or "-")
    tax = SubElement(item, f"{CAC}ClassifiedTaxCategory")
    _tax(tax, _category(paper, line.vat_code), line.vat_rate)
    price = SubElement(place, f"{CAC}Price")
    scaled = divided(abs(line.net_ore) * 10**PRICE_PLACES * 1000 * per, 100 * quantity_milli)
    _text(
        price,
        "PriceAmount",
        plain(max(Decimal(scaled) / 10**PRICE_PLACES, Decimal(0)), least=2),
        currencyID=CURRENCY,
    )


def clean(text: str) -> str:
    """On one line, without what XML 1.0 cannot hold."""
    kept = (sign if _allowed(sign) else " " for sign in text)
    return " ".join("".join(kept).split())


def _allowed(sign: str) -> bool:
    code = ord(sign)
    return (
        0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    ) and code not in (0x7F, 0x2028, 0x2029)


def percent(rate: int) -> str:
    return plain(Decimal(rate) / 100)


def plain(number: Decimal, *, least: int = 0) -> str:
    """Without exponent or needless noughts, with so many decimals at least."""
    text = f"{number:f}"
    whole, _, rest = text.partition(".")
    rest = rest.rstrip("0").ljust(least, "0")
    return f"{whole}.{rest}" if rest else whole


def kroner(ore: int) -> str:
    """`-12.50`."""
    return f"{'-' if ore < 0 else ''}{abs(ore) // 100}.{abs(ore) % 100:02}"


def _amount(place: Element, tag: str, ore: int) -> None:
    _text(place, tag, kroner(ore), currencyID=CURRENCY)


def _text(place: Element, tag: str, text: str, **attributes: str) -> None:
    element = SubElement(place, f"{CBC}{tag}", attributes)
    element.text = text


__all__ = ["NotEhf", "clean", "ehf", "file_name", "kroner", "percent", "plain", "refused"]
