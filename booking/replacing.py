"""Replacing: other times for whoever was displaced, found after it was told, and taken by one click.

Nothing is held: who clicks first has it. What is taken so is confirmed at once, for it was the municipality that took
the other time away; only that it is free and open is asked, not how long ahead or how much one may book.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries as bookings
from booking import replacing_queries as queries
from booking import showing, shown_queries, stock
from booking.claims import Board, terms_for, window_of
from booking.guard import board_of, open_board
from booking.models import Booking
from booking.news import tell_changed
from booking.owing import reprice
from booking.preview import Alternative, alternatives
from booking.pricing import pricing_of
from booking.rules import refusals
from booking.schemas import ApplicationOut, ReplacementOut
from booking.waiting_models import Replacement
from core.audit import note
from core.db import AnyRow
from core.errors import Forbidden, NotFound, Refusal, TimeTaken, TooFarAhead, TooSoon, WrongState
from core.ids import new_id
from core.spans import Span
from core.tenants import Tenant
from people.actors import NOBODY, Actor
from people.rules import demand_person
from resources.facts import Bookable
from resources.prices import read_price
from resources.queries import bookable_by_id

MOST_OFFERED = 3
"""For each displaced booking."""


async def find(db: AsyncSession, tenant: Tenant, booking_ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Write down other times for the displaced bookings that have none yet; those for which there are any."""
    known = await queries.have_replacements(db, booking_ids)
    return [
        booking.id
        for booking in await queries.displaced(db, booking_ids)
        if booking.id in known or await _write(db, tenant, booking, now)
    ]


async def _write(db: AsyncSession, tenant: Tenant, booking: Booking, now: datetime) -> list[Alternative]:
    span = Span(booking.starts_at, booking.ends_at)
    if span.start <= now:
        return []
    try:
        others = await alternatives(
            db, NOBODY, tenant, booking.resource_id, span, now, quantity=booking.quantity
        )
    except NotFound:  # the resource is no longer published
        return []
    if booking.association_id is None:
        barred = await queries.associations_only(db, [each.resource_id for each in others])
        others = [each for each in others if each.resource_id not in barred]
    chosen = best(others)
    db.add_all(
        Replacement(
            id=new_id(),
            booking_id=booking.id,
            resource_id=each.resource_id,
            starts_at=each.span.start,
            ends_at=each.span.end,
            created_at=now,
        )
        for each in chosen
    )
    await db.flush()
    return chosen


def best(others: Sequence[Alternative]) -> list[Alternative]:
    """At most three, of the same place and elsewhere in turn, each as it came."""
    here = [each for each in others if not each.is_elsewhere]
    elsewhere = [each for each in others if each.is_elsewhere]
    chosen = here[:1] + elsewhere[:1]
    return (chosen + here[1:] + elsewhere[1:])[:MOST_OFFERED]


async def replacements(
    db: AsyncSession, booking_ids: Sequence[UUID], tenant: Tenant, now: datetime
) -> dict[UUID, list[ReplacementOut]]:
    """Booking → what it may have instead that is still free, by time. A constant number of queries."""
    rows = [row for row in await queries.untaken(db, booking_ids) if row.starts_at > now]
    if not rows:
        return {}
    spans = [Span(row.starts_at, row.ends_at) for row in rows]
    around = Span(min(span.start for span in spans), max(span.end for span in spans))
    bookables = await bookable_by_id(db, sorted({row.resource_id for row in rows}), around)
    units = {unit.id for each in bookables.values() for unit in each.units}
    board = await open_board(db, units, window_of(spans, bookables), now)
    quantities = {row.id: row.quantity for row in await shown_queries.shown_bookings(db, booking_ids)}
    found: dict[UUID, list[ReplacementOut]] = {}
    for row in rows:
        bookable, span = bookables[row.resource_id], Span(row.starts_at, row.ends_at)
        if _reasons(bookable, board, span, quantities.get(row.booking_id, 1), now):
            continue
        found.setdefault(row.booking_id, []).append(_out(row, tenant))
    return found


def _out(row: AnyRow, tenant: Tenant) -> ReplacementOut:
    return ReplacementOut(
        id=row.id,
        resource_id=row.resource_id,
        resource_name=row.resource,
        facility_name=row.facility,
        start=row.starts_at.astimezone(tenant.zone),
        end=row.ends_at.astimezone(tenant.zone),
    )


def _reasons(bookable: Bookable, board: Board, span: Span, quantity: int, now: datetime) -> list[Refusal]:
    """Why the time is not free and open. How long ahead it is does not matter, if only it has not begun."""
    found = refusals(
        terms_for(bookable),
        bookable.hours,
        board.taken(bookable.units, near=span),
        wish=span,
        now=now,
        quantity=quantity,
        usage=None,
        limits=(),
    )
    has_begun = span.start <= now
    return [each for each in found if not isinstance(each, TooSoon | TooFarAhead) or has_begun]


async def for_application(
    db: AsyncSession, actor: Actor, tenant: Tenant, out: ApplicationOut, now: datetime
) -> dict[UUID, list[ReplacementOut]]:
    """The same for all displaced bookings of an application, for its holder; the list is empty where all are taken."""
    displaced = [each.id for each in out.bookings if each.state == "displaced" and each.start > now]
    if not displaced or not showing.is_holder(actor, out.person_id, out.association_id):
        return {}
    free = await replacements(db, displaced, tenant, now)
    found = {row.booking_id for row in await queries.untaken(db, displaced)}
    return {id_: free.get(id_, []) for id_ in displaced if id_ in found}


