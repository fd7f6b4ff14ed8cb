"""HTML routes of where one is signed in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from core.texts import N_
from people import logins
from people.desk import AtDesk
from people.providers import Providers

DONE: Mapping[str, str] = {
    "ended": N_("That browser is signed out."),
}
"""What the address says was just done → how it is told."""


@get("/me/logins")
async def list_logins(desk: AtDesk) -> Response[str]:
    """In this municipality; those that have ended by themselves are not told."""
    found = await desk.read(lambda db, actor: logins.own_logins(db, actor, desk.now))
    providers: Providers = desk.request.app.state.providers
    done = DONE.get(desk.request.query_params.get("done") or "")

    def label(key: str | None) -> str | None:
        one = providers.one(desk.tenant.slug, key) if key is not None else None
        return key if one is None else one.label_in(desk.language)

    return desk.page(
        "people/logins.html",
        notice=None if done is None else desk.texts.gettext(done),
        logins=[
            {
                "agent": each.agent,
                "provider": label(each.provider),
                "created_at": each.created_at,
                "used_at": each.used_at,
                "is_this": each.is_this,
                "end_url": desk.url(f"/me/logins/{each.id}/end"),
            }
            for each in found
        ],
        end_all_url=desk.url("/me/logins/end-all"),
    )


@post("/me/logins/{login_id:uuid}/end", status_code=303)
async def end_login(desk: AtDesk, login_id: FromPath[UUID]) -> Response[Any]:
    """One of one's own."""
    was_this = await desk.change(lambda db, actor: logins.end_one(db, actor, login_id, desk.now))
    if not was_this:
        return Redirect(desk.url("/me/logins", done="ended"), status_code=303)
    response = Redirect(desk.url("") or "/", status_code=303)
    desk.drop_cookie(response, desk.cookie_name)
    return response


@post("/me/logins/end-all", status_code=303)
async def end_all_logins(desk: AtDesk) -> Response[Any]:
    """Here and in all other municipalities."""
    identity_id = await desk.change(lambda db, actor: logins.end_all_here(db, actor, desk.now))
    if identity_id is not None:
        async with desk.database.herself(identity_id=identity_id) as db:
            await logins.end_all(db, identity_id, desk.now)
    response = Redirect(desk.url("") or "/", status_code=303)
    desk.drop_cookie(response, desk.cookie_name)
    return response


handlers: list[ControllerRouterHandler] = [list_logins, end_login, end_all_logins]
