"""The guard: what a holder or closer asks for is judged under the units' locks and written as claims.

Order of locks, everywhere: the holder (only where limits hold), units by id, the application, bookings by id.
The constraint claim_no_overlap stands behind it all, should any of this be wrong.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import claim_queries, queries, stock
from booking.claims import Board
from booking.messages import HoldLapsed
from booking.models import Booking
from booking.news import tell_changed
from booking.rules import Limit, Usage
from booking.stock import Stake
from core.audit import note
from core.db import Stale
from core.outbox import later
from core.spans import Span, local_date, local_day, monday_of
from people.actors import Actor
from people.queries import lock_holder
from resources.facts import Bookable, UnitFacts
from resources.queries import limits_at


async def locked_board(
    db: AsyncSession, unit_ids: Iterable[UUID], window: Span, now: datetime, *, but_of: Collection[UUID] = ()
) -> Board:
    """Lock the units, then read who has them. Holds that have run out are carried out on the way."""
    unit_ids = sorted(set(unit_ids))
    await claim_queries.lock_units(db, unit_ids)
    board = Board(await claim_queries.claims_between(db, unit_ids, window, but_of=but_of), now)
    if board.expired:
        lapsed = await lapse(db, sorted(board.expired), now)
        if len(lapsed) < len(board.expired):  # submitted in its last moment, and committed while we waited
            board = Board(await claim_queries.claims_between(db, unit_ids, window, but_of=but_of), now)
    return board


async def board_of(
    db: AsyncSession,
    bookables: Mapping[UUID, Bookable],
    window: Span,
    now: datetime,
    *,
    but_of: Collection[UUID] = (),
    stakes: Collection[Stake] = (),
) -> Board:
    """The locked board of all the resources' units, and of the stocks that `stakes` want something of.

    Raises Stale when the resources' units, or the articles' stocks, were changed meanwhile.
    """
    unit_ids = {unit.id for bookable in bookables.values() for unit in bookable.units}
    board = await locked_board(db, unit_ids | stock.units_of(stakes), window, now, but_of=but_of)
    board.stocks = await stock.standing(db, stakes)
    stand = await claim_queries.units_of(db, sorted(bookables))
    for resource_id, bookable in bookables.items():
        units = tuple(UnitFacts(row.unit_id, row.capacity) for row in stand.get(resource_id, ()))
        if units != bookable.units:
            raise Stale
    return board


async def open_board(
    db: AsyncSession, unit_ids: Iterable[UUID], window: Span, now: datetime, *, but_of: Collection[UUID] = ()
) -> Board:
    """Who has the units, without locking: for showing, not for taking."""
    return Board.grouped(await claim_queries.taken_between(db, unit_ids, window, now, but_of=but_of))


async def lapse(db: AsyncSession, booking_ids: Sequence[UUID], now: datetime) -> list[Booking]:
    """End the holds among the bookings whose deadline has passed. Doing it twice does nothing the second time."""
    lapsed = [
        booking
        for booking in await queries.lock_bookings(db, ids=booking_ids)
        if booking.state in {"held", "awaiting_payment"}
        and booking.held_until is not None
        and booking.held_until <= now
    ]
    for booking in lapsed:
        end(db, booking, "lapsed", None, now=now, reason=None)
    if lapsed:
        await queries.release(db, [booking.id for booking in lapsed])
        await db.flush()
        tell_changed(db, "lapsed", lapsed, None, freed=[booking.id for booking in lapsed])
    return lapsed


def end(
    db: AsyncSession,
    booking: Booking,
    state: str,
    actor_id: UUID | None,
    *,
    now: datetime,
    reason: str | None,
) -> None:
    """The booking's last state, noted; nothing is owed for it. The caller releases its claims."""
    change = {"state": (booking.state, state)}
    booking.state = state
    booking.held_until = None
    booking.owed_ore = 0
    booking.ended_at = now
    booking.ended_by = actor_id
    booking.end_reason = reason
    touch(booking, now)
    note(db, actor_id, state, table="booking", row_id=booking.id, now=now, change=change)


def remind(db: AsyncSession, booking: Booking) -> None:
    """Where it has a deadline: of a hold, or of paying."""
    if booking.held_until is not None:
        later(db, HoldLapsed(booking.id), at=booking.held_until)


async def keep_until(db: AsyncSession, bookings: Iterable[Booking]) -> None:
    """Their claims run out when they do, or never."""
    until: dict[datetime | None, list[UUID]] = {}
    for booking in bookings:
        until.setdefault(booking.held_until, []).append(booking.id)
    for held_until, booking_ids in until.items():
        await queries.keep_claims(db, booking_ids, held_until)


def touch(booking: Booking, now: datetime) -> None:
    """A change that calendars and other readers must notice."""
    booking.sequence += 1
    booking.version += 1
    booking.updated_at = now


class Allowance:
    """The limits of one holder, and what she has; read after the holder was locked."""

    def __init__(self, usage: Usage | None, limits: Sequence[tuple[UUID | None, UUID | None, Limit]]) -> None:
        self.usage = usage
        self._limits = limits

    def limits_at(self, bookable: Bookable) -> list[Limit]:
        facts = bookable.facts
        return [
            limit
            for facility_id, resource_id, limit in self._limits
            if (facility_id is None or facility_id == facts.facility_id)
            and (resource_id is None or resource_id == facts.id)
        ]

    def copy(self) -> "Allowance":
        """One to add to without changing this one."""
        return Allowance(None if self.usage is None else self.usage.copy(), self._limits)

    def add(self, span: Span, bookable: Bookable) -> None:
        """A wish of the same request that was allowed counts for the next."""
        if self.usage is not None:
            self.usage.add(span, resource_id=bookable.facts.id, facility_id=bookable.facts.facility_id)


async def allowance(
    db: AsyncSession,
    actor: Actor,
    association_id: UUID | None,
    bookables: Mapping[UUID, Bookable],
    now: datetime,
    *,
    lock: bool,
    but_of: Collection[UUID] = (),
) -> Allowance:
    """What limits hold for the holder at these resources. With `lock`, two requests of one holder take turns."""
    assert actor.person_id is not None, "only a person has an allowance"
    holder = "person" if association_id is None else "association"
    facts = [bookable.facts for bookable in bookables.values()]
    rows = [limit for limit in await limits_at(db, facts) if limit.holder == holder]
    if not rows:
        return Allowance(None, ())
    if lock:
        await lock_holder(db, person_id=actor.person_id, association_id=association_id)
    zone = next(iter(bookables.values())).zone
    since = local_day(zone, monday_of(local_date(zone, now))).start
    usage = Usage(zone, now)
    for row in await queries.usage_of(
        db, person_id=actor.person_id, association_id=association_id, since=since, now=now
    ):
        if row.id not in but_of:
            usage.add(
                Span(row.starts_at, row.ends_at), resource_id=row.resource_id, facility_id=row.facility_id
            )
    return Allowance(
        usage,
        [
            (row.facility_id, row.resource_id, Limit(row.kind, row.value, row.resource_id or row.facility_id))
            for row in rows
        ],
    )
