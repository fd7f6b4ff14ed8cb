"""What stands around every page, and how a template becomes HTML.

A template is named by its room: `booking/search.html` is the file booking/templates/search.html. What it takes
stands in a comment at its head.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from core.texts import LANGUAGES, texts

ROOT: Final = Path(__file__).parent.parent


class LanguageLink(msgspec.Struct, frozen=True):
    """A way to read this very page in another language."""

    code: str
    name: str
    url: str
    is_current: bool


class Municipality(msgspec.Struct, frozen=True, kw_only=True):
    """What the head and foot of a page say about the municipality."""

    name: str
    slug: str
    logo_url: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The frame of a page: where the reader is, in which language, and who is reading."""

    language: str
    base: str
    """What every link of the municipality begins with: `/sandnes`, or empty on a host of its own or above all."""
    path: str
    """This page with its query, for coming back to it: after signing in, after choosing a language."""
    languages: Sequence[LanguageLink]
    zone: str = "Europe/Oslo"
    municipality: Municipality | None = None
    """None on the pages above all municipalities."""
    reader: str | None = None
    """The name of who is signed in."""
    unread: int = 0
    """Messages to the reader that she has not opened."""
    may_decide: bool = False
    """The reader is a case officer here, and gets the way to the requests."""
    may_see_day: bool = False
    """The reader opens and locks somewhere, and gets the way to the list of the day."""
    can_sign_in: bool = False
    """There is somewhere to sign in."""
    may_administer: bool = False
    """The reader administers something here (people.administration), and gets the way to it."""
    is_demo: bool = False
    notice: str | None = None
    """What was just done, already translated, shown once at the top."""


def language_links(path: str, query: str, languages: Sequence[str], current: str) -> list[LanguageLink]:
    """This page, with all it was asked for, in each of the languages."""
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "lang"]
    return [
        LanguageLink(
            code=code,
            name=LANGUAGES[code],
            url=f"{path}?{urlencode([*kept, ('lang', code)])}",
            is_current=code == current,
        )
        for code in languages
    ]


def safe_path(path: str) -> str | None:
    """The path when it leads to a page of ours; None for other sites and nonsense, whatever its disguise."""
    odd = not path.startswith("/") or path.startswith("//") or "\\" in path
    if odd or not path.isprintable() or len(path) > 6000:
        return None
    parts = urlsplit(path)
    return None if parts.scheme or parts.netloc else path


@lru_cache(maxsize=64)
def environment(language: str, zone: str) -> Environment:
    """Templates of every room; in them `_` and `ngettext` translate, and `t` writes days, times and money."""
    words = texts(language, zone)
    made = Environment(
        loader=PrefixLoader(
            {folder.parent.name: FileSystemLoader(folder) for folder in sorted(ROOT.glob("*/templates"))}
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    given: dict[str, Any] = {"_": words.gettext, "ngettext": words.ngettext, "t": words, "link": link}
    made.globals.update(given)
    return made


def link(path: str, /, **values: object) -> str:
    """The path with a query of those values that are not None or empty; after the query it has, if it has one."""
    kept = {name: value for name, value in values.items() if value not in (None, "")}
    return f"{path}{'&' if '?' in path else '?'}{urlencode(kept)}" if kept else path


def render(template: str, page: Page, **values: object) -> str:
    """The HTML of a template. A name it needs and is not given is an error, not a hole in the page."""
    return environment(page.language, page.zone).get_template(template).render(page=page, **values)
