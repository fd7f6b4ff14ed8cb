"""HTML routes of tokens: one's own, and, for administrators, everybody's."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import asdict
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Invalid, LimitReached, Refusal
from core.ids import new_id
from core.paging import Page
from core.texts import N_
from core.wire import has_nul
from people import tokens
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.profile_pages import sent
from people.token_schemas import LONGEST_DAYS, TokenIn, TokenMade, TokenOut

A_PAGE: Final = 25
EMPTY: Final = {"label": "", "days": "90", "write": "", "staff": ""}
SCOPES: Final[Mapping[str, str]] = {
    "read": N_("reads"),
    "write": N_("books and changes"),
    "staff": N_("uses staff roles"),
}
"""Scope → what a token with it does."""


@get("/me/tokens")
async def my_tokens(desk: AtDesk) -> Response[str]:
    """Newest first."""
    done = desk.request.query_params.get("done")
    told = {"revoked": N_("The token is revoked."), "made": N_("The token was made already.")}.get(done or "")
    return await _page(desk, EMPTY, notice=desk.texts.gettext(told) if told else None)


@post("/me/tokens", status_code=200)
async def make_token(desk: AtDesk) -> Response[Any]:
    """The answer shows the secret, this once: no address could bear it. Sent twice, it makes one."""
    values = await sent(desk)
    form = {name: values.get(name, default if name == "days" else "") for name, default in EMPTY.items()}
    key = values.get("idempotency_key", "")[:100]
    errors = _errors(desk, form)
    if errors:
        return await _page(desk, form, errors=errors, key=key, status=422)
    scopes = ["read", *(name for name in ("write", "staff") if form[name])]
    asked = msgspec.convert(
        {"label": form["label"].strip(), "days": int(form["days"]), "scopes": scopes}, TokenIn
    )
    shown: list[TokenMade] = []

    async def work(db: AsyncSession, actor: Actor) -> str:
        made = await tokens.make_token(db, actor, asked, desk.now)
        shown[:] = [made]
        return desk.url("/me/tokens", done="made", token=made.id)

    try:
        path = await desk.once(key, work)
    except (Invalid, LimitReached) as refusal:
        return await _page(desk, form, refusals=[_view(desk, refusal)], status=refusal.status)
    if not shown or str(shown[0].id) not in path:
        return Redirect(desk.url("/me/tokens", done="made"), status_code=303)
    response = await _page(desk, EMPTY, made=shown[0])
    response.headers["Cache-Control"] = "no-store"
    return response


@post("/me/tokens/{token_id:uuid}/revoke", status_code=303)
async def revoke_token(desk: AtDesk, token_id: FromPath[UUID]) -> Redirect:
    """It opens nothing from now on."""
    await desk.change(lambda db, actor: tokens.revoke_own(db, actor, token_id, desk.now))
    return Redirect(desk.url("/me/tokens", done="revoked"), status_code=303)


@get("/staff/tokens")
async def all_tokens(desk: AtDesk) -> Response[str]:
    """For administrators."""
    cursor = desk.request.query_params.get("cursor")
    found = await desk.read(
        lambda db, actor: tokens.all_tokens(db, actor, desk.now, cursor=cursor, limit=A_PAGE)
    )
    done = "done" in desk.request.query_params
    return desk.page(
        "people/tokens_all.html",
        notice=desk.texts.gettext("The token is revoked.") if done else None,
        tokens=[_token(desk, each, "/staff/tokens") for each in found.items],
        previous_url=desk.url("/staff/tokens") if cursor else None,
        next_url=desk.url("/staff/tokens", cursor=found.next) if found.next else None,
    )


@post("/staff/tokens/{token_id:uuid}/revoke", status_code=303)
async def revoke_any_token(desk: AtDesk, token_id: FromPath[UUID]) -> Redirect:
    """For administrators."""
    await desk.change(lambda db, actor: tokens.revoke_any(db, actor, token_id, desk.now))
    return Redirect(desk.url("/staff/tokens", done="revoked"), status_code=303)


def _errors(desk: Desk, form: Mapping[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    label, days = form["label"].strip(), form["days"].strip()
    if not label or len(label) > 200 or has_nul(label):
        errors["label"] = desk.texts.gettext("Write what the token is for, in at most 200 letters.")
    if not (days.isascii() and days.isdecimal() and len(days) < 5 and 1 <= int(days) <= LONGEST_DAYS):
        errors["days"] = desk.texts.gettext("Write a number of days from 1 to 366.")
    return errors


def _view(desk: Desk, refusal: Refusal) -> dict[str, Any]:
    said = desk.texts.gettext("You have as many tokens as one can have. Revoke one first.")
    if isinstance(refusal, Invalid):
        said = refusal.expected(desk.texts.gettext)
    title = desk.texts.gettext(refusal.title)
    return {"title": title, "explanation": said, "conflicts": [], "alternatives": []}


async def _page(
    desk: Desk,
    form: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    refusals: Sequence[Mapping[str, Any]] = (),
    made: TokenMade | None = None,
    key: str = "",
    notice: str | None = None,
    status: int = 200,
) -> Response[str]:
    cursor = desk.request.query_params.get("cursor") if desk.request.method == "GET" else None

    async def work(db: AsyncSession, actor: Actor) -> tuple[Page[TokenOut], bool]:
        found = await tokens.own_tokens(db, actor, desk.now, cursor=cursor, limit=A_PAGE)
        return found, bool(actor.grants)

    found, may_staff = await desk.read(work)
    return desk.page(
        "people/tokens.html",
        status=status,
        notice=notice,
        made=made,
        tokens=[_token(desk, each, "/me/tokens") for each in found.items],
        form=form,
        errors=errors or {},
        refusals=refusals,
        may_staff=may_staff,
        idempotency_key=key or new_id().hex,
        post_url=desk.url("/me/tokens"),
        previous_url=desk.url("/me/tokens") if cursor else None,
        next_url=desk.url("/me/tokens", cursor=found.next) if found.next else None,
    )


def _token(desk: Desk, token: TokenOut, path: str) -> dict[str, Any]:
    told = asdict(token)
    state = "live" if token.is_live else "revoked" if token.revoked_at else "expired"
    return {
        **told,
        "person": told.get("person"),
        "scopes": [desk.texts.gettext(SCOPES.get(scope, scope)) for scope in token.scopes],
        "state": state,
        "revoke_url": desk.url(f"{path}/{token.id}/revoke") if token.is_live else None,
    }


handlers = [my_tokens, make_token, revoke_token, all_tokens, revoke_any_token]
