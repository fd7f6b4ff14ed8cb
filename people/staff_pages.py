"""HTML routes of administration: the way in, finding persons, one person, roles given and ended."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from core.alphabet import alphabetical
from core.errors import AlreadyExists, Conflict, Invalid
from core.page import link
from core.paging import Page
from core.texts import N_, Texts
from core.wire import has_nul
from people import finding, roles
from people.actors import Actor, Role
from people.administration import demand_administration, doors_of
from people.desk import AnyRequest, AtDesk, Desk
from people.role_queries import PlaceRow
from people.role_schemas import (
    DELEGATE_ROLES,
    PERSON_GROUPS,
    ROLES,
    ROLES_DO,
    PersonDetail,
    PersonGroup,
    PersonOut,
    PersonPatch,
    RoleIn,
    RoleOut,
)
from people.rules import demand, may, may_somewhere

A_PAGE = 50
EVERYWHERE = "all"
"""The whole municipality, in a form's choice of places."""
WHOLE_MUNICIPALITY = N_("The whole municipality")
DONE: Mapping[str, str] = {
    "given": N_("The role is given. It holds at once."),
    "ended": N_("The role has ended."),
    "group": N_("The customer group is changed."),
}
"""What the address says was just done → how it is told."""
View = dict[str, Any]


class Sent(Struct, frozen=True):
    """What a form said about a role: right, or with what is wrong by field."""

    role: Role | None
    facility_id: UUID | None
    resource_id: UUID | None
    errors: dict[str, str]


@get("/staff")
async def administration(desk: AtDesk) -> Response[str]:
    """What the reader may administer."""

    async def work(_db: AsyncSession, actor: Actor) -> None:
        demand_administration(actor)

    await desk.read(work)
    there = {path.removeprefix("/{m}") for path in _paths(desk.request)}
    return desk.page(
        "people/staff.html",
        doors=[
            {
                "name": desk.texts.gettext(door.name),
                "about": desk.texts.gettext(door.about),
                "url": desk.url(door.path),
            }
            for door in doors_of(desk.actor, there)
        ],
    )


def _paths(request: AnyRequest) -> set[str]:
    return {route.path_format for route in request.app.routes}


@get("/staff/people")
async def people(desk: AtDesk) -> Response[str]:
    """Find somebody."""
    query = desk.request.query_params
    text, cursor = query.get("text", "").strip(), query.get("cursor")
    is_asked = "text" in query

    async def work(db: AsyncSession, actor: Actor) -> Page[PersonOut]:
        demand(actor, "person.read")
        if not is_asked or _text_errors(desk.texts, text):
            return Page([])
        return await finding.people(db, actor, text, cursor=cursor, limit=A_PAGE, now=desk.now)

    page = await desk.change(work)
    errors = _text_errors(desk.texts, text) if is_asked else {}
    return desk.page(
        "people/staff_people.html",
        status=422 if errors else 200,
        form={"text": text},
        errors=errors,
        is_asked=is_asked and not errors,
        people=[
            {
                "name": each.name or desk.texts.gettext("Has not told a name"),
                "url": desk.url(f"/staff/people/{each.id}"),
                "email": each.email,
                "phone": each.phone,
                "associations": each.associations,
            }
            for each in page.items
        ],
        previous_url=link(desk.url("/staff/people"), text=text) if cursor else None,
        next_url=link(desk.url("/staff/people"), text=text, cursor=page.next) if page.next else None,
    )


def _text_errors(texts: Texts, text: str) -> dict[str, str]:
    if len("".join(text.split())) < finding.LEAST:
        return {"text": texts.gettext("Write at least two letters.")}
    if len(text) > finding.MOST_LETTERS or has_nul(text):
        return {"text": texts.gettext("Write less.")}
    return {}


@get("/staff/people/{person_id:uuid}")
async def person(desk: AtDesk, person_id: FromPath[UUID]) -> Response[str]:
    """One, with roles and delegations."""
    return await _person_page(desk, person_id, {}, {})


async def _person_page(
    desk: Desk,
    person_id: UUID,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    refused: str | None = None,
    status: int = 200,
) -> Response[str]:
    async def work(db: AsyncSession, actor: Actor) -> tuple[PersonDetail, list[PlaceRow]]:
        found = await finding.person(db, actor, person_id, now=desk.now)
        gives = may_somewhere(actor, "people.manage")
        return found, await roles.places(db, actor) if gives else []

    found, places = await desk.change(work)
    done = DONE.get(desk.request.query_params.get("done") or "")
    texts, path = desk.texts, desk.url(f"/staff/people/{person_id}")
    return desk.page(
        "people/staff_person.html",
        status=status,
        notice=None if done is None else texts.gettext(done),
        person={
            "name": found.name or texts.gettext("Has not told a name"),
            "email": found.email,
            "phone": found.phone,
            "postcode": found.postcode,
            "group": texts.gettext(PERSON_GROUPS[found.customer_group])
            if found.customer_group in PERSON_GROUPS
            else found.customer_group,
            "created_at": found.created_at,
            "seen_at": found.seen_at,
            "tokens": found.tokens,
            "version": found.version,
        },
        roles=[role_view(desk, each) for each in found.roles if each.ended_at is None],
        ended=[role_view(desk, each) for each in found.roles if each.ended_at is not None],
        delegations=[
            (each.association, texts.gettext(DELEGATE_ROLES[each.role])) for each in found.delegations
        ],
        role_choices=role_choices(texts) if may_somewhere(desk.actor, "people.manage") else [],
        places=place_choices(desk, places),
        groups=[(code, texts.gettext(name)) for code, name in PERSON_GROUPS.items()]
        if may(desk.actor, "association.manage")
        else [],
        form={"role": "", "place": "", "customer_group": found.customer_group, **form},
        errors=errors,
        refused=refused,
        give_url=f"{path}/roles",
        group_url=f"{path}/group",
        back_url=desk.url("/staff/people"),
    )


