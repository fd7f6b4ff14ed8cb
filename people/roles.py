"""Who has which role where: given, ended and listed. A change holds at the holder's very next request."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note
from core.db import AnyRow
from core.errors import AlreadyExists, Invalid, LastAdministrator, NotFound
from core.ids import new_id
from core.paging import Page, read_cursor, write_cursor
from core.texts import N_
from people import invitations, role_queries
from people.actors import EVERYWHERE, Actor, Place, Role
from people.models import RoleGrant
from people.role_queries import PlaceRow, Reach
from people.role_schemas import RoleIn, RoleInvitationOut, RoleOut
from people.rules import STAFF, demand, demand_somewhere, may

ONE_PLACE = N_("a facility or a resource, not both")


async def roles(
    db: AsyncSession,
    actor: Actor,
    *,
    person_id: UUID | None = None,
    facility_id: UUID | None = None,
    resource_id: UUID | None = None,
    role: Role | None = None,
    ended: bool = False,
    cursor: str | None,
    limit: int,
) -> Page[RoleOut]:
    """Grants by the holder's name, at the places whose roles the actor gives. Raises SignInNeeded, Forbidden."""
    demand_somewhere(actor, "people.manage")
    found = await role_queries.grants_page(
        db,
        reach=reach_of(actor),
        person_id=person_id,
        facility_id=facility_id,
        resource_id=resource_id,
        role=role,
        ended=ended,
        after=read_cursor(cursor, str, UUID),
        limit=limit + 1,
    )
    page = found[:limit]
    return Page(
        [role_out(row) for row in page],
        write_cursor(page[-1].person, page[-1].id) if len(found) > limit else None,
    )


def reach_of(actor: Actor) -> Reach | None:
    """Places whose roles the actor gives; None: all."""
    grants = [grant for grant in actor.grants if grant.role in STAFF["people.manage"]]
    if may(actor, "people.manage"):
        return None
    return Reach(
        [grant.facility_id for grant in grants if grant.facility_id is not None],
        [grant.resource_id for grant in grants if grant.resource_id is not None],
    )


def role_out(row: AnyRow) -> RoleOut:
    return RoleOut(
        id=row.id,
        person_id=row.person_id,
        person=row.person,
        role=row.role,
        facility_id=row.facility_id or row.home_id,
        facility=row.facility,
        resource_id=row.resource_id,
        resource=row.resource,
        created_at=row.created_at,
        granted_by=row.granted_by,
        ended_at=row.ended_at,
    )


async def role(db: AsyncSession, actor: Actor, role_id: UUID) -> RoleOut:
    """One in force, for who may end it. Raises SignInNeeded, Forbidden, NotFound."""
    return role_out(await _in_reach(db, actor, role_id))


async def _in_reach(db: AsyncSession, actor: Actor, role_id: UUID) -> AnyRow:
    demand_somewhere(actor, "people.manage")
    row = await role_queries.grant_shown(db, role_id)
    if row is None or row.ended_at is not None:
        raise NotFound(what="role")
    if not may(actor, "people.manage", Place(row.facility_id or row.home_id, row.resource_id)):
        raise NotFound(what="role")
    return row


async def place_of(
    db: AsyncSession, facility_id: UUID | None, resource_id: UUID | None, *, field: str = "facility_id"
) -> Place:
    """The place that is meant, a resource with its facility. Raises Invalid for both, NotFound for what is not here."""
    if resource_id is None:
        if facility_id is not None and not await role_queries.has_facility(db, facility_id):
            raise NotFound(what="facility", field="facility_id")
        return Place(facility_id)
    if facility_id is not None:
        raise Invalid(field=field, expected=ONE_PLACE)
    home = await role_queries.home_of(db, resource_id)
    if home is None:
        raise NotFound(what="resource", field="resource_id")
    return Place(home, resource_id)


