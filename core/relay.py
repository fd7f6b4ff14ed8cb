"""Takes what is due from the outbox to the broker, again and again until a worker has finished with it."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from datetime import timedelta

import asyncpg
from sqlalchemy.engine import make_url

from core import outbox_queries as queries
from core.brokers import Queue
from core.db import Database
from core.pace import Pace
from core.recurrence import keep_recurring
from core.spans import utc_now

log = logging.getLogger("ledig.relay")

CHANNEL = "outbox"
"""PostgreSQL notifies here when something is due at once: trigger wake_relay."""
TROUBLE_PAUSE = timedelta(seconds=1)
"""Between looks while the database or the broker is down."""


class BrokerDown(Exception):
    """The broker takes no messages now. They stay in the outbox."""


async def send_due(database: Database, queue: Queue, silent: Collection[str], pace: Pace) -> int:
    """One round: what is due goes to the broker, or if of a `silent` kind nowhere; how many there were.

    Raises BrokerDown.
    """
    try:
        room = pace.high_water - queue.waiting()
    except Exception as error:
        raise BrokerDown(f"{type(error).__name__}: {error}") from error
    if room <= 0:
        return 0
    async with database.relay() as db:
        due = await queries.take_due(db, limit=min(pace.batch, room), resend_after=pace.resend_after)
        if unheard := [message for message in due if message.kind in silent]:
            await queries.drop(db, unheard)
    wanted = [message for message in due if message.kind not in silent]
    # Killed between here and the last send, the rest is sent after `resend_after`. No transaction waits for a broker.
    for sent, message in enumerate(wanted):
        try:
            queue.send(message)
        except Exception as error:
            async with database.relay() as db:
                await queries.take_back(db, wanted[sent:], again_in=pace.look_again)
            raise BrokerDown(f"{type(error).__name__}: {error}") from error
    return len(due)


class Bell:
    """Wakes the relay: rung by PostgreSQL when something is due at once, and by whoever wants it to stop."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._rung = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        self.is_over = False
        """The relay shall stop."""

    def ring(self, *_: object) -> None:
        self._rung.set()

    def stop(self) -> None:
        """Only from the loop that waits."""
        self.is_over = True
        self.ring()

    async def wait(self, at_most: timedelta) -> None:
        """Until it rings. While PostgreSQL cannot be heard it is only the time that passes."""
        if self._connection is None or self._connection.is_closed():
            await self._listen()
        try:
            async with asyncio.timeout(at_most.total_seconds()):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()

    async def _listen(self) -> None:
        try:
            self._connection = await asyncpg.connect(self._url, timeout=5)
            await self._connection.add_listener(CHANNEL, self.ring)
            self.ring()  # for what came before it was listening
        except (OSError, asyncpg.PostgresError) as error:
            log.warning("cannot listen for messages, only look for them: %s", error)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()


async def relay(
    database: Database,
    queue: Queue,
    *,
    silent: Collection[str],
    recurring: Mapping[str, str],
    bell: Bell,
    pace: Pace,
) -> None:
    """Round after round until `bell.stop()`, whatever becomes of database and broker. Run as many as you like.

    `silent` are the kinds of messages that have no subscribers; `recurring` has the cron expressions by task.
    """
    check_recurring_at, is_first, trouble = utc_now(), True, ""
    while not bell.is_over:
        wait = pace.look_again
        try:
            if is_first and not queue.is_shared:
                async with database.relay() as db:
                    await queries.forget_sent(db)
            is_first = False
            if utc_now() >= check_recurring_at:
                await keep_recurring(database, recurring, utc_now())
                check_recurring_at = utc_now() + pace.check_recurring
            if await send_due(database, queue, silent, pace) == pace.batch:
                continue
            trouble = ""
        except Exception as error:
            # Whatever it is, stopping would not help: say so once, and be there when it is over.
            if str(error) != trouble:
                log.exception("cannot relay messages; they are kept, and tried again every %s", TROUBLE_PAUSE)
            trouble, wait = str(error), TROUBLE_PAUSE
        await bell.wait(wait)
    await bell.close()
