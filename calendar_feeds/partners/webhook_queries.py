"""SQL of webhooks and their deliveries: what there is, what is due, how each went."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.partners.kinds import TEST
from calendar_feeds.partners.models import Webhook, WebhookDelivery
from people.models import RoleGrant

QUIET = {"synchronize_session": False}


# Webhooks.


async def webhook(db: AsyncSession, webhook_id: UUID) -> Webhook | None:
    return await db.scalar(select(Webhook).where(Webhook.id == webhook_id))


async def locked(db: AsyncSession, webhook_id: UUID) -> Webhook | None:
    """Nobody else reads the log for it, sends to it or changes it until the transaction ends."""
    return await db.scalar(
        select(Webhook).where(Webhook.id == webhook_id).with_for_update(key_share=True),
        execution_options={"populate_existing": True},
    )


async def lock_listening(db: AsyncSession) -> Sequence[Webhook]:
    """All that are on, by id."""
    statement = select(Webhook).where(Webhook.state == "on").order_by(Webhook.id)
    return (await db.scalars(statement.with_for_update(key_share=True))).all()


async def count(db: AsyncSession) -> int:
    return (await db.scalars(select(func.count()).select_from(Webhook))).one()


async def page(
    db: AsyncSession, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[tuple[Webhook, int, int]]:
    """(webhook, how many deliveries are due, how many are dead), newest first."""
    statement = select(Webhook).order_by(Webhook.created_at.desc(), Webhook.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(Webhook.created_at, Webhook.id) < tuple_(*after))
    hooks = (await db.scalars(statement)).all()
    counts = await standing(db, [hook.id for hook in hooks])
    return [(hook, *counts.get(hook.id, (0, 0))) for hook in hooks]


async def standing(db: AsyncSession, webhook_ids: Sequence[UUID]) -> Mapping[UUID, tuple[int, int]]:
    """Webhook → (due, dead); those without either are left out."""
    state = WebhookDelivery.state
    statement = (
        select(
            WebhookDelivery.webhook_id,
            func.count().filter(state == "due"),
            func.count().filter(state == "dead"),
        )
        .where(WebhookDelivery.webhook_id.in_(webhook_ids), state != "done")
        .group_by(WebhookDelivery.webhook_id)
    )
    return {webhook_id: (due, dead) for webhook_id, due, dead in await db.execute(statement)}


async def remove(db: AsyncSession, webhook_id: UUID) -> None:
    """With all its deliveries."""
    mine = WebhookDelivery.webhook_id == webhook_id
    await db.execute(delete(WebhookDelivery).where(mine), execution_options=QUIET)
    await db.execute(delete(Webhook).where(Webhook.id == webhook_id), execution_options=QUIET)


async def waiting_webhooks(db: AsyncSession, now: datetime) -> Sequence[UUID]:
    """Those to which something can be sent now."""
    is_due = (
        select(WebhookDelivery.id)
        .where(
            WebhookDelivery.tenant_id == Webhook.tenant_id,
            WebhookDelivery.webhook_id == Webhook.id,
            WebhookDelivery.state == "due",
            WebhookDelivery.due_at <= now,
            or_(Webhook.state == "on", WebhookDelivery.kind == TEST),
        )
        .exists()
    )
    statement = select(Webhook.id).where(is_due, *_is_idle(now)).order_by(Webhook.id)
    return (await db.scalars(statement)).all()


def _is_idle(now: datetime) -> Sequence[Any]:
    return (
        or_(Webhook.leased_until.is_(None), Webhook.leased_until <= now),
        or_(Webhook.rest_until.is_(None), Webhook.rest_until <= now),
    )


async def administrators(db: AsyncSession, now: datetime) -> Sequence[UUID]:
    """Persons with the role over the whole municipality."""
    statement = (
        select(RoleGrant.person_id)
        .where(
            RoleGrant.role == "administrator",
            RoleGrant.facility_id.is_(None),
            RoleGrant.resource_id.is_(None),
            or_(RoleGrant.ended_at.is_(None), RoleGrant.ended_at > now),
        )
        .distinct()
        .order_by(RoleGrant.person_id)
    )
    return (await db.scalars(statement)).all()


# Deliveries.


async def add_deliveries(db: AsyncSession, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """What is there already, because it is told again, becomes due anew."""
    if not rows:
        return
    put = insert(WebhookDelivery).values([{"tenant_id": db.info["tenant_id"], **row} for row in rows])
    again = {"state": "due", "due_at": now, "attempts": 0}
    await db.execute(
        put.on_conflict_do_update(
            index_elements=[WebhookDelivery.tenant_id, WebhookDelivery.id],
            set_=again,
            where=WebhookDelivery.state != "due",
        )
    )


async def due(
    db: AsyncSession, webhook_id: UUID, now: datetime, *, only_tests: bool, limit: int
) -> Sequence[WebhookDelivery]:
    """The longest due first."""
    statement = select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id,
        WebhookDelivery.state == "due",
        WebhookDelivery.due_at <= now,
    )
    if only_tests:
        statement = statement.where(WebhookDelivery.kind == TEST)
    ordered = statement.order_by(WebhookDelivery.due_at, WebhookDelivery.id).limit(limit)
    return (await db.scalars(ordered)).all()


async def next_due(db: AsyncSession, webhook_id: UUID) -> datetime | None:
    """When the first that waits is due."""
    statement = select(func.min(WebhookDelivery.due_at)).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.state == "due"
    )
    return await db.scalar(statement)


async def note_attempt(
    db: AsyncSession, delivery_id: UUID, *, attempts_before: int, values: Mapping[str, Any]
) -> None:
    """Unless somebody else has tried it, or it is to be told anew, meanwhile."""
    await db.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.id == delivery_id,
            WebhookDelivery.attempts == attempts_before,
            WebhookDelivery.state == "due",
        )
        .values(attempts=attempts_before + 1, **values),
        execution_options=QUIET,
    )


async def delivery(db: AsyncSession, webhook_id: UUID, delivery_id: UUID) -> WebhookDelivery | None:
    mine = (WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.id == delivery_id)
    return await db.scalar(select(WebhookDelivery).where(*mine).with_for_update())


async def deliveries(
    db: AsyncSession,
    webhook_id: UUID,
    *,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[WebhookDelivery]:
    """Newest first."""
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if state is not None:
        statement = statement.where(WebhookDelivery.state == state)
    if after is not None:
        statement = statement.where(tuple_(WebhookDelivery.created_at, WebhookDelivery.id) < tuple_(*after))
    ordered = statement.order_by(WebhookDelivery.created_at.desc(), WebhookDelivery.id.desc())
    return (await db.scalars(ordered.limit(limit))).all()


async def forget_deliveries(db: AsyncSession, before: datetime, limit: int) -> int:
    """That were made so long ago; how many went."""
    chosen = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.created_at < before)
        .order_by(WebhookDelivery.id)
        .limit(limit)
    )
    ids = (await db.scalars(chosen)).all()
    await db.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(ids)), execution_options=QUIET)
    return len(ids)


# For `ledig keys rotate`, as the owner of the tables.


async def not_under(db: AsyncSession, key: str, limit: int) -> Sequence[Webhook]:
    """Those that are sealed with another key, of this municipality."""
    statement = select(Webhook).where(Webhook.under != key).order_by(Webhook.id).limit(limit)
    return (await db.scalars(statement.with_for_update())).all()
