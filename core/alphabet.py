"""In which order do names stand for a Norwegian reader? The embedded PostgreSQL has no ICU, so it is done here."""

import unicodedata
from typing import Final

LAST: Final = {"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}"}
"""Letters after z, as ASCII that sorts after z; ä and ö stand with æ and ø."""


def alphabetical(name: str) -> tuple[str, str]:
    """The key to sort by: Æ, Ø, Å after Z, accents and case only where nothing else differs."""
    plain = ""
    for letter in unicodedata.normalize("NFC", name).lower():
        bare = LAST.get(letter) or unicodedata.normalize("NFKD", letter)
        plain += "".join(part for part in bare if not unicodedata.combining(part))
    return plain.replace("aa", "}"), name
