"""The only way the program speaks to an address that somebody typed in: calendars to fetch, webhooks, door locks.

Nobody who may type such an address can make the program speak to what only the program can reach, keep it waiting, or
fill its memory. See docs/security.md. It is never called inside a transaction.
"""

import asyncio
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal

import httpx
import msgspec

from core.destinations import REFUSED as REFUSED
from core.destinations import CallRefused as CallRefused
from core.destinations import Network as Network
from core.destinations import as_address, check_addresses, destination, host_of
from core.destinations import check_url as check_url
from core.destinations import networks as networks
from core.texts import N_

FailedWhy = Literal[
    "unresolved", "unreachable", "certificate", "broken", "too_slow", "too_large", "encoding", "redirect"
]
FAILED: Final[Mapping[FailedWhy, str]] = {
    "unresolved": N_("The host of the address was not found."),
    "unreachable": N_("The host of the address does not answer."),
    "certificate": N_("The certificate of the host is not valid for the address."),
    "broken": N_("The answer broke off or was not understood."),
    "too_slow": N_("The answer took too long."),
    "too_large": N_("The answer was too large."),
    "encoding": N_("The answer was packed in a way that is not known."),
    "redirect": N_("The host sends on to another address, which may not be followed."),
}
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
ADDRESSES_TRIED: Final = 4
MEMBERS: Final = 8
"""Of a gzip stream; each costs a copy of what follows."""
AGENT: Final = "Ledig"
KEPT_ELSEWHERE: Final = frozenset({"accept", "if-none-match", "if-modified-since", "user-agent"})
"""Headers that go along when another host is sent on to: no secret is among them."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one call may take, its redirects included."""

    patience_seconds: float = 20.0
    """In all."""
    connect_seconds: float = 5.0
    """For each address of a host."""
    body_bytes: int = 1_000_000
    """Of the answer, packed and unpacked."""
    header_bytes: int = 32_000


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Whatever the host said, refusals of its own and redirects that were not followed included."""

    status: int
    headers: Mapping[str, str]
    """Names in small letters; several of a name are joined by a comma."""
    body: bytes
    """Unpacked."""


class CallFailed(Exception):
    """It was tried, and there is no whole answer: the host may have got the request or not. `FAILED[why]` says it in
    words.
    """

    def __init__(self, why: FailedWhy) -> None:
        super().__init__(why)
        self.why: FailedWhy = why


Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port → IP addresses, the best first. Raises OSError."""


