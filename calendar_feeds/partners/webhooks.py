"""Webhooks as administrators see to them: made, changed, tried, told again, given another secret, taken away."""

import os
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.partners import queries, signing, webhook_queries
from calendar_feeds.partners.kinds import KINDS, TEST
from calendar_feeds.partners.messages import DeliveriesDue, LogGrew
from calendar_feeds.partners.models import Webhook, WebhookDelivery
from calendar_feeds.partners.payload import message_id
from calendar_feeds.partners.retrying import EARLIER_HOLDS
from calendar_feeds.partners.rules import FIRST, LOG_KEPT, MARGIN, Position, read_position, write_position
from calendar_feeds.partners.schemas import (
    DeliveryOut,
    ReplayIn,
    WebhookIn,
    WebhookMade,
    WebhookOut,
    WebhookPatch,
)
from core.audit import note
from core.destinations import REFUSED, CallRefused, Network, check_url
from core.errors import CursorTooOld, Invalid, LimitReached, NotFound
from core.ids import new_id
from core.outbox import publish
from core.paging import Page, read_cursor, write_cursor
from core.tenants import Tenant
from core.texts import N_
from core.vault import Unopenable, Vault
from core.wire import instant_from
from people.actors import Actor
from people.rules import demand

RIGHT: Final = "partner.manage"
MOST_WEBHOOKS: Final = 50
"""Of a municipality."""
AT_ONCE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When a test is due: before all else that waits."""


async def webhooks(
    db: AsyncSession, actor: Actor, tenant: Tenant, *, cursor: str | None, limit: int
) -> Page[WebhookOut]:
    """Newest first. Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid."""
    demand(actor, RIGHT)
    after = read_cursor(cursor, datetime, UUID)
    rows = await webhook_queries.page(db, after=(after[0], after[1]) if after else None, limit=limit + 1)
    last = rows[limit - 1][0] if len(rows) > limit else None
    told = [WebhookOut(**_told(row, tenant, due=due, dead=dead)) for row, due, dead in rows[:limit]]
    return Page(told, write_cursor(last.created_at, last.id) if last else None)


async def webhook(db: AsyncSession, actor: Actor, tenant: Tenant, webhook_id: UUID) -> WebhookOut:
    """Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand(actor, RIGHT)
    row = await webhook_queries.webhook(db, webhook_id)
    if row is None:
        raise NotFound(what="webhook")
    return await _out(db, row, tenant)


async def make(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    form: WebhookIn,
    *,
    vault: Vault,
    allow: Collection[Network],
    now: datetime,
) -> WebhookMade:
    """On from now; its secret stands in the answer and nowhere else in the open.

    Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid, LimitReached.
    """
    demand(actor, RIGHT)
    address = _checked(form.address, allow)
    used = await webhook_queries.count(db)
    if used >= MOST_WEBHOOKS:
        raise LimitReached(kind="webhooks", limit=MOST_WEBHOOKS, used=used)
    secret = signing.secret_of(os.urandom(signing.SECRET_BYTES))
    row = Webhook(
        id=new_id(),
        label=_label(form.label),
        address=address,
        kinds=_sorted(form.kinds),
        secret=vault.seal(secret),
        earlier_secret=None,
        earlier_until=None,
        under=vault.newest,
        state="on",
        paused_why=None,
        position=write_position(Position(await queries.edge(db), FIRST, now)),
        created_at=now,
        reached_at=None,
        failing_since=None,
        failures=0,
        rest_until=None,
        leased_until=None,
    )
    db.add(row)
    _note(db, actor, "webhook.made", row, now, label=(None, row.label), kinds=(None, row.kinds))
    await db.flush()
    return WebhookMade(secret=secret, **_told(row, tenant, due=0, dead=0))


