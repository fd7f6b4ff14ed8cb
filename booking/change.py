"""Changing what one has: cancelling, moving."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import offer_queries, queries, showing, shown_queries, stock
from booking.agreed import bill_of, demand_agreed, repriced
from booking.apply import check_holder
from booking.claims import terms_for, window_of
from booking.decisions import record_automatic
from booking.guard import allowance, board_of, end, remind, touch
from booking.models import LIVE, Booking
from booking.news import tell_changed
from booking.occurrences import wish_span
from booking.owing import GRANTED, Refund, grant, hasten, refund_due, reprice
from booking.pricing import pricing_of
from booking.rules import check_change_deadline, refusals
from booking.schemas import BookingOut, CancelledOut, MoveIn
from booking.verdicts import answer_by, verdict_for
from core.audit import note
from core.db import Stale
from core.errors import Forbidden, NotFound, WrongState
from core.money import money
from core.spans import Span
from core.tenants import Tenant
from people.actors import Actor, Place
from people.rules import demand_person, may
from resources.facts import Bookable
from resources.policies import Verdict, kept
from resources.prices import Price
from resources.queries import bookable_by_id
from resources.tariff_queries import priceables
from resources.tariffs import Priceable


async def cancel(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    booking_id: UUID,
    reason: str,
    *,
    now: datetime,
    version: int | None,
) -> CancelledOut:
    """Give the time up; it is free at once. Raises NotFound, Forbidden, ChangedMeanwhile, WrongState, TooSoon."""
    row = await changeable(db, actor, booking_id)
    booking = await _locked(db, row)
    showing.check_version(booking.version, version)
    check_live(booking, now)
    if not has_staff_right(actor, row):
        check_change_deadline(booking.starts_at, row.change_deadline_minutes, now)
    known = await priceables(db, [row.resource_id])
    refund = give_up(db, actor, row, booking, known.get(row.resource_id), now=now, reason=reason)
    await queries.release(db, [booking_id])
    await db.flush()
    refunds = {booking_id: refund}
    tell_changed(
        db, "cancelled", [booking], actor.person_id, freed=[booking_id], refunds=refunds, reason=reason
    )
    shown = await showing.booking(db, actor, tenant, booking_id, now)
    return CancelledOut(
        booking=shown,
        refund=money(refund.amount_ore),
        fee=money(booking.owed_ore),
        rule=refund.rule,
        version=shown.version,
    )


def give_up(
    db: AsyncSession,
    actor: Actor,
    row: Any,
    booking: Booking,
    known: Priceable | None,
    *,
    now: datetime,
    reason: str,
) -> Refund:
    """The booking, locked, as cancelled by the actor: what is kept of its price is owed, the rest goes back."""
    refund = refund_of(actor, row, booking, known, now)
    end(db, booking, "cancelled", actor.person_id, now=now, reason=reason or None)
    booking.owed_ore = refund.fee_ore
    return refund


def refund_of(actor: Actor, row: Any, booking: Any, known: Priceable | None, now: datetime) -> Refund:
    """What goes back if the actor cancelled now. Who is not the holder cancels for the municipality: without fee."""
    is_own = showing.is_holder(actor, row.person_id, row.association_id)
    return refund_due(booking, known, waived=not is_own, now=now)


async def move(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    booking_id: UUID,
    form: MoveIn,
    *,
    now: datetime,
    version: int | None,
) -> BookingOut:
    """Another time or place, judged as if it were new, its own claims out of the way.

    A holder's move to where an officer decides is decided anew, and holds the new time meanwhile; a request that is
    moved to where nobody needs to decide is granted. Raises what `apply` raises, and ChangedMeanwhile, WrongState,
    TooSoon, PriceChanged.
    """
    row = await changeable(db, actor, booking_id)
    span = wish_span(form, tenant)
    resource_id = form.resource_id or row.resource_id
    bookables = await bookable_by_id(db, [resource_id], span)
    if resource_id not in bookables or not bookables[resource_id].units:
        raise NotFound(what="resource", field="resource_id")
    bookable = bookables[resource_id]
    check_holder(row.association_id, bookables)
    is_staff = has_staff_right(actor, row) and may(
        actor, "booking.change_any", Place(bookable.facts.facility_id, resource_id)
    )
    limits = await allowance(
        db,
        Actor(person_id=row.person_id),
        row.association_id,
        bookables,
        now,
        lock=True,
        but_of=[booking_id],
    )
    pricing = await pricing_of(db, actor, bookables, row)
    stakes = pricing.stakes(bookable, span)
    board = await board_of(
        db, bookables, window_of([span], bookables), now, but_of=[booking_id], stakes=stakes
    )
    verdict = verdict_for(bookable, span, group=pricing.group, people=row.people)
    is_for_officer = verdict.decision == "case_officer" and not is_staff
    application = None
    if is_for_officer or bookable.facts.decision_kind == "vedtak":
        application = await queries.lock_application(db, row.application_id)
        assert application is not None, "its booking exists, and nothing is deleted"
        if is_for_officer and row.state in GRANTED:
            application.answer_by = answer_by([bookable.facts], tenant.zone, now)
    booking = await _locked(db, row)
    showing.check_version(booking.version, version)
    check_live(booking, now)
    if booking.state == "held" and await offer_queries.offered(db, [booking_id]):
        raise WrongState(state="held")  # it is taken as it was offered, or not at all
    if not is_staff:
        check_change_deadline(booking.starts_at, row.change_deadline_minutes, now)
    reasons = refusals(
        terms_for(bookable),
        bookable.hours,
        board.taken(bookable.units),
        wish=span,
        now=now,
        quantity=booking.quantity,
        usage=limits.usage,
        limits=limits.limits_at(bookable),
    )
    if reasons:
        raise reasons[0]
    price = pricing.price(bookable, span, booking.quantity)
    before: dict[str, Any] = {
        name: getattr(booking, name) for name in ("starts_at", "ends_at", "resource_id", "state")
    }
    bill = bill_of(booking)
    place(booking, bookable, span, verdict, price, pricing.at(resource_id), is_staff=is_staff, now=now)
    new_price = repriced(bill, booking)
    demand_agreed(form.price, [new_price])
    stock.check_left(stakes, board, booking)
    remind(db, booking)
    changed = {
        name: (old, getattr(booking, name)) for name, old in before.items() if old != getattr(booking, name)
    }
    note(db, actor.person_id, "moved", table="booking", row_id=booking_id, now=now, change=changed)
    await queries.release(db, [booking_id])
    if booking.state != "requested" or before["state"] in GRANTED or bookable.facts.request_holds:
        db.add_all(stock.claims_of(booking, bookable.units, stakes))
    await db.flush()  # claim_no_overlap answers here
    if application is not None and before["state"] == "requested" and booking.state in GRANTED:
        await record_automatic(db, application, [booking], bookables, tenant=tenant, now=now)
    was = {booking_id: (before["starts_at"], before["ends_at"], before["resource_id"])}
    tell_changed(
        db, "moved", [booking], actor.person_id, freed=[booking_id], was=was, prices={booking_id: new_price}
    )
    return await showing.booking(db, actor, tenant, booking_id, now)


def place(
    booking: Booking,
    bookable: Bookable,
    span: Span,
    verdict: Verdict,
    price: Price,
    known: Priceable | None,
    *,
    is_staff: bool,
    now: datetime,
) -> None:
    """The booking at its new time and place, decided and priced anew: staff's word stands, and what was asked for may
    be had.
    """
    facts = bookable.facts
    if booking.resource_id != facts.id and booking.terms_version != facts.terms_version:
        booking.terms_version = None  # those of the other place were accepted, not these
    booking.starts_at, booking.ends_at, booking.resource_id = span.start, span.end, facts.id
    booking.setup_minutes, booking.cleanup_minutes = facts.setup_minutes, facts.cleanup_minutes
    was_asked = booking.state == "requested"
    if was_asked or (booking.state in GRANTED and not is_staff):
        booking.policy = kept(verdict.why)
    if booking.state in GRANTED and verdict.decision == "case_officer" and not is_staff:
        booking.state, booking.decided_at, booking.decided_by = "requested", None, None
        booking.held_until = None
    reprice(booking, price)
    if was_asked and verdict.decision == "automatic":
        booking.decided_at = now
        grant(booking, known, by="rule", now=now)
    elif booking.state == "awaiting_payment":
        hasten(booking, now)
    booking.reminded_at = None
    touch(booking, now)


async def to_change(
    db: AsyncSession, actor: Actor, tenant: Tenant, booking_id: UUID, now: datetime
) -> BookingOut:
    """The booking, before it is changed. Raises SignInNeeded, NotFound, and Forbidden for who may only read it."""
    await changeable(db, actor, booking_id)
    return await showing.booking(db, actor, tenant, booking_id, now)


async def changeable(db: AsyncSession, actor: Actor, booking_id: UUID) -> Any:
    """As shown, if the actor may change it. Raises NotFound for what she may not even see, Forbidden for the rest."""
    demand_person(actor)
    row = await shown_queries.shown_booking(db, booking_id)
    if row is None or not showing.may_read(actor, row):
        raise NotFound(what="booking")
    if not (showing.is_holder(actor, row.person_id, row.association_id) or has_staff_right(actor, row)):
        raise Forbidden(action="booking.change_any")
    return row


async def _locked(db: AsyncSession, row: Any) -> Booking:
    """The booking, fresh. Raises Stale when it was moved to another resource, where other rights and deadlines hold."""
    (booking,) = await queries.lock_bookings(db, ids=[row.id])
    if booking.resource_id != row.resource_id:
        raise Stale
    return booking


def has_staff_right(actor: Actor, row: Any) -> bool:
    return may(actor, "booking.change_any", Place(row.facility_id, row.resource_id))


def check_live(booking: Booking, now: datetime) -> None:
    lapsed = booking.held_until is not None and booking.held_until <= now
    if booking.state not in LIVE or lapsed:
        raise WrongState(state="lapsed" if lapsed else booking.state)
