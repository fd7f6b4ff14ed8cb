"""What happens later: holds whose deadline has come. The room's houses have tasks of their own."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

import booking.cases.tasks as of_cases
from booking.guard import lapse
from booking.messages import HoldLapsed
from core.tasks import on


@on(HoldLapsed)
async def lapse_hold(db: AsyncSession, message: HoldLapsed, now: datetime) -> None:
    """End the hold, if it still is one and its deadline has passed."""
    await lapse(db, [message.booking_id], now)


assert of_cases.route_case, "a new case finds its officer"
