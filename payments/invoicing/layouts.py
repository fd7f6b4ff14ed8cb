"""Files for the books, written as a template says: records of fields, each with its width, form and filling. Pure.

The templates lie in payments/invoicing/layouts/*.toml and are told of in docs/invoicing.md: a municipality's own ERP
takes another one without a line of code.
"""

import codecs
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from core.sheets import is_formula
from payments.invoicing.layout_values import Value, file_values, line_values, order_values
from payments.invoicing.outgoing import Outgoing

FOLDER: Final = Path(__file__).parent / "layouts"
Form = Literal["text", "amount", "date", "number", "quantity", "percent"]


class DoesNotFit(ValueError):
    """A number or a date is wider than the layout lets it be; text is cut instead."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"{field}: {value}")
        self.field, self.value = field, value


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column: a value by name, or always the same text."""

    name: str = ""
    """Of the column, where the layout has a heading."""
    value: str = ""
    """A name of layout_values; empty: `text` as it stands."""
    text: str = ""
    form: Form = "text"
    width: int = 0
    """Letters; 0: as many as it takes."""
    align: Literal["left", "right"] = "left"
    fill: str = " "
    decimals: int = 2
    decimal: str | None = None
    """Sign between kroner and øre, where it differs from the layout's; empty: none, the øre follow at once."""
    date: str | None = None
    negative_credits: bool | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of the file: one of the whole (head, foot), or of every order or every line of one."""

    of: Literal["head", "order", "line", "foot"]
    fields: tuple[Field, ...]


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file."""

    key: str
    name: str
    about: str = ""
    writes: Literal["records", "ehf"] = "records"
    payments: tuple[str, ...] = ("invoice",)
    """Which orders go out with it: invoice, internal, online."""
    file_name: str
    media_type: str = "text/plain"
    encoding: str = "utf-8"
    newline: str = "\r\n"
    separator: str = ""
    quote: Literal["never", "needed", "always"] = "needed"
    heading: bool = False
    guard_formulas: bool = False
    """Text that a spreadsheet would read as a formula gets an apostrophe before it."""
    decimal: str = "."
    date: str = "%Y-%m-%d"
    negative_credits: bool = True
    """Whether amounts of credit notes are negative."""
    records: tuple[Record, ...] = ()


@cache
def layouts() -> Mapping[str, Layout]:
    """All there are, by key, as their names sort."""
    found = [_read(path) for path in FOLDER.glob("*.toml")]
    return {layout.key: layout for layout in sorted(found, key=lambda layout: layout.name)}


def _read(path: Path) -> Layout:
    layout = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Layout)
    assert layout.key == path.stem, f"{path.name} calls itself {layout.key}"
    "".encode(layout.encoding)
    return layout


def written(layout: Layout, papers: Iterable[Outgoing], *, number: int, made_on: date) -> bytes:
    """The file. Lazy papers are written as they come. Raises DoesNotFit."""
    return b"".join(pieces(layout, papers, number=number, made_on=made_on))


def pieces(layout: Layout, papers: Iterable[Outgoing], *, number: int, made_on: date) -> Iterator[bytes]:
    """The same, order by order."""
    writer = Writer(layout, number=number, made_on=made_on)
    yield writer.head()
    for paper in papers:
        yield writer.order(paper)
    yield writer.foot()


