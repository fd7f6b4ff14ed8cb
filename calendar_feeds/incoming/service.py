"""Attaching calendars, looking after them, and letting go of them again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from booking import clearing
from calendar_feeds.incoming import applying, queries
from calendar_feeds.incoming.diff import EventState
from calendar_feeds.incoming.hearing import https_of
from calendar_feeds.incoming.messages import FetchDue
from calendar_feeds.incoming.models import CalendarImport, ImportedEvent
from calendar_feeds.incoming.schemas import (
    ImportEventOut,
    ImportIn,
    ImportOut,
    ImportPatch,
    ResolveIn,
)
from core.audit import note
from core.calling import REFUSED, CallRefused, check_url, networks
from core.db import AnyRow
from core.errors import ChangedMeanwhile, Invalid, NotFound, WrongState
from core.ids import new_id
from core.outbox import publish
from core.paging import Page, read_cursor, write_cursor
from core.settings import Settings
from core.spans import Span
from core.tenants import Tenant
from core.texts import N_
from core.vault import Vault, vault_of
from people import queries as people
from people.actors import Actor, Place
from people.rules import demand, demand_person, demand_somewhere, places_of

MANAGE: Final = "import.manage"
MOST_OF_RESOURCE: Final = 20


async def imports(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    *,
    resource_id: UUID | None = None,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Page[ImportOut]:
    """Those that the actor looks after, the failing first, then by label. Raises SignInNeeded, Forbidden."""
    demand_somewhere(actor, MANAGE)
    after = read_cursor(cursor, bool, str, UUID)
    rows = await queries.shown(
        db, places=places_of(actor, MANAGE), resource_id=resource_id, after=after, limit=limit + 1
    )
    more = None
    if len(rows) > limit:
        last = rows[limit - 1]
        more = write_cursor(last.is_well, last.CalendarImport.label, last.CalendarImport.id)
    counts = await queries.counts(db, [row.CalendarImport.id for row in rows[:limit]], now)
    return Page([_out(row, counts, tenant) for row in rows[:limit]], more)


async def one(db: AsyncSession, actor: Actor, tenant: Tenant, import_id: UUID, *, now: datetime) -> ImportOut:
    """Raises SignInNeeded, Forbidden, NotFound."""
    demand_somewhere(actor, MANAGE)
    row = await queries.shown_one(db, import_id)
    if row is None:
        raise NotFound(what="import")
    demand(actor, MANAGE, Place(row.facility_id, row.CalendarImport.resource_id))
    return _out(row, await queries.counts(db, [import_id], now), tenant)


def _out(row: AnyRow, counts: dict[tuple[UUID, str], int], tenant: Tenant) -> ImportOut:
    mine: CalendarImport = row.CalendarImport
    values: dict[str, Any] = {
        name: getattr(mine, name) for name in ImportOut.__struct_fields__ if hasattr(mine, name)
    }
    for name, value in values.items():
        if isinstance(value, datetime):
            values[name] = value.astimezone(tenant.zone)
    return ImportOut(
        **values,
        resource_name=row.resource,
        facility_name=row.facility,
        is_held=mine.held_hash is not None and mine.why == "held",
        applied=counts.get((mine.id, "applied"), 0),
        colliding=counts.get((mine.id, "collides"), 0),
        ignored=counts.get((mine.id, "ignored"), 0),
    )


async def demand_at(db: AsyncSession, actor: Actor, resource_id: UUID) -> None:
    """Whether the actor may attach calendars there. Raises SignInNeeded, Forbidden, NotFound."""
    demand_person(actor)
    facility_id = await queries.facility_of(db, resource_id)
    if facility_id is None:
        demand_somewhere(actor, MANAGE)
        raise NotFound(what="resource", field="resource_id")
    demand(actor, MANAGE, Place(facility_id, resource_id))


async def check(db: AsyncSession, actor: Actor, form: ImportIn, settings: Settings) -> str:
    """The address as it will be called. Raises SignInNeeded, Forbidden, NotFound, Invalid."""
    await demand_at(db, actor, form.resource_id)
    if (form.association_id is None) == (form.kind == "bookings"):
        expected = (
            N_("the association whose the bookings are")
            if form.kind == "bookings"
            else N_("nothing, for closures")
        )
        raise Invalid(field="association_id", expected=expected)
    if form.association_id is not None and not await people.associations(db, [form.association_id]):
        raise NotFound(what="association", field="association_id")
    return checked_address(form.address, settings)


def checked_address(address: str, settings: Settings) -> str:
    """As it will be called. Raises Invalid."""
    try:
        return check_url(https_of(address), networks(settings.call_networks))
    except CallRefused as refused:
        raise Invalid(field="address", expected=REFUSED[refused.why]) from refused


async def add(
    db: AsyncSession, actor: Actor, tenant: Tenant, form: ImportIn, *, settings: Settings, now: datetime
) -> ImportOut:
    """Attach it; what it holds comes with the first fetch, at once.

    Raises SignInNeeded, Forbidden, NotFound, Invalid.
    """
    address = await check(db, actor, form, settings)
    person_id, vault = demand_person(actor), vault_of(settings)
    if await queries.count_of(db, form.resource_id) >= MOST_OF_RESOURCE:
        raise Invalid(
            field="resource_id", expected=f"a resource with fewer than {MOST_OF_RESOURCE} calendars"
        )
    row = CalendarImport(
        id=new_id(),
        resource_id=form.resource_id,
        address=vault.seal(address),
        under=vault.newest,
        host=urlsplit(address).hostname or "",
        label=form.label,
        kind=form.kind,
        association_id=form.association_id,
        shows_title=form.shows_title,
        every_minutes=form.every_minutes,
        state="on",
        due_at=now + timedelta(minutes=form.every_minutes),
        created_at=now,
        created_by=person_id,
    )
    db.add(row)
    note(db, person_id, "attached", table="calendar_import", row_id=row.id, now=now)
    publish(db, FetchDue(row.id))
    await db.flush()
    return await one(db, actor, tenant, row.id, now=now)


async def change(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    import_id: UUID,
    form: ImportPatch,
    *,
    version: int | None,
    settings: Settings,
    now: datetime,
) -> ImportOut:
    """What is given changes; what it brought is called by the new label from the next fetch on, which is at once.

    Raises SignInNeeded, Forbidden, NotFound, ChangedMeanwhile, Invalid.
    """
    row = await _locked(db, actor, import_id)
    if version is not None and version != row.version:
        raise ChangedMeanwhile(version=row.version)
    before = {name: getattr(row, name) for name in ("label", "every_minutes", "state", "host")}
    if form.address is not UNSET:
        address, vault = checked_address(form.address, settings), vault_of(settings)
        row.address, row.under = vault.seal(address), vault.newest
        row.host = urlsplit(address).hostname or ""
    if form.label is not UNSET and form.label != row.label:
        row.label = form.label
        await queries.call_anew(db, row.id, now)
    if form.every_minutes is not UNSET:
        row.every_minutes = form.every_minutes
    if form.state is not UNSET and (form.state == "paused" or row.state == "paused"):
        row.state = form.state
    after = {name: getattr(row, name) for name in before}
    is_new = form.address is not UNSET
    if after == before and not is_new:
        return await one(db, actor, tenant, import_id, now=now)
    row.version += 1
    changed: dict[str, tuple[Any, Any]] = {
        name: (old, after[name]) for name, old in before.items() if old != after[name]
    }
    note(db, actor.person_id, "changed", table="calendar_import", row_id=row.id, now=now, change=changed)
    if is_new or after["label"] != before["label"]:
        row.etag = row.last_modified = row.body_hash = row.read_at = None
    if row.state != "paused":
        _begin(db, row, now)
    await db.flush()
    return await one(db, actor, tenant, import_id, now=now)


async def fetch_now(
    db: AsyncSession, actor: Actor, tenant: Tenant, import_id: UUID, *, is_sure: bool = False, now: datetime
) -> ImportOut:
    """At once instead of when it is due. `is_sure`: what was held back shall be carried out if it comes again.

    Raises SignInNeeded, Forbidden, NotFound, WrongState for one that is paused, or of which nothing is held back.
    """
    row = await _locked(db, actor, import_id)
    if row.state == "paused":
        raise WrongState(state="paused")
    if is_sure:
        if row.held_hash is None:
            raise WrongState(state=row.state)
        row.sure_hash = row.held_hash
        note(db, actor.person_id, "sure", table="calendar_import", row_id=row.id, now=now)
    _begin(db, row, now)
    await db.flush()
    return await one(db, actor, tenant, import_id, now=now)


def _begin(db: AsyncSession, row: CalendarImport, now: datetime) -> None:
    """Its next fetch is now."""
    row.due_at = now + timedelta(minutes=row.every_minutes)
    publish(db, FetchDue(row.id))


async def remove(db: AsyncSession, actor: Actor, import_id: UUID, *, withdraws: bool, now: datetime) -> None:
    """Let go of it; what it brought stays, or, what is to come of it, goes.

    Raises SignInNeeded, Forbidden, NotFound.
    """
    row = await _locked(db, actor, import_id)
    if withdraws:
        await applying.withdraw_all(db, row, now)
    change = {"label": (row.label, None), "withdraws": (None, withdraws)}
    note(db, actor.person_id, "detached", table="calendar_import", row_id=row.id, now=now, change=change)
    await db.flush()
    await queries.delete_import(db, row.id)


async def events(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    import_id: UUID,
    *,
    state: EventState | None = None,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Page[ImportEventOut]:
    """What it brought and is not over, by start. Raises SignInNeeded, Forbidden, NotFound."""
    await one(db, actor, tenant, import_id, now=now)
    after = read_cursor(cursor, datetime, UUID)
    rows = await queries.events_page(db, import_id, state=state, after=after, limit=limit + 1, now=now)
    more = write_cursor(rows[limit - 1].starts_at, rows[limit - 1].id) if len(rows) > limit else None
    return Page([_event_out(row, tenant) for row in rows[:limit]], more)


def _event_out(row: ImportedEvent, tenant: Tenant) -> ImportEventOut:
    return ImportEventOut(
        id=row.id,
        start=row.starts_at.astimezone(tenant.zone),
        end=row.ends_at.astimezone(tenant.zone),
        title=row.title,
        state=row.state,  # type: ignore[arg-type]  # imported_event_state_known
        why=row.why,  # type: ignore[arg-type]  # written by applying alone
        closure_id=row.closure_id,
        booking_id=row.booking_id,
        in_the_way=row.in_the_way,
    )


async def resolve(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    import_id: UUID,
    event_id: UUID,
    *,
    form: ResolveIn,
    now: datetime,
) -> ImportEventOut:
    """What an officer wants of an event that collides or is ignored. One that still collides is answered so.

    Raises SignInNeeded, Forbidden, NotFound; WrongState for one that is laid, gone or over; TimeTaken when others than
    were `seen` would be displaced.
    """
    row = await _locked(db, actor, import_id)
    event = await _open_event(db, import_id, event_id, now)
    note(db, actor.person_id, form.action, table="imported_event", row_id=event_id, now=now)
    if form.action == "ignore":
        event.state, event.why, event.in_the_way, event.changed_at = "ignored", "left", [], now
    else:
        if form.action == "displace":
            await clearing.clear(
                db,
                actor,
                row.resource_id,
                Span(event.starts_at, event.ends_at),
                as_booking=row.kind == "bookings",
                reason=event.title,
                seen=form.seen,
                now=now,
            )
        event.state = "collides"
        await applying.lay(db, row, [event], now)
        if event.state == "applied":
            row.changed_at = now
    await db.flush()
    return _event_out(event, tenant)


async def under(
    db: AsyncSession, actor: Actor, import_id: UUID, event_id: UUID, now: datetime
) -> tuple[ImportedEvent, int, str, Sequence[AnyRow]]:
    """Whom an event would displace (see displacing.listed). Raises as `resolve`."""
    row = await _locked(db, actor, import_id)
    event = await _open_event(db, import_id, event_id, now)
    count, seen, rows = await clearing.under(
        db,
        actor,
        row.resource_id,
        Span(event.starts_at, event.ends_at),
        as_booking=row.kind == "bookings",
        now=now,
    )
    return event, count, seen, rows


async def _open_event(db: AsyncSession, import_id: UUID, event_id: UUID, now: datetime) -> ImportedEvent:
    event = await queries.event_of(db, import_id, event_id)
    if event is None:
        raise NotFound(what="event")
    if event.state not in {"collides", "ignored"} or event.ends_at <= now:
        raise WrongState(state=event.state)
    return event


async def reseal(db: AsyncSession, vault: Vault, *, batch: int) -> int:
    """Seals a batch of this municipality's addresses under the newest key; how many. Raises Unopenable."""
    rows = await queries.not_under(db, vault.newest, batch)
    for row in rows:
        row.address, row.under = vault.seal(vault.opened(row.address)), vault.newest
    await db.flush()
    return len(rows)


async def _locked(db: AsyncSession, actor: Actor, import_id: UUID) -> CalendarImport:
    demand_somewhere(actor, MANAGE)
    row = await queries.lock_import(db, import_id)
    if row is None:
        raise NotFound(what="import")
    demand(actor, MANAGE, Place(await queries.facility_of(db, row.resource_id), row.resource_id))
    return row
