"""What the program says to people: translated texts, and dates, times, lengths and money in the reader's language.

English stands in the code; web/locale/{nb,nn}/LC_MESSAGES/ledig.po hold bokmål and nynorsk.
"""

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

LANGUAGES: Final = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
"""Code and the name of the language in itself. The first is the last resort."""

LOCALES: Final = {"nb": "nb", "nn": "nn", "en": "en_GB"}
ALIASES: Final = {"no": "nb", "nb": "nb", "nn": "nn", "en": "en"}
FOLDER: Final = Path(__file__).parent.parent / "web" / "locale"


@lru_cache(maxsize=4096)
def format_date(day: date, pattern: str, locale: str) -> str:
    """Kept: a calendar writes the same few days again and again, and Babel reads its pattern anew each time."""
    return babel_date(day, pattern, locale)


def N_(text: str) -> str:
    """Mark a text that is translated later, where it is shown."""
    return text


@lru_cache
def catalogue(language: str) -> NullTranslations:
    """The texts of a language, read once from its .po file; English needs none."""
    path = FOLDER / language / "LC_MESSAGES" / "ledig.po"
    if language == "en" or not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=LOCALES[language]))
    compiled.seek(0)
    return Translations(compiled)


def pick_language(
    asked: str | None, cookie: str | None, accept_language: str | None, languages: Sequence[str]
) -> str:
    """The language to show: `?lang=`, then the cookie, then the browser's wish, then the municipality's first.

    Only languages the municipality offers are given; `no` counts as bokmål.
    """
    offered = [language for language in languages if language in LANGUAGES] or list(LANGUAGES)
    for wish in (asked, cookie, *wishes(accept_language or "")):
        language = ALIASES.get((wish or "").strip().lower().partition("-")[0])
        if language in offered:
            return language
    return offered[0]


def wishes(accept_language: str) -> list[str]:
    """The languages of an Accept-Language header, most wanted first; nonsense is left out."""
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language[:500].split(",")):
        language, _, parameters = part.partition(";")
        quality = parameters.strip().removeprefix("q=") or "1"
        try:
            weight = float(quality)
        except ValueError:
            continue
        if language.strip() and weight > 0:
            weighed.append((-weight, place, language.strip()))
    return [language for _, _, language in sorted(weighed)]


@lru_cache(maxsize=64)
def texts(language: str, zone: str = "Europe/Oslo") -> "Texts":
    """The texts of a language, with clock times read in the zone."""
    return Texts(language, ZoneInfo(zone))


