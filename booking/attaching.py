"""What a calendar outside says of a resource, laid as closures or bookings: many at once, under one lock, and never
over what is there.

Like an officer's word it stands over grid, length, notice and opening hours. Nobody is told of what is laid: whoever
attached the calendar has it there. Of what becomes free those who wait are told as always.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import claim_queries, queries
from booking.claims import Board, booking_claims, closure_claims, window_of
from booking.guard import board_of, end, locked_board, touch
from booking.log_queries import log_closures, log_texts
from booking.messages import ClosureLifted
from booking.models import Application, Booking, Claim
from booking.neighbours import Neighbours
from booking.news import Earlier, tell_changed
from core.audit import note
from core.db import Stale
from core.errors import NotFound
from core.ids import new_id
from core.outbox import publish
from core.spans import Span
from resources.facts import Bookable, UnitFacts
from resources.models import Closure
from resources.queries import bookable_by_id

AT_ONCE = 200
"""Bookings of one application at most, so that whoever opens it can read it."""


class Asked(NamedTuple):
    """A time that shall be had. `key` says which in the answer."""

    key: str
    span: Span
    title: str
    booking_id: UUID | None = None
    """Of a booking that has another time until now, and shall be moved to this."""


class Laid(NamedTuple):
    """What stands for it now: the id of a closure or booking."""

    id: UUID


class InTheWay(NamedTuple):
    """Why it was not laid: bookings there, or, without any, that it is closed."""

    booking_ids: list[UUID]


class Gone(NamedTuple):
    """Somebody has ended the booking that was to be moved, or taken it elsewhere: it is hers."""


Answers = dict[str, Laid | InTheWay | Gone]


class Holder(NamedTuple):
    """Whose the bookings are."""

    person_id: UUID
    association_id: UUID | None


async def lock_place(db: AsyncSession, resource_id: UUID) -> None:
    """Nobody takes any of the resource's units until the transaction ends. Raises NotFound."""
    await queries.lock_units(db, [unit.id for unit in await _units(db, resource_id)])


# Closures.


async def close_each(
    db: AsyncSession, resource_id: UUID, asked: Sequence[Asked], *, by: UUID | None, now: datetime
) -> Answers:
    """Close the resource's units at each of the times that nobody has. Raises NotFound, Stale."""
    if not asked:
        return {}
    units = await _units(db, resource_id)
    unit_ids = [unit.id for unit in units]
    window = around(asked)
    board = await locked_board(db, unit_ids, window, now)
    if await _units(db, resource_id) != units:
        raise Stale
    free = [each for each in asked if not board.has_times_in(units, each.span)]
    laid = [_closure(resource_id, each, by, now) for each in free]
    db.add_all(laid)
    for closure in laid:
        db.add_all(closure_claims(closure.id, units, Span(closure.starts_at, closure.ends_at)))
        note(db, by, "closed", table="closure", row_id=closure.id, now=now)
    await log_closures(db, laid, unit_ids, now)
    await db.flush()  # claim_no_overlap answers here
    answers: Answers = {each.key: Laid(row.id) for each, row in zip(free, laid, strict=True)}
    if len(answers) < len(asked):
        there = Neighbours(await claim_queries.claims_between(db, unit_ids, window))
        answers |= {
            each.key: InTheWay(there.with_times_in(each.span)) for each in asked if each.key not in answers
        }
    return answers


def _closure(resource_id: UUID, asked: Asked, by: UUID | None, now: datetime) -> Closure:
    return Closure(
        id=new_id(),
        resource_id=resource_id,
        starts_at=asked.span.start,
        ends_at=asked.span.end,
        reason=asked.title,
        created_at=now,
        created_by=by,
    )


async def lift_each(
    db: AsyncSession, resource_id: UUID, closure_ids: Collection[UUID], *, by: UUID | None, now: datetime
) -> None:
    """Open again what is closed still. Raises NotFound."""
    if not closure_ids:
        return
    unit_ids = [unit.id for unit in await _units(db, resource_id)]
    await queries.lock_units(db, unit_ids)
    closures = [each for each in await queries.lock_closures(db, closure_ids) if each.lifted_at is None]
    for closure in closures:
        closure.lifted_at = now
        note(db, by, "lifted", table="closure", row_id=closure.id, now=now)
        publish(db, ClosureLifted(closure.id))
    await queries.release(db, [closure.id for closure in closures])
    await log_closures(db, closures, unit_ids, now)
    await db.flush()


