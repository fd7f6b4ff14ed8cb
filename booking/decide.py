"""The case officer's decision on the times of an application: all at once, or nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries, showing, shown_queries
from booking.claims import LONGEST_PAD, Board, booking_claims
from booking.guard import board_of, end, touch
from booking.models import Booking
from booking.news import tell_changed
from booking.offers import check_free
from booking.schemas import ApplicationOut, DecisionIn
from core.audit import note
from core.db import AnyRow, Stale
from core.errors import Forbidden, Invalid, NotFound, WrongState
from core.spans import Span
from core.tenants import Tenant
from people.actors import Actor, Place
from people.rules import demand_person, may
from resources.facts import Bookable
from resources.queries import bookable_by_id


async def decide(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    application_id: UUID,
    form: DecisionIn,
    *,
    now: datetime,
    version: int | None,
) -> ApplicationOut:
    """Approve or reject requested times. Raises NotFound, Forbidden, Invalid, WrongState, ChangedMeanwhile, TimeTaken.

    An officer may approve what bends the rules, never what is taken or closed.
    """
    demand_person(actor)
    chosen = _chosen(form)
    shown = {row.id: row for row in await shown_queries.shown_bookings_of(db, [application_id])}
    if not any(showing.may_read(actor, row) for row in shown.values()):
        raise NotFound(what="application")
    for number, each in enumerate(form.bookings):
        row = shown.get(each.id)
        if row is None or not showing.may_read(actor, row):
            raise NotFound(what="booking", field=f"bookings.{number}.id")
        if not may(actor, "application.decide", Place(row.facility_id, row.resource_id)):
            raise Forbidden(action="application.decide", field=f"bookings.{number}.id")
    spans = [Span(shown[i].starts_at, shown[i].ends_at) for i in chosen]
    around = Span(min(s.start for s in spans) - LONGEST_PAD, max(s.end for s in spans) + LONGEST_PAD)
    bookables = await bookable_by_id(db, sorted({shown[i].resource_id for i in chosen}), around)
    board = await board_of(db, bookables, around, now)
    application = await queries.lock_application(db, application_id)
    assert application is not None, "its bookings exist, and nothing is deleted"
    fresh = await queries.lock_bookings(db, application_id=application_id)
    if shown.keys() != {booking.id for booking in fresh}:
        raise Stale  # another time was offered meanwhile
    seen = [booking for booking in fresh if showing.may_read(actor, shown[booking.id])]
    showing.check_version(showing.version_of(application, seen), version)
    bookings = [booking for booking in fresh if booking.id in chosen]
    _check_undecided(bookings)
    _check_unmoved(bookings, shown)
    claimed = await queries.count_claims(db, sorted(chosen))
    for booking in sorted(bookings, key=lambda b: (b.starts_at, b.id)):
        if chosen[booking.id]:
            if booking.id not in claimed:
                _claim(db, booking, bookables[booking.resource_id], board)
            _approve(db, actor, booking, now)
        else:
            end(db, booking, "rejected", actor.person_id, now=now, reason=form.reason)
        booking.decided_at, booking.decided_by, booking.decision_text = now, actor.person_id, form.text
    await queries.release(db, [booking_id for booking_id, approved in chosen.items() if not approved])
    application.version += 1
    await db.flush()  # claim_no_overlap answers here
    rejected = [booking_id for booking_id, approved in chosen.items() if not approved]
    tell_changed(db, "decided", bookings, actor.person_id, freed=rejected, reason=form.reason)
    return await showing.application(db, actor, tenant, application_id, now)


def _chosen(form: DecisionIn) -> dict[UUID, bool]:
    chosen: dict[UUID, bool] = {}
    for number, each in enumerate(form.bookings):
        if each.approve == each.reject:
            raise Invalid(field=f"bookings.{number}", expected="either approve or reject")
        if each.id in chosen:
            raise Invalid(field=f"bookings.{number}.id", expected="each booking once")
        chosen[each.id] = each.approve
    return chosen


def _check_undecided(bookings: Sequence[Booking]) -> None:
    decided = [booking for booking in bookings if booking.state != "requested"]
    if decided:
        raise WrongState(state=decided[0].state, booking_id=decided[0].id)


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


def _approve(db: AsyncSession, actor: Actor, booking: Booking, now: datetime) -> None:
    booking.state = "confirmed"
    touch(booking, now)
    change = {"state": ("requested", "confirmed")}
    note(db, actor.person_id, "confirmed", table="booking", row_id=booking.id, now=now, change=change)


def _claim(db: AsyncSession, booking: Booking, bookable: Bookable, board: Board) -> None:
    """Take the time that the request did not hold. Raises TimeTaken, Closed."""
    span = Span(booking.starts_at, booking.ends_at)
    check_free(
        bookable,
        span,
        booking.setup_minutes,
        booking.cleanup_minutes,
        booking.quantity,
        board=board,
        booking_id=booking.id,
    )
    claims = booking_claims(
        booking.id,
        bookable.units,
        span,
        setup_minutes=booking.setup_minutes,
        cleanup_minutes=booking.cleanup_minutes,
        quantity=booking.quantity,
    )
    board.add(claims)
    db.add_all(claims)