def role_view(desk: Desk, role: RoleOut) -> View:
    """One grant in a list."""
    return {
        "person": role.person or desk.texts.gettext("Has not told a name"),
        "person_url": desk.url(f"/staff/people/{role.person_id}") if may(desk.actor, "person.read") else None,
        "role": desk.texts.gettext(ROLES[role.role]),
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
    return [(code, texts.gettext(name), texts.gettext(ROLES_DO[code])) for code, name in ROLES.items()]


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
    facility_id, resource_id = None, None
    try:
        facility_id, resource_id = read_place(values.get("place", ""))
    except ValueError:
        errors["place"] = texts.gettext("Choose where.")
    return Sent(role, facility_id, resource_id, errors)


def read_place(code: str) -> tuple[UUID | None, UUID | None]:
    """Facility, or resource, or neither. Raises ValueError for what no choice of places holds."""
    kind, _, id_ = code.partition(":")
    match kind:
        case "facility":
            return UUID(id_), None
        case "resource":
            return None, UUID(id_)
        case _ if code == EVERYWHERE:
            return None, None
        case _:
            raise ValueError(code)


async def sent(desk: Desk) -> dict[str, str]:
    """The fields of the form that was posted."""
    form = await desk.request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


@post("/staff/people/{person_id:uuid}/roles", status_code=200)
async def give(desk: AtDesk, person_id: FromPath[UUID]) -> Response[Any]:
    """A role, from now on."""
    values = await sent(desk)
    read = read_role(values, desk.texts)
    form = {name: values.get(name, "") for name in ("role", "place")}

    async def work(db: AsyncSession, actor: Actor) -> None:
        demand(actor, "person.read")
        if read.role is None or read.errors:
            roles.demand_giver(actor)
            return
        wish = RoleIn(
            person_id=person_id, role=read.role, facility_id=read.facility_id, resource_id=read.resource_id
        )
        await roles.give(db, actor, wish, now=desk.now)

    try:
        await desk.change(work)
    except AlreadyExists:
        told = desk.texts.gettext("She has this role there already.")
        return await _person_page(desk, person_id, form, {}, refused=told, status=AlreadyExists.status)
    if read.errors:
        return await _person_page(desk, person_id, form, read.errors, status=422)
    return Redirect(desk.url(f"/staff/people/{person_id}", done="given"), status_code=303)


@post("/staff/people/{person_id:uuid}/group", status_code=200)
async def change_group(desk: AtDesk, person_id: FromPath[UUID]) -> Response[Any]:
    """Another customer group."""
    values = await sent(desk)
    group = next((each for each in get_args(PersonGroup) if each == values.get("customer_group")), None)
    version = version_of(values)

    async def work(db: AsyncSession, actor: Actor) -> None:
        demand(actor, "association.manage")
        if group is not None:
            patch = PersonPatch(customer_group=group)
            await finding.change_person(db, actor, person_id, body=patch, version=version, now=desk.now)

    await desk.change(work)
    if group is None:
        errors = {"customer_group": desk.texts.gettext("Choose a customer group.")}
        return await _person_page(desk, person_id, {}, errors, status=422)
    return Redirect(desk.url(f"/staff/people/{person_id}", done="group"), status_code=303)


def version_of(values: Mapping[str, str]) -> int:
    """The version that the form was made of. Raises Invalid."""
    version = values.get("version", "")
    if not version.isascii() or not version.isdecimal() or len(version) > 9:
        raise Invalid(field="version", expected=N_("the number that the form came with"))
    return int(version)


@get("/staff/roles")
async def list_roles(desk: AtDesk) -> Response[str]:
    """Who has which role where, at the places whose roles the reader gives."""
    query = desk.request.query_params
    role = next((each for each in get_args(Role) if each == query.get("role")), None)
    cursor, ended = query.get("cursor"), query.get("ended") == "yes"
    try:
        facility_id, resource_id = read_place(query.get("place") or EVERYWHERE)
    except ValueError:
        facility_id, resource_id = None, None

    async def work(db: AsyncSession, actor: Actor) -> tuple[Page[RoleOut], list[PlaceRow]]:
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
        return page, await roles.places(db, actor)

    page, places = await desk.read(work)
    done = DONE.get(query.get("done") or "")
    form = {"role": role or "", "place": query.get("place") or "", "ended": "yes" if ended else ""}
    return desk.page(
        "people/staff_roles.html",
        notice=None if done is None else desk.texts.gettext(done),
        form=form,
        role_choices=[(code, desk.texts.gettext(name)) for code, name in ROLES.items()],
        places=[choice for choice in place_choices(desk, places) if choice[0] != EVERYWHERE],
        roles=[role_view(desk, each) for each in page.items],
        people_url=desk.url("/staff/people") if may(desk.actor, "person.read") else None,
        previous_url=link(desk.url("/staff/roles"), **form) if cursor else None,
        next_url=link(desk.url("/staff/roles"), **form, cursor=page.next) if page.next else None,
    )


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


pages = Router(
    path="/{m:str}",
    include_in_schema=False,
    route_handlers=[administration, people, person, give, change_group, list_roles, ask_end, end],
)
