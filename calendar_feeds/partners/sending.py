"""To one webhook what is due: taken under a lease, sent with no transaction open, and written down as it went."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from secrets import randbelow
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling.service import News, post_of, tell
from calendar_feeds.partners import queries, signing, webhook_queries
from calendar_feeds.partners.kinds import TEST
from calendar_feeds.partners.models import Webhook, WebhookDelivery
from calendar_feeds.partners.payload import Now, Told, body_of, message_id, test_body
from calendar_feeds.partners.retrying import FAILING_FOR, pause_after, rest_after
from core.calling import CallFailed, CallRefused, Limits, Network, call
from core.db import AnyRow
from core.logs import masked
from core.tenants import tenant_here
from core.vault import Vault

LIMITS: Final = Limits(patience_seconds=15, connect_seconds=5, body_bytes=64_000)
AT_ONCE: Final = 4
"""Connections to one webhook."""
A_BATCH: Final = 8
"""So many are sent before others have their turn; to one that fails a single one, to see whether it is back."""
LEASE: Final = timedelta(seconds=90)
"""Longer than a batch may take: then whoever took it is dead, and somebody else sends it again."""
ANSWER_BYTES: Final = 1000
"""Of an answer that are kept."""
GONE: Final = 410


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery, ready to go. `body` None: what it told of is no longer known."""

    delivery_id: UUID
    kind: str
    attempts: int
    """Before this one."""
    body: bytes | None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker sends to one webhook."""

    webhook_id: UUID
    address: str
    secrets: Sequence[str]
    leased_until: datetime
    parcels: Sequence[Parcel]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt went."""

    parcel: Parcel
    at: datetime
    took_ms: int
    status: int | None = None
    answer: str | None = None
    error: str | None = None

    @property
    def ended_at(self) -> datetime:
        return self.at + timedelta(milliseconds=self.took_ms)

    @property
    def has_arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def take(db: AsyncSession, vault: Vault, webhook_id: UUID, now: datetime) -> Batch | None:
    """What is due, for this worker alone; None: nothing, or it is in other hands, or rests after a failure."""
    webhook = await webhook_queries.locked(db, webhook_id)
    if webhook is None or _is_busy(webhook, now):
        return None
    most = 1 if webhook.failures else A_BATCH
    rows = await webhook_queries.due(db, webhook_id, now, only_tests=webhook.state != "on", limit=most)
    if not rows:
        return None
    leased_until = webhook.leased_until = now + LEASE
    secrets = [vault.opened(webhook.secret)]
    if webhook.earlier_secret is not None and webhook.earlier_until is not None:
        if webhook.earlier_until > now:
            secrets.append(vault.opened(webhook.earlier_secret))
        else:
            webhook.earlier_secret, webhook.earlier_until = None, None
    await db.flush()
    return Batch(
        webhook_id=webhook_id,
        address=webhook.address,
        secrets=secrets,
        leased_until=leased_until,
        parcels=await _parcels(db, rows),
    )


def _is_busy(webhook: Webhook, now: datetime) -> bool:
    return any(until is not None and until > now for until in (webhook.leased_until, webhook.rest_until))


async def _parcels(db: AsyncSession, rows: Sequence[WebhookDelivery]) -> Sequence[Parcel]:
    zone = (await tenant_here(db)).zone
    changes = {
        row.id: row for row in await queries.told(db, [row.change_id for row in rows if row.change_id])
    }

    def body(row: WebhookDelivery) -> bytes | None:
        if row.change_id is None:
            return test_body(row.webhook_id, row.created_at, zone)
        change = changes.get(row.change_id)
        return None if change is None else body_of(row.kind, told_of(change), zone)

    return [Parcel(delivery_id=row.id, kind=row.kind, attempts=row.attempts, body=body(row)) for row in rows]


def told_of(change: AnyRow) -> Told:
    """Of a row of `queries.told`."""
    now = None
    if change.closure_id is not None:
        state = "closed" if change.lifted_at is None else "lifted"
        now = (1 if change.lifted_at is None else 2, state, change.resource_id)
    elif change.now_version is not None:
        now = (change.now_version, change.now_state, change.now_resource_id)
    return Told(
        id=change.thing_id,
        version=change.version,
        state=change.state,
        resource_id=change.resource_id,
        at=change.at,
        now=None
        if now is None
        else Now(
            version=now[0], state=now[1], resource_id=now[2], start=change.starts_at, end=change.ends_at
        ),
    )


