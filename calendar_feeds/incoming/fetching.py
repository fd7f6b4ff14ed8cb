"""Fetching an attached calendar: taken in hand, asked for outside of any transaction, carried out in one.

One at a time for each calendar: whoever takes it in hand leases it, and only who still holds the lease carries out.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling.service import News, post_of, tell
from calendar_feeds.incoming import queries
from calendar_feeds.incoming.applying import apply, try_again
from calendar_feeds.incoming.health import WHY, Why, after_failure, must_read
from calendar_feeds.incoming.hearing import Heard, Order, ask
from calendar_feeds.incoming.messages import FetchDue
from calendar_feeds.incoming.models import CalendarImport
from core.calling import networks
from core.delivery import Door
from core.outbox import publish
from core.tenants import tenant_here
from core.texts import Texts
from core.vault import Unopenable, Vault, vault_of

LEASE: Final = timedelta(minutes=3)
"""Longer than a fetch may take (core.pace.Pace.call_limit): after a crash it is free again by itself."""
AT_ONCE: Final = 200
"""So many of a municipality are begun in one run of the sweep."""


class Taken(NamedTuple):
    """In hand: what to ask for, and until when it is ours."""

    order: Order | None
    """None: the address cannot be opened."""
    until: datetime


async def sweep(db: AsyncSession, now: datetime) -> None:
    """Whose time has come is fetched."""
    for row in await queries.due(db, now, limit=AT_ONCE):
        row.due_at = now + every(row)
        publish(db, FetchDue(row.id))
    await db.flush()


async def fetch(door: Door, import_id: UUID, now: datetime) -> None:
    """Nothing, when it is paused, gone from here, or in other hands."""
    async with door() as db:
        tenant = await tenant_here(db)
        taken = await take(db, import_id, vault_of(door.settings), now)
    if taken is None:
        return
    if taken.order is None:
        heard = Heard(why="sealed")
    else:
        heard = await ask(taken.order, zone=tenant.zone, allow=networks(door.settings.call_networks), now=now)

    async def work(db: AsyncSession) -> None:
        db.info["settings"] = door.settings
        await carry_out(db, import_id, heard, until=taken.until, now=now)

    await door.database.run(door.tenant_id, work)


async def take(db: AsyncSession, import_id: UUID, vault: Vault, now: datetime) -> Taken | None:
    """Lease it. None: it is not to be fetched now."""
    row = await queries.lock_import(db, import_id)
    if row is None or row.state == "paused" or (row.leased_until is not None and row.leased_until > now):
        return None
    until = row.leased_until = now + LEASE
    row.due_at = max(row.due_at, now + every(row))
    is_known = not must_read(row.read_at, now)
    try:
        order = Order(
            address=vault.opened(row.address),
            etag=row.etag,
            last_modified=row.last_modified,
            body_hash=row.body_hash if is_known else None,
        )
    except Unopenable:
        order = None
    await db.flush()
    return Taken(order, until)


async def carry_out(
    db: AsyncSession, import_id: UUID, heard: Heard, *, until: datetime, now: datetime
) -> None:
    """What was heard, if it is still ours to carry out. Raises Stale."""
    row = await queries.lock_import(db, import_id)
    if row is None or row.leased_until != until:
        return
    row.leased_until = None
    if row.state == "paused":
        return
    if heard.is_unchanged:
        row.etag, row.last_modified = heard.etag, heard.last_modified
        _note_well(row, now)
        if await try_again(db, row, now):
            row.changed_at = now
    elif heard.occurrences is not None:
        await _apply(db, row, heard, now)
    else:
        assert heard.why is not None, "there is a calendar, or a reason why not"
        await _note_failure(db, row, heard.why, is_for_good=heard.is_for_good, now=now)
    await db.flush()


async def _apply(db: AsyncSession, row: CalendarImport, heard: Heard, now: datetime) -> None:
    assert heard.occurrences is not None, "the caller has looked"
    came = await apply(
        db,
        row,
        heard.occurrences,
        is_whole=heard.is_whole,
        unclear=heard.unclear,
        is_sure=heard.body_hash is not None and row.sure_hash == heard.body_hash,
        now=now,
    )
    row.problems = dict(heard.problems)
    if came.is_held:
        row.held_hash, row.fetched_at = heard.body_hash, now
        await _note_failure(db, row, "held", is_for_good=False, now=now, is_urgent=True)
        return
    if not came.is_nothing:
        row.changed_at = now
    row.held_hash = row.sure_hash = None
    if heard.why is not None:
        await _note_failure(db, row, heard.why, is_for_good=False, now=now)
        return
    row.etag, row.last_modified, row.body_hash = heard.etag, heard.last_modified, heard.body_hash
    row.read_at = now
    _note_well(row, now)


def every(row: CalendarImport) -> timedelta:
    return timedelta(minutes=row.every_minutes)


def _note_well(row: CalendarImport, now: datetime) -> None:
    row.state, row.why, row.failures = "on", None, 0
    row.failing_since = row.told_at = row.held_hash = None
    row.fetched_at, row.due_at = now, now + every(row)


async def _note_failure(
    db: AsyncSession,
    row: CalendarImport,
    why: Why,
    *,
    is_for_good: bool,
    now: datetime,
    is_urgent: bool = False,
) -> None:
    """Nothing is removed. Staff hear of it once, when it has failed often enough."""
    row.failures += 1
    row.failed_at, row.why = now, why
    since = row.failing_since = row.failing_since or now
    standing = after_failure(
        why,
        failures=row.failures,
        since=since,
        every=every(row),
        is_for_good=is_for_good,
        now=now,
    )
    row.state, row.due_at = standing.state, standing.due_at
    if row.told_at is None and (standing.is_to_tell or is_urgent):
        row.told_at = now
        await _tell(db, row, why, now)


async def _tell(db: AsyncSession, row: CalendarImport, why: Why, now: datetime) -> None:
    """Whoever looks after the place."""
    readers: Sequence[UUID] = await queries.keepers(db, row.resource_id)
    news = News(kind="import_failed", fill=partial(_words, row.label, why), path=f"/staff/imports/{row.id}")
    post = await post_of(db)
    for person_id in readers:
        await tell(db, post, person_id, news, now)


def _words(label: str, why: Why, words: Texts) -> dict[str, str]:
    return {"title": label, "reason": words.gettext(WHY[why])}
