"""The case officer's queue: what waits for an answer where she may decide, with what she must know of each."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from booking import showing
from booking.cases import queue_queries, routing_queries
from booking.cases.bending import Met, bent, met
from booking.cases.queue_queries import Asked
from booking.cases.queue_rows import READ_TIMES, Sort, Wanted, Whose
from booking.cases.routing_queries import Officer
from booking.guard import Allowance
from booking.queries import usage_of_all
from booking.rules import Limit, Usage
from core.db import AnyRow
from core.errors import Refusal
from core.paging import read_cursor, write_cursor
from core.spans import Span, local_date, local_day, monday_of
from core.tenants import Tenant
from people.actors import Actor
from people.rules import STAFF, demand_person, demand_somewhere
from resources.facts import Bookable
from resources.queries import bookable_by_id, limits_at


class Case(NamedTuple):
    """A row of the queue: the columns of queue_queries.queue_page, and what follows from them."""

    row: AnyRow
    times: Sequence[Wanted]
    """The first of those that are asked for; `row.times` says how many there are."""
    met: Met
    bends: Sequence[Refusal]


class Queue(NamedTuple):
    """A page, and how many cases each choice of whose would show at the chosen places."""

    cases: Sequence[Case]
    counts: Mapping[Whose, int]
    places: Sequence[AnyRow]
    """Where the reader may decide: facility_id, facility, resource_id, resource, by name."""
    officers: Mapping[UUID, Officer]
    """Whom a case can be handed over to, as far as they may decide there."""
    next: str | None


def deciding_places(actor: Actor) -> tuple[list[UUID] | None, list[UUID] | None]:
    """Facilities and resources whose requests the actor may decide; (None, None): all."""
    grants = [grant for grant in actor.grants if grant.role in STAFF["application.decide"]]
    if any(grant.facility_id is None and grant.resource_id is None for grant in grants):
        return None, None
    return (
        [grant.facility_id for grant in grants if grant.facility_id is not None],
        [grant.resource_id for grant in grants if grant.resource_id is not None],
    )


async def queue(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    *,
    facility_id: UUID | None,
    resource_id: UUID | None,
    whose: Whose,
    sort: Sort,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Queue:
    """Cases with a time that is requested where the actor may decide. The same statements, however many cases.

    Raises SignInNeeded, StepUpNeeded, Forbidden, and Invalid for a cursor that is none.
    """
    demand_somewhere(actor, "application.decide")
    person_id = demand_person(actor)
    facility_ids, resource_ids = deciding_places(actor)
    after = read_cursor(cursor, int, datetime, UUID)
    rows = await queue_queries.queue_page(
        db,
        Asked(
            facility_ids=facility_ids,
            resource_ids=resource_ids,
            facility_id=facility_id,
            resource_id=resource_id,
            whose=whose,
            sort=sort,
            after=(after[0], after[1], after[2]) if after else None,
        ),
        me=person_id,
        today=local_date(tenant.zone, now),
        now=now,
        most=limit + 1,
    )
    counts: dict[Whose, int] = {
        "all": rows[0].everything,
        "own": rows[0].own,
        "unassigned": rows[0].unassigned,
        "overdue": rows[0].overdue,
    }
    found = [row for row in rows if row.id is not None]
    shown = found[:limit]
    await showing.note_others(db, actor, shown, "queue", now)
    return Queue(
        cases=await _judged(db, shown, now, tenant.zone),
        counts=counts,
        places=await routing_queries.places(db, facility_ids=facility_ids, resource_ids=resource_ids),
        officers=await routing_queries.officers(db),
        next=write_cursor(shown[-1].waits, shown[-1].sort_at, shown[-1].id) if len(found) > limit else None,
    )


async def _judged(db: AsyncSession, rows: Sequence[AnyRow], now: datetime, zone: ZoneInfo) -> list[Case]:
    times = {row.id: READ_TIMES.decode(row.times_json or "[]") for row in rows}
    wanted = [each for of_one in times.values() for each in of_one]
    if not wanted:
        return [Case(row, times[row.id], Met(0, 0), ()) for row in rows]
    window = Span(min(each.starts_at for each in wanted), max(each.ends_at for each in wanted))
    bookables = await bookable_by_id(db, sorted({each.resource_id for each in wanted}), window)
    allowance_of = await _allowances(db, rows, bookables, now, zone)
    judged: list[Case] = []
    for row in rows:
        allowance = allowance_of(row)
        bends = bent(
            times[row.id],
            bookables,
            is_club=row.association_id is not None,
            applied_at=row.created_at,
            usage=allowance.usage,
            limits_at=allowance.limits_at,
        )
        judged.append(Case(row, times[row.id], met(times[row.id], bookables, now), bends))
    return judged


async def _allowances(
    db: AsyncSession,
    rows: Sequence[AnyRow],
    bookables: Mapping[UUID, Bookable],
    now: datetime,
    zone: ZoneInfo,
) -> Callable[[AnyRow], Allowance]:
    """What limits hold for whoever asks, and what she has besides what the case itself asks for."""
    limits = await limits_at(db, [bookable.facts for bookable in bookables.values()])
    if not limits:
        free = Allowance(None, ())
        return lambda _row: free
    since = local_day(zone, monday_of(local_date(zone, now))).start
    used = await usage_of_all(
        db,
        person_ids=sorted({row.person_id for row in rows if row.association_id is None}),
        association_ids=sorted({row.association_id for row in rows if row.association_id is not None}),
        since=since,
        now=now,
    )
    by_holder: dict[tuple[UUID | None, UUID | None], list[AnyRow]] = {}
    for each in used:
        by_holder.setdefault(_holder(each), []).append(each)

    def allowance_of(row: AnyRow) -> Allowance:
        kind = "person" if row.association_id is None else "association"
        concerning = [
            (
                limit.facility_id,
                limit.resource_id,
                Limit(limit.kind, limit.value, limit.resource_id or limit.facility_id),
            )
            for limit in limits
            if limit.holder == kind
        ]
        if not concerning:
            return Allowance(None, ())
        usage = Usage(zone, now)
        for each in by_holder.get(_holder(row), ()):
            if each.application_id != row.id or each.state != "requested":
                span = Span(each.starts_at, each.ends_at)
                usage.add(span, resource_id=each.resource_id, facility_id=each.facility_id)
        return Allowance(usage, concerning)

    return allowance_of


def _holder(row: AnyRow) -> tuple[UUID | None, UUID | None]:
    return (row.person_id, None) if row.association_id is None else (None, row.association_id)