async def reword_closures(
    db: AsyncSession, resource_id: UUID, reasons: Mapping[UUID, str], now: datetime
) -> None:
    """Closure → another reason for everyone to read, of what is closed still."""
    if not reasons:
        return
    closures = [each for each in await queries.lock_closures(db, reasons.keys()) if each.lifted_at is None]
    for closure in closures:
        closure.reason = reasons[closure.id]
    await log_closures(db, closures, [unit.id for unit in await _units(db, resource_id)], now)
    await db.flush()


# Bookings.


async def book_each(
    db: AsyncSession,
    holder: Holder,
    resource_id: UUID,
    asked: Sequence[Asked],
    *,
    one_by_one: bool = False,
    now: datetime,
) -> Answers:
    """A confirmed booking of all of the resource at each of the times that can be had. What is moved keeps its id; when
    it cannot be had where it shall be, it is cancelled, for it is no longer where it was.

    `one_by_one`: each gets an application of its own, because it has a title of its own. Raises NotFound, Stale.
    """
    if not asked:
        return {}
    moved = sorted(each.booking_id for each in asked if each.booking_id is not None)
    bookable = await bookable_at(db, resource_id, around(asked))
    window = window_of([around(asked)], {resource_id: bookable})
    board = await board_of(db, {resource_id: bookable}, window, now, but_of=moved)
    unit_ids = [unit.id for unit in bookable.units]
    there = Neighbours(await claim_queries.claims_between(db, unit_ids, window, but_of=moved))
    own = {each.id: each for each in await queries.lock_bookings(db, ids=moved)} if moved else {}
    own = {each.id: each for each in own.values() if _is_ours(each, resource_id)}
    await queries.release(db, sorted(own))
    answers: Answers = {}
    application: Application | None = None
    of_it = 0
    changed: list[Booking] = []
    was: dict[UUID, Earlier] = {}
    for each in asked:
        booking = None if each.booking_id is None else own.get(each.booking_id)
        if booking is None and each.booking_id is not None:
            answers[each.key] = Gone()
            continue
        if not is_free(bookable, board, each.span):
            answers[each.key] = InTheWay(there.in_the_way(bookable, each.span))
            continue
        if booking is None:
            if application is None or one_by_one or of_it == AT_ONCE:
                application, of_it = _application(holder, each.title, now), 0
                db.add(application)
            of_it += 1
            booking = _booking(application, bookable, each.span, now)
            db.add(booking)
            note(db, holder.person_id, "imported", table="booking", row_id=booking.id, now=now)
        else:
            was[booking.id] = (booking.starts_at, booking.ends_at, booking.resource_id)
            _move(db, booking, bookable, each.span, by=holder.person_id, now=now)
            changed.append(booking)
        claims = _claims_of(booking, bookable)
        board.add(claims)
        there.add(claims)
        db.add_all(claims)
        answers[each.key] = Laid(booking.id)
    lost = [each for each in own.values() if each.id not in was]
    for booking in lost:
        end(db, booking, "cancelled", holder.person_id, now=now, reason=None)
    await db.flush()  # claim_no_overlap answers here
    tell_changed(db, "moved", changed, holder.person_id, freed=was, was=was)
    tell_changed(db, "cancelled", lost, holder.person_id, freed=[each.id for each in lost])
    return answers


async def give_up_each(
    db: AsyncSession, resource_id: UUID, booking_ids: Collection[UUID], *, by: UUID, now: datetime
) -> None:
    """Cancel what is there and confirmed still. Raises NotFound."""
    if not booking_ids:
        return
    await queries.lock_units(db, [unit.id for unit in await _units(db, resource_id)])
    locked = await queries.lock_bookings(db, ids=sorted(booking_ids))
    bookings = [each for each in locked if _is_ours(each, resource_id)]
    for booking in bookings:
        end(db, booking, "cancelled", by, now=now, reason=None)
    gone = [each.id for each in bookings]
    await queries.release(db, gone)
    await db.flush()
    tell_changed(db, "cancelled", bookings, by, freed=gone)


