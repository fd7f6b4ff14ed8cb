"""Offering what has become free: to the club that had it, then in the order of the list, until nobody is left.

Whoever is next is judged by the rules of booking as if she asked herself; the time is held for her until a deadline.
Whether she takes it, declines it or lets it lapse comes back as news of her booking, and what is free again is offered
on. Deliveries may come twice or at once: the units' locks let one through, and it finds the time taken or not.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import stock
from booking.claims import LONGEST_PAD, Board, terms_for, window_of
from booking.guard import board_of
from booking.messages import BookingsChanged, SeenFree
from booking.models import Application
from booking.offers import Terms, make_offer
from booking.pricing import Pricing
from booking.queries import units_of, usage_of_all
from booking.rules import Limit, Usage, refusals
from booking.waiting import queries
from booking.waiting.rules import Freed, answer_by, in_order, may_be_told, meets
from booking.waiting_models import Wait
from core.db import AnyRow
from core.ids import new_id
from core.outbox import publish
from core.spans import Span, local_date, local_day, monday_of
from people.actors import NOBODY
from people.service import group_of_holder
from resources.facts import Bookable, LimitFacts
from resources.queries import bookable_by_id, limits_at
from resources.tariff_queries import priceables
from resources.tariffs import Priceable

MOST_AT_ONCE = 100
"""Waits that are judged for one piece of news."""
ENDS: Mapping[str, str] = {
    "confirmed": "taken",
    "awaiting_payment": "taken",
    "requested": "taken",
    "withdrawn": "declined",
    "lapsed": "declined",
    "displaced": "over",
}
"""State of what was offered → how the wait for it ends. Silence is a no."""


async def note_answers(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    """Whoever took or declined what she was offered, or has got the time herself, waits no more."""
    states = {each.id: each.state for each in message.bookings}
    ended: dict[str, list[UUID]] = {}
    for row in await queries.offered_waits(db, list(states)):
        reason = ENDS.get(states[row.booking_id])
        if reason is not None:
            ended.setdefault(reason, []).append(row.wait_id)
    for reason, wait_ids in sorted(ended.items()):
        await queries.end_waits(db, wait_ids, reason, now)
    got = [each.id for each in message.bookings if each.state in {"confirmed", "requested"}]
    if got:
        await queries.end_of_holders(db, got, now)


async def freed_by(db: AsyncSession, message: BookingsChanged, now: datetime) -> list[Freed]:
    """The times that others may have now, as far as they are to come."""
    times: list[tuple[UUID, Span]] = []
    for each in message.bookings:
        if each.freed:
            start, end, resource_id = each.was or (each.starts_at, each.ends_at, each.resource_id)
            if end > now:
                times.append((resource_id, Span(start, end)))
    if not times:
        return []
    units = await units_of(db, sorted({resource_id for resource_id, _ in times}))
    return [
        Freed(frozenset(row.unit_id for row in units.get(resource_id, ())), span)
        for resource_id, span in times
    ]


async def offer_freed(
    db: AsyncSession, freed: Sequence[Freed], now: datetime, *, association_id: UUID | None
) -> None:
    """Hold what is free for those who are next; a constant number of queries to find them, however many wait.

    `association_id`: of the club that had the time. Where it is too late to hold it, all who wait are told instead.
    """
    unit_ids = sorted({unit_id for each in freed for unit_id in each.unit_ids})
    if not unit_ids:
        return
    window = Span(
        min(each.span.start for each in freed) - LONGEST_PAD,
        max(each.span.end for each in freed) + LONGEST_PAD,
    )
    candidates = [
        row
        for row in await queries.waiting_for(db, unit_ids, window, now)
        if meets(Span(row.starts_at, row.ends_at), freed, LONGEST_PAD)
    ]
    candidates = in_order(candidates, association_id)[:MOST_AT_ONCE]
    if not candidates:
        return
    spans = [Span(row.starts_at, row.ends_at) for row in candidates]
    around = Span(min(span.start for span in spans), max(span.end for span in spans))
    bookables = await bookable_by_id(db, sorted({row.resource_id for row in candidates}), around)
    judge = await Judge.of(db, candidates, bookables, now)
    known = await priceables(db, sorted(bookables))
    # Only what goes with every booking: whoever waits has ordered no articles.
    stakes = Pricing(known=known).all_stakes(
        [(row.resource_id, Span(row.starts_at, row.ends_at)) for row in candidates], bookables
    )
    board = await board_of(db, bookables, window_of(spans, bookables), now, stakes=stakes)
    open_waits = await queries.lock_open(db, [row.id for row in candidates])
    for wait in in_order(open_waits, association_id):
        assert wait.resource_id is not None, "only waits for one time are candidates"
        await _offer(db, wait, bookables[wait.resource_id], board, judge, known, now=now)
    await db.flush()


async def _offer(
    db: AsyncSession,
    wait: Wait,
    bookable: Bookable,
    board: Board,
    judge: "Judge",
    known: Mapping[UUID, Priceable],
    *,
    now: datetime,
) -> None:
    span = Span(wait.starts_at, wait.ends_at)
    if not judge.allows(wait, span, bookable, board):
        return
    facts = bookable.facts
    if stock.refusals(
        Pricing(known=known).stakes(bookable, span),
        board,
        span,
        setup_minutes=facts.setup_minutes,
        cleanup_minutes=facts.cleanup_minutes,
    ):
        return
    deadline = answer_by(span.start, now)
    if deadline is None:
        if may_be_told(wait.told_at, now):
            wait.told_at = now
            publish(db, SeenFree(wait.id, bookable.facts.id, span.start, span.end))
        return
    application = Application(
        id=new_id(),
        person_id=wait.person_id,
        association_id=wait.association_id,
        title=wait.title or bookable.facts.name,
        public=False,
        purpose="",
        articles=[],
        answers={},
        created_at=now,
        version=1,
    )
    db.add(application)
    terms = Terms("waiting", deadline, wait_id=wait.id)
    group = await group_of_holder(db, NOBODY, wait.person_id, wait.association_id)
    pricing = Pricing(known=known, group=group)
    await make_offer(db, application, bookable, span, terms, board=board, pricing=pricing, now=now)
    wait.told_at = now
    judge.add(wait, span, bookable)


class Judge:
    """The rules of booking for many persons at once: what limits hold, and what each of them has."""

    def __init__(
        self,
        limits: Sequence[LimitFacts],
        usages: Mapping[UUID, Usage],
        bookables: Mapping[UUID, Bookable],
        now: datetime,
    ) -> None:
        self._limits, self._usages, self._now = limits, dict(usages), now
        self._zone = next(iter(bookables.values())).zone

    @classmethod
    async def of(
        cls, db: AsyncSession, waits: Sequence[AnyRow], bookables: Mapping[UUID, Bookable], now: datetime
    ) -> "Judge":
        """With the holders locked, where there are limits at all: two offers to one person take turns."""
        limits = await limits_at(db, [bookable.facts for bookable in bookables.values()])
        usages: dict[UUID, Usage] = {}
        if limits:
            persons = sorted({row.person_id for row in waits if row.association_id is None})
            clubs = sorted({row.association_id for row in waits if row.association_id is not None})
            await queries.lock_holders(db, persons, clubs)
            zone = next(iter(bookables.values())).zone
            since = local_day(zone, monday_of(local_date(zone, now))).start
            for row in await usage_of_all(
                db, person_ids=persons, association_ids=clubs, since=since, now=now
            ):
                usage = usages.setdefault(row.association_id or row.person_id, Usage(zone, now))
                usage.add(
                    Span(row.starts_at, row.ends_at), resource_id=row.resource_id, facility_id=row.facility_id
                )
        return cls(limits, usages, bookables, now)

    def allows(self, wait: Wait, span: Span, bookable: Bookable, board: Board) -> bool:
        """Whether she could book it now, by the very rules."""
        holder = "person" if wait.association_id is None else "association"
        facts = bookable.facts
        if facts.association_only and wait.association_id is None:
            return False
        limits = [
            Limit(limit.kind, limit.value, limit.resource_id or limit.facility_id)
            for limit in self._limits
            if limit.holder == holder
            and limit.facility_id in {None, facts.facility_id}
            and limit.resource_id in {None, facts.id}
        ]
        return not refusals(
            terms_for(bookable),
            bookable.hours,
            board.taken(bookable.units, near=span),
            wish=span,
            now=self._now,
            usage=self._usage(wait),
            limits=limits,
        )

    def add(self, wait: Wait, span: Span, bookable: Bookable) -> None:
        """What she is offered counts for what she is offered next."""
        self._usage(wait).add(span, resource_id=bookable.facts.id, facility_id=bookable.facts.facility_id)

    def _usage(self, wait: Wait) -> Usage:
        return self._usages.setdefault(wait.association_id or wait.person_id, Usage(self._zone, self._now))
