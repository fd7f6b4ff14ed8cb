"""Moving a series to another clock time or place: each occurrence is judged as if it were new."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from booking import change, offer_queries, queries, showing, stock
from booking.agreed import bill_of, demand_agreed, repriced
from booking.apply import check_holder
from booking.claims import Board, booking_claims, terms_for, window_of
from booking.decisions import record_automatic
from booking.guard import Allowance, allowance, board_of, remind
from booking.models import Booking, Claim
from booking.news import tell_changed
from booking.occurrences import wish_span
from booking.owing import GRANTED
from booking.pricing import Pricing, pricing_of
from booking.rules import refusals
from booking.schemas import MovedOut, MoveIn
from booking.series import Fate, Series, demand_wanted, fates_out, lock_series, series_of, too_late
from booking.series_rules import shifted
from booking.verdicts import answer_by, verdict_for
from core.audit import note
from core.db import AnyRow
from core.errors import NotFound, Refusal, WrongState
from core.spans import Span
from core.tenants import Tenant
from people.actors import Actor, Place
from people.rules import may
from resources.facts import Bookable
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
    pricing: Pricing
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
    wanted = _wanted(series, sent, tenant)
    spans = [span for span in wanted.values() if isinstance(span, Span)]
    places = [(row.resource_id, Span(row.starts_at, row.ends_at)) for row in series.chosen]
    both = [*spans, *(span for _, span in places)]
    around = Span(min(s.start for s in both), max(s.end for s in both))
    known = await bookable_by_id(db, sorted({target, picked.resource_id}), around)
    if target not in known or not known[target].units:
        raise NotFound(what="resource", field="resource_id")
    bookable, bookables = known[target], {target: known[target]}
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
    pricing = await pricing_of(db, actor, known, picked)
    stakes = pricing.all_stakes([*places, *((target, span) for span in spans)], known)
    board = await board_of(db, bookables, window_of(both, known), now, but_of=ids, stakes=stakes)
    application, bookings = await lock_series(db, series, version=version, now=now)
    await _check_not_offered(db, picked)
    moving = Moving(series, bookable, known[picked.resource_id], wanted, board, limits, pricing, now)
    claimed = await queries.count_claims(db, ids)
    fates = _fates(moving, bookings, claimed)
    demand_wanted(fates, target, tenant, form.if_refused)
    going = {fate.booking_id: fate.span for fate in fates if not fate.refusals}
    moved = [each for each in bookings if each.id in going]
    was = {each.id: (each.starts_at, each.ends_at, each.resource_id) for each in moved}
    had = {each.id: each.state for each in moved}
    bills = {each.id: bill_of(each) for each in moved}
    claims = [claim for each in moved for claim in _carry_out(db, actor, moving, each, going[each.id])]
    prices = {each.id: repriced(bills[each.id], each) for each in moved}
    demand_agreed(form.price, prices.values())
    if any(had[each.id] in GRANTED and each.state == "requested" for each in moved):
        application.answer_by = answer_by([bookable.facts], tenant.zone, now)
    await queries.release(db, sorted(going))
    db.add_all(claims)
    await db.flush()  # claim_no_overlap answers here
    await record_automatic(
        db,
        application,
        [each for each in moved if had[each.id] == "requested" and each.state in GRANTED],
        bookables,
        tenant=tenant,
        now=now,
    )
    tell_changed(db, "moved", moved, actor.person_id, freed=sorted(going), was=was, prices=prices)
    out = await showing.booking(db, actor, tenant, booking_id, now)
    states = {each.id: each.state for each in bookings}
    return MovedOut(**structs.asdict(out), series=fates_out(fates, states, tenant))


def _wanted(series: Series, sent: Span, tenant: Tenant) -> dict[UUID, Span | Refusal]:
    """Where each goes when the picked one goes to `sent`."""
    stands = Span(series.picked.starts_at, series.picked.ends_at)
    return {
        row.id: shifted(Span(row.starts_at, row.ends_at), stands, sent, tenant.zone) for row in series.chosen
    }


async def _check_not_offered(db: AsyncSession, picked: AnyRow) -> None:
    """What is offered is taken as it was offered, or not at all. Raises WrongState."""
    if picked.state == "held" and await offer_queries.offered(db, [picked.id]):
        raise WrongState(state="held")


def _carry_out(db: AsyncSession, actor: Actor, moving: Moving, booking: Booking, span: Span) -> list[Claim]:
    """The booking moved, noted, its reminder with it; the claims it has there."""
    old = {name: getattr(booking, name) for name in ("starts_at", "resource_id", "state")}
    picked = moving.series.picked
    verdict = verdict_for(moving.bookable, span, group=moving.pricing.group, people=picked.people)
    claims = _place(moving, booking, span, verdict, is_staff=moving.series.is_staff)
    remind(db, booking)
    changed = {name: (value, new) for name, value in old.items() if (new := getattr(booking, name)) != value}
    note(db, actor.person_id, "moved", table="booking", row_id=booking.id, now=moving.now, change=changed)
    return claims


def _place(moving: Moving, booking: Booking, span: Span, verdict: Verdict, *, is_staff: bool) -> list[Claim]:
    """The booking at its new place, and the claims it has there."""
    before, bookable, pricing = booking.state, moving.bookable, moving.pricing
    price = pricing.price(bookable, span, booking.quantity)
    known = pricing.at(bookable.facts.id)
    change.place(booking, bookable, span, verdict, price, known, is_staff=is_staff, now=moving.now)
    if booking.state == "requested" and before not in GRANTED and not bookable.facts.request_holds:
        return []
    return stock.claims_of(booking, bookable.units, pricing.stakes(bookable, span))


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
                    stakes = moving.pricing.stakes(moving.earlier, span)
                    board.add(stock.claims_of(each, moving.earlier.units, stakes))
                limits.add(span, moving.earlier)
        for each in bookings:
            reasons = staying.get(each.id)
            span = moving.wanted[each.id]
            if reasons is None:
                reasons = _reasons(moving, each, span, board, limits)
            if not reasons and isinstance(span, Span):
                board.add(_claims_at_new(moving, each, span))
                limits.add(span, moving.bookable)
                fates.append(Fate(each.id, span, ()))
            else:
                fates.append(Fate(each.id, Span(each.starts_at, each.ends_at), reasons))
        refused = {fate.booking_id: fate.refusals for fate in fates if fate.refusals}
        if len(refused) == len(staying):
            return fates
        staying = refused


def _claims_at_new(moving: Moving, booking: Booking, span: Span) -> list[Claim]:
    """As it would be there."""
    facts = moving.bookable.facts
    setup, cleanup = facts.setup_minutes, facts.cleanup_minutes
    return [
        *booking_claims(
            booking.id,
            moving.bookable.units,
            span,
            setup_minutes=setup,
            cleanup_minutes=cleanup,
            quantity=booking.quantity,
        ),
        *stock.claims_for(
            moving.pricing.stakes(moving.bookable, span),
            booking.id,
            span,
            setup_minutes=setup,
            cleanup_minutes=cleanup,
        ),
    ]


def _reasons(
    moving: Moving, booking: Booking, span: Span | Refusal, board: Board, limits: Allowance
) -> Sequence[Refusal]:
    late = too_late(booking, moving.series, moving.now)
    if late:
        return late
    if not isinstance(span, Span):
        return [span]
    facts = moving.bookable.facts
    found: list[Refusal] = refusals(
        terms_for(moving.bookable),
        moving.bookable.hours,
        board.taken(moving.bookable.units, near=span),
        wish=span,
        now=moving.now,
        quantity=booking.quantity,
        usage=limits.usage,
        limits=limits.limits_at(moving.bookable),
    )
    found += stock.refusals(
        moving.pricing.stakes(moving.bookable, span),
        board,
        span,
        setup_minutes=facts.setup_minutes,
        cleanup_minutes=facts.cleanup_minutes,
    )
    return found
