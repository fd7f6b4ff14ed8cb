"""A quote, measured: over HTTP with a tariff of ordinary size, and as the bare statements that it takes."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import asyncpg

from bench.client import Client
from bench.database import Measured, as_owner, slug
from bench.reading import TENANT, VARIANTS, in_turns
from bench.replay import Transaction, caught, send, statements_of
from bench.report import Row, at_most
from bench.server import served
from bench.shape import NAMESPACE, tenant_id
from core.provision import connect
from core.spans import local_date, local_instant, utc_now

OSLO = ZoneInfo("Europe/Oslo")
GROUPS = ("children_youth", "association", "commercial", "resident", "internal", "other")
DAYS = ([1, 2, 3, 4, 5], [6, 7, 8])
HOURS = json.dumps([{"weekday": day, "from_minute": 480, "until_minute": 1320} for day in range(1, 6)])
LINE = """
INSERT INTO tariff_line (tenant_id, id, tariff_id, position, kind, text, customer_groups, weekdays, hours, unit,
    price_ore, vat_code, payment)
VALUES ($1, $2, $3, $4, $5, '{"nb": "Hall", "nn": "Hall", "en": "Hall"}', $6, $7, $8, $9, $10, 'full', 'invoice')
"""
ARTICLE = """
INSERT INTO article (tenant_id, id, key, name, facility_id, unit, price_ore, vat_code, max_quantity)
VALUES ($1, $2, $3, '{"nb": "Stol"}', $4, 'piece', 1000, 'full', 50)
"""


async def quote_row(found: Measured, var_dir: Path, *, seconds: float, rounds: int) -> Row:
    """The half of all answers, in turns with their raw statements."""
    path = f"/api/{slug(TENANT)}/quote"
    async with _priced(found):
        bodies = _bodies(found)
        async with caught(found.program_url, var_dir) as (client, sent):
            transactions = [await statements_of(client, sent, "POST", path, body) for body in bodies]
        connection = await connect(found.program_url)
        try:
            async with served(found.program_url, var_dir) as port:
                asking = Client(port)

                async def ask(request: bytes) -> None:
                    status, body = await asking.ask(request)
                    assert status == 200, body

                async def replay(transaction: Transaction) -> None:
                    await send(connection, transaction)

                requests = [asking.post(path, body) for body in bodies]
                _, told = await asking.ask(requests[0])
                assert json.loads(told)["price"]["gross"]["amount"] > 0, "the tariff holds there"
                http, bare = await in_turns(
                    ask, requests, replay, transactions, seconds=seconds, rounds=rounds
                )
                await asking.close()
        finally:
            await connection.close()
    return at_most("a quote with its price over HTTP, p50", http, "ms", factor=3, limit=bare)


def _bodies(found: Measured) -> list[dict[str, Any]]:
    """An evening hour and a half of different resources on different days, with chairs."""
    here = found.tenants[TENANT]
    places = here[:: max(1, len(here) // VARIANTS)]
    first = local_date(OSLO, utc_now()) + timedelta(days=7)
    bodies: list[dict[str, Any]] = []
    for number, place in zip(range(VARIANTS), cycle(places), strict=False):
        start = local_instant(OSLO, first + timedelta(days=3 * number), 20 * 60)
        bodies.append(
            {
                "resource_id": str(place.resource_id),
                "start": start.isoformat(),
                "end": (start + timedelta(minutes=90)).isoformat(),
                "customer_group": "association",
                "articles": [{"article": f"chairs-{place.facility_id.hex[:12]}", "quantity": 20}],
            }
        )
    return bodies


@asynccontextmanager
async def _priced(found: Measured) -> AsyncGenerator[None, None]:
    """A tariff of a dozen lines and an article at each facility; gone afterwards."""
    facilities = sorted({place.facility_id for place in found.tenants[TENANT]})
    connection = await as_owner(found)
    try:
        await _gone(connection)
        async with connection.transaction():
            await connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id(TENANT)}'")
            await _add(connection, facilities)
        await connection.execute("VACUUM ANALYZE tariff, tariff_line, tariff_place, article")
        yield
    finally:
        await _gone(connection)
        await connection.close()


async def _add(connection: asyncpg.Connection, facilities: Sequence[UUID]) -> None:
    me = tenant_id(TENANT)
    tariffs = [(me, uuid5(NAMESPACE, f"tariff {each}"), f"t-{each.hex}", HOURS) for each in facilities]
    await connection.executemany(
        'INSERT INTO tariff (tenant_id, id, key, name, ordinary_hours) VALUES ($1, $2, $3, \'{"nb": "Sats"}\', $4)',
        tariffs,
    )
    await connection.executemany(
        "INSERT INTO tariff_place (tenant_id, id, tariff_id, facility_id) VALUES ($1, $2, $2, $3)",
        [(me, tariff[1], each) for tariff, each in zip(tariffs, facilities, strict=True)],
    )
    lines: list[tuple[Any, ...]] = []
    for _, tariff_id, *_ in tariffs:
        columns: list[tuple[Any, ...]] = [
            ("base", [group], days, "any", "hour", 50_000) for group in GROUPS for days in DAYS
        ]
        columns.append(("supplement", [], [], "outside", "started_hour", 50_000))
        lines += [
            (me, uuid5(tariff_id, str(position)), tariff_id, position, *each)
            for position, each in enumerate(columns)
        ]
    await connection.executemany(LINE, lines)
    await connection.executemany(
        ARTICLE, [(me, uuid5(each, "chairs"), f"chairs-{each.hex[:12]}", each) for each in facilities]
    )


async def _gone(connection: asyncpg.Connection) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id(TENANT)}'")
        for table in ("tariff_place", "tariff_line", "tariff", "article"):
            await connection.execute(f"DELETE FROM {table} WHERE tenant_id = $1", tenant_id(TENANT))
