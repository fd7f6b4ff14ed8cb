"""Bars of a plot, in whole numbers: where each begins and how long it is. Pure; a template draws them as SVG."""

from collections.abc import Sequence

import msgspec

ROW = 44
"""Height of a bar with its words over it, in pixels."""
MOST_LETTERS = 34
"""Of a name; longer ones stand whole in the table beside."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One value. Places along the plot are in thousandths of its width."""

    name: str
    value: str
    x: int
    width: int
    top: int


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """Bars below each other, from a common line that stands for nothing."""

    bars: Sequence[Bar]
    zero: int
    height: int


def bars(values: Sequence[tuple[str, int, str]]) -> Plot:
    """Of (name, value, value in words). What is below nothing goes to the left of the line."""
    least = min([0, *(value for _, value, _ in values)])
    most = max([0, *(value for _, value, _ in values)])
    width = most - least or 1
    zero = -least * 1000 // width
    made: list[Bar] = []
    for place, (name, value, told) in enumerate(values):
        length = abs(value) * 1000 // width
        made.append(
            Bar(
                name=name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1] + "…",
                value=told,
                x=zero if value >= 0 else zero - length,
                width=length,
                top=place * ROW,
            )
        )
    return Plot(bars=made, zero=zero, height=max(len(made), 1) * ROW)