async def change(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    webhook_id: UUID,
    patch: WebhookPatch,
    *,
    allow: Collection[Network],
    now: datetime,
) -> WebhookOut:
    """Only what is given. Put on again, it is sent at once what has waited.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid.
    """
    row = await _mine(db, actor, webhook_id)
    changed: dict[str, tuple[Any, Any]] = {}
    if patch.label is not UNSET and (label := _label(patch.label)) != row.label:
        changed["label"], row.label = (row.label, label), label
    if patch.kinds is not UNSET and (kinds := _sorted(patch.kinds)) != row.kinds:
        changed["kinds"], row.kinds = (row.kinds, kinds), kinds
    if patch.address is not UNSET and (address := _checked(patch.address, allow)) != row.address:
        changed["address"], row.address = (
            (None, None),
            address,
        )  # it may hold a secret: not for the audit trail
    if patch.state is not UNSET and patch.state != row.state:
        changed["state"], row.state = (row.state, patch.state), patch.state
        row.paused_why = None if row.state == "on" else "by_hand"
    if changed:
        _note(db, actor, "webhook.changed", row, now, **changed)
    if {"state", "address"} & changed.keys():
        row.failing_since, row.failures, row.rest_until = None, 0, None
        publish(db, LogGrew())
        publish(db, DeliveriesDue(row.id))
    await db.flush()
    return await _out(db, row, tenant)


async def remove(db: AsyncSession, actor: Actor, webhook_id: UUID, now: datetime) -> None:
    """With what waits for it, and its log. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    row = await _mine(db, actor, webhook_id)
    _note(db, actor, "webhook.removed", row, now, label=(row.label, None))
    await webhook_queries.remove(db, row.id)


async def rotate(
    db: AsyncSession, actor: Actor, tenant: Tenant, webhook_id: UUID, *, vault: Vault, now: datetime
) -> WebhookMade:
    """Another secret; for a day the one before signs too. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    row = await _mine(db, actor, webhook_id)
    secret = signing.secret_of(os.urandom(signing.SECRET_BYTES))
    try:
        row.earlier_secret, row.earlier_until = vault.seal(vault.opened(row.secret)), now + EARLIER_HOLDS
    except Unopenable:  # its key is gone: this is how the partner gets one that can be used
        row.earlier_secret, row.earlier_until = None, None
    row.secret, row.under = vault.seal(secret), vault.newest
    _note(db, actor, "webhook.rotated", row, now)
    await db.flush()
    out = await _out(db, row, tenant)
    return WebhookMade(secret=secret, **{name: getattr(out, name) for name in out.__struct_fields__})


async def ping(
    db: AsyncSession, actor: Actor, tenant: Tenant, webhook_id: UUID, now: datetime
) -> DeliveryOut:
    """Sends a test, also to one that is paused; once. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    row = await _mine(db, actor, webhook_id)
    row.rest_until = None
    test = WebhookDelivery(
        id=new_id(),
        webhook_id=row.id,
        change_id=None,
        kind=TEST,
        created_at=now,
        state="due",
        due_at=AT_ONCE,
        attempts=0,
    )
    db.add(test)
    publish(db, DeliveriesDue(row.id))
    await db.flush()
    return _delivery(test, tenant)


async def replay(
    db: AsyncSession, actor: Actor, tenant: Tenant, webhook_id: UUID, form: ReplayIn, *, now: datetime
) -> WebhookOut:
    """Sends one delivery again, or tells all changes since a moment anew, each under the id it had.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid, CursorTooOld.
    """
    row = await _mine(db, actor, webhook_id)
    if (form.delivery_id is None) == (form.since is None):
        field = "delivery_id" if form.since is None else "since"
        raise Invalid(field=field, expected=N_("exactly one of delivery_id and since"))
    if form.delivery_id is not None:
        await _again(db, row, form.delivery_id, now)
        _note(db, actor, "webhook.replayed", row, now, delivery_id=(None, form.delivery_id))
    elif form.since is not None:
        since = instant_from(form.since, tenant.zone, "since")
        await _rewind(db, row, since, now)
        _note(db, actor, "webhook.replayed", row, now, since=(None, since))
    row.rest_until = None
    publish(db, LogGrew())
    publish(db, DeliveriesDue(row.id))
    await db.flush()
    return await _out(db, row, tenant)


async def _again(db: AsyncSession, row: Webhook, delivery_id: UUID, now: datetime) -> None:
    delivery = await webhook_queries.delivery(db, row.id, delivery_id)
    if delivery is None:
        raise NotFound(what="delivery")
    delivery.state, delivery.due_at, delivery.attempts = "due", now, 0


async def _rewind(db: AsyncSession, row: Webhook, since: datetime, now: datetime) -> None:
    """The log is read for it from there once more; what it was told is told under the same ids."""
    if since < now - LOG_KEPT + MARGIN:
        raise CursorTooOld(kept_days=LOG_KEPT.days)
    if since > now:
        raise Invalid(field="since", expected=N_("a moment that has been"))
    first, edge = await queries.first_since(db, since), await queries.edge(db)
    if first is None:
        return
    begin = Position(min(first, edge), FIRST, since)
    try:
        earlier = read_position(row.position, edge, now)
    except CursorTooOld:
        earlier = begin
    if (begin.xid, begin.id) <= (earlier.xid, earlier.id):
        row.position = write_position(begin)


async def deliveries(
    db: AsyncSession,
    actor: Actor,
    tenant: Tenant,
    webhook_id: UUID,
    *,
    state: str | None,
    cursor: str | None,
    limit: int,
) -> Page[DeliveryOut]:
    """Newest first. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid."""
    demand(actor, RIGHT)
    if await webhook_queries.webhook(db, webhook_id) is None:
        raise NotFound(what="webhook")
    after = read_cursor(cursor, datetime, UUID)
    rows = await webhook_queries.deliveries(
        db, webhook_id, state=state, after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    last = rows[limit - 1] if len(rows) > limit else None
    more = write_cursor(last.created_at, last.id) if last else None
    return Page([_delivery(row, tenant) for row in rows[:limit]], more)


async def reseal(db: AsyncSession, vault: Vault, *, batch: int) -> int:
    """Seals a batch of this municipality's secrets under the newest key; how many. Raises Unopenable."""
    rows = await webhook_queries.not_under(db, vault.newest, batch)
    for row in rows:
        row.secret, row.under = vault.seal(vault.opened(row.secret)), vault.newest
        if row.earlier_secret is not None:
            row.earlier_secret = vault.seal(vault.opened(row.earlier_secret))
    await db.flush()
    return len(rows)


