"""A municipality's own colour, made readable: from one colour to every shade the pages use, light and dark.

Contrast is WCAG 2.2's (relative luminance, §1.4.3 and §1.4.11): text 4.5:1, borders of controls 3:1.
"""

import re
from collections.abc import Iterator
from typing import Final

Rgb = tuple[float, float, float]

WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
FALLBACK: Final = "#0062ba"
DARK_PAGE: Final = "#17181a"
"""Designsystemet's neutral background in the dark scheme."""
GROUNDS: Final = (
    "background-default",
    "background-tinted",
    "surface-default",
    "surface-tinted",
    "surface-hover",
    "surface-active",
)
"""The shades that text stands on."""


def parse(colour: str) -> Rgb:
    """Red, green and blue from 0 to 1; what is no `#rrggbb` counts as the fallback colour."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        colour = FALLBACK
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def written(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(min(max(part, 0), 1) * 255):02x}" for part in rgb)


def luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parse(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """`share` of the other colour, from 0 to 1."""
    first, second = parse(colour), parse(other)
    return written(
        (
            first[0] + (second[0] - first[0]) * share,
            first[1] + (second[1] - first[1]) * share,
            first[2] + (second[2] - first[2]) * share,
        )
    )


def text_on(colour: str) -> str:
    """Black or white, whichever reads better on the colour."""
    return WHITE if contrast(colour, WHITE) >= contrast(colour, BLACK) else BLACK


def readable(colour: str, on: str, ratio: float = 4.5) -> str:
    """The colour, darkened on a light ground or lightened on a dark one, just enough for the ratio."""
    goal = BLACK if luminance(on) > 0.18 else WHITE
    for step in range(101):
        tried = mixed(colour, goal, step / 100)
        if contrast(tried, on) >= ratio:
            return tried
    return goal


def shades(colour: str, *, dark: bool) -> dict[str, str]:
    """Designsystemet's names of an accent colour's shades, each with the contrast its use demands."""
    page = DARK_PAGE if dark else WHITE
    away = WHITE if dark else BLACK
    tints = {
        "background-default": page,
        "background-tinted": mixed(page, colour, 0.07),
        "surface-default": mixed(page, colour, 0.10) if dark else page,
        "surface-tinted": mixed(page, colour, 0.13),
        "surface-hover": mixed(page, colour, 0.20),
        "surface-active": mixed(page, colour, 0.28),
        "border-subtle": mixed(page, colour, 0.45),
    }
    hardest = (max if dark else min)((tints[ground] for ground in GROUNDS), key=luminance)
    base, on_base = readable(colour, page), BLACK if dark else WHITE
    return {
        **tints,
        "border-default": readable(colour, hardest, 3),
        "border-strong": readable(colour, hardest),
        "text-subtle": readable(colour, hardest),
        "text-default": readable(mixed(colour, away, 0.55), hardest, 7),
        "base-default": base,
        "base-hover": mixed(base, away, 0.2),
        "base-active": mixed(base, away, 0.35),
        "base-contrast-default": on_base,
        "base-contrast-subtle": readable(mixed(base, on_base, 0.85), base),
    }


def stylesheet(colour: str) -> str:
    """The style sheet that gives the pages a municipality's colour, in the light and the dark scheme."""
    light = "".join(declarations(shades(colour, dark=False)))
    dark = "".join(declarations(shades(colour, dark=True)))
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def declarations(named: dict[str, str]) -> Iterator[str]:
    for name, colour in named.items():
        yield f"--ds-color-accent-{name}:{colour};"
