"""Applying for times: one or many, with repeats; each is booked, requested, held, or refused with every reason."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries, showing
from booking.claims import Board, booking_claims, terms_for, window_of
from booking.guard import Allowance, allowance, board_of, end
from booking.messages import HoldLapsed
from booking.models import Application, Booking, Claim
from booking.news import tell_changed
from booking.rules import refusals
from booking.schemas import ApplicationIn, ApplicationOut, WishIn
from core.audit import note
from core.errors import (
    AssociationNeeded,
    Forbidden,
    Invalid,
    NonexistentLocalTime,
    NotFound,
    Refusal,
    TermsNotAccepted,
    WrongState,
)
from core.ids import new_id
from core.outbox import later
from core.repeats import Repeat, occurrences
from core.spans import Span, local_date, span_between
from core.tenants import Tenant
from core.texts import N_
from core.wire import instant_from
from people.actors import Actor
from people.rules import demand_person
from people.service import check_applicant
from resources.facts import Bookable
from resources.queries import bookable_by_id

MOST_OCCURRENCES = 500
"""In one application."""


class Wished(NamedTuple):
    """One occurrence: a time, or why the clock does not show it."""

    resource_id: UUID
    quantity: int
    day: date
    span: Span | NonexistentLocalTime


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
    limits = await allowance(db, actor, form.association_id, bookables, now, lock=True)
    board = await board_of(db, bookables, _window(wishes, bookables), now)
    application = Application(
        id=new_id(),
        person_id=person_id,
        association_id=form.association_id,
        team_id=form.team_id,
        title=form.title,
        public=form.public,
        purpose=form.purpose,
        activity=form.activity,
        audience=form.audience,
        people=form.people,
        articles=msgspec.to_builtins(form.articles),
        answers=form.answers,
        accepted_terms=accepted,
        repeat=msgspec.to_builtins(form.repeat) if form.repeat else None,
        officer_id=None,
        answer_by=None,
        paused_at=None,
        created_at=now,
        version=1,
    )
    made, refused = judge(application, wishes, bookables, board, limits, now=now, hold=form.hold)
    if refused and (form.if_refused == "fail" or not made):
        raise _refusal_of(refused)
    db.add(application)
    for booking, claims in made:
        db.add(booking)
        db.add_all(claims)
        note(db, person_id, booking.state, table="booking", row_id=booking.id, now=now)
        if booking.held_until is not None:
            later(db, HoldLapsed(booking.id), at=booking.held_until)
    await db.flush()  # claim_no_overlap answers here, not at commit
    bookings = [booking for booking, _ in made]
    _tell_received(db, bookings, person_id)
    return await showing.made(
        db, actor, tenant, application, bookings=bookings, bookables=bookables, refused=refused
    )


def _tell_received(db: AsyncSession, bookings: Sequence[Booking], person_id: UUID) -> None:
    """One message for what is granted at once, one for what waits for an officer; holds are no news."""
    for state in ("confirmed", "requested"):
        tell_changed(db, state, [each for each in bookings if each.state == state], person_id)


def wished(form: ApplicationIn, tenant: Tenant) -> list[Wished]:
    """Every occurrence asked for, in order of time. Raises Invalid naming the field of what cannot be meant."""
    repeat = None
    if form.repeat is not None:
        repeat = Repeat(
            every_weeks=form.repeat.every_weeks,
            rrule=form.repeat.rrule,
            until=form.repeat.until,
            except_on=frozenset(form.repeat.except_on),
        )
    found: list[Wished] = []
    for number, wish in enumerate(form.times):
        span = wish_span(wish, tenant, f"times.{number}.")
        if repeat is None:
            found.append(Wished(wish.resource_id, wish.quantity, local_date(tenant.zone, span.start), span))
            continue
        for day, each in occurrences(span, repeat, tenant.zone, at_most=MOST_OCCURRENCES):
            found.append(Wished(wish.resource_id, wish.quantity, day, each))
        if len(found) > MOST_OCCURRENCES:
            raise Invalid(
                field="repeat", expected=f"at most {MOST_OCCURRENCES} occurrences in one application"
            )
    if not found:
        raise Invalid(field="repeat", expected=N_("at least one occurrence"))
    return sorted(found, key=lambda wish: (wish.day, str(wish.resource_id)))


def wish_span(wish: WishIn | Any, tenant: Tenant, prefix: str = "") -> Span:
    """The span that `start` and `end` mean. Raises Invalid with the field's path."""
    start = _instant(wish.start, tenant, f"{prefix}start")
    end = _instant(wish.end, tenant, f"{prefix}end")
    try:
        return span_between(start, end)
    except Invalid as refusal:
        refusal.facts["field"] = prefix + refusal.facts["field"]
        raise


def _instant(value: Any, tenant: Tenant, field: str) -> datetime:
    try:
        return instant_from(value, tenant.zone, field)
    except NonexistentLocalTime as refusal:
        refusal.facts["field"] = field
        raise


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
        reasons = refusals(
            terms_for(bookable),
            bookable.hours,
            board.taken(bookable.units, near=wish.span),
            wish=wish.span,
            now=now,
            quantity=wish.quantity,
            usage=limits.usage,
            limits=limits.limits_at(bookable),
        )
        if reasons:
            refused.append(Refused(wish, reasons))
            continue
        booking, claims = _booking(application, wish, wish.span, bookable, now=now, hold=hold)
        board.add(claims)
        limits.add(wish.span, bookable)
        made.append((booking, claims))
    return made, refused


def _booking(
    application: Application, wish: Wished, span: Span, bookable: Bookable, *, now: datetime, hold: bool
) -> tuple[Booking, list[Claim]]:
    facts = bookable.facts
    state = "held" if hold else "confirmed" if facts.decision == "automatic" else "requested"
    booking = Booking(
        id=new_id(),
        application_id=application.id,
        resource_id=facts.id,
        person_id=application.person_id,
        association_id=application.association_id,
        starts_at=span.start,
        ends_at=span.end,
        setup_minutes=facts.setup_minutes,
        cleanup_minutes=facts.cleanup_minutes,
        quantity=wish.quantity,
        state=state,
        held_until=now + timedelta(minutes=facts.hold_minutes) if hold else None,
        price={},
        decided_at=now if state == "confirmed" else None,
        decision_text=None,
        end_reason=None,
        sequence=0,
        version=1,
        created_at=now,
        updated_at=now,
    )
    if state == "requested" and not facts.request_holds:
        return booking, []
    claims = booking_claims(
        booking.id,
        bookable.units,
        span,
        setup_minutes=facts.setup_minutes,
        cleanup_minutes=facts.cleanup_minutes,
        quantity=wish.quantity,
        held_until=booking.held_until,
    )
    return booking, claims


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
    if not held:
        raise WrongState(state=sorted({b.state for b in bookings}))
    spans = [Span(b.starts_at, b.ends_at) for b in held]
    window = Span(min(s.start for s in spans), max(s.end for s in spans))
    bookables = await bookable_by_id(db, sorted({b.resource_id for b in held}), window)
    competing: list[UUID] = []
    for booking in held:
        facts = bookables[booking.resource_id].facts
        before, booking.state = booking.state, "confirmed" if facts.decision == "automatic" else "requested"
        booking.held_until = None
        booking.decided_at = now if booking.state == "confirmed" else None
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
    await queries.keep_claims(db, [b.id for b in held])
    application.version += 1
    await db.flush()
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
