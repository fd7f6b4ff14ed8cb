"""How an answer goes out to pages of other sites: the same for everybody, and known again by what it says."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import msgspec
from litestar import Response
from litestar.datastructures import ResponseHeader
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import Settings
from core.tenants import home_of
from people.desk import Desk

T = TypeVar("T")

OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""Scripts of any page may read it. Without credentials: a browser sends no cookie along, and none would count."""
TAGGED: Final = [
    ResponseHeader(
        name="ETag",
        description="Another one when the answer says something else: for If-None-Match.",
        documentation_only=True,
    )
]
"""Of routes that answer so, for the document."""
KEPT: Final = "public, no-cache"
"""Anybody may keep it, and asks each time whether it still holds."""


def readable(app: ASGIApp) -> ASGIApp:
    """Refusals may be read like answers: the script of another site is to see what it asked wrongly."""
    headers = [(name.lower().encode(), value.encode()) for name, value in OPEN.items()]

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name for name, _ in message["headers"]}
                more = [header for header in headers if header[0] not in known]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await app(scope, receive, told)

    return middleware


async def for_everybody(desk: Desk, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """The work in a transaction in which nobody asks who reads: whoever she is, she is told the same."""
    async with desk.database.transaction(desk.tenant.id) as db:
        return await work(db)


def home(desk: Desk) -> str:
    """What the addresses of the municipality's pages begin with, for whoever reads them elsewhere."""
    settings: Settings = desk.request.app.state.settings
    return home_of(desk.tenant, settings)


def api_home(desk: Desk, before: str = "/api") -> str:
    """The same of its API, or of what stands `before` its name instead: `/ical`."""
    slug = f"/{desk.tenant.slug}"
    return home(desk).removesuffix(slug) + before + slug


def etag_of(*parts: bytes) -> str:
    """Weak: equal answers mean the same, though they may be packed otherwise or say another minute."""
    return f'W/"{hashlib.sha256(bytes(1).join(parts)).hexdigest()[:32]}"'


def answer(
    desk: Desk, body: bytes, media_type: str, *, etag: str, headers: dict[str, str] | None = None
) -> Response[Any]:
    """The body, or that the reader has it already (304)."""
    told = {**OPEN, "Cache-Control": KEPT, "ETag": etag, **(headers or {})}
    if holds(desk.request.headers.get("if-none-match"), etag):
        return Response(b"", status_code=304, headers=told)
    return Response(body, media_type=media_type, headers=told)


def json_answer(desk: Desk, content: object) -> Response[Any]:
    """The content as JSON."""
    body = msgspec.json.encode(content)
    return answer(desk, body, "application/json", etag=etag_of(body))


def holds(known: str | None, etag: str) -> bool:
    """Whether If-None-Match names it; compared weakly (RFC 9110 §13.1.2)."""
    names = {each.strip().removeprefix("W/") for each in (known or "").split(",")}
    return "*" in names or etag.removeprefix("W/") in names
