"""Lines of receipts, invoices and credit notes: copied from prices, and taken back down to what is owed. Pure.

What a line costs with VAT never changes on its way from the price. Of each rate, VAT is worked out once for the whole
document from what its lines come to, and shared out so that lines always add up to it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from core.money import RATES, VatCode, share, vat_in
from resources.prices import Price


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """A booking as a document tells it."""

    booking_id: UUID
    price: Price
    place: str
    """Where it is, in words that hold in every language: names."""
    starts_at: datetime
    ends_at: datetime


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a document, before it is a row. Of a credit note: what is taken back is positive."""

    booking_id: UUID | None
    kind: str
    key: str
    text: str
    unit: str
    quantity_milli: int
    unit_ore: int
    vat_code: VatCode
    vat_rate: int
    vat_reason: str
    net_ore: int
    vat_ore: int
    gross_ore: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Totals(NamedTuple):
    """Of a document."""

    net_ore: int
    vat_ore: int
    gross_ore: int


class Part(NamedTuple):
    """What a document's lines are told apart by when some of them are taken back."""

    booking_id: UUID | None
    kind: str
    key: str
    vat_code: VatCode
    vat_reason: str


def lines_of(delivered: Iterable[Delivered], language: str) -> list[Line]:
    """One for each line of each price, in the order given."""
    lines = [
        Line(
            booking_id=each.booking_id,
            kind=line.kind,
            key=line.key,
            text=f"{each.place}: {said(line.text, language)}",
            unit=line.unit,
            quantity_milli=line.quantity_milli,
            unit_ore=line.unit_ore,
            vat_code=line.vat_code,
            vat_rate=RATES[line.vat_code],
            vat_reason=line.vat_reason,
            net_ore=line.net_ore,
            vat_ore=line.vat_ore,
            gross_ore=line.gross_ore,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
        )
        for each in delivered
        for line in each.price.lines
    ]
    return with_vat(lines, {code: vat_in(gross, RATES[code]) for code, gross in by_rate(lines).items()})


def said(text: Mapping[str, str], language: str) -> str:
    """In that language, or in the first there is."""
    return text.get(language) or next(iter(text.values()), "")


def totals(lines: Iterable[Line]) -> Totals:
    kept = list(lines)
    return Totals(
        sum(line.net_ore for line in kept),
        sum(line.vat_ore for line in kept),
        sum(line.gross_ore for line in kept),
    )


def by_rate(lines: Iterable[Line]) -> dict[VatCode, int]:
    """What the lines of each VAT code come to, with VAT."""
    found: dict[VatCode, int] = {}
    for line in lines:
        found[line.vat_code] = found.get(line.vat_code, 0) + line.gross_ore
    return found


def by_booking(lines: Iterable[Line]) -> dict[UUID, int]:
    """What the lines of each booking come to, with VAT."""
    found: dict[UUID, int] = {}
    for line in lines:
        if line.booking_id is not None:
            found[line.booking_id] = found.get(line.booking_id, 0) + line.gross_ore
    return found


def with_vat(lines: Sequence[Line], vat: Mapping[VatCode, int]) -> list[Line]:
    """The same lines with so much VAT in those of each code, each its part of it."""
    made = list(lines)
    for code, whole in vat.items():
        places = [place for place, line in enumerate(lines) if line.vat_code == code]
        for place, part in zip(
            places, spread(whole, [lines[each].gross_ore for each in places]), strict=True
        ):
            gross = lines[place].gross_ore
            made[place] = msgspec.structs.replace(lines[place], vat_ore=part, net_ore=gross - part)
    return made


def spread(total: int, amounts: Sequence[int]) -> list[int]:
    """The total over amounts of which some may be negative, in proportion to each; the biggest takes what is left.

    Where they come to nothing, so must the total.
    """
    whole = sum(amounts)
    if whole == 0:
        assert total == 0, "there is nothing that it could be a part of"
        return [0] * len(amounts)
    parts = [_toward_zero(total * amount, whole) for amount in amounts]
    biggest = max(range(len(amounts)), key=lambda place: (abs(amounts[place]), -place))
    parts[biggest] += total - sum(parts)
    return parts


def _toward_zero(numerator: int, denominator: int) -> int:
    quotient = abs(numerator) // abs(denominator)
    return quotient if (numerator >= 0) == (denominator >= 0) else -quotient


