"""Money: whole øre, what VAT is in them, and how a sum is shared out. No floats, ever."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from core.texts import N_

CURRENCY: Final = "NOK"
VatCode = Literal["exempt", "zero", "low", "middle", "full"]
RATES: Final[dict[VatCode, int]] = {"exempt": 0, "zero": 0, "low": 1200, "middle": 1500, "full": 2500}
"""VAT code → rate in basis points (hundredths of a per cent): 0, 12, 15 and 25 %. Which holds for what is the
municipality's word; `exempt` comes with a reason (merverdiavgiftsloven kap. 3).
"""
VAT_NAMES: Final[dict[VatCode, str]] = {
    "exempt": N_("exempt from VAT"),
    "zero": N_("0 % VAT"),
    "low": N_("12 % VAT"),
    "middle": N_("15 % VAT"),
    "full": N_("25 % VAT"),
}
WHOLE: Final = 10_000
"""Basis points of all of it."""
MOST_ORE: Final = 10**13
"""A hundred thousand million kroner: more is a mistake."""
MOST_DIGITS: Final = 9
"""Of kroner that somebody types in."""
Ore = Annotated[int, msgspec.Meta(ge=0, le=10**11)]
"""An amount that somebody types in, in øre."""


class Money(msgspec.Struct, frozen=True):
    """As it goes over the wire: øre and a currency."""

    amount: int
    currency: str = CURRENCY


def money(ore: int) -> dict[str, Any]:
    """The same as plain JSON."""
    return {"amount": ore, "currency": CURRENCY}


def divided(numerator: int, denominator: int) -> int:
    """Rounded to the nearest whole, halves away from zero, so that what is credited mirrors what was charged."""
    assert denominator > 0, "nothing is divided by what is not there"
    quotient, rest = divmod(abs(numerator), denominator)
    quotient += 2 * rest >= denominator
    return quotient if numerator >= 0 else -quotient


def vat_on(net_ore: int, rate: int) -> int:
    """What is added to a price without VAT; `rate` in basis points."""
    return divided(net_ore * rate, WHOLE)


def vat_in(gross_ore: int, rate: int) -> int:
    """What is contained in a price with VAT; `rate` in basis points."""
    return divided(gross_ore * rate, WHOLE + rate)


def share(total: int, weights: Sequence[int]) -> list[int]:
    """The total in whole parts in proportion to the weights, which always add up to it: largest remainders first,
    of equal ones the first. Weights are not negative; where all are 0, the first part gets all.

    Empty weights: an empty list, and the total must be 0.
    """
    assert all(weight >= 0 for weight in weights), "a weight is no debt"
    whole = sum(weights)
    if not weights:
        assert total == 0, "nobody is there to share"
        return []
    if whole == 0:
        return [total, *[0] * (len(weights) - 1)]
    sign = 1 if total >= 0 else -1
    parts = [abs(total) * weight // whole for weight in weights]
    rests = [abs(total) * weight % whole for weight in weights]
    left = abs(total) - sum(parts)
    for place in sorted(range(len(weights)), key=lambda each: (-rests[each], each))[:left]:
        parts[place] += 1
    return [sign * part for part in parts]


def ore_in(text: str) -> int | None:
    """`655`, `655,50` and `1 655.50` in øre; empty is nothing. None: no amount."""
    plain = "".join(text.split()).removesuffix("kr")
    if not plain:
        return 0
    whole, _, rest = plain.replace(",", ".").partition(".")
    digits = whole + rest
    if (
        not whole
        or not digits.isascii()
        or not digits.isdecimal()
        or len(rest) > 2
        or len(whole) > MOST_DIGITS
    ):
        return None
    return int(whole) * 100 + int(rest.ljust(2, "0"))
