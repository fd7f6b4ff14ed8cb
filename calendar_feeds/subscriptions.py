"""Secret addresses of feeds: made, listed, revoked, made anew; what each opens, and only while its owner may see it.

Only a secret's SHA-256 is kept. Whether the owner still has the right is asked at every reading: a role that ended a
moment ago opens nothing any more.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds import queries as feed_names
from calendar_feeds import subscription_queries as queries
from calendar_feeds.addresses import SECRET_BYTES
from calendar_feeds.feed_schemas import FeedIn, FeedOut
from calendar_feeds.models import Feed
from calendar_feeds.programs import program_of
from calendar_feeds.rights import Subject, choices, demand_feed, demand_offered, demand_subject, may_have
from calendar_feeds.scopes import Kind, Scope, Variant
from core.audit import note
from core.db import AnyRow, Database
from core.errors import Gone, Invalid, LimitReached, NotFound, SignInNeeded
from core.ids import new_id
from core.paging import Page, read_cursor, write_cursor
from core.texts import N_
from people import person_queries
from people import queries as people
from people.actors import Actor, Grant
from people.rules import demand_person
from people.service import hash_of
from resources import place_queries

MOST_FEEDS = 50
"""Live ones of one person."""
NOTED_EVERY = timedelta(hours=1)
"""To write down each use would make every reading a writing."""


class Opened(Struct, frozen=True):
    """What a secret opens now."""

    feed_id: UUID
    person_id: UUID
    """Who made it. Nobody else may learn from the feed who she is."""
    scope: Scope
    variant: Variant
    used_at: datetime | None
    """When that was last noted."""


async def open_feed(db: AsyncSession, tenant_id: UUID, secret: str | None) -> Opened:
    """The feed behind a secret, in one statement. `db` of `Database.feeds` or the municipality's own.

    `secret`: as `addresses.secret_in` found it. Raises NotFound for one that was never made here, whatever its shape
    (None too), and Gone for one that was revoked or replaced, or whose owner has not the right any more: then calendar
    programs stop asking.
    """
    row = None if secret is None else await queries.opened(db, tenant_id, hash_of(secret))
    return opened_by(row)


def opened_by(row: AnyRow | None) -> Opened:
    """The same of a row that `subscription_queries.OPENED` found, for a statement that asks more at once."""
    if row is None:
        raise NotFound(what="feed")
    if row.revoked_at is not None or not _is_allowed(row):
        raise Gone(what="feed")
    scope = Scope(row.kind, row.person_id if row.kind == "person" else row.thing_id)
    return Opened(row.id, row.person_id, scope, row.variant, row.used_at)


def _is_allowed(row: AnyRow) -> bool:
    return may_have(_owner(row), _subject(row), row.variant)


def _subject(row: AnyRow) -> Subject:
    return Subject(row.kind, row.thing_id, row.association_id, row.facility_id)


def _owner(row: AnyRow) -> Actor:
    """With the rights that she holds now, however she signs in: she proved herself when she made the address."""
    clubs = () if row.association_id is None else (row.association_id,)
    return Actor(
        person_id=row.person_id,
        associations=clubs if row.delegate_role in {"leader", "booker"} else (),
        leads=clubs if row.delegate_role == "leader" else (),
        treasures=clubs if row.delegate_role == "treasurer" else (),
        grants=tuple(msgspec.json.decode(row.grants, type=list[Grant])) if row.grants else (),
    )


async def noted(
    database: Database, tenant_id: UUID, opened: Opened, *, agent: str | None, now: datetime
) -> None:
    """That a calendar program has read it, at most once an hour and in a transaction of its own: call it once the
    answer is on its way. `agent`: the program's User-Agent, of which its name is kept.
    """
    before = now - NOTED_EVERY
    if opened.used_at is not None and opened.used_at > before:
        return
    async with database.transaction(tenant_id) as db:
        await queries.note_use(db, opened.feed_id, used_by=program_of(agent), now=now, before=before)


class Made(Struct, frozen=True):
    """A subscription and its secret, which is kept nowhere."""

    feed: FeedOut
    secret: str


async def subscribe(db: AsyncSession, actor: Actor, form: FeedIn, *, now: datetime) -> Made:
    """A new secret address for the actor.

    Raises SignInNeeded, StepUpNeeded, Forbidden (for a token that only reads, too), Invalid, NotFound for what she
    cannot see, LimitReached.
    """
    person_id = demand_person(actor)
    demand_offered(form.kind, form.variant)
    demand_subject(form.kind, form.thing_id)
    subject = await subject_of(db, actor, form.kind, form.thing_id, now=now)
    demand_feed(actor, subject, form.variant)
    label = " ".join(form.label.split())
    if not label:
        raise Invalid(field="label", expected=N_("where you use the calendar"))
    person = await person_queries.locked(db, person_id)
    if person is None or person.erased_at is not None:
        raise SignInNeeded
    used = await queries.count_live(db, person_id)
    if used >= MOST_FEEDS:
        raise LimitReached(kind="feeds", limit=MOST_FEEDS, used=used)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row = Feed(
        id=new_id(),
        person_id=person_id,
        kind=form.kind,
        thing_id=form.thing_id,
        variant=form.variant,
        label=label,
        hash=hash_of(secret),
        created_at=now,
    )
    db.add(row)
    change: dict[str, Any] = {name: (None, getattr(row, name)) for name in ("kind", "thing_id", "variant")}
    note(db, person_id, "feed.made", table="feed", row_id=row.id, now=now, change=change)
    await db.flush()
    return Made(await _out(db, person_id, row.id), secret)


async def subject_of(
    db: AsyncSession, actor: Actor, kind: Kind, thing_id: UUID | None, *, now: datetime
) -> Subject:
    """What it is of, with where that is. Raises NotFound for what the actor cannot see."""
    if thing_id is None:
        return Subject(kind)
    sight = place_queries.sight_of(actor, now)
    if kind == "resource":
        kept = await place_queries.resources(db, sight, ids=[thing_id])
        if kept:
            return Subject(kind, thing_id, facility_id=kept[0].facility.id)
    elif kind == "facility":
        if await place_queries.facilities(db, sight, after=None, limit=1, ids=[thing_id]):
            return Subject(kind, thing_id, facility_id=thing_id)
    elif kind == "association":
        if await people.associations(db, [thing_id]):
            return Subject(kind, thing_id, association_id=thing_id)
    elif (team := await people.team(db, thing_id)) is not None:
        return Subject(kind, thing_id, association_id=team.association_id)
    raise NotFound(what=kind, field="thing_id")


class About(Struct, frozen=True):
    """A calendar as its reader may subscribe to it."""

    name: str
    """Empty: the reader's own, or the whole municipality's."""
    choices: tuple[Variant, ...]
    """At a secret address."""
    more_when_strong: bool
    """There would be more if she signed in more surely."""


async def about(db: AsyncSession, actor: Actor, kind: Kind, thing_id: UUID | None, *, now: datetime) -> About:
    """What the actor may subscribe to there. Raises NotFound; SignInNeeded for her own."""
    if kind == "person":
        demand_person(actor, writes=False)
    subject = await subject_of(db, actor, kind, thing_id, now=now)
    strong = replace(actor, grants=actor.grants + actor.withheld, withheld=())
    found = choices(actor, subject)
    return About(
        name=await feed_names.names_of(db, Scope(kind, thing_id)) or "",
        choices=tuple(found),
        more_when_strong=len(choices(strong, subject)) > len(found),
    )


async def own_feeds(db: AsyncSession, actor: Actor, *, cursor: str | None, limit: int) -> Page[FeedOut]:
    """Hers that are not revoked, newest first. Raises SignInNeeded, Invalid."""
    person_id = demand_person(actor, writes=False)
    after = read_cursor(cursor, datetime, UUID)
    rows = await queries.of_person(
        db, person_id, after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        [_told(row) for row in rows[:limit]], write_cursor(last.created_at, last.id) if last else None
    )


async def own_feed(db: AsyncSession, actor: Actor, feed_id: UUID) -> FeedOut:
    """One of hers. Raises SignInNeeded, and NotFound for one that is not hers, or revoked."""
    return await _out(db, demand_person(actor, writes=False), feed_id)


async def revoke(db: AsyncSession, actor: Actor, feed_id: UUID, now: datetime) -> None:
    """Its address is gone from now on; twice is once. Raises SignInNeeded, Forbidden, NotFound for what is not hers."""
    row = await _own(db, actor, feed_id)
    if row.revoked_at is None:
        row.revoked_at = now
        note(db, row.person_id, "feed.revoked", table="feed", row_id=row.id, now=now)


async def rotate(db: AsyncSession, actor: Actor, feed_id: UUID, now: datetime) -> Made:
    """The same feed under a new address; the old one is gone.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound for what is not hers, Gone for one that is revoked.
    """
    row = await _own(db, actor, feed_id)
    if row.revoked_at is not None:
        raise Gone(what="feed")
    demand_feed(actor, await subject_of(db, actor, _kind(row), row.thing_id, now=now), _variant(row))
    secret, old = secrets.token_urlsafe(SECRET_BYTES), row.hash
    row.hash, row.used_at, row.used_by = hash_of(secret), None, None
    note(db, row.person_id, "feed.rotated", table="feed", row_id=row.id, now=now)
    await db.flush()  # the old hash is free to be kept by a row of its own
    db.add(
        Feed(
            id=new_id(),
            person_id=row.person_id,
            kind=row.kind,
            thing_id=row.thing_id,
            variant=row.variant,
            label=row.label,
            hash=old,
            created_at=row.created_at,
            revoked_at=now,
        )
    )
    await db.flush()
    return Made(await _out(db, row.person_id, row.id), secret)


def _kind(row: Any) -> Kind:
    return row.kind


def _variant(row: Any) -> Variant:
    return row.variant


async def _own(db: AsyncSession, actor: Actor, feed_id: UUID) -> Feed:
    """Locked. Raises SignInNeeded, Forbidden, NotFound."""
    person_id = demand_person(actor)
    row = await queries.locked(db, feed_id)
    if row is None or row.person_id != person_id:
        raise NotFound(what="feed")
    return row


async def _out(db: AsyncSession, person_id: UUID, feed_id: UUID) -> FeedOut:
    row = await queries.one_of_person(db, person_id, feed_id)
    if row is None:
        raise NotFound(what="feed")
    return _told(row)


def _told(row: AnyRow) -> FeedOut:
    return FeedOut(
        id=row.id,
        kind=row.kind,
        thing_id=row.thing_id,
        name=row.name,
        variant=row.variant,
        label=row.label,
        created_at=row.created_at,
        used_at=row.used_at,
        used_by=row.used_by,
        is_live=_is_allowed(row),
    )
