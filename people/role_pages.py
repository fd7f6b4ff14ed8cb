"""HTML routes of roles: who has which where, inviting, ending; and how roles look wherever they are listed."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from core.alphabet import alphabetical
from core.errors import Conflict, Invalid
from core.page import link
from core.paging import Page
from core.texts import N_, Texts
from people import invitations, roles
from people.actors import Actor, Role
from people.addresses import check_email
from people.desk import AtDesk, Desk
from people.role_queries import PlaceRow
from people.role_schemas import ROLES_DO, RoleInvitationOut, RoleOut
from people.rules import may, may_somewhere
from people.wording import role_label

A_PAGE = 50
EVERYWHERE = "all"
"""The whole municipality, in a form's choice of places."""
WHOLE_MUNICIPALITY = N_("The whole municipality")
FROM_OPERATOR = N_("A link from whoever runs the service")
NAMELESS = N_("Has not told a name")
DONE: Mapping[str, str] = {
    "ended": N_("The role has ended."),
    "invited": N_("The invitation is sent."),
    "withdrawn": N_("The invitation is withdrawn."),
}
"""What the address says was just done → how it is told."""
View = dict[str, Any]


class Sent(Struct, frozen=True):
    """What a form said about a role: right, or with what is wrong by field."""

    role: Role | None
    facility_id: UUID | None
    resource_id: UUID | None
    errors: dict[str, str]


def role_view(desk: Desk, role: RoleOut) -> View:
    """One grant in a list."""
    return {
        "person": role.person or desk.texts.gettext(NAMELESS),
        "person_url": desk.url(f"/staff/people/{role.person_id}") if may(desk.actor, "person.read") else None,
        "role": role_label(role.role, desk.texts),
        "place": place_name(desk.texts, role.facility, role.resource),
        "created_at": role.created_at,
        "granted_by": role.granted_by,
        "ended_at": role.ended_at,
        "end_url": desk.url(f"/staff/roles/{role.id}/end")
        if role.ended_at is None and may_somewhere(desk.actor, "people.manage")
        else None,
    }


def place_name(texts: Texts, facility: str | None, resource: str | None) -> str:
    if facility is None:
        return texts.gettext(WHOLE_MUNICIPALITY)
    return facility if resource is None else f"{facility}: {resource}"


def role_choices(texts: Texts) -> list[tuple[str, str, str]]:
    """For radio buttons: code, name, and what it may."""
    return [(code, role_label(code, texts), texts.gettext(told)) for code, told in ROLES_DO.items()]


def place_choices(desk: Desk, places: Sequence[PlaceRow]) -> list[tuple[str, str]]:
    """Where the reader gives roles: the whole municipality if it is hers, then facilities with what lies in them."""
    named = [
        (f"resource:{row.resource_id}" if row.resource_id else f"facility:{row.facility_id}", row)
        for row in sorted(
            places, key=lambda row: (alphabetical(row.facility), alphabetical(row.resource or ""))
        )
    ]
    whole = (
        [(EVERYWHERE, desk.texts.gettext(WHOLE_MUNICIPALITY))] if roles.gives_everywhere(desk.actor) else []
    )
    return whole + [(code, place_name(desk.texts, row.facility, row.resource)) for code, row in named]


def read_role(values: Mapping[str, str], texts: Texts) -> Sent:
    """Role and place of a form."""
    errors: dict[str, str] = {}
    role = next((each for each in get_args(Role) if each == values.get("role")), None)
    if role is None:
        errors["role"] = texts.gettext("Choose a role.")
    place = read_place(values.get("place", ""))
    if place is None:
        errors["place"] = texts.gettext("Choose where.")
    return Sent(role, *(place or (None, None)), errors)


def read_place(code: str) -> tuple[UUID | None, UUID | None] | None:
    """Facility, or resource, or neither for the whole municipality. None for what no choice of places holds."""
    kind, _, text = code.partition(":")
    if code == EVERYWHERE:
        return None, None
    try:
        id_ = UUID(text)
    except ValueError:
        return None
    return {"facility": (id_, None), "resource": (None, id_)}.get(kind)


async def sent(desk: Desk) -> dict[str, str]:
    """The fields of the form that was posted."""
    form = await desk.request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


@get("/staff/roles")
async def list_roles(desk: AtDesk) -> Response[str]:
    """Who has which role where, and who has been asked, at the places whose roles the reader gives."""
    return await _roles_page(desk, {}, {})


