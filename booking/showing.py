"""What a reader may see of applications and bookings, and how they look to her."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking import shown_queries
from booking.models import Application
from booking.schemas import ApplicationOut, BookingOut, RefusedOut
from core.db import AnyRow
from core.errors import ChangedMeanwhile, NotFound, Refusal
from core.paging import Page, read_cursor, write_cursor
from core.spans import Span
from core.tenants import Tenant
from core.wire import facts_out, span_out
from people.actors import Actor
from people.rules import STAFF, demand_person, may


def is_holder(actor: Actor, person_id: UUID, association_id: UUID | None) -> bool:
    """Hers, or of an association she may act for. What was booked for an association stays with it."""
    if actor.person_id is None:
        return False
    return actor.person_id == person_id if association_id is None else association_id in actor.associations


def may_read(actor: Actor, row: AnyRow) -> bool:
    """Of a booking: its holder, and staff who read bookings there."""
    return is_holder(actor, row.person_id, row.association_id) or may(
        actor, "booking.read_all", facility_id=row.facility_id, resource_id=row.resource_id
    )


async def may_read_application(db: AsyncSession, actor: Actor, application_id: UUID) -> bool:
    """Staff read an application when they read one of its bookings."""
    return any(may_read(actor, row) for row in await shown_queries.shown_bookings_of(db, [application_id]))


def check_version(now_stands: int, expected: int | None) -> None:
    """Raises ChangedMeanwhile when the reader's copy is not the newest."""
    if expected is not None and expected != now_stands:
        raise ChangedMeanwhile(version=now_stands)


def version_of(application: Application, bookings: Iterable[Any]) -> int:
    """Of an application as its reader sees it: a change to any of the bookings shown with it counts."""
    return application.version + sum(booking.version - 1 for booking in bookings)


def booking_out(row: AnyRow, tenant: Tenant) -> BookingOut:
    zone = tenant.zone
    return BookingOut(
        id=row.id,
        application_id=row.application_id,
        resource_id=row.resource_id,
        resource_name=row.resource_name,
        facility_id=row.facility_id,
        facility_name=row.facility_name,
        start=row.starts_at.astimezone(zone),
        end=row.ends_at.astimezone(zone),
        quantity=row.quantity,
        state=row.state,
        title=row.title,
        public=row.public,
        association_id=row.association_id,
        held_until=row.held_until and row.held_until.astimezone(zone),
        change_until=(row.starts_at - timedelta(minutes=row.change_deadline_minutes)).astimezone(zone),
        decided_at=row.decided_at and row.decided_at.astimezone(zone),
        decision_text=row.decision_text,
        end_reason=row.end_reason,
        price=row.price,
        sequence=row.sequence,
        version=row.version,
    )


def problem(reason: Refusal, tenant: Tenant) -> dict[str, Any]:
    """A refusal inside an answer: its type and its facts; the title is for the reader's language at the door."""
    facts = msgspec.to_builtins(facts_out(reason.facts, tenant.zone))
    return {**facts, "type": f"/problems/{reason.type}", "title": reason.title, "status": reason.status}


def refused_out(refused: Sequence[Any], tenant: Tenant) -> list[RefusedOut]:
    """Occurrences that were not made (booking.apply.Refused)."""
    return [
        RefusedOut(
            resource_id=each.wish.resource_id,
            day=each.wish.day,
            span=span_out(each.wish.span, tenant.zone) if isinstance(each.wish.span, Span) else None,
            problems=[problem(reason, tenant) for reason in each.reasons],
        )
        for each in refused
    ]


async def booking(db: AsyncSession, actor: Actor, tenant: Tenant, booking_id: UUID) -> BookingOut:
    """Raises SignInNeeded, and NotFound also for what is not the reader's to know about."""
    demand_person(actor, writes=False)
    row = await shown_queries.shown_booking(db, booking_id)
    if row is None or not may_read(actor, row):
        raise NotFound(what="booking")
    return booking_out(row, tenant)


