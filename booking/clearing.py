"""What is in the way of what a calendar outside says: shown, and displaced when an officer means it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import claim_queries
from booking.attaching import Asked, InTheWay, around, bookable_at, is_free
from booking.claims import Board, padded, window_of
from booking.displacing import displace, listed, tell_displaced
from booking.displacing_queries import Ground
from booking.guard import board_of
from booking.neighbours import Neighbours
from core.db import AnyRow
from core.spans import Span
from people.actors import Actor
from resources.facts import Bookable


async def in_the_way(
    db: AsyncSession, resource_id: UUID, asked: Sequence[Asked], *, as_booking: bool, now: datetime
) -> dict[str, InTheWay]:
    """Those of the times that could not be had now, without locking: for showing, not for taking. Raises NotFound."""
    if not asked:
        return {}
    bookable = await bookable_at(db, resource_id, around(asked))
    window = window_of([around(asked)], {resource_id: bookable})
    claims = await claim_queries.claims_between(db, [unit.id for unit in bookable.units], window)
    live = [each for each in claims if each.held_until is None or each.held_until > now]
    board, there = Board(live, now), Neighbours(live)
    if not as_booking:
        return {
            each.key: InTheWay(there.with_times_in(each.span))
            for each in asked
            if board.has_times_in(bookable.units, each.span)
        }
    return {
        each.key: InTheWay(there.in_the_way(bookable, each.span))
        for each in asked
        if not is_free(bookable, board, each.span)
    }


async def clear(
    db: AsyncSession,
    actor: Actor,
    resource_id: UUID,
    span: Span,
    *,
    as_booking: bool,
    reason: str,
    seen: str | None,
    now: datetime,
) -> None:
    """Displace the bookings that are in the way of a closure or booking there. Raises NotFound; TimeTaken when they are
    others than were `seen`.
    """
    bookable = await bookable_at(db, resource_id, span)
    ground = _ground(bookable, span, as_booking=as_booking)
    await board_of(db, {resource_id: bookable}, ground.reach, now)
    displaced = await displace(db, actor, [ground], reason=reason, displace=True, seen=seen, now=now)
    await db.flush()
    tell_displaced(db, displaced, actor, reason)


async def under(
    db: AsyncSession, actor: Actor, resource_id: UUID, span: Span, *, as_booking: bool, now: datetime
) -> tuple[int, str, Sequence[AnyRow]]:
    """What `clear` would displace (see `displacing.listed`). Raises NotFound."""
    bookable = await bookable_at(db, resource_id, span)
    return await listed(db, actor, [_ground(bookable, span, as_booking=as_booking)], now)


def _ground(bookable: Bookable, span: Span, *, as_booking: bool) -> Ground:
    unit_ids = [unit.id for unit in bookable.units]
    if not as_booking:
        return Ground(unit_ids, span)
    return Ground(unit_ids, padded(span, bookable.facts.setup_minutes, bookable.facts.cleanup_minutes), span)
