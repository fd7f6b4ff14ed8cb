"""Which claim rows stand for a booking or a closure, and what claims say about units. Pure."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import repeat
from typing import Any
from uuid import UUID

from booking.availability import Part, PoolTaken, Taken, Terms, UnitTaken, all_blocked
from booking.models import CORE, PAD, Claim
from core.spans import EVER, Span
from resources.facts import Bookable, ResourceFacts, UnitFacts

LONGEST_CLAIM = timedelta(hours=24)
LONGEST_PAD = timedelta(hours=24)
"""Of set-up or clean-up. What a booking was made with may be more than its resource asks today."""


@lru_cache(maxsize=8192)
def terms_of(facts: ResourceFacts, *, max_quantity: int = 10_000) -> Terms:
    """What the resource asks of a booking's time."""
    return Terms(
        interval_minutes=facts.interval_minutes,
        min_minutes=facts.min_minutes,
        max_minutes=facts.max_minutes,
        setup_minutes=facts.setup_minutes,
        cleanup_minutes=facts.cleanup_minutes,
        notice_minutes=facts.notice_minutes,
        notice_days=facts.notice_days,
        horizon_days=facts.horizon_days,
        horizon_opens_minute=facts.horizon_opens_minute,
        published_from=facts.published_from,
        published_until=facts.published_until,
        max_quantity=max_quantity,
    )


def terms_for(bookable: Bookable) -> Terms:
    """The same, where only pooled units take more than one at once."""
    is_pooled = any(unit.capacity is not None for unit in bookable.units)
    return terms_of(bookable.facts, max_quantity=10_000 if is_pooled else 1)


def padded(span: Span, setup_minutes: int, cleanup_minutes: int) -> Span:
    """With set-up before and clean-up after."""
    return Span(span.start - timedelta(minutes=setup_minutes), span.end + timedelta(minutes=cleanup_minutes))


def days_of(span: Span) -> Iterator[Span]:
    """The span in pieces of at most 24 hours."""
    start = span.start
    while start < span.end:
        end = min(start + LONGEST_CLAIM, span.end)
        yield Span(start, end)
        start = end


def booking_claims(
    booking_id: UUID,
    units: Iterable[UnitFacts],
    span: Span,
    *,
    setup_minutes: int,
    cleanup_minutes: int,
    quantity: int,
    held_until: datetime | None = None,
    rival_id: UUID | None = None,
) -> list[Claim]:
    """A core and a pad on each of the units. `rival_id`: of the booking that it would replace, and may overlap."""
    both = ((CORE, span), (PAD, padded(span, setup_minutes, cleanup_minutes)))
    return [
        Claim(
            unit_id=unit.id,
            booking_id=booking_id,
            rival_id=(rival_id or booking_id) if unit.capacity is None else unit.id,
            kind=kind,
            closing=False,
            quantity=quantity if unit.capacity is not None else 1,
            held_until=held_until,
            starts_at=piece.start,
            ends_at=piece.end,
        )
        for unit in units
        for kind, whole in both
        for piece in days_of(whole)
    ]


def closure_claims(closure_id: UUID, units: Iterable[UnitFacts], span: Span) -> list[Claim]:
    """A pad without padding on each of the units: closures may overlap each other, and bookings' padding."""
    return [
        Claim(
            unit_id=unit.id,
            booking_id=closure_id,
            rival_id=closure_id if unit.capacity is None else unit.id,
            kind=PAD,
            closing=True,
            quantity=unit.capacity or 1,
            starts_at=piece.start,
            ends_at=piece.end,
        )
        for unit in units
        for piece in days_of(span)
    ]


