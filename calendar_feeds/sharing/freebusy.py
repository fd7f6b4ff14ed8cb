"""When can a resource, or any of a facility's, not be had? As everybody may know it, from the engine's own boards."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import shown_queries
from booking.browse import check_window, visible
from booking.claims import terms_for, window_of
from booking.guard import open_board
from calendar_feeds.sharing.ical import BusyResource
from calendar_feeds.sharing.rules import busy_in
from core.errors import NotFound
from core.spans import DAY, Span, local_date, local_day, span_between
from core.tenants import Tenant
from core.wire import when
from people.actors import NOBODY
from resources.facts import Bookable, Wanted
from resources.queries import bookable

AHEAD = timedelta(days=60)
"""What is told when nobody says how much: RFC 5545 speaks of the next months, and programs ask again."""


def window_asked(tenant: Tenant, from_: str | None, to: str | None, now: datetime) -> Span:
    """From the beginning of today, 60 days on, where the address does not say otherwise. Raises Invalid."""
    zone = tenant.zone
    start = when(from_, zone, "from") if from_ else local_day(zone, local_date(zone, now)).start
    last = local_date(zone, start) + AHEAD.days * DAY
    end = when(to, zone, "to") if to else local_day(zone, last).start
    return check_window(span_between(start, end))


async def of_resource(
    db: AsyncSession, resource_id: UUID, window: Span, *, base: str, now: datetime
) -> list[BusyResource]:
    """Raises NotFound for what is not published."""
    return await _busy(db, [await visible(db, NOBODY, resource_id, window, now)], window, base=base, now=now)


async def of_facility(
    db: AsyncSession, facility_id: UUID, window: Span, *, base: str, now: datetime
) -> list[BusyResource]:
    """Of each of its resources, by name. Raises NotFound where nothing is published."""
    found = await bookable(db, Wanted(facility_ids=(facility_id,), published_at=now), window)
    if not found:
        raise NotFound(what="facility")
    return await _busy(db, found, window, base=base, now=now)


async def _busy(
    db: AsyncSession, found: Sequence[Bookable], window: Span, *, base: str, now: datetime
) -> list[BusyResource]:
    """Four statements, however many resources."""
    reach = window_of([window], {each.facts.id: each for each in found})
    unit_ids = sorted({unit.id for each in found for unit in each.units})
    rows = await shown_queries.calendar_bookings(db, unit_ids, reach)
    unsure = [row.id for row in rows if row.state != "confirmed"]
    everything = await open_board(db, unit_ids, reach, now)
    sure = await open_board(db, unit_ids, reach, now, but_of=unsure) if unsure else everything
    return [
        BusyResource(
            resource_id=each.facts.id,
            name=f"{each.facts.name}, {each.facts.facility_name}",
            url=f"{base}/resources/{each.facts.id}",
            window=window,
            busy=busy_in(
                terms_for(each),
                each.hours,
                everything=everything.taken(each.units),
                sure=sure.taken(each.units),
                window=window,
            ),
        )
        for each in found
    ]
