"""What happens later: by night, what has served its purpose is forgotten; and Enhetsregisteret is read."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import rates
from core.delivery import Door
from core.idempotency import forget
from core.outbox import later
from core.tasks import every, on, outside
from people import association_queries, associations, erasure_queries, register, retaining
from people.identity_queries import forget_attempts
from people.messages import ForgettingDue, IdentityLeft, RegisterReadDue

KEYS_KEPT = timedelta(days=7)
REGISTER_HOLDS = timedelta(hours=24)
"""How old what the register said may be."""
BATCH = 20
"""Associations of one message: they are asked for one after another."""
MOST_A_NIGHT = 2000
BETWEEN_BATCHES = timedelta(minutes=1)
SPREAD_SECONDS = 3600
"""Municipalities begin at different times within it, each always at the same."""
ATTEMPTS = 5
FIRST_PAUSE = timedelta(minutes=10)
"""Doubled after each time that the register did not answer."""
MISSES = 2
"""After so many in a row the register is down, and the rest of the batch waits."""


@every("17 2 * * *")
async def forget_keys(db: AsyncSession, now: datetime) -> None:
    """Each night. What was answered under a key stands in the bookings themselves."""
    await forget(db, now - KEYS_KEPT)


@every("23 2 * * *")
async def forget_in_time(db: AsyncSession, now: datetime) -> None:
    """Each night: what every kind of data is kept for has an end."""
    del now
    retaining.begin(db)


@on(ForgettingDue)
async def forget_batch(db: AsyncSession, message: ForgettingDue, now: datetime) -> None:
    """A batch; the next is told of, if there may be more."""
    await retaining.forget_batch(db, message.kind, now)


@outside(IdentityLeft)
async def forget_identity(transaction: Door, message: IdentityLeft, now: datetime) -> None:
    """In a transaction as herself, who alone may look over all municipalities. Doing it twice does nothing more."""
    del now
    async with transaction.database.herself(identity_id=message.identity_id) as db:
        await erasure_queries.forget_identity(db, message.identity_id)


@every("27 2 * * *")
async def forget_sign_ins(db: AsyncSession, now: datetime) -> None:
    """Each night. The logins themselves are kept as long as the municipality keeps them."""
    await forget_attempts(db, now)


@every("47 2 * * *")
async def forget_clients(db: AsyncSession, now: datetime) -> None:
    """Each night: who has not asked for a while (core/rates.py). The table is all municipalities', and short."""
    await rates.forget(db, now)


@every("41 0 * * *")
async def plan_register_reading(db: AsyncSession, now: datetime) -> None:
    """Each night: associations whose entry is old, in small batches, spread so that the register hardly notices."""
    tenant_id: UUID = db.info["tenant_id"]
    begin = now + timedelta(seconds=tenant_id.int % SPREAD_SECONDS)
    due = await association_queries.due_in_register(db, now - REGISTER_HOLDS, limit=MOST_A_NIGHT)
    for place, start in enumerate(range(0, len(due), BATCH)):
        message = RegisterReadDue(tuple(due[start : start + BATCH]))
        later(db, message, at=begin + place * BETWEEN_BATCHES)


@outside(RegisterReadDue)
async def read_register(transaction: Door, message: RegisterReadDue, now: datetime) -> None:
    """Ask, then write, each in a transaction of its own; what was not answered is asked for again, a few times."""
    if not transaction.settings.register_url:
        return
    async with transaction() as db:
        waiting = list(await association_queries.numbers_of(db, message.association_ids))
    unread: list[UUID] = []
    misses = 0
    for association_id, number in waiting:
        entry = None
        if misses < MISSES:
            entry = await register.look_up(transaction.settings.register_url, number)
            misses = 0 if entry is not None else misses + 1
        if entry is None:
            unread.append(association_id)
            continue
        async with transaction() as db:
            await associations.write_entry(db, association_id, entry, now)
    if unread and message.attempt < ATTEMPTS:
        async with transaction() as db:
            again = RegisterReadDue(tuple(unread), message.attempt + 1)
            later(db, again, at=now + FIRST_PAUSE * 2 ** (message.attempt - 1))
