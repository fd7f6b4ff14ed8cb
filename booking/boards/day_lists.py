"""The caretaker's list: who comes to a facility on a day, what is to be ready, when to unlock and to lock."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.boards import day_queries
from booking.boards.day import gaps, there
from booking.boards.schemas import DayOut, VisitOut
from booking.claims import padded
from booking.showing import is_own
from core.db import AnyRow
from core.errors import NotFound
from core.spans import Span, local_day
from core.tenants import Tenant
from core.wire import span_out
from people.actors import Actor, Place
from people.reads import note_reads
from people.rules import STAFF, demand, demand_somewhere, may

MOST_FACILITIES = 500


class DayList(NamedTuple):
    """The list, and what its resources ask of those who apply (resource → questions)."""

    day: DayOut
    questions: Mapping[UUID, Sequence[Mapping[str, Any]]]


async def facilities(db: AsyncSession, actor: Actor) -> list[tuple[UUID, str]]:
    """Those whose list she may have, by name. Raises SignInNeeded, Forbidden when there can be none."""
    demand_somewhere(actor, "day.read")
    grants = [grant for grant in actor.grants if grant.role in STAFF["day.read"]]
    everywhere = any(grant.facility_id is None and grant.resource_id is None for grant in grants)
    found = await day_queries.facilities(
        db,
        None if everywhere else [grant.facility_id for grant in grants if grant.facility_id is not None],
        [grant.resource_id for grant in grants if grant.resource_id is not None],
        limit=MOST_FACILITIES,
    )
    return [(row.id, row.name) for row in found]


async def day_list(
    db: AsyncSession, actor: Actor, tenant: Tenant, facility_id: UUID, *, on: date, now: datetime
) -> DayList:
    """Of those resources of the facility that she may read the day of. Raises SignInNeeded, Forbidden, NotFound."""
    demand_somewhere(actor, "day.read")
    known = await day_queries.resources(db, facility_id)
    if not known:
        raise NotFound(what="facility")
    hers = [row for row in known if row.id and may(actor, "day.read", Place(facility_id, row.id))]
    if not hers:
        demand(actor, "day.read", Place(facility_id))
    day = local_day(tenant.zone, on)
    rows = await day_queries.visits(db, [row.id for row in hers], day, now)
    others = [row.person_id for row in rows if not is_own(actor, row.person_id, row.association_id)]
    await note_reads(db, actor, others, "day", now)
    taken = [_padded(row) for row in rows]
    whole = there(taken)
    zone = tenant.zone
    out = DayOut(
        facility_id=facility_id,
        facility=known[0].facility,
        on=on,
        unlock_at=whole and whole.start.astimezone(zone),
        lock_at=whole and whole.end.astimezone(zone),
        gaps=[span_out(gap, zone) for gap in gaps(taken)],
        visits=[_visit(row, tenant) for row in rows],
    )
    return DayList(out, {row.id: row.questions or () for row in hers})


def _padded(row: AnyRow) -> Span:
    return padded(Span(row.starts_at, row.ends_at), row.setup_minutes, row.cleanup_minutes)


def _visit(row: AnyRow, tenant: Tenant) -> VisitOut:
    zone, whole = tenant.zone, _padded(row)
    return VisitOut(
        booking_id=row.id,
        application_id=row.application_id,
        resource_id=row.resource_id,
        resource=row.resource,
        start=row.starts_at.astimezone(zone),
        end=row.ends_at.astimezone(zone),
        setup_from=whole.start.astimezone(zone),
        cleanup_until=whole.end.astimezone(zone),
        setup_minutes=row.setup_minutes,
        cleanup_minutes=row.cleanup_minutes,
        state=row.state,
        title=row.title,
        association=row.association,
        team=row.team,
        contact=row.contact,
        phone=row.phone,
        people=row.people,
        quantity=row.quantity,
        articles=row.articles,
        answers=row.answers,
        notes=row.purpose,
    )
