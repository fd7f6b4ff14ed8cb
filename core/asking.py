"""Questions of one statement each, asked straight: no transaction around them, and nothing between us and PostgreSQL.

For what is asked so often that three round trips instead of one are felt. Connections are of one role, which may read
little enough to need no wall between municipalities (`Database.feeds`); a question says itself which it is about.
"""

import asyncio
import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import asyncpg
from sqlalchemy.engine import make_url

from core.errors import Busy

NAME: Final = re.compile(r"(?<!:):([a-z_]+)")
LOST: Final = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.AdminShutdownError)
SETTINGS: Final = {
    "application_name": "ledig feeds",
    "jit": "off",
    "timezone": "UTC",
    "plan_cache_mode": "force_generic_plan",
    "statement_timeout": "10s",
}
PATIENCE: Final = 10.0
"""Seconds to wait for a connection."""


class Question(NamedTuple):
    """A statement whose values go by number."""

    sql: str
    names: tuple[str, ...]


Answer = Any
"""A row, whose columns are its attributes."""


def question(named: str) -> Question:
    """From one whose values are `:named`."""
    names = tuple(dict.fromkeys(NAME.findall(named)))
    return Question(NAME.sub(lambda found: f"${names.index(found[1]) + 1}", named), names)


class Asking:
    """So many connections at most, made when they are needed; the one that was used last is used first."""

    def __init__(self, url: str, role: str | None, *, size: int) -> None:
        """`role` None: as whoever the URL names."""
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._settings = SETTINGS if role is None else {**SETTINGS, "role": role}
        self._idle: list[asyncpg.Connection[asyncpg.Record]] = []
        self._free = asyncio.Semaphore(size)

    async def row(self, asked: Question, values: Mapping[str, Any]) -> Answer:
        """The first row of the answer. Raises Busy when no connection is to be had, or the one was lost."""
        numbered = [values[name] for name in asked.names]
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        try:
            return await self._ask(asked.sql, numbered)
        except LOST as error:
            raise Busy from error
        finally:
            self._free.release()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._free.acquire()
        except TimeoutError as error:
            raise Busy from error

    async def _ask(self, sql: str, values: list[Any]) -> Answer:
        while self._idle:  # some may have been lost since they were used
            connection = self._idle.pop()
            if not connection.is_closed():
                break
        else:
            connection = await asyncpg.connect(self._url, server_settings=self._settings)
        try:
            found = await connection.fetchrow(sql, *values)
        except BaseException:
            connection.terminate()  # whatever state it is in, nobody else has it
            raise
        self._idle.append(connection)
        return None if found is None else SimpleNamespace(**found)

    async def close(self) -> None:
        """Of those that nobody is using."""
        while self._idle:
            await self._idle.pop().close()
