"""Which requests count against which limit, and whose they are: by address, behind proxies that are trusted."""

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import TooMany
from core.rates import Rates
from web.tenancy import SAFE, header

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NOBODY = "unknown"
"""Who comes by a Unix socket, or by a proxy that does not say for whom: all of them together."""


def limited(app: ASGIApp) -> ASGIApp:
    """Counts every request that has a kind; a token that is not right counts as an attempt to sign in.

    Where such attempts are used up, no token of that client is looked at. Raises TooMany. Whose request it is stands in
    the scope's state, for routes with limits of their own.
    """

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        state = scope["litestar_app"].state
        rates: Rates = state.rates
        client = client_of(scope, state.trusted_proxies)
        scope["state"]["client"] = client
        kind = kind_of(scope)
        if kind is not None and scope["state"].get("counted") != kind:
            await rates.take(kind, client)
        if not header(scope, b"authorization"):
            await app(scope, receive, send)
            return
        rates.check("sign-in", client)
        was_wrong = False

        async def watched(message: Message) -> None:
            nonlocal was_wrong
            was_wrong = was_wrong or (message["type"] == "http.response.start" and message["status"] == 401)
            await send(message)

        await app(scope, receive, watched)
        if was_wrong:
            with suppress(TooMany):  # this one has its answer; the next will be refused
                await rates.take("sign-in", client)

    return middleware


def kind_of(scope: Scope) -> str | None:
    """What the route's `opt` calls `limit`; else signing in by its path, and whatever changes something is a write."""
    handler: Any = cast("Any", scope).get("route_handler")
    opt: dict[str, Any] = getattr(handler, "opt", {})
    if "limit" in opt:
        return opt["limit"]
    if "sign-in" in scope["path"].split("/", 3)[1:3]:
        return "sign-in"
    method: str = cast("Any", scope)["method"]
    return None if method in SAFE else "write"


def networks_of(words: Sequence[str]) -> list[Network]:
    """Of settings that were read (core/settings.py)."""
    return [ipaddress.ip_network(word) for word in words]


def client_of(scope: Scope, trusted: Sequence[Network]) -> str:
    """The address that the request comes from; a whole /64 of IPv6, which is what one household or host is given.

    X-Forwarded-For is read from its end, where our own proxies write, as far as trusted ones wrote it. What stands
    before the first address that is not trusted, anybody may have made up.
    """
    client: Any = scope["client"]
    address = _address(client[0]) if client else None
    if address is None:
        return NOBODY
    if _is_in(address, trusted):
        forwarded = [v.decode("latin-1") for name, v in scope["headers"] if name == b"x-forwarded-for"]
        for hop in reversed(",".join(forwarded).split(",")) if forwarded else ():
            found = _address(hop)
            if found is None:
                break
            address = found
            if not _is_in(address, trusted):
                break
    return _name_of(address)


@lru_cache(maxsize=4096)
def _name_of(address: Address) -> str:
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """With or without a port, as proxies write it; IPv4 within IPv6 is IPv4."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
