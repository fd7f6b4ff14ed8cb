"""Whose times lie near a time? Pure, of claims that were read."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from booking.claims import LONGEST_CLAIM, padded
from booking.models import CORE
from core.spans import Span
from resources.facts import Bookable


class Neighbours:
    """Claims of bookings by start, so that those near a time are found without looking at all; closures left out."""

    def __init__(self, claims: Iterable[Any]) -> None:
        self._claims = sorted((each for each in claims if not each.closing), key=_start)

    def add(self, claims: Sequence[Any]) -> None:
        for claim in claims:
            insort(self._claims, claim, key=_start)

    def with_times_in(self, span: Span) -> list[UUID]:
        """Bookings whose own time meets the span, set-up and clean-up apart; by id."""
        return sorted({each.booking_id for each in self._near(span) if each.kind == CORE})

    def in_the_way(self, bookable: Bookable, span: Span) -> list[UUID]:
        """Bookings that keep a booking of all of the resource from having the span; by id."""
        facts = bookable.facts
        around = padded(span, facts.setup_minutes, facts.cleanup_minutes)
        return sorted(
            {each.booking_id for each in self._near(span)}
            | {each.booking_id for each in self._near(around) if each.kind == CORE}
        )

    def _near(self, span: Span) -> list[Any]:
        first = bisect_left(self._claims, span.start - LONGEST_CLAIM, key=_start)
        last = bisect_left(self._claims, span.end, lo=first, key=_start)
        return [each for each in self._claims[first:last] if each.ends_at > span.start]


def _start(claim: Any) -> datetime:
    return claim.starts_at
