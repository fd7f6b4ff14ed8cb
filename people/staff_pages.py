"""HTML routes of administration: the way in, finding persons, one person."""

from collections.abc import Mapping
from typing import Any, get_args
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import AlreadyExists, Invalid
from core.page import link
from core.paging import Page
from core.texts import N_, Texts
from core.wire import has_nul
from people import finding, role_pages, roles
from people.actors import Actor
from people.administration import demand_administration, doors_of
from people.desk import AnyRequest, AtDesk, Desk
from people.role_pages import A_PAGE, NAMELESS, place_choices, read_role, role_choices, role_view, sent
from people.role_queries import PlaceRow
from people.role_schemas import (
    PERSON_GROUPS,
    PersonDetail,
    PersonGroup,
    PersonOut,
    PersonPatch,
    RoleIn,
)
from people.rules import demand, may, may_somewhere
from people.wording import role_label

DONE: Mapping[str, str] = {
    "given": N_("The role is given. It holds at once."),
    "group": N_("The customer group is changed."),
}
"""What the address says was just done → how it is told."""


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
                "name": each.name or desk.texts.gettext(NAMELESS),
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
            "name": found.name or texts.gettext(NAMELESS),
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
        delegations=[(each.association, role_label(each.role, texts)) for each in found.delegations],
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


pages = Router(
    path="/{m:str}",
    include_in_schema=False,
    route_handlers=[administration, people, person, give, change_group, *role_pages.handlers],
)
