"""What a decision stands on: the case, its times and who else wants them, locked and looked through."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from booking import claim_queries, decision_queries, showing, shown_queries
from booking.claims import LONGEST_PAD, Board
from booking.counter_rules import Counter, counter_of
from booking.guard import board_of
from booking.models import Application, Booking
from booking.pricing import Pricing, pricing_of
from booking.schemas import DecisionIn
from core.db import AnyRow, Stale
from core.errors import AlreadyDecided, Forbidden, Invalid, NotFound, WrongState
from core.spans import Span
from core.tenants import Tenant
from core.texts import N_
from people.actors import Actor, Place
from people.rules import may
from resources.facts import Bookable
from resources.queries import bookable_by_id

Choice = Literal["approve", "reject"] | Counter
MOST_OFFERS = 20
"""In one decision."""


class Ground(msgspec.Struct, frozen=True):
    """Read under the locks."""

    application: Application
    fresh: Sequence[Booking]
    """All of the application."""
    bookings: Sequence[Booking]
    """Those that are decided, by start."""
    bookables: Mapping[UUID, Bookable]
    around: Span
    board: Board
    pricing: Pricing
    """Of the application's own."""
    others: Mapping[UUID, Application]
    """Applications that may lose."""
    losing: Sequence[Booking]
    """Their times that may be lost, when that was asked for."""


async def shown_to_officer(
    db: AsyncSession, actor: Actor, application_id: UUID, form: DecisionIn
) -> dict[UUID, AnyRow]:
    """All bookings of the application. Raises NotFound, and Forbidden for one that is not hers to decide."""
    shown = {row.id: row for row in await shown_queries.shown_bookings_of(db, [application_id])}
    if not any(showing.may_read(actor, row) for row in shown.values()):
        raise NotFound(what="application")
    for number, each in enumerate(form.bookings):
        row = shown.get(each.id)
        if row is None or not showing.may_read(actor, row):
            raise NotFound(what="booking", field=f"bookings.{number}.id")
        if not may(actor, "application.decide", Place(row.facility_id, row.resource_id)):
            raise Forbidden(action="application.decide", field=f"bookings.{number}.id")
    return shown


def chosen_in(
    form: DecisionIn, shown: Mapping[UUID, AnyRow], tenant: Tenant, now: datetime
) -> dict[UUID, Choice]:
    """Booking → what is chosen for it. Raises Invalid."""
    chosen: dict[UUID, Choice] = {}
    offers = 0
    for number, each in enumerate(form.bookings):
        field = f"bookings.{number}"
        if each.approve + each.reject + (each.offer is not None) != 1:
            raise Invalid(field=field, expected=N_("one of approve, reject and offer"))
        if each.id in chosen:
            raise Invalid(field=f"{field}.id", expected=N_("each booking once"))
        if each.offer is not None:
            offers += 1
            if offers > MOST_OFFERS:
                raise Invalid(field=field, expected=N_("at most 20 offers at a time"))
            resource_id = shown[each.id].resource_id
            chosen[each.id] = counter_of(each.offer, resource_id, tenant, now, field=f"{field}.offer")
        else:
            chosen[each.id] = "approve" if each.approve else "reject"
    return chosen


