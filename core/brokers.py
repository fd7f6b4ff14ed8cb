"""How a due message gets to a worker: one queue on RabbitMQ, on Redis, or in this process."""

import re
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

import redis
from dramatiq import Broker, Message
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AsyncIO
from pika.exceptions import AMQPError

from core.outbox_queries import Due
from core.settings import SettingsError

ACTOR = "deliver"
"""The one actor: it looks up in the outbox what there is to do, so that a lost or doubled delivery does no harm."""
BROKER_SECONDS = 10
"""How long a broker may take to answer before it counts as down."""


class Queue:
    """The installation's queue. It carries no messages, only their names; what they say never leaves the database.

    No retries and no delays of dramatiq's own: the outbox has them, and it outlives the broker.
    """

    def __init__(self, broker: Broker, name: str, count: Callable[[], int], *, is_shared: bool) -> None:
        self.broker = broker
        self.name = name
        self.waiting = count
        """How many deliveries no worker has fetched yet. Raises when the broker is down."""
        self.is_shared = is_shared
        """False: it dies with this process, and with it all it held."""

    def send(self, message: Due) -> None:
        """Returns when the broker has it. Raises when the broker is down."""
        args = (str(message.tenant_id), str(message.id), message.due_at.isoformat())
        name = Message[None](queue_name=self.name, actor_name=ACTOR, args=args, kwargs={}, options={})
        self.broker.enqueue(name)  # pyright: ignore[reportUnknownMemberType]  # dramatiq leaves out what it returns


def open_queue(broker_url: str | None, database: str) -> Queue:
    """The queue of the installation that has this database. Connects when first used. Raises SettingsError."""
    name = "ledig." + re.sub(r"[^a-zA-Z0-9_-]", "_", database)
    match urlsplit(broker_url).scheme if broker_url else None:
        case None:
            return _in_process(name)
        case "amqp" | "amqps":
            return _rabbitmq(cast(str, broker_url), name)
        case "redis" | "rediss" | "unix":
            return _redis(cast(str, broker_url), name)
        case other:
            raise SettingsError(f"BROKER_URL begins with {other}: write amqp://…, redis://… or nothing")


def _in_process(name: str) -> Queue:
    # dramatiq's broker for tests is a queue.Queue, which is all that threads of one process need.
    broker = StubBroker(middleware=[AsyncIO()])
    broker.declare_queue(name)
    return Queue(broker, name, broker.queues[name].qsize, is_shared=False)


def _redis(url: str, name: str) -> Queue:
    client = redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # its **kwargs have no type
        url, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS
    )
    broker = RedisBroker(client=client, namespace="ledig", middleware=[AsyncIO()])
    broker.declare_queue(name)
    return Queue(broker, name, lambda: client.llen(f"ledig:{name}"), is_shared=True)


def _rabbitmq(url: str, name: str) -> Queue:
    broker = RabbitmqBroker(url=url, confirm_delivery=True, middleware=[AsyncIO()])
    broker.declare_queue(name)

    def count() -> int:
        # Asked several times a second by the relay: keeps its connection alive, and declares the queue anew should
        # somebody have deleted it.
        try:
            return broker.get_queue_message_counts(name)[0]
        except AMQPError:
            del broker.connection  # opens a new one next time
            raise

    return Queue(broker, name, count, is_shared=True)
