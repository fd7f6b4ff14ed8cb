"""HTML routes of an invitation: what the link in the letter leads to."""

from typing import Any
from uuid import uuid4

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from core.page import link
from people import invitations
from people.actors import Actor
from people.desk import AtDesk
from people.wording import DELEGATES_MAY, role_label

DISCREET = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
"""The secret stands in the path: it goes to no other page and into no cache."""


@get("/invitations/{secret:str}")
async def invitation(desk: AtDesk, secret: FromPath[str]) -> Response[str]:
    """Who invites to what, and the button that says yes; first the way in, for who has not signed in."""

    async def work(db: AsyncSession, _: Actor) -> invitations.Offer:
        return await invitations.offer(db, secret, desk.now)

    offer = await desk.read(work)
    path = desk.url(f"/invitations/{secret}")
    may = DELEGATES_MAY.get(offer.role)  # pyright: ignore[reportArgumentType]  # a role of staff is not among them
    response = desk.page(
        "people/invitation.html",
        offer=offer,
        role=role_label(offer.role, desk.texts),
        may=None if may is None else desk.texts.gettext(may),
        is_known=desk.actor.login_id is not None,
        idempotency_key=str(uuid4()),
        post_url=path,
        sign_in_url=link(desk.url("/sign-in"), next=path),
    )
    response.headers.update(DISCREET)
    return response


@post("/invitations/{secret:str}", status_code=200)
async def accept(desk: AtDesk, secret: FromPath[str]) -> Response[Any]:
    """The role is hers at once."""
    form = await desk.request.form()

    async def work(db: AsyncSession, actor: Actor) -> str:
        accepted = await invitations.accept(db, actor, secret, desk.now)
        if accepted.association_id is None:
            return desk.url("/associations", done="role")
        return desk.url(f"/associations/{accepted.association_id}", done="joined")

    path = await desk.once(str(form.get("idempotency_key", "")), work)
    return Redirect(path, status_code=303, headers=DISCREET)


pages = Router(path="/{m:str}", include_in_schema=False, route_handlers=[invitation, accept])
