"""Offers: a time held for somebody who has not asked for just this one, taken or declined by one click.

An officer's counter-offer gives the applicant another time than she asked for, which may overlap it: what she asked
for stays requested, and keeps its time if it holds one, until she accepts. The waiting list's offer gives a freed time
to whoever is next. Nobody else can take what is offered until the deadline: it is held, and lapses as every hold does.
"""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import offer_queries, queries, showing, stock
from booking.case_models import CaseEntry, Offer
from booking.claims import Board
from booking.guard import end, keep_until, remind, touch
from booking.messages import HoldLapsed, OfferMade
from booking.models import Application, Booking
from booking.news import TOLD, tell_changed
from booking.owing import grant, put_price
from booking.pricing import Pricing
from booking.schemas import ApplicationOut
from booking.verdicts import holder_group, verdict_for
from core.audit import note
from core.errors import Closed, Forbidden, NotFound, TimeTaken, WrongState
from core.ids import new_id
from core.outbox import later, publish
from core.spans import Span, merge
from core.tenants import Tenant
from people.actors import Actor
from people.rules import demand_person
from resources.facts import Bookable
from resources.policies import kept
from resources.queries import bookable_by_id
from resources.tariff_queries import priceables

Kind = Literal["counter", "waiting"]


class Terms(NamedTuple):
    """Of an offer: what sort it is, until when it stands, who makes it, and what it is made for."""

    kind: Kind
    answer_by: datetime
    made_by: UUID | None = None
    """None: the waiting list."""
    instead_of: Booking | None = None
    """The request it would replace."""
    wait_id: UUID | None = None
    text: str = ""
    quantity: int = 1


async def make_offer(
    db: AsyncSession,
    application: Application,
    bookable: Bookable,
    span: Span,
    terms: Terms,
    *,
    board: Board,
    pricing: Pricing,
    now: datetime,
) -> tuple[Offer, Booking]:
    """Hold the time for the application's holder until `terms.answer_by`. Raises TimeTaken, Closed, ArticleTaken.

    The caller has locked the units, and read `board` after that without `terms.instead_of` (`but_of`).
    """
    assert terms.answer_by > now, "nobody can answer what has lapsed"
    facts = bookable.facts
    check_free(bookable, span, facts.setup_minutes, facts.cleanup_minutes, terms.quantity, board=board)
    booking = Booking(
        id=new_id(),
        application_id=application.id,
        resource_id=facts.id,
        person_id=application.person_id,
        association_id=application.association_id,
        team_id=application.team_id,
        starts_at=span.start,
        ends_at=span.end,
        setup_minutes=facts.setup_minutes,
        cleanup_minutes=facts.cleanup_minutes,
        quantity=terms.quantity,
        state="held",
        held_until=terms.answer_by,
        sequence=0,
        version=1,
        created_at=now,
        updated_at=now,
    )
    put_price(booking, pricing.price(bookable, span, terms.quantity))
    stakes = pricing.stakes(bookable, span)
    stock.check_left(stakes, board, booking)
    rival_id = terms.instead_of.id if terms.instead_of is not None else None
    claims = stock.claims_of(booking, bookable.units, stakes, rival_id=rival_id)
    board.add(claims)
    db.add(booking)
    db.add_all(claims)
    await db.flush()  # claim_no_overlap answers here
    offer = Offer(
        id=new_id(),
        kind=terms.kind,
        booking_id=booking.id,
        instead_of=terms.instead_of.id if terms.instead_of is not None else None,
        wait_id=terms.wait_id,
        made_by=terms.made_by,
        made_at=now,
        text=terms.text,
    )
    db.add(offer)
    if terms.kind == "counter":
        db.add(
            CaseEntry(
                id=new_id(),
                application_id=application.id,
                kind="offer",
                author_id=terms.made_by,
                by_staff=True,
                text=terms.text,
                file_ids=[],
                facts={"offer_id": str(offer.id)},
                created_at=now,
            )
        )
    later(db, HoldLapsed(booking.id), at=terms.answer_by)
    publish(db, OfferMade(offer.id))
    note(db, terms.made_by, "offered", table="booking", row_id=booking.id, now=now)
    await db.flush()
    return offer, booking


def check_free(
    bookable: Bookable,
    span: Span,
    setup_minutes: int,
    cleanup_minutes: int,
    quantity: int,
    *,
    board: Board,
    booking_id: UUID | None = None,
) -> None:
    """What an officer may not overrule: nobody has the time, and it is not closed. Raises TimeTaken, Closed."""
    known = {} if booking_id is None else {"booking_id": booking_id}
    closures = [closure for closure in merge(bookable.hours.closures) if closure.meets(span)]
    if closures:
        raise Closed(closures=closures, **known)
    conflicts = board.conflicts(bookable.units, span, setup_minutes, cleanup_minutes, quantity)
    if conflicts:
        raise TimeTaken(conflicts=conflicts, **known)


