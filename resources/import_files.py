"""What do the files of an import say, and what in them is wrong? No database. The format: docs/import.md."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from core.sheets import Broken, csv_rows
from core.wire import CLOCK, CODE, NO_NUL, Clock, Code, OptionalText, ShortText
from resources.schemas import (
    OPENS_AT,
    Capacity,
    FacilityIn,
    In,
    LimitFields,
    OpensAt,
    ResourceFields,
    SchoolHolidayIn,
)

T = TypeVar("T", bound=Struct)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS_PATTERN = r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?(?!\n)$"
Weekdays = Annotated[str, Meta(pattern=WEEKDAYS_PATTERN)]
"""mon, or mon-fri for each of those days."""
MOST_PROBLEMS = 200


class UnitRow(In, kw_only=True):
    facility: Code
    key: Code
    name: ShortText
    capacity: Capacity | None = None


class ResourceRow(ResourceFields, kw_only=True):
    facility: Code
    units: Annotated[list[Code], Meta(min_length=1, max_length=100)]


class OpeningRow(In, kw_only=True):
    facility: Code
    resource: Code | None = None
    weekday: Weekdays
    opens: OpensAt
    closes: Clock
    valid_from: date | None = None
    valid_until: date | None = None


class LimitRow(LimitFields, kw_only=True):
    facility: Code | None = None
    resource: Code | None = None


class WeeklyRow(In, kw_only=True):
    """A weekly time that an association has from one date to another."""

    facility: Code
    resource: Code
    association: ShortText
    title: OptionalText | None = None
    weekday: Weekdays
    start: OpensAt
    end: Clock
    from_on: date
    until_on: date
    activity: Code | None = None


class Problem(Struct, frozen=True, order=True):
    """One thing that is wrong, where, and what would be right."""

    file: str
    line: int
    field: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file} line {self.line}, field {self.field}: {self.expected}"


class ImportRefused(Exception):
    """Nothing was imported. `problems`: all that was found, in the files' order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems[:MOST_PROBLEMS])))
        self.problems = list(problems)


class Record(Struct, Generic[T]):
    """One row of a file, with where each of its fields stands."""

    row: T
    given: frozenset[str]
    """Fields that the file names; of a row that exists already no others are changed."""
    file: str
    line: int
    lines: Mapping[str, int]

    def problem(self, field: str, expected: str) -> Problem:
        """That this field of the row is wrong."""
        return Problem(self.file, self.lines.get(field, self.line), field, expected)


class Plan(Struct):
    """All that the files say."""

    facilities: list[Record[FacilityIn]] = []
    units: list[Record[UnitRow]] = []
    resources: list[Record[ResourceRow]] = []
    openings: list[Record[OpeningRow]] = []
    closed_always: list[tuple[str, str | None]] = []
    """Facility and resource keys for which JSON gives an empty list of opening hours."""
    school_holidays: list[Record[SchoolHolidayIn]] = []
    limits: list[Record[LimitRow]] = []
    weekly: list[Record[WeeklyRow]] = []


KINDS: dict[str, type[Struct]] = {
    "facilities": FacilityIn,
    "units": UnitRow,
    "resources": ResourceRow,
    "openings": OpeningRow,
    "school_holidays": SchoolHolidayIn,
    "limits": LimitRow,
    "weekly": WeeklyRow,
}
"""Name of a CSV file, and of a list in JSON → what its rows are."""
IN_WORDS = (
    (CODE, "a word of a-z, 0-9, - and _, a letter first"),
    (CLOCK, "a time such as 08:00, or 24:00"),
    (OPENS_AT, "a time such as 08:00"),
    (WEEKDAYS_PATTERN, "mon, tue, wed, thu, fri, sat, sun, or two of them such as mon-fri"),
    (NO_NUL, "text without NUL"),
)
"""Pattern → what people call it."""
LISTS = {"accessibility", "activities", "equipment", "units"}
PARTS = {"description": ("nb", "nn", "en"), "terms": ("version", "nb", "nn", "en")}