def taken_back(
    billed: Sequence[Line],
    credited: Sequence[Line],
    less: Mapping[UUID, int],
    *,
    deposit_first: Collection[UUID] = (),
) -> list[Line]:
    """Lines of the credit note that takes so many øre back of each booking.

    `billed` are the lines of what is credited, `credited` those of its credit notes so far. Of a booking among
    `deposit_first` the deposit goes first, of others last; the rest is taken of each rate in proportion to what is
    left there. What is left of each rate has the VAT that it would have had by itself, so that all credit notes
    together mirror it to the øre.
    """
    left = _left(billed, credited)
    lines: list[Line] = []
    for booking_id, ore in less.items():
        pots: list[dict[Part, int]] = [
            {part: gross for part, gross in left.items() if part.booking_id == booking_id and is_wanted(part)}
            for is_wanted in (_is_deposit, _is_no_deposit)
        ]
        if booking_id not in deposit_first:
            pots.reverse()
        rest = ore
        for pot in pots:
            taken = max(0, min(rest, sum(pot.values())))
            rest -= taken
            lines += [_credit(part, gross, billed) for part, gross in _out_of(pot, taken) if gross]
        assert rest == 0, "no more is taken back than was billed"
    before, after = _rates(left), by_rate(lines)
    vat_left = _vat_left(billed, credited)
    return with_vat(
        lines,
        {
            code: vat_left.get(code, 0) - vat_in(before[code] - gross, RATES[code])
            for code, gross in after.items()
            if gross
        },
    )


def left_of(
    billed: Sequence[Line], credited: Sequence[Line], *, deposits_only: bool = False
) -> dict[UUID, int]:
    """What is left of each booking after credit notes, with VAT."""
    found = dict.fromkeys(by_booking(billed), 0)
    for part, gross in _left(billed, credited).items():
        if part.booking_id is not None and (not deposits_only or _is_deposit(part)):
            found[part.booking_id] += gross
    return found


def _left(billed: Sequence[Line], credited: Sequence[Line]) -> dict[Part, int]:
    left: dict[Part, int] = {}
    for lines, sign in ((billed, 1), (credited, -1)):
        for line in lines:
            part = part_of(line)
            left[part] = left.get(part, 0) + sign * line.gross_ore
    return left


def _rates(left: Mapping[Part, int]) -> dict[VatCode, int]:
    found: dict[VatCode, int] = {}
    for part, gross in left.items():
        found[part.vat_code] = found.get(part.vat_code, 0) + gross
    return found


def _vat_left(billed: Sequence[Line], credited: Sequence[Line]) -> dict[VatCode, int]:
    found: dict[VatCode, int] = {}
    for lines, sign in ((billed, 1), (credited, -1)):
        for line in lines:
            found[line.vat_code] = found.get(line.vat_code, 0) + sign * line.vat_ore
    return found


def part_of(line: Line) -> Part:
    return Part(line.booking_id, line.kind, line.key, line.vat_code, line.vat_reason)


def _is_deposit(part: Part) -> bool:
    return part.kind == "deposit"


def _is_no_deposit(part: Part) -> bool:
    return part.kind != "deposit"


def _out_of(pot: Mapping[Part, int], ore: int) -> list[tuple[Part, int]]:
    """So many øre of the pot, part by part; all of it to the øre when it is all."""
    if ore == sum(pot.values()):
        return list(pot.items())
    rates = _rates(pot)
    codes = list(rates)
    found: list[tuple[Part, int]] = []
    for code, taken in zip(codes, share(ore, [max(0, rates[each]) for each in codes]), strict=True):
        parts = [part for part in pot if part.vat_code == code]
        if taken:
            found += zip(parts, spread(taken, [pot[part] for part in parts]), strict=True)
    return found


def _credit(part: Part, gross: int, billed: Sequence[Line]) -> Line:
    """As the line it takes back, where it takes all of it; else so many øre of it. VAT comes afterwards."""
    first, *others = [line for line in billed if part_of(line) == part]
    line = msgspec.structs.replace(first, gross_ore=gross, net_ore=gross, vat_ore=0)
    if gross == first.gross_ore and not others:
        return line
    return msgspec.structs.replace(line, quantity_milli=1000, unit="occasion", unit_ore=gross)
