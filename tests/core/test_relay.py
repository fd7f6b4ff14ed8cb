"""What is killed, cut off or lost on the way from the outbox to the worker, and that nothing comes of it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from cronsim import CronSimError
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AsyncIO
from sqlalchemy.engine import make_url

import core.tasks
from core.brokers import Queue, open_queue
from core.outbox import Message, publish
from core.relay import BrokerDown, send_due
from core.settings import Settings, SettingsError
from core.spans import utc_now
from core.tasks import RelayThread, Running, Worker, every, run_relay, run_worker, start
from tests.core import painters
from tests.core.conftest import BROKERS, Workshop, broker_url, eventually, forget_queue
from tests.core.painters import HURRY, WallDry, WallPainted
from tests.core.wire import wire_to

ROOT = Path(painters.__file__).parents[2]
PROGRAM = "from tests.core import painters; painters.main()"


class Site(msgspec.Struct):
    """A broker, and programs that work with it."""

    broker_url: str | None
    database_url: str
    processes: list["subprocess.Popen[str]"] = []

    def run(self, what: str, *, death: str = "") -> "subprocess.Popen[str]":
        """`relay`, `worker` or `all`, as a process; `death` as in painters.main."""
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, what, self.database_url, self.broker_url or "", death],
            cwd=ROOT,
            env=os.environ | {"dramatiq_restart_delay": "100"},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def queue(self) -> Queue:
        database = make_url(self.database_url).database
        assert database is not None
        return open_queue(self.broker_url, database)

    def run_worker(self) -> "subprocess.Popen[str]":
        """A worker, with the relay in the same process where there is no broker."""
        return self.run("worker" if self.broker_url else "all")

    @contextmanager
    def relays(self, number: int = 1) -> Generator[None]:
        """Relays as threads of this process, unless there is one in each worker's."""
        queue = self.queue()
        relays = [
            RelayThread(queue, self.database_url, HURRY) for _ in range(number if self.broker_url else 0)
        ]
        with Running(queue, relays):
            yield


@pytest.fixture
def site(request: pytest.FixtureRequest, workshop: Workshop) -> Iterator[Site]:
    site = Site(broker_url(request.param), workshop.url)
    yield site
    for process in site.processes:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    forget_queue(site.broker_url, workshop.url)


on_every_broker = pytest.mark.parametrize("site", BROKERS, indirect=True)
on_shared_brokers = pytest.mark.parametrize("site", BROKERS[1:], indirect=True)
in_process = pytest.mark.parametrize("site", BROKERS[:1], indirect=True)


async def publish_all(workshop: Workshop, messages: Sequence[Message]) -> None:
    async with workshop.database.transaction(workshop.sandnes) as db:
        for message in messages:
            publish(db, message)


async def all_done(workshop: Workshop) -> None:
    """Returns when nothing is left to do."""

    async def is_empty() -> bool:
        return not await workshop.outbox("WallDry", "WallPainted")

    await eventually(is_empty)


async def at_it(process: "subprocess.Popen[str]") -> None:
    """Returns when the worker is in the middle of a WallDry."""
    assert process.stdout is not None
    async with asyncio.timeout(60):
        assert await asyncio.to_thread(process.stdout.readline) == "at it\n"


@on_every_broker
async def test_what_a_killed_worker_had_in_hand_is_done_once(
    site: Site, workshop: Workshop, tmp_path: Path
) -> None:
    wall, gate = uuid4(), tmp_path / "gate"
    await publish_all(workshop, [WallDry(wall, gate=str(gate))])
    with site.relays():
        worker = site.run_worker()
        await at_it(worker)
        worker.kill()
        worker.wait()
        assert await workshop.names(workshop.sandnes, wall) == []
        gate.touch()
        site.run_worker()
        await all_done(workshop)
    assert await workshop.names(workshop.sandnes, wall) == ["hang_pictures"]


