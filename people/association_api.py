"""Associations, their teams, contacts and delegates, invitations and claims to lead, over JSON."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from core.paging import CURSOR, MOST, Page
from core.wire import NO_NUL
from people import associations, delegates, invitations, leading, teams
from people.actors import Actor
from people.answers import ANYBODY, CHANGE, OPEN_READ, READ, VERSIONED, WRITE
from people.association_models import Invitation
from people.association_schemas import (
    AssociationDetail,
    AssociationIn,
    AssociationPatch,
    AssociationRow,
    ClaimDecision,
    ClaimOut,
    ContactIn,
    ContactOut,
    ContactPatch,
    DelegateOut,
    DelegatePatch,
    InvitationIn,
    InvitationOut,
    TeamIn,
    TeamOut,
    TeamPatch,
)
from people.desk import AtDesk, Desk
from people.groups import CustomerGroup
from people.rules import may

Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many on a page.")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=500, pattern=CURSOR, description="The `next` of the page before.")
]
AskedState = Literal["active", "dissolving", "bankrupt", "deleted", "unknown", "none"]
Text = Annotated[
    str | None,
    QueryParameter(max_length=200, pattern=NO_NUL, description="Part of the name, or the whole number."),
]


@get("/associations", summary="My associations, or all for officers", responses=READ)
async def list_associations(
    desk: AtDesk,
    mine: FromQuery[bool] = False,
    text: Text = None,
    group: FromQuery[CustomerGroup | None] = None,
    register_state: FromQuery[AskedState | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[AssociationRow]:
    """By name. Whoever may not read all of them: her own. `register_state=none`: the register has not told of it."""

    async def work(db: AsyncSession, actor: Actor) -> Page[AssociationRow]:
        return await associations.listed(
            db,
            actor,
            mine=mine or not may(actor, "association.read", associations.ANY),
            text=text,
            group=group,
            state=register_state,
            cursor=cursor,
            limit=limit,
        )

    return await desk.read(work)


@post("/associations", summary="Enter an association", status_code=201, responses=WRITE)
async def add_association(desk: AtDesk, data: JSONBody[AssociationIn]) -> Response[AssociationDetail]:
    """Whoever enters it is nothing in it yet: leading is asked for, or proven, in a browser."""
    return await desk.answer(
        lambda db, actor: associations.register(db, actor, data, now=desk.now), status=201
    )


@get("/associations/{association_id:uuid}", summary="One association", responses=OPEN_READ, security=ANYBODY)
async def get_association(desk: AtDesk, association_id: FromPath[UUID]) -> Response[AssociationDetail]:
    """What anybody may know; more for its delegates and for officers. The ETag goes into If-Match of a change."""
    return await desk.answer(lambda db, actor: associations.detail(db, actor, association_id, desk.now))


@patch("/associations/{association_id:uuid}", summary="Change an association", responses=VERSIONED)
async def change_association(
    desk: AtDesk, association_id: FromPath[UUID], data: JSONBody[AssociationPatch]
) -> Response[AssociationDetail]:
    """By its leader. Number and customer group: by an officer."""
    version = desk.if_match()
    return await desk.answer(
        lambda db, actor: associations.change(
            db, actor, association_id, body=data, version=version, now=desk.now
        )
    )


@post("/associations/{association_id:uuid}/teams", summary="Add a team", status_code=201, responses=WRITE)
async def add_team(desk: AtDesk, association_id: FromPath[UUID], data: JSONBody[TeamIn]) -> Response[TeamOut]:
    """One that had ended comes back under its name."""
    return await desk.answer(
        lambda db, actor: teams.add_team(db, actor, association_id, body=data, now=desk.now), status=201
    )


@patch("/teams/{team_id:uuid}", summary="Change a team", responses=WRITE)
async def change_team(desk: AtDesk, team_id: FromPath[UUID], data: JSONBody[TeamPatch]) -> Response[TeamOut]:
    """Only what is given changes."""
    return await desk.answer(lambda db, actor: teams.change_team(db, actor, team_id, body=data, now=desk.now))


@delete("/teams/{team_id:uuid}", summary="End a team", status_code=204, responses=CHANGE)
async def end_team(desk: AtDesk, team_id: FromPath[UUID]) -> None:
    """What is booked for it stays."""
    await desk.change(lambda db, actor: teams.end_team(db, actor, team_id, desk.now))


@post(
    "/associations/{association_id:uuid}/contacts", summary="Add a contact", status_code=201, responses=WRITE
)
async def add_contact(
    desk: AtDesk, association_id: FromPath[UUID], data: JSONBody[ContactIn]
) -> Response[ContactOut]:
    """Shown to anybody only when it is public."""
    return await desk.answer(
        lambda db, actor: teams.add_contact(db, actor, association_id, body=data, now=desk.now), status=201
    )


@patch("/contacts/{contact_id:uuid}", summary="Change a contact", responses=WRITE)
async def change_contact(
    desk: AtDesk, contact_id: FromPath[UUID], data: JSONBody[ContactPatch]
) -> Response[ContactOut]:
    """Only what is given changes."""
    return await desk.answer(
        lambda db, actor: teams.change_contact(db, actor, contact_id, body=data, now=desk.now)
    )


@delete("/contacts/{contact_id:uuid}", summary="Remove a contact", status_code=204, responses=CHANGE)
async def remove_contact(desk: AtDesk, contact_id: FromPath[UUID]) -> None:
    """For good."""
    await desk.change(lambda db, actor: teams.remove_contact(db, actor, contact_id, desk.now))


@get("/associations/{association_id:uuid}/delegates", summary="Who acts for it", responses=READ)
async def list_delegates(desk: AtDesk, association_id: FromPath[UUID]) -> list[DelegateOut]:
    """Leaders first. For its delegates and officers."""
    return await desk.read(lambda db, actor: delegates.delegates(db, actor, association_id, desk.now))


@patch("/delegates/{delegate_id:uuid}", summary="Change a delegate's role", status_code=204, responses=WRITE)
async def change_delegate(desk: AtDesk, delegate_id: FromPath[UUID], data: JSONBody[DelegatePatch]) -> None:
    """409 last-leader, unless an officer does it."""
    await desk.change(
        lambda db, actor: delegates.change_role(db, actor, delegate_id, role=data.role, now=desk.now)
    )


@delete("/delegates/{delegate_id:uuid}", summary="End a delegate", status_code=204, responses=CHANGE)
async def end_delegate(desk: AtDesk, delegate_id: FromPath[UUID]) -> None:
    """Anybody may leave herself. 409 last-leader, unless an officer does it."""
    await desk.change(lambda db, actor: delegates.end(db, actor, delegate_id, desk.now))


@get("/associations/{association_id:uuid}/invitations", summary="Invitations that wait", responses=READ)
async def list_invitations(desk: AtDesk, association_id: FromPath[UUID]) -> list[InvitationOut]:
    """The latest first; those that have run out too. For its leaders and officers."""
    found = await desk.read(
        lambda db, actor: invitations.open_invitations(db, actor, association_id=association_id)
    )
    return [invitation_out(each) for each in found]


@post(
    "/associations/{association_id:uuid}/invitations",
    summary="Invite somebody by e-mail",
    status_code=201,
    responses=WRITE,
)
async def add_invitation(
    desk: AtDesk, association_id: FromPath[UUID], data: JSONBody[InvitationIn]
) -> Response[InvitationOut]:
    """The letter is in the language of the answer. An earlier link to the same address works no longer."""

    async def work(db: AsyncSession, actor: Actor) -> InvitationOut:
        row = await invitations.invite(
            db,
            actor,
            email=data.email,
            role=data.role,
            now=desk.now,
            link=lambda secret: invitation_link(desk, secret),
            texts=desk.texts,
            association_id=association_id,
        )
        return invitation_out(row)

    return await desk.answer(work, status=201)


@delete(
    "/invitations/{invitation_id:uuid}", summary="Withdraw an invitation", status_code=204, responses=CHANGE
)
async def withdraw_invitation(desk: AtDesk, invitation_id: FromPath[UUID]) -> None:
    """404 also for one that has been answered."""
    await desk.change(lambda db, actor: invitations.revoke(db, actor, invitation_id, desk.now))


@get("/leader-claims", summary="Who asks to lead an association", responses=READ)
async def list_leader_claims(
    desk: AtDesk, decided: FromQuery[bool] = False, cursor: Cursor = None, limit: Limit = 50
) -> Page[ClaimOut]:
    """The oldest first: those that wait, or those that are decided. For officers."""
    return await desk.read(
        lambda db, actor: leading.claims(
            db, actor, waiting=not decided, cursor=cursor, limit=limit, now=desk.now
        )
    )


@post("/leader-claims/{claim_id:uuid}/decide", summary="Yes or no", status_code=200, responses=WRITE)
async def decide_leader_claim(
    desk: AtDesk, claim_id: FromPath[UUID], data: JSONBody[ClaimDecision]
) -> Response[ClaimOut]:
    """A no needs a reason, which she reads."""
    return await desk.answer(
        lambda db, actor: leading.decide(db, actor, claim_id, body=data, now=desk.now, texts=desk.texts)
    )


def invitation_link(desk: Desk, secret: str) -> str:
    """What stands in the letter."""
    return desk.address(f"/invitations/{secret}")


def invitation_out(row: Invitation) -> InvitationOut:
    return InvitationOut(
        id=row.id,
        email=row.email,
        role=row.role,
        association_id=row.association_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


router = Router(
    path="/api/{m:str}",
    tags=["associations"],
    route_handlers=[
        list_associations,
        add_association,
        get_association,
        change_association,
        add_team,
        change_team,
        end_team,
        add_contact,
        change_contact,
        remove_contact,
        list_delegates,
        change_delegate,
        end_delegate,
        list_invitations,
        add_invitation,
        withdraw_invitation,
        list_leader_claims,
        decide_leader_claim,
    ],
)
