"""All SQL of persons and their roles, as those who administer them see it."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    and_,
    column,
    false,
    func,
    literal,
    or_,
    select,
    table,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.db import AnyRow, AnySelect
from people.association_models import Invitation
from people.models import Association, Delegate, Person, RoleGrant, Token

# The room above this one keeps the places; their names are all that is read here.
facility = table("facility", column("tenant_id", Uuid()), column("id", Uuid()), column("name", Text()))
resource = table(
    "resource",
    *(
        column("tenant_id", Uuid()),
        column("id", Uuid()),
        column("facility_id", Uuid()),
        column("name", Text()),
    ),
)
home = facility.alias("home")
"""The facility that a resource lies in."""
Giver = aliased(Person)

MOST_PLACES = 2000
MOST_INVITATIONS = 100
"""As many as can be open (people.invitations.MOST_OPEN)."""
MOST_OF_A_PERSON = 100
MOST_NAMES = 10
WHOLE = and_(RoleGrant.facility_id.is_(None), RoleGrant.resource_id.is_(None))


class Reach(NamedTuple):
    """Places within which somebody may give roles."""

    facility_ids: Sequence[UUID] = ()
    resource_ids: Sequence[UUID] = ()


class PlaceRow(NamedTuple):
    """A place that a role can be given for. `resource_id` None: the whole facility."""

    facility_id: UUID
    facility: str
    resource_id: UUID | None
    resource: str | None


def _grants() -> AnySelect:
    """Grants with the names of who and where, in one statement."""
    return (
        select(
            RoleGrant.id,
            RoleGrant.person_id,
            Person.name.label("person"),
            RoleGrant.role,
            RoleGrant.facility_id,
            func.coalesce(facility.c.name, home.c.name).label("facility"),
            RoleGrant.resource_id,
            resource.c.name.label("resource"),
            home.c.id.label("home_id"),
            RoleGrant.created_at,
            Giver.name.label("granted_by"),
            RoleGrant.ended_at,
        )
        .join(Person, and_(Person.tenant_id == RoleGrant.tenant_id, Person.id == RoleGrant.person_id))
        .outerjoin(
            facility,
            and_(facility.c.tenant_id == RoleGrant.tenant_id, facility.c.id == RoleGrant.facility_id),
        )
        .outerjoin(
            resource,
            and_(resource.c.tenant_id == RoleGrant.tenant_id, resource.c.id == RoleGrant.resource_id),
        )
        .outerjoin(home, and_(home.c.tenant_id == resource.c.tenant_id, home.c.id == resource.c.facility_id))
        .outerjoin(Giver, and_(Giver.tenant_id == RoleGrant.tenant_id, Giver.id == RoleGrant.granted_by))
    )


async def grants_page(
    db: AsyncSession,
    *,
    reach: Reach | None,
    person_id: UUID | None,
    facility_id: UUID | None,
    resource_id: UUID | None,
    role: str | None,
    ended: bool,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[AnyRow]:
    """A page of grants by the holder's name. `reach` None: everywhere. At a facility: its resources' too.

    `ended`: those that are no longer in force, instead of those that are.
    """
    statement = _grants().where(RoleGrant.ended_at.is_not(None) if ended else RoleGrant.ended_at.is_(None))
    if reach is not None:
        statement = statement.where(
            or_(_within(reach.facility_ids), _one_of(RoleGrant.resource_id, reach.resource_ids))
        )
    if person_id is not None:
        statement = statement.where(RoleGrant.person_id == person_id)
    if facility_id is not None:
        statement = statement.where(_within([facility_id]))
    if resource_id is not None:
        statement = statement.where(RoleGrant.resource_id == resource_id)
    if role is not None:
        statement = statement.where(RoleGrant.role == role)
    if after is not None:
        statement = statement.where(tuple_(Person.name, RoleGrant.id) > after)
    return (await db.execute(statement.order_by(Person.name, RoleGrant.id).limit(limit))).all()


def _within(facility_ids: Iterable[UUID]) -> ColumnElement[bool]:
    ids = list(facility_ids)
    return or_(_one_of(RoleGrant.facility_id, ids), _one_of(home.c.id, ids))


def _one_of(what: Any, ids: Sequence[UUID]) -> ColumnElement[bool]:
    return what.in_(ids) if ids else false()


async def grants_of(db: AsyncSession, person_id: UUID) -> Sequence[AnyRow]:
    """Hers: those in force first, then the ended, the latest first."""
    statement = _grants().where(RoleGrant.person_id == person_id)
    order = (RoleGrant.ended_at.desc().nulls_first(), RoleGrant.created_at.desc(), RoleGrant.id)
    return (await db.execute(statement.order_by(*order).limit(MOST_OF_A_PERSON))).all()


async def grant_shown(db: AsyncSession, grant_id: UUID) -> AnyRow | None:
    return (await db.execute(_grants().where(RoleGrant.id == grant_id))).first()


async def lock_administrators(db: AsyncSession) -> Sequence[UUID]:
    """Grants in force over the whole municipality. Whoever ends one waits here, and then sees what is left."""
    statement = select(RoleGrant.id).where(
        RoleGrant.role == "administrator", RoleGrant.ended_at.is_(None), WHOLE
    )
    return (await db.scalars(statement.order_by(RoleGrant.id).with_for_update(key_share=True))).all()


async def lock_grants(db: AsyncSession, grant_ids: Sequence[UUID]) -> Sequence[RoleGrant]:
    """By id, as they are once nobody else changes them."""
    statement = select(RoleGrant).where(RoleGrant.id.in_(grant_ids)).order_by(RoleGrant.id)
    fresh = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await db.scalars(fresh)).all()


async def live_grants_of(db: AsyncSession, person_id: UUID) -> Sequence[RoleGrant]:
    """Hers that are in force."""
    statement = select(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.ended_at.is_(None))
    return (await db.scalars(statement)).all()


async def live_grant(
    db: AsyncSession, person_id: UUID, role: str, *, facility_id: UUID | None, resource_id: UUID | None
) -> UUID | None:
    """The very same grant in force."""
    return await db.scalar(
        select(RoleGrant.id).where(
            RoleGrant.person_id == person_id,
            RoleGrant.role == role,
            RoleGrant.ended_at.is_(None),
            RoleGrant.facility_id.is_not_distinct_from(facility_id),
            RoleGrant.resource_id.is_not_distinct_from(resource_id),
        )
    )


async def lock_person(db: AsyncSession, person_id: UUID) -> Person | None:
    """Who is there to be given something; nobody who has been forgotten."""
    statement = select(Person).where(Person.id == person_id, Person.erased_at.is_(None))
    return await db.scalar(
        statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    )


async def open_invitations(db: AsyncSession, *, now: datetime, reach: Reach | None) -> Sequence[AnyRow]:
    """To staff roles, not answered, withdrawn or too old, the latest first. `reach` None: everywhere."""
    statement = (
        select(
            Invitation.id,
            Invitation.email,
            Invitation.role,
            Invitation.facility_id,
            func.coalesce(facility.c.name, home.c.name).label("facility"),
            Invitation.resource_id,
            resource.c.name.label("resource"),
            home.c.id.label("home_id"),
            Invitation.created_at,
            Invitation.expires_at,
            Giver.name.label("invited_by"),
        )
        .outerjoin(
            facility,
            and_(facility.c.tenant_id == Invitation.tenant_id, facility.c.id == Invitation.facility_id),
        )
        .outerjoin(
            resource,
            and_(resource.c.tenant_id == Invitation.tenant_id, resource.c.id == Invitation.resource_id),
        )
        .outerjoin(home, and_(home.c.tenant_id == resource.c.tenant_id, home.c.id == resource.c.facility_id))
        .outerjoin(Giver, and_(Giver.tenant_id == Invitation.tenant_id, Giver.id == Invitation.invited_by))
        .where(
            Invitation.association_id.is_(None),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
    )
    if reach is not None:
        statement = statement.where(
            or_(
                _one_of(Invitation.facility_id, reach.facility_ids),
                _one_of(home.c.id, reach.facility_ids),
                _one_of(Invitation.resource_id, reach.resource_ids),
            )
        )
    order = (Invitation.created_at.desc(), Invitation.id)
    return (await db.execute(statement.order_by(*order).limit(MOST_INVITATIONS))).all()


async def home_of(db: AsyncSession, resource_id: UUID) -> UUID | None:
    """The facility that the resource lies in."""
    here = resource.c.tenant_id == db.info["tenant_id"]
    return await db.scalar(select(resource.c.facility_id).where(here, resource.c.id == resource_id))


async def has_facility(db: AsyncSession, facility_id: UUID) -> bool:
    here = facility.c.tenant_id == db.info["tenant_id"]
    return await db.scalar(select(literal(1)).where(here, facility.c.id == facility_id)) is not None


async def places(db: AsyncSession) -> Sequence[PlaceRow]:
    """Facilities, each followed by its resources, by name. At most MOST_PLACES."""
    tenant_id = db.info["tenant_id"]
    none: Any = literal(None)
    whole = select(facility.c.id, facility.c.name, none.cast(Uuid()), none.cast(Text())).where(
        facility.c.tenant_id == tenant_id
    )
    parts = (
        select(facility.c.id, facility.c.name, resource.c.id, resource.c.name)
        .join(
            resource,
            and_(resource.c.tenant_id == facility.c.tenant_id, resource.c.facility_id == facility.c.id),
        )
        .where(facility.c.tenant_id == tenant_id)
    )
    rows = await db.execute(whole.union_all(parts).limit(MOST_PLACES))
    return [PlaceRow(*row) for row in rows]


def _names_of_hers() -> Any:
    """Names of the associations she acts for, of the person of the statement around; MOST_NAMES at most."""
    names = (
        select(Association.name)
        .select_from(Delegate)
        .join(
            Association,
            and_(Association.tenant_id == Delegate.tenant_id, Association.id == Delegate.association_id),
        )
        .where(
            Delegate.tenant_id == Person.tenant_id,
            Delegate.person_id == Person.id,
            Delegate.ended_at.is_(None),
        )
        .order_by(Association.name)
        .limit(MOST_NAMES)
        .correlate(Person)
    )
    return func.array(names.scalar_subquery(), type_=ARRAY(Text))


def _person_columns() -> tuple[Any, ...]:
    return (
        Person.id,
        Person.name,
        Person.email,
        Person.phone,
        Person.customer_group,
        Person.seen_at,
        _names_of_hers().label("associations"),
    )


async def found_people(
    db: AsyncSession, words: Sequence[str], *, after: tuple[str, UUID] | None, limit: int
) -> Sequence[AnyRow]:
    """A page of persons, by name, each of whom every word is found in: in name, e-mail, telephone number or the name
    of an association she acts for.

    Row security is looked at before LIKE (which is not leak-proof), so no index on parts of words would be used:
    PostgreSQL reads this municipality's persons in the order of names and stops when the page is full.
    """
    statement = select(*_person_columns()).where(Person.erased_at.is_(None))
    for word in words:
        statement = statement.where(_holds(word))
    if after is not None:
        statement = statement.where(tuple_(Person.name, Person.id) > after)
    return (await db.execute(statement.order_by(Person.name, Person.id).limit(limit))).all()


def _holds(word: str) -> ColumnElement[bool]:
    delegate = aliased(Delegate)
    of_hers = (
        select(literal(1))
        .select_from(delegate)
        .join(
            Association,
            and_(Association.tenant_id == delegate.tenant_id, Association.id == delegate.association_id),
        )
        .where(
            delegate.tenant_id == Person.tenant_id,
            delegate.person_id == Person.id,
            delegate.ended_at.is_(None),
            Association.name.icontains(word, autoescape=True),
        )
    )
    either = [
        Person.name.icontains(word, autoescape=True),
        Person.email.icontains(word, autoescape=True),
        of_hers.exists(),
    ]
    digits = re.sub(r"[^0-9]", "", word)
    if len(digits) >= 3 and not re.search(r"[^0-9+ ().-]", word):
        either.append(func.regexp_replace(Person.phone, "[^0-9]", "", "g").contains(digits))
    return or_(*either)


async def person_shown(db: AsyncSession, person_id: UUID, now: datetime) -> AnyRow | None:
    """What staff may see of her; nobody who has been forgotten."""
    tokens = (
        select(func.count())
        .where(
            Token.tenant_id == Person.tenant_id,
            Token.person_id == Person.id,
            Token.revoked_at.is_(None),
            or_(Token.expires_at.is_(None), Token.expires_at > now),
        )
        .correlate(Person)
        .scalar_subquery()
    )
    more = (Person.postcode, Person.language, Person.notices, Person.created_at, Person.version)
    statement = select(*_person_columns(), *more, tokens.label("tokens"))
    return (await db.execute(statement.where(Person.id == person_id, Person.erased_at.is_(None)))).first()


async def delegations_of(db: AsyncSession, person_id: UUID) -> Sequence[AnyRow]:
    """Associations she acts for, by name."""
    what = (Association.id.label("association_id"), Association.name.label("association"), Delegate.role)
    statement = (
        select(*what)
        .select_from(Delegate)
        .join(
            Association,
            and_(Association.tenant_id == Delegate.tenant_id, Association.id == Delegate.association_id),
        )
        .where(Delegate.person_id == person_id, Delegate.ended_at.is_(None))
        .order_by(Association.name, Association.id)
        .limit(MOST_OF_A_PERSON)
    )
    return (await db.execute(statement)).all()