async def _roles_page(
    desk: Desk,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    refused: str | None = None,
    status: int = 200,
) -> Response[str]:
    query = desk.request.query_params
    role = next((each for each in get_args(Role) if each == query.get("of")), None)
    cursor, ended = query.get("cursor"), query.get("ended") == "yes"
    facility_id, resource_id = read_place(query.get("at") or EVERYWHERE) or (None, None)

    async def work(
        db: AsyncSession, actor: Actor
    ) -> tuple[Page[RoleOut], list[RoleInvitationOut], list[PlaceRow]]:
        page = await roles.roles(
            db,
            actor,
            role=role,
            facility_id=facility_id,
            resource_id=resource_id,
            ended=ended,
            cursor=cursor,
            limit=A_PAGE,
        )
        invited = await roles.open_invitations(db, actor, now=desk.now)
        return page, invited, await roles.places(db, actor)

    page, invited, places = await desk.read(work)
    texts = desk.texts
    done = DONE.get(query.get("done") or "")
    asked = {"of": role or "", "at": query.get("at") or "", "ended": "yes" if ended else ""}
    choices = place_choices(desk, places)
    return desk.page(
        "people/staff_roles.html",
        status=status,
        notice=None if done is None else texts.gettext(done),
        filter=asked,
        role_names=[(code, role_label(code, texts)) for code in ROLES_DO],
        places=choices,
        roles=[role_view(desk, each) for each in page.items],
        invitations=[
            {
                "email": each.email or texts.gettext(FROM_OPERATOR),
                "role": role_label(each.role, texts),
                "place": place_name(texts, each.facility, each.resource),
                "invited_by": each.invited_by,
                "expires_at": each.expires_at,
                "withdraw_url": desk.url(f"/staff/invitations/{each.id}/withdraw"),
            }
            for each in invited
        ],
        role_choices=role_choices(texts),
        form={"email": "", "role": "", "place": "", **form},
        errors=errors,
        refused=refused,
        people_url=desk.url("/staff/people") if may(desk.actor, "person.read") else None,
        previous_url=link(desk.url("/staff/roles"), **asked) if cursor else None,
        next_url=link(desk.url("/staff/roles"), **asked, cursor=page.next) if page.next else None,
    )


@post("/staff/roles", status_code=200)
async def invite(desk: AtDesk) -> Response[Any]:
    """A letter with a link that gives the role to whoever signs in with it."""
    values = await sent(desk)
    read = read_role(values, desk.texts)
    form = {name: values.get(name, "").strip() for name in ("email", "role", "place")}
    try:
        check_email(form["email"])
    except Invalid:
        read.errors["email"] = desk.texts.gettext("Write an e-mail address, such as name@example.no.")

    async def work(db: AsyncSession, actor: Actor) -> None:
        roles.demand_giver(actor)
        if read.role is None or read.errors:
            return
        await invitations.invite(
            db,
            actor,
            email=form["email"],
            role=read.role,
            place=await roles.place_of(db, read.facility_id, read.resource_id),
            now=desk.now,
            link=lambda secret: desk.address(f"/invitations/{secret}"),
            texts=desk.texts,
        )

    try:
        await desk.change(work)
    except Conflict:
        told = desk.texts.gettext("Too many invitations wait for an answer. Withdraw some first.")
        return await _roles_page(desk, form, {}, refused=told, status=Conflict.status)
    if read.errors:
        order = {name: read.errors[name] for name in ("email", "role", "place") if name in read.errors}
        return await _roles_page(desk, form, order, status=422)
    return Redirect(desk.url("/staff/roles", done="invited"), status_code=303)


@post("/staff/invitations/{invitation_id:uuid}/withdraw", status_code=303)
async def withdraw(desk: AtDesk, invitation_id: FromPath[UUID]) -> Redirect:
    """The link in the letter works no longer."""
    await desk.change(lambda db, actor: roles.withdraw(db, actor, invitation_id, now=desk.now))
    return Redirect(desk.url("/staff/roles", done="withdrawn"), status_code=303)


@get("/staff/roles/{role_id:uuid}/end")
async def ask_end(desk: AtDesk, role_id: FromPath[UUID]) -> Response[str]:
    """Sure?"""
    return await _end_page(desk, role_id)


async def _end_page(
    desk: Desk, role_id: UUID, *, refused: str | None = None, status: int = 200
) -> Response[str]:
    found = await desk.read(lambda db, actor: roles.role(db, actor, role_id))
    return desk.page(
        "people/staff_role_end.html",
        status=status,
        role=role_view(desk, found),
        refused=refused,
        is_own=found.person_id == desk.actor.person_id,
        post_url=desk.url(f"/staff/roles/{role_id}/end"),
        back_url=desk.url("/staff/roles"),
    )


@post("/staff/roles/{role_id:uuid}/end", status_code=200)
async def end(desk: AtDesk, role_id: FromPath[UUID]) -> Response[Any]:
    """At once. Who ends her own last role is led to the front page: this list is no longer hers."""
    try:
        await desk.change(lambda db, actor: roles.end(db, actor, role_id, now=desk.now))
    except Conflict as refusal:
        told = desk.texts.gettext(refusal.title)
        return await _end_page(desk, role_id, refused=told, status=refusal.status)
    still_hers = await desk.read(_gives_somewhere)
    path = desk.url("/staff/roles", done="ended") if still_hers else desk.url("") or "/"
    return Redirect(path, status_code=303)


async def _gives_somewhere(_db: AsyncSession, actor: Actor) -> bool:
    return may_somewhere(actor, "people.manage")


handlers = [list_roles, invite, withdraw, ask_end, end]