def read_files(files: Mapping[str, bytes]) -> Plan:
    """All records of all files (name → content). Raises ImportRefused with everything that is wrong in them."""
    plan, problems = Plan(), list[Problem]()
    for name, content in files.items():
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            problems.append(Problem(name, line, "file", "text in UTF-8"))
            continue
        read = _read_json if name.lower().endswith(".json") else _read_csv
        read(name, text, plan, problems.append)
    if problems:
        raise ImportRefused(problems)
    return plan


def weekdays(words: str) -> list[int]:
    """1 for `mon`, 1 to 5 for `mon-fri`, 6, 7 and 1 for `sat-mon`."""
    first, _, last = words.partition("-")
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    return [(start + step) % 7 + 1 for step in range((end - start) % 7 + 1)]


Report = Callable[[Problem], None]


def _read_csv(name: str, text: str, plan: Plan, report: Report) -> None:
    stem = re.sub(r".*[/\\]", "", name).lower().removesuffix(".csv").replace("-", "_")
    kind = KINDS.get(stem)
    if kind is None:
        report(
            Problem(name, 1, "file", f"a file named as one of {', '.join(f'{known}.csv' for known in KINDS)}")
        )
        return
    columns: list[str] = []
    try:
        for line, cells in csv_rows(text):
            if not columns:
                columns = cells
                if not _columns_known(name, columns, kind, report):
                    return
            elif len(cells) > len(columns):
                report(Problem(name, line, "row", f"{len(columns)} cells"))
            else:
                values = _from_cells(dict(zip(columns, cells, strict=False)))
                _add(plan, stem, kind, values, (name, line, {}), report, is_text=True)
    except Broken as error:
        report(Problem(name, error.line, "row", str(error)))


def _columns_known(name: str, columns: Sequence[str], kind: type[Struct], report: Report) -> bool:
    known = set[str]()
    for field in kind.__struct_fields__:
        known |= {f"{field}_{part}" for part in PARTS[field]} if field in PARTS else {field}
    known.discard("pictures")
    unknown = [column for column in columns if column not in known]
    for column in unknown:
        report(Problem(name, 1, column or "(empty)", f"a column named as one of {', '.join(sorted(known))}"))
    if len(set(columns)) < len(columns):
        report(Problem(name, 1, "header", "each column once"))
        return False
    return not unknown


def _from_cells(cells: Mapping[str, str]) -> dict[str, Any]:
    """Nested values as JSON has them; an empty cell is not given."""
    values: dict[str, Any] = {}
    for column, cell in cells.items():
        whole, _, part = column.rpartition("_")
        if cell == "":
            continue
        if part in PARTS.get(whole, ()):
            values.setdefault(whole, {})[part] = cell
        elif column in LISTS:
            values[column] = [word.strip() for word in cell.split("|") if word.strip()]
        else:
            values[column] = cell
    return values


def _read_json(name: str, text: str, plan: Plan, report: Report) -> None:
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        place = re.search(r"byte (\d+)", str(error))
        line = text.encode()[: int(place[1])].count(b"\n") + 1 if place else 1
        report(Problem(name, line, "file", f"JSON ({error})"))
        return
    if not isinstance(document, dict):
        report(
            Problem(name, 1, "file", "an object with lists of facilities, school_holidays, limits, weekly")
        )
        return
    Reader(name, lines_of(text), plan, report).document(msgspec.convert(document, dict[str, Any]))