async def accept_offer(
    db: AsyncSession, actor: Actor, tenant: Tenant, offer_id: UUID, now: datetime
) -> ApplicationOut:
    """Take what is offered; what it replaces is given up. Raises NotFound, Forbidden, WrongState when it is too late.

    A time from the waiting list is confirmed where nobody needs to decide, else it is a request that holds its time.
    """
    offer, application, booking = await _standing(db, actor, offer_id, now)
    offer.answer, offer.answered_at = "accepted", now
    is_granted = offer.kind == "counter" or await _is_automatic(db, actor, application, booking)
    booking.state, booking.held_until = "requested", None
    if is_granted:
        booking.decided_at, booking.decided_by = now, offer.made_by
        known = await priceables(db, [booking.resource_id])
        grant(booking, known.get(booking.resource_id), by="officer", now=now)
        remind(db, booking)
    touch(booking, now)
    change = {"state": ("held", booking.state)}
    note(db, actor.person_id, booking.state, table="booking", row_id=booking.id, now=now, change=change)
    await _give_up(db, offer, actor, now)
    await offer_queries.claim_anew(db, booking.id)
    await keep_until(db, [booking])
    application.version += 1
    await db.flush()
    tell_changed(db, TOLD[booking.state], [booking], actor.person_id)
    return await showing.application(db, actor, tenant, application.id, now)


async def _is_automatic(db: AsyncSession, actor: Actor, application: Application, booking: Booking) -> bool:
    """By the very rule that an application would meet; `booking.policy` says which."""
    span = Span(booking.starts_at, booking.ends_at)
    bookables = await bookable_by_id(db, [booking.resource_id], span)
    group = await holder_group(
        db,
        actor,
        bookables,
        person_id=application.person_id,
        association_id=application.association_id,
    )
    verdict = verdict_for(bookables[booking.resource_id], span, group=group, people=application.people)
    booking.policy = kept(verdict.why)
    return verdict.decision == "automatic"


async def decline_offer(
    db: AsyncSession, actor: Actor, tenant: Tenant, offer_id: UUID, now: datetime
) -> ApplicationOut:
    """Let it go: the time is free at once, and what was asked for waits for the officer again. Raises as
    `accept_offer`.
    """
    offer, application, booking = await _standing(db, actor, offer_id, now)
    offer.answer, offer.answered_at = "declined", now
    end(db, booking, "withdrawn", actor.person_id, now=now, reason=None)
    await queries.release(db, [booking.id])
    application.version += 1
    await db.flush()
    tell_changed(db, "withdrawn", [booking], actor.person_id, freed=[booking.id])
    return await showing.application(db, actor, tenant, application.id, now)


async def _give_up(db: AsyncSession, offer: Offer, actor: Actor, now: datetime) -> None:
    """The request that the offer replaces ends, unless it has been decided meanwhile."""
    if offer.instead_of is None:
        return
    (asked,) = await queries.lock_bookings(db, ids=[offer.instead_of])
    if asked.state == "requested":
        end(db, asked, "withdrawn", actor.person_id, now=now, reason=None)
        await queries.release(db, [asked.id])
        tell_changed(db, "withdrawn", [asked], actor.person_id, freed=[asked.id])


async def _standing(
    db: AsyncSession, actor: Actor, offer_id: UUID, now: datetime
) -> tuple[Offer, Application, Booking]:
    """The offer with its case and held booking, locked, for its holder, while it can be answered."""
    demand_person(actor)
    offer = await offer_queries.offer(db, offer_id)
    if offer is None:
        raise NotFound(what="offer")
    application_id = await offer_queries.application_of(db, offer.booking_id)
    application = await queries.lock_application(db, application_id)
    assert application is not None, "its booking exists, and nothing is deleted"
    if not showing.is_holder(actor, application.person_id, application.association_id):
        if not await showing.may_read_application(db, actor, application_id):
            raise NotFound(what="offer")
        raise Forbidden(action="accept_offer")
    bookings = await queries.lock_bookings(db, application_id=application_id)
    booking = next(each for each in bookings if each.id == offer.booking_id)
    lapsed = booking.held_until is not None and booking.held_until <= now
    if booking.state != "held" or lapsed:
        raise WrongState(state="lapsed" if lapsed else booking.state)
    return offer, application, booking