class Writer:
    """Writes one file piece by piece, and counts for its foot."""

    def __init__(self, layout: Layout, *, number: int, made_on: date) -> None:
        self._layout = layout
        self._number, self._made_on = number, made_on
        self._orders = self._lines = self._sum = 0
        self._encoder = codecs.getincrementalencoder(layout.encoding)("replace")
        self._columns = {
            of: [
                [_column(layout, field) for field in record.fields]
                for record in layout.records
                if record.of == of
            ]
            for of in ("head", "order", "line", "foot")
        }

    def head(self) -> bytes:
        rows = [self._row(columns, self._file(), is_credit=False) for columns in self._columns["head"]]
        if self._layout.heading:
            record = next(each for each in self._layout.records if each.of in ("order", "line"))
            rows.insert(0, self._joined([_quoted(self._layout, field.name) for field in record.fields]))
        return self._encoded(rows)

    def order(self, paper: Outgoing) -> bytes:
        self._orders += 1
        self._lines += len(paper.lines)
        self._sum += -paper.gross_ore if paper.is_credit else paper.gross_ore
        known = {**self._file(), **order_values(paper)}
        rows = [self._row(columns, known, is_credit=paper.is_credit) for columns in self._columns["order"]]
        if self._columns["line"]:
            for position, line in enumerate(paper.lines, start=1):
                told = {**known, **line_values(line, position)}
                rows += [
                    self._row(columns, told, is_credit=paper.is_credit) for columns in self._columns["line"]
                ]
        return self._encoded(rows)

    def foot(self) -> bytes:
        return self._encoded(
            [self._row(columns, self._file(), is_credit=False) for columns in self._columns["foot"]]
        )

    def _file(self) -> dict[str, Value]:
        return file_values(
            number=self._number,
            made_on=self._made_on,
            orders=self._orders,
            lines=self._lines,
            sum_ore=self._sum,
        )

    def _row(self, columns: list["Column"], values: Mapping[str, Value], *, is_credit: bool) -> str:
        return self._joined([column(values, is_credit) for column in columns])

    def _joined(self, cells: list[str]) -> str:
        return self._layout.separator.join(cells) + self._layout.newline

    def _encoded(self, rows: list[str]) -> bytes:
        return self._encoder.encode("".join(rows))


Column = Callable[[Mapping[str, Value], bool], str]


def _column(layout: Layout, field: Field) -> Column:
    """How a field is written, worked out once for the file."""
    decimal = layout.decimal if field.decimal is None else field.decimal
    pattern = layout.date if field.date is None else field.date
    turns = layout.negative_credits if field.negative_credits is None else field.negative_credits
    known = set(file_values()) | set(order_values(None)) | set(line_values(None, 0))
    assert not field.value or field.value in known, f"{layout.key}: no value is called {field.value}"

    def write(values: Mapping[str, Value], is_credit: bool) -> str:  # noqa: FBT001  # a column is called for each cell
        value: Any = values.get(field.value) if field.value else field.text
        if value is None:
            return _fitted(layout, field, "", is_text=True)
        if field.form == "amount" and isinstance(value, int):
            text = scaled(-value if is_credit and turns else value, 2, field.decimals, decimal)
        elif field.form == "quantity" and isinstance(value, int):
            text = scaled(value, 3, field.decimals, decimal)
        elif field.form == "percent" and isinstance(value, int):
            text = scaled(value, 2, field.decimals, decimal)
        elif isinstance(value, date):
            text = value.strftime(pattern)
        elif field.form == "number":
            text = str(value)
        else:
            return _fitted(layout, field, _one_line(str(value)), is_text=True)
        return _fitted(layout, field, text, is_text=False)

    return write


def scaled(value: int, places: int, decimals: int, sign: str) -> str:
    """A whole number of hundredths or thousandths with so many decimals, rounded half away from zero."""
    whole = abs(value) * 10**decimals
    rounded, rest = divmod(whole, 10**places)
    rounded += 2 * rest >= 10**places
    digits = str(rounded).rjust(decimals + 1, "0")
    minus = "-" if value < 0 and rounded else ""
    return minus + (f"{digits[:-decimals]}{sign}{digits[-decimals:]}" if decimals else digits)


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _fitted(layout: Layout, field: Field, text: str, *, is_text: bool) -> str:
    if is_text and layout.guard_formulas and is_formula(text):
        text = f"'{text}"
    if field.width:
        if len(text) > field.width:
            if not is_text:
                raise DoesNotFit(field.value, text)
            text = text[: field.width]
        if not layout.separator:
            return _padded(field, text)
    return _quoted(layout, text, is_text=is_text)


def _padded(field: Field, text: str) -> str:
    if field.align == "left":
        return text.ljust(field.width, field.fill)
    if field.fill == "0" and text.startswith("-"):
        return "-" + text[1:].rjust(field.width - 1, "0")
    return text.rjust(field.width, field.fill)


def _quoted(layout: Layout, text: str, *, is_text: bool = True) -> str:
    separator = layout.separator
    if not separator:
        return text
    if layout.quote == "never":
        return text.replace(separator, " ")
    if (layout.quote == "always" and is_text) or separator in text or '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return text


__all__ = ["DoesNotFit", "Layout", "Writer", "layouts", "pieces", "scaled", "written"]
