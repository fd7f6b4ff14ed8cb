"""HTML routes of webhooks: who is told of changes, how that goes, and seeing to it. For administrators."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.partners import webhooks as service
from calendar_feeds.partners.kinds import KINDS
from calendar_feeds.partners.schemas import ReplayIn, WebhookIn, WebhookMade, WebhookOut, WebhookPatch
from calendar_feeds.partners.webhook_api import allowed
from calendar_feeds.partners.webhook_views import DONE, PATH, STATES, delivery_view, webhook_view
from core.errors import CursorTooOld, Invalid, LimitReached
from core.ids import new_id
from core.paging import Page
from core.texts import N_
from core.wire import has_nul, id_in, when
from people.actors import Actor
from people.desk import AtDesk, Desk
from people.profile_pages import sent
from people.rules import demand

A_PAGE: Final = 25
EMPTY: Final[Mapping[str, str]] = {"label": "", "address": "", **dict.fromkeys(KINDS, "")}


@get("/staff/webhooks")
async def webhook_list(desk: AtDesk) -> Response[str]:
    """Newest first, each with how it goes."""
    cursor = desk.request.query_params.get("cursor")
    found = await desk.read(
        lambda db, actor: service.webhooks(db, actor, desk.tenant, cursor=cursor, limit=A_PAGE)
    )
    return desk.page(
        "calendar_feeds/webhooks.html",
        notice=_notice(desk),
        webhooks=[webhook_view(desk, each) for each in found.items],
        new_url=desk.url(f"{PATH}/new"),
        previous_url=desk.url(PATH) if cursor else None,
        next_url=desk.url(PATH, cursor=found.next) if found.next else None,
    )


@get("/staff/webhooks/new")
async def new_webhook(desk: AtDesk) -> Response[str]:
    """To be filled in; every kind is chosen."""
    return await _new_page(desk, {**EMPTY, **dict.fromkeys(KINDS, "yes")})


@post("/staff/webhooks", status_code=200)
async def add_webhook(desk: AtDesk) -> Response[Any]:
    """The answer shows the secret, this once: no address could bear it. Sent twice, it makes one."""
    values = await sent(desk)
    errors = _errors(desk, values)
    if errors:
        return await _new_page(desk, values, errors=errors, status=422)
    asked = msgspec.convert(_asked(values), WebhookIn)
    vault = desk.request.app.state.vault
    try:
        made = await _shown_once(
            desk,
            values,
            lambda db, actor: service.make(
                db, actor, desk.tenant, asked, vault=vault, allow=allowed(desk), now=desk.now
            ),
        )
    except (Invalid, LimitReached) as refusal:
        errors = {"address": desk.texts.gettext("There are as many as there may be. Take one away first.")}
        if isinstance(refusal, Invalid):
            errors = {str(refusal.facts["field"]): refusal.expected(desk.texts.gettext)}
        return await _new_page(desk, values, errors=errors, status=refusal.status)
    if made is None:
        return Redirect(desk.url(PATH, done="made"), status_code=303)
    return _secret_page(desk, made)


@get("/staff/webhooks/{webhook_id:uuid}")
async def one_webhook(desk: AtDesk, webhook_id: FromPath[UUID]) -> Response[str]:
    """How it stands, what can be done, and what it was told."""
    return await _one_page(desk, webhook_id)


@post("/staff/webhooks/{webhook_id:uuid}", status_code=200)
async def change_webhook(desk: AtDesk, webhook_id: FromPath[UUID]) -> Response[Any]:
    """Its label, address and kinds; or (`state`) pausing it and putting it on again."""
    values = await sent(desk)
    if (state := values.get("state")) in STATES:
        patch = msgspec.convert({"state": state}, WebhookPatch)
    else:
        errors = _errors(desk, values)
        if errors:
            return await _one_page(desk, webhook_id, form=values, errors=errors, status=422)
        patch = msgspec.convert(_asked(values), WebhookPatch)
    try:
        await desk.change(
            lambda db, actor: service.change(
                db, actor, desk.tenant, webhook_id, patch, allow=allowed(desk), now=desk.now
            )
        )
    except Invalid as refusal:
        errors = {str(refusal.facts["field"]): refusal.expected(desk.texts.gettext)}
        return await _one_page(desk, webhook_id, form=values, errors=errors, status=refusal.status)
    return _back(desk, webhook_id, "changed")


@post("/staff/webhooks/{webhook_id:uuid}/ping", status_code=303)
async def ping_webhook(desk: AtDesk, webhook_id: FromPath[UUID]) -> Redirect:
    """A test."""
    await desk.change(lambda db, actor: service.ping(db, actor, desk.tenant, webhook_id, desk.now))
    return _back(desk, webhook_id, "tested")


@post("/staff/webhooks/{webhook_id:uuid}/rotate", status_code=200)
async def rotate_webhook(desk: AtDesk, webhook_id: FromPath[UUID]) -> Response[Any]:
    """The answer shows the new secret, this once."""
    vault = desk.request.app.state.vault
    made = await _shown_once(
        desk,
        await sent(desk),
        lambda db, actor: service.rotate(db, actor, desk.tenant, webhook_id, vault=vault, now=desk.now),
    )
    if made is None:
        return _back(desk, webhook_id, "rotated")
    return _secret_page(desk, made)


@post("/staff/webhooks/{webhook_id:uuid}/replay", status_code=200)
async def replay_webhook(desk: AtDesk, webhook_id: FromPath[UUID]) -> Response[Any]:
    """One delivery, or (`since`) all changes from a day on."""
    values = await sent(desk)
    try:
        form = ReplayIn(delivery_id=id_in(values.get("delivery_id")))
        if form.delivery_id is None:
            form = ReplayIn(since=when(values.get("since", ""), desk.tenant.zone, "since"))
        await desk.change(
            lambda db, actor: service.replay(db, actor, desk.tenant, webhook_id, form, now=desk.now)
        )
    except (Invalid, CursorTooOld) as refusal:
        told = N_("The log goes back 400 days.") if isinstance(refusal, CursorTooOld) else N_("Write a day.")
        errors = {"since": desk.texts.gettext(told)}
        return await _one_page(desk, webhook_id, form=values, errors=errors, status=422)
    return _back(desk, webhook_id, "replayed")


@post("/staff/webhooks/{webhook_id:uuid}/remove", status_code=303)
async def remove_webhook(desk: AtDesk, webhook_id: FromPath[UUID]) -> Redirect:
    """With its log."""
    await desk.change(lambda db, actor: service.remove(db, actor, webhook_id, desk.now))
    return Redirect(desk.url(PATH, done="removed"), status_code=303)


def _back(desk: Desk, webhook_id: UUID, done: str) -> Redirect:
    return Redirect(desk.url(f"{PATH}/{webhook_id}", done=done), status_code=303)


def _notice(desk: Desk) -> str | None:
    done = DONE.get(desk.request.query_params.get("done") or "")
    return None if done is None else desk.texts.gettext(done)


async def _shown_once(
    desk: Desk, values: Mapping[str, str], work: Callable[[AsyncSession, Actor], Awaitable[WebhookMade]]
) -> WebhookMade | None:
    """With its secret; None when the same form has been answered before."""
    shown: list[WebhookMade] = []

    async def once(db: AsyncSession, actor: Actor) -> str:
        shown[:] = [await work(db, actor)]
        return desk.url(PATH, made=shown[0].id)

    path = await desk.once(values.get("idempotency_key", "")[:100], once)
    return shown[0] if shown and str(shown[0].id) in path else None


def _asked(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "label": values.get("label", "").strip(),
        "address": values.get("address", "").strip(),
        "kinds": [kind for kind in KINDS if values.get(kind)],
    }


def _errors(desk: Desk, values: Mapping[str, str]) -> dict[str, str]:
    asked, errors = _asked(values), dict[str, str]()
    if not asked["label"] or len(asked["label"]) > 200 or has_nul(asked["label"]):
        errors["label"] = desk.texts.gettext("Write what you call the program, in at most 200 letters.")
    if not asked["address"] or len(asked["address"]) > 2000 or has_nul(asked["address"]):
        errors["address"] = desk.texts.gettext("Write the address that the program listens at.")
    if not asked["kinds"]:
        errors[next(iter(KINDS))] = desk.texts.gettext("Choose at least one.")
    return errors


async def _new_page(
    desk: Desk, form: Mapping[str, str], *, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response[str]:
    async def work(_db: AsyncSession, actor: Actor) -> None:
        demand(actor, service.RIGHT)

    await desk.read(work)
    return desk.page(
        "calendar_feeds/webhook_new.html",
        status=status,
        form={**EMPTY, **{name: form.get(name, "") for name in EMPTY}},
        kinds=_kinds(desk),
        errors=errors or {},
        idempotency_key=form.get("idempotency_key", "")[:100] or new_id().hex,
        post_url=desk.url(PATH),
        back_url=desk.url(PATH),
    )


def _secret_page(desk: Desk, made: WebhookMade) -> Response[str]:
    response = desk.page(
        "calendar_feeds/webhook_secret.html",
        label=made.label,
        secret=made.secret,
        earlier_until=made.earlier_secret_until,
        list_url=desk.url(PATH),
        back_url=desk.url(f"{PATH}/{made.id}"),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _kinds(desk: Desk) -> Sequence[tuple[str, str]]:
    return [(kind, desk.texts.gettext(told)) for kind, told in KINDS.items()]


async def _one_page(
    desk: Desk,
    webhook_id: UUID,
    *,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    cursor = desk.request.query_params.get("cursor") if desk.request.method == "GET" else None

    async def work(db: AsyncSession, actor: Actor) -> tuple[WebhookOut, Page[Any]]:
        out = await service.webhook(db, actor, desk.tenant, webhook_id)
        page = await service.deliveries(
            db, actor, desk.tenant, webhook_id, state=None, cursor=cursor, limit=A_PAGE
        )
        return out, page

    out, page = await desk.read(work)
    path = f"{PATH}/{webhook_id}"
    stands = {"label": out.label, "address": out.address, **dict.fromkeys(out.kinds, "yes"), "since": ""}
    asked = form or {}
    filled = asked if "label" in asked else {**stands, **asked}
    return desk.page(
        "calendar_feeds/webhook.html",
        status=status,
        notice=_notice(desk),
        webhook=webhook_view(desk, out),
        form={name: filled.get(name, "") for name in (*EMPTY, "since")},
        kinds=_kinds(desk),
        errors=errors or {},
        deliveries=[delivery_view(desk, each) for each in page.items],
        idempotency_key=new_id().hex,
        post_url=desk.url(path),
        back_url=desk.url(PATH),
        previous_url=desk.url(path) if cursor else None,
        next_url=desk.url(path, cursor=page.next) if page.next else None,
    )


handlers = [
    webhook_list,
    new_webhook,
    add_webhook,
    one_webhook,
    change_webhook,
    ping_webhook,
    rotate_webhook,
    replay_webhook,
    remove_webhook,
]
