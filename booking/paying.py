"""Money has come, or is to come, for bookings: asked and told by whoever sees to it (the room of payments).

Order of locks as everywhere: units by id, the application, bookings by id.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import owed_queries, queries, showing, shown_queries, stock
from booking.claims import Board, window_of
from booking.guard import board_of, touch
from booking.models import Booking
from booking.news import tell_changed
from booking.offers import check_free
from booking.owing import owe
from booking.stock import Stake
from core.audit import note
from core.db import AnyRow, Stale
from core.errors import Closed, Forbidden, Invalid, NotFound, TimeTaken, WrongState
from core.spans import Span
from core.texts import N_
from people.actors import Actor, Place
from people.rules import demand, demand_person
from resources.facts import Bookable
from resources.prices import Price, read_price
from resources.queries import bookable_by_id
from resources.tariff_queries import priceables


class Payable(Struct, frozen=True, kw_only=True):
    """A booking that waits to be paid."""

    booking_id: UUID
    application_id: UUID
    person_id: UUID
    association_id: UUID | None
    resource_id: UUID
    resource_name: str
    facility_name: str
    starts_at: datetime
    ends_at: datetime
    held_until: datetime
    price: Price
    title: str


class Standing(Struct, frozen=True, kw_only=True):
    """What is known of a booking's money."""

    id: UUID
    application_id: UUID
    person_id: UUID
    association_id: UUID | None
    resource_id: UUID
    resource_name: str
    facility_id: UUID
    facility_name: str
    starts_at: datetime
    ends_at: datetime
    state: str
    held_until: datetime | None
    payment: str | None
    owed_ore: int
    paid_ore: int
    price: Price
    title: str


class Paid(NamedTuple):
    """What money has become of: bookings that are the holder's, and those that she cannot have any more."""

    kept: list[UUID]
    lost: list[UUID]