class Board:
    """Who has which unit when, as read under the lock, and as this request adds to it.

    A hold that has run out counts for nothing; `expired` says whose it was.
    """

    def __init__(self, rows: Iterable[Any], now: datetime) -> None:
        self._cores: dict[UUID, list[Part]] = {}
        self._pads: dict[UUID, list[Part]] = {}
        self._is_ordered = False
        self.expired: set[UUID] = set()
        self.stocks: Mapping[UUID, int] = {}
        """Of the articles' units that were asked for (booking/stock.py): how many there are in all."""
        for row in rows:
            if row.held_until is not None and row.held_until <= now:
                self.expired.add(row.booking_id)
                continue
            side = self._cores if row.kind == CORE else self._pads
            quantity = row.quantity if not row.closing else ALL_PLACES
            side.setdefault(row.unit_id, []).append(Part(Span(row.starts_at, row.ends_at), quantity))

    @classmethod
    def grouped(cls, rows: Iterable[Any]) -> "Board":
        """Of rows that each hold many times of one unit (`queries.taken_between`)."""
        board = cls((), EVER.start)
        for unit_id, kind, closing, quantity, starts, ends in rows:
            side = board._cores if kind == CORE else board._pads
            places = ALL_PLACES if closing else quantity
            side.setdefault(unit_id, []).extend(map(Part, map(Span, starts, ends), repeat(places)))
        return board

    def add(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            side = self._cores if claim.kind == CORE else self._pads
            parts = side.setdefault(claim.unit_id, [])
            part = Part(Span(claim.starts_at, claim.ends_at), claim.quantity)
            if self._is_ordered:
                insort(parts, part)
            else:
                parts.append(part)

    def copy(self) -> "Board":
        """One to add to without changing this one."""
        board = Board((), EVER.start)
        board._cores = {unit_id: list(parts) for unit_id, parts in self._cores.items()}
        board._pads = {unit_id: list(parts) for unit_id, parts in self._pads.items()}
        board._is_ordered = self._is_ordered
        board.stocks = self.stocks
        return board

    def taken(self, units: Iterable[UnitFacts], near: Span | None = None) -> Taken:
        """What others have of the units; with `near`, only what is within a day of it."""
        around = None if near is None else Span(near.start - 2 * LONGEST_CLAIM, near.end + 2 * LONGEST_CLAIM)
        if around is not None:
            self._order()
        taken: list[UnitTaken | PoolTaken] = []
        for unit in units:
            cores = _near(self._cores.get(unit.id, ()), around)
            pads = _near(self._pads.get(unit.id, ()), around)
            if unit.capacity is None:
                taken.append(UnitTaken(unit.id, [part.span for part in cores], [part.span for part in pads]))
            else:
                taken.append(PoolTaken(unit.id, unit.capacity, cores, pads))
        return taken

    def conflicts(
        self, units: Sequence[UnitFacts], span: Span, setup_minutes: int, cleanup_minutes: int, quantity: int
    ) -> list[Span]:
        """Where a booking that is made already, with the padding it was given, would meet others on the units."""
        terms = Terms(
            interval_minutes=1,
            setup_minutes=setup_minutes,
            cleanup_minutes=cleanup_minutes,
            max_quantity=ALL_PLACES,
        )
        blocked = all_blocked(self.taken(units, near=span), terms, quantity)
        return [other for other in blocked if other.meets(span)]

    def has_times_in(self, units: Iterable[UnitFacts], span: Span) -> bool:
        """Whether anybody's own time, set-up and clean-up apart, is on one of the units meanwhile."""
        self._order()
        return any(_near(self._cores.get(unit.id, ()), span) for unit in units)

    def _order(self) -> None:
        """So that what is near is found without looking at all the rest."""
        if self._is_ordered:
            return
        for side in (self._cores, self._pads):
            for parts in side.values():
                parts.sort()
        self._is_ordered = True


ALL_PLACES = 10**9
"""What a closure takes of a pooled unit."""


def _near(parts: Sequence[Part], around: Span | None) -> Sequence[Part]:
    """Those that meet it; of a list that is in order."""
    if around is None:
        return parts
    first = bisect_left(parts, around.start - LONGEST_CLAIM, key=_start)
    last = bisect_left(parts, around.end, lo=first, key=_start)
    return [part for part in parts[first:last] if part.span.end > around.start]


def _start(part: Part) -> datetime:
    return part.span.start


def window_of(spans: Sequence[Span], bookables: Mapping[UUID, Bookable]) -> Span:
    """All the spans with the widest padding around: where claims must be known to judge them."""
    pad = max((max(b.facts.setup_minutes, b.facts.cleanup_minutes) for b in bookables.values()), default=0)
    margin = timedelta(minutes=pad)
    return Span(min(s.start for s in spans) - margin, max(s.end for s in spans) + margin)
