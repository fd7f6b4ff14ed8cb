"""SQL of who gets which cases, who is away, and who may have a case at all."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from booking.case_models import Absence, Routing
from core.db import AnyRow
from core.tenants import TenantTable
from people.actors import Actor, Grant
from people.models import Person, RoleGrant
from people.rules import STAFF
from resources.models import Facility, Resource

MOST_OFFICERS = 500
MOST_PLACES = 2000
Substitute = aliased(Person)
Home = aliased(Facility)


class Officer(NamedTuple):
    """Who may decide somewhere, with all the roles by which she may."""

    name: str
    actor: Actor


async def zone_of_tenant(db: AsyncSession) -> ZoneInfo:
    """The local clock here."""
    zone = await db.scalar(select(TenantTable.zone).where(TenantTable.id == db.info["tenant_id"]))
    assert zone is not None, "the transaction names a municipality"
    return ZoneInfo(zone)


async def officers(db: AsyncSession, person_ids: Iterable[UUID] | None = None) -> dict[UUID, Officer]:
    """Persons with a role that decides, by name; of these alone when given."""
    statement = (
        select(Person.id, Person.name, RoleGrant.role, RoleGrant.facility_id, RoleGrant.resource_id)
        .join(RoleGrant, and_(RoleGrant.tenant_id == Person.tenant_id, RoleGrant.person_id == Person.id))
        .where(
            RoleGrant.role.in_(sorted(STAFF["application.decide"])),
            RoleGrant.ended_at.is_(None),
            Person.erased_at.is_(None),
        )
        .order_by(Person.name, Person.id)
        .limit(MOST_OFFICERS)
    )
    if person_ids is not None:
        statement = statement.where(Person.id.in_(list(person_ids)))
    names: dict[UUID, str] = {}
    grants: dict[UUID, list[Grant]] = {}
    rows: Sequence[AnyRow] = (await db.execute(statement)).all()
    for person_id, name, role, facility_id, resource_id in rows:
        names[person_id] = name
        grants.setdefault(person_id, []).append(Grant(role, facility_id, resource_id))
    return {
        person_id: Officer(name, Actor(person_id=person_id, name=name, grants=tuple(grants[person_id])))
        for person_id, name in names.items()
    }


async def places(
    db: AsyncSession, *, facility_ids: Sequence[UUID] | None, resource_ids: Sequence[UUID] | None
) -> Sequence[AnyRow]:
    """Resources by the names of facility and resource: facility_id, facility, resource_id, resource.

    Of the facilities and the resources (either fits); None, None: all.
    """
    statement = (
        select(
            Facility.id.label("facility_id"),
            Facility.name.label("facility"),
            Resource.id.label("resource_id"),
            Resource.name.label("resource"),
        )
        .join(Resource, and_(Resource.tenant_id == Facility.tenant_id, Resource.facility_id == Facility.id))
        .order_by(Facility.name, Facility.id, Resource.name, Resource.id)
        .limit(MOST_PLACES)
    )
    if facility_ids is not None or resource_ids is not None:
        statement = statement.where(
            or_(Facility.id.in_(facility_ids or ()), Resource.id.in_(resource_ids or ()))
        )
    return (await db.execute(statement)).all()


async def routings(db: AsyncSession) -> Sequence[AnyRow]:
    """Those in force, by place: id, facility_id (also of a resource), facility, resource_id, resource, officer_id,
    officer.
    """
    statement = (
        select(
            Routing.id,
            func.coalesce(Routing.facility_id, Home.id).label("facility_id"),
            func.coalesce(Facility.name, Home.name).label("facility"),
            Routing.resource_id,
            Resource.name.label("resource"),
            Routing.officer_id,
            Person.name.label("officer"),
        )
        .join(Person, and_(Person.tenant_id == Routing.tenant_id, Person.id == Routing.officer_id))
        .outerjoin(
            Facility, and_(Facility.tenant_id == Routing.tenant_id, Facility.id == Routing.facility_id)
        )
        .outerjoin(
            Resource, and_(Resource.tenant_id == Routing.tenant_id, Resource.id == Routing.resource_id)
        )
        .outerjoin(Home, and_(Home.tenant_id == Resource.tenant_id, Home.id == Resource.facility_id))
        .where(Routing.ended_at.is_(None))
        .order_by(func.coalesce(Facility.name, Home.name), Resource.name.nulls_first(), Routing.id)
        .limit(MOST_PLACES)
    )
    return (await db.execute(statement)).all()


async def routings_at(
    db: AsyncSession, facility_ids: Iterable[UUID], resource_ids: Iterable[UUID]
) -> Sequence[Routing]:
    """Those in force of any of the places."""
    statement = select(Routing).where(
        Routing.ended_at.is_(None),
        or_(Routing.facility_id.in_(list(facility_ids)), Routing.resource_id.in_(list(resource_ids))),
    )
    return (await db.scalars(statement)).all()


async def lock_routing(
    db: AsyncSession,
    *,
    routing_id: UUID | None = None,
    facility_id: UUID | None = None,
    resource_id: UUID | None = None,
) -> Routing | None:
    """The one in force, by id or by its place."""
    statement = select(Routing).where(Routing.ended_at.is_(None))
    if routing_id is not None:
        statement = statement.where(Routing.id == routing_id)
    else:
        statement = statement.where(
            Routing.facility_id == facility_id if resource_id is None else Routing.resource_id == resource_id
        )
    fresh = statement.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(fresh)).first()


async def facilities_of(db: AsyncSession, resource_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, int]]:
    """Resource → its facility, and within how many days requests for it are answered."""
    statement = select(Resource.id, Resource.facility_id, Resource.answer_days).where(
        Resource.id.in_(list(resource_ids))
    )
    return {row.id: (row.facility_id, row.answer_days) for row in await db.execute(statement)}


async def absences_on(db: AsyncSession, day: date) -> Sequence[Absence]:
    """All who are away that day."""
    statement = select(Absence).where(
        Absence.ended_at.is_(None), Absence.from_on <= day, Absence.until_on >= day
    )
    return (await db.scalars(statement.order_by(Absence.from_on, Absence.id))).all()


async def absences_page(
    db: AsyncSession, *, since: date, officer_id: UUID | None, after: tuple[date, UUID] | None, limit: int
) -> Sequence[AnyRow]:
    """Absences that are not over, by first day: id, officer_id, officer, from_on, until_on, substitute.

    `officer_id` narrows to hers.
    """
    statement = (
        select(
            Absence.id,
            Absence.officer_id,
            Person.name.label("officer"),
            Absence.from_on,
            Absence.until_on,
            Substitute.name.label("substitute"),
        )
        .join(Person, and_(Person.tenant_id == Absence.tenant_id, Person.id == Absence.officer_id))
        .outerjoin(
            Substitute,
            and_(Substitute.tenant_id == Absence.tenant_id, Substitute.id == Absence.substitute_id),
        )
        .where(Absence.ended_at.is_(None), Absence.until_on >= since)
    )
    if officer_id is not None:
        statement = statement.where(Absence.officer_id == officer_id)
    if after is not None:
        statement = statement.where(
            or_(Absence.from_on > after[0], and_(Absence.from_on == after[0], Absence.id > after[1]))
        )
    return (await db.execute(statement.order_by(Absence.from_on, Absence.id).limit(limit))).all()


async def lock_absence(db: AsyncSession, absence_id: UUID) -> Absence | None:
    statement = select(Absence).where(Absence.id == absence_id, Absence.ended_at.is_(None))
    return await db.scalar(statement.with_for_update().execution_options(populate_existing=True))