class Reader:
    """Takes a JSON document apart: what is nested there are rows of their own in CSV."""

    def __init__(
        self, name: str, lines: Mapping[tuple[str | int, ...], int], plan: Plan, report: Report
    ) -> None:
        self.name, self.lines, self.plan, self.report = name, lines, plan, report

    def document(self, document: dict[str, Any]) -> None:
        for section, rows in document.items():
            if section not in {"facilities", "school_holidays", "limits", "weekly"}:
                self.problem((section,), section, "one of facilities, school_holidays, limits, weekly")
                continue
            for path, values in self.objects((section,), rows):
                if section == "facilities":
                    self.facility(path, values)
                else:
                    self.add(section, values, path)

    def facility(self, path: tuple[str | int, ...], values: dict[str, Any]) -> None:
        nested = {name: values.pop(name, None) for name in ("units", "resources", "opening")}
        self.add("facilities", values, path)
        key = values.get("key")
        for unit_path, unit in self.objects((*path, "units"), nested["units"]):
            self.add("units", unit, unit_path, facility=key)
        for resource_path, resource in self.objects((*path, "resources"), nested["resources"]):
            opening = resource.pop("opening", None)
            self.add("resources", resource, resource_path, facility=key)
            self.opening((*resource_path, "opening"), opening, facility=key, resource=resource.get("key"))
        self.opening((*path, "opening"), nested["opening"], facility=key)

    def opening(self, path: tuple[str | int, ...], rows: Any, **scope: Any) -> None:
        if rows == [] and isinstance(scope["facility"], str):
            self.plan.closed_always.append((scope["facility"], scope.get("resource")))
        for line_path, line in self.objects(path, rows):
            self.add("openings", line, line_path, **scope)

    def objects(
        self, path: tuple[str | int, ...], rows: Any
    ) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
        """The objects of a list with their paths; what is none is reported."""
        if rows is None:
            return
        if not isinstance(rows, list):
            self.problem(path, str(path[-1]), "a list")
            return
        for place, row in enumerate(msgspec.convert(rows, list[Any])):
            if isinstance(row, dict):
                yield (*path, place), msgspec.convert(row, dict[str, Any])
            else:
                self.problem((*path, place), str(path[-1]), "an object")

    def add(self, section: str, values: dict[str, Any], path: tuple[str | int, ...], **scope: Any) -> None:
        lines = {field: self.line((*path, field)) for field in values}
        taken = [field for field in scope if field in values]
        for field in taken:
            self.problem((*path, field), field, "nothing: it follows from where it stands")
        if not taken:
            where = (self.name, self.line(path), lines)
            _add(self.plan, section, KINDS[section], {**scope, **values}, where, self.report)

    def line(self, path: tuple[str | int, ...]) -> int:
        return self.lines.get(path, 1)

    def problem(self, path: tuple[str | int, ...], field: str, expected: str) -> None:
        self.report(Problem(self.name, self.line(path), field, expected))


def _add(
    plan: Plan,
    section: str,
    kind: type[Struct],
    values: dict[str, Any],
    where: tuple[str, int, Mapping[str, int]],
    report: Report,
    *,
    is_text: bool = False,
) -> None:
    """Put the record into the plan, or report each field that is wrong."""
    file, line, lines = where
    is_right = True
    for field in msgspec.structs.fields(kind):
        if field.name not in values:
            if field.required:
                report(Problem(file, line, field.name, "a value"))
                is_right = False
            continue
        try:
            values[field.name] = msgspec.convert(values[field.name], field.type, strict=not is_text)
        except msgspec.ValidationError as error:
            report(
                Problem(file, lines.get(field.name, line), field.name, _expected(error, values[field.name]))
            )
            is_right = False
    for name in values.keys() - set(kind.__struct_fields__):
        report(Problem(file, lines.get(name, line), name, f"one of {', '.join(kind.__struct_fields__)}"))
        is_right = False
    if is_right:
        record: Record[Any] = Record(kind(**values), frozenset(values), file, line, lines)
        getattr(plan, section).append(record)


def _expected(error: msgspec.ValidationError, value: Any) -> str:
    """`"abc"; expected int` and the like, from what msgspec says."""
    shown = repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}..."
    text = str(error).partition(" - at `$")[0]
    for pattern, words in IN_WORDS:
        if f"matching regex {pattern!r}" in text:
            return f"{shown}; expected {words}"
    return f"{shown}; {text[0].lower()}{text[1:]}"


TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def lines_of(text: str) -> dict[tuple[str | int, ...], int]:
    """Path of every value in a JSON text → the line on which it begins."""
    lines: dict[tuple[str | int, ...], int] = {}
    path: list[str | int] = []
    line, reached, before = 1, 0, ""
    for token in TOKEN.finditer(text):
        line += text.count("\n", reached, token.start())
        reached, sign = token.start(), token[0]
        if sign in "}]":
            path.pop()
        elif sign == ",":
            if isinstance(path[-1], int):
                path[-1] += 1
        elif sign != ":":
            is_key = before in {"{", ","} and isinstance(path[-1], str)
            if is_key:
                path[-1] = msgspec.json.decode(sign.encode(), type=str)
            else:
                lines[tuple(path)] = line
            if sign in "{[":
                path.append("" if sign == "{" else 0)
        before = sign
    return lines