async def standing(db: AsyncSession, booking_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """By id, in the order of their starts; ids that are not here are left out. One statement, without locks."""
    return {
        row.id: Standing(
            id=row.id,
            application_id=row.application_id,
            person_id=row.person_id,
            association_id=row.association_id,
            resource_id=row.resource_id,
            resource_name=row.resource_name,
            facility_id=row.facility_id,
            facility_name=row.facility_name,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            state=row.state,
            held_until=row.held_until,
            payment=row.payment,
            owed_ore=row.owed_ore,
            paid_ore=row.paid_ore,
            price=read_price(row.price),
            title=row.title,
        )
        for row in await owed_queries.standing(db, sorted(set(booking_ids)))
    }


async def payable(db: AsyncSession, actor: Actor, booking_id: UUID, now: datetime) -> list[Payable]:
    """All that waits to be paid in the booking's application, locked, by start.

    Raises SignInNeeded, NotFound, Forbidden for who may read it and no more, WrongState when nothing waits.
    """
    demand_person(actor)
    row = await shown_queries.shown_booking(db, booking_id)
    if row is None or not showing.may_read(actor, row):
        raise NotFound(what="booking")
    if not showing.is_holder(actor, row.person_id, row.association_id):
        raise Forbidden(action="pay")
    locked = await queries.lock_bookings(db, application_id=row.application_id)
    waiting = [each.id for each in locked if _waits(each, now)]
    if booking_id not in waiting:
        state = next(each.state for each in locked if each.id == booking_id)
        raise WrongState(state="lapsed" if state == "awaiting_payment" else state)
    found = await standing(db, waiting)
    return [
        Payable(
            booking_id=each.id,
            application_id=each.application_id,
            person_id=each.person_id,
            association_id=each.association_id,
            resource_id=each.resource_id,
            resource_name=each.resource_name,
            facility_name=each.facility_name,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            held_until=each.held_until,
            price=each.price,
            title=each.title,
        )
        for each in found.values()
        if each.held_until is not None
    ]


def _waits(booking: Booking, now: datetime) -> bool:
    return booking.state == "awaiting_payment" and booking.held_until is not None and booking.held_until > now


async def confirm_paid(db: AsyncSession, amounts: Mapping[UUID, int], now: datetime) -> Paid:
    """Money has come: booking → øre that were paid for it. Each becomes its holder's, or is lost to her.

    What waits to be paid is confirmed, also when its time to pay has run out and nobody has carried that out yet. What
    has lapsed is taken anew where it is still free. All else is lost and left as it is: taken, over, cancelled,
    displaced, withdrawn, paid already, or paid with another amount than its price.
    """
    rows = await owed_queries.standing(db, sorted(amounts))
    if not rows:
        return Paid([], sorted(amounts))
    bookables, stakes, board = await _ground(db, rows, now)
    for application_id in sorted({row.application_id for row in rows}):
        await queries.lock_application(db, application_id)
    locked = {each.id: each for each in await queries.lock_bookings(db, ids=[row.id for row in rows])}
    for row in rows:
        stands = locked[row.id]
        if (stands.resource_id, stands.starts_at, stands.ends_at) != (
            row.resource_id,
            row.starts_at,
            row.ends_at,
        ):
            raise Stale  # moved meanwhile: other units are concerned
    kept: list[Booking] = []
    taken_anew: list[Booking] = []
    for row in rows:
        booking = locked[row.id]
        if not _is_for(amounts[row.id], booking, now):
            continue
        if booking.state == "awaiting_payment":
            kept.append(booking)
        elif _has_run_out(booking) and _take(
            db, booking, bookables[booking.resource_id], stakes[row.id], board
        ):
            taken_anew.append(booking)
    for booking in (*kept, *taken_anew):
        _confirm(db, booking, amounts[booking.id], now)
    await queries.keep_claims(db, [booking.id for booking in kept])
    await db.flush()  # claim_no_overlap answers here
    tell_changed(db, "paid", [*kept, *taken_anew], None)
    confirmed = {booking.id for booking in (*kept, *taken_anew)}
    return Paid(sorted(confirmed), sorted(each for each in amounts if each not in confirmed))


async def _ground(
    db: AsyncSession, rows: Sequence[AnyRow], now: datetime
) -> tuple[dict[UUID, Bookable], dict[UUID, tuple[Stake, ...]], Board]:
    """The places, what of stocks goes with each booking, and who has what; the units are locked from now on."""
    spans = [Span(row.starts_at, row.ends_at) for row in rows]
    around = Span(min(span.start for span in spans), max(span.end for span in spans))
    resource_ids = sorted({row.resource_id for row in rows})
    bookables = await bookable_by_id(db, resource_ids, around)
    known = await priceables(db, resource_ids)
    stakes = {
        row.id: stock.stakes_of(
            known.get(row.resource_id),
            stock.ordered_in(row.articles),
            Span(row.starts_at, row.ends_at),
            bookables[row.resource_id].zone,
        )
        for row in rows
    }
    every = [stake for each in stakes.values() for stake in each]
    board = await board_of(
        db, bookables, window_of(spans, bookables), now, but_of=[row.id for row in rows], stakes=every
    )
    return bookables, stakes, board


def _is_for(paid_ore: int, booking: Booking, now: datetime) -> bool:
    """Whether so much is what it costs to have it, and there is something left to have."""
    gross_ore = read_price(booking.price).gross_ore
    return booking.payment == "online" and paid_ore == gross_ore and now < booking.ends_at


def _has_run_out(booking: Booking) -> bool:
    """The clock ended it, and nobody else."""
    return booking.state == "lapsed" and booking.ended_by is None and booking.paid_ore == 0


def _take(
    db: AsyncSession, booking: Booking, bookable: Bookable, stakes: Sequence[Stake], board: Board
) -> bool:
    """The time again, of one that had lapsed; whether it could be had."""
    span = Span(booking.starts_at, booking.ends_at)
    setup, cleanup = booking.setup_minutes, booking.cleanup_minutes
    try:
        check_free(bookable, span, setup, cleanup, booking.quantity, board=board, booking_id=booking.id)
    except (TimeTaken, Closed):
        return False
    if stock.refusals(stakes, board, span, setup_minutes=setup, cleanup_minutes=cleanup):
        return False
    claims = stock.claims_of(booking, bookable.units, stakes)
    board.add(claims)
    db.add_all(claims)
    return True


def _confirm(db: AsyncSession, booking: Booking, paid_ore: int, now: datetime) -> None:
    change = {"state": (booking.state, "confirmed"), "paid_ore": (booking.paid_ore, paid_ore)}
    booking.state, booking.held_until = "confirmed", None
    booking.ended_at, booking.ended_by, booking.end_reason = None, None, None
    booking.paid_ore = paid_ore
    booking.decided_at = booking.decided_at or now
    owe(booking)
    touch(booking, now)
    note(db, None, "paid", table="booking", row_id=booking.id, now=now, change=change)


async def owe_less(
    db: AsyncSession, actor: Actor | None, booking_id: UUID, owed_ore: int, *, reason: str, now: datetime
) -> None:
    """An officer lowers what is owed for the booking, or (None) a rule; whoever sees to money gives the rest back.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid naming `amount`.
    """
    row = await shown_queries.shown_booking(db, booking_id)
    if row is None:
        raise NotFound(what="booking")
    if actor is not None:
        demand(actor, "refund.give", Place(row.facility_id, row.resource_id))
    by_id = None if actor is None else actor.person_id
    (booking,) = await queries.lock_bookings(db, ids=[booking_id])
    if not 0 <= owed_ore <= booking.owed_ore:
        raise Invalid(field="amount", expected=N_("no more than what is owed"), at_most=booking.owed_ore)
    if owed_ore == booking.owed_ore:
        return
    change = {"owed_ore": (booking.owed_ore, owed_ore)}
    booking.owed_ore = owed_ore
    booking.version += 1
    booking.updated_at = now
    note(db, by_id, "reduced", table="booking", row_id=booking_id, now=now, change=change)
    await db.flush()
    tell_changed(db, "reduced", [booking], by_id, reason=reason)