class Texts:
    """Translates, and writes dates, times and money, for one language and one zone.

    Spans are any pair of aware instants. Instants are shown on the zone's wall clock, and a time that comes twice
    (autumn) says which of the two it is.
    """

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language
        self.zone = zone
        self.locale = LOCALES[language]
        self.translations = catalogue(language)

    def gettext(self, text: str, **values: object) -> str:
        """The text in the language; `%(name)s` takes the value of that name."""
        found = str(self.translations.gettext(text)) if text else ""
        return found % values if values else found

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        """The form that fits the number, which the text calls `%(n)d`."""
        return str(self.translations.ngettext(one, many, n)) % {"n": n, **values}

    # --- days and times

    def weekday(self, day: date) -> str:
        """`tirsdag`."""
        return format_date(day, "EEEE", self.locale)

    def day(self, day: date, *, year: bool = False) -> str:
        """`tirsdag 24. november`, with the year when asked for."""
        pattern = "EEEE d. MMMM" if self.is_norwegian else "EEEE d MMMM"
        return format_date(day, pattern + (" y" if year else ""), self.locale)

    def short_day(self, day: date) -> str:
        """`24. nov.`"""
        return format_date(day, "d. MMM" if self.is_norwegian else "d MMM", self.locale)

    def month(self, day: date) -> str:
        """`november 2026`."""
        return format_skeleton("yMMMM", datetime(day.year, day.month, 1), locale=self.locale)

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone)

    def clock(self, clock: time) -> str:
        """`8`, `18.30` in Norwegian; `08:00`, `18:30` in English."""
        return self._clock(clock.hour, clock.minute)

    def full_clock(self, clock: time) -> str:
        """For columns of times, always with minutes: `08.00`."""
        return f"{clock.hour:02}{'.' if self.is_norwegian else ':'}{clock.minute:02}"

    def times(self, span: tuple[datetime, datetime]) -> str:
        """`kl. 18–19` for a span inside one day; 24 is the end of the day. Longer spans name both days."""
        start, end = (self.local(instant) for instant in span)
        if not self._in_one_day(start, end):
            return f"{self.instant(span[0])} – {self.instant(span[1])}"
        last = (24, 0) if end.date() > start.date() else (end.hour, end.minute)
        between = f"{self._clock(start.hour, start.minute)}{self._which(start)}–{self._clock(*last)}{self._which(end)}"
        return f"kl. {between}" if self.is_norwegian else between

    def span(self, span: tuple[datetime, datetime], *, year: bool = False) -> str:
        """`tirsdag 24. november kl. 18–19`; over midnight both days are named."""
        start, end = (self.local(instant) for instant in span)
        if not self._in_one_day(start, end):
            return f"{self.instant(span[0], year=year)} – {self.instant(span[1], year=year)}"
        return self._day_and_time(self.day(start.date(), year=year), self.times(span))

    def instant(self, instant: datetime, *, year: bool = False) -> str:
        """`tirsdag 24. november kl. 18`."""
        local = self.local(instant)
        clock = f"{self._clock(local.hour, local.minute)}{self._which(local)}"
        return self._day_and_time(
            self.day(local.date(), year=year), f"kl. {clock}" if self.is_norwegian else clock
        )

    def wall(self, start: time, end: time) -> str:
        """Clock times without a day, as in opening hours: `8–22.30`; an end at midnight is 24."""
        last = (24, 0) if end == time(0) else (end.hour, end.minute)
        return f"{self._clock(start.hour, start.minute)}–{self._clock(*last)}"

    def days(self, first: date, last: date) -> str:
        """`24.–30. november 2026`, for the days of a week or a period, both ends included."""
        dot, year = ("." if self.is_norwegian else ""), format_date(last, "y", self.locale)
        until = f"{last.day}{dot} {format_date(last, 'MMMM', self.locale)} {year}"
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}{dot}–{until}"
        since = f"{first.day}{dot} {format_date(first, 'MMMM', self.locale)}"
        return f"{since}{'' if first.year == last.year else f' {first.year}'} – {until}"

    def length(self, length: timedelta | int) -> str:
        """`1 time 30 minutter`; a number is minutes."""
        minutes = length if isinstance(length, int) else int(length / timedelta(minutes=1))
        days, rest = divmod(minutes, 24 * 60)
        parts = [
            self.ngettext("%(n)d day", "%(n)d days", days) if days else "",
            self.ngettext("%(n)d hour", "%(n)d hours", rest // 60) if rest // 60 else "",
            self.ngettext("%(n)d minute", "%(n)d minutes", rest % 60) if rest % 60 or not minutes else "",
        ]
        return " ".join(part for part in parts if part)

    # --- numbers

    def money(self, ore: int) -> str:
        """Øre as `655 kr`, with the øre only when there are any: `655,50 kr`. English says `NOK 655`."""
        amount = _kroner(ore, "#,##0" if ore % 100 == 0 else "#,##0.00", self.locale)
        return f"{amount} kr" if self.is_norwegian else f"NOK {amount}"

    def amount(self, ore: int) -> str:
        """Øre as kroner with both decimals, for columns and sales documents: `1 655,50`."""
        return _kroner(ore, "#,##0.00", self.locale)

    def number(self, number: float) -> str:
        return format_decimal(number, locale=self.locale)

    def listed(self, things: Sequence[str]) -> str:
        """`a, b og c`."""
        if len(things) < 2:
            return "".join(things)
        return self.gettext("%(most)s and %(last)s", most=", ".join(things[:-1]), last=things[-1])

    # --- within

    @property
    def is_norwegian(self) -> bool:
        return self.language != "en"

    def _clock(self, hour: int, minute: int) -> str:
        if not self.is_norwegian:
            return f"{hour:02}:{minute:02}"
        return f"{hour}.{minute:02}" if minute else f"{hour}"

    def _day_and_time(self, day: str, clock: str) -> str:
        return f"{day} {clock}" if self.is_norwegian else f"{day}, {clock}"

    def _in_one_day(self, start: datetime, end: datetime) -> bool:
        next_day = start.date() + timedelta(days=1)
        return end.date() == start.date() or (end.date() == next_day and end.time() == time(0))

    def _which(self, local: datetime) -> str:
        other = local.replace(fold=1 - local.fold)
        if other.utcoffset() == local.utcoffset() or other.utcoffset() is None:
            return ""
        summer, winter = self.gettext("summer time"), self.gettext("winter time")
        return f" ({summer if local.dst() else winter})"


@lru_cache(maxsize=4096)
def _kroner(ore: int, pattern: str, locale: str) -> str:
    """Kept: prices are the same few amounts again and again, and babel takes a tenth of a millisecond for each."""
    return format_decimal(Decimal(ore).scaleb(-2), pattern, locale)