async def of_booking(
    db: AsyncSession, actor: Actor, tenant: Tenant, booking_id: UUID, now: datetime
) -> list[ReplacementOut]:
    """What the reader's displaced booking may have instead. Raises SignInNeeded, NotFound."""
    await showing.booking(db, actor, tenant, booking_id, now)
    return (await replacements(db, [booking_id], tenant, now)).get(booking_id, [])


async def replace(
    db: AsyncSession, actor: Actor, tenant: Tenant, booking_id: UUID, replacement_id: UUID, now: datetime
) -> ApplicationOut:
    """Take the time instead of the one that was displaced; it is confirmed at once.

    Raises SignInNeeded, NotFound, Forbidden, WrongState when another has been taken, TimeTaken when it is gone: then
    call `refresh` in a transaction of its own.
    """
    person_id = demand_person(actor)
    row = await _of_holder(db, actor, booking_id)
    offered = [each for each in await queries.untaken(db, [booking_id]) if each.id == replacement_id]
    known = offered or [
        each for each in await queries.replacements_of(db, booking_id) if each.id == replacement_id
    ]
    if not known:
        raise NotFound(what="replacement", field="replacement_id")
    span, resource_id = Span(known[0].starts_at, known[0].ends_at), known[0].resource_id
    bookables = await bookable_by_id(db, [resource_id], span)
    pricing = await pricing_of(db, Actor(person_id=row.person_id), bookables, row)
    stakes = pricing.stakes(bookables[resource_id], span)
    board = await board_of(db, bookables, window_of([span], bookables), now, stakes=stakes)
    application = await bookings.lock_application(db, row.application_id)
    assert application is not None, "its booking exists, and nothing is deleted"
    (displaced,) = await bookings.lock_bookings(db, ids=[booking_id])
    mine = {each.id: each for each in await queries.replacements_of(db, booking_id)}
    if displaced.state != "displaced" or any(each.taken_by is not None for each in mine.values()):
        raise WrongState(state="replaced" if displaced.state == "displaced" else displaced.state)
    if replacement_id not in mine:  # others were found meanwhile
        raise TimeTaken(conflicts=[])
    bookable = bookables[resource_id]
    reasons = _reasons(bookable, board, span, displaced.quantity, now)
    if reasons:
        raise TimeTaken(conflicts=reasons[0].facts.get("conflicts") or [])
    made = Booking(
        id=new_id(),
        application_id=application.id,
        resource_id=resource_id,
        person_id=displaced.person_id,
        association_id=displaced.association_id,
        team_id=displaced.team_id,
        starts_at=span.start,
        ends_at=span.end,
        setup_minutes=bookable.facts.setup_minutes,
        cleanup_minutes=bookable.facts.cleanup_minutes,
        quantity=displaced.quantity,
        state="confirmed",
        decided_at=now,
        terms_version=displaced.terms_version,
        owed_ore=0,
        paid_ore=0,
        sequence=0,
        version=1,
        created_at=now,
        updated_at=now,
    )
    promised, anew = read_price(displaced.price), pricing.price(bookable, span, made.quantity)
    reprice(made, min(promised, anew, key=lambda each: each.gross_ore))  # no dearer than what was taken away
    stock.check_left(stakes, board, made)
    db.add(made)
    db.add_all(stock.claims_of(made, bookable.units, stakes))
    application.version += 1
    note(db, person_id, "confirmed", table="booking", row_id=made.id, now=now)
    await db.flush()  # claim_no_overlap answers here
    mine[replacement_id].taken_by = made.id
    await db.flush()
    tell_changed(db, "confirmed", [made], person_id)
    return await showing.application(db, actor, tenant, application.id, now)


async def refresh(
    db: AsyncSession, actor: Actor, tenant: Tenant, booking_id: UUID, now: datetime
) -> list[ReplacementOut]:
    """Find anew for a booking whose time was gone when it was clicked. Raises as `replace`."""
    demand_person(actor)
    await _of_holder(db, actor, booking_id)
    await bookings.lock_bookings(db, ids=[booking_id])
    if any(each.taken_by is not None for each in await queries.replacements_of(db, booking_id)):
        raise WrongState(state="replaced")
    await queries.forget_untaken(db, booking_id)
    await find(db, tenant, [booking_id], now)
    return (await replacements(db, [booking_id], tenant, now)).get(booking_id, [])


async def case_of(db: AsyncSession, actor: Actor, booking_id: UUID) -> UUID:
    """The application that the holder's booking belongs to. Raises SignInNeeded, NotFound, Forbidden."""
    demand_person(actor)
    row = await _of_holder(db, actor, booking_id)
    application_id: UUID = row.application_id
    return application_id


async def _of_holder(db: AsyncSession, actor: Actor, booking_id: UUID) -> AnyRow:
    row = await shown_queries.shown_booking(db, booking_id)
    if row is None or not showing.may_read(actor, row):
        raise NotFound(what="booking")
    if not showing.is_holder(actor, row.person_id, row.association_id):
        raise Forbidden(action="replace")
    return row
