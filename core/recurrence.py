"""Tasks that recur: one outbox row for each municipality and task, moved on from tick to tick."""

from collections.abc import Mapping
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from cronsim import CronSim

from core import outbox_queries as queries
from core.db import Database
from core.tenants import all_tenants

RECURRING = "every:"
"""What the kind of such a row begins with; the task's name follows."""


def next_tick(cron: str, now: datetime) -> datetime:
    """The first time after `now` that the expression names, in UTC."""
    return next(CronSim(cron, now))


async def keep_recurring(database: Database, recurring: Mapping[str, str], now: datetime) -> None:
    """One row for every municipality and recurring task (name: cron expression), due at its next tick.

    The row is the guard: whoever runs the task holds it, and moves it on to the next tick in the same transaction.
    """
    async with database.shared() as db:
        tenants = await all_tenants(db)
    async with database.relay() as db:
        there = await queries.recurring(db, RECURRING)
        for tenant_id, kind in there:
            if kind.removeprefix(RECURRING) not in recurring:
                await queries.drop_recurring(db, tenant_id, kind)
    for tenant_id in (tenant.id for tenant in tenants):
        for name, cron in recurring.items():
            kind, tick = RECURRING + name, next_tick(cron, now)
            if (tenant_id, kind) in there and ((due_at := there[tenant_id, kind]) is None or due_at <= tick):
                continue
            async with database.transaction(tenant_id) as db:
                await queries.put_recurring(db, uuid5(NAMESPACE_URL, kind), kind, tick)
