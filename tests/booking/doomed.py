"""A program that serves one request and dies at its n-th step in the database: started by test_killed.py.

`doomed.py DATABASE_URL TENANT_ID METHOD PATH TOKEN BODY`: for n = 1, 2, … a child of this process serves the request
and kills itself just before the n-th step (a statement, a commit, or giving the connection back after it), until one
child lives to answer. After each death another child looks at what is left. One line of JSON each, on the output.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any, cast
from uuid import UUID

import httpx
from litestar import Litestar
from sqlalchemy import event, text

from core.db import Database
from core.settings import Settings
from core.vault import new_key
from tests.booking import invariants
from web.app import make_app, opened

FINGERPRINT = """
SELECT (SELECT count(*) FROM application), (SELECT count(*) FROM idempotency_key),
    (SELECT count(*) FROM outbox), (SELECT count(*) FROM audit_entry),
    (SELECT string_agg(concat_ws(' ', id, state, starts_at, ends_at, resource_id, version), ';' ORDER BY id)
        FROM booking),
    (SELECT string_agg(concat_ws(' ', unit_id, kind, closing, starts_at, ends_at, held_until), ';'
        ORDER BY unit_id, kind, starts_at, closing) FROM claim)
"""
"""All that the requests could change; two are the same only if nothing was changed in between."""

MOST_STEPS = 200


def die_at(database: Database, step: int) -> None:
    """Kill this process before its n-th step."""
    steps = 0

    def count(*_arguments: Any) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "commit", "checkin"):
        event.listen(database.engine.sync_engine, name, count)


def main() -> None:
    url, tenant_id, method, path, token, body = sys.argv[1:]
    settings = Settings(keys=(new_key(),), pool_size=1)
    app = make_app(settings, url)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "doomed"}

    async def serve(step: int) -> None:
        async with opened(app, settings, url):
            transport = httpx.ASGITransport(app=cast(Any, app))
            async with httpx.AsyncClient(transport=transport, base_url="http://ledig.test") as client:
                await client.get("/api/municipalities")  # it knows its municipalities already
                die_at(app_database(app), step)
                answer = await client.request(method, path, headers=headers, json=json.loads(body))
                tell(answer=answer.status_code, body=answer.json())

    async def look(step: int) -> None:
        database = Database(url, pool_size=1)
        await invariants.check(database, UUID(tenant_id))
        async with database.transaction(UUID(tenant_id)) as db:
            left = (await db.execute(text(FINGERPRINT))).one()
        await database.close()
        tell(died_at=step, left=[str(value) for value in left])

    for step in range(1, MOST_STEPS):
        if in_a_child(serve, step) == 0:
            return
        assert in_a_child(look, step) == 0, f"killed at {step}, something is broken"


def app_database(app: Litestar) -> Database:
    return app.state.database


def tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


def in_a_child(work: Callable[[int], Awaitable[None]], step: int) -> int:
    """Its exit status; only a killed child has another than 0 and 1."""
    pid = os.fork()
    if pid:
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert status in {0, -signal.SIGKILL}, f"step {step} ended with {status}"
        return status
    code = 1
    try:
        asyncio.run(cast(Any, work(step)))
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
