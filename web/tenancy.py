"""From host or path to municipality, and the refusal of requests that another site made a browser send."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from litestar.types import ASGIApp, Receive, Scope, Send

from core.errors import Forbidden, WrongHost
from core.settings import Settings
from core.tenants import Directory

SLUG = re.compile(r"[a-z][a-z0-9-]{0,62}")
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT"})
"""WebDAV's two only read, too (RFC 4918 §9.1, RFC 3253 §3.6)."""
SHARED_PATHS = (
    "/static/",
    "/health/",
    "/metrics",
    "/api/municipalities",
    "/api/openapi.json",
    "/.well-known/",
    "/webhooks/",
)
"""The same under every host."""
UNDER_ANY_NAME = ("/static/", "/health/")
"""What looks after the program, such as a load balancer, knows it by address."""
BEFORE_SLUG = ("/api", "/ical", "/caldav")
"""What stands before the municipality in a path."""
SECRET = ("/ical/t/", "/caldav/t/")
"""Here the secret says of itself which municipality it is of: a word, a dot, and what nobody can guess."""


def hosts_of(settings: Settings) -> list[str]:
    """The installation's own names, the best first; none when the operator has named none: then any will do."""
    public = urlsplit(settings.public_url or "").netloc
    return [host_in(host) for host in dict.fromkeys([public, *settings.allowed_hosts]) if host]


def find_tenant(app: ASGIApp, *, hosts: Collection[str] = ()) -> ASGIApp:
    """Puts the municipality into the request's state, by host or by path.

    On its own host, paths need no slug: `/api/search` is read as `/api/{slug}/search`. Raises WrongHost for a name
    that is neither a municipality's nor among `hosts`, if there are any.
    """

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            directory: Directory = scope["litestar_app"].state.directory
            state = scope["state"]
            host = host_in(header(scope, b"host"))
            tenant = await directory.by_host(host) if host else None
            if (
                tenant is None
                and hosts
                and host not in hosts
                and not scope["path"].startswith(UNDER_ANY_NAME)
            ):
                raise WrongHost(field="Host", expected=list(hosts))
            if tenant is not None:
                scope["path"] = _with_slug(scope["path"], tenant.slug)
                scope["raw_path"] = scope["path"].encode()
                state["own_host"] = True
            elif not scope["path"].startswith(SHARED_PATHS):
                slug = slug_in(scope["path"])
                tenant = await directory.by_slug(slug) if SLUG.fullmatch(slug) else None
            state["tenant"] = tenant
            state["whole_path"] = scope["path"]
        await app(scope, receive, send)

    return middleware


def whole_path(app: ASGIApp) -> ASGIApp:
    """Litestar takes away from a path what a route is mounted at. Limits, problems and logs know secrets by it."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["path"] = scope["state"]["whole_path"]
        await app(scope, receive, send)

    return middleware


def slug_in(path: str) -> str:
    """Which municipality a path names; empty when it names none."""
    for secret in SECRET:
        if path.startswith(secret):
            return path.removeprefix(secret).partition("/")[0].partition(".")[0]
    rest = _parted(path)[1]
    return rest.split("/", 2)[1] if rest.startswith("/") else ""


def _parted(path: str) -> tuple[str, str]:
    """What stands before the municipality, and the rest."""
    for before in BEFORE_SLUG:
        if path == before or path.startswith(f"{before}/"):
            return before, path.removeprefix(before)
    return "", path


def host_in(header: str) -> str:
    """The name in a Host header, without port, in small letters."""
    return re.sub(r":[0-9]*$", "", header).rstrip(".").lower()


def _with_slug(path: str, slug: str) -> str:
    if path.startswith((*SHARED_PATHS, *SECRET)):
        return path
    before, rest = _parted(path)
    if rest == f"/{slug}" or rest.startswith(f"/{slug}/"):
        return path
    return f"{before}/{slug}{rest}"


def same_origin(app: ASGIApp) -> ASGIApp:
    """Refuse unsafe requests that a browser sends on behalf of another site (CSRF), by what the browser itself says.

    A route of which `opt` says `from_servers` is left alone: what comes there proves itself, and no cookie counts.

    Fetch Metadata where the browser has it, else Origin; a program sends neither and carries no cookie. See OWASP's
    cheat sheet on cross-site request forgery, "Fetch Metadata headers".
    """

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE and _is_foreign(scope):
            if scope["route_handler"].opt.get("from_servers"):
                await app(scope, receive, send)
                return
            raise Forbidden(action="cross-site")
        await app(scope, receive, send)

    return middleware


def _is_foreign(scope: Scope) -> bool:
    site = header(scope, b"sec-fetch-site")
    if site:
        return site not in {"same-origin", "none"}
    origin = header(scope, b"origin")
    return bool(origin) and urlsplit(origin).netloc != header(scope, b"host")


def header(scope: Scope, name: bytes) -> str:
    """The first of that name (in small letters); empty when there is none."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
