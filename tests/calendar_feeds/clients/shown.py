"""What a calendar program shows of an event: the same words for all of them, so that they can be compared."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

FEW = 12
"""So many differences are told."""


class Shown(NamedTuple):
    """One event. Instants in UTC; texts as the program has them, "" where there are none."""

    start: datetime
    end: datetime
    uid: str
    status: str
    summary: str
    location: str
    description: str


def utc(value: Any) -> datetime:
    """An instant; a time without a zone is none."""
    assert isinstance(value, datetime), f"not an instant: {value!r}"
    assert value.tzinfo is not None, f"a time of no zone: {value!r}"
    return value.astimezone(UTC)


def told(text: Any) -> str:
    return "" if text is None else str(text)


def as_it_is(event: Shown) -> Shown:
    return event


def read_in_turn(event: Shown, *escapes: tuple[str, str]) -> Shown:
    r"""As programs have it that undo one escape after the other: of a typed `\n`, written `\\n`, they end a line."""

    def text(value: str) -> str:
        written = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        for escape, sign in escapes:
            written = written.replace(escape, sign)
        return written

    return event._replace(
        **{name: text(getattr(event, name)) for name in ("summary", "location", "description")}
    )


def without_uids(events: Iterable[Shown]) -> list[Shown]:
    """For programs that give events names of their own."""
    return sorted(event._replace(uid="") for event in events)


def differences(wanted: Iterable[Shown], found: Iterable[Shown]) -> str:
    """In words, a line each; the first few."""
    these, those = sorted(wanted), sorted(found)
    lacking = [f"not seen: {event}" for event in these if event not in those]
    made_up = [f"seen, but not there: {event}" for event in those if event not in these]
    twice = [f"seen {len(those)} for {len(these)}"] if len(these) != len(those) else []
    return "\n".join([*twice, *lacking, *made_up][:FEW])
