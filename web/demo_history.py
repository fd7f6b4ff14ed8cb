"""What was booked in the demo until now: halls and rooms that people hired, so that there is something to invoice."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from booking.apply import apply
from booking.schemas import ApplicationIn, WishIn
from core.errors import Closed, OutsideOpeningHours
from core.spans import DAY, local_date
from core.tenants import Tenant
from core.wire import LocalTime
from payments.invoicing.gathering import begin
from people.actors import Actor
from web.demo_people import Municipality, actor_of, demo_id

HIRED: Final = {
    "sandnes": ("motesenteret/motelokale-1", "motesenteret/motelokale-2"),
    "sola": ("sola-arena/hall-2-a", "sola-arena/hall-2-b"),
}
"""Municipality → what was hired there, where it decides by itself."""
WEEKS: Final = 9
"""How long ago it began."""
AHEAD: Final = timedelta(days=5)
"""How long before its time each was booked."""


async def lay_history(db: AsyncSession, each: Municipality, tenant: Tenant, now: datetime) -> None:
    """A booking a week of each, in turn of two people; and a first gathering of invoices, for finance to look at."""
    today = local_date(tenant.zone, now)
    hirers = [actor_of(each, "citizen"), actor_of(each, "neighbour")]
    for number, key in enumerate(HIRED.get(each.slug, ())):
        resource_id = demo_id(each.slug, "resource", key)
        for week in range(WEEKS, 0, -1):
            day = today - timedelta(weeks=week) - today.isoweekday() * DAY + (2 + number) * DAY
            wish = WishIn(resource_id=resource_id, start=LocalTime(day, "18:00"), end=LocalTime(day, "20:00"))
            before = now - timedelta(weeks=week) - AHEAD - 7 * DAY
            await _hire(db, hirers[(week + number) % 2], tenant, wish, now=before)
    if each.slug in HIRED:
        first = today - timedelta(weeks=WEEKS + 1)
        await begin(db, actor_of(each, "admin"), first, until_on=today - 7 * DAY, now=now)


async def _hire(db: AsyncSession, actor: Actor, tenant: Tenant, wish: WishIn, *, now: datetime) -> None:
    form = ApplicationIn(times=[wish], title="Leie", purpose="Møte", accepted_terms=True)
    try:
        await apply(db, actor, tenant, form, now)
    except (Closed, OutsideOpeningHours):
        return  # a public holiday
