"""What a price is made of: lines that add up, VAT per rate rounded once. Pure; made by `resources.tariffs`, stored on
the booking, told in the quote, and copied into orders and invoices as it stands.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from core.money import RATES, Money, VatCode, money, vat_in, vat_on

Unit = Literal["started_hour", "hour", "quarter", "day", "weekend", "occasion", "piece", "percent"]
LineKind = Literal["hire", "supplement", "minimum", "ceiling", "discount", "article", "deposit"]
Payment = Literal["online", "invoice", "internal"]
"""How it is paid: before it is confirmed, afterwards on an invoice, or between the municipality's own accounts."""
Usage = Literal["ordinary", "arrangement", "commercial"]
"""What it is used for, where a tariff asks: training and meetings, an event, an event that earns money."""


class Priced(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line before VAT is worked out: what, how much of it, at which price."""

    kind: LineKind
    key: str
    """Id of the tariff's line, or the article's key."""
    text: Mapping[str, str]
    """What it is, by language."""
    unit: Unit
    quantity_milli: int
    """In thousandths of the unit: 1.5 hours are 1500."""
    unit_ore: int
    """Of one unit; of a discount, basis points of what it is taken from."""
    amount_ore: int
    """With VAT where `includes_vat`, else without. Negative for discounts and ceilings."""
    includes_vat: bool
    vat_code: VatCode
    vat_reason: str = ""
    """Of what is exempt: the paragraph."""
    minutes: int | None = None
    """How long, of what is counted by time."""
    times: int = 1
    """How many places in a pool, which multiply it."""


class PriceLine(Priced, frozen=True, kw_only=True, omit_defaults=True):
    """A line with its part of the VAT: of each rate, nets and grosses add up to those of the whole."""

    net_ore: int
    vat_ore: int
    gross_ore: int


class Price(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What something costs, and why. `lines` in the order they are told."""

    lines: tuple[PriceLine, ...] = ()
    net_ore: int = 0
    vat_ore: int = 0
    gross_ore: int = 0
    payment: Payment = "invoice"
    customer_group: str = ""
    usage: Usage = "ordinary"
    tariff_id: str = ""
    tariff_version: int = 0

    @property
    def deposit_ore(self) -> int:
        """Of the gross, what is given back after use."""
        return sum(line.gross_ore for line in self.lines if line.kind == "deposit")


FREE = Price()


def priced(lines: Sequence[Priced]) -> tuple[PriceLine, ...]:
    """The lines with net, VAT and gross.

    VAT is rounded once for each rate of each basis (with or without VAT); what a line has of it follows by
    `core.money.share`, so that lines always add up.
    """
    groups: dict[tuple[str, str, bool], list[int]] = {}
    for place, line in enumerate(lines):
        groups.setdefault((line.vat_code, line.vat_reason, line.includes_vat), []).append(place)
    vats = [0] * len(lines)
    for (code, _, includes), places in groups.items():
        rate = RATES[code]  # type: ignore[index]  # a VatCode
        amounts = [lines[place].amount_ore for place in places]
        whole = sum(amounts)
        vat = vat_in(whole, rate) if includes else vat_on(whole, rate)
        for place, part in zip(places, _spread(vat, amounts), strict=True):
            vats[place] = part
    made: list[PriceLine] = []
    for line, vat in zip(lines, vats, strict=True):
        net = line.amount_ore - vat if line.includes_vat else line.amount_ore
        made.append(PriceLine(**msgspec.structs.asdict(line), net_ore=net, vat_ore=vat, gross_ore=net + vat))
    return tuple(made)


def _spread(vat: int, amounts: Sequence[int]) -> list[int]:
    """VAT over lines of which some may be negative: in proportion to what each is, to the øre."""
    whole = sum(amounts)
    if whole == 0:
        return [0] * len(amounts)
    parts = [abs(vat) * abs(amount) // abs(whole) * (1 if amount * whole >= 0 else -1) for amount in amounts]
    sign = 1 if vat >= 0 else -1
    parts = [sign * part for part in parts]
    biggest = max(range(len(amounts)), key=lambda place: (abs(amounts[place]), -place))
    parts[biggest] += vat - sum(parts)
    return parts


def price_of(
    lines: Sequence[Priced],
    *,
    payment: Payment,
    customer_group: str,
    usage: Usage = "ordinary",
    tariff_id: str = "",
    tariff_version: int = 0,
) -> Price:
    """The whole of the lines."""
    made = priced(lines)
    return Price(
        lines=made,
        net_ore=sum(line.net_ore for line in made),
        vat_ore=sum(line.vat_ore for line in made),
        gross_ore=sum(line.gross_ore for line in made),
        payment=payment,
        customer_group=customer_group,
        usage=usage,
        tariff_id=tariff_id,
        tariff_version=tariff_version,
    )


def kept_price(price: Price) -> dict[str, Any]:
    """For `booking.price`; nothing for what is free and has nothing to tell."""
    if not price.lines and price.gross_ore == 0:
        return {}
    return {
        **msgspec.to_builtins(price),
        "net": money(price.net_ore),
        "vat": money(price.vat_ore),
        "gross": money(price.gross_ore),
    }


def read_price(stored: Mapping[str, Any]) -> Price:
    """Of `booking.price`; what is not in it is free."""
    return msgspec.convert(stored, Price) if stored else FREE


class LineOut(msgspec.Struct, kw_only=True):
    """A line of a price, for the wire."""

    kind: LineKind
    text: str
    """What it is, in the reader's language."""
    why: str
    """How it comes about, in words."""
    unit: Unit
    quantity: str
    """A decimal number of units, such as 1.5."""
    unit_price: Money
    net: Money
    vat: Money
    gross: Money
    vat_code: VatCode
    vat_rate: str
    """In per cent: 25, 12."""


__all__ = [
    "FREE",
    "LineKind",
    "LineOut",
    "Payment",
    "Price",
    "PriceLine",
    "Priced",
    "Unit",
    "Usage",
    "kept_price",
    "price_of",
    "priced",
    "read_price",
]
