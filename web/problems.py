"""From a refusal, or a fault of ours, to an answer: problem+json (RFC 9457) for programs, a page for people."""

import logging
import re
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.db import refusal_for
from core.errors import (
    Busy,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    ProviderDown,
    Refusal,
    SignInFailed,
    SignInNeeded,
    StepUpNeeded,
    TooMany,
)
from core.ids import new_id
from core.misfit import misfit
from core.page import Page, link, render
from core.tenants import Tenant
from core.texts import LANGUAGES, N_, Texts, pick_language, texts
from core.wire import facts_out
from people.frame import frame

logger = logging.getLogger("ledig")
AnyRequest = Request[Any, Any, Any]

BODY_LIMIT = 500_000
"""Bytes. An application with a hundred times and long texts is a tenth of it."""
SECRET = re.compile(r"(?<=/invitations/)[^/]+|(?<=/ical/t/)[^/]+|(?<=/caldav/t/)[^/]+")
"""Of a path, what no log may hold and no other page may learn."""
OUR_FAULT = N_("Something went wrong with us. It has been noted.")
WRONG_METHOD = N_("This cannot be done here.")
TOO_LARGE = N_("What you sent is too large.")
NOT_JSON = N_("What you sent is not in a format that is understood here.")
FRAMEWORK: dict[int, tuple[str, str, dict[str, Any]]] = {
    HTTPStatus.METHOD_NOT_ALLOWED: ("method-not-allowed", WRONG_METHOD, {}),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "too-large",
        TOO_LARGE,
        {"field": "body", "expected": N_("at most %(n)s bytes"), "words": {"n": str(BODY_LIMIT)}},
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "unsupported-media-type",
        NOT_JSON,
        {"field": "Content-Type", "expected": "application/json"},
    ),
}
"""What the framework refuses by status alone: type, title, facts."""


def answer_to(request: AnyRequest, error: Exception) -> Response[Any]:
    """The answer to whatever was raised."""
    match error:
        case Refusal():
            return on_refusal(request, error)
        case HTTPException():
            return on_http(request, error)
        case DBAPIError():
            return on_database(request, error)
        case PoolTimeout():
            return on_refusal(request, Busy())  # all connections are taken: nothing was begun
        case _:
            return on_fault(request, error)


def on_refusal(request: AnyRequest, refusal: Refusal) -> Response[Any]:
    """A named no."""
    headers: dict[str, str] = {}
    if isinstance(refusal, SignInNeeded):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, Busy):
        headers["Retry-After"] = "1"
    if isinstance(refusal, TooMany):
        headers["Retry-After"] = str(refusal.facts["retry_after"])
    return _answer(request, refusal.type, refusal.title, refusal.status, facts=refusal.facts, headers=headers)


def on_http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """What the framework itself refuses: no such path, wrong method, an address that does not fit."""
    if isinstance(error, ValidationException):
        return on_refusal(request, _invalid(request, error))
    known = {400: Malformed, 401: SignInNeeded, 403: Forbidden, 404: NotFound}.get(error.status_code)
    if known is not None:
        return on_refusal(request, known())
    if error.status_code >= 500:
        return on_fault(request, error)
    type_, title, facts = FRAMEWORK.get(error.status_code, ("refused", Refusal.title, {}))
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        facts = {**facts, "words": {"n": str(request.route_handler.resolve_request_max_body_size())}}
    return _answer(request, type_, title, error.status_code, facts=facts, headers=error.headers)


def on_database(request: AnyRequest, error: DBAPIError) -> Response[Any]:
    """A database error outside a transaction of ours, as when no connection is to be had."""
    refusal = refusal_for(error)
    return on_fault(request, error) if refusal is None else on_refusal(request, refusal)


def on_fault(request: AnyRequest, error: Exception) -> Response[Any]:
    """A fault of ours: nothing about it is told but a reference that stands in the log."""
    reference = new_id().hex[-8:]
    path = SECRET.sub("…", request.scope["path"])
    logger.error("%s %s failed, reference %s", request.method, path, reference, exc_info=error)
    return _answer(request, "internal-error", OUR_FAULT, 500, facts={"reference": reference})


