"""What is sent to whoever asks for a feed: that nothing is new, or the calendar, made anew only if it has changed."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds import queries
from calendar_feeds.addresses import public_address
from calendar_feeds.feeds import Inside, Look, look, note_inside, seen, write, write_inside
from calendar_feeds.freshness import (
    Modified,
    http_date,
    is_known,
    is_unmodified,
    modified,
    takes_gzip,
    zipped_tag,
)
from calendar_feeds.scopes import Scope, Variant, week_began_at
from calendar_feeds.shelf import Shelf, zipped
from calendar_feeds.subscriptions import Opened, opened_by
from core.db import Database
from core.errors import NotFound
from core.settings import Settings
from core.tenants import Tenant, home_of
from people.service import hash_of

ICAL = "text/calendar"
TOLD = {
    "Cache-Control": "private, max-age=300",
    "Vary": "Accept-Encoding",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}
PLACES = {"resource", "facility", "municipality"}


class Stock(NamedTuple):
    """What feeds are made from."""

    database: Database
    shelf: Shelf
    settings: Settings


class Asked(Struct, frozen=True):
    """What a request says of the client: what it has already, and what it takes."""

    tags: str | None = None
    """If-None-Match."""
    since: str | None = None
    """If-Modified-Since; means nothing where tags are told."""
    encodings: str = ""


class Found(NamedTuple):
    """A feed that was asked for, before it is read; `opened` when it was by a secret."""

    look: Look
    opened: Opened | None = None

    @property
    def is_inside(self) -> bool:
        """What staff read about others' bookings: it is noted, and never kept."""
        look = self.look
        return self.opened is not None and look.scope.kind in PLACES and look.variant in {"full", "staff"}


class Sent(NamedTuple):
    """An answer, 200 or 304."""

    status: int
    headers: dict[str, str]
    body: bytes


async def public_feed(
    stock: Stock, tenant: Tenant, scope: Scope, *, variant: Variant, now: datetime
) -> Found:
    """What everybody may know of a thing. Raises NotFound."""
    base, source = home_of(tenant, stock.settings), public_address(tenant, stock.settings, scope, variant)
    return Found(await look(stock.database, tenant, scope, variant, now, base=base, source=source))


async def secret_feed(stock: Stock, tenant: Tenant, secret: str | None, *, now: datetime) -> Found:
    """What a secret opens. Raises NotFound, and Gone once it was revoked or its owner may not see it any more."""
    if secret is None:
        raise NotFound(what="feed")
    secret_hash, asking = hash_of(secret), stock.database.asking
    scope = stock.shelf.scopes.get(secret_hash)
    if scope is None:
        opened = opened_by(await queries.opened(asking, tenant.id, secret_hash))
        stock.shelf.know(secret_hash, opened.scope)
        revision = await queries.asked_revision(asking, tenant.id, opened.scope, opened.variant, now=now)
    else:
        row, revision = await queries.opened_and_asked(asking, tenant.id, secret_hash, scope, now=now)
        opened = opened_by(row)
    base = home_of(tenant, stock.settings)
    found = seen(tenant, opened.scope, opened.variant, revision, now, base=base, feed=str(opened.feed_id))
    return Found(found, opened)


def unchanged(found: Found, asked: Asked, now: datetime) -> Sent | None:
    """That what the client has is still right; None: it is not, or that is not known without reading."""
    look = found.look
    if look.variant == "staff":
        return None
    at = _modified(look, now)
    if is_known(asked.tags, look.etag) if asked.tags is not None else is_unmodified(asked.since, at):
        return Sent(304, _headers(look.etag, asked, None if found.is_inside else at), b"")
    return None


async def send(stock: Stock, found: Found, asked: Asked, now: datetime) -> Sent:
    """Whatever the client is to have."""
    answer = unchanged(found, asked, now)
    if answer is not None:
        return answer
    if found.is_inside:
        return await _send_inside(stock, found, asked, now)
    look, is_zipped = found.look, takes_gzip(asked.encodings)
    headers = _headers(look.etag, asked, _modified(look, now))
    plain = stock.shelf.find(look.etag)
    if plain is None:

        async def once(db: AsyncSession) -> str:
            return await write(db, look, look.base)

        plain = (await stock.database.run(look.tenant.id, once)).encode()
        stock.shelf.put(look.etag, plain)
    if not is_zipped:
        return _whole(look, headers, plain, is_zipped=False)
    small = stock.shelf.find(headers["ETag"])
    if small is None:
        small = await zipped(plain)
        stock.shelf.put(headers["ETag"], small)
    return _whole(look, headers, small, is_zipped=True)


async def _send_inside(stock: Stock, found: Found, asked: Asked, now: datetime) -> Sent:
    """Telephones change without any booking: the staff's has its tag from its own text."""
    look, opened = found
    assert opened is not None, "it was opened by a secret"

    async def once(db: AsyncSession) -> tuple[str, Inside]:
        inside = await write_inside(db, look, look.base)
        etag = look.etag
        if look.variant == "staff":
            etag = f'"{hashlib.sha256(inside.text.encode()).hexdigest()[:32]}"'
        if not is_known(asked.tags, etag):
            await note_inside(db, opened.person_id, inside, now)
        return etag, inside

    etag, inside = await stock.database.run(look.tenant.id, once)
    headers = _headers(etag, asked, None)
    if is_known(asked.tags, etag):
        return Sent(304, headers, b"")
    plain = inside.text.encode()
    is_zipped = takes_gzip(asked.encodings)
    return _whole(look, headers, await zipped(plain) if is_zipped else plain, is_zipped=is_zipped)


def _headers(etag: str, asked: Asked, at: Modified | None) -> dict[str, str]:
    headers = {**TOLD, "ETag": zipped_tag(etag) if takes_gzip(asked.encodings) else etag}
    if at is not None:
        headers["Last-Modified"] = http_date(at.at)
    return headers


def _whole(look: Look, headers: dict[str, str], body: bytes, *, is_zipped: bool) -> Sent:
    name = f'inline; filename="{look.tenant.slug}-{look.scope.kind}.ics"'
    coded = {"Content-Encoding": "gzip"} if is_zipped else {}
    return Sent(200, {**headers, "Content-Disposition": name, **coded}, body)


def _modified(look: Look, now: datetime) -> Modified:
    return modified(look.revision.changed_at, week_began_at(now, look.tenant.zone), now)
