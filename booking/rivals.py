"""Those who asked for the same time and lose it: rejected with the winner's decision, each in a decision of her own."""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import decision_queries
from booking.claims import Board
from booking.decisions import Outcome, Words, record_decision
from booking.ground import Ground, board_but
from booking.guard import end
from booking.models import Booking
from booking.news import tell_changed
from booking.owing import GRANTED
from core.spans import Span
from core.tenants import Tenant
from people.actors import Actor


async def turn_down(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    ground: Ground,
    words: Words,
    told: Mapping[UUID, str],
    *,
    now: datetime,
) -> None:
    """Reject what was lost to the times that are confirmed now. `told`: application → the reason in its language."""
    won = [booking.id for booking in ground.bookings if booking.state in GRANTED]
    lost_ids = {row.id for row in await decision_queries.losers(db, won)}
    board = await board_but(db, ground, now)
    lost = [
        each
        for each in ground.losing
        if each.id in lost_ids and each.state == "requested" and _cannot_be_had(each, ground, board)
    ]
    for application_id, bookings in _by_application(lost):
        application, reason = ground.others[application_id], told[application_id]
        for booking in bookings:
            end(db, booking, "rejected", actor.person_id, now=now, reason=reason or None)
            booking.decided_at, booking.decided_by = now, actor.person_id
            booking.decision_text = words.text or None
        application.version += 1
        await db.flush()
        if not await decision_queries.has_requested(db, application_id):
            application.answer_by = application.paused_at = None
        outcomes = [Outcome(booking, "rejected") for booking in bookings]
        await record_decision(db, application, outcomes, words, tenant=tenant, by=actor, now=now)
        tell_changed(db, "decided", bookings, actor.person_id, reason=reason)


def _by_application(bookings: list[Booking]) -> list[tuple[UUID, list[Booking]]]:
    ordered = sorted(bookings, key=lambda each: (each.application_id, each.starts_at, each.id))
    return [(id_, list(group)) for id_, group in groupby(ordered, key=lambda each: each.application_id)]


def _cannot_be_had(booking: Booking, ground: Ground, board: Board) -> bool:
    """Where several have the same unit at once there may be room for both."""
    bookable = ground.bookables.get(booking.resource_id)
    if bookable is None:
        return True  # it shares a unit with what was given, and there is no knowing the rest of it
    return bool(
        board.conflicts(
            bookable.units,
            Span(booking.starts_at, booking.ends_at),
            booking.setup_minutes,
            booking.cleanup_minutes,
            booking.quantity,
        )
    )
