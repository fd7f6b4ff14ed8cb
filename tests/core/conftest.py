"""A database of the outbox tests' own: they commit, and their relays take whatever they find."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.common import dq_name, xq_name
from sqlalchemy import select
from sqlalchemy.engine import make_url

from core.audit import AuditEntry
from core.brokers import open_queue
from core.db import Database, Roles
from core.outbox_models import OutboxMessage
from core.provision import connect, made_role_url, prepare
from tests.conftest import Urls, add_tenant


class Workshop(NamedTuple):
    """Two municipalities in a database, and what one wants to see there."""

    url: str
    database: Database
    sandnes: UUID
    randaberg: UUID

    async def traces(self, tenant_id: UUID, row_id: UUID) -> Sequence[tuple[str, datetime]]:
        """Who did something about this, and what the clock said, sorted by name."""
        async with self.database.transaction(tenant_id) as db:
            rows = await db.execute(
                select(AuditEntry.action, AuditEntry.at)
                .where(AuditEntry.row_id == row_id)
                .order_by(AuditEntry.action)
            )
            return [(action, at) for action, at in rows]

    async def names(self, tenant_id: UUID, row_id: UUID) -> list[str]:
        return [name for name, _ in await self.traces(tenant_id, row_id)]

    async def outbox(self, *kinds: str) -> Sequence[Any]:
        """All rows of these kinds, of both municipalities, in order of age."""
        async with self.database.relay() as db:
            rows = await db.execute(
                select(*OutboxMessage.__table__.columns)
                .where(OutboxMessage.kind.in_(kinds))
                .order_by(OutboxMessage.created_at, OutboxMessage.id)
            )
            return rows.all()


BROKERS = [
    pytest.param(None, id="in-process"),
    pytest.param("REDIS_URL", id="redis", marks=pytest.mark.redis),
    pytest.param("RABBITMQ_URL", id="rabbitmq", marks=pytest.mark.rabbitmq),
]


def broker_url(variable: str | None) -> str | None:
    return os.environ[variable] if variable else None


def forget_queue(url: str | None, database_url: str) -> None:
    """What a broker does that loses everything, such as one without a disk."""
    name = make_url(database_url).database
    assert name is not None
    queue = open_queue(url, name)
    if isinstance(queue.broker, RabbitmqBroker):
        for queue_name in (queue.name, dq_name(queue.name), xq_name(queue.name)):
            queue.broker.channel.queue_delete(queue_name)
    else:
        queue.broker.flush(queue.name)
    queue.broker.close()


async def eventually(check: Callable[[], Awaitable[object]], *, within: float = 60) -> None:
    """Returns as soon as the check says something true; the last answer is shown when it never does."""
    answer: object = None
    try:
        async with asyncio.timeout(within):
            while not (answer := await check()):
                await asyncio.sleep(0.01)
    except TimeoutError:
        pytest.fail(f"still {answer!r} after {within} s")


@pytest.fixture(scope="session")
async def workshop(server_url: str) -> AsyncIterator[Workshop]:
    name = f"ledig_outbox_{secrets.token_hex(4)}"
    await run(server_url, f"CREATE DATABASE {name}")
    owner = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    program = made_role_url(owner)
    await prepare(owner, program)
    tenants = [await add_tenant(Urls(owner, program)) for _ in range(2)]
    database = Database(program)
    yield Workshop(program, database, *(tenant.id for tenant in tenants))
    await database.close()
    await run(server_url, f"DROP DATABASE {name} WITH (FORCE)")
    for role in vars(Roles(name)).values():
        await run(server_url, f"DROP ROLE {role}")


async def run(url: str, statement: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