async def application(
    db: AsyncSession, actor: Actor, tenant: Tenant, application_id: UUID, *, refused: Sequence[Any] = ()
) -> ApplicationOut:
    """Raises SignInNeeded, and NotFound also for what is not the reader's to know about."""
    demand_person(actor, writes=False)
    row = await shown_queries.shown_application(db, application_id)
    if row is None:
        raise NotFound(what="application")
    bookings = await shown_queries.shown_bookings_of(db, [application_id])
    if not is_holder(actor, row.Application.person_id, row.Application.association_id):
        bookings = [each for each in bookings if may_read(actor, each)]
        if not bookings:
            raise NotFound(what="application")
    return application_out(row, bookings, tenant, refused=refused)


def application_out(
    row: AnyRow, bookings: Sequence[AnyRow], tenant: Tenant, *, refused: Sequence[Any] = ()
) -> ApplicationOut:
    it = row.Application
    pay_by = min((b.held_until for b in bookings if b.held_until is not None), default=None)
    return ApplicationOut(
        id=it.id,
        created_at=it.created_at.astimezone(tenant.zone),
        person_id=it.person_id,
        applicant=row.applicant,
        association_id=it.association_id,
        association=row.association,
        team_id=it.team_id,
        title=it.title,
        public=it.public,
        purpose=it.purpose,
        activity=it.activity,
        audience=it.audience,
        people=it.people,
        articles=it.articles,
        answers=it.answers,
        accepted_terms=it.accepted_terms,
        bookings=[booking_out(each, tenant) for each in bookings],
        refused=refused_out(refused, tenant),
        pay_by=pay_by and pay_by.astimezone(tenant.zone),
        version=version_of(it, bookings),
    )


def readable_places(actor: Actor) -> tuple[list[UUID] | None, list[UUID] | None]:
    """Facilities and resources whose bookings the actor may read; (None, None): all."""
    grants = [grant for grant in actor.grants if grant.role in STAFF["booking.read_all"]]
    if any(grant.facility_id is None and grant.resource_id is None for grant in grants):
        return None, None
    return (
        [grant.facility_id for grant in grants if grant.facility_id is not None],
        [grant.resource_id for grant in grants if grant.resource_id is not None],
    )


async def bookings(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    *,
    mine: bool,
    span: Span,
    cursor: str | None,
    limit: int,
) -> Page[BookingOut]:
    """By start: the reader's own and her associations', or, not `mine`, all that staff may read."""
    person_id = demand_person(actor, writes=False)
    after = read_cursor(cursor, datetime, UUID)
    facility_ids, resource_ids = (None, None) if mine else readable_places(actor)
    rows = await shown_queries.bookings_page(
        db,
        person_id=person_id if mine else None,
        association_ids=actor.associations,
        facility_ids=facility_ids,
        resource_ids=resource_ids,
        span=span,
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    more = write_cursor(rows[limit - 1].starts_at, rows[limit - 1].id) if len(rows) > limit else None
    return Page([booking_out(row, tenant) for row in rows[:limit]], more)


async def applications(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    *,
    mine: bool,
    state: str | None,
    facility_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> Page[ApplicationOut]:
    """Oldest first: the reader's own, or, not `mine`, what staff may read. A constant number of queries."""
    person_id = demand_person(actor, writes=False)
    after = read_cursor(cursor, datetime, UUID)
    facility_ids, resource_ids = (None, None) if mine else readable_places(actor)
    rows = await shown_queries.applications_page(
        db,
        person_id=person_id if mine else None,
        association_ids=actor.associations,
        facility_ids=facility_ids,
        resource_ids=resource_ids,
        facility_id=facility_id,
        state=state,
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    shown = rows[:limit]
    by_application: dict[UUID, list[AnyRow]] = {}
    for each in await shown_queries.shown_bookings_of(db, [row.Application.id for row in shown]):
        if mine or may_read(actor, each):
            by_application.setdefault(each.application_id, []).append(each)
    more = (
        write_cursor(shown[-1].Application.created_at, shown[-1].Application.id)
        if len(rows) > limit
        else None
    )
    return Page(
        [application_out(row, by_application.get(row.Application.id, []), tenant) for row in shown], more
    )
