"""Relay and worker together, as `ledig run` has them: the same on RabbitMQ, on Redis and in one process."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update

from core.outbox import dead_letters, later, publish
from core.outbox_models import OutboxMessage
from core.recurrence import RECURRING
from core.settings import Settings
from core.spans import utc_now
from core.tasks import Running, start
from tests.core import painters
from tests.core.conftest import BROKERS, Workshop, broker_url, eventually, forget_queue
from tests.core.painters import HURRY, PaintRunsOut, Unheard, WallDry, WallPainted


@pytest.fixture(scope="module", params=BROKERS, autouse=True)
def running(request: pytest.FixtureRequest, workshop: Workshop) -> Iterator[Running]:
    url = broker_url(request.param)
    with start(Settings(broker_url=url), workshop.url, rooms=[painters], pace=HURRY) as running:
        yield running
    forget_queue(url, workshop.url)


async def test_what_is_published_reaches_every_subscriber_once(workshop: Workshop) -> None:
    walls = [uuid4() for _ in range(20)]
    async with workshop.database.transaction(workshop.sandnes) as db:
        for wall in walls:
            publish(db, WallPainted(wall))

    async def all_done() -> bool:
        return not await workshop.outbox("WallPainted")

    await eventually(all_done)
    for wall in walls:
        assert await workshop.names(workshop.sandnes, wall) == ["admire", "inspect"]


async def test_what_is_for_later_comes_then_and_not_before(workshop: Workshop) -> None:
    wall, at = uuid4(), utc_now() + timedelta(milliseconds=300)
    async with workshop.database.transaction(workshop.sandnes) as db:
        later(db, WallDry(wall), at=at)

    async def is_done() -> bool:
        return await workshop.names(workshop.sandnes, wall) == ["hang_pictures"]

    await eventually(is_done)
    [(_, done_at)] = await workshop.traces(workshop.sandnes, wall)
    assert at <= done_at < at + timedelta(seconds=2)


async def test_poison_dies_and_holds_nobody_up(workshop: Workshop) -> None:
    poison, walls = uuid4(), [uuid4() for _ in range(10)]
    async with workshop.database.transaction(workshop.randaberg) as db:
        publish(db, PaintRunsOut(poison))
        for wall in walls:
            publish(db, WallDry(wall))

    async def is_dead() -> bool:
        async with workshop.database.transaction(workshop.randaberg) as db:
            return str(poison) in {letter.body["id"] for letter in await dead_letters(db)}

    await eventually(is_dead)
    for wall in walls:
        assert await workshop.names(workshop.randaberg, wall) == ["hang_pictures"]
    assert await workshop.names(workshop.randaberg, poison) == []


async def test_each_municipality_hears_its_own_messages(workshop: Workshop) -> None:
    wall = uuid4()
    for tenant_id in (workshop.sandnes, workshop.randaberg):
        async with workshop.database.transaction(tenant_id) as db:
            publish(db, WallPainted(wall))

    async def is_done() -> bool:
        return all(
            [
                await workshop.names(tenant_id, wall) == ["admire", "inspect"]
                for tenant_id in (workshop.sandnes, workshop.randaberg)
            ]
        )

    await eventually(is_done)


async def test_what_nobody_listens_to_is_gone(workshop: Workshop) -> None:
    async with workshop.database.transaction(workshop.sandnes) as db:
        publish(db, Unheard(uuid4()))

    async def is_gone() -> bool:
        return not await workshop.outbox("Unheard")

    await eventually(is_gone)


async def test_a_recurring_task_runs_once_when_its_time_has_come(workshop: Workshop) -> None:
    kind = f"{RECURRING}tests.core.painters.sweep"

    async def is_waiting() -> bool:
        return [row.sent_at for row in await workshop.outbox(kind)] == [None, None]

    await eventually(is_waiting)
    before = len(await workshop.traces(workshop.sandnes, UUID(int=0)))
    async with workshop.database.transaction(workshop.sandnes) as db:
        await db.execute(update(OutboxMessage).where(OutboxMessage.kind == kind).values(due_at=utc_now()))

    async def has_run() -> bool:
        return len(await workshop.traces(workshop.sandnes, UUID(int=0))) > before

    await eventually(has_run)
    assert len(await workshop.traces(workshop.sandnes, UUID(int=0))) == before + 1
    assert min(row.due_at for row in await workshop.outbox(kind)) > utc_now()


async def test_all_goes_on_when_the_database_has_cut_every_connection(workshop: Workshop) -> None:
    wall = uuid4()
    await workshop.database.engine.dispose()
    async with workshop.database.transaction(workshop.sandnes) as db:
        await db.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
        )
        publish(db, WallPainted(wall))

    async def is_done() -> bool:
        return await workshop.names(workshop.sandnes, wall) == ["admire", "inspect"]

    await eventually(is_done)


async def test_a_burst_is_worked_off(workshop: Workshop) -> None:
    walls = [uuid4() for _ in range(80)]

    async def burst(share: list[UUID]) -> None:
        for wall in share:
            async with workshop.database.transaction(workshop.sandnes) as db:
                publish(db, WallDry(wall))

    await asyncio.gather(*(burst(walls[n::5]) for n in range(5)))

    async def all_done() -> bool:
        return not await workshop.outbox("WallDry")

    await eventually(all_done)
    for wall in walls[::10]:
        assert await workshop.names(workshop.sandnes, wall) == ["hang_pictures"]
