"""What happens later to a case: a new one finds its officer."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking.cases import routing
from booking.messages import BookingsChanged
from core.tasks import on


@on(BookingsChanged)
async def route_case(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    """Applying does not wait for it."""
    if message.change == "requested":
        await routing.route(db, message, now)
