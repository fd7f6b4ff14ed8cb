"""A feed from its address to its text: whether it has changed is asked without reading it; it is joined, not made."""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking.claims import padded
from booking.showing import note_others
from calendar_feeds import queries
from calendar_feeds.events import language_of, words_of, write_events
from calendar_feeds.ical import (
    END,
    Lines,
    Shut,
    busy_head,
    busy_lines,
    closure_lines,
    frame,
    has_utc,
    told_first,
)
from calendar_feeds.queries import Revision
from calendar_feeds.scopes import Period, Reach, Scope, Variant, period_at
from core.db import AnyRow, Database
from core.errors import Busy, NotFound
from core.spans import Span
from core.tenants import Tenant
from core.texts import Texts
from people.actors import Actor

FORM: Final = "1"
"""Another whenever the same bookings come to other lines than before, so that calendars fetch them."""
ATTEMPTS: Final = 5


class Look(Struct, frozen=True, kw_only=True):
    """A feed before it is read: what it shows, and its name for this state of it."""

    tenant: Tenant
    scope: Scope
    variant: Variant
    period: Period
    revision: Revision
    etag: str
    """Changes whenever the text would."""
    base: str = ""
    """What the addresses of the municipality's pages begin with."""
    source: str | None = None
    """Its own address, where that is no secret."""
    feed: str = ""
    """What sets its busy times apart from those of other feeds."""


async def look(
    database: Database,
    tenant: Tenant,
    scope: Scope,
    variant: Variant,
    now: datetime,
    *,
    base: str = "",
    source: str | None = None,
    feed: str | None = None,
) -> Look:
    """Asks nothing but when it last changed. Raises NotFound."""
    found = await queries.asked_revision(database.asking, tenant.id, scope, variant, now=now)
    return seen(tenant, scope, variant, found, now, base=base, source=source, feed=feed)


def seen(
    tenant: Tenant,
    scope: Scope,
    variant: Variant,
    found: Revision | None,
    now: datetime,
    *,
    base: str = "",
    source: str | None = None,
    feed: str | None = None,
) -> Look:
    """The same of a revision that was asked for before. Raises NotFound."""
    if found is None:
        raise NotFound(what=scope.kind)
    period = period_at(now, tenant.zone)
    feed = feed or f"{scope.kind}:{scope.thing_id or tenant.id}"
    named = [FORM, scope.kind, str(scope.thing_id), variant, feed, period.name]
    named += [
        str(tenant.id),
        tenant.name,
        tenant.languages[0],
        tenant.zone_name,
        tenant.colour,
        base,
        source or "",
    ]
    named += [str(found.newest), *map(str, found.beside), "", *map(str, found.reach.ids)]
    name = hashlib.sha256("\0".join(named).encode()).hexdigest()[:32]
    return Look(
        tenant=tenant,
        scope=scope,
        variant=variant,
        period=period,
        revision=found,
        etag=f'"{name}"',
        base=base,
        source=source,
        feed=feed,
    )


async def write(db: AsyncSession, seen: Look, base: str) -> str:
    """The whole calendar, as it stands in this transaction. Events that nobody has written yet are written now.

    Raises Busy when they change faster than they are written.
    """
    shut = await closures_of(db, seen)
    if seen.variant == "busy":
        return await _framed(db, seen, base, await _busy(db, seen, base, shut))
    for _ in range(ATTEMPTS):
        found = await queries.body(db, seen.revision.reach, seen.variant, seen.period)
        if not found.missing:
            closed = [f"{each.head}{each.times}{each.place}{each.public}{END}" for _, each in shut]
            return await _framed(db, seen, base, "".join(closed) + found.events)
        await write_events(db, seen.tenant, base, found.missing)
    raise Busy


class Inside(NamedTuple):
    """A calendar as the staff of its place have it, with its bookings: what `note_inside` notes once it is sent."""

    text: str
    rows: Sequence[AnyRow]


