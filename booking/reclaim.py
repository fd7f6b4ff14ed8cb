"""Changing which units a resource takes: its future bookings and closures follow, or the change is refused."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries, showing
from booking.claims import LONGEST_PAD, Board, booking_claims, closure_claims
from booking.guard import lapse, locked_board
from booking.log_queries import log_units
from booking.models import Booking
from booking.schemas import UnitsOut
from core.audit import note
from core.errors import InUse, Invalid, NotFound
from core.spans import Span
from core.texts import N_
from people.actors import Actor, Place
from people.rules import demand
from resources.facts import UnitFacts
from resources.models import Closure


async def set_units(
    db: AsyncSession,
    actor: Actor,
    resource_id: UUID,
    unit_ids: Sequence[UUID],
    *,
    now: datetime,
    version: int | None,
) -> UnitsOut:
    """From now on the resource takes these units. Raises NotFound, Forbidden, Invalid, ChangedMeanwhile, and InUse
    with the bookings that stand in each other's way on the new units; then nothing has changed.
    """
    resource = await queries.lock_resource(db, resource_id)
    if resource is None:
        raise NotFound(what="resource")
    demand(actor, "resource.manage", Place(resource.facility_id, resource_id))
    showing.check_version(resource.version, version)
    wanted = sorted(set(unit_ids))
    at_facility = {
        row.id: UnitFacts(row.id, row.capacity)
        for row in await queries.units_at(
            db, facility_id=resource.facility_id, resource_id=None, unit_id=None
        )
    }
    unknown = [unit_id for unit_id in wanted if unit_id not in at_facility]
    if unknown:
        raise Invalid(field="unit_ids", expected=N_("units of the resource's facility"), unknown=unknown)
    before = [row.unit_id for row in (await queries.units_of(db, [resource_id])).get(resource_id, [])]
    await queries.lock_units(db, [*wanted, *before])
    claiming = await queries.claiming_bookings_of(db, resource_id, now)
    lapsed = {booking.id for booking in await lapse(db, [booking.id for booking in claiming], now)}
    bookings = [booking for booking in claiming if booking.id not in lapsed]
    closures = await queries.closures_of(db, resource_id, now)
    await queries.release_units(db, [booking.id for booking in bookings], before)
    await queries.release(db, [closure.id for closure in closures])
    units = [at_facility[unit_id] for unit_id in wanted]
    await _reclose(db, closures, units)
    if bookings:
        await _reclaim(db, bookings, units, now)
    await log_units(db, before)
    await queries.set_units(db, resource_id, wanted)
    await log_units(db, wanted)
    resource.version += 1
    change = {"unit_ids": ([str(i) for i in before], [str(i) for i in wanted])}
    note(db, actor.person_id, "units changed", table="resource", row_id=resource_id, now=now, change=change)
    await db.flush()
    return UnitsOut(resource_id, wanted, [booking.id for booking in bookings], resource.version)


async def _reclose(db: AsyncSession, closures: Sequence[Closure], units: Sequence[UnitFacts]) -> None:
    """The resource's own closures follow too. Raises InUse with the bookings of others that would lie under them."""
    in_way: set[UUID] = set()
    for closure in closures:
        span = Span(closure.starts_at, closure.ends_at)
        in_way.update(await queries.claimed_bookings(db, [unit.id for unit in units], span))
        db.add_all(closure_claims(closure.id, units, span))
    if in_way:
        raise InUse(bookings=sorted(in_way))
    await db.flush()


async def _reclaim(
    db: AsyncSession, bookings: Sequence[Booking], units: Sequence[UnitFacts], now: datetime
) -> None:
    spans = [Span(booking.starts_at, booking.ends_at) for booking in bookings]
    window = Span(min(s.start for s in spans) - LONGEST_PAD, max(s.end for s in spans) + LONGEST_PAD)
    board: Board = await locked_board(db, [unit.id for unit in units], window, now)
    in_way: list[UUID] = []
    for booking, span in zip(bookings, spans, strict=True):
        if board.conflicts(units, span, booking.setup_minutes, booking.cleanup_minutes, booking.quantity):
            in_way.append(booking.id)
            continue
        claims = booking_claims(
            booking.id,
            units,
            span,
            setup_minutes=booking.setup_minutes,
            cleanup_minutes=booking.cleanup_minutes,
            quantity=booking.quantity,
            held_until=booking.held_until,
        )
        board.add(claims)
        db.add_all(claims)
    if in_way:
        raise InUse(bookings=in_way)
    await db.flush()  # claim_no_overlap answers here
