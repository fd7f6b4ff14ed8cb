"""A feed as a CalDAV calendar: who opens it, what it is called, how far it has come, and its objects."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from booking.showing import note_others
from calendar_feeds import queries
from calendar_feeds.addresses import secret_in
from calendar_feeds.caldav.marks import Mark, Token, mark, token_text
from calendar_feeds.caldav.objects import Member, member, named_thing, object_name
from calendar_feeds.events import language_of, words_of, write_events
from calendar_feeds.feeds import ATTEMPTS, FORM, Look, closures_of, for_staff, look, name_of, seen
from calendar_feeds.ical import END, Lines, busy_head, busy_lines
from calendar_feeds.scopes import Period, Scope
from calendar_feeds.subscriptions import Opened, open_feed
from core.db import AnyRow, Database
from core.errors import Busy
from core.ical import UID_DOMAIN
from core.spans import Span, local_date, monday_of
from core.tenants import Tenant
from people.actors import Actor

PLACES: Final = frozenset({"resource", "facility", "municipality"})


class Reading(Struct, frozen=True):
    """One feed as it was found open."""

    look: Look
    mark: Mark
    opened: Opened | None
    """None for what everybody may read."""
    now: datetime

    @property
    def tenant(self) -> Tenant:
        return self.look.tenant

    @property
    def shows_others(self) -> bool:
        """Whether its reader learns of people who are none of hers: that is noted."""
        return (
            self.opened is not None
            and self.look.scope.kind in PLACES
            and self.look.variant in {"full", "staff"}
        )


class Kept(NamedTuple):
    """An object, and whose booking it shows; of a closure nobody's."""

    member: Member
    person_id: UUID | None
    association_id: UUID | None


async def by_secret(database: Database, tenant: Tenant, told: str, now: datetime, *, base: str) -> Reading:
    """What `<slug>.<secret>` opens. Raises NotFound, and Gone for what it opens no more."""
    async with database.feeds() as db:
        opened = await open_feed(db, tenant.id, secret_in(told, tenant))
        found = await queries.revision(db, tenant.id, opened.scope, opened.variant, now=now)
    feed = str(opened.feed_id)
    looked = seen(tenant, opened.scope, opened.variant, found, now, base=base, feed=feed)
    return reading(looked, now, opened)


async def of_resource(
    database: Database, tenant: Tenant, resource_id: UUID, now: datetime, *, base: str
) -> Reading:
    """What everybody may know. Raises NotFound."""
    scope = Scope("resource", resource_id)
    return reading(await look(database, tenant, scope, "public", now, base=base), now)


def reading(looked: Look, now: datetime, opened: Opened | None = None) -> Reading:
    """The same feed with what a program keeps of its state."""
    tenant, found = looked.tenant, looked.revision
    which = (
        *(FORM, str(tenant.id), tenant.languages[0], tenant.zone_name, looked.base),
        *(looked.scope.kind, str(looked.scope.thing_id), looked.variant, looked.feed),
    )
    monday = monday_of(local_date(tenant.zone, now))
    state = (found.newest, *found.beside)
    return Reading(looked, mark(which, found.reach.ids, monday, found.settled, state), opened, now)


async def title(db: AsyncSession, it: Reading) -> str:
    return await name_of(db, it.tenant, it.look.scope)


def token(it: Reading) -> str:
    """Changes whenever an object does, and tells what a copy that was read now is worth."""
    return token_text(Token(it.mark))


async def members(
    db: AsyncSession,
    it: Reading,
    *,
    only: Iterable[UUID] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Sequence[Kept]:
    """Its objects, closures first, each by start: all, or those of them that show one of these, or touch the time.

    Raises Busy when they change faster than they are written.
    """
    whole = it.look.period
    start = max(whole.span.start, since or whole.span.start)
    end = min(whole.span.end, until or whole.span.end)
    wanted = None if only is None else set(only)
    if start >= end or wanted == set():
        return ()
    period = structs.replace(whole, span=Span(start, end))
    lines = await _writer(db, it)
    found = [
        Kept(member(id_, lines.closure(id_, each), it.tenant.zone), None, None)
        for id_, each in await closures_of(db, it.look, period=period, only=wanted)
    ]
    for row in await _written(db, it, period, wanted):
        kept = member(row.id, lines.booking(row), it.tenant.zone)
        found.append(Kept(kept, row.person_id, row.association_id))
    return found


async def named(db: AsyncSession, it: Reading, names: Sequence[str]) -> dict[str, Kept]:
    """Those of its objects that are called so."""
    if it.look.variant == "busy":
        found = await members(db, it)
    else:
        found = await members(db, it, only=[id_ for each in names if (id_ := named_thing(each)) is not None])
    wanted = set(names)
    return {each.member.name: each for each in found if each.member.name in wanted}


async def note_shown(db: AsyncSession, it: Reading, shown: Sequence[Kept]) -> None:
    """That the reader was told of people who are none of hers."""
    if it.opened is None or not it.shows_others:
        return
    reader = it.opened.person_id
    clubs = await queries.clubs_of(db, reader)
    others = [each for each in shown if each.person_id is not None or each.association_id is not None]
    await note_others(db, Actor(person_id=reader, associations=tuple(clubs)), others, "calendar", it.now)


async def names_of(
    db: AsyncSession, it: Reading, bookings: Iterable[UUID], closures: Iterable[UUID]
) -> list[str]:
    """What objects are called that are not there any more."""
    if it.look.variant == "busy":
        key = await queries.secret_key(db)
        heads = (busy_head(key, it.look.feed, each) for each in (*bookings, *closures))
        return [object_name(head) for head in heads]
    return [
        *(object_name(f"UID:booking-{each}@{UID_DOMAIN}\r\n") for each in bookings),
        *(object_name(f"UID:closure-{each}@{UID_DOMAIN}\r\n") for each in closures),
    ]


async def _written(
    db: AsyncSession, it: Reading, period: Period, wanted: set[UUID] | None
) -> Sequence[AnyRow]:
    found = it.look
    only = None if wanted is None else list(wanted)
    for _ in range(ATTEMPTS):
        rows = await queries.events(db, found.revision.reach, found.variant, period, only=only)
        missing = [row.id for row in rows if row.event_id is None]
        if not missing:
            return rows
        await write_events(db, it.tenant, found.base, missing)
    raise Busy


class _Writer:
    """Events of a feed, to the letter as the feed itself has them."""

    def __init__(self, it: Reading, key: bytes) -> None:
        self._it, self._key = it, key
        self._said = language_of(it.tenant)
        self._words = words_of(self._said)

    def closure(self, closure_id: UUID, closure: Lines) -> str:
        if self._it.look.variant == "busy":
            return self._only_busy(closure_id, closure.times)
        return f"{closure.head}{closure.times}{closure.place}{closure.full}{END}"

    def booking(self, row: AnyRow) -> str:
        match self._it.look.variant:
            case "busy":
                return self._only_busy(row.id, row.times)
            case "public":
                return f"{row.head}{row.times}{row.place}{row.public}{END}"
            case "full":
                return f"{row.head}{row.times}{row.place}{row.full}{END}"
            case "staff":
                return f"{row.head}{row.times}{row.place}{for_staff(row, self._said)}{END}"

    def _only_busy(self, thing_id: UUID, times: str) -> str:
        return f"{busy_head(self._key, self._it.look.feed, thing_id)}{times}{busy_lines(self._words, times)}{END}"


async def _writer(db: AsyncSession, it: Reading) -> _Writer:
    return _Writer(it, await queries.secret_key(db) if it.look.variant == "busy" else b"")
