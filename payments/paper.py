"""A receipt, an invoice or a credit note in words: the same for the page and for the PDF, in the order's language.

What must stand on it: bokføringsforskriften § 5-1-1 (number and date, seller with organisation number and MVA, buyer,
what was delivered, when and where, what it costs, when it is due, and VAT of each rate in kroner).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec
from babel.numbers import format_decimal

from core.money import CURRENCY, VAT_NAMES
from core.pdf import written
from core.spans import Span
from core.texts import N_, Texts
from payments.reading_schemas import KINDS, REFUND_STATES, WHY, Full, Line, Party

SOURCE: Final = (Path(__file__).parent / "order.typ").read_bytes()
UNITS: Final[Mapping[str, tuple[str, str]]] = {
    "started_hour": (N_("started hour"), N_("started hours")),
    "hour": (N_("hour"), N_("hours")),
    "quarter": (N_("quarter of an hour"), N_("quarters of an hour")),
    "day": (N_("day"), N_("days")),
    "weekend": (N_("weekend"), N_("weekends")),
    "occasion": (N_("occasion"), N_("occasions")),
}
"""Unit of a line → how it is told behind one, and behind any other number. Pieces are only counted."""


class Row(msgspec.Struct, frozen=True):
    """A line: what, how much of it, at which price, VAT, with VAT."""

    text: str
    quantity: str
    unit_price: str
    rate: str
    amount: str


class Group(msgspec.Struct, frozen=True):
    """Lines of one delivery; the heading says when and where."""

    heading: str
    rows: Sequence[Row]


class Part(msgspec.Struct, frozen=True):
    """A heading and what stands under it."""

    heading: str
    paragraphs: Sequence[str]


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """All that it says, in its order."""

    language: str
    title: str
    seller_name: str
    seller: Sequence[str]
    to: str
    """Heading over the customer."""
    customer: Sequence[str]
    facts: Sequence[tuple[str, str]]
    columns: tuple[str, str, str, str, str]
    groups: Sequence[Group]
    rate_title: str
    rate_columns: tuple[str, str, str, str]
    rates: Sequence[tuple[str, str, str, str]]
    totals: Sequence[tuple[str, str]]
    parts: Sequence[Part]
    made_at: datetime


def paper_of(order: Full, texts: Texts, municipality: str) -> Paper:
    """`texts` speak the order's language; `municipality` sells where the order does not say who does."""
    kind = texts.gettext(KINDS[order.kind])
    return Paper(
        language=order.language,
        title=f"{kind} {order.number}" if order.number else texts.gettext("Not issued yet"),
        seller_name=order.seller.name or municipality,
        seller=_seller(order.seller, texts),
        to=texts.gettext("To"),
        customer=_customer(order),
        facts=[(term, told) for term, told in _facts(order, texts) if told],
        columns=(
            texts.gettext("What"),
            texts.gettext("Quantity"),
            texts.gettext("Price"),
            texts.gettext("VAT"),
            texts.gettext("Amount"),
        ),
        groups=_groups(order.lines, texts),
        rate_title=texts.gettext("VAT by rate"),
        rate_columns=(
            texts.gettext("Rate"),
            texts.gettext("Without VAT"),
            texts.gettext("VAT"),
            texts.gettext("With VAT"),
        ),
        rates=_rates(order.lines, texts),
        totals=_totals(order, texts),
        parts=[part for part in (_paying(order, texts), _moved(order, texts), _notes(order, texts)) if part],
        made_at=order.issued_at or order.created_at,
    )


def _seller(seller: Party, texts: Texts) -> list[str]:
    number = grouped(seller.organisation_number or "")
    told = ""
    if number:
        told = f"{number} MVA" if seller.vat_registered else number
        told = texts.gettext("Organisation number %(number)s", number=told)
    return [part for part in (told, *_place(seller)) if part]


def grouped(number: str) -> str:
    """An organisation number as people read it: 964 965 226."""
    if len(number) == 9 and number.isascii() and number.isdecimal():
        return f"{number[:3]} {number[3:6]} {number[6:]}"
    return number


def _place(party: Party) -> list[str]:
    town = " ".join(part for part in (party.postcode, party.town) if part)
    return [part for part in (party.address or "", town, party.email or "") if part]


def _customer(order: Full) -> list[str]:
    customer = order.customer
    name = customer.name or order.association or order.person or ""
    parts = (name, grouped(customer.organisation_number or ""), *_place(customer))
    return [part for part in parts if part]


def _facts(order: Full, texts: Texts) -> list[tuple[str, str]]:
    credited = ""
    if order.credits_kind is not None:
        credited = f"{texts.gettext(KINDS[order.credits_kind])} {order.credits_number or ''}".strip()
    made = order.issued_at or order.created_at
    return [
        (texts.gettext("Number"), str(order.number or "")),
        (texts.gettext("Date"), texts.day(texts.local(made).date(), year=True)),
        (texts.gettext("Credits"), credited),
        (texts.gettext("To be paid by"), texts.day(order.due_on, year=True) if order.due_on else ""),
        (texts.gettext("Account"), order.seller.bank_account or "" if order.kind == "invoice" else ""),
        (texts.gettext("KID"), order.kid or ""),
        (texts.gettext("Your reference"), order.reference),
        (texts.gettext("Reason"), order.reason),
    ]


