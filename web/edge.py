"""The outermost layer: what every answer carries, what no request gets past, and an answer whatever happens.

It stands around Litestar, so that it also holds for static files, for paths that do not exist and for faults.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

from litestar import Litestar, Request
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from core.errors import Malformed
from core.texts import N_
from web import problems

POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "font", "connect", "manifest")),
        "img-src 'self' https: data:",  # pictures of halls may stand on any site, icons stand in the style sheet
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ]
)
"""What a page may load and do. A route may say otherwise of itself."""
UNUSED = (
    *(
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
    ),
    *(
        "gyroscope",
        "hid",
        "idle-detection",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
    ),
    *("publickey-credentials-get", "screen-wake-lock", "serial", "sync-xhr", "usb", "xr-spatial-tracking"),
)
"""What browsers can do and no page of ours asks for."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-XSS-Protection": "1; mode=block",  # of browsers that know no Content-Security-Policy
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""See OWASP's Secure Headers Project, and docs/security.md for what is left out."""
HSTS = {"Strict-Transport-Security": "max-age=31536000"}
"""Where the public address is https. Nothing is said of names below it: they need not be ours."""
Headers = list[tuple[bytes, bytes]]
HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")


def edge(app: ASGIApp, litestar: Litestar, *, https: bool) -> ASGIApp:
    """The application with this layer around it."""
    told = {**HEADERS, **HSTS} if https else HEADERS
    headers = [(name.lower().encode(), value.encode()) for name, value in told.items()]
    methods = methods_of(litestar)

    async def outermost(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        answer = _Answer(send, headers, scope=scope, methods=methods)
        if scope["method"] == "HEAD":
            scope["method"] = "GET"  # Litestar has HEAD only where a route names it
        try:
            _check_host(scope)
            await app(scope, receive, answer)
        except Exception as error:  # the last wall: nothing is behind it
            if answer.has_begun:
                raise
            await _problem(scope, receive, answer, error)

    return outermost


class _Answer:
    """What goes out, with the headers that everything carries."""

    def __init__(
        self, send: Send, headers: Headers, *, scope: HTTPScope, methods: Mapping[str, set[str]]
    ) -> None:
        self.has_begun = False
        self._send = send
        self._headers = headers
        self._scope = scope
        self._methods = methods
        self._without_body = scope["method"] == "HEAD"
        self._is_personal = _says_who(scope)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            headers = dict(message["headers"])
            allow = headers.get(b"allow")
            missing = [header for header in self._headers if header[0] not in headers]
            if b"frame-ancestors" in headers.get(b"content-security-policy", b""):
                # The route says itself who may frame it; the older header can only say nobody.
                missing = [header for header in missing if header[0] != b"x-frame-options"]
            kept = [header for header in message["headers"] if header[0] != b"allow"]
            message["headers"] = [*self._cached(kept), *missing]
            if allow is not None:
                message["headers"] = [*message["headers"], (b"allow", self._allowed(allow.decode()).encode())]
        elif message["type"] == "http.response.body" and self._without_body:
            message["body"] = b""
        await self._send(message)

    def _cached(self, headers: Headers) -> Headers:
        """Who says who she is gets answers that nobody keeps, not even her own browser: others may sit there next."""
        told = next((value for name, value in headers if name == b"cache-control"), None)
        if told is not None and b"public" in told:
            return headers
        is_personal = self._is_personal or any(name == b"set-cookie" for name, _ in headers)
        if told is not None and not is_personal:
            return headers
        others = [header for header in headers if header[0] != b"cache-control"]
        return [*others, (b"cache-control", b"no-store" if is_personal else b"no-cache")]

    def _allowed(self, told: str) -> str:
        """Litestar's answer to OPTIONS leaves out methods where a path has several handlers, and HEAD always."""
        template: str = cast("Any", self._scope).get("path_template", "")
        methods = self._methods.get(template) or set(told.split(", "))
        return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def _says_who(scope: HTTPScope) -> bool:
    """With a token, or with the cookie of a login, whether or not it holds."""
    return any(
        name == b"authorization" or (name == b"cookie" and b"ledig" in value)
        for name, value in scope["headers"]
    )


def methods_of(app: Litestar) -> dict[str, set[str]]:
    """Path template → its methods."""
    found: dict[str, set[str]] = {}
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            found.setdefault(route.path_format, set()).update(map(str, route.methods))
    return found


def _check_host(scope: HTTPScope) -> None:
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    if hosts == [""] and scope["http_version"] == "1.0":
        return  # it has none, and granian says so with an empty one
    if len(hosts) > 1 or (hosts and not HOST.fullmatch(hosts[0])):
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        scope["headers"] = [*others, (b"host", b"invalid")]  # what answers, reads it again
        raise Malformed(field="Host", expected=N_("the name of the server"))


async def _problem(scope: HTTPScope, receive: Receive, send: _Answer, error: Exception) -> None:
    """What went wrong outside Litestar, where its own exception handlers do not reach."""
    request: Request[Any, Any, Any] = Request(scope, receive, cast("Any", send))
    response: Any = problems.answer_to(request, error)
    await response.to_asgi_response(None, request)(scope, receive, send)
