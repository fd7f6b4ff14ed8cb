"""Telling boards that stand open that they have changed: one look for all who watch the same, in each process.

Nobody holds a transaction: every PAUSE seconds, and only while somebody listens, a short one asks for the revision of
what is watched. A listener that is slow is told of the last change only.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from booking.boards import board_queries
from core.db import Database
from core.errors import Refusal, TooMany
from core.spans import Span

log = logging.getLogger("ledig.boards")

PAUSE: Final = 2.0
"""Seconds between two looks."""
HEARTBEAT: Final = 15.0
"""Seconds of silence after which a listener hears that we are still here; so we learn that she is not."""
LASTS: Final = 600.0
"""Seconds after which a stream ends and the browser asks for a new one: rights are looked at again then."""
MOST_OF_CLIENT: Final = 30
"""A school or a town hall is one address to us."""
MOST: Final = 500
"""In one process."""
RETRY_AFTER: Final = 60


class Watched(NamedTuple):
    """What a board shows, as far as it can change."""

    tenant_id: UUID
    facility_id: UUID
    span: Span
    with_requests: bool


class _Watch:
    """The look at one thing, and who waits for it."""

    def __init__(self) -> None:
        self.revision: str | None = None
        self.listeners: set[asyncio.Event] = set()
        self.task: asyncio.Task[None] | None = None


class Streams:
    """All streams of a process. Make one per process and event loop."""

    def __init__(
        self,
        database: Database,
        *,
        pause: float = PAUSE,
        heartbeat: float = HEARTBEAT,
        lasts: float = LASTS,
        most_of_client: int = MOST_OF_CLIENT,
        most: int = MOST,
    ) -> None:
        self._database = database
        self._pause, self._heartbeat, self._lasts = pause, heartbeat, lasts
        self._most_of_client, self._most = most_of_client, most
        self._watches: dict[Watched, _Watch] = {}
        self._clients: Counter[str] = Counter()
        self._is_closed = False

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return sum(len(watch.listeners) for watch in self._watches.values())

    @property
    def looks(self) -> int:
        """How many different things are looked at."""
        return len(self._watches)

    def check(self, client: str) -> None:
        """Raises TooMany when the client, or everybody together, has as many as there may be."""
        if self._clients[client] >= self._most_of_client or self.listeners >= self._most:
            raise TooMany(retry_after=RETRY_AFTER)

    async def revisions(
        self, watched: Watched, client: str, known: str | None
    ) -> AsyncGenerator[str | None, None]:
        """Each revision that is not the one she knows; None when there has been nothing to tell for a while."""
        with self._listening(watched, client) as (watch, woken):
            end = asyncio.get_running_loop().time() + self._lasts
            yield None  # the answer begins at once
            while True:
                woken.clear()  # first, so that nothing is missed that comes while we look or tell
                if self._is_closed or asyncio.get_running_loop().time() >= end:
                    return
                if watch.revision is not None and watch.revision != known:
                    known = watch.revision
                    yield known
                    continue
                try:
                    async with asyncio.timeout(self._heartbeat):
                        await woken.wait()
                except TimeoutError:
                    yield None

    @contextmanager
    def _listening(self, watched: Watched, client: str) -> Generator[tuple[_Watch, asyncio.Event]]:
        watch = self._watches.setdefault(watched, _Watch())
        woken = asyncio.Event()
        watch.listeners.add(woken)
        self._clients[client] += 1
        if watch.task is None:
            watch.task = asyncio.create_task(self._look(watched, watch))
        try:
            yield watch, woken
        finally:
            watch.listeners.discard(woken)
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]
            if not watch.listeners:
                self._watches.pop(watched, None)
                watch.task.cancel()

    async def _look(self, watched: Watched, watch: _Watch) -> None:
        """Until nobody listens. What goes wrong once may go well the next time."""
        while True:
            try:
                async with self._database.transaction(watched.tenant_id) as db:
                    found = await board_queries.revision(
                        db, watched.facility_id, watched.span, with_requests=watched.with_requests
                    )
            except (Refusal, SQLAlchemyError, OSError):
                log.warning("a board could not be looked at", exc_info=True)
            else:
                if found != watch.revision:
                    watch.revision = found
                    for each in watch.listeners:
                        each.set()
            await asyncio.sleep(self._pause)

    def close(self) -> None:
        """Every stream ends now."""
        self._is_closed = True
        for watch in self._watches.values():
            for each in watch.listeners:
                each.set()
