"""What happens by night: what nobody asks for any more is forgotten."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from core import rates
from core.idempotency import forget
from core.tasks import every
from people.identity_queries import forget_attempts

KEYS_KEPT = timedelta(days=7)


@every("17 2 * * *")
async def forget_keys(db: AsyncSession, now: datetime) -> None:
    """Each night. What was answered under a key stands in the bookings themselves."""
    await forget(db, now - KEYS_KEPT)


@every("27 2 * * *")
async def forget_sign_ins(db: AsyncSession, now: datetime) -> None:
    """Each night. The logins themselves are kept as long as the municipality keeps them."""
    await forget_attempts(db, now)


@every("47 2 * * *")
async def forget_clients(db: AsyncSession, now: datetime) -> None:
    """Each night: who has not asked for a while (core/rates.py). The table is all municipalities', and short."""
    await rates.forget(db, now)
