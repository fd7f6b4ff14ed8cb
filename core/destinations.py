"""Whether an address that somebody typed in may be spoken to: https, a public host, nothing of the inside."""

import ipaddress
import re
from collections.abc import Collection, Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, Literal

import httpx

from core.texts import N_

Network = IPv4Network | IPv6Network
IpAddress = IPv4Address | IPv6Address

RefusedWhy = Literal["unreadable", "scheme", "userinfo", "port", "inside", "header"]
REFUSED: Final[Mapping[RefusedWhy, str]] = {
    "unreadable": N_("The address cannot be read: write one that begins with https://."),
    "scheme": N_("The address must begin with https://."),
    "userinfo": N_("The address must not hold a name or password before an @."),
    "port": N_("The port of the address must be 443, or from 1024 to 65535."),
    "inside": N_("The address does not lead to the open internet."),
    "header": N_("A secret or header holds characters that cannot be sent."),
}
URL_CHARACTERS: Final = 2000
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_INSIDE = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa")
_CARRIERS = ((IPv6Network("2002::/16"), 80), (IPv6Network("64:ff9b::/96"), 0))
"""6to4 (RFC 3056 §2) and NAT64 (RFC 6052 §2.1) carry an IPv4 address, which is met at the other end: how far it
stands from the right, in bits.
"""
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
            "192.88.99.0/24",  # 6to4 relays, RFC 7526
            "::/96",  # IPv4-compatible, RFC 4291 §2.5.5.1
            "64:ff9b:1::/48",  # local NAT64, RFC 8215
            "2001::/32",  # Teredo, RFC 4380
            "fec0::/10",  # site-local, RFC 3879
        ),
    )
)


class CallRefused(Exception):
    """The address may not be called: nothing was sent. `REFUSED[why]` says it in words."""

    def __init__(self, why: RefusedWhy) -> None:
        super().__init__(why)
        self.why: RefusedWhy = why


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Of the settings' `call_networks`."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def check_url(url: str, allow: Collection[Network]) -> str:
    """The address as it will be called, its fragment left out. Raises CallRefused.

    https, or http where the host is a name or address that may be in `allow`; no user or password; port 443 (80) or
    1024–65535. A host that is an IP address is looked at here, a name when it is called: what a name leads to is for
    whoever answers for the name to say, each time anew.
    """
    return str(destination(url, allow))


def destination(url: str, allow: Collection[Network]) -> httpx.URL:
    """As `check_url`."""
    if len(url) > URL_CHARACTERS or "\\" in url or any(c.isspace() for c in url):
        raise CallRefused("unreadable")
    try:
        read = httpx.URL(url).copy_with(fragment=None)
    except httpx.InvalidURL as error:
        raise CallRefused("unreadable") from error
    if read.scheme != "https" and not (read.scheme == "http" and allow):
        raise CallRefused("scheme")
    if read.userinfo:
        raise CallRefused("userinfo")
    _check_host(host_of(read), allow, is_plain=read.scheme == "http")
    if not (read.port is None or read.port in {80, 443} or 1024 <= read.port <= 65535):
        raise CallRefused("port")
    if read.scheme == "https" and read.port == 80:
        raise CallRefused("port")
    return read


def host_of(url: httpx.URL) -> str:
    """As certificates and resolvers know it: small letters, IDNA, no brackets, no dot at the end."""
    return url.raw_host.decode("ascii").lower().strip("[]").removesuffix(".")


def _check_host(host: str, allow: Collection[Network], *, is_plain: bool) -> None:
    if as_address(host) is not None:
        check_addresses([host], allow, is_plain=is_plain)
        return
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise CallRefused("unreadable")
    if _NUMBER.fullmatch(labels[-1]):  # 127.1, 0x7f000001 and 2130706433, which resolvers take for addresses
        raise CallRefused("inside")
    if not allow and (len(labels) == 1 or host.endswith(tuple(f".{name}" for name in _INSIDE))):
        raise CallRefused("inside")


def as_address(host: str) -> IpAddress | None:
    """None: it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def check_addresses(addresses: Iterable[str], allow: Collection[Network], *, is_plain: bool = False) -> None:
    """Each is public or in `allow`; with `is_plain` (http) each is in `allow`.

    Raises CallRefused, and ValueError for what is no IP address.
    """
    for text in addresses:
        address = ipaddress.ip_address(text)
        if _is_in(address, allow):
            continue
        if is_plain:
            raise CallRefused("scheme")
        if not is_public(address):
            raise CallRefused("inside")


def is_public(address: IpAddress) -> bool:
    """Whether it lies on the open internet, as far as registers of special addresses tell (RFC 6890), also those that
    IPv6 carries within itself.
    """
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        for network, bits in _CARRIERS:
            if address in network:
                return is_public(IPv4Address(int(address) >> bits & 0xFFFFFFFF))
    if any(address.version == network.version and address in network for network in _NEVER):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _is_in(address: IpAddress, allow: Collection[Network]) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address.version == network.version and address in network for network in allow)
