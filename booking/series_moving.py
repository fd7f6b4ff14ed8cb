"""Moving a series to another clock time or place: each occurrence is judged as if it were new."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from booking import change, offer_queries, queries, showing
from booking.apply import check_holder
from booking.claims import Board, booking_claims, terms_for, window_of
from booking.decisions import record_automatic
from booking.guard import Allowance, allowance, board_of
from booking.models import Booking, Claim
from booking.news import tell_changed
from booking.occurrences import wish_span
from booking.rules import refusals
from booking.schemas import MovedOut, MoveIn
from booking.series import Fate, Series, demand_wanted, fates_out, lock_series, series_of, too_late
from booking.series_rules import shifted
from booking.verdicts import answer_by, holder_group, verdict_for
from core.audit import note
from core.db import AnyRow
from core.errors import NotFound, Refusal, WrongState
from core.spans import Span
from core.tenants import Tenant
from people.actors import Actor, Place
from people.rules import may
from resources.facts import Bookable, UnitFacts
from resources.policies import Verdict
from resources.queries import bookable_by_id


class Moving(Struct, frozen=True):
    """Where to, and what stands in the way besides the series itself."""

    series: Series
    bookable: Bookable
    """Where they go."""
    earlier: Bookable
    """Where they are."""
    wanted: Mapping[UUID, Span | Refusal]
    board: Board
    limits: Allowance
    now: datetime


async def move(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    booking_id: UUID,
    form: MoveIn,
    *,
    now: datetime,
    version: int | None,
) -> MovedOut:
    """Raises as `change.move`; of a series the first refusal of any, unless the refused shall stay where they are.

    One that cannot go stays, with all its claims, and is in the way of the others.
    """
    if form.which == "one":
        out = await change.move(db, actor, tenant, booking_id, form, now=now, version=version)
        return MovedOut(**structs.asdict(out))
    series = await series_of(db, actor, booking_id, form.which, now)
    picked = series.picked
    target, sent = form.resource_id or picked.resource_id, wish_span(form, tenant)
    stands = Span(picked.starts_at, picked.ends_at)
    wanted = {
        row.id: shifted(Span(row.starts_at, row.ends_at), stands, sent, tenant.zone) for row in series.chosen
    }
    spans = [span for span in wanted.values() if isinstance(span, Span)]
    both = [*spans, *(Span(row.starts_at, row.ends_at) for row in series.chosen)]
    around = Span(min(s.start for s in both), max(s.end for s in both))
    known = await bookable_by_id(db, sorted({target, picked.resource_id}), around)
    if target not in known or not known[target].units:
        raise NotFound(what="resource", field="resource_id")
    bookables = {target: known[target]}
    bookable = known[target]
    check_holder(picked.association_id, bookables)
    is_staff = series.is_staff and may(actor, "booking.change_any", Place(bookable.facts.facility_id, target))
    series = series._replace(is_staff=is_staff)
    ids = [row.id for row in series.chosen]
    limits = await allowance(
        db,
        Actor(person_id=picked.person_id),
        picked.association_id,
        bookables,
        now,
        lock=True,
        but_of=ids,
    )
    board = await board_of(db, bookables, window_of(both, known), now, but_of=ids)
    group = await holder_group(
        db, actor, bookables, person_id=picked.person_id, association_id=picked.association_id
    )
    application, bookings = await lock_series(db, series, version=version, now=now)
    await _check_not_offered(db, picked)
    moving = Moving(series, bookable, known[picked.resource_id], wanted, board, limits, now)
    claimed = await queries.count_claims(db, ids)
    fates = _fates(moving, bookings, claimed)
    demand_wanted(fates, target, tenant, form.if_refused)
    going = {fate.booking_id: fate.span for fate in fates if not fate.refusals}
    moved = [each for each in bookings if each.id in going]
    was = {each.id: (each.starts_at, each.ends_at, each.resource_id) for each in moved}
    had = {each.id: each.state for each in moved}
    claims: list[Claim] = []
    for each in moved:
        span = going[each.id]
        verdict = verdict_for(bookable, span, group=group, people=picked.people)
        claims += _place(each, bookable, span, verdict, is_staff=is_staff, now=now)
        old = {"starts_at": was[each.id][0], "resource_id": was[each.id][2], "state": had[each.id]}
        changed = {name: (value, new) for name, value in old.items() if (new := getattr(each, name)) != value}
        note(db, actor.person_id, "moved", table="booking", row_id=each.id, now=now, change=changed)
    if any(had[each.id] == "confirmed" and each.state == "requested" for each in moved):
        application.answer_by = answer_by([bookable.facts], tenant.zone, now)
    await queries.release(db, sorted(going))
    db.add_all(claims)
    await db.flush()  # claim_no_overlap answers here
    await record_automatic(
        db,
        application,
        [each for each in moved if had[each.id] == "requested" and each.state == "confirmed"],
        bookables,
        tenant=tenant,
        now=now,
    )
    tell_changed(db, "moved", moved, actor.person_id, freed=sorted(going), was=was)
    out = await showing.booking(db, actor, tenant, booking_id, now)
    states = {each.id: each.state for each in bookings}
    return MovedOut(**structs.asdict(out), series=fates_out(fates, states, tenant))


async def _check_not_offered(db: AsyncSession, picked: AnyRow) -> None:
    """What is offered is taken as it was offered, or not at all. Raises WrongState."""
    if picked.state == "held" and await offer_queries.offered(db, [picked.id]):
        raise WrongState(state="held")


def _place(
    booking: Booking, bookable: Bookable, span: Span, verdict: Verdict, *, is_staff: bool, now: datetime
) -> list[Claim]:
    """The booking at its new place, and the claims it has there."""
    before = booking.state
    change.place(booking, bookable, span, verdict, is_staff=is_staff, now=now)
    if booking.state == "requested" and before != "confirmed" and not bookable.facts.request_holds:
        return []
    return _claims_at(booking, bookable.units, span)


def _claims_at(booking: Booking, units: Sequence[UnitFacts], span: Span) -> list[Claim]:
    return booking_claims(
        booking.id,
        units,
        span,
        setup_minutes=booking.setup_minutes,
        cleanup_minutes=booking.cleanup_minutes,
        quantity=booking.quantity,
        held_until=booking.held_until,
    )


def _fates(moving: Moving, bookings: Sequence[Booking], claimed: Mapping[UUID, int]) -> list[Fate]:
    """Of each, in order. Found anew as long as one more has to stay, since it is then in the way of the others."""
    staying: dict[UUID, Sequence[Refusal]] = {}
    while True:
        board, limits = moving.board.copy(), moving.limits.copy()
        fates: list[Fate] = []
        for each in bookings:
            if each.id in staying:
                span = Span(each.starts_at, each.ends_at)
                if each.id in claimed:
                    board.add(_claims_at(each, moving.earlier.units, span))
                limits.add(span, moving.earlier)
        for each in bookings:
            reasons = staying.get(each.id)
            span = moving.wanted[each.id]
            if reasons is None:
                reasons = _reasons(moving, each, span, board, limits)
            if not reasons and isinstance(span, Span):
                board.add(_claims_at_new(each, moving.bookable, span))
                limits.add(span, moving.bookable)
                fates.append(Fate(each.id, span, ()))
            else:
                fates.append(Fate(each.id, Span(each.starts_at, each.ends_at), reasons))
        refused = {fate.booking_id: fate.refusals for fate in fates if fate.refusals}
        if len(refused) == len(staying):
            return fates
        staying = refused


def _claims_at_new(booking: Booking, bookable: Bookable, span: Span) -> list[Claim]:
    facts = bookable.facts
    return booking_claims(
        booking.id,
        bookable.units,
        span,
        setup_minutes=facts.setup_minutes,
        cleanup_minutes=facts.cleanup_minutes,
        quantity=booking.quantity,
    )


def _reasons(
    moving: Moving, booking: Booking, span: Span | Refusal, board: Board, limits: Allowance
) -> Sequence[Refusal]:
    late = too_late(booking, moving.series, moving.now)
    if late:
        return late
    if not isinstance(span, Span):
        return [span]
    return refusals(
        terms_for(moving.bookable),
        moving.bookable.hours,
        board.taken(moving.bookable.units, near=span),
        wish=span,
        now=moving.now,
        quantity=booking.quantity,
        usage=limits.usage,
        limits=limits.limits_at(moving.bookable),
    )
