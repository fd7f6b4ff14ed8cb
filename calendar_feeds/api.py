"""Feeds over HTTP: public ones by what they are of, all others by a secret."""

from typing import Any, Literal
from uuid import UUID

from litestar import Response, Router, get
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath, FromQuery

from calendar_feeds.addresses import secret_in
from calendar_feeds.scopes import Kind, Scope
from calendar_feeds.sending import ICAL, Asked, Sent, Stock, public_feed, secret_feed, send
from calendar_feeds.sharing.api import FREE_BUSY, freebusy_feed
from calendar_feeds.subscriptions import noted
from core.errors import NotFound
from core.spans import utc_now
from core.tenants import Tenant
from people.desk import AnyRequest, open_desk

Public = Literal["public", "busy"]
LIMITS: dict[str, Any] = {"limit": "feed", "uncompressed": True}


def _stock(request: AnyRequest) -> Stock:
    state = request.app.state
    return Stock(state.database, state.shelf, state.settings)


def _asked(request: AnyRequest) -> Asked:
    headers = request.headers
    return Asked(
        headers.get("if-none-match"), headers.get("if-modified-since"), headers.get("accept-encoding", "")
    )


def _answer(sent: Sent, **more: Any) -> Response[bytes]:
    return Response(sent.body, status_code=sent.status, headers=sent.headers, media_type=ICAL, **more)


def _tenant(request: AnyRequest, slug: str) -> Tenant:
    tenant: Tenant | None = request.scope["state"].get("tenant")
    if tenant is None or tenant.slug != slug:
        raise NotFound(what="municipality")
    return tenant


async def _public(
    request: AnyRequest, slug: str, kind: Kind, *, name: str | None = None, variant: Public
) -> Response[bytes]:
    tenant = _tenant(request, slug)
    scope = Scope(kind, None if name is None else _id(name))
    stock, now = _stock(request), utc_now()
    found = await public_feed(stock, tenant, scope, variant=variant, now=now)
    return _answer(await send(stock, found, _asked(request), now))


def _id(name: str) -> UUID:
    """Before `.ics`, which may be left out. Raises NotFound."""
    try:
        return UUID(name.removesuffix(".ics"))
    except ValueError:
        raise NotFound(what="feed") from None


@get("/{m:str}/resources/{resource_id:str}", opt=LIMITS)
async def resource_feed(
    request: AnyRequest, m: FromPath[str], resource_id: FromPath[str], variant: FromQuery[Public] = "public"
) -> Response[bytes]:
    """Bookings and closures of whatever takes the same parts of a house."""
    if resource_id.endswith(FREE_BUSY):
        return await freebusy_feed(await open_desk(request, m), resource_id, at_facility=False)
    return await _public(request, m, "resource", name=resource_id, variant=variant)


@get("/{m:str}/facilities/{facility_id:str}", opt=LIMITS)
async def facility_feed(
    request: AnyRequest, m: FromPath[str], facility_id: FromPath[str], variant: FromQuery[Public] = "public"
) -> Response[bytes]:
    """All resources of a facility."""
    if facility_id.endswith(FREE_BUSY):
        return await freebusy_feed(await open_desk(request, m), facility_id, at_facility=True)
    return await _public(request, m, "facility", name=facility_id, variant=variant)


@get("/{m:str}/associations/{association_id:str}", opt=LIMITS)
async def association_feed(
    request: AnyRequest,
    m: FromPath[str],
    association_id: FromPath[str],
    variant: FromQuery[Public] = "public",
) -> Response[bytes]:
    """What an association has booked for everybody to know."""
    return await _public(request, m, "association", name=association_id, variant=variant)


@get("/{m:str}/teams/{team_id:str}", opt=LIMITS)
async def team_feed(
    request: AnyRequest, m: FromPath[str], team_id: FromPath[str], variant: FromQuery[Public] = "public"
) -> Response[bytes]:
    """The same of one of its teams."""
    return await _public(request, m, "team", name=team_id, variant=variant)


@get("/{m:str}/municipality.ics", opt=LIMITS)
async def municipality_feed(
    request: AnyRequest, m: FromPath[str], variant: FromQuery[Public] = "public"
) -> Response[bytes]:
    """All places of the municipality."""
    return await _public(request, m, "municipality", variant=variant)


@get("/t/{secret_name:str}", opt=LIMITS)
async def secret_address(request: AnyRequest, secret_name: FromPath[str]) -> Response[bytes]:
    """Whatever the secret opens. 404 for one that never was, 410 for one that is no more."""
    tenant: Tenant | None = request.scope["state"].get("tenant")
    if tenant is None:
        raise NotFound(what="feed")
    stock, now = _stock(request), utc_now()
    found = await secret_feed(stock, tenant, secret_in(secret_name, tenant), now=now)
    sent = await send(stock, found, _asked(request), now)
    assert found.opened is not None, "it was opened by a secret"
    agent = request.headers.get("user-agent")
    used = BackgroundTask(noted, stock.database, tenant.id, found.opened, agent=agent, now=now)
    return _answer(sent, background=used)


router = Router(
    path="/ical",
    route_handlers=[
        resource_feed,
        facility_feed,
        association_feed,
        team_feed,
        municipality_feed,
        secret_address,
    ],
    include_in_schema=False,
)
