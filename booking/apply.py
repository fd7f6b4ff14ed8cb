"""Applying for times: one or many, with repeats; each is booked, requested, held, or refused with every reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking import offer_queries, queries, showing, stock
from booking.claims import Board, terms_for, window_of
from booking.decisions import record_automatic
from booking.guard import Allowance, allowance, board_of, end, keep_until, remind
from booking.models import Application, Booking, Claim
from booking.news import TOLD, tell_changed
from booking.occurrences import Wished, wished
from booking.owing import GRANTED, grant, put_price
from booking.pricing import Pricing, pricing_asked, pricing_of
from booking.rules import refusals
from booking.schemas import ApplicationIn, ApplicationOut
from booking.verdicts import answer_by, verdict_for
from core.audit import note
from core.errors import (
    AssociationNeeded,
    Forbidden,
    NotFound,
    Refusal,
    TermsNotAccepted,
    WrongState,
)
from core.ids import new_id
from core.spans import Span
from core.tenants import Tenant
from people.actors import Actor
from people.rules import demand_person
from people.service import check_applicant
from resources.facts import Bookable
from resources.policies import kept
from resources.queries import bookable_by_id
from resources.questions import check_answers, merged


class Refused(NamedTuple):
    """An occurrence that cannot be had, with every reason, the one most worth telling first."""

    wish: Wished
    reasons: Sequence[Refusal]


async def apply(
    db: AsyncSession, actor: Actor, tenant: Tenant, form: ApplicationIn, now: datetime
) -> ApplicationOut:
    """Carry out an application, wholly or (if_refused=skip) as far as it goes.

    Raises SignInNeeded, Forbidden, Invalid, NotFound, AssociationNeeded, TermsNotAccepted, and the first refusal of
    any occurrence under if_refused=fail, or when nothing is left under skip.
    """
    person_id = demand_person(actor)
    await check_applicant(db, actor, form.association_id, form.team_id)
    wishes = wished(form, tenant)
    bookables = await _bookables(db, wishes, now)
    accepted = _accepted_terms(form, bookables)
    check_holder(form.association_id, bookables)
    answers = check_answers(
        merged(bookables[each].facts.questions for each in sorted(bookables)), form.answers
    )
    pricing = await pricing_asked(db, actor, bookables, form)
    limits = await allowance(db, actor, form.association_id, bookables, now, lock=True)
    stakes = pricing.all_stakes(spans_of(wishes), bookables)
    board = await board_of(db, bookables, _window(wishes, bookables), now, stakes=stakes)
    application = Application(
        id=new_id(),
        person_id=person_id,
        association_id=form.association_id,
        team_id=form.team_id,
        title=form.title,
        public=form.public,
        purpose=form.purpose,
        usage=form.usage,
        activity=form.activity,
        audience=form.audience,
        people=form.people,
        articles=msgspec.to_builtins(form.articles),
        answers=answers,
        accepted_terms=accepted,
        repeat=msgspec.to_builtins(form.repeat) if form.repeat else None,
        officer_id=None,
        answer_by=None,
        paused_at=None,
        created_at=now,
        version=1,
    )
    made, refused = judge(application, wishes, bookables, board, limits, pricing, now=now, hold=form.hold)
    if refused and (form.if_refused == "fail" or not made):
        raise _refusal_of(refused)
    requested = [bookables[booking.resource_id].facts for booking, _ in made if booking.state == "requested"]
    application.answer_by = answer_by(requested, tenant.zone, now)
    db.add(application)
    for booking, claims in made:
        db.add(booking)
        db.add_all(claims)
        note(db, person_id, booking.state, table="booking", row_id=booking.id, now=now)
        remind(db, booking)
    await db.flush()  # claim_no_overlap answers here, not at commit
    bookings = [booking for booking, _ in made]
    granted = [booking for booking in bookings if booking.state in GRANTED]
    await record_automatic(db, application, granted, bookables, tenant=tenant, now=now)
    _tell_received(db, bookings, person_id)
    return await showing.made(
        db, actor, tenant, application, bookings=bookings, bookables=bookables, refused=refused
    )


def spans_of(wishes: Sequence[Wished]) -> list[tuple[UUID, Span]]:
    """Resource and span of each wish that the clock knows."""
    return [(wish.resource_id, wish.span) for wish in wishes if isinstance(wish.span, Span)]


def _tell_received(db: AsyncSession, bookings: Sequence[Booking], person_id: UUID) -> None:
    """One message for what is granted at once, one for what waits to be paid, one for what waits for an officer; holds
    are no news.
    """
    for state, change in TOLD.items():
        tell_changed(db, change, [each for each in bookings if each.state == state], person_id)


async def _bookables(db: AsyncSession, wishes: Sequence[Wished], now: datetime) -> dict[UUID, Bookable]:
    spans = [wish.span for wish in wishes if isinstance(wish.span, Span)]
    window = (
        Span(min(s.start for s in spans), max(s.end for s in spans))
        if spans
        else Span(now, now + timedelta(1))
    )
    wanted = sorted({wish.resource_id for wish in wishes})
    bookables = await bookable_by_id(db, wanted, window)
    for resource_id in wanted:
        if resource_id not in bookables or not bookables[resource_id].units:
            raise NotFound(what="resource", field="times.resource_id", id=resource_id)
    return bookables


def _window(wishes: Sequence[Wished], bookables: dict[UUID, Bookable]) -> Span:
    spans = [wish.span for wish in wishes if isinstance(wish.span, Span)]
    if not spans:
        raise _refusal_of([Refused(wish, [wish.span]) for wish in wishes if not isinstance(wish.span, Span)])
    return window_of(spans, bookables)


def _accepted_terms(form: ApplicationIn, bookables: dict[UUID, Bookable]) -> str | None:
    in_force = sorted(
        {b.facts.terms_version for b in bookables.values() if b.facts.terms_version is not None}
    )
    if not in_force:
        return None
    if form.accepted_terms is not True and (
        form.accepted_terms is False or form.accepted_terms not in in_force
    ):
        raise TermsNotAccepted(field="accepted_terms", versions=in_force)
    return ",".join(in_force)


def check_holder(association_id: UUID | None, bookables: dict[UUID, Bookable]) -> None:
    """Raises AssociationNeeded where only associations may book."""
    for bookable in bookables.values():
        if bookable.facts.association_only and association_id is None:
            raise AssociationNeeded(field="association_id", resource_id=bookable.facts.id)


def judge(
    application: Application,
    wishes: Sequence[Wished],
    bookables: dict[UUID, Bookable],
    board: Board,
    limits: Allowance,
    pricing: Pricing,
    *,
    now: datetime,
    hold: bool,
) -> tuple[list[tuple[Booking, list[Claim]]], list[Refused]]:
    """Each wish becomes a booking with its claims, or is refused; one that was allowed is in the way of the next."""
    made: list[tuple[Booking, list[Claim]]] = []
    refused: list[Refused] = []
    for wish in wishes:
        bookable = bookables[wish.resource_id]
        if not isinstance(wish.span, Span):
            refused.append(Refused(wish, [wish.span]))
            continue
        reasons: list[Refusal] = refusals(
            terms_for(bookable),
            bookable.hours,
            board.taken(bookable.units, near=wish.span),
            wish=wish.span,
            now=now,
            quantity=wish.quantity,
            usage=limits.usage,
            limits=limits.limits_at(bookable),
        )
        reasons += stock.refusals(
            pricing.stakes(bookable, wish.span),
            board,
            wish.span,
            setup_minutes=bookable.facts.setup_minutes,
            cleanup_minutes=bookable.facts.cleanup_minutes,
        )
        if reasons:
            refused.append(Refused(wish, reasons))
            continue
        booking, claims = _booking(application, wish, wish.span, bookable, pricing, now=now, hold=hold)
        board.add(claims)
        limits.add(wish.span, bookable)
        made.append((booking, claims))
    return made, refused


def _booking(
    application: Application,
    wish: Wished,
    span: Span,
    bookable: Bookable,
    pricing: Pricing,
    *,
    now: datetime,
    hold: bool,
) -> tuple[Booking, list[Claim]]:
    facts = bookable.facts
    verdict = verdict_for(bookable, span, group=pricing.group, people=application.people)
    is_granted = not hold and verdict.decision == "automatic"
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
        quantity=wish.quantity,
        state="held" if hold else "requested",
        held_until=now + timedelta(minutes=facts.hold_minutes) if hold else None,
        decided_at=now if is_granted else None,
        decision_text=None,
        policy=None if hold else kept(verdict.why),
        terms_version=facts.terms_version,
        end_reason=None,
        sequence=0,
        version=1,
        created_at=now,
        updated_at=now,
    )
    put_price(booking, pricing.price(bookable, span, wish.quantity))
    if is_granted:
        grant(booking, pricing.at(facts.id), by="rule", now=now)
    if booking.state == "requested" and not facts.request_holds:
        return booking, []
    return booking, stock.claims_of(booking, bookable.units, pricing.stakes(bookable, span))


def _refusal_of(refused: Sequence[Refused]) -> Refusal:
    """The refusal of the whole: that of the first occurrence, with what is refused of all of them."""
    first = refused[0].reasons[0]
    conflicts = sorted(
        {span for each in refused for reason in each.reasons for span in reason.facts.get("conflicts", ())}
    )
    if conflicts:
        first.facts["conflicts"] = conflicts
    first.facts["refused"] = [
        {
            "resource_id": each.wish.resource_id,
            "day": each.wish.day,
            "span": each.wish.span if isinstance(each.wish.span, Span) else None,
            "problems": [f"/problems/{reason.type}" for reason in each.reasons],
        }
        for each in refused
    ]
    return first


async def _of_holder(db: AsyncSession, actor: Actor, application_id: UUID, action: str) -> Application:
    """The application, locked, for its holder. Raises NotFound, and Forbidden for who may read it and no more."""
    demand_person(actor)
    application = await queries.lock_application(db, application_id)
    if application is None:
        raise NotFound(what="application")
    if not showing.is_holder(actor, application.person_id, application.association_id):
        if not await showing.may_read_application(db, actor, application_id):
            raise NotFound(what="application")
        raise Forbidden(action=action)
    return application


async def submit(
    db: AsyncSession, actor: Actor, tenant: Tenant, application_id: UUID, now: datetime
) -> ApplicationOut:
    """Turn the holds of an application into bookings or requests. Raises NotFound, Forbidden, WrongState."""
    application = await _of_holder(db, actor, application_id, "submit")
    bookings = await queries.lock_bookings(db, application_id=application_id)
    held = [b for b in bookings if b.state == "held" and b.held_until is not None and b.held_until > now]
    offered = await offer_queries.offered(db, [b.id for b in held])
    held = [b for b in held if b.id not in offered]  # an offer is accepted, not submitted
    if not held:
        raise WrongState(state=sorted({b.state for b in bookings}))
    spans = [Span(b.starts_at, b.ends_at) for b in held]
    window = Span(min(s.start for s in spans), max(s.end for s in spans))
    bookables = await bookable_by_id(db, sorted({b.resource_id for b in held}), window)
    pricing = await pricing_of(db, actor, bookables, application)
    competing: list[UUID] = []
    for booking in held:
        bookable = bookables[booking.resource_id]
        facts, span = bookable.facts, Span(booking.starts_at, booking.ends_at)
        verdict = verdict_for(bookable, span, group=pricing.group, people=application.people)
        before = booking.state
        booking.state, booking.held_until = "requested", None
        booking.policy = kept(verdict.why)
        if verdict.decision == "automatic":
            booking.decided_at = now
            grant(booking, pricing.at(facts.id), by="rule", now=now)
            remind(db, booking)
        booking.version += 1
        booking.updated_at = now
        if booking.state == "requested" and not facts.request_holds:
            competing.append(booking.id)
        note(
            db,
            actor.person_id,
            booking.state,
            table="booking",
            row_id=booking.id,
            now=now,
            change={"state": (before, booking.state)},
        )
    await queries.release(db, competing)
    await keep_until(db, held)
    requested = [bookables[b.resource_id].facts for b in held if b.state == "requested"]
    application.answer_by = answer_by(requested, tenant.zone, now) or application.answer_by
    application.version += 1
    await db.flush()
    granted = [booking for booking in held if booking.state in GRANTED]
    await record_automatic(db, application, granted, bookables, tenant=tenant, now=now)
    _tell_received(db, held, demand_person(actor))
    return await showing.application(db, actor, tenant, application_id, now)


async def withdraw(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    application_id: UUID,
    now: datetime,
    *,
    version: int | None,
) -> ApplicationOut:
    """End what is not yet decided. Raises NotFound, Forbidden, ChangedMeanwhile, WrongState."""
    application = await _of_holder(db, actor, application_id, "withdraw")
    bookings = await queries.lock_bookings(db, application_id=application_id)
    showing.check_version(showing.version_of(application, bookings), version)
    pending = [b for b in bookings if b.state in {"held", "requested", "awaiting_payment"}]
    if not pending:
        raise WrongState(state=sorted({b.state for b in bookings}))
    for booking in pending:
        end(db, booking, "withdrawn", actor.person_id, now=now, reason=None)
    await queries.release(db, [b.id for b in pending])
    application.version += 1
    await db.flush()
    tell_changed(db, "withdrawn", pending, actor.person_id, freed=[b.id for b in pending])
    return await showing.application(db, actor, tenant, application_id, now)
