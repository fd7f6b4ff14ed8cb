"""What happens later: who subscribes to which message, what recurs, and the workers that see to it."""

import asyncio
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from types import FrameType, ModuleType, TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

import dramatiq
from cronsim import CronSim
from dramatiq.asyncio import get_event_loop_thread
from sqlalchemy.engine import make_url

from core.brokers import ACTOR, Queue, open_queue
from core.db import Database
from core.delivery import Caller, M, RecurringTask, Subscriber, callers, deliver, recurring, subscribers
from core.outbox import message_types
from core.pace import STEADY, Pace
from core.relay import Bell, relay
from core.settings import Settings, SettingsError
from core.spans import utc_now

WORKER_THREADS = 8
"""Messages that one worker process has in hand at once; as many database connections."""
IDLE_MILLISECONDS = 200
"""How often dramatiq's threads look up while idle: Redis is polled, and stopping waits for them."""
STOP_PATIENCE = timedelta(seconds=30)
"""How long what is in hand may take when the worker is to stop. Then it is dropped, and delivered again."""


# What feature rooms say in their tasks.py.


def on(message_type: type[M]) -> Callable[[Subscriber[M]], Subscriber[M]]:
    """Subscribe: called for every message, in a transaction of its municipality, until it has succeeded once.

    Raise to be tried again later. `now` is never before the time the message was due. The function's full name is
    how the outbox remembers what is done: a message that waits while it is renamed may have its effect twice.
    """

    def register(subscriber: Subscriber[M]) -> Subscriber[M]:
        subscribers.setdefault(message_type, {})[_name(subscriber)] = subscriber
        return subscriber

    return register


def outside(message_type: type[M]) -> Callable[[Caller[M]], Caller[M]]:
    """Subscribe as one who speaks to the world outside: called with a core.delivery.Door and no open transaction.

    Write down in a transaction of your own what must not happen twice, and look there first: after a crash the call
    is made again. Raise to be tried again later.
    """

    def register(caller: Caller[M]) -> Caller[M]:
        callers.setdefault(message_type, {})[_name(caller)] = caller
        return caller

    return register


def every(cron: str) -> Callable[[RecurringTask], RecurringTask]:
    """Recur: called once for every municipality at each tick of the cron expression, which is read in UTC.

    Ticks that were missed while nothing ran are made up for by one call. One that fails is tried again until the
    next tick. Raises CronSimError.
    """
    CronSim(cron, utc_now())

    def register(task: RecurringTask) -> RecurringTask:
        recurring[_name(task)] = (cron, task)
        return task

    return register


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


# What the program runs.


def start(
    settings: Settings, database_url: str, *, rooms: Sequence[ModuleType], pace: Pace = STEADY
) -> "Running":
    """Relay and worker as threads of this process, as in `ledig run`. Stop it, or the process does not end.

    `rooms` are the tasks modules of all feature rooms; `database_url` is that of the program's own role.
    """
    _check(rooms)
    queue = _queue(settings, database_url)
    return Running(
        queue, [Worker(queue, database_url, pace, settings), RelayThread(queue, database_url, pace)]
    )


def run_worker(
    settings: Settings, database_url: str, *, rooms: Sequence[ModuleType], pace: Pace = STEADY
) -> None:
    """A worker and nothing else, until SIGTERM or SIGINT. Raises SettingsError when there is no broker."""
    _check(rooms)
    queue = _shared_queue(settings, database_url)
    with Running(queue, [Worker(queue, database_url, pace, settings)]):
        _until_told_to_stop()


def run_relay(
    settings: Settings, database_url: str, *, rooms: Sequence[ModuleType], pace: Pace = STEADY
) -> None:
    """A relay and nothing else, until SIGTERM or SIGINT. Raises SettingsError when there is no broker."""
    _check(rooms)
    queue = _shared_queue(settings, database_url)
    with Running(queue, [RelayThread(queue, database_url, pace)]):
        _until_told_to_stop()


