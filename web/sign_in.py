"""Signing in at a provider and coming back, signing out here and there, and who to be in the demo."""

import logging
import re
import secrets
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Invalid, NotFound, ProviderDown, SignInFailed
from core.ids import new_id
from core.page import safe_path
from core.settings import Settings
from core.tenants import Directory, Tenant
from core.texts import N_
from core.vault import Vault
from people import entering, identities, logins, queries, service
from people.actors import NOBODY, Actor
from people.desk import AtDesk, Desk
from people.entering import ATTEMPT_LASTS, Attempt, Entered
from people.oidc import Oidc
from people.proof import Proof
from people.providers import Provider, Providers
from people.rules import LOGIN_LASTS
from web.demo import demo_id

logger = logging.getLogger("ledig")

PERSONAS = {
    "citizen": N_("A citizen. Books for herself."),
    "delegate": N_("Acts for a sports club, and books for it."),
    "officer": N_("A case officer. Answers requests."),
    "manager": N_("A facility manager. Answers requests, closes, and changes what anybody has booked."),
    "admin": N_("May do everything here."),
}
"""Figures of the demo (web/demo.py) that one can be, and what they are."""
DONE = {
    "left": N_("You did not sign in. You can try again, or sign in another way."),
}
"""What the address says has happened → how it is told."""
LEFT = {"access_denied", "login_required", "interaction_required", "consent_required"}
"""What a provider says when she turned round there."""
BROWSER = re.compile(r"[A-Za-z0-9_-]{43}")
NO_STORE = {"Cache-Control": "no-store"}


def _next(desk: Desk, path: str) -> str:
    """Never to another site, nor back to signing in."""
    safe = safe_path(path)
    is_way_in = safe is not None and safe.startswith(desk.url("/sign-in"))
    return safe if safe is not None and not is_way_in else desk.url("") or "/"


def _vault(desk: Desk) -> Vault:
    return desk.request.app.state.vault


def _oidc(desk: Desk) -> Oidc:
    return desk.request.app.state.oidc


def _providers(desk: Desk) -> Providers:
    return desk.request.app.state.providers


def _provider(desk: Desk, key: str) -> Provider:
    """Raises NotFound, also for one of other municipalities."""
    found = _providers(desk).one(desk.tenant.slug, key)
    if found is None:
        raise NotFound(what="provider")
    return found


def _callback(desk: Desk, provider: Provider) -> str:
    return desk.address(f"/sign-in/{provider.key}/callback")


def _browser_cookie(desk: Desk) -> str:
    return f"{desk.cookie_name}_way"


@get("/sign-in")
async def ask_sign_in(desk: AtDesk) -> Response[str]:
    """Where to sign in, and, in the demo, who to be."""
    query = desk.request.query_params
    is_demo = desk.request.app.state.settings.demo
    providers = _providers(desk).of(desk.tenant.slug)
    if not providers and not is_demo:
        raise NotFound(what="provider")
    wants_strong = query.get("level") == "staff"
    ids = {part: demo_id(desk.tenant.slug, "person", part) for part in PERSONAS} if is_demo else {}
    names = await desk.read(lambda db, _: queries.names(db, list(ids.values())))
    done = DONE.get(query.get("done") or "")
    return desk.page(
        "web/sign_in.html",
        notice=None if done is None else desk.texts.gettext(done),
        providers=[
            {
                "key": each.key,
                "label": each.label_in(desk.language),
                "for_staff": each.audience == "staff",
            }
            for each in providers
        ],
        personas=[
            {"key": part, "name": names[id_], "description": desk.texts.gettext(PERSONAS[part])}
            for part, id_ in ids.items()
            if id_ in names
        ],
        wants_strong=wants_strong,
        next=_next(desk, query.get("next", "")),
    )


@post("/sign-in", status_code=303)
async def be(desk: AtDesk) -> Redirect:
    """In as one of the demo's figures, and back to where she came from."""
    form = await desk.request.form()
    part = str(form.get("persona", ""))
    if part not in PERSONAS:
        raise Invalid(field="persona", expected=f"one of {', '.join(PERSONAS)}")
    person_id = demo_id(desk.tenant.slug, "person", part)
    earlier = desk.request.cookies.get(desk.cookie_name)

    async def work(db: AsyncSession, _: Actor) -> str:
        if earlier:
            await service.sign_out(db, earlier, desk.now)
        return await service.sign_in(db, person_id, desk.now)

    return _let_in(desk, await desk.change(work), _next(desk, str(form.get("next", ""))))


