"""Deciding a request of fifty times, measured: over HTTP, and as the bare statements that it takes."""

import itertools
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import msgspec

from bench.client import Client
from bench.database import Measured, as_owner, person_id, slug, tidy
from bench.replay import Transaction, caught, send, statements_of, with_new_ids
from bench.report import Row, at_most
from bench.server import served
from bench.shape import UNTAKEN_MINUTES, is_room, tenant_id
from bench.writing import TENANT, targets
from core.ids import new_id
from core.provision import connect
from people.service import hash_of

TIMES = 50
OFFICER = "ledig_bench_officer"
DECIDE = f"deciding {TIMES} occurrences over HTTP"
MOST_CASES = 60

Case = dict[str, Any]


async def deciding_row(found: Measured, var_dir: Path, *, rounds: int) -> Row:
    """In turns, so that both see the same machine. Each case is decided once."""
    cases = min(4 * rounds, MOST_CASES)
    await tidy(found, TENANT)
    async with _officer(found):
        try:
            return await _measured(found, var_dir, cases)
        finally:
            await _tidy_cases(found)
            await tidy(found, TENANT)


async def _measured(found: Measured, var_dir: Path, cases: int) -> Row:
    wishes = _wishes(found)
    transaction, known = await _caught(found, var_dir, wishes)
    numbers = itertools.count(2)
    connection = await connect(found.program_url)
    http: list[float] = []
    raw: list[float] = []
    try:
        async with served(found.program_url, var_dir) as port:
            client = Client(port, OFFICER)
            for _ in range(cases + 2):
                case = await _asked(client, next(wishes))
                path = f"/api/{slug(TENANT)}/applications/{case['id']}/decide"
                request = client.post(path, _decision(case))
                started = time.perf_counter()
                status, body = await client.ask(request)
                http.append((time.perf_counter() - started) * 1000)
                assert status == 200, body
                again = _numbered(with_new_ids(transaction, known), next(numbers))
                started = time.perf_counter()
                await send(connection, again)
                raw.append((time.perf_counter() - started) * 1000)
            await client.close()
    finally:
        await connection.close()
    return at_most(f"{DECIDE}, p50", median(http[2:]), "ms", factor=4, limit=median(raw[2:]))


async def _asked(client: Client, wishes: Sequence[dict[str, Any]]) -> Case:
    body = {"title": "Trening", "times": wishes}
    status, answer = await client.ask(client.post(f"/api/{slug(TENANT)}/applications", body))
    assert status == 201, answer
    return msgspec.json.decode(answer)


def _decision(case: Case) -> dict[str, Any]:
    bookings = [{"id": each["id"], "approve": True} for each in case["bookings"]]
    return {"bookings": bookings, "text": "Velkommen."}


def _wishes(found: Measured) -> Iterator[list[dict[str, Any]]]:
    """Fifty times of one room, again and again, each time once."""
    room = next(place for place in found.tenants[TENANT] if is_room(place))
    ours = (target for target in targets(found) if target.resource_id == room.resource_id)
    while True:
        yield [
            {
                "resource_id": str(target.resource_id),
                "start": target.start.isoformat(),
                "end": (target.start + timedelta(minutes=UNTAKEN_MINUTES)).isoformat(),
            }
            for target in itertools.islice(ours, TIMES)
        ]


async def _caught(
    found: Measured, var_dir: Path, wishes: Iterator[list[dict[str, Any]]]
) -> tuple[Transaction, set[Any]]:
    """The statements of the second decision, and the ids that it did not make."""
    async with caught(found.program_url, var_dir, OFFICER) as (client, sent):
        base = f"/api/{slug(TENANT)}/applications"
        transaction: Transaction = []
        for _ in range(2):
            answer = await client.post(base, json={"title": "Trening", "times": next(wishes)})
            assert answer.status_code == 201, answer.text
            case = answer.json()
            transaction = await statements_of(
                client, sent, "POST", f"{base}/{case['id']}/decide", _decision(case)
            )
    return transaction, await _ids_of(found)


async def _ids_of(found: Measured) -> set[Any]:
    """Every id of the municipality that a decision may name and does not make."""
    connection = await as_owner(found)
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id(TENANT)}'")
            known: set[Any] = {tenant_id(TENANT), person_id(TENANT)}
            for table in ("application", "resource", "unit", "facility", "token"):
                rows = await connection.fetch(
                    f"SELECT id FROM {table} WHERE tenant_id = $1", tenant_id(TENANT)
                )
                known |= {row["id"] for row in rows}
            rows = await connection.fetch(
                "SELECT id FROM booking WHERE tenant_id = $1 AND decided_by IS NOT NULL", tenant_id(TENANT)
            )
            return known | {row["id"] for row in rows}
    finally:
        await connection.close()


def _numbered(transaction: Transaction, number: int) -> Transaction:
    """The next decision of the same case."""
    return [
        (query, tuple(number if type(value) is int else value for value in arguments))
        if query.startswith("INSERT INTO decision ")
        else (query, arguments)
        for query, arguments in transaction
    ]


@asynccontextmanager
async def _officer(found: Measured) -> AsyncGenerator[None, None]:
    """Meanwhile the person is a case officer, and the room is decided by her."""
    room = next(place for place in found.tenants[TENANT] if is_room(place))
    grant, token = new_id(), new_id()
    here = tenant_id(TENANT)
    await _as_owner(
        found,
        (
            "INSERT INTO role_grant (tenant_id, id, person_id, role) VALUES ($1, $2, $3, 'case_officer')",
            (here, grant, person_id(TENANT)),
        ),
        (
            (
                "INSERT INTO token (tenant_id, id, person_id, hash, label, scopes)"
                " VALUES ($1, $2, $3, $4, 'bench', '{read,write,staff}')"
            ),
            (here, token, person_id(TENANT), hash_of(OFFICER)),
        ),
        (
            "UPDATE resource SET decision = 'case_officer' WHERE tenant_id = $1 AND id = $2",
            (here, room.resource_id),
        ),
    )
    try:
        yield
    finally:
        await _as_owner(
            found,
            ("DELETE FROM role_grant WHERE tenant_id = $1 AND id = $2", (here, grant)),
            ("DELETE FROM token WHERE tenant_id = $1 AND id = $2", (here, token)),
            (
                "UPDATE resource SET decision = 'automatic' WHERE tenant_id = $1 AND id = $2",
                (here, room.resource_id),
            ),
        )


async def _tidy_cases(found: Measured) -> None:
    """What deciding wrote beside the bookings."""
    here = (tenant_id(TENANT),)
    await _as_owner(
        found,
        ("DELETE FROM case_entry WHERE tenant_id = $1", here),
        ("DELETE FROM decision WHERE tenant_id = $1", here),
        ("DELETE FROM audit_entry WHERE tenant_id = $1 AND table_name = 'decision'", here),
        ("DELETE FROM outbox WHERE tenant_id = $1", here),
    )


async def _as_owner(found: Measured, *statements: tuple[str, tuple[Any, ...]]) -> None:
    connection: asyncpg.Connection = await as_owner(found)
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id(TENANT)}'")
            for statement, arguments in statements:
                await connection.execute(statement, *arguments)
    finally:
        await connection.close()