async def resolve_host(host: str, port: int) -> Sequence[str]:
    """As the operating system says. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@lru_cache(maxsize=1)
def public_trust() -> ssl.SSLContext:
    """The certificate authorities that browsers know, or those of SSL_CERT_FILE or SSL_CERT_DIR; see httpx."""
    return httpx.create_ssl_context()


async def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    limits: Limits,
    allow: Collection[Network],
    redirects: int = 0,
    resolve: Resolve = resolve_host,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """What the host at the URL answers.

    The host's name is resolved once, each of its addresses must be public or in `allow`, and exactly these are
    connected to, while the certificate must be of the name. Redirects are followed for GET and HEAD alone, each
    checked as the first, never from https to http; what could be a secret in `headers` does not go along to another
    host. No proxy, no cookies, nothing of the environment. Raises CallRefused and CallFailed; neither tells the
    address.
    """
    target, carried = destination(url, allow), _sendable(headers or {})
    means = _Means(limits=limits, allow=allow, resolve=resolve, trust=trust or public_trust())
    hops = redirects if method in {"GET", "HEAD"} else 0
    try:
        async with asyncio.timeout(limits.patience_seconds):
            answer = await _ask(means, target, method, carried, body)
            while hops and (location := _sent_on(answer)) is not None:
                hops -= 1
                try:
                    target, carried = _onward(target, location, carried, allow)
                    answer = await _ask(means, target, method, carried, body)
                except CallRefused as refused:
                    raise CallFailed("redirect") from refused
    except TimeoutError as error:
        raise CallFailed("too_slow") from error
    if redirects and _sent_on(answer) is not None:
        raise CallFailed("redirect")
    return answer


class _Means(msgspec.Struct, frozen=True, kw_only=True):
    """What stays the same for all hosts of a call."""

    limits: Limits
    allow: Collection[Network]
    resolve: Resolve
    trust: ssl.SSLContext


def _sendable(headers: Mapping[str, str]) -> dict[str, str]:
    if not all(
        value.isascii() and value.isprintable() and value == value.strip() for value in headers.values()
    ):
        raise CallRefused("header")
    return {"User-Agent": AGENT, "Accept": "*/*", **headers, "Accept-Encoding": "gzip", "Connection": "close"}


def _sent_on(answer: Answer) -> str | None:
    return answer.headers.get("location") if answer.status in REDIRECTS else None


def _onward(
    target: httpx.URL, location: str, headers: dict[str, str], allow: Collection[Network]
) -> tuple[httpx.URL, dict[str, str]]:
    try:
        onward = destination(str(target.join(location)), allow)
    except httpx.InvalidURL as error:
        raise CallFailed("redirect") from error
    if onward.scheme != target.scheme and onward.scheme == "http":
        raise CallFailed("redirect")
    if (onward.scheme, onward.netloc) == (target.scheme, target.netloc):
        return onward, headers
    return onward, _sendable(
        {name: value for name, value in headers.items() if name.lower() in KEPT_ELSEWHERE}
    )


async def _ask(
    means: _Means, target: httpx.URL, method: str, headers: Mapping[str, str], body: bytes | None
) -> Answer:
    """One request, to the first address of the host that can be connected to."""
    addresses = await _addresses(means, target)
    for address in addresses[:-1]:
        try:
            return await _ask_at(means, target, address, method, headers, body)
        except CallFailed as failed:
            if failed.why != "unreachable":
                raise
    return await _ask_at(means, target, addresses[-1], method, headers, body)


async def _addresses(means: _Means, target: httpx.URL) -> Sequence[str]:
    """Checked; at least one."""
    host, is_plain = host_of(target), target.scheme == "http"
    if as_address(host) is not None:
        return [host]  # looked at with the rest of the URL
    try:
        found = await means.resolve(host, target.port or (80 if is_plain else 443))
    except (OSError, UnicodeError) as error:
        raise CallFailed("unresolved") from error
    if not found:
        raise CallFailed("unresolved")
    check_addresses(found, means.allow, is_plain=is_plain)
    return found[:ADDRESSES_TRIED]


async def _ask_at(
    means: _Means,
    target: httpx.URL,
    address: str,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
) -> Answer:
    """Raises CallFailed; `unreachable`: nothing was sent, another address may be tried."""
    limits = means.limits
    request = httpx.Request(
        method,
        target.copy_with(host=address),
        headers={"Host": target.netloc.decode("ascii"), **headers},
        content=body,
        extensions={
            "timeout": httpx.Timeout(limits.patience_seconds, connect=limits.connect_seconds).as_dict(),
            # The name that the certificate must be of (https://www.encode.io/httpcore/extensions/#sni_hostname).
            "sni_hostname": host_of(target),
        },
    )
    try:
        async with httpx.AsyncHTTPTransport(verify=means.trust, trust_env=False) as transport:
            answer = await transport.handle_async_request(request)
            try:
                return await _whole(answer, limits)
            finally:
                await answer.aclose()
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise CallFailed(_unconnected(error)) from error
    except httpx.TimeoutException as error:
        raise CallFailed("too_slow") from error
    except httpx.TransportError as error:
        raise CallFailed("broken") from error


def _unconnected(error: BaseException) -> FailedWhy:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "certificate"
        cause = cause.__cause__ or cause.__context__
    return "unreachable"


async def _whole(answer: httpx.Response, limits: Limits) -> Answer:
    if sum(len(name) + len(value) + 4 for name, value in answer.headers.raw) > limits.header_bytes:
        raise CallFailed("too_large")
    packed = bytearray()
    async for part in answer.aiter_raw():
        packed += part
        if len(packed) > limits.body_bytes:
            raise CallFailed("too_large")
    packing = answer.headers.get("content-encoding", "identity").strip().lower()
    if packed and packing not in {"identity", "gzip", "x-gzip", ""}:
        raise CallFailed("encoding")
    body = unpacked(bytes(packed), limits.body_bytes) if packing in {"gzip", "x-gzip"} else bytes(packed)
    return Answer(status=answer.status_code, headers=dict(answer.headers.items()), body=body)


def unpacked(packed: bytes, most: int) -> bytes:
    """What was packed by gzip (RFC 1952), without ever having more than `most` bytes of it. Raises CallFailed."""
    found = bytearray()
    for _ in range(MEMBERS):
        if not packed:
            return bytes(found)
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            found += member.decompress(packed, most - len(found) + 1)
        except zlib.error as error:
            raise CallFailed("broken") from error
        if len(found) > most:
            raise CallFailed("too_large")
        if not member.eof:
            raise CallFailed("broken")
        packed = member.unused_data
    raise CallFailed("broken")
