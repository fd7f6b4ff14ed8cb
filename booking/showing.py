"""What a reader may see of applications and bookings, and how they look to her."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from booking import shown_queries
from booking.models import Application, Booking
from booking.schemas import ApplicationOut, BookingOut, RefusedOut
from core.db import AnyRow
from core.errors import ChangedMeanwhile, NotFound, Refusal
from core.money import Money
from core.paging import Page, read_cursor, write_cursor
from core.spans import Span
from core.tenants import Tenant
from core.wire import facts_out, span_out
from people.actors import Actor, Club
from people.actors import Place as Where
from people.queries import associations
from people.reads import Read, note_reads
from people.rules import demand_person, may, places_of
from resources.facts import Bookable
from resources.policies import read_kept


def is_holder(actor: Actor, person_id: UUID, association_id: UUID | None) -> bool:
    """Hers, or of an association she may act for. What was booked for an association stays with it."""
    if association_id is None:
        return actor.person_id is not None and actor.person_id == person_id
    return may(actor, "association.book", Club(association_id))


def is_own(actor: Actor, person_id: UUID, association_id: UUID | None) -> bool:
    """The same, and for the treasurer of the association, who reads and changes nothing."""
    return is_holder(actor, person_id, association_id) or association_id in actor.knows


def may_read(actor: Actor, row: AnyRow) -> bool:
    """Of a booking: its holder, and staff who read bookings there."""
    return is_own(actor, row.person_id, row.association_id) or may(
        actor, "booking.read_all", Where(row.facility_id, row.resource_id)
    )


async def note_others(db: AsyncSession, actor: Actor, rows: Iterable[Any], what: Read, now: datetime) -> None:
    """The trace of staff who read what is not their own: rows with person_id and association_id."""
    read = [row.person_id for row in rows if not is_own(actor, row.person_id, row.association_id)]
    await note_reads(db, actor, read, what, now)


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


class Place(NamedTuple):
    """What a booking's reader is told of where it is."""

    resource_name: str
    facility_id: UUID
    facility_name: str
    change_deadline_minutes: int


def booking_out(row: AnyRow, tenant: Tenant) -> BookingOut:
    place = Place(row.resource_name, row.facility_id, row.facility_name, row.change_deadline_minutes)
    return _booking_out(row, row, place, tenant)


