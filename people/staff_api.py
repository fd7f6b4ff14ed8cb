"""Persons and roles over JSON, for those who administer them."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from core.paging import CURSOR, MOST, Page
from people import finding, invitations, roles
from people.actors import Actor, Role
from people.answers import CHANGE, READ, VERSIONED, WRITE
from people.desk import AtDesk
from people.role_schemas import (
    InviteIn,
    PersonDetail,
    PersonOut,
    PersonPatch,
    RoleIn,
    RoleInvitationOut,
    RoleOut,
)

Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]
Text = Annotated[
    str,
    QueryParameter(
        min_length=finding.LEAST,
        max_length=finding.MOST_LETTERS,
        pattern=r"^[^\u0000]*$",
        description="Of a name, an e-mail address, a telephone number or an association.",
    ),
]


@get("/people", summary="Find persons", responses=READ)
async def find_people(desk: AtDesk, text: Text, cursor: Cursor = None, limit: Limit = 50) -> Page[PersonOut]:
    """Whom every word is found in, by name. She can see that she was read about."""
    return await desk.change(
        lambda db, actor: finding.people(db, actor, text, cursor=cursor, limit=limit, now=desk.now)
    )


@get("/people/{person_id:uuid}", summary="One person", responses=READ)
async def staff_person(desk: AtDesk, person_id: FromPath[UUID]) -> Response[PersonDetail]:
    """What staff may see of her, with roles and delegations. She can see that she was read about."""
    return await desk.answer(lambda db, actor: finding.person(db, actor, person_id, now=desk.now))


@patch("/people/{person_id:uuid}", summary="Change a person's customer group", responses=VERSIONED)
async def change_staff_person(
    desk: AtDesk, person_id: FromPath[UUID], data: JSONBody[PersonPatch]
) -> Response[PersonDetail]:
    """Everything else is the person's own to change."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: finding.change_person(
            db, actor, person_id, body=data, version=version, now=desk.now
        )
    )


@get("/roles", summary="Who has which role where", responses=READ)
async def list_roles(
    desk: AtDesk,
    person_id: FromQuery[UUID | None] = None,
    facility_id: FromQuery[UUID | None] = None,
    resource_id: FromQuery[UUID | None] = None,
    role: FromQuery[Role | None] = None,
    ended: FromQuery[bool] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[RoleOut]:
    """By the holder's name. `facility_id`: at the facility and at its resources. `ended`: those no longer in force."""
    return await desk.read(
        lambda db, actor: roles.roles(
            db,
            actor,
            person_id=person_id,
            facility_id=facility_id,
            resource_id=resource_id,
            role=role,
            ended=ended,
            cursor=cursor,
            limit=limit,
        )
    )


@post("/roles", summary="Give a role", responses=WRITE)
async def give_role(desk: AtDesk, data: JSONBody[RoleIn]) -> Response[RoleOut]:
    """In force at the person's next request. 409 already-exists for the very same role at the same place."""
    return await desk.answer(lambda db, actor: roles.give(db, actor, data, now=desk.now), status=201)


@delete("/roles/{role_id:uuid}", summary="End a role", responses=CHANGE)
async def end_role(desk: AtDesk, role_id: FromPath[UUID]) -> None:
    """It stays in the books as ended. 409 last-administrator when nobody would be left to give roles."""
    await desk.change(lambda db, actor: roles.end(db, actor, role_id, now=desk.now))


@get("/role-invitations", summary="Who has been asked to take a role", responses=READ)
async def list_role_invitations(desk: AtDesk) -> list[RoleInvitationOut]:
    """Those that wait for an answer, the latest first."""
    return await desk.read(lambda db, actor: roles.open_invitations(db, actor, now=desk.now))


@post("/role-invitations", summary="Ask somebody by e-mail to take a role", responses=WRITE)
async def invite_to_role(desk: AtDesk, data: JSONBody[InviteIn]) -> Response[RoleInvitationOut]:
    """The letter's link works once, and makes whoever signs in with it the holder. An earlier one is withdrawn."""

    async def work(db: AsyncSession, actor: Actor) -> RoleInvitationOut:
        sent = await invitations.invite(
            db,
            actor,
            email=data.email,
            role=data.role,
            place=await roles.place_of(db, data.facility_id, data.resource_id),
            now=desk.now,
            link=lambda secret: desk.address(f"/invitations/{secret}"),
            texts=desk.texts,
        )
        found = await roles.open_invitations(db, actor, now=desk.now)
        return next(each for each in found if each.id == sent.id)

    return await desk.answer(work, status=201)


@delete("/role-invitations/{invitation_id:uuid}", summary="Withdraw an invitation", responses=CHANGE)
async def withdraw_role_invitation(desk: AtDesk, invitation_id: FromPath[UUID]) -> None:
    """The link in the letter works no longer."""
    await desk.change(lambda db, actor: roles.withdraw(db, actor, invitation_id, now=desk.now))


router = Router(
    path="/api/{m:str}",
    tags=["people"],
    route_handlers=[
        find_people,
        staff_person,
        change_staff_person,
        list_roles,
        give_role,
        end_role,
        list_role_invitations,
        invite_to_role,
        withdraw_role_invitation,
    ],
)