@on_every_broker
@pytest.mark.parametrize("death", ["before:2", "after:2"])
async def test_a_relay_killed_at_a_send_loses_and_doubles_nothing(
    site: Site, workshop: Workshop, death: str
) -> None:
    walls = [uuid4() for _ in range(4)]
    await publish_all(workshop, [WallPainted(wall) for wall in walls])
    relay = site.run("relay" if site.broker_url else "all", death=death)
    assert await asyncio.to_thread(relay.wait, 60) == -signal.SIGKILL
    site.run_worker()
    with site.relays():
        await all_done(workshop)
    for wall in walls:
        assert await workshop.names(workshop.sandnes, wall) == ["admire", "inspect"]


@on_shared_brokers
async def test_a_broker_that_forgets_everything_loses_nothing(site: Site, workshop: Workshop) -> None:
    walls = [uuid4() for _ in range(4)]
    await publish_all(workshop, [WallPainted(wall) for wall in walls])
    queue = site.queue()

    async def is_sent() -> bool:
        return queue.waiting() == len(walls)

    with site.relays():
        await eventually(is_sent)
        forget_queue(site.broker_url, site.database_url)
        site.run_worker()
        await all_done(workshop)
    queue.broker.close()
    for wall in walls:
        assert await workshop.names(workshop.sandnes, wall) == ["admire", "inspect"]


@on_shared_brokers
async def test_while_the_broker_is_down_messages_wait(site: Site, workshop: Workshop) -> None:
    assert site.broker_url is not None
    direct, before, meanwhile = site.broker_url, uuid4(), uuid4()
    with wire_to(site.broker_url) as wire:
        site.broker_url = wire.url
        site.run_worker()
        with site.relays():
            await publish_all(workshop, [WallPainted(before)])
            await all_done(workshop)
            wire.cut()
            await publish_all(workshop, [WallPainted(meanwhile)])
            await asyncio.sleep(0.3)
            assert await workshop.names(workshop.sandnes, meanwhile) == []
            wire.mend()
            await all_done(workshop)
    site.broker_url = direct
    for wall in (before, meanwhile):
        assert await workshop.names(workshop.sandnes, wall) == ["admire", "inspect"]


class Moody(StubBroker):
    """Takes two deliveries, refuses one, and takes all that follow."""

    asked = 0

    def enqueue(self, message: Any, *, delay: int | None = None) -> Any:
        self.asked += 1
        if self.asked == 3:
            raise ConnectionError("the queue is full")
        return super().enqueue(message, delay=delay)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


async def test_what_a_broker_does_not_take_is_tried_again(workshop: Workshop) -> None:
    walls = [uuid4() for _ in range(5)]
    await publish_all(workshop, [WallPainted(wall) for wall in walls])
    broker = Moody(middleware=[AsyncIO()])
    broker.declare_queue("moody")
    queue = Queue(broker, "moody", broker.queues["moody"].qsize, is_shared=False)
    with pytest.raises(BrokerDown, match="ConnectionError: the queue is full"):
        await send_due(workshop.database, queue, (), HURRY)
    assert queue.waiting() == 2
    assert [row.sent_at is not None for row in await workshop.outbox("WallPainted")].count(False) == 3
    with Running(
        queue, [RelayThread(queue, workshop.url, HURRY), Worker(queue, workshop.url, HURRY, Settings())]
    ):
        await all_done(workshop)
    assert queue.waiting() == 0
    assert broker.dead_letters == []


@on_shared_brokers
async def test_many_relays_and_workers_share_the_work_and_one_may_die(site: Site, workshop: Workshop) -> None:
    walls = [uuid4() for _ in range(60)]
    victim, _ = site.run_worker(), site.run_worker()
    await publish_all(workshop, [WallPainted(wall) for wall in walls])

    async def is_under_way() -> bool:
        return len(await workshop.outbox("WallPainted")) < len(walls) - 10

    with site.relays(3):
        await eventually(is_under_way)
        victim.kill()
        await all_done(workshop)
    for wall in walls:
        assert await workshop.names(workshop.sandnes, wall) == ["admire", "inspect"]


