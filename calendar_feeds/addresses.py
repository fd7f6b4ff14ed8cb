"""Where a feed is read: its address, and the ways there that calendar programs know."""

import re
from urllib.parse import quote, urlencode
from uuid import UUID

from msgspec import Struct

from calendar_feeds.scopes import Kind, Scope, Variant
from core.settings import Settings
from core.tenants import Tenant, home_of

SECRET_PATH = "/ical/t/"  # noqa: S105  # what stands before one
SHAPE = re.compile(r"([a-z][a-z0-9-]{0,62})\.([A-Za-z0-9_-]{22})(?:\.ics)?", re.ASCII)
SECRET_BYTES = 16
"""128 bits, 22 signs."""
PATHS: dict[Kind, str] = {
    "resource": "resources",
    "facility": "facilities",
    "association": "associations",
    "team": "teams",
}


KINDS_SAID: dict[str, Kind] = {path: kind for kind, path in PATHS.items()}
PUBLIC_SHAPE = re.compile(
    rf"/ical/[^/]+/(?:({'|'.join(KINDS_SAID)})/([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})\.ics|municipality\.ics)"
)
VARIANTS_SAID: dict[str, Variant] = {"": "public", "variant=public": "public", "variant=busy": "busy"}


class Links(Struct, frozen=True):
    """One feed's address, as it is and as calendar programs open it."""

    address: str
    webcal: str
    google: str
    outlook: str


def secret_in(name: str, tenant: Tenant | None) -> str | None:
    """The secret of `<slug>.<secret>` or `<slug>.<secret>.ics`; None for any other shape, and for another municipality
    than the request's own.
    """
    found = SHAPE.fullmatch(name)
    if found is None or tenant is None or found[1] != tenant.slug:
        return None
    return found[2]


def secret_address(tenant: Tenant, settings: Settings, secret: str) -> str:
    """Names the municipality in itself, on its own host too: so it holds wherever it is asked for."""
    return f"{_root(tenant, settings)}{SECRET_PATH}{tenant.slug}.{secret}.ics"


def caldav_address(tenant: Tenant, settings: Settings, secret: str) -> str:
    """The same for programs that speak CalDAV, and so fetch changes alone."""
    return f"{_root(tenant, settings)}/caldav/t/{tenant.slug}.{secret}/"


def public_address(tenant: Tenant, settings: Settings, scope: Scope, variant: Variant) -> str:
    """Of what everybody may know."""
    home, root = home_of(tenant, settings), _root(tenant, settings)
    before = f"{root}/ical{home.removeprefix(root)}"
    tail = "" if variant == "public" else f"?{urlencode({'variant': variant})}"
    if scope.kind == "municipality":
        return f"{before}/municipality.ics{tail}"
    return f"{before}/{PATHS[scope.kind]}/{scope.thing_id}.ics{tail}"


def public_in(path: str, query: str) -> tuple[Scope, Variant] | None:
    """What such an address is of; None for any other shape."""
    found = PUBLIC_SHAPE.fullmatch(path)
    variant = VARIANTS_SAID.get(query)
    if found is None or variant is None:
        return None
    return Scope(KINDS_SAID[found[1]], UUID(found[2])) if found[1] else Scope("municipality"), variant


def links(address: str, name: str) -> Links:
    """`name`: what the calendar is to be called where the program asks."""
    webcal = re.sub(r"^https?://", "webcal://", address)
    outlook = urlencode({"url": address, "name": name}, quote_via=quote)
    return Links(
        address=address,
        webcal=webcal,
        google=f"https://calendar.google.com/calendar/r?{urlencode({'cid': webcal})}",
        outlook=f"https://outlook.live.com/calendar/0/addfromweb?{outlook}",
    )


def _root(tenant: Tenant, settings: Settings) -> str:
    """Scheme and host."""
    home = home_of(tenant, settings)
    return home if home.count("/") == 2 else home.rpartition("/")[0]
