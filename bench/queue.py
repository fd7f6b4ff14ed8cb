"""The case officer's queue, measured: a page of 2,000 open cases over HTTP, and as its bare statements."""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import asyncpg

from bench.client import Client
from bench.database import Measured, as_owner, slug
from bench.reading import TENANT, in_turns
from bench.replay import Transaction, caught, send, statements_of
from bench.report import Row, at_most
from bench.server import served
from bench.shape import EVENINGS, NAMESPACE, UNTAKEN_MINUTES, UNTAKEN_STARTS, tenant_id
from core.provision import connect
from core.spans import local_date, local_instant, utc_now
from people.service import hash_of

OSLO = ZoneInfo("Europe/Oslo")
CASES, FEW = 2000, 5
APPLICANTS = 200
OFFICER = uuid5(NAMESPACE, "officer")
SECRET = "ledig_bench_officer"
PAGES = ("", "?sort=deadline", "?whose=unassigned", "?whose=overdue&sort=deadline")


async def queue_rows(found: Measured, var_dir: Path, *, seconds: float, rounds: int) -> list[Row]:
    """The page in turns with its raw statements; and how many those are, with few cases and with many."""
    paths = [f"/{slug(TENANT)}/requests{tail}" for tail in PAGES]
    async with _waiting(found, FEW):
        few = len((await _statements(found, var_dir, paths[:1]))[0])
    async with _waiting(found, CASES):
        transactions = await _statements(found, var_dir, paths)
        connection = await connect(found.program_url)
        try:
            async with served(found.program_url, var_dir) as port:
                client = Client(port, SECRET)

                async def ask(request: bytes) -> None:
                    status, body = await client.ask(request)
                    assert status == 200, body

                async def replay(transaction: Transaction) -> None:
                    await send(connection, transaction)

                requests = [client.get(path) for path in paths]
                http, bare = await in_turns(
                    ask, requests, replay, transactions, seconds=seconds, rounds=rounds
                )
                await client.close()
        finally:
            await connection.close()
    name = f"queue page of {CASES:,} open cases"
    many = len(transactions[0])
    return [
        at_most(f"{name}, p50", http, "ms", factor=4, limit=bare),
        Row(
            name=f"{name}: statements, as many as of {FEW}",
            figure=many,
            unit="statements",
            limit=few,
            aim="the same",
            aim_met=many == few,
        ),
    ]


async def _statements(found: Measured, var_dir: Path, paths: list[str]) -> list[Transaction]:
    async with caught(found.program_url, var_dir, SECRET) as (client, sent):
        return [await statements_of(client, sent, "GET", path) for path in paths]


@asynccontextmanager
async def _waiting(found: Measured, number: int) -> AsyncGenerator[None, None]:
    """So many open cases in the municipality, and an officer to look at them; gone afterwards."""
    applicants = [uuid5(NAMESPACE, f"applicant {n}") for n in range(APPLICANTS)]
    cases = [uuid5(NAMESPACE, f"case {n}") for n in range(number)]
    connection = await as_owner(found)
    try:
        await _gone(connection, applicants, cases)
        async with connection.transaction():
            await connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id(TENANT)}'")
            await _add(connection, found, applicants, cases)
        await connection.execute("VACUUM ANALYZE application, booking, person")
        yield
    finally:
        await _gone(connection, applicants, cases)
        await connection.close()


async def _add(
    connection: asyncpg.Connection, found: Measured, applicants: list[UUID], cases: list[UUID]
) -> None:
    """Each asks for one to four times in the coming weeks, half of them when the halls are taken as a rule."""
    me, now, draw = tenant_id(TENANT), utc_now(), random.Random(1)
    today = local_date(OSLO, now)
    await connection.executemany(
        "INSERT INTO person (tenant_id, id, name) VALUES ($1, $2, $3)",
        [(me, OFFICER, "Ingrid"), *((me, each, f"Kari {n}") for n, each in enumerate(applicants))],
    )
    await connection.execute(
        "INSERT INTO role_grant (tenant_id, id, person_id, role) VALUES ($1, $2, $2, 'case_officer')",
        me,
        OFFICER,
    )
    await connection.execute(
        "INSERT INTO token (tenant_id, id, person_id, hash, label, scopes)"
        " VALUES ($1, $2, $2, $3, 'bench', '{read,write,staff}')",
        me,
        OFFICER,
        hash_of(SECRET),
    )
    applications: list[tuple[Any, ...]] = []
    bookings: list[tuple[Any, ...]] = []
    for n, case in enumerate(cases):
        made_at = now - timedelta(minutes=draw.randrange(30 * 24 * 60))
        person = applicants[n % len(applicants)]
        officer = OFFICER if n % 3 == 0 else None
        paused_at = made_at if n % 10 == 0 else None
        applications.append(
            (me, case, person, f"Søknad {n}", officer, made_at, made_at + timedelta(days=21), paused_at)
        )
        place = draw.choice(found.tenants[TENANT])
        first = today + timedelta(days=draw.randrange(7, 60))
        minute, minutes = draw.choice(
            [*EVENINGS, *((start, UNTAKEN_MINUTES) for start in UNTAKEN_STARTS[: len(EVENINGS)])]
        )
        for week in range(draw.choice((1, 1, 1, 4))):
            start = local_instant(OSLO, first + timedelta(weeks=week), minute)
            end = start + timedelta(minutes=minutes)
            bookings.append((me, draw_id(draw), case, place.resource_id, person, start, end))
    await connection.executemany(
        "INSERT INTO application (tenant_id, id, person_id, title, public, officer_id, created_at, answer_by,"
        " paused_at)"
        " VALUES ($1, $2, $3, $4, false, $5, $6, $7, $8)",
        applications,
    )
    await connection.executemany(
        "INSERT INTO booking (tenant_id, id, application_id, resource_id, person_id, starts_at, ends_at,"
        " setup_minutes, cleanup_minutes, state) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 15, 'requested')",
        bookings,
    )


def draw_id(draw: random.Random) -> UUID:
    return UUID(int=draw.getrandbits(128), version=4)


async def _gone(connection: asyncpg.Connection, applicants: list[UUID], cases: list[UUID]) -> None:
    """Also what an earlier measurement left behind when it was broken off."""
    me = tenant_id(TENANT)
    everyone = [OFFICER, *applicants]
    async with connection.transaction():
        await connection.execute(f"SET LOCAL app.tenant_id = '{me}'")
        for statement, ids in (
            ("DELETE FROM booking WHERE tenant_id = $1 AND application_id = ANY($2)", cases),
            ("DELETE FROM application WHERE tenant_id = $1 AND id = ANY($2)", cases),
            (
                "UPDATE application SET officer_id = NULL WHERE tenant_id = $1 AND officer_id = ANY($2)",
                [OFFICER],
            ),
            ("DELETE FROM personal_read WHERE tenant_id = $1 AND reader_id = ANY($2)", [OFFICER]),
            ("DELETE FROM token WHERE tenant_id = $1 AND person_id = ANY($2)", [OFFICER]),
            ("DELETE FROM role_grant WHERE tenant_id = $1 AND person_id = ANY($2)", [OFFICER]),
            ("DELETE FROM person WHERE tenant_id = $1 AND id = ANY($2)", everyone),
        ):
            await connection.execute(statement, me, ids)