def _groups(lines: Sequence[Line], texts: Texts) -> list[Group]:
    groups: dict[tuple[Any, ...], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.booking_id, line.starts_at, line.ends_at), []).append(line)
    return [_group(each, texts) for each in groups.values()]


def _group(lines: Sequence[Line], texts: Texts) -> Group:
    """A line says where it was delivered before its first colon: said once, in the heading."""
    first, when = lines[0], ""
    if first.starts_at is not None and first.ends_at is not None:
        when = texts.span(Span(first.starts_at, first.ends_at), year=True)
    where, _, _ = first.text.partition(": ")
    if where == first.text or not all(line.text.startswith(f"{where}: ") for line in lines):
        return Group(when, [_row(line, line.text, texts) for line in lines])
    rows = [_row(line, line.text.removeprefix(f"{where}: "), texts) for line in lines]
    return Group(", ".join(part for part in (when, where) if part), rows)


def _row(line: Line, text: str, texts: Texts) -> Row:
    rate = f"{_percent(line.vat_rate, texts)} %" if line.vat_rate else texts.gettext("none")
    return Row(text, quantity_of(line, texts), _unit_price(line, texts), rate, texts.amount(line.gross_ore))


def quantity_of(line: Line, texts: Texts) -> str:
    """`1.5 hours`; of a part of something, `10 %`."""
    if line.unit == "percent":
        return f"{_percent(line.unit_ore, texts)} %"
    number = format_decimal(Decimal(line.quantity_milli) / 1000, "#,##0.###", texts.locale)
    if line.unit not in UNITS:
        return number
    one, many = UNITS[line.unit]
    return f"{number} {texts.gettext(one if line.quantity_milli == 1000 else many)}"


def _unit_price(line: Line, texts: Texts) -> str:
    return "" if line.unit == "percent" else texts.amount(line.unit_ore)


def _percent(basis_points: int, texts: Texts) -> str:
    return format_decimal(Decimal(basis_points) / 100, "#,##0.##", texts.locale)


def _rates(lines: Sequence[Line], texts: Texts) -> list[tuple[str, str, str, str]]:
    sums: dict[str, list[int]] = {}
    for line in lines:
        found = sums.setdefault(line.vat_code, [0, 0, 0])
        for place, ore in enumerate((line.net_ore, line.vat_ore, line.gross_ore)):
            found[place] += ore
    return [
        (
            texts.gettext(VAT_NAMES[code]),  # type: ignore[index]  # a VatCode: the table knows no other
            *(texts.amount(ore) for ore in sums[code]),
        )  # type: ignore[misc]  # three of them
        for code in sorted(sums, key=list(VAT_NAMES).index)  # type: ignore[arg-type]  # the same
    ]


def _totals(order: Full, texts: Texts) -> list[tuple[str, str]]:
    last = {
        "receipt": texts.gettext("In all"),
        "invoice": texts.gettext("To pay"),
        "credit": texts.gettext("Taken back"),
    }[order.kind]
    return [
        (texts.gettext("Without VAT"), texts.amount(order.net_ore)),
        (texts.gettext("VAT"), texts.amount(order.vat_ore)),
        (f"{last} ({CURRENCY})", texts.amount(order.gross_ore)),
    ]


def _paying(order: Full, texts: Texts) -> Part | None:
    """How it was paid, or is to be."""
    told = [
        texts.gettext(
            "Paid online %(day)s: %(amount)s.",
            day=texts.day(texts.local(each.captured_at).date(), year=True),
            amount=texts.money(each.amount_ore),
        )
        for each in order.payments
    ]
    if order.payment == "internal" and order.kind != "credit":
        told.append(texts.gettext("It is settled between the municipality's own accounts."))
    if order.kind == "invoice" and order.payment == "invoice" and order.due_on is not None:
        told.append(
            texts.gettext(
                "Pay %(amount)s by %(day)s.",
                amount=texts.money(order.gross_ore),
                day=texts.day(order.due_on, year=True),
            )
        )
    return Part(texts.gettext("Payment"), told) if told else None


def _moved(order: Full, texts: Texts) -> Part | None:
    """What has been taken back of it, and what was given back."""
    told = [
        texts.gettext(
            "Credit note %(number)s of %(day)s: %(amount)s.",
            number=str(each.number),
            day=texts.day(texts.local(each.issued_at).date(), year=True),
            amount=texts.money(each.gross_ore),
        )
        for each in order.credits
        if each.issued_at is not None
    ]
    told += [
        "{}: {}, {}. {}".format(
            texts.gettext(REFUND_STATES[each.state]),
            texts.money(each.amount_ore),
            texts.day(texts.local(each.done_at or each.created_at).date(), year=True),
            texts.gettext(WHY.get(each.why, "")),
        ).strip()
        for each in order.refunds
    ]
    return Part(texts.gettext("Taken back and given back"), told) if told else None


def _notes(order: Full, texts: Texts) -> Part | None:
    """Why there is no VAT on some of it."""
    reasons = list(dict.fromkeys(line.vat_reason for line in order.lines if line.vat_reason))
    return Part(texts.gettext("Exempt from VAT"), reasons) if reasons else None


def pdf(paper: Paper) -> bytes:
    """The same as PDF. Call it in a thread."""
    return written(SOURCE, "paper", paper, paper.made_at)
