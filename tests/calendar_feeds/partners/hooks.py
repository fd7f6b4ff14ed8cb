"""Webhooks of a test's municipality, and the workers that see to them."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.partners import queries, sending, tasks, webhooks
from calendar_feeds.partners.feeding import feed
from calendar_feeds.partners.kinds import KINDS
from calendar_feeds.partners.messages import DeliveriesDue
from calendar_feeds.partners.models import Webhook, WebhookDelivery
from calendar_feeds.partners.schemas import WebhookIn
from core.calling import Limits
from core.delivery import Door, deliver
from core.destinations import networks
from core.ids import new_id
from core.pace import STEADY
from core.settings import Settings
from core.spans import utc_now
from core.tenants import Tenant
from core.vault import new_key, vault_of
from people.actors import Actor, Grant
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.partners.receiving import Got

ADMIN = Actor(person_id=new_id(), grants=(Grant("administrator"),))
SETTINGS = Settings(keys=(new_key(),), call_networks=("127.0.0.0/8",))
LOOPBACK = networks(SETTINGS.call_networks)
VAULT = vault_of(SETTINGS)
IMPATIENT = Limits(patience_seconds=0.5, connect_seconds=0.5, body_bytes=64_000)
QUICK = ("BookingsChanged", "ClosureLifted", "LogGrew", "DeliveriesDue")


async def hook(town: Town, url: str, kinds: Sequence[str] = tuple(KINDS)) -> tuple[UUID, str]:
    """A new one, and its secret."""
    form = WebhookIn(label="Varmestyring", address=url, kinds=list(kinds))  # type: ignore[arg-type]  # they are of the list

    async def work(db: AsyncSession) -> tuple[UUID, str]:
        made = await webhooks.make(db, ADMIN, town.tenant, form, vault=VAULT, allow=LOOPBACK, now=utc_now())
        assert made.secret is not None
        return made.id, made.secret

    return await town.have(work)


async def read_log(town: Town, now: datetime | None = None) -> None:
    """To its end, when all that others hold back is settled."""
    while True:
        async with town.database.transaction(town.tenant.id) as db:
            fed = await feed(db, now or utc_now())
        if not fed.is_behind and not fed.is_held_back:
            return


async def send(
    town: Town, webhook_id: UUID, now: datetime | None = None, *, limits: Limits = IMPATIENT
) -> datetime | None:
    """One batch, as a worker does; when the next is due."""
    now = now or utc_now()
    async with town.database.transaction(town.tenant.id) as db:
        batch = await sending.take(db, VAULT, webhook_id, now)
    if batch is None:
        return None
    outcomes = await sending.send(batch, LOOPBACK, now, limits=limits)
    async with town.database.transaction(town.tenant.id) as db:
        return await sending.note(db, batch, outcomes)


async def happen(town: Town, kinds: Sequence[str] = QUICK) -> None:
    """What waits in the outbox, of those kinds, is delivered until nothing is due."""
    assert tasks.MOST_LOOKS, "imported, they have subscribed"
    for _ in range(100):
        async with town.database.transaction(town.tenant.id) as db:
            rows = await db.execute(
                text(
                    "SELECT id FROM outbox WHERE kind = ANY(:kinds) AND due_at <= :until AND dead_at IS NULL"
                    " ORDER BY created_at, id"
                ),
                {"kinds": list(kinds), "until": utc_now()},
            )
            ids = [row.id for row in rows]
        if not ids:
            return
        for message_id in ids:
            async with town.database.transaction(town.tenant.id) as db:
                sent = text("UPDATE outbox SET sent_at = clock_timestamp() WHERE id = :id")
                await db.execute(sent, {"id": message_id})
            await deliver(
                town.database, town.tenant.id, message_id, now=utc_now(), pace=STEADY, settings=SETTINGS
            )
    raise AssertionError("it never ends")


async def send_due(town: Town, webhook_id: UUID, now: datetime | None = None) -> None:
    """The task itself."""
    door = Door(town.database, town.tenant.id, SETTINGS)
    await tasks.send_due(door, DeliveriesDue(webhook_id), now or utc_now())


async def row(town: Town, webhook_id: UUID) -> Webhook:
    async with town.database.transaction(town.tenant.id) as db:
        return (await db.scalars(select(Webhook).where(Webhook.id == webhook_id))).one()


async def deliveries(town: Town, webhook_id: UUID) -> Sequence[WebhookDelivery]:
    async with town.database.transaction(town.tenant.id) as db:
        mine = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
        return (await db.scalars(mine.order_by(WebhookDelivery.id))).all()


Work = Callable[[AsyncSession, Actor, Tenant], Awaitable[Any]]


async def change(town: Town, work: Work) -> Any:
    """A use case of webhooks, by an administrator: `work(db, actor, tenant)`."""
    return await town.have(lambda db: work(db, ADMIN, town.tenant))


def after(**more: float) -> datetime:
    return utc_now() + timedelta(**more)


async def settled(town: Town) -> None:
    """Waits until no transaction that is under way holds back what is logged."""
    while True:
        async with town.database.transaction(town.tenant.id) as db:
            if not await queries.is_held_back(db, await queries.edge(db)):
                return
        await asyncio.sleep(0.01)


def is_signed(got: Got, secret: str) -> bool:
    """As a partner checks it, by the specification."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{got.id}.{got.headers['webhook-timestamp']}.".encode() + got.body
    right = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return right in got.headers["webhook-signature"].split(" ")


async def booked(town: Town, number: int = 1) -> list[str]:
    """So many bookings of somebody's."""
    hall, kari = await town.hall(), await town.person()
    times = [make.at(make.next_weekday(2, weeks=1 + n), 18) for n in range(number)]
    return [await town.booked(kari, hall.whole, time) for time in times]
