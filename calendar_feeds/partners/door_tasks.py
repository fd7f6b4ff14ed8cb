"""What happens later: codes follow bookings into the locks, whoever dies in between."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import BookingsChanged
from calendar_feeds.partners import door_codes, door_queries
from calendar_feeds.partners.door_calls import tell_lock
from calendar_feeds.partners.door_messages import CodeDue, LockChanged
from core.delivery import Door, settings_of
from core.destinations import networks
from core.outbox import publish
from core.spans import utc_now
from core.tasks import every, on, outside
from core.vault import vault_of

SLACK: Final = timedelta(seconds=30)
"""A message may be on its way for so long; then whoever was to speak to the lock is dead."""
A_RUN: Final = 200


@on(BookingsChanged)
async def follow(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    """Confirmed, moved, cancelled or displaced."""
    vault = vault_of(settings_of(db))
    await door_codes.keep(db, vault, [changed.id for changed in message.bookings], now)


@on(LockChanged)
async def follow_all(db: AsyncSession, message: LockChanged, now: datetime) -> None:
    """All that a lock is to know."""
    lock = await door_queries.door_lock(db, message.lock_id)
    if lock is not None:
        vault = vault_of(settings_of(db))
        await door_codes.keep(db, vault, await door_queries.concerned(db, lock, now), now)


@outside(CodeDue)
async def speak(transaction: Door, message: CodeDue, now: datetime) -> None:
    """Takes the errand, speaks to the lock, writes down how it went. Killed in between, it is all done once more."""
    vault = vault_of(transaction.settings)
    async with transaction() as db:
        errand = await door_codes.take(db, vault, message.code_id, now)
    if errand is None:
        return
    outcome = await tell_lock(errand, networks(transaction.settings.call_networks))
    async with transaction() as db:
        await door_codes.note(db, vault, errand, outcome, max(now, utc_now()))


@every("* * * * *")
async def each_minute(db: AsyncSession, now: datetime) -> None:
    """What a dead worker left, what is asked anew before its time, and who must be told."""
    for code_id in await door_queries.overdue(db, now - SLACK, now, A_RUN):
        publish(db, CodeDue(code_id))
    await door_codes.tell_missing(db, now, limit=A_RUN)
