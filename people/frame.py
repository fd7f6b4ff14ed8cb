"""What stands around a page, for this reader, at this address."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response
from msgspec.structs import replace

from core.page import Municipality, Page, language_links
from core.settings import Settings
from core.tenants import Tenant
from core.texts import LANGUAGES, pick_language, texts
from people.actors import NOBODY, Actor
from people.administration import may_administer
from people.providers import Providers
from people.rules import holds_somewhere

AnyRequest = Request[Any, Any, Any]
A_YEAR = 365 * 24 * 60 * 60


def own_host(request: AnyRequest) -> bool:
    """Whether the municipality's own host name was used (web/tenancy.py), so that paths carry no slug."""
    state: dict[str, Any] = dict(request.scope["state"])
    return bool(state.get("own_host"))


def is_https(request: AnyRequest) -> bool:
    """Whether people reach us by https."""
    settings: Settings = request.app.state.settings
    return (settings.public_url or "").startswith("https:")


def login_cookie(request: AnyRequest, slug: str) -> str:
    """Name of the cookie that a login lives in. `__Host-`: no other host, and no path, can have set it."""
    return f"{'__Host-' if is_https(request) else ''}ledig_{slug}"


def frame(
    request: AnyRequest,
    tenant: Tenant | None,
    language: str,
    *,
    actor: Actor = NOBODY,
    notice: str | None = None,
) -> Page:
    """The frame of the page at the request's address; `tenant` None above all municipalities."""
    settings: Settings = request.app.state.settings
    providers: Providers = request.app.state.providers
    at_own_host = own_host(request)
    path = request.url.path
    if tenant is not None and at_own_host:
        path = path.removeprefix(f"/{tenant.slug}") or "/"
    query = request.url.query
    return Page(
        language=language,
        base="" if tenant is None or at_own_host else f"/{tenant.slug}",
        path=f"{path}?{query}" if query else path,
        languages=language_links(path, query, tenant.languages if tenant else list(LANGUAGES), language),
        zone=tenant.zone_name if tenant else "Europe/Oslo",
        municipality=None
        if tenant is None
        else Municipality(name=tenant.name, slug=tenant.slug, logo_url=tenant.logo),
        reader=_name_of(actor, language),
        unread=actor.unread,
        may_decide=holds_somewhere(actor, "application.decide"),
        may_administer=may_administer(replace(actor, grants=actor.grants + actor.withheld)),
        can_sign_in=settings.demo or (tenant is not None and bool(providers.of(tenant.slug))),
        is_demo=settings.demo,
        notice=notice,
    )


def _name_of(actor: Actor, language: str) -> str | None:
    """What who reads is called; ID-porten does not tell, so there may be no name yet."""
    if actor.person_id is None:
        return None
    return actor.name or texts(language).gettext("a new user")


def language_of(request: AnyRequest, languages: Sequence[str]) -> str:
    """The language to answer in, of those offered."""
    return pick_language(
        request.query_params.get("lang"),
        request.cookies.get("language"),
        request.headers.get("accept-language"),
        languages,
    )


def remember_language(request: AnyRequest, response: Response[str], language: str) -> Response[str]:
    """A language chosen by `?lang=` holds for the pages after, too."""
    if request.query_params.get("lang") == language:
        settings: Settings = request.app.state.settings
        response.set_cookie(
            "language",
            language,
            max_age=A_YEAR,
            httponly=True,
            secure=(settings.public_url or "").startswith("https:"),
            samesite="lax",
        )
    return response
