"""How values look in JSON: bounded texts, spans, and instants that people may also write on the local clock."""

import re
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.errors import Invalid
from core.spans import Span, local_instant
from core.texts import N_

NO_NUL = r"^[^\u0000]*$"
CODE = r"^[a-z][a-z0-9_-]{0,49}(?!\n)$"
r"""Patterns mean the same to Python and to readers of the API document (ECMA-262): no `\d`, which in Python is also
Arabic digits, and no bare `$`, which in Python lets a line's end through."""
CLOCK = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)(?!\n)$"
Code = Annotated[str, msgspec.Meta(pattern=CODE)]
"""A word from a fixed list, or a key."""
ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)]
OptionalText = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)]
LongText = Annotated[str, msgspec.Meta(max_length=5000, pattern=NO_NUL)]
Clock = Annotated[str, msgspec.Meta(pattern=CLOCK)]
"""`HH:MM` on the local clock; 24:00 is the end of the day."""


class SpanOut(msgspec.Struct, frozen=True):
    """[start, end), RFC 3339 with the municipality's offset."""

    start: datetime
    end: datetime


class LocalTime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A time on the municipality's clock. `fold` 1 is the second of two equal times in autumn."""

    date: date
    time: Clock
    fold: Annotated[int, msgspec.Meta(ge=0, le=1)] = 0


Instant = Annotated[datetime, msgspec.Meta(tz=True)] | LocalTime
"""Either form is understood wherever an instant is asked for."""


def span_out(span: Span, zone: ZoneInfo) -> SpanOut:
    """The span as its municipality's clock shows it."""
    return SpanOut(span.start.astimezone(zone), span.end.astimezone(zone))


def instant_from(value: datetime | LocalTime, zone: ZoneInfo, field: str) -> datetime:
    """The instant that was meant. Raises NonexistentLocalTime with the field for a time that the clock skips."""
    if isinstance(value, datetime):
        return value
    if not 2000 <= value.date.year <= 2100:
        raise Invalid(field=field, expected=N_("a year from 2000 to 2100"))
    return local_instant(zone, value.date, minutes_of(value.time), value.fold)


def minutes_of(clock: str) -> int:
    """Minute of the day of `HH:MM`; 1440 for 24:00."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def clock_of(minute: int) -> str:
    """`HH:MM` of a minute of the day; minutes past midnight are the next day's clock, and 1440 is 24:00."""
    shown = minute if minute == 1440 else minute % 1440
    return f"{shown // 60:02}:{shown % 60:02}"


def facts_out(value: Any, zone: ZoneInfo) -> Any:
    """Facts of a refusal, with spans and instants on the municipality's clock."""
    if isinstance(value, Span):
        return span_out(value, zone)
    if isinstance(value, datetime):
        return value.astimezone(zone)
    if isinstance(value, dict):
        return {key: facts_out(inner, zone) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]  # facts are free-form
    if isinstance(value, list | tuple | set | frozenset):
        return [facts_out(inner, zone) for inner in value]  # pyright: ignore[reportUnknownVariableType]  # the same
    return value


def has_nul(text: str) -> bool:
    """PostgreSQL stores no NUL; JSON bodies are checked by pattern, addresses by this."""
    return re.search("\x00", text) is not None


WHEN = (
    r"^(20[0-9]{2}|2100)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+ -]([01][0-9]|2[0-3]):[0-5][0-9]))?(?!\n)$"
)
"""An instant in an address: RFC 3339 with offset, or a date, which is its first instant on the local clock."""


def when(text: str, zone: ZoneInfo, field: str) -> datetime:
    """The instant that an address names. A `+` that arrived as a space is understood. Raises Invalid."""
    try:
        if len(text) == len("2026-11-24"):
            return instant_from(LocalTime(date.fromisoformat(text), "00:00"), zone, field)
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise Invalid(
            field=field, expected=N_("a date, or a time with its offset from UTC (RFC 3339)")
        ) from error
    if found.tzinfo is None or not 2000 <= found.year <= 2100:
        raise Invalid(field=field, expected=N_("a time with its offset from UTC, in the years 2000 to 2100"))
    return found


def id_in(text: str | None) -> UUID | None:
    """The id that a form or an address names; None for anything else."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
