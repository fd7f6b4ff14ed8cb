"""Displacing: what is laid over bookings lists them first, and ends them only when that was meant.

Whoever had the time is told by a message, and offered other times by whoever hears it (booking/arrangements). Nothing
is owed for it any more: what was paid is given back by the room of payments, which hears the same message.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import displacing_queries, queries, showing, shown_queries
from booking.displacing_queries import Ground
from booking.guard import end
from booking.models import Booking
from booking.news import tell_changed
from booking.owing import Refund, refund_due
from core.db import AnyRow
from core.errors import TimeTaken
from core.spans import Span
from people.actors import Actor

MOST_LISTED = 100
"""Bookings that a list of what is in the way names; it always says how many there are."""


class Displaced(NamedTuple):
    """What was ended, and what becomes of its money."""

    bookings: Sequence[Booking]
    refunds: Mapping[UUID, Refund]

    @property
    def ids(self) -> list[UUID]:
        return [each.id for each in self.bookings]


def fingerprint(booking_ids: Sequence[UUID]) -> str:
    """What a list of bookings is known by, so that nobody is displaced whom nobody has seen listed."""
    return hashlib.sha256(b"".join(sorted(each.bytes for each in booking_ids))).hexdigest()[:32]


async def displace(
    db: AsyncSession,
    actor: Actor,
    grounds: Sequence[Ground],
    *,
    reason: str,
    displace: bool,
    seen: str | None = None,
    now: datetime,
) -> Displaced:
    """End the bookings under the grounds and take away their claims, in this transaction; tell of it afterwards with
    `tell_displaced`. The caller has locked the units.

    Raises TimeTaken with the bookings when `displace` does not say so, or when they are others than were `seen`.
    """
    under = await displacing_queries.bookings_under(db, grounds)
    if under and (not displace or (seen is not None and seen != fingerprint(under))):
        rows = await shown_queries.shown_bookings(db, under[:MOST_LISTED])
        raise TimeTaken(
            conflicts=sorted({Span(row.starts_at, row.ends_at) for row in rows}),
            bookings=[row.id for row in rows],
            count=len(under),
        )
    locked = await queries.lock_bookings(db, ids=under)
    # Cancelling and moving away wait for nobody: what they took from under it meanwhile is let go.
    under = await displacing_queries.bookings_under(db, grounds)
    displaced = [booking for booking in locked if booking.id in under]
    refunds = {each.id: refund_due(each, None, waived=True, now=now) for each in displaced}
    for booking in displaced:
        end(db, booking, "displaced", actor.person_id, now=now, reason=reason)
    await queries.release(db, under)
    return Displaced(displaced, refunds)


def tell_displaced(db: AsyncSession, displaced: Displaced, actor: Actor, reason: str) -> None:
    """One message for each application, whoever is to be told of it: nothing here waits for them."""
    tell_changed(
        db, "displaced", displaced.bookings, actor.person_id, refunds=displaced.refunds, reason=reason
    )


async def listed(
    db: AsyncSession, actor: Actor, grounds: Sequence[Ground], now: datetime
) -> tuple[int, str, Sequence[AnyRow]]:
    """How many lie there, what they are known by, and the first of them by start, with the trace of reading them."""
    under = await displacing_queries.bookings_under(db, grounds)
    rows = await displacing_queries.who_lies_under(db, under, limit=MOST_LISTED)
    known = [row for row in rows if showing.may_read(actor, row)]
    await showing.note_others(db, actor, known, "bookings", now)
    return len(under), fingerprint(under), rows
