"""From a refusal, or a fault of ours, to an answer: problem+json (RFC 9457) for programs, a page for people."""

import logging
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError

from core.db import refusal_for
from core.errors import Forbidden, Invalid, NotFound, Refusal, SignInNeeded
from core.ids import new_id
from core.page import render
from core.tenants import Tenant
from core.texts import LANGUAGES, N_, Texts, pick_language, texts
from core.wire import facts_out
from people.frame import frame

logger = logging.getLogger("ledig")
AnyRequest = Request[Any, Any, Any]

OUR_FAULT = N_("Something went wrong with us. It has been noted.")
WRONG_METHOD = N_("This cannot be done here.")
TOO_LARGE = N_("What you sent is too large.")


def on_refusal(request: AnyRequest, refusal: Refusal) -> Response[Any]:
    """A named no."""
    return _answer(request, refusal.type, refusal.title, refusal.status, facts=refusal.facts)


def on_http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """What the framework itself refuses: no such path, wrong method, a body that does not fit."""
    if error.status_code == 400:
        status = 422 if isinstance(error, ValidationException) else 400  # else it could not be read at all
        return _answer(request, Invalid.type, Invalid.title, status, facts=_fields(error))
    known = {401: SignInNeeded, 403: Forbidden, 404: NotFound}.get(error.status_code)
    if known is not None:
        return _answer(request, known.type, known.title, error.status_code)
    if error.status_code >= 500:
        return on_fault(request, error)
    type_, title = {405: ("method-not-allowed", WRONG_METHOD), 413: ("too-large", TOO_LARGE)}.get(
        error.status_code, ("refused", Refusal.title)
    )
    return _answer(request, type_, title, error.status_code, headers=error.headers)


def on_database(request: AnyRequest, error: DBAPIError) -> Response[Any]:
    """A database error outside a transaction of ours, as when no connection is to be had."""
    refusal = refusal_for(error)
    return (on_fault(request, error) if refusal is None else on_refusal(request, refusal))


def on_fault(request: AnyRequest, error: Exception) -> Response[Any]:
    """A fault of ours: nothing about it is told but a reference that stands in the log."""
    reference = new_id().hex[-8:]
    logger.error("%s %s failed, reference %s", request.method, request.url.path, reference, exc_info=error)
    return _answer(request, "internal-error", OUR_FAULT, 500, facts={"reference": reference})


def _fields(error: HTTPException) -> dict[str, Any]:
    """`field` and `expected` of the first thing wrong; all of them as `errors`."""
    extra: Any = error.extra if isinstance(error.extra, list) else []
    errors = [
        {"field": str(entry.get("key", entry.get("source", ""))), "expected": str(entry.get("message", ""))}
        for entry in extra
    ]
    if not errors:
        return {"field": "body", "expected": error.detail}
    return {**errors[0], "errors": errors}


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
    told = facts_out(facts or {}, tenant.zone if tenant else ZoneInfo("Europe/Oslo"))
    if _wants_page(request):
        page = frame(request, tenant, words.language)
        problem = {
            "status": status,
            "title": words.gettext(title),
            "explanation": None,
            "conflicts": [tuple(span) for span in (facts or {}).get("conflicts", [])],
            "alternatives": [],
            "back_url": None,
            "reference": (facts or {}).get("reference"),
        }
        html = render("web/problem.html", page, problem=problem)
        return Response(html, status_code=status, media_type="text/html; charset=utf-8", headers=headers)
    body = {
        **told,
        "type": f"/problems/{type_}",
        "title": words.gettext(title),
        "status": status,
        "instance": request.url.path,
    }
    content: Any = msgspec.json.encode(body)
    return Response(content, status_code=status, media_type="application/problem+json", headers=headers)


def _tenant(request: AnyRequest) -> Tenant | None:
    return cast("dict[str, Any]", request.scope["state"]).get("tenant")


def _words(request: AnyRequest, tenant: Tenant | None) -> Texts:
    language = pick_language(
        request.query_params.get("lang"),
        request.cookies.get("language"),
        request.headers.get("accept-language"),
        tenant.languages if tenant else list(LANGUAGES),
    )
    return texts(language, tenant.zone_name if tenant else "Europe/Oslo")


def _wants_page(request: AnyRequest) -> bool:
    return not request.url.path.startswith(("/api/", "/health/", "/ical/", "/webhooks/"))
