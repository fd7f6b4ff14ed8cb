"""What happens by night: keys of requests that nobody repeats are forgotten."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from core.idempotency import forget
from core.tasks import every

KEYS_KEPT = timedelta(days=7)


@every("17 2 * * *")
async def forget_keys(db: AsyncSession, now: datetime) -> None:
    """Each night. What was answered under a key stands in the bookings themselves."""
    await forget(db, now - KEYS_KEPT)
