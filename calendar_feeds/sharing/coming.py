"""What is coming at a facility, or for an association, as everybody may know it?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries as booking_queries
from booking import shown_queries
from booking.browse import calendar_entry
from calendar_feeds.sharing import queries
from core.errors import NotFound
from core.spans import Span
from core.tenants import Tenant
from people import association_queries
from people.actors import NOBODY
from resources import place_queries
from resources.facts import Wanted
from resources.place_queries import Sight
from resources.queries import bookable

MOST = 500
"""Times in one list."""


class Entry(Struct, frozen=True, kw_only=True):
    """A time that somebody has."""

    span: Span
    title: str | None
    """None: nobody else's business."""
    place: str
    is_closed: bool = False


class Coming(Struct, frozen=True):
    """Sorted by start."""

    name: str
    entries: Sequence[Entry]


async def at_facility(
    db: AsyncSession, tenant: Tenant, facility_id: UUID, window: Span, now: datetime
) -> Coming:
    """Everything on its published resources. Raises NotFound where none is."""
    found = await bookable(db, Wanted(facility_ids=(facility_id,), published_at=now), window)
    if not found:
        raise NotFound(what="facility")
    name = found[0].facts.facility_name
    names = {each.facts.id: each.facts.name for each in found}
    unit_ids = sorted({unit.id for each in found for unit in each.units})
    entries: list[Entry] = []
    for row in await shown_queries.calendar_bookings(db, unit_ids, window):
        if row.held_until is not None and row.held_until <= now:
            continue
        known = calendar_entry(NOBODY, tenant, row)
        told = " · ".join(dict.fromkeys(text for text in (known.title, known.association) if text))
        place = names.get(row.resource_id, name)
        entries.append(Entry(span=Span(row.starts_at, row.ends_at), title=told or None, place=place))
    for closure in await booking_queries.closures_between(db, window, unit_ids=unit_ids):
        place = name if closure.resource_id is None else names.get(closure.resource_id, name)
        span = Span(closure.starts_at, closure.ends_at)
        entries.append(Entry(span=span, title=closure.reason, place=place, is_closed=True))
    return Coming(name, sorted(entries, key=lambda entry: (entry.span, entry.place))[:MOST])


async def for_association(db: AsyncSession, association_id: UUID, window: Span, now: datetime) -> Coming:
    """What it has booked and tells everybody of, at what is published. Raises NotFound."""
    row = await association_queries.association(db, association_id)
    if row is None:
        raise NotFound(what="association")
    kept = {each.resource.id: each for each in await place_queries.resources(db, Sight(now=now))}
    rows = await queries.public_of_association(
        db, association_id, window, resource_ids=list(kept), limit=MOST, now=now
    )
    return Coming(
        row.name,
        [
            Entry(
                span=Span(each.starts_at, each.ends_at),
                title=each.title,
                place=f"{kept[each.resource_id].resource.name}, {kept[each.resource_id].facility.name}",
            )
            for each in rows
        ],
    )
