"""The limit: the statements that the program sends, caught on their way, and sent again by asyncpg alone."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, cast
from uuid import UUID

import asyncpg
import httpx
import uvloop
from litestar import Litestar
from sqlalchemy import event

from core.ids import new_id
from core.provision import connect
from core.settings import Settings
from core.spans import EVER
from web.app import make_app, opened

Statement = tuple[str, tuple[Any, ...]]
Transaction = list[Statement]
NEAR = timedelta(days=12)
"""Instants so near to the caught booking move with it; `now` does not."""


class Target(NamedTuple):
    """A time to book: of a resource that takes one unit."""

    resource_id: UUID
    facility_id: UUID
    unit_id: UUID
    start: datetime


@asynccontextmanager
async def caught(
    program_url: str, var_dir: Path, token: str | None = None
) -> AsyncGenerator[tuple[httpx.AsyncClient, Transaction], None]:
    """The program in this process, and a list that fills with what it sends to PostgreSQL."""
    settings = Settings(var_dir=var_dir, pool_size=1, limits="off")
    app: Litestar = make_app(settings, program_url)
    sent: Transaction = []

    def note(query: Any) -> None:
        arguments = tuple(query.args)
        if not _is_many(arguments):
            sent.append((query.query, arguments))

    async with opened(app, settings, program_url):
        engine = app.state.database.engine.sync_engine

        def listen(connection: Any, _record: Any) -> None:
            connection.driver_connection.add_query_logger(note)

        def note_prepared(
            _connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any
        ) -> None:
            rows = cast(Sequence[Any], parameters)
            is_many = isinstance(parameters, list)  # the driver tells of those, too
            sent.append((statement, tuple(tuple(row) for row in rows) if is_many else tuple(rows)))

        # The driver tells of all but prepared statements, SQLAlchemy of those alone.
        event.listen(engine, "connect", listen)
        event.listen(engine, "before_cursor_execute", note_prepared)
        transport = httpx.ASGITransport(app=cast(Any, app))
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client:
            await client.get("/health/ready")
            await client.get("/api/municipalities")
            yield client, sent


async def statements_of(
    client: httpx.AsyncClient, sent: Transaction, method: str, path: str, body: Any = None
) -> Transaction:
    """What one request makes the program send, from BEGIN to COMMIT. The connection has seen its like before.

    Who is here is read in a transaction of its own now and then; what was asked for is in the one that names a role
    or a municipality.
    """
    if method == "GET":
        await client.get(path)
    sent.clear()
    answer = await client.request(method, path, json=body)
    assert answer.is_success, answer.text
    found: Transaction = []
    for statement in sent:
        found.append(statement)
        if statement[0].startswith("COMMIT"):
            if any(query.startswith("SET LOCAL") for query, _ in found):
                # SQLAlchemy begins when the first statement is on its way.
                return sorted(found, key=lambda each: not each[0].startswith("BEGIN"))
            found = []
    raise AssertionError(f"{path} was answered without a transaction")


def _is_many(arguments: tuple[Any, ...]) -> bool:
    """Rows of one statement, which go together."""
    return bool(arguments) and all(isinstance(each, tuple) for each in arguments)


async def send(connection: asyncpg.Connection, transaction: Transaction) -> None:
    """As the program does, one after the other."""
    for query, arguments in transaction:
        if _is_many(arguments):
            await connection.executemany(query, arguments)
        elif arguments:
            await connection.fetch(query, *arguments)
        elif query.startswith(("BEGIN", "COMMIT", "SET", "ROLLBACK")):
            await connection.execute(query)
        else:
            await connection.fetch(query)


class Template:
    """The transaction that books one time, to be sent for any other."""

    def __init__(self, transaction: Transaction, target: Target, known: Sequence[UUID]) -> None:
        self._transaction = transaction
        self._target = target
        fixed = {*known, target.resource_id, target.facility_id, target.unit_id}
        self._new = {value for _, arguments in transaction for value in _ids(arguments)} - fixed

    def at(self, target: Target) -> Transaction:
        """With new identifiers wherever the program made one."""
        was = self._target
        ids: dict[UUID, UUID] = {value: new_id() for value in self._new}
        ids |= {
            was.resource_id: target.resource_id,
            was.facility_id: target.facility_id,
            was.unit_id: target.unit_id,
        }
        moved = _mover(ids, was.start, target.start - was.start)
        return [(query, tuple(map(moved, arguments))) for query, arguments in self._transaction]


def with_new_ids(transaction: Transaction, known: Collection[UUID]) -> Transaction:
    """The same, with new identifiers wherever the program made one: those that are not known."""
    made = {value for _, arguments in transaction for value in _ids(arguments)} - set(known)
    ids = {value: new_id() for value in made}
    moved = _mover(ids, EVER.start, timedelta(0))
    return [(query, tuple(map(moved, arguments))) for query, arguments in transaction]


def _ids(value: Any) -> list[UUID]:
    if isinstance(value, UUID):
        return [value]
    if isinstance(value, str):
        try:
            return [UUID(value)]
        except ValueError:
            return []
    if isinstance(value, list | tuple):
        return [each for item in cast(Sequence[Any], value) for each in _ids(item)]
    return []


def _mover(ids: Mapping[UUID, UUID], start: datetime, by: timedelta) -> Callable[[Any], Any]:
    def moved(value: Any) -> Any:
        if isinstance(value, list | tuple):
            made = [moved(each) for each in cast(Sequence[Any], value)]
            return tuple(made) if isinstance(value, tuple) else made
        if isinstance(value, datetime):
            return value + by if abs(value - start) < NEAR else value
        if isinstance(value, date):
            return value + timedelta(days=by.days) if abs(value - start.date()) < NEAR else value
        if found := _ids(value):
            new = ids.get(found[0], found[0])
            return str(new) if isinstance(value, str) else new
        return value

    return moved


def book(url: str, template: Template, targets: Sequence[Target], connections: int, seconds: float) -> int:
    """How many transactions so many connections of one process got done in the time."""
    return uvloop.run(_book(url, template, targets, connections, seconds))


async def _book(
    url: str, template: Template, targets: Sequence[Target], connections: int, seconds: float
) -> int:
    opened_connections = [await connect(url) for _ in range(connections)]
    queue, done = iter(targets), 0
    end = 0.0

    async def one(connection: asyncpg.Connection) -> None:
        nonlocal done
        while time.monotonic() < end:
            await send(connection, template.at(next(queue)))
            done += 1

    for connection in opened_connections:
        await send(connection, template.at(next(queue)))
    end = time.monotonic() + seconds
    await asyncio.gather(*map(one, opened_connections))
    for connection in opened_connections:
        await connection.close()
    return done
