"""What was measured, held against what was aimed at: a table to read and a file to compare."""

from collections.abc import Sequence
from pathlib import Path

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One aim. `ratio` is figure to limit or to peer, the way round that the aim says."""

    name: str
    figure: float
    unit: str
    limit: float | None = None
    peer: float | None = None
    ratio: float | None = None
    aim: str
    aim_met: bool


def at_most(name: str, figure: float, unit: str, *, factor: float, limit: float) -> Row:
    """The figure may be so many times the limit."""
    ratio = figure / limit
    aim = f"≤ {factor:g} × limit"
    return Row(
        name=name, figure=figure, unit=unit, limit=limit, ratio=ratio, aim=aim, aim_met=ratio <= factor
    )


def grown(name: str, figure: float, unit: str, *, small: float) -> Row:
    """At ten times the claims, against the same question at the fewer."""
    ratio = figure / small
    return Row(
        name=name,
        figure=figure,
        unit=unit,
        limit=small,
        ratio=ratio,
        aim="≤ 1.3 × the time",
        aim_met=ratio <= 1.3,
    )


def write(rows: Sequence[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n")


def table(rows: Sequence[Row]) -> str:
    """Columns side by side."""
    lines = [("what", "figure", "unit", "limit", "peer", "ratio", "aim", "met")]
    lines += [
        (
            row.name,
            _number(row.figure),
            row.unit,
            _number(row.limit),
            _number(row.peer),
            _number(row.ratio),
            row.aim,
            "yes" if row.aim_met else "NO",
        )
        for row in rows
    ]
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
