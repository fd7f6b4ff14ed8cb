"""Waiting: beginning to, stopping, and what one waits for."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking.apply import check_holder, wish_span
from booking.browse import around, visible
from booking.claims import terms_for
from booking.rules import refusals
from booking.searching import Sought, check
from booking.waiting import queries
from booking.waiting.messages import WaitMade
from booking.waiting.rules import MOST_WAITS
from booking.waiting.schemas import SavedSearch, WaitIn, WaitOut, whole_days
from booking.waiting_models import Wait
from core.db import AnyRow
from core.errors import AlreadyFree, Closed, Invalid, LimitReached, NotFound, TimeTaken
from core.ids import new_id
from core.outbox import publish
from core.paging import Page, read_cursor, write_cursor
from core.spans import Span
from core.tenants import Tenant
from core.texts import N_
from people.actors import Actor
from people.queries import lock_holder
from people.rules import demand_person
from people.service import check_applicant


async def wait(db: AsyncSession, actor: Actor, tenant: Tenant, form: WaitIn, now: datetime) -> WaitOut:
    """Begin to wait; the same once more is the same wait.

    Raises SignInNeeded, Forbidden, ProfileIncomplete, NotFound, Invalid, AssociationNeeded, LimitReached; AlreadyFree
    when it can be booked now; and why it can never be booked when something else than others is in the way.
    """
    person_id = demand_person(actor)
    if (form.search is None) == (form.resource_id is None):
        raise Invalid(field="resource_id", expected=N_("either a resource with start and end, or a search"))
    await check_applicant(db, actor, form.association_id, None)
    wanted = Wait(
        id=new_id(),
        person_id=person_id,
        association_id=form.association_id,
        title=form.title or "",
        created_at=now,
    )
    if form.search is not None:
        span = _searched(form.search, form, tenant, now)
        wanted.search = msgspec.to_builtins(form.search)
        wanted.association_id, wanted.title = None, ""
    else:
        assert form.resource_id is not None, "one of the two was given"
        span = await _time(db, actor, tenant, form, form.resource_id, now)
        wanted.resource_id = form.resource_id
    wanted.starts_at, wanted.ends_at = span
    await lock_holder(db, person_id=person_id, association_id=None)
    same = await queries.same_wait(db, wanted)
    if same is None:
        count = await queries.open_waits(db, person_id)
        if count >= MOST_WAITS:
            raise LimitReached(kind="waits", limit=MOST_WAITS, used=count)
        db.add(wanted)
        await db.flush()
        publish(db, WaitMade(wanted.id))
    return _out(await queries.one(db, (same or wanted).id), tenant)


async def _time(
    db: AsyncSession, actor: Actor, tenant: Tenant, form: WaitIn, resource_id: UUID, now: datetime
) -> Span:
    """The time, if it is worth waiting for: only others, or a closure, are in the way."""
    for field in ("start", "end"):
        if getattr(form, field) is None:
            raise Invalid(field=field, expected=N_("a time"))
    span = wish_span(form, tenant)
    bookable = await visible(db, actor, resource_id, span, now)
    if not bookable.units:
        raise NotFound(what="resource", field="resource_id")
    check_holder(form.association_id, {resource_id: bookable})
    _, board = await around(db, bookable, span, now)
    found = refusals(terms_for(bookable), bookable.hours, board.taken(bookable.units), wish=span, now=now)
    for each in found:
        if not isinstance(each, TimeTaken | Closed):
            raise each
    if not found:
        raise AlreadyFree
    return span


def _searched(search: SavedSearch, form: WaitIn, tenant: Tenant, now: datetime) -> Span:
    """The days that are searched. Raises Invalid."""
    for field in ("start", "end", "association_id", "title"):
        if getattr(form, field) is not None:
            raise Invalid(field=field, expected=N_("nothing, for a search"))
    first, last = search.days(tenant.zone, now, form.until)
    check(Sought(from_on=first, to_on=last))
    span = whole_days(tenant.zone, first, last)
    if span.end <= now:
        raise Invalid(field="until" if form.until else "search.to_on", expected=N_("a day that is to come"))
    return span


async def stop(db: AsyncSession, actor: Actor, wait_id: UUID, now: datetime) -> None:
    """Wait no more; twice is once. What is offered stays until it is answered. Raises SignInNeeded, NotFound."""
    person_id = demand_person(actor)
    row = await queries.lock_wait(db, wait_id)
    if row is None or row.person_id != person_id:
        raise NotFound(what="wait")
    if row.ended_at is None:
        row.ended_at, row.end_reason = now, "stopped"
        await db.flush()


async def mine(
    db: AsyncSession, actor: Actor, tenant: Tenant, *, cursor: str | None, limit: int
) -> Page[WaitOut]:
    """What the reader waits for, by when she began. Raises SignInNeeded, Invalid."""
    person_id = demand_person(actor, writes=False)
    after = read_cursor(cursor, datetime, UUID)
    rows = await queries.mine(db, person_id, after=(after[0], after[1]) if after else None, limit=limit + 1)
    shown = rows[:limit]
    more = write_cursor(shown[-1].Wait.created_at, shown[-1].Wait.id) if len(rows) > limit else None
    return Page([_out(row, tenant) for row in shown], more)


def _out(row: AnyRow, tenant: Tenant) -> WaitOut:
    zone, it = tenant.zone, row.Wait
    return WaitOut(
        id=it.id,
        resource_id=it.resource_id,
        resource_name=row.resource,
        facility_name=row.facility,
        start=it.starts_at.astimezone(zone),
        end=it.ends_at.astimezone(zone),
        search=it.search,
        association_id=it.association_id,
        title=it.title,
        created_at=it.created_at.astimezone(zone),
        told_at=it.told_at and it.told_at.astimezone(zone),
        application_id=row.application_id,
        answer_by=row.answer_by and row.answer_by.astimezone(zone),
    )
