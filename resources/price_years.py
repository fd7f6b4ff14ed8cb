"""What does each price of a tariff become, from one year to the next? Pure."""

from collections.abc import Sequence
from datetime import date

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from core.texts import Texts
from resources.price_list import rate_text
from resources.price_words import when_text, worded
from resources.tariffs import TariffLineFacts, is_valid


class YearRow(Struct, frozen=True):
    """A price then and after."""

    text: str
    who: str
    before: str
    """Empty: there was none."""
    after: str
    """Empty: there is none."""


def compare(lines: Sequence[TariffLineFacts], first: date, second: date, texts: Texts) -> list[YearRow]:
    """Lines that hold on either day, in their order; those alike but for price and validity are one row."""
    rows: dict[bytes, list[TariffLineFacts | None]] = {}
    for line in lines:
        for place, day in enumerate((first, second)):
            if is_valid(line, day):
                pair = rows.setdefault(_likeness(line), [None, None])
                pair[place] = pair[place] or line
    made: list[YearRow] = []
    for before, after in rows.values():
        line = before or after
        assert line is not None, "a row has a line"
        always = replace(line, valid_from=None, valid_until=None)
        made.append(
            YearRow(
                text=worded(line.text, texts),
                who=when_text(always, texts),
                before="" if before is None else rate_text(before, texts),
                after="" if after is None else rate_text(after, texts),
            )
        )
    return made


def _likeness(line: TariffLineFacts) -> bytes:
    plain = msgspec.to_builtins(line)
    for name in ("id", "price_ore", "minimum_ore", "most_ore", "percent", "valid_from", "valid_until"):
        plain.pop(name, None)
    return msgspec.json.encode(plain, order="deterministic")