def _let_in(desk: Desk, secret: str, path: str) -> Redirect:
    response = Redirect(path, status_code=303)
    desk.keep_cookie(response, desk.cookie_name, secret, lasts=LOGIN_LASTS)
    return response


@post("/sign-in/{provider:str}", status_code=200)
async def set_out(desk: AtDesk, provider: FromPath[str]) -> Response[str]:
    """On to the provider. She comes back to `come_back`, with the cookie that she gets here."""
    there = _provider(desk, provider)
    form = await desk.request.form()
    wants_strong = form.get("level") == "staff"
    begun = await _oidc(desk).begin(
        there,
        redirect_uri=_callback(desk, there),
        language=desk.language,
        strong=wants_strong,
        now=desk.now,
    )
    known = desk.request.cookies.get(_browser_cookie(desk), "")
    browser = known if BROWSER.fullmatch(known) else secrets.token_urlsafe(32)

    async def work(db: AsyncSession) -> None:
        entering.begin_attempt(
            db,
            _vault(desk),
            begun,
            provider=there,
            browser=browser,
            next_path=_next(desk, str(form.get("next", ""))),
            wants_strong=wants_strong,
            now=desk.now,
        )

    await desk.database.run(desk.tenant.id, work)
    response = _onward(desk, begun.url, there)
    desk.keep_cookie(response, _browser_cookie(desk), browser, lasts=ATTEMPT_LASTS)
    return response


def _onward(desk: Desk, url: str, there: Provider, *, has_left: bool = False) -> Response[str]:
    """A page that goes on by itself. To be sent on straight from a form, the provider, and whoever it sends her on
    to, would have to stand in the `form-action` of every page.
    """
    response = desk.page("web/onward.html", url=url, label=there.label_in(desk.language), has_left=has_left)
    response.headers.update({**NO_STORE, "Refresh": f"0; url={url}"})
    return response


@get("/sign-in/{provider:str}/callback")
async def come_back(desk: AtDesk, provider: FromPath[str]) -> Redirect:
    """From the provider, with a code. Raises SignInFailed, whatever is wrong; ProviderDown."""
    there = _provider(desk, provider)
    try:
        return await _come_back(desk, there)
    except SignInFailed as failed:
        logger.info("sign-in at %s refused: %s", there.key, failed.facts["reason"])
        raise


async def _come_back(desk: Desk, there: Provider) -> Redirect:
    query = desk.request.query_params
    state, code, error = query.get("state"), query.get("code"), query.get("error")
    browser = desk.request.cookies.get(_browser_cookie(desk))
    if not state or not browser:
        raise SignInFailed(reason="no state, or no cookie of the browser")

    async def taken_up(db: AsyncSession) -> Attempt:
        return await entering.take_up(db, _vault(desk), there, state=state, browser=browser, now=desk.now)

    attempt = await desk.database.run(desk.tenant.id, taken_up)
    await _oidc(desk).check_answers_issuer(there, query.get("iss"))
    if error in LEFT:
        return Redirect(desk.url("/sign-in", next=attempt.next_path, done="left"), status_code=303)
    if error or not code:
        raise SignInFailed(reason="the provider says no")
    proof = await _oidc(desk).finish(
        there,
        code,
        attempt.secrets,
        redirect_uri=_callback(desk, there),
        strong=attempt.wants_strong,
        now=desk.now,
    )
    entered = await _enter(desk, there, proof)
    path = desk.url("/me", next=attempt.next_path) if entered.needs_name else attempt.next_path
    return _let_in(desk, entered.secret, path)


async def _enter(desk: Desk, there: Provider, proof: Proof) -> Entered:
    """Who she is over all municipalities, then who she is here."""
    vault, new_identity = _vault(desk), new_id()
    hashes = vault.hashes(*proof.known_as)
    async with desk.database.herself(known_by=hashes, identity_id=new_identity) as db:
        identity_id = await identities.find_or_make(db, vault, proof.known_as, new_identity)
    async with desk.database.herself(identity_id=identity_id) as db:
        elsewhere = await identities.told_elsewhere(db, identity_id)

    async def work(db: AsyncSession) -> Entered:
        return await entering.enter(
            db,
            vault,
            identity_id,
            proof=proof,
            provider=there,
            elsewhere=elsewhere,
            earlier=desk.request.cookies.get(desk.cookie_name),
            agent=logins.agent_of(desk.request.headers.get("user-agent")),
            language=desk.language,
            now=desk.now,
        )

    return await desk.database.run(desk.tenant.id, work)


