"""What happens later: holds whose deadline has come. The room's houses have tasks of their own."""

from datetime import datetime
from types import ModuleType

from sqlalchemy.ext.asyncio import AsyncSession

from booking.arrangements import tasks as arrangements
from booking.cases import tasks as cases
from booking.guard import lapse
from booking.messages import HoldLapsed
from booking.new_units import cover
from booking.waiting import tasks as waiting
from core.tasks import on
from resources.messages import UnitMade

HOUSES: tuple[ModuleType, ...] = (arrangements, cases, waiting)
"""The tasks of the room's own houses: imported, they have subscribed."""


@on(HoldLapsed)
async def lapse_hold(db: AsyncSession, message: HoldLapsed, now: datetime) -> None:
    """End the hold, if it still is one and its deadline has passed."""
    await lapse(db, [message.booking_id], now)


@on(UnitMade)
async def close_unit(db: AsyncSession, message: UnitMade, now: datetime) -> None:
    """What closes the facility closes its new unit too."""
    await cover(db, [message.facility_id], now)
