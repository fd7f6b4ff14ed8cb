"""What it costs a request that somebody has signed in: from the cookie to who she is and what she may."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete

from bench.client import Client
from bench.database import Measured, person_id, slug
from bench.reading import TENANT, VARIANTS, in_turns
from bench.replay import caught, statements_of
from bench.report import Row, at_most
from bench.server import served
from bench.shape import tenant_id
from core.db import Database
from core.spans import utc_now
from people.models import Login
from people.service import hash_of, sign_in


async def login_rows(found: Measured, var_dir: Path, *, seconds: float, rounds: int) -> list[Row]:
    """A light request, the free spans of one resource for a week, by the same person with and without her cookie."""
    first = utc_now().date() + timedelta(days=7)
    places = found.tenants[TENANT]
    paths = [
        f"/api/{slug(TENANT)}/resources/{place.resource_id}/free?from={first}&to={first + timedelta(days=7)}"
        for place in places[:: max(1, len(places) // VARIANTS)]
    ]
    async with _signed_in(found) as cookie:
        more = await _more_statements(found, var_dir, paths[0], cookie)
        async with served(found.program_url, var_dir) as port:
            somebody, nobody = Client(port, cookie=cookie), Client(port)

            async def as_somebody(path: str) -> None:
                status, body = await somebody.ask(somebody.get(path))
                assert status == 200, body

            async def as_nobody(path: str) -> None:
                status, body = await nobody.ask(nobody.get(path))
                assert status == 200, body

            # In short turns: the difference is small, and a machine has moods.
            known, unknown = await in_turns(
                as_somebody, paths, as_nobody, paths, seconds=seconds / 20, rounds=20 * rounds
            )
            await somebody.close()
            await nobody.close()
    name = "free spans of one resource for a week as somebody signed in"
    return [
        at_most(f"{name}, against the same as nobody, p50", known, "ms", factor=1.25, limit=unknown),
        Row(
            name=f"{name}: statements more",
            figure=more,
            unit="statements",
            aim="1",
            aim_met=more == 1,
        ),
    ]


@asynccontextmanager
async def _signed_in(found: Measured) -> AsyncGenerator[str, None]:
    """The cookie of a login that ends with the measurement."""
    database = Database(found.program_url, pool_size=1)
    here = tenant_id(TENANT)
    async with database.transaction(here) as db:
        secret = await sign_in(db, person_id(TENANT), utc_now())
    try:
        yield f"ledig_{slug(TENANT)}={secret}"
    finally:
        async with database.transaction(here) as db:
            await db.execute(delete(Login).where(Login.hash == hash_of(secret)))
        await database.close()


async def _more_statements(found: Measured, var_dir: Path, path: str, cookie: str) -> int:
    async with caught(found.program_url, var_dir) as (client, sent):
        without = await statements_of(client, sent, "GET", path)
        client.headers["Cookie"] = cookie
        return len(await statements_of(client, sent, "GET", path)) - len(without)