async def write_inside(db: AsyncSession, seen: Look, base: str) -> Inside:
    """The same with its bookings; in the staff's variant with who to call, and times to make ready and to clear."""
    rows = await _written(db, seen, base, queries.inside)
    said = language_of(seen.tenant)
    shut = [f"{each.head}{each.times}{each.place}{each.full}{END}" for _, each in await closures_of(db, seen)]
    events = (
        f"{row.head}{row.times}{row.place}"
        f"{for_staff(row, said) if seen.variant == 'staff' else row.full}{END}"
        for row in rows
    )
    return Inside(await _framed(db, seen, base, "".join([*shut, *events])), rows)


def for_staff(row: AnyRow, said: Texts) -> str:
    """The lines of a booking with who to call, and the times to make ready and to clear, before all else."""
    whole = padded(Span(row.starts_at, row.ends_at), row.setup_minutes, row.cleanup_minutes)
    facts = [said.gettext("Contact: {who}").format(who=", ".join(filter(None, (row.contact, row.phone))))]
    if row.setup_minutes:
        facts.append(
            said.gettext("Set-up from {time}").format(time=said.clock(said.local(whole.start).time()))
        )
    if row.cleanup_minutes:
        facts.append(
            said.gettext("Clean-up until {time}").format(time=said.clock(said.local(whole.end).time()))
        )
    return told_first(row.full, "\n".join(facts))


async def note_inside(db: AsyncSession, reader: UUID, inside: Inside, now: datetime) -> None:
    """That the reader was shown what is not her own."""
    clubs = await queries.clubs_of(db, reader)
    await note_others(db, Actor(person_id=reader, associations=tuple(clubs)), inside.rows, "calendar", now)


async def _busy(db: AsyncSession, seen: Look, base: str, shut: Sequence[tuple[UUID, Lines]]) -> str:
    rows = await _written(db, seen, base, queries.times)
    key = await queries.secret_key(db)
    words = words_of(language_of(seen.tenant))
    times = [*((id_, each.times) for id_, each in shut), *((row.id, row.times) for row in rows)]
    return "".join(
        f"{busy_head(key, seen.feed, id_)}{when}{busy_lines(words, when)}{END}" for id_, when in times
    )


async def _written(
    db: AsyncSession,
    seen: Look,
    base: str,
    ask: Callable[[AsyncSession, Reach, Period], Awaitable[Sequence[AnyRow]]],
) -> Sequence[AnyRow]:
    """What is asked for, once all of it is written. Raises Busy."""
    for _ in range(ATTEMPTS):
        rows = await ask(db, seen.revision.reach, seen.period)
        missing = [row.id for row in rows if row.event_id is None]
        if not missing:
            return rows
        await write_events(db, seen.tenant, base, missing)
    raise Busy


async def closures_of(
    db: AsyncSession, seen: Look, *, period: Period | None = None, only: Collection[UUID] | None = None
) -> list[tuple[UUID, Lines]]:
    """Closures of a place, by start: in another period than the feed's, those among these, if that is said."""
    words = words_of(language_of(seen.tenant))
    return [
        (row.id, closure_lines(_shut(row), words, seen.tenant.zone))
        for row in await queries.closures(db, seen.revision.reach, period or seen.period)
        if only is None or row.id in only
    ]


def _shut(row: AnyRow) -> Shut:
    return Shut(
        id=row.id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        changed_at=row.lifted_at or row.created_at,
        is_lifted=row.lifted_at is not None,
        reason=row.reason,
        place=", ".join(filter(None, (row.part, row.facility))),
    )


async def _framed(db: AsyncSession, seen: Look, base: str, events: str) -> str:
    tenant = seen.tenant
    name = await name_of(db, tenant, seen.scope)
    head, end = frame(
        name, base, tenant.colour, tenant.zone, source=seen.source, names_zone=not has_utc(events)
    )
    return head + events + end


async def name_of(db: AsyncSession, tenant: Tenant, scope: Scope) -> str:
    """What a calendar program shows it as."""
    said = language_of(tenant)
    if scope.kind == "person":
        return said.gettext("My bookings – {municipality}").format(municipality=tenant.name)
    return await queries.names_of(db, scope) or tenant.name
