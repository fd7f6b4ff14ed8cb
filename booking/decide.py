"""The case officer's decision on the times of an application: all at once, or nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import decision_queries, queries, rivals, showing, stock
from booking.claims import Board
from booking.counter import offer_all, take_back
from booking.decisions import Outcome, Words, language_for, record_decision
from booking.ground import Choice, Ground, board_but, chosen_in, lock_ground, refresh, shown_to_officer
from booking.guard import end, keep_until, remind, touch
from booking.models import Application, Booking
from booking.news import tell_changed
from booking.offers import check_free
from booking.owing import grant
from booking.schemas import ApplicationOut, DecisionIn
from core.audit import note
from core.errors import ArticleTaken, Closed, Invalid, TimeTaken
from core.spans import Span
from core.tenants import Tenant
from core.texts import N_
from people.actors import Actor
from people.rules import demand_person


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
    """Approve, reject, or offer other times. Raises NotFound, Forbidden, Invalid, AlreadyDecided, WrongState,
    ChangedMeanwhile, TimeTaken, Closed.

    An officer may approve what bends the rules, never what is taken or closed.
    """
    demand_person(actor)
    shown = await shown_to_officer(db, actor, application_id, form)
    choices = chosen_in(form, shown, tenant, now)
    words = await _words(db, form, now)
    ground = await lock_ground(
        db, actor, application_id, shown, choices, version=version, with_rivals=form.reject_rivals, now=now
    )
    languages = await decision_queries.languages(db, [ground.application.id, *ground.others])
    told = {id_: words.reason_in(language_for(language, tenant)) for id_, language in languages.items()}
    if await take_back(db, actor, [booking.id for booking in ground.bookings], ground.fresh, now=now):
        ground = await refresh(db, ground, now)
    reason = told[application_id]
    skips = form.if_taken == "skip"
    outcomes = await _carry_out(db, actor, ground, choices, words, reason, skips=skips, now=now)
    outcomes += await offer_all(db, actor, ground, choices, text=words.text, now=now)
    if not outcomes:
        raise TimeTaken(conflicts=[])
    _check_reason(await _record(db, actor, tenant, ground, outcomes, words, now=now), outcomes, words)
    settle(ground.application, ground.fresh)
    _tell(db, actor, outcomes, reason)
    if form.reject_rivals:
        await rivals.turn_down(db, actor, tenant, ground, words, told, now=now)
    await db.flush()
    return await showing.application(db, actor, tenant, application_id, now)


async def _words(db: AsyncSession, form: DecisionIn, now: datetime) -> Words:
    """Raises Invalid for a reason that is not on the list."""
    listed = None
    if form.reason_key is not None:
        listed = await decision_queries.reason(db, form.reason_key, now)
        if listed is None:
            raise Invalid(field="reason_key", expected=N_("a key of the municipality's list of reasons"))
    return Words(listed, form.reason or "", form.text or "")


async def _carry_out(
    db: AsyncSession,
    actor: Actor,
    ground: Ground,
    choices: Mapping[UUID, Choice],
    words: Words,
    reason: str,
    *,
    skips: bool,
    now: datetime,
) -> list[Outcome]:
    """What is approved and rejected. Raises TimeTaken and Closed for what cannot be had, unless `skips`."""
    claimed = await queries.count_claims(db, sorted(choices))
    rejected = [booking for booking in ground.bookings if choices[booking.id] == "reject"]
    wanted = [booking for booking in ground.bookings if choices[booking.id] == "approve"]
    for booking in rejected:
        end(db, booking, "rejected", actor.person_id, now=now, reason=reason or None)
        _sign(booking, actor, words, now)
    # All of a kind at a time, so that each is one statement, and what is given up is free for the others.
    await db.flush()
    board = ground.board
    if any(booking.id in claimed for booking in rejected):
        await queries.release(db, [booking.id for booking in rejected])
        board = await board_but(db, ground, now)
    approved = [
        booking
        for booking in wanted
        if booking.id in claimed or _took(db, booking, ground, board, skips=skips)
    ]
    for booking in approved:
        _approve(db, actor, booking, ground, now)
        _sign(booking, actor, words, now)
    ground.application.version += 1
    await db.flush()  # claim_no_overlap answers here
    await keep_until(db, approved)
    said = {each.id: Outcome(each, "rejected") for each in rejected}
    said |= {each.id: Outcome(each, "approved") for each in approved}
    return [said[booking.id] for booking in ground.bookings if booking.id in said]


def _sign(booking: Booking, actor: Actor, words: Words, now: datetime) -> None:
    booking.decided_at, booking.decided_by = now, actor.person_id
    booking.decision_text = words.text or None


async def _record(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    ground: Ground,
    outcomes: Sequence[Outcome],
    words: Words,
    *,
    now: datetime,
) -> str:
    decision = await record_decision(
        db, ground.application, outcomes, words, tenant=tenant, by=actor, now=now
    )
    return decision.kind


def _check_reason(kind: str, outcomes: Sequence[Outcome], words: Words) -> None:
    """Whom a vedtak goes against is told why (forvaltningsloven § 24). Raises Invalid."""
    if kind == "vedtak" and words.is_silent and any(each.outcome == "rejected" for each in outcomes):
        raise Invalid(field="reason", expected=N_("a reason, from the list or in your own words"))


def settle(application: Application, bookings: Sequence[Booking]) -> None:
    """Nothing more to answer when nothing waits."""
    if not any(booking.state == "requested" for booking in bookings):
        application.answer_by = application.paused_at = None


def _tell(db: AsyncSession, actor: Actor, outcomes: Sequence[Outcome], reason: str) -> None:
    decided = [each.booking for each in outcomes if each.outcome != "offered"]
    rejected = [each.booking.id for each in outcomes if each.outcome == "rejected"]
    if decided:
        tell_changed(db, "decided", decided, actor.person_id, freed=rejected, reason=reason)


def _approve(db: AsyncSession, actor: Actor, booking: Booking, ground: Ground, now: datetime) -> None:
    """At the price that was told when it was asked for."""
    grant(booking, ground.pricing.at(booking.resource_id), by="officer", now=now)
    remind(db, booking)
    touch(booking, now)
    change = {"state": ("requested", booking.state)}
    note(db, actor.person_id, booking.state, table="booking", row_id=booking.id, now=now, change=change)


def _took(db: AsyncSession, booking: Booking, ground: Ground, board: Board, *, skips: bool) -> bool:
    """Take the time that the request did not hold; whether it could be had. Raises TimeTaken, Closed, ArticleTaken."""
    bookable = ground.bookables[booking.resource_id]
    span = Span(booking.starts_at, booking.ends_at)
    stakes = ground.pricing.stakes(bookable, span)
    try:
        check_free(
            bookable,
            span,
            booking.setup_minutes,
            booking.cleanup_minutes,
            booking.quantity,
            board=board,
            booking_id=booking.id,
        )
        stock.check_left(stakes, board, booking)
    except (TimeTaken, Closed, ArticleTaken):
        if skips:
            return False
        raise
    claims = stock.claims_of(booking, bookable.units, stakes)
    board.add(claims)
    db.add_all(claims)
    return True
