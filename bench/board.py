"""The board of a facility with 20 resources, for a week: the page over HTTP, and as the bare statements it takes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from bench.client import Client
from bench.database import Measured, as_owner, slug
from bench.reading import in_turns
from bench.replay import Transaction, caught, send, statements_of
from bench.report import Row, at_most
from bench.server import served
from bench.shape import tenant_id
from core.provision import connect
from core.spans import monday_of, utc_now

TENANT = 2
RESOURCES = 20
FEW = 5
WEEKS = 12
FACTOR = 4
GATHER = "UPDATE resource SET facility_id = $3 WHERE tenant_id = $1 AND id = ANY($2)"


async def board_rows(found: Measured, var_dir: Path, *, seconds: float, rounds: int) -> list[Row]:
    """Twelve weeks of it in turns with their raw statements, and how many statements more it takes than a small one."""
    monday = monday_of(utc_now().date()) + timedelta(days=7)
    weeks = [(monday + timedelta(weeks=n)).isocalendar() for n in range(WEEKS)]
    async with _gathered(found, FEW) as path, caught(found.program_url, var_dir) as (client, sent):
        few = await statements_of(client, sent, "GET", f"{path}?week={weeks[0].year}-W{weeks[0].week:02}")
    async with _gathered(found, RESOURCES) as path:
        paths = [f"{path}?week={week.year}-W{week.week:02}" for week in weeks]
        async with caught(found.program_url, var_dir) as (client, sent):
            raw = [await statements_of(client, sent, "GET", each) for each in paths]
        http, bare = await _measured(found, var_dir, paths, raw, seconds=seconds, rounds=rounds)
    name = f"board of {RESOURCES} resources for a week"
    more = len(raw[0]) - len(few)
    return [
        at_most(f"{name}, p50", http, "ms", factor=FACTOR, limit=bare),
        Row(
            name=f"{name}: statements more than for {FEW}",
            figure=more,
            unit="statements",
            aim="0",
            aim_met=more == 0,
        ),
    ]


async def _measured(
    found: Measured,
    var_dir: Path,
    paths: list[str],
    raw: list[Transaction],
    *,
    seconds: float,
    rounds: int,
) -> tuple[float, float]:
    connection = await connect(found.program_url)
    try:
        async with served(found.program_url, var_dir) as port:
            client = Client(port)

            async def ask(path: str) -> None:
                status, body = await client.ask(client.get(path))
                assert status == 200, body

            async def replay(transaction: Transaction) -> None:
                await send(connection, transaction)

            answer = await in_turns(ask, paths, replay, raw, seconds=seconds, rounds=rounds)
            await client.close()
            return answer
    finally:
        await connection.close()


@asynccontextmanager
async def _gathered(found: Measured, count: int) -> AsyncGenerator[str, None]:
    """The path of a board with so many resources: those of several facilities stand at one meanwhile."""
    places = found.tenants[TENANT][:count]
    connection = await as_owner(found)
    try:
        for place in places:
            await _move(connection, [place.resource_id], places[0].facility_id)
        rest = [each for each in found.tenants[TENANT] if each.facility_id == places[0].facility_id]
        aside = [each.resource_id for each in rest if each not in places]
        if aside:
            await _move(connection, aside, found.tenants[TENANT][-1].facility_id)
        yield f"/{slug(TENANT)}/facilities/{places[0].facility_id}/board"
    finally:
        for place in found.tenants[TENANT]:
            await _move(connection, [place.resource_id], place.facility_id)
        await connection.close()


async def _move(connection: asyncpg.Connection, resource_ids: list[UUID], facility_id: UUID) -> None:
    async with connection.transaction():
        here = tenant_id(TENANT)
        await connection.execute(f"SET LOCAL app.tenant_id = '{here}'")
        await connection.execute(GATHER, here, resource_ids, facility_id)
