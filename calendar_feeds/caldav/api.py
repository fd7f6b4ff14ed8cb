"""CalDAV over HTTP, to be read only: PROPFIND, REPORT and GET of feeds; whatever would change them is refused."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response
from litestar.background_tasks import BackgroundTask
from litestar.handlers import asgi
from litestar.types import Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.caldav import answers, dav
from calendar_feeds.caldav.asked import Refused, find_in, password_in, report_in
from calendar_feeds.caldav.dav import NotXml
from calendar_feeds.caldav.objects import CONTENT_TYPE, Member
from calendar_feeds.caldav.places import ROOT, Place, feed_place, place_of
from calendar_feeds.caldav.service import Reading, by_secret, of_resource
from calendar_feeds.subscriptions import noted
from core.db import Database
from core.errors import Gone, Malformed, NotFound
from core.spans import utc_now
from core.tenants import Directory, Tenant, home_of
from core.texts import N_
from people.desk import AnyRequest

WELL_KNOWN: Final = "/.well-known/caldav"
IN_COLLECTIONS: Final = ("OPTIONS", "PROPFIND", "REPORT")
READING: Final = (*IN_COLLECTIONS, "GET", "HEAD")
WRITING: Final = frozenset(
    {
        "PUT",
        "DELETE",
        "POST",
        "PATCH",
        "PROPPATCH",
        "MKCOL",
        "MKCALENDAR",
        "MOVE",
        "COPY",
        "LOCK",
        "UNLOCK",
        "ACL",
    }
)
LONGEST: Final[Mapping[str, int]] = {"PROPFIND": 65_536, "REPORT": 2_000_000}
"""Bytes of a body: a calendar program may ask for ten thousand objects by their addresses."""
XML: Final = "application/xml; charset=utf-8"
TOLD: Final = {
    "DAV": "1, 3, access-control, calendar-access",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}
"""With every answer."""


Answer = Response[bytes]


# A mount: for an ASGI handler with parameters in its path, Litestar 2.25 looks for the method among them, and fails.
@asgi("/caldav", is_mount=True, opt={"limit": "feed"}, copy_scope=False)
async def calendars(scope: Scope, receive: Receive, send: Send) -> None:
    """All of it: Litestar's own routes know none of WebDAV's methods."""
    request: AnyRequest = Request(scope, receive, send)
    answer = await _answer(request)
    for name, value in TOLD.items():
        answer.headers.setdefault(name, value)
    respond: Any = answer
    await respond.to_asgi_response(None, request)(scope, receive, send)


@asgi(WELL_KNOWN, opt={"limit": "feed"}, copy_scope=False)
async def well_known(scope: Scope, receive: Receive, send: Send) -> None:
    """Whatever the method, what is looked for is elsewhere (RFC 6764 §5)."""
    respond: Any = _said(301, headers={"Location": ROOT})
    await respond.to_asgi_response(None, Request(scope, receive, send))(scope, receive, send)


async def _answer(request: AnyRequest) -> Answer:
    method = str(request.method)
    place = place_of(request.scope["path"])
    if place is None:
        raise NotFound(what="feed")
    allowed = {"Allow": ", ".join(READING if place.kind == "object" else IN_COLLECTIONS)}
    if method == "OPTIONS":
        return _said(200, headers=allowed)
    known = await _find(request, place)
    if known is None:
        return _said(401, headers={"WWW-Authenticate": 'Basic realm="Ledig", charset="UTF-8"'})
    try:
        if method in WRITING:
            raise Refused(403, dav.dav("need-privileges"))  # nobody has them (RFC 3744 §7.1.1)
        if method not in allowed["Allow"].split(", "):
            return _said(405, headers=allowed)
        answer = await _read(request, place, known)
    except Refused as refused:
        answer = _said(refused.status, dav.document("error", refused.condition))
    except NotXml as error:
        raise Malformed(field="body", expected=N_("XML as WebDAV writes it")) from error
    if known.opened is not None:
        database: Database = request.app.state.database
        agent = request.headers.get("user-agent")
        answer.background = BackgroundTask(
            noted, database, known.tenant.id, known.opened, agent=agent, now=known.now
        )
    return answer


async def _read(request: AnyRequest, place: Place, it: Reading) -> Answer:
    database: Database = request.app.state.database
    if request.method == "GET":

        async def get(db: AsyncSession) -> Member:
            return await answers.one(db, it, place)

        return _object(request, await database.run(it.tenant.id, get))
    method = str(request.method)
    body = await _body(request, LONGEST[method])
    if body is None:
        return _said(413)
    if method == "REPORT":
        report = report_in(body)

        async def tell(db: AsyncSession) -> bytes:
            return await answers.reported(db, it, place, report)

        return _said(207, await database.run(it.tenant.id, tell))
    depth = request.headers.get("depth", "infinity").strip().lower()
    if depth not in {"0", "1"}:
        raise Refused(403, dav.dav("propfind-finite-depth"))
    asked = find_in(body)
    if place.kind == "root":
        assert it.opened is not None, "nobody comes here without a secret"
        home = feed_place(it.tenant.slug, it.opened.feed_id)
        return _said(207, answers.root(place, home, asked, is_deep=depth == "1"))

    async def find(db: AsyncSession) -> bytes:
        return await answers.found(db, it, place, asked, is_deep=depth == "1")

    return _said(207, await database.run(it.tenant.id, find))


async def _find(request: AnyRequest, place: Place) -> Reading | None:
    """The feed of a place; None: who asks must say a secret that opens it. Raises NotFound, Gone."""
    database: Database = request.app.state.database
    tenant: Tenant | None = request.scope["state"].get("tenant")
    if place.secret is None and place.resource_id is None:
        return await _by_password(request, place, tenant)
    if tenant is None:
        raise NotFound(what="municipality")
    base = home_of(tenant, request.app.state.settings)
    if place.resource_id is not None:
        return await of_resource(database, tenant, place.resource_id, utc_now(), base=base)
    return await by_secret(database, tenant, place.secret or "", utc_now(), base=base)


async def _by_password(request: AnyRequest, place: Place, tenant: Tenant | None) -> Reading | None:
    """Any name will do: the password is `<slug>.<secret>`. One that opens nothing any more is no password."""
    told = password_in(request.headers.get("authorization", ""))
    if told is None:
        return None
    if place.base == ROOT:  # of all municipalities: the password says of which it is
        directory: Directory = request.app.state.directory
        tenant = await directory.by_slug(told.partition(".")[0])
    if tenant is None:
        return None
    base = home_of(tenant, request.app.state.settings)
    try:
        found = await by_secret(request.app.state.database, tenant, told, utc_now(), base=base)
    except (NotFound, Gone):
        return None
    is_here = place.feed_id is None or (found.opened is not None and place.feed_id == found.opened.feed_id)
    return found if is_here else None


def _object(request: AnyRequest, member: Member) -> Answer:
    headers = {"ETag": member.etag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == member.etag:
        return _said(304, headers=headers)
    return _said(200, member.text.encode(), headers=headers, media_type=CONTENT_TYPE)


async def _body(request: AnyRequest, longest: int) -> bytes | None:
    """None when there is more of it than that."""
    told = request.headers.get("content-length", "0")
    if told.isdigit() and int(told) > longest:
        return None
    parts: list[bytes] = []
    length = 0
    while True:
        message = await request.receive()
        if message["type"] != "http.request":  # who asked is gone
            return b""
        parts.append(message["body"])
        length += len(message["body"])
        if length > longest:
            return None
        if not message["more_body"]:
            return b"".join(parts)


def _said(
    status: int,
    body: bytes = b"",
    *,
    headers: Mapping[str, str] | None = None,
    media_type: str = XML,
) -> Answer:
    return Response(body, status_code=status, headers=headers, media_type=media_type)


handlers: Final = (calendars, well_known)
