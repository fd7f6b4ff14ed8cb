"""Pages that belong to no room: the way in, the languages, the colours, what we promise about accessibility."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

import booking.pages
import people.association_list_pages
import people.association_pages
import people.delegate_pages
import people.invitation_pages
import people.leading_pages
import people.team_pages
import resources.pages
from core import mail
from core.colours import stylesheet
from core.errors import Invalid
from core.page import render
from core.settings import Settings
from core.texts import LANGUAGES, N_
from people import queries, service
from people.actors import Actor
from people.desk import AnyRequest, AtDesk, Desk
from people.frame import frame, language_of, remember_language
from web.demo import demo_id

PERSONAS = {
    "citizen": N_("A citizen. Books for herself."),
    "delegate": N_("Acts for a sports club, and books for it."),
    "officer": N_("A case officer. Answers requests."),
    "manager": N_("A facility manager. Answers requests, closes, and changes what anybody has booked."),
    "admin": N_("May do everything here."),
}
"""Figures of the demo (web/demo.py) that one can be, and what they are."""

LETTERS_SHOWN = 50


def safe_path(path: str) -> str | None:
    """The path when it leads to a page of ours; None for other sites and nonsense, whatever its disguise."""
    odd = not path.startswith("/") or path.startswith("//") or "\\" in path
    if odd or not path.isprintable() or len(path) > 6000:
        return None
    parts = urlsplit(path)
    return None if parts.scheme or parts.netloc else path


def _next(desk: Desk, path: str) -> str:
    return safe_path(path) or desk.url("") or "/"


@get("/sign-in")
async def ask_sign_in(desk: AtDesk) -> Response[str]:
    """Who to be, in the demo."""
    ids = {part: demo_id(desk.tenant.slug, "person", part) for part in PERSONAS}
    names = await desk.read(lambda db, _: queries.names(db, list(ids.values())))
    return desk.page(
        "web/sign_in.html",
        personas=[
            {"key": part, "name": names[ids[part]], "description": desk.texts.gettext(text)}
            for part, text in PERSONAS.items()
            if ids[part] in names
        ],
        next=_next(desk, desk.request.query_params.get("next", "")),
    )


@post("/sign-in", status_code=303)
async def sign_in(desk: AtDesk) -> Redirect:
    """In as one of them, and back to where she came from."""
    form = await desk.request.form()
    part = str(form.get("persona", ""))
    if part not in PERSONAS:
        raise Invalid(field="persona", expected=f"one of {', '.join(PERSONAS)}")
    person_id = demo_id(desk.tenant.slug, "person", part)
    return await _signed_in(desk, person_id, str(form.get("next", "")))


async def _signed_in(desk: Desk, person_id: UUID, path: str) -> Redirect:
    """A new login whatever was there before, so that no cookie planted earlier is ever taken up."""
    earlier = desk.request.cookies.get(desk.cookie_name)

    async def work(db: AsyncSession, _: Actor) -> str:
        if earlier:
            await service.sign_out(db, earlier, desk.now)
        return await service.sign_in(db, person_id, desk.now)

    secret = await desk.change(work)
    response = Redirect(_next(desk, path), status_code=303)
    is_secure = (desk.request.app.state.settings.public_url or str(desk.request.url)).startswith("https:")
    response.set_cookie(
        desk.cookie_name,
        secret,
        max_age=int(service.LOGIN_LASTS.total_seconds()),
        httponly=True,
        secure=is_secure,
        samesite="lax",
    )
    return response


@post("/sign-out", status_code=303)
async def sign_out(desk: AtDesk) -> Redirect:
    """The login ends here and in the database."""
    secret = desk.request.cookies.get(desk.cookie_name)
    if secret:
        await desk.change(lambda db, _: service.sign_out(db, secret, desk.now))
    response = Redirect(desk.url("") or "/", status_code=303)
    response.delete_cookie(desk.cookie_name)
    return response


@get("/theme.css")
async def theme(desk: AtDesk) -> Response[str]:
    """The municipality's colour in every shade."""
    return Response(
        stylesheet(desk.tenant.colour),
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=300"},
    )


@get("/accessibility")
async def accessibility(desk: AtDesk) -> Response[str]:
    """What we promise."""
    await desk.read(_nothing)
    return desk.page("web/accessibility.html", statement_url=None, contact_email=None)


async def _nothing(_db: AsyncSession, _actor: Actor) -> None:
    """For pages that only ask who reads."""


@get("/accessibility", include_in_schema=False)
async def accessibility_above_all(request: AnyRequest) -> Response[str]:
    """The same, above all municipalities."""
    language = language_of(request, list(LANGUAGES))
    values: dict[str, Any] = {"statement_url": None, "contact_email": None}
    html = render("web/accessibility.html", frame(request, None, language), **values)
    response = Response(html, media_type="text/html")
    return remember_language(request, response, language)


@get("/letters")
async def letters(desk: AtDesk) -> Response[str]:
    """In the demo: what would have been sent by e-mail, so that one can follow the links in it."""
    found = await desk.read(lambda db, _: mail.latest(db, limit=LETTERS_SHOWN))
    return desk.page("web/letters.html", letters=found)


def handlers(settings: Settings) -> Sequence[ControllerRouterHandler]:
    """All HTML routes of the program. Outside the demo nobody chooses who to be: those routes do not exist."""
    own: list[Any] = [sign_out, theme, accessibility]
    if settings.demo:
        own += [ask_sign_in, sign_in, letters]
    return [
        *booking.pages.shared_handlers,
        accessibility_above_all,
        Router(path="/{m:str}", include_in_schema=False, route_handlers=own),
        people.association_pages.pages,
        people.association_list_pages.pages,
        people.delegate_pages.pages,
        people.team_pages.pages,
        people.leading_pages.pages,
        people.invitation_pages.pages,
        resources.pages.pages,
        booking.pages.pages,
    ]
