"""Where would a refused time go better? Free times near by, for one wish or for all the refused ones of a repeat."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking.availability import starts
from booking.browse import visible
from booking.claims import Board, terms_for, window_of
from booking.guard import open_board
from booking.rules import refusals
from booking.searching import Sought, metres, search
from core.spans import DAY, Span, local_date, local_day
from core.tenants import Tenant
from people.actors import Actor
from resources.facts import Bookable, Wanted
from resources.queries import bookable as bookables_wanted

DAYS_AHEAD = 14
"""How far other days are looked at, where nothing is free on the day itself."""
NEIGHBOURS = 12
"""Other places of the kind that are looked at, the nearest first."""
OF_EACH = 2
"""Other times, and other places, that are told of each refused one."""
FAR = 10**9


class Alternative(Struct, frozen=True):
    """A time that is free. `resource_id` and `name` are another's when the asked one is full."""

    resource_id: UUID
    name: str
    span: Span
    is_elsewhere: bool


async def alternatives(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    resource_id: UUID,
    span: Span,
    now: datetime,
    *,
    quantity: int = 1,
) -> list[Alternative]:
    """Free times of the same length: nearest the same day, the same time near by, else the first in two weeks."""
    found = (await alternatives_of(db, actor, tenant, resource_id, [span], now=now, quantity=quantity))[span]
    if found:
        return found
    first = max(local_date(tenant.zone, span.start), local_date(tenant.zone, now))
    later = Sought(
        from_on=first,
        to_on=first + DAYS_AHEAD * DAY,
        minutes=span.length // timedelta(minutes=1),
        quantity=quantity,
        only_free=True,
        wanted=Wanted(resource_ids=(resource_id,), published_at=now),
    )
    page = await search(db, actor, {tenant.id: tenant}, later, now=now, cursor=None, limit=OF_EACH)
    return [
        Alternative(hit.resource_id, "", Span(hit.first.start, hit.first.end), is_elsewhere=False)
        for hit in page.items
        if hit.first is not None
    ]


async def alternatives_of(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    resource_id: UUID,
    spans: Sequence[Span],
    *,
    now: datetime,
    quantity: int = 1,
    association: bool = True,
) -> dict[Span, list[Alternative]]:
    """Of each span: the nearest free times of its day, then the same time at places of the same kind, the nearest and
    likest first. Three statements, however many spans. Raises NotFound.
    """
    if not spans:
        return {}
    days = [local_day(tenant.zone, local_date(tenant.zone, span.start)) for span in spans]
    window = Span(min(day.start for day in days), max(each.end for each in (*spans, *days)))
    asked = await visible(db, actor, resource_id, window, now)
    others = _neighbours(
        asked, await bookables_wanted(db, _alike(asked, now), window), association=association
    )
    every = {each.facts.id: each for each in (asked, *others)}
    unit_ids = {unit.id for each in every.values() for unit in each.units}
    board = await open_board(db, unit_ids, window_of([window], every), now)
    return {
        span: [
            *_same_day(asked, board, day, span, now=now, quantity=quantity),
            *_elsewhere(others, board, span, now=now, quantity=quantity),
        ]
        for span, day in zip(spans, days, strict=True)
    }


def _alike(asked: Bookable, now: datetime) -> Wanted:
    return Wanted(kind=asked.facts.kind, published_at=now)


def _neighbours(asked: Bookable, found: Sequence[Bookable], *, association: bool) -> list[Bookable]:
    """Those of the kind, by how far away they are, then by how much of the same can be done there, then by name."""
    place = (asked.facts.latitude, asked.facts.longitude)
    near = None if place[0] is None or place[1] is None else (place[0], place[1])
    wanted = set(asked.facts.activities)

    def order(each: Bookable) -> tuple[int, int, str, str]:
        facts = each.facts
        distance = metres(near, facts.latitude, facts.longitude)
        if facts.facility_id == asked.facts.facility_id:
            distance = 0
        shared = len(wanted.intersection(facts.activities))
        return FAR if distance is None else distance, -shared, facts.name, str(facts.id)

    others = [
        each
        for each in found
        if each.facts.id != asked.facts.id and each.units and (association or not each.facts.association_only)
    ]
    return sorted(others, key=order)[:NEIGHBOURS]


def _same_day(
    asked: Bookable, board: Board, day: Span, span: Span, *, now: datetime, quantity: int
) -> list[Alternative]:
    """The free times of the day that begin nearest to the asked one, earlier first."""
    taken, length = board.taken(asked.units, near=Span(day.start, max(day.end, span.end))), span.length
    free = starts(
        terms_for(asked),
        asked.hours,
        taken,
        windows=[day],
        length=length,
        now=now,
        quantity=quantity,
    )
    nearest = sorted(free, key=lambda start: abs(start - span.start))
    kept = sorted(Span(start, start + length) for start in _apart(nearest, length)[:OF_EACH])
    return [Alternative(asked.facts.id, "", each, is_elsewhere=False) for each in kept]


def _elsewhere(
    others: Sequence[Bookable], board: Board, span: Span, *, now: datetime, quantity: int
) -> list[Alternative]:
    found: list[Alternative] = []
    for each in others:
        reasons = refusals(
            terms_for(each),
            each.hours,
            board.taken(each.units, near=span),
            wish=span,
            now=now,
            quantity=quantity,
        )
        if not reasons:
            name = f"{each.facts.name}, {each.facts.facility_name}"
            local = Span(span.start.astimezone(each.zone), span.end.astimezone(each.zone))
            found.append(Alternative(each.facts.id, name, local, is_elsewhere=True))
            if len(found) == OF_EACH:
                break
    return found


def _apart(nearest: Sequence[datetime], length: timedelta) -> list[datetime]:
    """Starts so far from each other that the times do not overlap; nearest first."""
    kept: list[datetime] = []
    for start in nearest:
        if all(abs(start - other) >= length for other in kept):
            kept.append(start)
    return kept
