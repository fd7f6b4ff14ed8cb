"""Telling those who wait with a search that there is something: not held for them, and at most once a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking.availability import clock_windows, length_for, starts
from booking.claims import terms_for, window_of
from booking.guard import allowance, open_board
from booking.messages import SeenFree
from booking.waiting import queries
from booking.waiting.messages import LookAgain
from booking.waiting.rules import TOLD_EVERY, Freed, may_be_told
from booking.waiting.schemas import SavedSearch
from core.outbox import publish
from core.spans import Span, local_date, merge
from core.tenants import Tenant
from people.actors import Actor
from resources.facts import Bookable, Wanted
from resources.queries import bookable

MOST_SPANS = 60
"""Freed times that one search looks at; of more, what lies between them is looked at, too."""


async def call(db: AsyncSession, freed: Sequence[Freed], now: datetime) -> None:
    """Let every search that may find something in what was freed look again, each in a transaction of its own."""
    if not freed:
        return
    window = Span(min(each.span.start for each in freed), max(each.span.end for each in freed))
    wait_ids = await queries.searching(db, window, now, told_before=now - TOLD_EVERY)
    if not wait_ids:
        return
    resource_ids = await queries.resources_on(
        db, sorted({unit_id for each in freed for unit_id in each.unit_ids})
    )
    spans = merge(each.span for each in freed)
    if len(spans) > MOST_SPANS:
        spans = [window]
    for wait_id in wait_ids:
        publish(db, LookAgain(wait_id, resource_ids, [(span.start, span.end) for span in spans]))


async def look(db: AsyncSession, tenant: Tenant, message: LookAgain, now: datetime) -> None:
    """Tell her of the first time that she could book in what was freed, if there is any."""
    wait = await queries.lock_wait(db, message.wait_id)
    if wait is None or wait.search is None or wait.ended_at is not None or not may_be_told(wait.told_at, now):
        return
    search = msgspec.convert(wait.search, SavedSearch)
    first_day = max(local_date(tenant.zone, wait.starts_at), local_date(tenant.zone, now))
    last_day = local_date(tenant.zone, wait.ends_at - timedelta.resolution)
    if last_day < first_day:
        return
    from_minute, to_minute = search.clock()
    windows = clock_windows(tenant.zone, first_day, last_day, from_minute=from_minute, to_minute=to_minute)
    if not windows:
        return
    found = await bookable(
        db,
        _wanted(search, message.resource_ids, now),
        Span(windows[0].start, windows[-1].end),
    )
    free = await _first(
        db, wait.person_id, found, windows, [Span(*each) for each in message.spans], search, now
    )
    if free is not None:
        resource_id, span = free
        wait.told_at = now
        publish(db, SeenFree(wait.id, resource_id, span.start, span.end))
        await db.flush()


def _wanted(search: SavedSearch, resource_ids: Sequence[UUID], now: datetime) -> Wanted:
    return Wanted(
        resource_ids=tuple(resource_ids),
        facility_ids=(search.facility,) if search.facility else None,
        activity=search.activity,
        accessible=(search.accessible,) if search.accessible else (),
        people=search.people,
        text=search.text or None,
        published_at=now,
    )


async def _first(
    db: AsyncSession,
    person_id: UUID,
    found: Sequence[Bookable],
    windows: Sequence[Span],
    freed: Sequence[Span],
    search: SavedSearch,
    now: datetime,
) -> tuple[UUID, Span] | None:
    """The first bookable time that has something of what was freed in it, and where."""
    known = {each.facts.id: each for each in found if each.units}
    if not known:
        return None
    limits = await allowance(db, Actor(person_id=person_id), None, known, now, lock=False)
    units = {unit.id for each in known.values() for unit in each.units}
    board = await open_board(db, units, window_of(windows, known), now)
    times: list[tuple[datetime, UUID, Span]] = []
    for resource_id, each in known.items():
        terms = terms_for(each)
        length = length_for(terms, search.minutes or terms.min_minutes)
        if length is None:
            continue
        free = starts(
            terms, each.hours, board.taken(each.units), windows=windows, length=length, now=now, quantity=1
        )
        for start in free:
            span = Span(start, start + length)
            is_allowed = limits.usage is None or limits.usage.allows(limits.limits_at(each), span)
            if is_allowed and any(span.meets(other) for other in freed):
                times.append((start, resource_id, span))
                break
    if not times:
        return None
    _, resource_id, span = min(times)
    return resource_id, span