@on_shared_brokers
async def test_a_relay_and_a_worker_told_to_stop_finish_what_they_have_in_hand(
    site: Site, workshop: Workshop, tmp_path: Path
) -> None:
    wall, gate = uuid4(), tmp_path / "gate"
    await publish_all(workshop, [WallDry(wall, gate=str(gate))])
    relay, worker = site.run("relay"), site.run("worker")
    await at_it(worker)
    for process in (relay, worker):
        process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(relay.wait, 60) == 0
    gate.touch()
    assert await asyncio.to_thread(worker.wait, 60) == 0
    assert await workshop.names(workshop.sandnes, wall) == ["hang_pictures"]
    assert await workshop.outbox("WallDry") == []


@on_every_broker
async def test_no_more_waits_at_the_broker_than_it_shall_hold(site: Site, workshop: Workshop) -> None:
    walls = [uuid4() for _ in range(20)]
    await publish_all(workshop, [WallDry(wall) for wall in walls])
    pace, queue = msgspec.structs.replace(HURRY, high_water=5), site.queue()
    with Running(queue, [RelayThread(queue, workshop.url, pace)]):
        seen: set[int] = set()

        async def is_seen_often() -> bool:
            seen.add(queue.waiting())
            return max(seen) == 5 and len(seen) > 0 and utc_now() > enough

        enough = utc_now() + timedelta(milliseconds=250)
        await eventually(is_seen_often)
        assert max(seen) == 5
        # Closing a broker is no business of those that still use it: in processes of their own each has one.
        own = site.queue() if site.broker_url else queue
        with Running(own, [Worker(own, workshop.url, pace, Settings())]):
            await all_done(workshop)


@in_process
async def test_work_that_takes_long_is_left_to_whoever_has_it(
    site: Site, workshop: Workshop, tmp_path: Path
) -> None:
    wall, gate = uuid4(), tmp_path / "gate"
    pace = msgspec.structs.replace(HURRY, resend_after=timedelta(milliseconds=100))
    with start(Settings(), site.database_url, rooms=[painters], pace=pace):
        await publish_all(workshop, [WallDry(wall, gate=str(gate))])
        await asyncio.sleep(0.8)
        [row] = await workshop.outbox("WallDry")
        assert (row.attempts, row.sent_at) == (1, None)
        assert row.due_at < utc_now()
        gate.touch()
        await all_done(workshop)
    assert await workshop.names(workshop.sandnes, wall) == ["hang_pictures"]


@in_process
async def test_the_relay_is_woken_and_does_not_wait_to_look_again(site: Site, workshop: Workshop) -> None:
    pace = msgspec.structs.replace(HURRY, look_again=timedelta(minutes=10))
    with start(Settings(), site.database_url, rooms=[painters], pace=pace):
        for _ in range(3):
            await publish_all(workshop, [WallDry(uuid4())])
            await all_done(workshop)


def test_a_broker_of_another_make_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"BROKER_URL begins with kafka: write amqp://…, redis://…"):
        open_queue("kafka://localhost", "ledig")


@pytest.mark.parametrize("program", [run_relay, run_worker])
def test_processes_of_their_own_need_a_broker(program: object, workshop: Workshop) -> None:
    assert callable(program)
    with pytest.raises(SettingsError, match="BROKER_URL is not set"):
        program(Settings(), workshop.url, rooms=[painters])


def test_a_room_whose_tasks_were_forgotten_is_named(workshop: Workshop) -> None:
    with pytest.raises(AssertionError, match=r"core\.tasks has no tasks"):
        start(Settings(), workshop.url, rooms=[core.tasks])


def test_a_schedule_nobody_understands_is_refused_at_once() -> None:
    with pytest.raises(CronSimError):
        every("now and then")