async def lock_ground(
    db: AsyncSession,
    actor: Actor,
    application_id: UUID,
    shown: Mapping[UUID, AnyRow],
    choices: Mapping[UUID, Choice],
    *,
    version: int | None,
    with_rivals: bool,
    now: datetime,
) -> Ground:
    """Lock the units, the applications and their bookings, and look whether all stands as it was shown.

    Raises Stale, AlreadyDecided, WrongState, ChangedMeanwhile, NotFound and Forbidden for a place to offer.
    """
    counters = [choice for choice in choices.values() if isinstance(choice, Counter)]
    spans = [Span(shown[i].starts_at, shown[i].ends_at) for i in choices] + [c.span for c in counters]
    around = Span(min(s.start for s in spans) - LONGEST_PAD, max(s.end for s in spans) + LONGEST_PAD)
    wanted = {shown[i].resource_id for i in choices} | {each.resource_id for each in counters}
    bookables = await bookable_by_id(db, sorted(wanted), around)
    for each in counters:
        _demand_place(actor, each, bookables)
    case = next(iter(shown.values()))
    pricing = await pricing_of(db, actor, bookables, case)
    places = [(shown[i].resource_id, Span(shown[i].starts_at, shown[i].ends_at)) for i in choices]
    places += [(each.resource_id, each.span) for each in counters]
    stakes = pricing.all_stakes(places, bookables)
    board = await board_of(db, bookables, around, now, stakes=stakes)
    lost = []
    if with_rivals:
        approved = [id_ for id_, choice in choices.items() if choice == "approve"]
        lost = [
            row
            for row in await decision_queries.losers(db, approved)
            if may(actor, "application.decide", Place(row.facility_id, row.resource_id))
        ]
    applications = await decision_queries.lock_applications(
        db, sorted({application_id, *(row.application_id for row in lost)})
    )
    locked = await decision_queries.lock_of_case(db, application_id, [row.id for row in lost])
    fresh = [booking for booking in locked if booking.application_id == application_id]
    if set(shown) != {booking.id for booking in fresh}:
        raise Stale  # another time was offered meanwhile
    bookings = [booking for booking in fresh if booking.id in choices]
    _check_undecided(bookings)
    (application,) = [each for each in applications if each.id == application_id]
    seen = [booking for booking in fresh if showing.may_read(actor, shown[booking.id])]
    showing.check_version(showing.version_of(application, seen), version)
    _check_unmoved(bookings, shown)
    return Ground(
        application=application,
        fresh=fresh,
        bookings=sorted(bookings, key=lambda booking: (booking.starts_at, booking.id)),
        bookables=bookables,
        around=around,
        board=board,
        pricing=pricing,
        others={each.id: each for each in applications if each.id != application_id},
        losing=[booking for booking in locked if booking.application_id != application_id],
    )


async def refresh(db: AsyncSession, ground: Ground, now: datetime) -> Ground:
    """With the board as it is now, after claims have been given up in this very transaction."""
    return replace(ground, board=await board_but(db, ground, now))


async def board_but(db: AsyncSession, ground: Ground, now: datetime, but_of: UUID | None = None) -> Board:
    """Who has the units, which are locked already; without the claims of one booking."""
    units = {unit.id for bookable in ground.bookables.values() for unit in bookable.units}
    units |= set(ground.board.stocks)
    board = Board(
        await claim_queries.claims_between(db, units, ground.around, but_of=[but_of] if but_of else ()), now
    )
    board.stocks = ground.board.stocks
    return board


def _demand_place(actor: Actor, counter: Counter, bookables: Mapping[UUID, Bookable]) -> None:
    """Raises NotFound, and Forbidden where the officer decides nothing."""
    bookable = bookables.get(counter.resource_id)
    if bookable is None or not bookable.units:
        raise NotFound(what="resource", field=f"{counter.field}.resource_id")
    if not may(actor, "application.decide", Place(bookable.facts.facility_id, bookable.facts.id)):
        raise Forbidden(action="application.decide", field=f"{counter.field}.resource_id")


def _check_undecided(bookings: Sequence[Booking]) -> None:
    for booking in bookings:
        if booking.state != "requested":
            refusal = WrongState if booking.decided_at is None else AlreadyDecided
            raise refusal(state=booking.state, booking_id=booking.id)


def _check_unmoved(bookings: Sequence[Booking], shown: Mapping[UUID, AnyRow]) -> None:
    """Raises Stale when the applicant has moved one since the board was chosen by its time and place."""
    for booking in bookings:
        row = shown[booking.id]
        if (booking.starts_at, booking.ends_at, booking.resource_id) != (
            row.starts_at,
            row.ends_at,
            row.resource_id,
        ):
            raise Stale