def _booking_out(booking: Any, application: Any, place: Place, tenant: Tenant) -> BookingOut:
    """Of a row that was read, or of a booking just made: their columns bear the same names."""
    zone = tenant.zone
    return BookingOut(
        id=booking.id,
        application_id=booking.application_id,
        resource_id=booking.resource_id,
        resource_name=place.resource_name,
        facility_id=place.facility_id,
        facility_name=place.facility_name,
        start=booking.starts_at.astimezone(zone),
        end=booking.ends_at.astimezone(zone),
        quantity=booking.quantity,
        state=booking.state,
        title=application.title,
        public=application.public,
        association_id=booking.association_id,
        held_until=booking.held_until and booking.held_until.astimezone(zone),
        change_until=(booking.starts_at - timedelta(minutes=place.change_deadline_minutes)).astimezone(zone),
        decided_at=booking.decided_at and booking.decided_at.astimezone(zone),
        decision_text=booking.decision_text,
        policy=read_kept(booking.policy),
        terms_version=booking.terms_version,
        end_reason=booking.end_reason,
        price=booking.price,
        payment=booking.payment,
        owed=Money(booking.owed_ore or 0),
        sequence=booking.sequence,
        version=booking.version,
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


async def booking(
    db: AsyncSession, actor: Actor, tenant: Tenant, booking_id: UUID, now: datetime
) -> BookingOut:
    """Raises SignInNeeded, and NotFound also for what is not the reader's to know about."""
    demand_person(actor, writes=False)
    row = await shown_queries.shown_booking(db, booking_id)
    if row is None or not may_read(actor, row):
        raise NotFound(what="booking")
    await note_others(db, actor, [row], "booking", now)
    return booking_out(row, tenant)


async def application(
    db: AsyncSession, actor: Actor, tenant: Tenant, application_id: UUID, now: datetime
) -> ApplicationOut:
    """Raises SignInNeeded, and NotFound also for what is not the reader's to know about."""
    demand_person(actor, writes=False)
    row = await shown_queries.shown_application(db, application_id)
    if row is None:
        raise NotFound(what="application")
    bookings = await shown_queries.shown_bookings_of(db, [application_id])
    if not is_own(actor, row.Application.person_id, row.Application.association_id):
        bookings = [each for each in bookings if may_read(actor, each)]
        if not bookings:
            raise NotFound(what="application")
        await note_reads(db, actor, [row.Application.person_id], "application", now)
    return application_out(row, bookings, tenant)


def application_out(row: AnyRow, bookings: Sequence[AnyRow], tenant: Tenant) -> ApplicationOut:
    shown = [booking_out(each, tenant) for each in bookings]
    return _application_out(
        row.Application, shown, tenant, applicant=row.applicant, association=row.association
    )


async def made(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    application: Application,
    *,
    bookings: Sequence[Booking],
    bookables: Mapping[UUID, Bookable],
    refused: Sequence[Any],
) -> ApplicationOut:
    """The answer to an application just carried out, without reading it back."""
    association_id = application.association_id
    names = [each.name for each in await associations(db, [association_id])] if association_id else []
    shown: list[BookingOut] = []
    for each in sorted(bookings, key=lambda booking: (booking.starts_at, booking.id)):
        facts = bookables[each.resource_id].facts
        place = Place(facts.name, facts.facility_id, facts.facility_name, facts.change_deadline_minutes)
        shown.append(_booking_out(each, application, place, tenant))
    answer = _application_out(
        application, shown, tenant, applicant=actor.name, association=next(iter(names), None)
    )
    return replace(answer, refused=refused_out(refused, tenant))


def _application_out(
    it: Application,
    bookings: list[BookingOut],
    tenant: Tenant,
    *,
    applicant: str,
    association: str | None,
) -> ApplicationOut:
    return ApplicationOut(
        id=it.id,
        created_at=it.created_at.astimezone(tenant.zone),
        person_id=it.person_id,
        applicant=applicant,
        association_id=it.association_id,
        association=association,
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
        bookings=bookings,
        refused=[],
        pay_by=min((each.held_until for each in bookings if each.held_until is not None), default=None),
        officer_id=it.officer_id,
        answer_by=it.answer_by and it.answer_by.astimezone(tenant.zone),
        paused_at=it.paused_at and it.paused_at.astimezone(tenant.zone),
        version=version_of(it, bookings),
    )


def readable_places(actor: Actor) -> tuple[list[UUID] | None, list[UUID] | None]:
    """Facilities and resources whose bookings the actor may read; (None, None): all."""
    return places_of(actor, "booking.read_all")


async def bookings(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    *,
    mine: bool,
    span: Span,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Page[BookingOut]:
    """By start: the reader's own and her associations', or, not `mine`, all that staff may read."""
    person_id = demand_person(actor, writes=False)
    after = read_cursor(cursor, datetime, UUID)
    facility_ids, resource_ids = (None, None) if mine else readable_places(actor)
    rows = await shown_queries.bookings_page(
        db,
        person_id=person_id if mine else None,
        association_ids=actor.knows,
        facility_ids=facility_ids,
        resource_ids=resource_ids,
        span=span,
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    more = write_cursor(rows[limit - 1].starts_at, rows[limit - 1].id) if len(rows) > limit else None
    if not mine:
        await note_others(db, actor, rows[:limit], "bookings", now)
    return Page([booking_out(row, tenant) for row in rows[:limit]], more)


async def applications(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    *,
    mine: bool,
    state: str | None,
    facility_id: UUID | None,
    resource_id: UUID | None = None,
    officer: UUID | Literal["me", "none"] | None = None,
    by_deadline: bool = False,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Page[ApplicationOut]:
    """Oldest first or by deadline: the reader's own, or, not `mine`, what staff may read. A constant number of
    queries.
    """
    person_id = demand_person(actor, writes=False)
    after = read_cursor(cursor, datetime, UUID)
    facility_ids, resource_ids = (None, None) if mine else readable_places(actor)
    rows = await shown_queries.applications_page(
        db,
        person_id=person_id if mine else None,
        association_ids=actor.knows,
        facility_ids=facility_ids,
        resource_ids=resource_ids,
        facility_id=facility_id,
        resource_id=resource_id,
        state=state,
        officer=person_id if officer == "me" else officer,
        by_deadline=by_deadline,
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    shown = rows[:limit]
    by_application: dict[UUID, list[AnyRow]] = {}
    for each in await shown_queries.shown_bookings_of(db, [row.Application.id for row in shown]):
        if mine or may_read(actor, each):
            by_application.setdefault(each.application_id, []).append(each)
    if not mine:
        await note_others(db, actor, [row.Application for row in shown], "queue", now)
    more = None
    if len(rows) > limit:
        last: Application = shown[-1].Application
        deadline = last.answer_by or shown_queries.NO_DEADLINE
        more = write_cursor(deadline if by_deadline else last.created_at, last.id)
    return Page(
        [application_out(row, by_application.get(row.Application.id, []), tenant) for row in shown], more
    )
