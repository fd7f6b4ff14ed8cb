"""Who is next, until when she may answer, and who is told how often? Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from core.spans import Span

TIME_TO_ANSWER: Final = timedelta(hours=24)
"""For which a freed time is held for whoever is next."""
BEFORE_START: Final = timedelta(hours=2)
"""An offer never stands later than so long before the time begins: others must be able to use it."""
LEAST_TO_ANSWER: Final = timedelta(minutes=30)
"""With less time than this nothing is held: all who wait are told, and the first to book has it."""
TOLD_EVERY: Final = timedelta(days=1)
"""How often one wait is told that there is something."""
MOST_WAITS: Final = 20
"""Of one person at a time."""


class Freed(NamedTuple):
    """A time that has become free on the units."""

    unit_ids: frozenset[UUID]
    span: Span


def answer_by(start: datetime, now: datetime) -> datetime | None:
    """Until when an offer of a time that begins at `start` stands; None: it is too late to hold it for anybody."""
    deadline = min(now + TIME_TO_ANSWER, start - BEFORE_START)
    return deadline if deadline - now >= LEAST_TO_ANSWER else None


def in_order(waits: Iterable[Any], association_id: UUID | None) -> list[Any]:
    """Those of the club that had the time first, then the others; each by how long they have waited."""

    def place(wait: Any) -> tuple[bool, datetime, UUID]:
        is_same_club = association_id is not None and wait.association_id == association_id
        return (not is_same_club, wait.created_at, wait.id)

    return sorted(waits, key=place)


def may_be_told(told_at: datetime | None, now: datetime) -> bool:
    """Not more often than once a day."""
    return told_at is None or now - told_at >= TOLD_EVERY


def meets(span: Span, freed: Sequence[Freed], reach: timedelta) -> bool:
    """Whether anything was freed where the padded time may lie."""
    around = Span(span.start - reach, span.end + reach)
    return any(each.span.meets(around) for each in freed)
