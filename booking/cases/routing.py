"""Who gets the cases of a facility or a resource, and giving a new one to her."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.case_models import Routing
from booking.cases import routing_queries
from booking.cases.assigning import NO_OFFICER, lay
from booking.cases.duty import Away, Routes, officer_for
from booking.messages import BookingsChanged, Changed
from core.audit import note
from core.db import AnyRow
from core.errors import Invalid, NotFound
from core.ids import new_id
from core.spans import local_date, local_day
from core.texts import N_
from people.actors import Actor, Place
from people.roles import place_of
from people.rules import STAFF, demand, demand_somewhere, may

ACTION = "resource.manage"
"""Whoever keeps the place says who answers for it."""


async def route(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    """Give a new request to whom it is routed to, unless somebody has it; and say until when it shall be answered,
    unless that was said when it was made. Doing it twice does nothing the second time.
    """
    asked = sorted(
        (each for each in message.bookings if each.state == "requested"),
        key=lambda each: (each.starts_at, each.id),
    )
    application = await queries.lock_application(db, message.application_id)
    if application is None or not asked:
        return
    zone = await routing_queries.zone_of_tenant(db)
    homes = await routing_queries.facilities_of(db, {each.resource_id for each in asked})
    today = local_date(zone, now)
    if application.answer_by is None:
        days = min(homes[each.resource_id][1] for each in asked)
        received_on = local_date(zone, application.created_at)
        application.answer_by = local_day(zone, received_on + timedelta(days=days)).end
    if application.officer_id is None:
        places = _places(asked, homes)
        routes = await _routes(db, places)
        away: dict[UUID, list[Away]] = {}
        for each in await routing_queries.absences_on(db, today):
            away.setdefault(each.officer_id, []).append(Away(each.from_on, each.until_on, each.substitute_id))
        known = await routing_queries.officers(db)

        def may_decide(officer_id: UUID, place: Place) -> bool:
            return officer_id in known and may(known[officer_id].actor, "application.decide", place)

        officer_id = officer_for(places, routes, away, today, may_decide)
        await lay(db, application, officer_id, by_id=None, now=now)
    await db.flush()


def _places(asked: Sequence[Changed], homes: dict[UUID, tuple[UUID, int]]) -> list[Place]:
    return list(dict.fromkeys(Place(homes[each.resource_id][0], each.resource_id) for each in asked))


async def _routes(db: AsyncSession, places: Sequence[Place]) -> Routes:
    found = await routing_queries.routings_at(
        db,
        {place.facility_id for place in places if place.facility_id},
        {place.resource_id for place in places if place.resource_id},
    )
    return Routes(
        {each.facility_id: each.officer_id for each in found if each.facility_id is not None},
        {each.resource_id: each.officer_id for each in found if each.resource_id is not None},
    )


async def routings(db: AsyncSession, actor: Actor) -> list[AnyRow]:
    """Those in force at the places that the actor keeps, by place. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand_somewhere(actor, ACTION)
    return [
        row
        for row in await routing_queries.routings(db)
        if may(actor, ACTION, Place(row.facility_id, row.resource_id))
    ]


async def places(db: AsyncSession, actor: Actor) -> Sequence[AnyRow]:
    """Resources of the places that the actor keeps."""
    grants = [grant for grant in actor.grants if grant.role in STAFF[ACTION]]
    if any(grant.facility_id is None and grant.resource_id is None for grant in grants):
        return await routing_queries.places(db, facility_ids=None, resource_ids=None)
    return await routing_queries.places(
        db,
        facility_ids=[grant.facility_id for grant in grants if grant.facility_id is not None],
        resource_ids=[grant.resource_id for grant in grants if grant.resource_id is not None],
    )


async def set_route(
    db: AsyncSession,
    actor: Actor,
    *,
    facility_id: UUID | None,
    resource_id: UUID | None,
    officer_id: UUID,
    now: datetime,
) -> None:
    """New cases of the place are hers, instead of whoever's they were; what is open stays where it is.

    Raises SignInNeeded, Forbidden, NotFound, Invalid for both places or none, and for who may not decide there;
    AlreadyExists when somebody sets the same at once.
    """
    demand_somewhere(actor, ACTION)
    if facility_id is None and resource_id is None:
        raise Invalid(field="place", expected=N_("a facility or a resource"))
    place = await place_of(db, facility_id, resource_id)
    demand(actor, ACTION, place)
    known = await routing_queries.officers(db, [officer_id])
    if officer_id not in known or not _decides_in(known[officer_id].actor, place):
        raise Invalid(field="officer_id", expected=NO_OFFICER)
    before = await routing_queries.lock_routing(db, facility_id=facility_id, resource_id=resource_id)
    if before is not None and before.officer_id == officer_id:
        return
    if before is not None:
        _end(db, actor, before, now)
        await db.flush()
    row = Routing(
        id=new_id(), facility_id=facility_id, resource_id=resource_id, officer_id=officer_id, created_at=now
    )
    db.add(row)
    change = {"officer_id": (before and before.officer_id, officer_id)}
    note(db, actor.person_id, "routing.set", table="routing", row_id=row.id, now=now, change=change)
    await db.flush()  # routing_facility_key and routing_resource_key answer here


def _decides_in(officer: Actor, place: Place) -> bool:
    """Of a facility: also who decides over one of its resources alone would be skipped for the others, so she may
    not be chosen for all of it.
    """
    return may(officer, "application.decide", place)


async def end_route(db: AsyncSession, actor: Actor, routing_id: UUID, *, now: datetime) -> None:
    """New cases of the place are nobody's, or those of whoever has the facility. Raises NotFound, Forbidden."""
    demand_somewhere(actor, ACTION)
    row = await routing_queries.lock_routing(db, routing_id=routing_id)
    if row is None:
        raise NotFound(what="routing")
    place = await place_of(db, row.facility_id, row.resource_id)
    if not may(actor, ACTION, place):
        raise NotFound(what="routing")
    _end(db, actor, row, now)
    await db.flush()


def _end(db: AsyncSession, actor: Actor, row: Routing, now: datetime) -> None:
    row.ended_at = now
    change = {"ended_at": (None, now)}
    note(db, actor.person_id, "routing.ended", table="routing", row_id=row.id, now=now, change=change)
