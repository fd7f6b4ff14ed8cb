"""What text does a search look through, and what does it look for?"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from core.texts import catalogue
from resources.activities import ACTIVITIES, EQUIPMENT, KINDS

FOLDS = str.maketrans(
    {"æ": "ae", "ø": "o", "å": "a", "ð": "d", "þ": "th", "ß": "ss", "ł": "l", "đ": "d", "œ": "oe"}
)
LONGEST = 8_000
"""Letters of search text kept for a resource."""


def fold(text: str) -> str:
    """Lower case without accents: å→a, ø→o, æ→ae, é→e; all that is no letter or figure is one space."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).lower().translate(FOLDS))
    letters = "".join(
        letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter)
    )
    return " ".join(letters.split())


def search_text(parts: Iterable[str]) -> str:
    """The folded words of all parts in their order, each word once. The first parts are never cut."""
    seen: dict[str, None] = {}
    for part in parts:
        seen.update(dict.fromkeys(fold(part).split()))
    return " ".join(seen)[:LONGEST]


FILLERS = frozenset(
    {
        "a",
        "an",
        "and",
        "at",
        "av",
        "de",
        "den",
        "det",
        "ei",
        "eller",
        "en",
        "et",
        "for",
        "i",
        "in",
        "med",
        "of",
        "og",
        "om",
        "or",
        "pa",
        "som",
        "the",
        "til",
        "to",
        "ved",
    }
)
"""Words that say nothing about a place, folded."""
ENDINGS = ("ene", "ane", "er", "ar", "en", "et", "a", "e")
MOST_WORDS = 8


def sought_words(text: str) -> list[tuple[str, str]]:
    """What must be found, each word with its stem for compounds: "haller" also finds "idrettshall".

    At most MOST_WORDS; words that say nothing are left out unless there are no others.
    """
    words = list(dict.fromkeys(fold(text[:400]).split()))
    telling = [word for word in words if word not in FILLERS] or words
    return [(word, _stem(word)) for word in telling[:MOST_WORDS]]


def _stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word


def place_text(
    names: Iterable[str],
    *,
    kind: str,
    activities: Iterable[str],
    equipment: Iterable[str],
    descriptions: Iterable[str],
) -> str:
    """What a search for a place looks through: names first, then kind, use and equipment in all languages."""
    codes = [kind, *activities]
    terms = [KINDS.get(kind), *map(ACTIVITIES.get, codes[1:]), *map(EQUIPMENT.get, equipment)]
    words = [word for term in terms if term for word in (term.label, term.words, *_translated(term.label))]
    return search_text([*names, *words, *codes, *descriptions])


@lru_cache(maxsize=1024)
def _translated(label: str) -> tuple[str, ...]:
    return tuple(catalogue(language).gettext(label) for language in ("nb", "nn"))