async def _mine(db: AsyncSession, actor: Actor, webhook_id: UUID) -> Webhook:
    demand(actor, RIGHT)
    row = await webhook_queries.locked(db, webhook_id)
    if row is None:
        raise NotFound(what="webhook")
    return row


def _checked(address: str, allow: Collection[Network]) -> str:
    try:
        return check_url(address.strip(), allow)
    except CallRefused as refused:
        raise Invalid(field="address", expected=REFUSED[refused.why]) from refused


def _label(label: str) -> str:
    found = " ".join(label.split())
    if not found:
        raise Invalid(field="label", expected=N_("what you call the program"))
    return found


def _sorted(kinds: Sequence[str]) -> list[str]:
    return [kind for kind in KINDS if kind in kinds]


def _note(
    db: AsyncSession, actor: Actor, action: str, row: Webhook, now: datetime, **change: tuple[Any, Any]
) -> None:
    note(db, actor.person_id, action, table="webhook", row_id=row.id, now=now, change=change)


async def _out(db: AsyncSession, row: Webhook, tenant: Tenant) -> WebhookOut:
    due, dead = (await webhook_queries.standing(db, [row.id])).get(row.id, (0, 0))
    return WebhookOut(**_told(row, tenant, due=due, dead=dead))


def _told(row: Webhook, tenant: Tenant, *, due: int, dead: int) -> dict[str, Any]:
    def local(at: datetime | None) -> datetime | None:
        return None if at is None else at.astimezone(tenant.zone)

    return {
        "id": row.id,
        "label": row.label,
        "address": row.address,
        "kinds": row.kinds,
        "state": row.state,
        "paused_why": row.paused_why,
        "created_at": local(row.created_at),
        "reached_at": local(row.reached_at),
        "failing_since": local(row.failing_since),
        "due": due,
        "dead": dead,
        "earlier_secret_until": local(row.earlier_until),
    }


def _delivery(row: WebhookDelivery, tenant: Tenant) -> DeliveryOut:
    zone = tenant.zone
    return DeliveryOut(
        id=row.id,
        message_id=message_id(row.id),
        kind=row.kind,
        state=row.state,
        created_at=row.created_at.astimezone(zone),
        due_at=max(row.due_at, row.created_at).astimezone(zone) if row.state == "due" else None,
        attempts=row.attempts,
        tried_at=None if row.tried_at is None else row.tried_at.astimezone(zone),
        status=row.status,
        took_ms=row.took_ms,
        answer=row.answer,
        error=row.error,
    )
