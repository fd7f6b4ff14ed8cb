"""What is free, who has it as far as the reader may know, and whether a wish would be granted.

Writes nothing but the trace of staff who read about persons.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries, showing, shown_queries, stock
from booking.apply import check_holder
from booking.availability import Terms, free_spans
from booking.claims import Board, terms_for, window_of
from booking.guard import allowance, open_board
from booking.occurrences import wish_span
from booking.pricing import pricing_asked
from booking.rules import refusals
from booking.schemas import CalendarEntry, CalendarOut, FreeOut, QuoteIn, QuoteOut
from booking.stock import Stake
from booking.verdicts import verdict_for
from core.db import AnyRow
from core.errors import Invalid, NotFound, ProfileIncomplete, Refusal
from core.spans import Span
from core.tenants import Tenant
from core.texts import Texts
from core.wire import span_out
from people.actors import Actor, Place
from people.rules import may
from people.service import check_applicant
from resources.facts import Bookable
from resources.opening import open_spans
from resources.price_words import price_out
from resources.queries import bookable_by_id

LONGEST_WINDOW = timedelta(days=400)
"""Of one question."""


def check_window(span: Span) -> Span:
    """Raises Invalid for a window that is longer than any page shows."""
    if span.length > LONGEST_WINDOW:
        raise Invalid(field="to", expected=f"at most {LONGEST_WINDOW.days} days after from")
    return span


async def visible(db: AsyncSession, actor: Actor, resource_id: UUID, window: Span, now: datetime) -> Bookable:
    """The resource with its hours in the window. Raises NotFound for what is not published, except to staff."""
    return (await visible_all(db, actor, [resource_id], window, now))[resource_id]


async def visible_all(
    db: AsyncSession, actor: Actor, resource_ids: Sequence[UUID], window: Span, now: datetime
) -> dict[UUID, Bookable]:
    """The same of several, in one statement. Raises NotFound when one of them is not the reader's to see."""
    found = await bookable_by_id(db, resource_ids, window)
    for resource_id in resource_ids:
        facts = found[resource_id].facts if resource_id in found else None
        if facts is None:
            raise NotFound(what="resource")
        hidden = (facts.published_from is not None and now < facts.published_from) or (
            facts.published_until is not None and now >= facts.published_until
        )
        if hidden and not may(actor, "booking.read_all", Place(facts.facility_id, facts.id)):
            raise NotFound(what="resource")
    return found


async def around(
    db: AsyncSession, bookable: Bookable, span: Span, now: datetime, *, stakes: Sequence[Stake] = ()
) -> tuple[Terms, Board]:
    """The resource's terms, and who has its units, and of the stocks, in the span and a day around, as of now."""
    window = window_of([span], {bookable.facts.id: bookable})
    unit_ids = {unit.id for unit in bookable.units} | stock.units_of(stakes)
    board = await open_board(db, unit_ids, window, now)
    board.stocks = await stock.look(db, stakes)
    return terms_for(bookable), board


async def free(
    db: AsyncSession, actor: Actor, tenant: Tenant, resource_id: UUID, window: Span, now: datetime
) -> FreeOut:
    """Open and free time in the window. Raises NotFound, Invalid."""
    bookable = await visible(db, actor, resource_id, check_window(window), now)
    terms, board = await around(db, bookable, window, now)
    opened = open_spans(bookable.hours, window)
    spans = (
        free_spans(terms, bookable.hours, board.taken(bookable.units), window=window, now=now)
        if bookable.units
        else []
    )
    return FreeOut(
        [span_out(span, tenant.zone) for span in opened], [span_out(span, tenant.zone) for span in spans]
    )