def demand_giver(actor: Actor) -> None:
    """Whoever gives roles somewhere. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand_somewhere(actor, "people.manage")


async def give(db: AsyncSession, actor: Actor, wish: RoleIn, *, now: datetime) -> RoleOut:
    """The role, from now on. Raises SignInNeeded, Forbidden, Invalid, NotFound, and AlreadyExists for the very same."""
    demand_somewhere(actor, "people.manage")
    place = await place_of(db, wish.facility_id, wish.resource_id)
    demand(actor, "people.manage", place)
    grant = await lay(
        db,
        wish.person_id,
        wish.role,
        facility_id=wish.facility_id,
        resource_id=wish.resource_id,
        given_by=actor.person_id,
        now=now,
    )
    row = await role_queries.grant_shown(db, grant.id)
    assert row is not None, "it was written a moment ago"
    return role_out(row)


async def lay(
    db: AsyncSession,
    person_id: UUID,
    role: str,
    *,
    facility_id: UUID | None,
    resource_id: UUID | None,
    given_by: UUID | None,
    now: datetime,
) -> RoleGrant:
    """Without asking who may: for invitations, whose giver was asked when she invited.

    Raises NotFound for a person who is not here, AlreadyExists for the very same role at the same place.
    """
    if await role_queries.lock_person(db, person_id) is None:
        raise NotFound(what="person", field="person_id")
    if await role_queries.live_grant(db, person_id, role, facility_id=facility_id, resource_id=resource_id):
        raise AlreadyExists(field="role")
    grant = RoleGrant(
        id=new_id(),
        person_id=person_id,
        role=role,
        facility_id=facility_id,
        resource_id=resource_id,
        granted_by=given_by,
        created_at=now,
    )
    db.add(grant)
    change = {
        "person_id": (None, person_id),
        "role": (None, role),
        "facility_id": (None, facility_id),
        "resource_id": (None, resource_id),
    }
    told = {name: pair for name, pair in change.items() if pair[1] is not None}
    note(db, given_by, "role.granted", table="role_grant", row_id=grant.id, now=now, change=told)
    await db.flush()  # role_grant_live_key answers here
    return grant


async def end(db: AsyncSession, actor: Actor, role_id: UUID, *, now: datetime) -> None:
    """The role is no longer in force; it stays in the books.

    Raises SignInNeeded, Forbidden, NotFound also when it was ended before, LastAdministrator.
    """
    shown = await _in_reach(db, actor, role_id)
    await _keep_an_administrator(db, [shown])
    (grant,) = await role_queries.lock_grants(db, [role_id])
    if grant.ended_at is not None:
        raise NotFound(what="role")
    _end(db, grant, actor.person_id, now)
    await db.flush()


async def end_all_of(db: AsyncSession, person_id: UUID, *, by: UUID | None, now: datetime) -> int:
    """Every role of hers ends, as when she is forgotten: how many. Raises LastAdministrator."""
    grants = await role_queries.live_grants_of(db, person_id)
    await _keep_an_administrator(db, grants)
    ended = 0
    for grant in await role_queries.lock_grants(db, [grant.id for grant in grants]):
        if grant.ended_at is None:
            _end(db, grant, by, now)
            ended += 1
    await db.flush()
    return ended


async def _keep_an_administrator(db: AsyncSession, ending: Sequence[AnyRow | RoleGrant]) -> None:
    """Somebody must be left who may give roles everywhere: two who end each other at once wait here for their turn."""
    whole = {
        grant.id
        for grant in ending
        if grant.role == "administrator" and grant.facility_id is None and grant.resource_id is None
    }
    if not whole:
        return
    in_force = set(await role_queries.lock_administrators(db))
    if whole & in_force and not in_force - whole:
        raise LastAdministrator


def _end(db: AsyncSession, grant: RoleGrant, by: UUID | None, now: datetime) -> None:
    grant.ended_at = now
    change = {"ended_at": (None, now)}
    note(db, by, "role.ended", table="role_grant", row_id=grant.id, now=now, change=change)


async def open_invitations(db: AsyncSession, actor: Actor, *, now: datetime) -> list[RoleInvitationOut]:
    """To roles at the places whose roles the actor gives, the latest first. Raises SignInNeeded, Forbidden."""
    demand_somewhere(actor, "people.manage")
    return [
        RoleInvitationOut(
            id=row.id,
            email=row.email,
            role=row.role,
            facility_id=row.facility_id or row.home_id,
            facility=row.facility,
            resource_id=row.resource_id,
            resource=row.resource,
            created_at=row.created_at,
            expires_at=row.expires_at,
            invited_by=row.invited_by,
        )
        for row in await role_queries.open_invitations(db, now=now, reach=reach_of(actor))
    ]


async def withdraw(db: AsyncSession, actor: Actor, invitation_id: UUID, *, now: datetime) -> None:
    """The letter's link works no longer. Raises SignInNeeded, Forbidden, NotFound."""
    demand_somewhere(actor, "people.manage")
    await invitations.revoke(db, actor, invitation_id, now)


async def places(db: AsyncSession, actor: Actor) -> list[PlaceRow]:
    """Places whose roles the actor gives."""
    return [
        row
        for row in await role_queries.places(db)
        if may(actor, "people.manage", Place(row.facility_id, row.resource_id))
    ]


def gives_everywhere(actor: Actor) -> bool:
    return may(actor, "people.manage", EVERYWHERE)