@post("/sign-out", status_code=303)
async def sign_out(desk: AtDesk) -> Response[Any]:
    """Here at once, and on to the provider, where she is signed in too."""
    secret = desk.request.cookies.get(desk.cookie_name)
    left = None
    if secret:
        left = await desk.change(lambda db, _: logins.leave(db, _vault(desk), secret, desk.now))
    there = None if left is None else _providers(desk).one(desk.tenant.slug, left.provider)
    response: Response[Any] = Redirect(desk.url("") or "/", status_code=303)
    if left is not None and there is not None:
        url = await _way_out(desk, there, left.id_token)
        if url is not None:
            desk.actor = NOBODY
            response = _onward(desk, url, there, has_left=True)
    desk.drop_cookie(response, desk.cookie_name)
    return response


async def _way_out(desk: Desk, there: Provider, id_token: str | None) -> str | None:
    """None when the provider has none, or does not answer: here she has left in any case."""
    try:
        return await _oidc(desk).sign_out_address(
            there, id_token, back_to=desk.address(""), language=desk.language
        )
    except ProviderDown:
        return None


@get("/sign-out/{provider:str}/front-channel")
async def hear_in_frame(desk: AtDesk, provider: FromPath[str]) -> Response[str]:
    """The provider's page, in a frame, says that a session has ended (OpenID Connect Front-Channel Logout 1.0).

    No cookie reaches a frame of another site: it goes by `sid`. The answer is the same whatever was ended.
    """
    there = _provider(desk, provider)
    query = desk.request.query_params
    sid = query.get("sid")
    if query.get("iss") == there.issuer and sid:
        for tenant in await _served_by(desk, there):
            async with desk.database.transaction(tenant.id) as db:
                await logins.end_session(db, _vault(desk), there, sid=sid, now=desk.now)
    origins = " ".join(sorted(await _oidc(desk).origins(there)))
    policy = f"default-src 'none'; frame-ancestors {origins}"
    return Response(
        "<!doctype html><title>Ledig</title>",
        media_type="text/html",
        headers={**NO_STORE, "Content-Security-Policy": policy},
    )


@post("/sign-out/{provider:str}/back-channel", status_code=200, opt={"from_servers": True, "limit": "feed"})
async def hear(desk: AtDesk, provider: FromPath[str]) -> Response[Any]:
    """The provider itself says so (OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8)."""
    there = _provider(desk, provider)
    form = await desk.request.form()
    refused: Response[Any] = Response({"error": "invalid_request"}, status_code=400, headers=NO_STORE)
    try:
        ended = await _oidc(desk).ended(there, str(form.get("logout_token", "")), desk.now)
    except SignInFailed as failed:
        logger.info("logout token of %s refused: %s", there.key, failed.facts["reason"])
        return refused
    for tenant in await _served_by(desk, there):
        async with desk.database.transaction(tenant.id) as db:
            is_new = await logins.end_at_provider(db, _vault(desk), there, ended, desk.now)
        if not is_new and tenant.id == desk.tenant.id:
            logger.info("logout token of %s refused: jti", there.key)
            return refused
    return Response(None, status_code=200, headers=NO_STORE)


async def _served_by(desk: Desk, there: Provider) -> list[Tenant]:
    """The municipality that is asked, then all others where one signs in there: the provider tells it once."""
    directory: Directory = desk.request.app.state.directory
    others = [
        tenant
        for tenant in await directory.all()
        if tenant.id != desk.tenant.id and _providers(desk).one(tenant.slug, there.key) is not None
    ]
    return [desk.tenant, *others]


def handlers(settings: Settings) -> list[ControllerRouterHandler]:
    """Only in the demo does anybody choose who to be, and only where there are providers can she sign in at one."""
    found: list[ControllerRouterHandler] = [sign_out]
    if settings.demo:
        found.append(be)
    if settings.providers is not None:
        found += [set_out, come_back, hear_in_frame, hear]
    if settings.demo or settings.providers is not None:
        found.append(ask_sign_in)
    return found
