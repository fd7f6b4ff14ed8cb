"""Is everything the program says to people said in bokmål and nynorsk too? With --update: add what is missing."""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

LANGUAGES = ("nb", "nn")
ROOMS = ("core", "people", "resources", "booking", "payments", "calendar_feeds", "web")
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
JINJA = {"**/templates/**.html": {"trimmed": "true", "silent": "false", "encoding": "utf-8"}}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")


def said(root: Path) -> Catalog:
    """Every text that code and templates mark, as they stand now."""
    found = Catalog(project="Ledig", charset="utf-8")
    for room in ROOMS:
        for path, line, text, comments, context in extract_from_dir(
            root / room, METHODS, JINJA, keywords=KEYWORDS, comment_tags=("i18n:",)
        ):
            found.add(text, None, [(f"{room}/{path}", line)], auto_comments=comments, context=context)
    return found


def faults(wanted: Catalog, translated: Catalog) -> Iterator[str]:
    """What is missing, unsure, left over, or says other facts than the English does."""
    for message in _texts(wanted):
        found = translated.get(message.id, message.context)
        if found is None:
            yield f"missing: {message.id!r}"
        elif not all(_strings(found)):
            yield f"not translated: {message.id!r}"
        elif found.fuzzy:
            yield f"fuzzy: {message.id!r}"
        elif _facts(_strings(found)) != _facts(_ids(message)):
            yield f"other placeholders than in English: {message.id!r}"
    for message in _texts(translated):
        if wanted.get(message.id, message.context) is None:
            yield f"no longer said: {message.id!r}"


def _texts(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string or "",) if isinstance(message.string, str | None) else tuple(message.string)


def _facts(forms: tuple[str, ...]) -> set[str]:
    return {fact for form in forms for fact in PLACEHOLDER.findall(form)}


def main(arguments: list[str]) -> int:
    """0 when all is said, 1 with what is not told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write new texts into the catalogues")
    update = parser.parse_args(arguments).update
    root = Path(__file__).resolve().parent.parent
    wanted, told = said(root), 0
    for language in LANGUAGES:
        path = root / "web" / "locale" / language / "LC_MESSAGES" / "ledig.po"
        translated = read_po(path.open("rb"), locale=language) if path.exists() else Catalog(locale=language)
        if update:
            translated.update(wanted, no_fuzzy_matching=True)
            translated.obsolete.clear()
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_po(
                    file, translated, width=110, sort_by_file=True, include_lineno=False, omit_header=False
                )
        for fault in faults(wanted, translated):
            print(f"{path.relative_to(root)}: {fault}", file=sys.stderr)
            told += 1
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
