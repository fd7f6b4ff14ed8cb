"""What happens later: whoever was displaced is offered other times."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking import replacing
from booking.arrangements.messages import ReplacementsDue
from booking.messages import BookingsChanged, ReplacementsFound
from core.outbox import publish
from core.tasks import on
from core.tenants import tenant_here

AT_ONCE = 5
"""Bookings that are looked for in one transaction."""


@on(BookingsChanged)
async def look_for_replacements(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    """Of what was displaced. The looking is done in small steps of its own, however long a series is."""
    del now
    if message.change == "displaced":
        publish(db, ReplacementsDue(message.application_id, [each.id for each in message.bookings]))


@on(ReplacementsDue)
async def find_replacements(db: AsyncSession, message: ReplacementsDue, now: datetime) -> None:
    """A few bookings; then the next few, or, when all are seen to, the news of what was found."""
    some, rest = message.booking_ids[:AT_ONCE], message.booking_ids[AT_ONCE:]
    found = [*message.found, *await replacing.find(db, await tenant_here(db), some, now)]
    if rest:
        publish(db, ReplacementsDue(message.application_id, rest, found))
    elif found:
        publish(db, ReplacementsFound(message.application_id, found))
