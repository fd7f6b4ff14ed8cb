"""What a request meets and which rules it bends, by the same engine that judges every wish. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from booking.availability import PoolTaken, UnitTaken
from booking.cases.queue_rows import Wanted
from booking.claims import Board, terms_for
from booking.rules import Limit, Usage, refusals
from core.errors import AssociationNeeded, Refusal, TimeTaken
from core.spans import Span
from resources.facts import Bookable


class Met(NamedTuple):
    """How many bookings of others have some of the time, and how many other applications ask for it."""

    bookings: int
    requests: int


def met(times: Sequence[Wanted], bookables: Mapping[UUID, Bookable], now: datetime) -> Met:
    """A pooled unit is met only where it is too full for one more. What only asks for the time is a request, also
    when the asking holds it.
    """
    bookings: set[UUID] = set()
    for each in times:
        claims = [claim for claim in each.claims or () if claim.state != "requested"]
        bookable = bookables.get(each.resource_id)
        if not claims or bookable is None:
            continue
        board = Board(claims, now)
        span = Span(each.starts_at, each.ends_at)
        for unit in bookable.units:
            if board.conflicts([unit], span, each.setup_minutes, each.cleanup_minutes, each.quantity):
                bookings |= {claim.booking_id for claim in claims if claim.unit_id == unit.id}
    return Met(len(bookings), len({rival for each in times for rival in each.rivals or ()}))


def bent(
    times: Sequence[Wanted],
    bookables: Mapping[UUID, Bookable],
    *,
    is_club: bool,
    applied_at: datetime,
    usage: Usage | None,
    limits_at: Callable[[Bookable], Sequence[Limit]],
) -> list[Refusal]:
    """The rules that would say no to one of the times today, one of each kind; never that it is taken.

    Notice and horizon are counted from when it was applied for: waiting for an answer bends nothing. Each time counts
    against the limits of the next, as in an application; `usage` is that of the holder without them.
    """
    found: dict[str, Refusal] = {}
    for each in times:
        bookable = bookables.get(each.resource_id)
        if bookable is None:
            continue
        span = Span(each.starts_at, each.ends_at)
        if bookable.facts.association_only and not is_club:
            found.setdefault(AssociationNeeded.type, AssociationNeeded())
        for refusal in refusals(
            terms_for(bookable),
            bookable.hours,
            [
                UnitTaken(unit.id, [], [])
                if unit.capacity is None
                else PoolTaken(unit.id, unit.capacity, [], [])
                for unit in bookable.units
            ],
            wish=span,
            now=applied_at,
            quantity=each.quantity,
            usage=usage,
            limits=limits_at(bookable),
        ):
            if not isinstance(refusal, TimeTaken):
                found.setdefault(refusal.type, refusal)
        if usage is not None:
            usage.add(span, resource_id=bookable.facts.id, facility_id=bookable.facts.facility_id)
    return list(found.values())
