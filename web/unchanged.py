"""That a feed has not changed, which is most of what calendar programs hear: said before Litestar is asked at all.

Whatever else there is to say, the routes say (calendar_feeds/api.py): this layer makes no calendars.
"""

from datetime import datetime
from typing import Any

from litestar import Litestar
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from calendar_feeds import sending
from calendar_feeds.addresses import SECRET_PATH, public_in, secret_in
from calendar_feeds.sending import Asked, Found, Stock
from calendar_feeds.subscriptions import noted
from core.spans import utc_now
from core.tenants import Tenant
from web.limits import client_of
from web.tenancy import header

FEEDS = "/ical/"


def unchanged(app: ASGIApp, litestar: Litestar) -> ASGIApp:
    """Answers 304 to whoever tells by tag what she has, if that is still right. It counts as any request for a feed.

    Raises TooMany, and NotFound and Gone as the routes do.
    """

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(FEEDS) or scope["method"] != "GET":
            await app(scope, receive, send)
            return
        tags, tenant = header(scope, b"if-none-match"), scope["state"]["tenant"]
        if not tags or tenant is None:
            await app(scope, receive, send)
            return
        state, now = litestar.state, utc_now()
        await state.rates.take("feed", client_of(scope, state.trusted_proxies))
        scope["state"]["counted"] = "feed"
        stock = Stock(state.database, state.shelf, state.settings)
        found = await _found(stock, scope, tenant, now)
        sent = None
        if found is not None:
            asked = Asked(tags, encodings=header(scope, b"accept-encoding"))
            sent = sending.unchanged(found, asked, now)
        if found is None or sent is None:
            await app(scope, receive, send)
            return
        headers = [(name.lower().encode(), value.encode()) for name, value in sent.headers.items()]
        start: Any = {"type": "http.response.start", "status": sent.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        if found.opened is not None:
            agent = header(scope, b"user-agent") or None
            await noted(stock.database, tenant.id, found.opened, agent=agent, now=now)

    return middleware


async def _found(stock: Stock, scope: HTTPScope, tenant: Tenant, now: datetime) -> Found | None:
    """None for an address that is not in the form in which we give them out."""
    path = scope["path"]
    if path.startswith(SECRET_PATH):
        secret = secret_in(path.removeprefix(SECRET_PATH), tenant)
        return None if secret is None else await sending.secret_feed(stock, tenant, secret, now=now)
    public = public_in(path, scope["query_string"].decode("latin-1"))
    if public is None:
        return None
    thing, variant = public
    return await sending.public_feed(stock, tenant, thing, variant=variant, now=now)
