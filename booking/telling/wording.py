"""From a text with `{title}` and the like to what goes out: plain text, and paragraphs for HTML. Pure.

Whatever people have written is a value: it is cleaned here, stands where its name stood, and is never read again, so
that it can add no header, no markup and no field of its own.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

FIELD: Final = re.compile(r"\{([^{}\n]{0,60})\}")
LINE_ENDS: Final = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Signs that nobody sees and that turn around what stands beside them. Hebrew and Arabic letters need none."""
UNSEEN: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
LONGEST_LINE: Final = 200
LONGEST_TEXT: Final = 4000
LONGEST_LETTER: Final = 20_000
"""Of a whole text, so that one with its longest field in it many times over is still a letter."""
MOST_LINES: Final = 12


def clean(text: str, *, most: int = LONGEST_TEXT) -> str:
    """What people wrote, without signs that nobody sees; line ends are plain ones, and what is too long is cut."""
    lines = LINE_ENDS.sub("\n", text).replace("\t", " ")
    kept = "".join(
        sign
        for sign in lines
        if sign == "\n" or (sign not in BIDI and unicodedata.category(sign) not in UNSEEN)
    ).strip()
    return kept if len(kept) <= most else kept[: most - 1].rstrip() + "…"


def one_line(text: str, *, most: int = LONGEST_LINE) -> str:
    """The same on one line: fit for a header."""
    return clean(" ".join(clean(text, most=LONGEST_LETTER).split()), most=most)


def unknown(text: str, known: Iterable[str]) -> list[str]:
    """Names between braces that mean nothing, in their order; and a brace alone, as itself."""
    names = set(known)
    wrong = [found for found in FIELD.findall(text) if found not in names]
    rest = FIELD.sub("", text)
    return list(dict.fromkeys([*wrong, *(brace for brace in "{}" if brace in rest)]))


def paragraphs(text: str, values: Mapping[str, str]) -> list[str]:
    """The text's paragraphs with their values, without those in which all that was to be filled in is empty."""
    found: list[str] = []
    for paragraph in re.split(r"\n[ \t]*\n\s*", clean(text, most=LONGEST_LETTER)):
        names = FIELD.findall(paragraph)
        if names and not any(values.get(name) for name in names):
            continue
        filled = FIELD.sub(lambda match: values.get(match[1], match[0]), paragraph).strip()
        if filled:
            found.append(filled)
    return found


def subject(text: str, values: Mapping[str, str]) -> str:
    """One line, whatever stands in it."""
    return one_line(FIELD.sub(lambda match: values.get(match[1], match[0]), text)) or "–"


def plain(parts: Sequence[str]) -> str:
    """As a letter in plain text has it."""
    return clean("\n\n".join(parts), most=LONGEST_LETTER) + "\n"


def listed(lines: Sequence[str], more: str) -> str:
    """A line each; of many the first, and `more` of the rest."""
    shown = lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], more]
    return "\n".join(shown)


def rest_of(lines: Sequence[str]) -> int:
    """How many `listed` does not show."""
    return max(0, len(lines) - MOST_LINES + 1) if len(lines) > MOST_LINES else 0
