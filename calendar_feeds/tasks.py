"""What follows from news of bookings: their events are written, so that feeds find them ready. The room's houses have
tasks of their own.
"""

from datetime import datetime
from types import ModuleType

from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import BookingsChanged
from calendar_feeds.events import write_events
from calendar_feeds.incoming import tasks as incoming
from core.delivery import settings_of
from core.tasks import on
from core.tenants import home_of, tenant_here

HOUSES: tuple[ModuleType, ...] = (incoming,)
"""The tasks of the room's own houses: imported, they have subscribed."""


@on(BookingsChanged)
async def write_changed(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    """A feed that is read sooner writes them itself."""
    del now
    tenant = await tenant_here(db)
    base = home_of(tenant, settings_of(db))
    await write_events(db, tenant, base, [each.id for each in message.bookings])