async def retitle(db: AsyncSession, titles: Mapping[UUID, str], now: datetime) -> None:
    """Booking → what it is called now. One that shares its application with others gives them the same title."""
    if not titles:
        return
    of_booking = await queries.applications_of(db, sorted(titles))
    for booking_id, application_id in sorted(of_booking.items(), key=lambda pair: pair[1]):
        application = await queries.lock_application(db, application_id)
        assert application is not None, "its booking exists, and nothing is deleted"
        application.title = titles[booking_id]
        application.version += 1
    await db.flush()
    await log_texts(db, sorted(titles), now)


def _is_ours(booking: Booking, resource_id: UUID) -> bool:
    """Cancelling, and moving elsewhere, wait for no units: it may have happened just now."""
    return booking.state == "confirmed" and booking.resource_id == resource_id


def is_free(bookable: Bookable, board: Board, span: Span) -> bool:
    """Whether all of it can be booked then."""
    setup, cleanup = bookable.facts.setup_minutes, bookable.facts.cleanup_minutes
    return not board.conflicts(bookable.units, span, setup, cleanup, _all(bookable))


def _all(bookable: Bookable) -> int:
    """All of it: a calendar of a pool is no lane of it."""
    return min((unit.capacity for unit in bookable.units if unit.capacity is not None), default=1)


def _application(holder: Holder, title: str, now: datetime) -> Application:
    return Application(
        id=new_id(),
        person_id=holder.person_id,
        association_id=holder.association_id,
        title=title,
        public=True,
        created_at=now,
        version=1,
    )


def _booking(application: Application, bookable: Bookable, span: Span, now: datetime) -> Booking:
    facts = bookable.facts
    return Booking(
        id=new_id(),
        application_id=application.id,
        resource_id=facts.id,
        person_id=application.person_id,
        association_id=application.association_id,
        starts_at=span.start,
        ends_at=span.end,
        setup_minutes=facts.setup_minutes,
        cleanup_minutes=facts.cleanup_minutes,
        quantity=_all(bookable),
        state="confirmed",
        price={},
        decided_at=now,
        decided_by=application.person_id,
        reminded_at=now,  # it stands in the calendar it came from
        sequence=0,
        version=1,
        text_version=0,
        created_at=now,
        updated_at=now,
    )


def _move(
    db: AsyncSession, booking: Booking, bookable: Bookable, span: Span, *, by: UUID, now: datetime
) -> None:
    change = {"starts_at": (booking.starts_at, span.start), "ends_at": (booking.ends_at, span.end)}
    booking.starts_at, booking.ends_at = span
    booking.setup_minutes = bookable.facts.setup_minutes
    booking.cleanup_minutes = bookable.facts.cleanup_minutes
    touch(booking, now)
    note(db, by, "moved", table="booking", row_id=booking.id, now=now, change=change)


def _claims_of(booking: Booking, bookable: Bookable) -> list[Claim]:
    return booking_claims(
        booking.id,
        bookable.units,
        Span(booking.starts_at, booking.ends_at),
        setup_minutes=booking.setup_minutes,
        cleanup_minutes=booking.cleanup_minutes,
        quantity=booking.quantity,
    )


async def _units(db: AsyncSession, resource_id: UUID) -> list[UnitFacts]:
    rows = (await claim_queries.units_of(db, [resource_id])).get(resource_id)
    if not rows:
        raise NotFound(what="resource")
    return [UnitFacts(row.unit_id, row.capacity) for row in rows]


async def bookable_at(db: AsyncSession, resource_id: UUID, window: Span) -> Bookable:
    """Raises NotFound, also for a resource without units."""
    bookable = (await bookable_by_id(db, [resource_id], window)).get(resource_id)
    if bookable is None or not bookable.units:
        raise NotFound(what="resource")
    return bookable


def around(asked: Sequence[Asked]) -> Span:
    """From the first start to the last end."""
    return Span(min(each.span.start for each in asked), max(each.span.end for each in asked))
