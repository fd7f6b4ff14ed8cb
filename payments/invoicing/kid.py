"""Kundeidentifikasjon (KID): the number by which the bank tells which invoice a payment is for. Pure.

2 to 25 digits: the municipality's prefix, the invoice's number filled up with noughts, and a check digit by mod10
(Luhn) or mod11 (weights 2 to 7 from the right; what would be 10 is written `-`). Source: Mastercard Payment Services,
"KID – kundeidentifikasjon", the banks' common rules for OCR giro.
"""

from typing import Final, Literal

from stdnum import luhn

Check = Literal["mod10", "mod11"]
CHECKS: Final = ("mod10", "mod11")
SHORTEST: Final = 4
LONGEST: Final = 25
LEAST_SERIAL: Final = 4
"""Digits that must be left for the invoice's number: with fewer a year's invoices do not fit."""
WEIGHTS: Final = (2, 3, 4, 5, 6, 7)


class KidFull(ValueError):
    """The number has more digits than the KID leaves it."""


def mod11(digits: str) -> str:
    """The check digit; `-` for 10."""
    total = sum(int(digit) * WEIGHTS[place % len(WEIGHTS)] for place, digit in enumerate(reversed(digits)))
    rest = (11 - total % 11) % 11
    return "-" if rest == 10 else str(rest)


def check_digit(digits: str, check: Check) -> str:
    return luhn.calc_check_digit(digits) if check == "mod10" else mod11(digits)


def serial_digits(prefix: str, length: int) -> int:
    """How many digits the invoice's number may have."""
    return length - len(prefix) - 1


def kid(number: int, *, prefix: str, length: int, check: Check) -> str:
    """Raises KidFull."""
    serial = str(number)
    room = serial_digits(prefix, length)
    if len(serial) > room:
        raise KidFull(number)
    digits = prefix + serial.zfill(room)
    return digits + check_digit(digits, check)


def is_kid(text: str, check: Check) -> bool:
    """Whether the check digit is right."""
    digits = text[:-1]
    return (
        2 <= len(text) <= LONGEST
        and digits.isascii()
        and digits.isdecimal()
        and text[-1] == check_digit(digits, check)
    )