async def send(
    batch: Batch, allow: Collection[Network], now: datetime, *, limits: Limits = LIMITS
) -> Sequence[Outcome]:
    """Sends each, some at a time; how each went. `now`: when it begins."""
    began, gate = time.monotonic(), asyncio.Semaphore(AT_ONCE)

    async def one(parcel: Parcel) -> Outcome:
        async with gate:
            at = now + timedelta(seconds=time.monotonic() - began)
            return await _send(batch, parcel, allow, at, limits=limits)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(parcel)) for parcel in batch.parcels]
    return [task.result() for task in tasks]


async def _send(
    batch: Batch, parcel: Parcel, allow: Collection[Network], at: datetime, *, limits: Limits
) -> Outcome:
    if parcel.body is None:
        return Outcome(parcel=parcel, at=at, took_ms=0, error="forgotten")
    headers = signing.headers(batch.secrets, message_id(parcel.delivery_id), at, parcel.body)
    began = time.monotonic()
    try:
        answer = await call(
            "POST", batch.address, headers=headers, body=parcel.body, limits=limits, allow=allow
        )
    except (CallFailed, CallRefused) as no:
        return Outcome(parcel=parcel, at=at, took_ms=_ms_since(began), error=no.why)
    text = masked(answer.body[:ANSWER_BYTES].decode(errors="replace").replace("\0", "�"))
    return Outcome(parcel=parcel, at=at, took_ms=_ms_since(began), status=answer.status, answer=text)


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


async def note(db: AsyncSession, batch: Batch, outcomes: Sequence[Outcome]) -> datetime | None:
    """Writes down how it went, and gives the lease back; when there is something to send again.

    A webhook that says it is gone, or from which nothing has come back for days, is paused and its administrators are
    told: once, since a paused one is sent nothing.
    """
    webhook = await webhook_queries.locked(db, batch.webhook_id)
    if webhook is None:
        return None
    now = max(outcome.ended_at for outcome in outcomes)
    for outcome in sorted(outcomes, key=lambda each: each.parcel.delivery_id):
        await webhook_queries.note_attempt(
            db,
            outcome.parcel.delivery_id,
            attempts_before=outcome.parcel.attempts,
            values=_noted(outcome, now, randbelow(1000) / 1000),
        )
    if webhook.leased_until == batch.leased_until:
        webhook.leased_until = None
    why = _standing(webhook, outcomes, now)
    if why is not None:
        webhook.state, webhook.paused_why = "paused", why
        await _tell_administrators(db, webhook, now)
    await db.flush()
    if webhook.state != "on":
        return None
    due_at = await webhook_queries.next_due(db, webhook.id)
    return None if due_at is None else max(due_at, webhook.rest_until or now, now)


def _noted(outcome: Outcome, now: datetime, roll: float) -> Mapping[str, Any]:
    state, due_at = "done", now
    if not outcome.has_arrived:
        can_wait = outcome.parcel.kind != TEST and outcome.error != "forgotten"
        pause = pause_after(outcome.parcel.attempts + 1, roll) if can_wait else None
        state, due_at = ("dead", now) if pause is None else ("due", now + pause)
    return {
        "state": state,
        "due_at": due_at,
        "tried_at": outcome.at,
        "status": outcome.status,
        "took_ms": outcome.took_ms,
        "answer": outcome.answer,
        "error": outcome.error,
    }


def _standing(webhook: Webhook, outcomes: Sequence[Outcome], now: datetime) -> str | None:
    """How the webhook does after that; why it must be paused."""
    tried = [each for each in outcomes if each.error != "forgotten"]
    if any(each.has_arrived for each in tried):
        webhook.reached_at, webhook.failing_since, webhook.failures = now, None, 0
        webhook.rest_until = None
        return None
    if not tried or webhook.state != "on":
        return None
    webhook.failures += 1
    since = webhook.failing_since = webhook.failing_since or now
    webhook.rest_until = now + rest_after(webhook.failures)
    if any(each.status == GONE for each in tried):
        return "gone"
    return "failing" if now - since >= FAILING_FOR else None


async def _tell_administrators(db: AsyncSession, webhook: Webhook, now: datetime) -> None:
    news = News(
        kind="webhook_paused",
        fill=lambda _words, title=webhook.label: {"title": title},
        path=f"/staff/webhooks/{webhook.id}",
    )
    post = await post_of(db)
    for person_id in await webhook_queries.administrators(db, now):
        await tell(db, post, person_id, news, now)
