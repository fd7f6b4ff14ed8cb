"""JSON routes of webhooks: for administrators."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.partners import webhooks as service
from calendar_feeds.partners.schemas import (
    DeliveryOut,
    ReplayIn,
    WebhookIn,
    WebhookMade,
    WebhookOut,
    WebhookPatch,
)
from core.destinations import Network, networks
from core.paging import CURSOR, MOST, Page
from people.actors import Actor
from people.answers import CHANGE, READ, TOO_OLD, WRITE
from people.desk import AtDesk, Desk

Cursor = Annotated[str | None, QueryParameter(max_length=500, pattern=CURSOR)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]
State = Literal["due", "done", "dead"]


def allowed(desk: Desk) -> tuple[Network, ...]:
    """Networks of the inside that the operator lets addresses lead to."""
    return networks(desk.request.app.state.settings.call_networks)


@get("/webhooks", summary="Who is told of changes", responses=READ)
async def list_webhooks(desk: AtDesk, cursor: Cursor = None, limit: Limit = 50) -> Page[WebhookOut]:
    """Newest first, with what waits and what was given up."""
    return await desk.read(
        lambda db, actor: service.webhooks(db, actor, desk.tenant, cursor=cursor, limit=limit)
    )


@get("/webhooks/{webhook_id:uuid}", summary="A webhook", responses=READ)
async def webhook(desk: AtDesk, webhook_id: FromPath[UUID]) -> WebhookOut:
    """Its secret is not told again."""
    return await desk.read(lambda db, actor: service.webhook(db, actor, desk.tenant, webhook_id))


@post("/webhooks", summary="Tell an address of changes", status_code=201, responses=WRITE)
async def make_webhook(desk: AtDesk, data: JSONBody[WebhookIn]) -> Response[WebhookMade]:
    """From now on. The secret is shown this once; asked again under the same Idempotency-Key, the answer is the same
    without it.
    """
    vault = desk.request.app.state.vault
    return await _shown_once(
        desk,
        lambda db, actor: service.make(
            db, actor, desk.tenant, data, vault=vault, allow=allowed(desk), now=desk.now
        ),
        status=201,
    )


@patch("/webhooks/{webhook_id:uuid}", summary="Change or pause a webhook", responses=WRITE)
async def change_webhook(
    desk: AtDesk, webhook_id: FromPath[UUID], data: JSONBody[WebhookPatch]
) -> Response[WebhookOut]:
    """Only what is given. Put on again, it is told what happened meanwhile."""
    return await desk.answer(
        lambda db, actor: service.change(
            db, actor, desk.tenant, webhook_id, data, allow=allowed(desk), now=desk.now
        )
    )


@delete("/webhooks/{webhook_id:uuid}", summary="Tell it no more", status_code=204, responses=CHANGE)
async def remove_webhook(desk: AtDesk, webhook_id: FromPath[UUID]) -> None:
    """With what waits for it, and its log."""
    await desk.change(lambda db, actor: service.remove(db, actor, webhook_id, desk.now))


@post("/webhooks/{webhook_id:uuid}/rotate", summary="Another secret", status_code=200, responses=CHANGE)
async def rotate_webhook(desk: AtDesk, webhook_id: FromPath[UUID]) -> Response[WebhookMade]:
    """Shown this once. For 24 hours everything is signed with both."""
    vault = desk.request.app.state.vault
    return await _shown_once(
        desk,
        lambda db, actor: service.rotate(db, actor, desk.tenant, webhook_id, vault=vault, now=desk.now),
        status=200,
    )


@post("/webhooks/{webhook_id:uuid}/ping", summary="Send a test", status_code=200, responses=CHANGE)
async def ping_webhook(desk: AtDesk, webhook_id: FromPath[UUID]) -> Response[DeliveryOut]:
    """Of kind test.ping, once, also when it is paused. How it went stands among its deliveries."""
    return await desk.answer(
        lambda db, actor: service.ping(db, actor, desk.tenant, webhook_id, desk.now), status=200
    )


@post(
    "/webhooks/{webhook_id:uuid}/replay",
    summary="Tell it again",
    status_code=200,
    responses={**WRITE, **TOO_OLD},
)
async def replay_webhook(
    desk: AtDesk, webhook_id: FromPath[UUID], data: JSONBody[ReplayIn]
) -> Response[WebhookOut]:
    """One delivery, or all changes since a moment; each under the `webhook-id` that it had."""
    return await desk.answer(
        lambda db, actor: service.replay(db, actor, desk.tenant, webhook_id, data, now=desk.now), status=200
    )


@get("/webhooks/{webhook_id:uuid}/deliveries", summary="What it was told", responses=READ)
async def webhook_deliveries(
    desk: AtDesk,
    webhook_id: FromPath[UUID],
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DeliveryOut]:
    """Newest first, of the last 30 days, each with how its last attempt went."""
    return await desk.read(
        lambda db, actor: service.deliveries(
            db, actor, desk.tenant, webhook_id, state=in_state, cursor=cursor, limit=limit
        )
    )


async def _shown_once(
    desk: Desk, work: Callable[[AsyncSession, Actor], Awaitable[WebhookMade]], *, status: int
) -> Response[WebhookMade]:
    """What is kept for the Idempotency-Key holds no secret."""
    shown: list[WebhookMade] = []

    async def once(db: AsyncSession, actor: Actor) -> WebhookMade:
        shown[:] = [await work(db, actor)]
        return replace(shown[0], secret=None)

    response = await desk.answer(once, status=status)
    if shown:
        content: Any = msgspec.json.encode(shown[0])
        response.content = content
    response.headers["Cache-Control"] = "no-store"
    return response


handlers = [
    list_webhooks,
    webhook,
    make_webhook,
    change_webhook,
    remove_webhook,
    rotate_webhook,
    ping_webhook,
    replay_webhook,
    webhook_deliveries,
]
