"""What happens later: by night, what has served its purpose is forgotten; and who is known nowhere any more."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from core.delivery import Door
from core.idempotency import forget
from core.tasks import every, on, outside
from people import erasure_queries, retaining
from people.messages import ForgettingDue, IdentityLeft

KEYS_KEPT = timedelta(days=7)


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