async def calendar(
    db: AsyncSession, actor: Actor, tenant: Tenant, resource_id: UUID, window: Span, now: datetime
) -> CalendarOut:
    """Everything on the resource's units in the window, by start. Who and what only where the reader may know."""
    bookable = await visible(db, actor, resource_id, check_window(window), now)
    unit_ids = [unit.id for unit in bookable.units]
    rows = await shown_queries.calendar_bookings(db, unit_ids, window)
    await note_calendar(db, actor, rows, now)
    entries = [
        calendar_entry(actor, tenant, row) for row in rows if row.held_until is None or row.held_until > now
    ]
    entries += [
        CalendarEntry(
            kind="closure",
            start=closure.starts_at.astimezone(tenant.zone),
            end=closure.ends_at.astimezone(tenant.zone),
            title=closure.reason,
        )
        for closure in await queries.closures_between(db, window, unit_ids=unit_ids)
    ]
    entries.sort(key=lambda entry: (entry.start, entry.end))
    return CalendarOut([span_out(span, tenant.zone) for span in open_spans(bookable.hours, window)], entries)


async def note_calendar(db: AsyncSession, actor: Actor, rows: Sequence[AnyRow], now: datetime) -> None:
    """The trace of staff to whom a calendar tells what persons have for themselves, and do not tell everybody."""
    private = [row for row in rows if row.association_id is None and not row.public]
    read = [row for row in private if showing.may_read(actor, row)]
    await showing.note_others(db, actor, read, "calendar", now)


def calendar_entry(actor: Actor, tenant: Tenant, row: AnyRow) -> CalendarEntry:
    """A booking as the reader may know it: when and where always; title and association when public or hers."""
    knows = showing.may_read(actor, row)
    return CalendarEntry(
        kind="booking",
        start=row.starts_at.astimezone(tenant.zone),
        end=row.ends_at.astimezone(tenant.zone),
        state=row.state,
        title=row.title if knows or row.public else None,
        association=row.association if knows or row.public else None,
        resource_id=row.resource_id,
        booking_id=row.id if knows else None,
        quantity=row.quantity,
    )


async def quote(
    db: AsyncSession, actor: Actor, tenant: Tenant, form: QuoteIn, texts: Texts, now: datetime
) -> QuoteOut:
    """Whether the wish would be granted to this actor now, every reason why not, and what it costs, in words.

    Raises NotFound, Invalid.
    """
    span = wish_span(form, tenant)
    bookable = await visible(db, actor, form.resource_id, span, now)
    bookables = {form.resource_id: bookable}
    pricing = await pricing_asked(db, actor, bookables, form)
    if form.customer_group is not None:
        pricing = replace(pricing, group=form.customer_group)
    stakes = pricing.stakes(bookable, span)
    terms, board = await around(db, bookable, span, now, stakes=stakes)
    reasons: list[Refusal] = []
    usage, limits = None, []
    if actor.person_id is not None:
        try:
            await check_applicant(db, actor, form.association_id, None)
        except ProfileIncomplete as refusal:
            reasons.append(refusal)
        allowed = await allowance(db, actor, form.association_id, bookables, now, lock=False)
        usage, limits = allowed.usage, allowed.limits_at(bookable)
        try:
            check_holder(form.association_id, bookables)
        except Refusal as refusal:
            reasons.append(refusal)
    if not bookable.units:
        raise NotFound(what="resource", field="resource_id")
    reasons += refusals(
        terms,
        bookable.hours,
        board.taken(bookable.units),
        wish=span,
        now=now,
        quantity=form.quantity,
        usage=usage,
        limits=limits,
    )
    reasons += stock.refusals(
        stakes,
        board,
        span,
        setup_minutes=bookable.facts.setup_minutes,
        cleanup_minutes=bookable.facts.cleanup_minutes,
    )
    verdict = verdict_for(bookable, span, group=pricing.group, people=form.people)
    return QuoteOut(
        allowed=not reasons,
        refusals=[showing.problem(reason, tenant) for reason in reasons],
        decision=verdict.decision,
        why=verdict.why,
        price=price_out(pricing.price(bookable, span, form.quantity), texts),
    )
