"""A resource's week, gathered from the engine for week_table: what is open, taken and free, and how many are left."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import shown_queries
from booking.availability import PoolTaken, Taken, Terms, all_blocked, length_for, max_quantity, starts
from booking.browse import around, calendar_entry, note_calendar, visible
from booking.week import Week, row_step, week_table
from core.spans import DAY, Span, local_day
from core.tenants import Tenant
from people.actors import Actor
from resources.facts import Bookable, ResourceFacts
from resources.opening import whole_open_spans
from resources.policies import Policy

MOST_COUNTED = 12
"""Places of a pool up to which every free cell says how many are left."""


class ShownWeek(Struct, frozen=True):
    """The week as a table."""

    week: Week
    facts: ResourceFacts
    policies: Sequence[Policy]
    left: Mapping[datetime, int]
    """Of a pool: how many are left at each free start; empty where it makes no sense."""
    capacity: int = 1
    """How many may book the same time: 1 as soon as one of the units is exclusive."""


async def resource_week(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    resource_id: UUID,
    monday: date,
    now: datetime,
    *,
    wanted: Sequence[Span] = (),
) -> ShownWeek:
    """The week from that Monday as the reader may see it, with the `wanted` times marked. Raises NotFound."""
    zone = tenant.zone
    window = Span(local_day(zone, monday).start, local_day(zone, monday + 6 * DAY).end)
    bookable = await visible(db, actor, resource_id, window, now)
    terms, board = await around(db, bookable, window, now)
    taken = board.taken(bookable.units)
    length = length_for(terms, terms.min_minutes) or terms.step
    free = _starts(bookable, terms, taken, window, length, now)
    rows = await shown_queries.calendar_bookings(db, [unit.id for unit in bookable.units], window)
    await note_calendar(db, actor, rows, now)
    titles: dict[Span, str] = {}
    for row in rows:
        entry = calendar_entry(actor, tenant, row)
        told = " · ".join(dict.fromkeys(text for text in (entry.title, entry.association) if text))
        if told:
            titles[Span(row.starts_at, row.ends_at)] = told
    week = week_table(
        whole_open_spans(bookable.hours, window),
        sorted(_taken_spans(taken)),
        free,
        zone=zone,
        monday=monday,
        interval=row_step(terms.step),
        length=length,
        now=now,
        titles=titles,
        wanted=wanted,
    )
    left = _left(bookable, terms, taken, window, length, now)
    capacity = min((unit.capacity or 1 for unit in bookable.units), default=1)
    return ShownWeek(week, bookable.facts, bookable.policies, left, capacity)


def _starts(
    bookable: Bookable,
    terms: Terms,
    taken: Taken,
    window: Span,
    length: timedelta,
    now: datetime,
    quantity: int = 1,
) -> set[datetime]:
    """Starts in the week; what begins on Sunday may end on Monday."""
    if not bookable.units:
        return set()
    reach = [Span(window.start, window.end + length)]
    found = starts(terms, bookable.hours, taken, windows=reach, length=length, now=now, quantity=quantity)
    return {start for start in found if start < window.end}


def _taken_spans(taken: Taken) -> Iterable[Span]:
    """Times of others on the units; of a pool, when it is full."""
    for unit in taken:
        if isinstance(unit, PoolTaken):
            yield from all_blocked([unit], Terms(interval_minutes=1))
        else:
            yield from unit.cores


def _left(
    bookable: Bookable, terms: Terms, taken: Taken, window: Span, length: timedelta, now: datetime
) -> dict[datetime, int]:
    most = _counted(taken, terms)
    left: dict[datetime, int] = {}
    for quantity in range(1, most + 1):
        left |= dict.fromkeys(_starts(bookable, terms, taken, window, length, now, quantity), quantity)
    return left


def _counted(taken: Taken, terms: Terms) -> int:
    if not all(isinstance(unit, PoolTaken) for unit in taken):
        return 0
    most = max_quantity(terms, taken)
    return most if most <= MOST_COUNTED else 0
