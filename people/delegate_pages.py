"""HTML routes of those who act for an association: inviting, changing roles, ending, leaving, handing over."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID, uuid4

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Forbidden, Invalid, LastLeader, LimitReached, NotFound
from core.texts import N_
from people import association_queries, associations, delegates, invitations
from people.actors import Actor, Club, DelegateRole
from people.association_forms import told
from people.association_models import Invitation
from people.association_pages import notice, sent
from people.association_schemas import AssociationDetail
from people.association_views import View, detail_view, invitation_view, role_choices
from people.desk import AtDesk, Desk
from people.models import Delegate
from people.rules import demand, demand_person, may

DONE: Mapping[str, str] = {
    "invited": N_("The invitation is sent."),
    "withdrawn": N_("The invitation is withdrawn."),
    "role": N_("The role is changed."),
    "ended": N_("The person no longer acts for the association."),
    "handed-over": N_("The association has a new leader."),
}
"""What the address says was just done → how it is told."""
LAST = N_("Make somebody else leader before you leave, or ask the municipality.")


@get("/associations/{association_id:uuid}/people")
async def people(desk: AtDesk, association_id: FromPath[UUID]) -> Response[str]:
    """Who acts for it and who is invited, for its leader and officers."""
    return await _people_page(desk, association_id, {})


@post("/associations/{association_id:uuid}/people", status_code=200)
async def invite(desk: AtDesk, association_id: FromPath[UUID]) -> Response[Any]:
    """A letter with a link."""
    values, _ = await sent(desk)

    async def work(db: AsyncSession, actor: Actor) -> str:
        await invitations.invite(
            db,
            actor,
            email=values.get("email", ""),
            role=values.get("role", ""),
            now=desk.now,
            link=lambda secret: desk.address(f"/invitations/{secret}"),
            texts=desk.texts,
            association_id=association_id,
        )
        return desk.url(f"/associations/{association_id}/people", done="invited")

    try:
        path = await desk.once(values.get("idempotency_key", ""), work)
    except Invalid as refusal:
        errors = told(refusal, desk.texts)
        if "role" in errors:
            errors = {"role": desk.texts.gettext("Choose what the person shall be.")}
        return await _people_page(desk, association_id, values, errors=errors, status=422)
    except LimitReached as refusal:
        errors = {
            "email": desk.texts.gettext("So many invitations wait already. Withdraw some of them first.")
        }
        return await _people_page(desk, association_id, values, errors=errors, status=refusal.status)
    return Redirect(path, status_code=303)


@post("/associations/{association_id:uuid}/invitations/{invitation_id:uuid}/withdraw", status_code=303)
async def withdraw(desk: AtDesk, association_id: FromPath[UUID], invitation_id: FromPath[UUID]) -> Redirect:
    """The link works no longer."""

    async def work(db: AsyncSession, actor: Actor) -> None:
        row = await invitations.revoke(db, actor, invitation_id, desk.now)
        if row.association_id != association_id:
            raise NotFound(what="invitation")

    await desk.change(work)
    return Redirect(desk.url(f"/associations/{association_id}/people", done="withdrawn"), status_code=303)


@get("/delegates/{delegate_id:uuid}")
async def delegate(desk: AtDesk, delegate_id: FromPath[UUID]) -> Response[str]:
    """One who acts for it: her role, handing the lead to her, and ending it."""
    return await _delegate_page(desk, delegate_id)


@post("/delegates/{delegate_id:uuid}", status_code=200)
async def change_role(desk: AtDesk, delegate_id: FromPath[UUID]) -> Response[Any]:
    """Another role."""
    values, _ = await sent(desk)
    role = cast("DelegateRole", values.get("role", ""))
    try:
        row = await desk.change(
            lambda db, actor: delegates.change_role(db, actor, delegate_id, role=role, now=desk.now)
        )
    except Invalid:
        errors = {"role": desk.texts.gettext("Choose what the person shall be.")}
        return await _delegate_page(desk, delegate_id, errors=errors, status=422)
    except LastLeader as refusal:
        return await _delegate_page(desk, delegate_id, refused=_last(desk, refusal), status=refusal.status)
    return Redirect(_after(desk, row, "role"), status_code=303)


@post("/delegates/{delegate_id:uuid}/end", status_code=200)
async def end(desk: AtDesk, delegate_id: FromPath[UUID]) -> Response[Any]:
    """She acts for it no longer; whoever ends herself, leaves."""
    try:
        row = await desk.change(lambda db, actor: delegates.end(db, actor, delegate_id, desk.now))
    except LastLeader as refusal:
        return await _delegate_page(desk, delegate_id, refused=_last(desk, refusal), status=refusal.status)
    if row.person_id == desk.actor.person_id:
        return Redirect(desk.url("/associations", done="left"), status_code=303)
    return Redirect(_after(desk, row, "ended"), status_code=303)


@post("/delegates/{delegate_id:uuid}/lead", status_code=303)
async def hand_over(desk: AtDesk, delegate_id: FromPath[UUID]) -> Redirect:
    """She leads from now on, and the one who led books, or leaves."""
    values, _ = await sent(desk)
    stays = values.get("stays", "") != "no"

    async def work(db: AsyncSession, actor: Actor) -> Delegate:
        demand_person(actor, writes=False)
        found = await association_queries.delegate(db, delegate_id)
        if found is None or not may(actor, "association.read", Club(found.association_id)):
            raise NotFound(what="delegate")
        return await delegates.hand_over(
            db, actor, found.association_id, to=delegate_id, stays=stays, now=desk.now
        )

    row = await desk.change(work)
    path = desk.url(f"/associations/{row.association_id}", done="saved")
    return Redirect(path if stays else desk.url("/associations", done="left"), status_code=303)


def _after(desk: Desk, row: Delegate, done: str) -> str:
    """To the list; who has just given up the lead herself, may not see that any more."""
    if row.person_id == desk.actor.person_id and not may(desk.actor, "association.manage"):
        return desk.url(f"/associations/{row.association_id}", done="saved")
    return desk.url(f"/associations/{row.association_id}/people", done=done)


def _last(desk: Desk, refusal: LastLeader) -> View:
    return {
        "title": desk.texts.gettext(refusal.title),
        "explanation": desk.texts.gettext(LAST),
        "conflicts": [],
        "alternatives": [],
    }


async def _people_page(
    desk: Desk,
    association_id: UUID,
    form: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    async def work(db: AsyncSession, actor: Actor) -> tuple[AssociationDetail, Sequence[Invitation]]:
        out = await associations.detail(db, actor, association_id, desk.now)
        demand(actor, "association.lead", Club(association_id))
        waiting = await invitations.open_invitations(db, actor, association_id=association_id)
        return out, waiting

    out, waiting = await desk.read(work)
    path = desk.url(f"/associations/{association_id}")
    view = detail_view(out, desk.texts)
    return desk.page(
        "people/association_people.html",
        status=status,
        notice=notice(desk, DONE),
        name=out.name,
        delegates=[{**each, "url": desk.url(f"/delegates/{each['id']}")} for each in view["delegates"]],
        invitations=[
            invitation_view(row, desk.texts, now=desk.now, revoke_url=f"{path}/invitations/{row.id}/withdraw")
            for row in waiting
        ],
        roles=role_choices(desk.texts),
        form={"email": form.get("email", ""), "role": form.get("role", "booker")},
        errors=errors or {},
        idempotency_key=str(uuid4()),
        post_url=f"{path}/people",
        back_url=path,
    )


async def _delegate_page(
    desk: Desk,
    delegate_id: UUID,
    *,
    errors: Mapping[str, str] | None = None,
    refused: View | None = None,
    status: int = 200,
) -> Response[str]:
    async def work(db: AsyncSession, actor: Actor) -> AssociationDetail:
        demand_person(actor, writes=False)
        found = await association_queries.delegate(db, delegate_id)
        if found is None or not may(actor, "association.read", Club(found.association_id)):
            raise NotFound(what="delegate")
        if found.person_id != actor.person_id:
            demand(actor, "association.lead", Club(found.association_id))
        return await associations.detail(db, actor, found.association_id, desk.now)

    out = await desk.read(work)
    shown = next(
        (each for each in detail_view(out, desk.texts)["delegates"] if each["id"] == delegate_id), None
    )
    if shown is None:
        raise Forbidden(action="association.lead")
    path, back = desk.url(f"/delegates/{delegate_id}"), desk.url(f"/associations/{out.id}")
    leads = may(desk.actor, "association.lead", Club(out.id))
    return desk.page(
        "people/association_delegate.html",
        status=status,
        association=out.name,
        association_url=back,
        delegate=shown,
        roles=role_choices(desk.texts),
        form={"role": shown["role"], "stays": "yes"},
        errors=errors or {},
        refused=refused,
        may_lead=leads,
        may_hand_over=desk.actor.role_in(out.id) == "leader"
        and not shown["is_me"]
        and shown["role"] != "leader",
        path=path,
        back_url=f"{back}/people" if leads else back,
    )


pages = Router(
    path="/{m:str}",
    include_in_schema=False,
    route_handlers=[people, invite, withdraw, delegate, change_role, end, hand_over],
)
