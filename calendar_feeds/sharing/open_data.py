"""The open data of a municipality: its resources, and when they are taken; what everybody may know, and no persons."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.sharing import queries
from calendar_feeds.sharing.schemas import OpenBooking, OpenResource
from core.db import AnyRow
from core.errors import Invalid
from core.paging import Page, read_cursor, write_cursor
from core.spans import Span
from core.tenants import Tenant
from core.texts import N_
from resources import place_queries
from resources.place_queries import Kept, Sight

MOST_DAYS = 366
"""Of one question about taken times."""


async def open_resources(
    db: AsyncSession, *, base: str, cursor: str | None, limit: int, now: datetime
) -> Page[OpenResource]:
    """What is published, by name; one statement. Raises Invalid."""
    position = read_cursor(cursor, str, UUID)
    after = (position[0], position[1]) if position else None
    found = await place_queries.resources(db, Sight(now=now), after=after, limit=limit + 1)
    last = found[limit - 1].resource if len(found) > limit else None
    more = write_cursor(last.name, last.id) if last is not None else None
    return Page([_resource(each, base) for each in found[:limit]], more)


def _resource(each: Kept, base: str) -> OpenResource:
    resource, facility = each
    return OpenResource(
        id=resource.id,
        name=resource.name,
        kind=resource.kind,
        facility_id=facility.id,
        facility_name=facility.name,
        address=facility.address,
        postcode=facility.postcode,
        town=facility.town,
        latitude=None if facility.latitude is None else str(facility.latitude),
        longitude=None if facility.longitude is None else str(facility.longitude),
        people=resource.people,
        activities=list(resource.activities),
        equipment=list(resource.equipment),
        accessibility=list(dict.fromkeys([*resource.accessibility, *facility.accessibility])),
        interval_minutes=resource.interval_minutes,
        min_minutes=resource.min_minutes,
        max_minutes=resource.max_minutes,
        decision=resource.decision,
        association_only=resource.association_only,
        url=f"{base}/resources/{resource.id}",
    )


def check_window(window: Span) -> Span:
    """Raises Invalid for more than a year."""
    if window.length > timedelta(days=MOST_DAYS, hours=1):
        raise Invalid(field="to", expected=N_("at most %(n)s days after from"), words={"n": str(MOST_DAYS)})
    return window


async def open_bookings(
    db: AsyncSession, tenant: Tenant, window: Span, *, cursor: str | None, limit: int, now: datetime
) -> Page[OpenBooking]:
    """Taken times of what is published, by start; two statements. Raises Invalid."""
    check_window(window)
    position = read_cursor(cursor, datetime, UUID)
    after = (position[0], position[1]) if position else None
    kept = {each.resource.id: each for each in await place_queries.resources(db, Sight(now=now))}
    rows = await queries.taken_page(db, window, list(kept), after=after, limit=limit + 1, now=now)
    more = write_cursor(rows[limit - 1].starts_at, rows[limit - 1].id) if len(rows) > limit else None
    return Page([_booking(row, kept[row.resource_id], tenant) for row in rows[:limit]], more)


def _booking(row: AnyRow, where: Kept, tenant: Tenant) -> OpenBooking:
    return OpenBooking(
        resource_id=row.resource_id,
        resource_name=where.resource.name,
        facility_id=where.facility.id,
        facility_name=where.facility.name,
        start=row.starts_at.astimezone(tenant.zone),
        end=row.ends_at.astimezone(tenant.zone),
        state=row.state,
        quantity=row.quantity,
        title=row.title,
        association=row.association,
    )
