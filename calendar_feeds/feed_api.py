"""JSON routes of subscriptions: one's own secret addresses, made, listed, revoked and made anew."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec.structs import asdict, replace
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds import subscriptions
from calendar_feeds.addresses import caldav_address, links, secret_address
from calendar_feeds.feed_schemas import FeedIn, FeedMade, FeedOut
from calendar_feeds.subscriptions import Made
from core.paging import CURSOR, MOST, Page
from core.settings import Settings
from people.actors import Actor
from people.answers import CHANGE, READ, WRITE
from people.desk import AtDesk, Desk, Work

Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]
Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]


@get("/feeds", summary="My subscriptions", responses=READ)
async def my_feeds(desk: AtDesk, cursor: Cursor = None, limit: Limit = 50) -> Page[FeedOut]:
    """Newest first, those that are not revoked. Without their addresses, which nobody knows."""
    return await desk.read(lambda db, actor: subscriptions.own_feeds(db, actor, cursor=cursor, limit=limit))


@post("/feeds", summary="Subscribe to a calendar", status_code=201, responses=WRITE)
async def subscribe(desk: AtDesk, data: JSONBody[FeedIn]) -> Response[FeedMade]:
    """The answer holds the secret address, this once; asked again under the same Idempotency-Key, it is the same
    without it. At most 50 at once.
    """
    return await _shown_once(
        desk, lambda db, actor: subscriptions.subscribe(db, actor, data, now=desk.now), status=201
    )


@post("/feeds/{feed_id:uuid}/rotate", summary="A new address for it", status_code=200, responses=CHANGE)
async def rotate(desk: AtDesk, feed_id: FromPath[UUID]) -> Response[FeedMade]:
    """The old address is answered 410 from now on. The new one is shown this once, as when subscribing."""
    return await _shown_once(
        desk, lambda db, actor: subscriptions.rotate(db, actor, feed_id, desk.now), status=200
    )


@delete("/feeds/{feed_id:uuid}", summary="Revoke a subscription", status_code=204, responses=CHANGE)
async def revoke(desk: AtDesk, feed_id: FromPath[UUID]) -> None:
    """Its address is answered 410 from now on."""
    await desk.change(lambda db, actor: subscriptions.revoke(db, actor, feed_id, desk.now))


async def _shown_once(desk: Desk, work: Work[Made], *, status: int) -> Response[FeedMade]:
    """What is kept for the Idempotency-Key holds no address: it is put into the answer of whoever made it."""
    settings: Settings = desk.request.app.state.settings
    shown: list[FeedMade] = []

    async def once(db: AsyncSession, actor: Actor) -> FeedMade:
        made = await work(db, actor)
        found = links(secret_address(desk.tenant, settings, made.secret), made.feed.name)
        caldav = caldav_address(desk.tenant, settings, made.secret)
        told = FeedMade(**asdict(made.feed), address=found.address, webcal=found.webcal, caldav=caldav)
        shown[:] = [told]
        return _kept(told)

    response = await desk.answer(once, status=status)
    kept: Any = response.content
    if shown and kept == msgspec.json.encode(_kept(shown[0])):
        content: Any = msgspec.json.encode(shown[0])
        response.content = content
    response.headers["Cache-Control"] = "no-store"
    return response


def _kept(told: FeedMade) -> FeedMade:
    return replace(told, address=None, webcal=None, caldav=None)


router = Router(path="/api/{m:str}", tags=["feeds"], route_handlers=[my_feeds, subscribe, rotate, revoke])
