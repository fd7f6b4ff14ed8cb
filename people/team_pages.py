"""HTML routes of what an association consists of: its teams, and whom to reach in it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from core.errors import AlreadyExists, Invalid
from people import associations, teams
from people.association_forms import (
    CONTACT_FIELDS,
    TEAM_FIELDS,
    contact_values,
    form_of,
    read_as,
    team_values,
    told,
)
from people.association_models import AssociationContact
from people.association_pages import sent
from people.association_schemas import ContactIn, ContactPatch, TeamIn, TeamPatch
from people.association_views import activity_pairs
from people.desk import AtDesk, Desk
from people.models import Association, Team


@get("/associations/{association_id:uuid}/teams/new")
async def ask_team(desk: AtDesk, association_id: FromPath[UUID]) -> Response[str]:
    """An empty form."""
    return await _new_team(desk, association_id, {})


@post("/associations/{association_id:uuid}/teams/new", status_code=200)
async def add_team(desk: AtDesk, association_id: FromPath[UUID]) -> Response[Any]:
    """A new team, or one that had ended."""
    values, _ = await sent(desk)
    try:
        body = read_as(TeamIn, team_values(values))
        await desk.change(
            lambda db, actor: teams.add_team(db, actor, association_id, body=body, now=desk.now)
        )
    except (Invalid, AlreadyExists) as refusal:
        errors = told(refusal, desk.texts)
        return await _new_team(desk, association_id, values, errors=errors, status=refusal.status)
    return Redirect(desk.url(f"/associations/{association_id}", done="team"), status_code=303)


@get("/teams/{team_id:uuid}")
async def team(desk: AtDesk, team_id: FromPath[UUID]) -> Response[str]:
    """To change."""
    row = await _team(desk, team_id)
    return _team_page(desk, row.association_id, form_of(row, TEAM_FIELDS), row=row)


@post("/teams/{team_id:uuid}", status_code=200)
async def change_team(desk: AtDesk, team_id: FromPath[UUID]) -> Response[Any]:
    """Saved, or shown again with what is not right."""
    values, _ = await sent(desk)
    row = await _team(desk, team_id)
    try:
        body = read_as(TeamPatch, team_values(values))
        await desk.change(lambda db, actor: teams.change_team(db, actor, team_id, body=body, now=desk.now))
    except (Invalid, AlreadyExists) as refusal:
        errors = told(refusal, desk.texts)
        return _team_page(desk, row.association_id, values, row=row, errors=errors, status=refusal.status)
    return Redirect(desk.url(f"/associations/{row.association_id}", done="team"), status_code=303)


@post("/teams/{team_id:uuid}/end", status_code=303)
async def end_team(desk: AtDesk, team_id: FromPath[UUID]) -> Redirect:
    """What is booked for it stays."""
    row = await desk.change(lambda db, actor: teams.end_team(db, actor, team_id, desk.now))
    return Redirect(desk.url(f"/associations/{row.association_id}", done="team-ended"), status_code=303)


@get("/associations/{association_id:uuid}/contacts/new")
async def ask_contact(desk: AtDesk, association_id: FromPath[UUID]) -> Response[str]:
    """An empty form."""
    return await _new_contact(desk, association_id, {})


@post("/associations/{association_id:uuid}/contacts/new", status_code=200)
async def add_contact(desk: AtDesk, association_id: FromPath[UUID]) -> Response[Any]:
    """Whom to reach for what."""
    values, _ = await sent(desk)
    try:
        body = read_as(ContactIn, contact_values(values))
        await desk.change(
            lambda db, actor: teams.add_contact(db, actor, association_id, body=body, now=desk.now)
        )
    except Invalid as refusal:
        errors = told(refusal, desk.texts)
        return await _new_contact(desk, association_id, values, errors=errors, status=422)
    return Redirect(desk.url(f"/associations/{association_id}", done="contact"), status_code=303)


@get("/contacts/{contact_id:uuid}")
async def contact(desk: AtDesk, contact_id: FromPath[UUID]) -> Response[str]:
    """To change."""
    row = await _contact(desk, contact_id)
    return _contact_page(desk, row.association_id, form_of(row, CONTACT_FIELDS), row=row)


@post("/contacts/{contact_id:uuid}", status_code=200)
async def change_contact(desk: AtDesk, contact_id: FromPath[UUID]) -> Response[Any]:
    """Saved, or shown again with what is not right."""
    values, _ = await sent(desk)
    row = await _contact(desk, contact_id)
    try:
        body = read_as(ContactPatch, contact_values(values))
        await desk.change(
            lambda db, actor: teams.change_contact(db, actor, contact_id, body=body, now=desk.now)
        )
    except Invalid as refusal:
        errors = told(refusal, desk.texts)
        return _contact_page(desk, row.association_id, values, row=row, errors=errors, status=422)
    return Redirect(desk.url(f"/associations/{row.association_id}", done="contact"), status_code=303)


@post("/contacts/{contact_id:uuid}/remove", status_code=303)
async def remove_contact(desk: AtDesk, contact_id: FromPath[UUID]) -> Redirect:
    """For good."""
    association_id = await desk.change(
        lambda db, actor: teams.remove_contact(db, actor, contact_id, desk.now)
    )
    return Redirect(desk.url(f"/associations/{association_id}", done="contact-removed"), status_code=303)


async def _team(desk: Desk, team_id: UUID) -> Team:
    return await desk.read(lambda db, actor: teams.team_to_change(db, actor, team_id))


async def _contact(desk: Desk, contact_id: UUID) -> AssociationContact:
    return await desk.read(lambda db, actor: teams.contact_to_change(db, actor, contact_id))


async def _to_change(desk: Desk, association_id: UUID) -> Association:
    return await desk.read(lambda db, actor: associations.to_change(db, actor, association_id))


async def _new_team(desk: Desk, association_id: UUID, form: Mapping[str, Any], **more: Any) -> Response[str]:
    await _to_change(desk, association_id)
    return _team_page(desk, association_id, form, **more)


async def _new_contact(
    desk: Desk, association_id: UUID, form: Mapping[str, Any], **more: Any
) -> Response[str]:
    await _to_change(desk, association_id)
    return _contact_page(desk, association_id, form, **more)


def _team_page(
    desk: Desk,
    association_id: UUID,
    form: Mapping[str, Any],
    *,
    row: Team | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    back = desk.url(f"/associations/{association_id}")
    path = f"{back}/teams/new" if row is None else desk.url(f"/teams/{row.id}")
    return desk.page(
        "people/association_team.html",
        status=status,
        team=None if row is None else row.name,
        form={name: form.get(name) for name in TEAM_FIELDS},
        errors=errors or {},
        activities=activity_pairs(desk.texts),
        post_url=path,
        end_url=None if row is None else f"{path}/end",
        back_url=back,
    )


def _contact_page(
    desk: Desk,
    association_id: UUID,
    form: Mapping[str, Any],
    *,
    row: AssociationContact | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    back = desk.url(f"/associations/{association_id}")
    path = f"{back}/contacts/new" if row is None else desk.url(f"/contacts/{row.id}")
    return desk.page(
        "people/association_contact.html",
        status=status,
        contact=None if row is None else row.title,
        form={name: form.get(name) for name in CONTACT_FIELDS},
        errors=errors or {},
        post_url=path,
        end_url=None if row is None else f"{path}/remove",
        back_url=back,
    )


pages = Router(
    path="/{m:str}",
    include_in_schema=False,
    route_handlers=[
        ask_team,
        add_team,
        team,
        change_team,
        end_team,
        ask_contact,
        add_contact,
        contact,
        change_contact,
        remove_contact,
    ],
)