def _invalid(request: AnyRequest, error: ValidationException) -> Invalid:
    """What is wrong with the address: the parameter's own name there, and what would be right."""
    if missing := re.match(r"Missing required \w+ parameter '(.+?)'", error.detail):
        return Invalid(field=missing[1], expected=N_("a value: this is needed"))
    entries: Any = error.extra if isinstance(error.extra, list) else []
    if (
        not entries or entries[0].get("key") == "data"
    ):  # the body itself is read in web/letter.py; it was not there
        return Invalid(field="body", expected=N_("a value: this is needed"))
    name, _, rest = str(entries[0].get("key", "body")).partition(".")
    parameters: Any = request.route_handler.parsed_fn_signature.parameters
    alias = getattr(getattr(parameters.get(name), "kwarg_definition", None), "name", None)
    found = misfit(str(entries[0].get("message", "")))
    found.facts["field"] = ".".join(part for part in (alias or name.rstrip("_"), rest) if part)
    return found


def _told(facts: dict[str, Any], words: Texts) -> dict[str, Any]:
    """The facts with `expected` in the reader's language."""
    told = {name: fact for name, fact in facts.items() if name != "words"}
    if "expected" in facts:
        told["expected"] = Invalid(**facts).expected(words.gettext)
    return told


def _answer(
    request: AnyRequest,
    type_: str,
    title: str,
    status: int,
    *,
    facts: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    tenant = _tenant(request)
    words = _words(request, tenant)
    told = facts_out(_told(facts or {}, words), tenant.zone if tenant else ZoneInfo("Europe/Oslo"))
    if SECRET.search(request.scope["path"]):
        headers = {**(headers or {}), "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
    if _wants_page(request):
        page = frame(request, tenant, words.language)
        problem = {
            "status": status,
            "title": words.gettext(title),
            "explanation": told.get("expected") if status == HTTPStatus.MISDIRECTED_REQUEST else None,
            "conflicts": [tuple(span) for span in (facts or {}).get("conflicts", [])],
            "alternatives": [],
            "back_url": None,
            "sign_in_url": _way_in(type_, status, page),
            "reference": (facts or {}).get("reference"),
        }
        html = render("web/problem.html", page, problem=problem)
        return Response(html, status_code=status, media_type="text/html", headers=headers)
    body = {
        **told,
        "type": f"/problems/{type_}",
        "title": words.gettext(title),
        "status": status,
        "instance": SECRET.sub("…", request.scope["path"]),
    }
    content: Any = msgspec.json.encode(body)
    return Response(content, status_code=status, media_type="application/problem+json", headers=headers)


def _way_in(type_: str, status: int, page: Page) -> str | None:
    """Where who is refused like this can sign in: for what she wanted, or once more."""
    if not page.can_sign_in or page.municipality is None:
        return None
    if type_ in {SignInFailed.type, ProviderDown.type}:
        return f"{page.base}/sign-in"
    if status != SignInNeeded.status:
        return None
    level = "staff" if type_ == StepUpNeeded.type else None
    return link(f"{page.base}/sign-in", next=page.path, level=level)


def _tenant(request: AnyRequest) -> Tenant | None:
    return request.scope["state"].get("tenant")


def _words(request: AnyRequest, tenant: Tenant | None) -> Texts:
    language = pick_language(
        request.query_params.get("lang"),
        request.cookies.get("language"),
        request.headers.get("accept-language"),
        tenant.languages if tenant else list(LANGUAGES),
    )
    return texts(language, tenant.zone_name if tenant else "Europe/Oslo")


def _wants_page(request: AnyRequest) -> bool:
    return not request.scope["path"].startswith(("/api/", "/health/", "/ical/", "/caldav/", "/webhooks/"))
