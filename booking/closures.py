"""Closing a facility, a resource or a unit for a time, and opening it again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.claims import closure_claims
from booking.displacing import displace, listed, tell_displaced
from booking.displacing_queries import Ground
from booking.guard import locked_board
from booking.log_queries import log_closures
from booking.messages import ClosureLifted
from booking.occurrences import wish_span
from booking.schemas import ClosureIn, ClosureOut
from core.audit import note
from core.db import AnyRow, Stale
from core.errors import Invalid, NotFound, WrongState
from core.ids import new_id
from core.outbox import publish
from core.paging import Page, read_cursor, write_cursor
from core.spans import Span
from core.tenants import Tenant
from people.actors import Actor, Place
from people.rules import demand
from resources.facts import UnitFacts
from resources.models import Closure

LONGEST_CLOSURE_DAYS = 400


async def close(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    form: ClosureIn,
    now: datetime,
    *,
    seen: str | None = None,
) -> ClosureOut:
    """Lay a closure. Raises Forbidden, NotFound, Invalid; TimeTaken with the bookings under it unless `displace`, or
    when they are others than were `seen`.

    Holds that have run out are no bookings. A booking's padding may reach into the closure, its time may not.
    """
    span, units = await _ground(db, actor, tenant, form)
    unit_ids = [unit.id for unit in units]
    await locked_board(db, unit_ids, span, now)
    await _check_place(db, form, unit_ids)
    displaced = await displace(
        db, actor, [Ground(unit_ids, span)], reason=form.reason, displace=form.displace, seen=seen, now=now
    )
    closure = Closure(
        id=new_id(),
        facility_id=form.facility_id,
        resource_id=form.resource_id,
        unit_id=form.unit_id,
        starts_at=span.start,
        ends_at=span.end,
        reason=form.reason,
        created_at=now,
        created_by=actor.person_id,
    )
    db.add(closure)
    db.add_all(closure_claims(closure.id, [UnitFacts(unit.id, unit.capacity) for unit in units], span))
    note(db, actor.person_id, "closed", table="closure", row_id=closure.id, now=now)
    await log_closures(db, [closure], unit_ids, now)
    await db.flush()  # claim_no_overlap answers here
    tell_displaced(db, displaced, actor, form.reason)
    return closure_out(closure, tenant, displaced=displaced.ids)


async def under(
    db: AsyncSession, actor: Actor, tenant: Tenant, form: ClosureIn, now: datetime
) -> tuple[int, str, Sequence[AnyRow]]:
    """What the closure would displace (see `displacing.listed`). Raises Forbidden, NotFound, Invalid."""
    span, units = await _ground(db, actor, tenant, form)
    return await listed(db, actor, [Ground([unit.id for unit in units], span)], now)


async def _ground(
    db: AsyncSession, actor: Actor, tenant: Tenant, form: ClosureIn
) -> tuple[Span, Sequence[AnyRow]]:
    """When and which units, if the actor may close there. Raises Forbidden, NotFound, Invalid."""
    places = [form.facility_id, form.resource_id, form.unit_id]
    if sum(place is not None for place in places) != 1:
        raise Invalid(field="facility_id", expected="exactly one of facility_id, resource_id and unit_id")
    span = wish_span(form, tenant)
    if span.length.days > LONGEST_CLOSURE_DAYS:
        raise Invalid(field="end", expected=f"at most {LONGEST_CLOSURE_DAYS} days after start")
    units = await queries.units_at(
        db, facility_id=form.facility_id, resource_id=form.resource_id, unit_id=form.unit_id
    )
    demand(
        actor,
        "closure.manage",
        Place(units[0].facility_id if units else form.facility_id, form.resource_id),
    )
    if not units:
        raise NotFound(what="place")
    return span, units


async def _check_place(db: AsyncSession, form: ClosureIn, unit_ids: Sequence[UUID]) -> None:
    """Raises Stale when the resource was given other units while we waited for those it had."""
    if form.resource_id is None:
        return
    stand = await queries.units_at(db, facility_id=None, resource_id=form.resource_id, unit_id=None)
    if [unit.id for unit in stand] != list(unit_ids):
        raise Stale


async def lift(db: AsyncSession, actor: Actor, closure_id: UUID, now: datetime) -> None:
    """Open again. Raises NotFound, Forbidden, WrongState when it was lifted before."""
    closure = await queries.lock_closure(db, closure_id)
    if closure is None:
        raise NotFound(what="closure")
    units = await queries.units_at(
        db, facility_id=closure.facility_id, resource_id=closure.resource_id, unit_id=closure.unit_id
    )
    demand(
        actor,
        "closure.manage",
        Place(units[0].facility_id if units else closure.facility_id, closure.resource_id),
    )
    if closure.lifted_at is not None:
        raise WrongState(state="lifted")
    closure.lifted_at = now
    await queries.release(db, [closure_id])
    await log_closures(db, [closure], [unit.id for unit in units], now)
    note(db, actor.person_id, "lifted", table="closure", row_id=closure_id, now=now)
    publish(db, ClosureLifted(closure_id))
    await db.flush()


async def closures(
    db: AsyncSession, tenant: Tenant, span: Span, *, cursor: str | None, limit: int
) -> Page[ClosureOut]:
    """Closures that touch the span and are not lifted, by start; everyone may know."""
    after = read_cursor(cursor, datetime, UUID)
    rows = await queries.closures_between(
        db, span, after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    more = write_cursor(rows[limit - 1].starts_at, rows[limit - 1].id) if len(rows) > limit else None
    return Page([closure_out(row, tenant, displaced=[]) for row in rows[:limit]], more)


def closure_out(closure: Closure, tenant: Tenant, *, displaced: list[UUID]) -> ClosureOut:
    return ClosureOut(
        id=closure.id,
        facility_id=closure.facility_id,
        resource_id=closure.resource_id,
        unit_id=closure.unit_id,
        start=closure.starts_at.astimezone(tenant.zone),
        end=closure.ends_at.astimezone(tenant.zone),
        reason=closure.reason,
        displaced=displaced,
    )
