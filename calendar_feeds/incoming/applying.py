"""Carrying out what a calendar says: only what has changed, each occurrence as its closure or booking, under one lock.

What is in somebody's way is listed and tried again, never laid over her. What people here have changed or lifted is not
fought over: it is left as they wanted it, and shown. The caller has locked the import.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.attaching import (
    Answers,
    Asked,
    Gone,
    Holder,
    Laid,
    book_each,
    close_each,
    give_up_each,
    lift_each,
    lock_place,
    retitle,
    reword_closures,
)
from booking.closures import LONGEST_CLOSURE_DAYS
from calendar_feeds.incoming import queries
from calendar_feeds.incoming.diff import Attached, Changes, EventState, changes, looks_wrong, span_of
from calendar_feeds.incoming.models import CalendarImport, ImportedEvent
from calendar_feeds.incoming.occurrence import Occurrence
from core.ids import new_id
from core.spans import Span

AHEAD: Final = timedelta(days=400)
"""So far ahead a calendar is read."""
LONGEST_TITLE: Final = 200
MOST_NAMED: Final = 100
"""Bookings in the way of one event that are kept by name."""


class Came(NamedTuple):
    """What a calendar came to."""

    added: int = 0
    moved: int = 0
    reworded: int = 0
    removed: int = 0
    colliding: int = 0
    """Of those that were laid or tried now."""
    is_held: bool = False
    """So much would have vanished that nothing was done: somebody shall look first."""

    @property
    def is_nothing(self) -> bool:
        return not (self.added or self.moved or self.reworded or self.removed)


def window_at(now: datetime) -> Span:
    """What a calendar is asked about."""
    return Span(now, now + AHEAD)


def wanted_of(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """Those that take up time here: who is free meanwhile needs no hall, and nothing lasts for years."""
    longest = timedelta(days=LONGEST_CLOSURE_DAYS)
    return [each for each in occurrences if each.is_busy and each.ends_at - each.starts_at <= longest]


async def apply(
    db: AsyncSession,
    row: CalendarImport,
    said: Sequence[Occurrence],
    *,
    is_whole: bool,
    unclear: Collection[str] = (),
    is_sure: bool = False,
    now: datetime,
) -> Came:
    """Make what is here what the calendar says (see diff.changes). `is_sure`: though much would vanish."""
    await leave_to_others(db, row, now)
    known = {each.key: each for each in await queries.events_of(db, row.id)}
    attached = [attached_of(each) for each in known.values()]
    window = window_at(now)
    found = changes(attached, said, window, is_whole=is_whole, unclear=unclear)
    if looks_wrong(attached, found, window) and not is_sure:
        return Came(is_held=True)
    tried = await _carry_out(db, row, found, known, now)
    await db.flush()
    return Came(
        added=len(found.add),
        moved=len(found.move),
        reworded=len(found.change_text),
        removed=len(found.remove),
        colliding=sum(each.state == "collides" for each in tried),
    )


async def leave_to_others(db: AsyncSession, row: CalendarImport, now: datetime) -> None:
    """What somebody here has changed or lifted is hers from now on. Locks the units."""
    await lock_place(db, row.resource_id)
    changed = set(await queries.changed_by_others(db, row.id, now))
    if changed:
        await queries.set_ignored(db, changed, now)


def attached_of(event: ImportedEvent) -> Attached:
    state: EventState = event.state  # pyright: ignore[reportAssignmentType]  # event_state_known
    return Attached(event.key, event.digest, Span(event.starts_at, event.ends_at), state)


async def _carry_out(
    db: AsyncSession, row: CalendarImport, found: Changes, known: Mapping[str, ImportedEvent], now: datetime
) -> list[ImportedEvent]:
    """Answers what was tried to be laid."""
    gone = [known[each.key] for each in found.remove]
    lifted = [event for event in gone if event.state == "applied"]
    for event in gone:
        _set(event, "withdrawn", now)
    tried: list[ImportedEvent] = []
    reworded: list[ImportedEvent] = []
    for was, said in (*found.move, *found.change_text):
        event = known[was.key]
        is_moved, earlier = was.span != span_of(said), event.title
        if is_moved and event.state == "applied" and event.closure_id is not None:
            lifted.append(event)  # a closure is closed and lifted, and nothing between
        elif event.state == "applied" and title_of(row, said) != earlier:
            reworded.append(event)
        if event.state == "collides" or (is_moved and event.state == "applied"):
            tried.append(event)
        _take(event, row, said)
    tried += [known[each.key] for each in found.same if each.state == "collides"]
    for said in found.add:
        event = known.get(said.key)
        if event is None:
            event = ImportedEvent(id=new_id(), import_id=row.id, key=said.key, in_the_way=[])
            db.add(event)
        event.closure_id = event.booking_id = None
        event.state = "collides"
        _take(event, row, said)
        event.changed_at = now
        tried.append(event)
    await _withdraw(db, row, lifted, now)
    await _reword(db, row, reworded, now)
    await lay(db, row, tried, now)
    return tried


def _take(event: ImportedEvent, row: CalendarImport, said: Occurrence) -> None:
    event.digest, event.starts_at, event.ends_at = said.digest, said.starts_at, said.ends_at
    event.title = title_of(row, said)


def _set(
    event: ImportedEvent,
    state: EventState,
    now: datetime,
    *,
    why: str | None = None,
    in_the_way: Sequence[UUID] = (),
) -> None:
    if (event.state, event.why, event.in_the_way) != (state, why, list(in_the_way)):
        event.changed_at = now
    event.state, event.why, event.in_the_way = state, why, list(in_the_way)


def title_of(row: CalendarImport, said: Occurrence) -> str:
    """What everybody reads of it."""
    return (said.summary if row.shows_title else "")[:LONGEST_TITLE] or row.label


async def lay(db: AsyncSession, row: CalendarImport, events: Sequence[ImportedEvent], now: datetime) -> None:
    """Try each of the events; what cannot be had collides. A booking that is moved keeps its id. Raises Stale."""
    in_order = sorted(events, key=lambda each: (each.starts_at, each.ends_at, each.key))
    asked = [
        Asked(
            event.key,
            Span(event.starts_at, event.ends_at),
            event.title,
            event.booking_id if event.state == "applied" else None,
        )
        for event in in_order
    ]
    answers = await _laid(db, row, asked, now)
    for event in in_order:
        answer = answers[event.key]
        if isinstance(answer, Laid):
            is_closure = row.kind == "closures"
            event.closure_id = answer.id if is_closure else None
            event.booking_id = None if is_closure else answer.id
            _set(event, "applied", now)
        elif isinstance(answer, Gone):
            _set(event, "ignored", now, why="changed")
        else:
            event.closure_id = event.booking_id = None
            why = "taken" if answer.booking_ids else "closed"
            _set(event, "collides", now, why=why, in_the_way=answer.booking_ids[:MOST_NAMED])


async def _laid(db: AsyncSession, row: CalendarImport, asked: Sequence[Asked], now: datetime) -> Answers:
    if row.kind == "closures":
        return await close_each(db, row.resource_id, asked, by=row.created_by, now=now)
    return await book_each(db, holder_of(row), row.resource_id, asked, one_by_one=row.shows_title, now=now)


def holder_of(row: CalendarImport) -> Holder:
    return Holder(row.created_by, row.association_id)


async def _withdraw(
    db: AsyncSession, row: CalendarImport, events: Sequence[ImportedEvent], now: datetime
) -> None:
    """Take away what stands for them."""
    closures = [event.closure_id for event in events if event.closure_id is not None]
    bookings = [event.booking_id for event in events if event.booking_id is not None]
    await lift_each(db, row.resource_id, closures, by=row.created_by, now=now)
    await give_up_each(db, row.resource_id, bookings, by=row.created_by, now=now)


async def _reword(
    db: AsyncSession, row: CalendarImport, events: Sequence[ImportedEvent], now: datetime
) -> None:
    """As they are called now."""
    reasons = {each.closure_id: each.title for each in events if each.closure_id is not None}
    titles = {each.booking_id: each.title for each in events if each.booking_id is not None}
    await reword_closures(db, row.resource_id, reasons, now)
    await retitle(db, titles, now)


async def try_again(db: AsyncSession, row: CalendarImport, now: datetime) -> int:
    """What collided and is not over; how many were laid now."""
    events = await queries.colliding(db, row.id, now)
    await lay(db, row, events, now)
    await db.flush()
    return sum(event.state == "applied" for event in events)


async def withdraw_all(db: AsyncSession, row: CalendarImport, now: datetime) -> None:
    """All that it brought and that is not over is taken away, but for what people here have made theirs."""
    await leave_to_others(db, row, now)
    events = [
        each for each in await queries.events_of(db, row.id) if each.state == "applied" and each.ends_at > now
    ]
    await _withdraw(db, row, events, now)
    for event in events:
        _set(event, "withdrawn", now)
    await db.flush()
