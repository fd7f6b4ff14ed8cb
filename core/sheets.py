"""Tables for spreadsheets, in which what people wrote stays text and never becomes a formula.

What a text cell may begin with: OWASP, "CSV Injection".
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

FORMULA = frozenset("=+-@−")
"""What a spreadsheet reads as a formula, plain or in a form that Unicode holds for equal (full-width, small)."""
BREAKS = frozenset("\t\r\n")


def csv_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """As Excel in Norwegian reads it by itself: UTF-8 with its mark, semicolons, CRLF, decimal comma.

    Numbers stay numbers, None is an empty cell, and everything else is its `str`. Text that would be a formula gets
    an apostrophe before it. A row may be lazy: rows are written as they come.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([_cell(each) for each in header])
    writer.writerows([_cell(each) for each in row] for row in rows)
    return written.getvalue().encode("utf-8-sig", "replace")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(value).replace(".", ",")
    text = str(value)
    return f"'{text}" if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might take it for one: signs that are not seen, before it, do not save it."""
    if text[:1] in BREAKS:
        return True
    first = next((sign for sign in text if unicodedata.category(sign)[0] not in "ZC"), "")
    return unicodedata.normalize("NFKC", first)[:1] in FORMULA


class Broken(Exception):
    """A text that is no CSV from this line on."""

    def __init__(self, line: int, told: str) -> None:
        super().__init__(told)
        self.line = line


def csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells, without spaces around, of each line that says anything. Raises Broken."""
    header = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if header.count(";") > header.count(",") else ","
    )
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise Broken(reader.line_num, str(error)) from error
