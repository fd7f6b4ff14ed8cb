"""What would come of attaching a calendar: asked for, read, and held against what is there; nothing is written."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from booking.attaching import Asked
from booking.clearing import in_the_way
from calendar_feeds.incoming.hearing import Heard, Order, ask
from calendar_feeds.incoming.schemas import ImportIn, TriedEvent, TriedOut
from core.calling import networks
from core.settings import Settings
from core.spans import Span
from core.tenants import Tenant

FIRST: Final = 20
MOST: Final = 100


async def hear(address: str, tenant: Tenant, settings: Settings, now: datetime) -> Heard:
    """Outside of any transaction."""
    allow = networks(settings.call_networks)
    return await ask(Order(address=address), zone=tenant.zone, allow=allow, now=now)


async def tried(db: AsyncSession, tenant: Tenant, form: ImportIn, heard: Heard, now: datetime) -> TriedOut:
    """What was heard, as it would come now. Raises NotFound."""
    said = heard.occurrences or ()
    asked = [
        Asked(each.key, Span(each.starts_at, each.ends_at), form.label)
        for each in sorted(said, key=lambda each: (each.starts_at, each.key))
    ]
    found = await in_the_way(db, form.resource_id, asked, as_booking=form.kind == "bookings", now=now)
    titles = {each.key: (each.summary if form.shows_title else "") or form.label for each in said}
    told: list[TriedEvent] = []
    for number, each in enumerate(asked):
        there = found.get(each.key)
        if len(told) < MOST and (there is not None or number < FIRST):
            told.append(
                TriedEvent(
                    start=each.span.start.astimezone(tenant.zone),
                    end=each.span.end.astimezone(tenant.zone),
                    title=titles[each.key],
                    in_the_way=len(there.booking_ids) if there else 0,
                    is_closed=there is not None and not there.booking_ids,
                )
            )
    return TriedOut(
        why=heard.why,
        name=heard.name,
        count=len(asked),
        colliding=len(found),
        problems=dict(heard.problems),
        events=told,
    )
