"""Lines of a tariff in a CSV file: what they say, and everything that is wrong. Pure. The format: docs/tariffs.md."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from core.money import VAT_NAMES
from core.sheets import Broken, csv_rows
from core.texts import N_, Texts
from core.wire import CLOCK
from people.groups import CUSTOMER_GROUPS
from resources import tariff_form
from resources.import_files import WEEKDAYS, WEEKDAYS_PATTERN, weekdays
from resources.price_words import PAYMENTS, USAGES
from resources.tariff_form import Wrong
from resources.tariff_schemas import TariffLineIn

CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "kind": tuple(tariff_form.KINDS),
    "unit": tuple(tariff_form.UNITS),
    "hours": tuple(tariff_form.HOURS),
    "vat_code": tuple(VAT_NAMES),
    "payment": tuple(PAYMENTS),
    "per_place": ("true", "false"),
    "includes_vat": ("true", "false"),
}
"""Column → what may stand in it."""
LISTS: Final[Mapping[str, Sequence[str]]] = {
    "groups": tuple(CUSTOMER_GROUPS),
    "usages": tuple(USAGES),
    "weekdays": (*WEEKDAYS, "holiday"),
}
"""Column → what may stand in it, several separated by `|`."""
FIELD_OF: Final[Mapping[str, str]] = {"groups": "group", "usages": "usage"}
COLUMNS: Final = (
    "kind", "text_nb", "text_nn", "text_en", "groups", "usages", "weekdays", "from", "until", "hours", "min_minutes",
    "max_minutes", "unit", "price", "percent", "minimum", "most", "per_place", "includes_vat", "vat_code",
    "vat_reason", "payment", "valid_from", "valid_until",
)  # fmt: skip
ROW: Final = "row"
"""Named instead of a column, where it is the whole line."""
TIME_WRONG: Final = N_("Write a time such as 08:00, or 24:00.")
MINUTES: Final = (r"^[1-9][0-9]{0,5}(?!\n)$", tariff_form.WRONG["minutes"])
PATTERNS: Final[Mapping[str, tuple[str, str]]] = {
    "from": (CLOCK, TIME_WRONG),
    "until": (CLOCK, TIME_WRONG),
    "min_minutes": MINUTES,
    "max_minutes": MINUTES,
}
"""Column → how it is written, and what is said of anything else."""
NOT_OF_DISCOUNT: Final = ("unit", "price", "minimum", "most", "vat_code")
DISCOUNT_HAS: Final = N_("Leave this empty: a discount is in per cent.")
NO_DISCOUNT_HAS: Final = N_("Leave this empty: only a discount is in per cent.")
ONE_OF: Final = N_("Write one of these: %(words)s.")
ANY_OF: Final = N_("Write any of these with | between them: %(words)s.")


class Fault(Struct, frozen=True):
    """One thing that is wrong, where, and what would be right in the reader's words."""

    line: int
    field: str
    expected: str


class FileLine(Struct, frozen=True):
    """A line of the tariff, and the line of the file that it stands on."""

    number: int
    line: TariffLineIn


def read_price_file(text: str, texts: Texts) -> tuple[list[FileLine], list[Fault]]:
    """The lines that are right, in their order, and all faults of the others."""
    lines: list[FileLine] = []
    faults: list[Fault] = []
    columns: list[str] = []
    try:
        for number, cells in csv_rows(text):
            if not columns:
                columns = cells
                faults += _header_faults(number, columns, texts)
                if faults:
                    break
                continue
            if len(cells) > len(columns):
                said = texts.gettext("There are more cells than columns.")
                faults.append(Fault(number, ROW, said))
                continue
            given = {column: cell for column, cell in zip(columns, cells, strict=False) if cell}
            wrong = _cell_faults(given, texts)
            try:
                line = tariff_form.read_line(_form_of(given), texts)
                lines += [] if wrong else [FileLine(number, line)]
            except Wrong as error:
                wrong = {**error.errors, **wrong}
            faults += [Fault(number, field, said) for field, said in wrong.items()]
    except Broken as error:
        faults.append(Fault(error.line, ROW, texts.gettext("This is no CSV.")))
    if not lines and not faults:
        faults.append(Fault(1, ROW, texts.gettext("There are no lines.")))
    return lines, faults


def _header_faults(number: int, columns: Sequence[str], texts: Texts) -> list[Fault]:
    words = ", ".join(COLUMNS)
    faults = [
        Fault(
            number, column or ROW, texts.gettext("No column is called so. There are: %(words)s.", words=words)
        )
        for column in columns
        if column not in COLUMNS
    ]
    twice = {column for column in columns if column in COLUMNS and columns.count(column) > 1}
    return faults + [
        Fault(number, column, texts.gettext("This column stands there twice.")) for column in sorted(twice)
    ]


def _form_of(given: Mapping[str, str]) -> dict[str, str]:
    """What would stand in the form of a line; see `tariff_form.line_form`."""
    form = {"per_place": "true", "includes_vat": "true", **given}
    for column in ("per_place", "includes_vat"):
        form[column] = "yes" if form[column] == "true" else ""
    for column in LISTS:
        for word in _words(given, column):
            form.update(dict.fromkeys(_named(column, word), "yes"))
    return form


def _cell_faults(given: Mapping[str, str], texts: Texts) -> dict[str, str]:
    """Column → what is wrong with what stands there, each looked at by itself."""
    wrong: dict[str, str] = {}
    for column, words in CHOICES.items():
        if column in given and given[column] not in words:
            wrong[column] = texts.gettext(ONE_OF, words=", ".join(words))
    for column, words in LISTS.items():
        if not all(_named(column, word) for word in _words(given, column)):
            wrong[column] = texts.gettext(ANY_OF, words=", ".join(words))
    for column, (pattern, said) in PATTERNS.items():
        if column in given and not re.search(pattern, given[column]):
            wrong[column] = texts.gettext(said)
    is_discount = given.get("kind") == "discount"
    if not is_discount and "price" not in given:
        wrong["price"] = texts.gettext(tariff_form.AMOUNT)
    empty, said = (NOT_OF_DISCOUNT, DISCOUNT_HAS) if is_discount else (("percent",), NO_DISCOUNT_HAS)
    return {**wrong, **{column: texts.gettext(said) for column in empty if column in given}}


def _words(given: Mapping[str, str], column: str) -> list[str]:
    return [word.strip() for word in given.get(column, "").split("|") if word.strip()]


def _named(column: str, word: str) -> list[str]:
    """Fields of the form that the word in a list means; none: it means nothing."""
    if column != "weekdays":
        return [f"{FIELD_OF[column]}-{word}"] if word in LISTS[column] else []
    if word == "holiday":
        return [f"day-{tariff_form.HOLIDAY}"]
    return [f"day-{day}" for day in weekdays(word)] if re.search(WEEKDAYS_PATTERN, word) else []