class Part(Protocol):
    """Something that runs in threads of this process."""

    def stop(self, patience: timedelta) -> None: ...


class Running:
    """What is at work in this process."""

    def __init__(self, queue: Queue, parts: Sequence[Part]) -> None:
        self._queue, self._parts = queue, parts

    def stop(self, patience: timedelta = STOP_PATIENCE) -> None:
        """Nothing new is begun; what is in hand is finished."""
        for part in reversed(self._parts):
            part.stop(patience)
        self._queue.broker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Worker:
    """Threads that take deliveries off the queue. One at a time in a process: dramatiq's event loop is a global."""

    def __init__(self, queue: Queue, url: str, pace: Pace, settings: Settings) -> None:
        database = Database(url, pool_size=WORKER_THREADS)
        queue.broker.add_middleware(_ClosedWithItsLoop(database))

        async def take(tenant_id: str, message_id: str, due_at: str) -> None:
            # Clocks differ, but a time that has come on one has come on all.
            now = max(utc_now(), datetime.fromisoformat(due_at))
            await deliver(database, UUID(tenant_id), UUID(message_id), now=now, pace=pace, settings=settings)

        dramatiq.actor(actor_name=ACTOR, queue_name=queue.name, broker=queue.broker)(take)
        self._worker = dramatiq.Worker(
            queue.broker, worker_threads=WORKER_THREADS, worker_timeout=IDLE_MILLISECONDS
        )
        self._worker.start()

    def stop(self, patience: timedelta) -> None:
        self._worker.stop(timeout=round(patience.total_seconds() * 1000))


class _ClosedWithItsLoop(dramatiq.Middleware):
    """Closes the actors' database between the end of the last actor and the end of their event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:  # noqa: ARG002  # theirs
        loop = get_event_loop_thread()
        assert loop is not None, "AsyncIO was added first, so it ends last"
        loop.run_coroutine(self._database.close())


class RelayThread:
    """The relay in a thread and event loop of its own."""

    def __init__(self, queue: Queue, url: str, pace: Pace) -> None:
        self._queue, self._url, self._pace = queue, url, pace
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="relay", daemon=True)
        self._thread.start()
        self._is_ready.wait()

    async def _run(self) -> None:
        self._loop, self._bell = asyncio.get_running_loop(), Bell(self._url)
        self._is_ready.set()
        database = Database(self._url, pool_size=1)
        heard = subscribers.keys() | callers.keys()
        silent = {kind for kind, message_type in message_types().items() if message_type not in heard}
        crons = {name: cron for name, (cron, _) in recurring.items()}
        try:
            await relay(
                database, self._queue, silent=silent, recurring=crons, bell=self._bell, pace=self._pace
            )
        finally:
            await database.close()

    def stop(self, patience: timedelta) -> None:
        self._loop.call_soon_threadsafe(self._bell.stop)
        self._thread.join(patience.total_seconds())


def _check(rooms: Sequence[ModuleType]) -> None:
    """Every module says something: one that was forgotten would be silent."""
    spoken_to = [*subscribers.values(), *callers.values()]
    names = {name for known in spoken_to for name in known} | recurring.keys()
    for room in rooms:
        assert any(name.startswith(room.__name__ + ".") for name in names), f"{room.__name__} has no tasks"


def _queue(settings: Settings, database_url: str) -> Queue:
    database = make_url(database_url).database
    assert database, "a database URL names its database"
    return open_queue(settings.broker_url, database)


def _shared_queue(settings: Settings, database_url: str) -> Queue:
    if settings.broker_url is None:
        raise SettingsError(
            "BROKER_URL is not set: a relay or worker in a process of its own needs RabbitMQ (amqp://…) or Redis"
            " (redis://…); `ledig run` has both in one process and needs neither"
        )
    return _queue(settings, database_url)


def _until_told_to_stop() -> None:
    told = threading.Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, tell)
    told.wait()
