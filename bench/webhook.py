"""A notice of the payment provider, measured: from its request to the answer, and as the bare rows that are kept."""

import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from bench.client import Client
from bench.database import Measured, as_owner
from bench.report import Row, at_most
from bench.server import served
from bench.shape import tenant_id
from core.ids import new_id
from core.provision import connect
from core.spans import utc_now
from payments.sandbox.notices import signed
from payments.sandbox.program import KEY

TENANT = 1
ACCOUNT = "acct_bench"
SECRET = "whsec_bench_0123456789abcdefghij"
A_TURN = 150
"""Notices, and then as many rows: both see the same machine."""
PADDING = "x" * 2500
"""An event of a Checkout Session is some three thousand bytes."""
NOTICE = """
INSERT INTO provider_notice (tenant_id, id, provider, ref, kind, about) VALUES ($1, $2, 'stripe', $3, 'session', $4)
"""
MESSAGE = """
INSERT INTO outbox (tenant_id, id, kind, body) VALUES ($1, $2, 'NoticeCame', jsonb_build_object('notice_id', $3::uuid))
"""


async def webhook_row(found: Measured, var_dir: Path, *, rounds: int) -> Row:
    """The half of all answers, against the raw insert of notice and message in a transaction of the program's role."""
    await _connect(found)
    told = {
        "LEDIG_STRIPE_KEY": KEY,
        "LEDIG_STRIPE_SECRETS": SECRET,
        "LEDIG_STRIPE_URL": "http://127.0.0.1:9",
    }
    ours: list[float] = []
    bare: list[float] = []
    raw = await connect(found.program_url)
    try:
        async with served(found.program_url, var_dir, told=told) as port:
            client = Client(port)
            await _heard(client)
            await _inserted(raw)
            for _ in range(2 * rounds):
                ours += await _heard(client)
                bare += await _inserted(raw)
            await client.close()
    finally:
        await raw.close()
        await _tidy(found)
    return at_most(
        "a notice of the payment provider over HTTP, p50", median(ours), "ms", factor=2, limit=median(bare)
    )


async def _heard(client: Client) -> list[float]:
    took: list[float] = []
    for request in [_request(client) for _ in range(A_TURN)]:
        began = time.perf_counter()
        status, body = await client.ask(request)
        took.append((time.perf_counter() - began) * 1000)
        assert status == 200, body
    return took


def _request(client: Client) -> bytes:
    session = {"id": f"cs_test_{new_id().hex}", "object": "checkout.session", "padding": PADDING}
    now = int(utc_now().timestamp())
    event: dict[str, Any] = {
        "id": f"evt_{new_id().hex}",
        "object": "event",
        "type": "checkout.session.completed",
        "created": now,
        "account": ACCOUNT,
        "data": {"object": session},
    }
    headers: Mapping[str, str] = signed(msgspec.json.encode(event), SECRET, now)
    plain = client.post("/webhooks/stripe", event)
    seal = f"\r\nStripe-Signature: {headers['Stripe-Signature']}".encode()
    head, _, body = plain.partition(b"\r\n\r\n")
    return head + seal + b"\r\n\r\n" + body


async def _inserted(connection: asyncpg.Connection) -> list[float]:
    took: list[float] = []
    here: UUID = tenant_id(TENANT)
    for _ in range(A_TURN):
        notice_id, ref = new_id(), f"evt_{new_id().hex}"
        began = time.perf_counter()
        async with connection.transaction():
            await connection.execute(f"SET LOCAL app.tenant_id = '{here}'")
            await connection.execute(NOTICE, here, notice_id, ref, f"cs_test_{new_id().hex}")
            await connection.execute(MESSAGE, here, new_id(), notice_id)
        took.append((time.perf_counter() - began) * 1000)
    return took


async def _connect(found: Measured) -> None:
    """The municipality has an account."""
    await _tidy(found)
    await _as_tenant(
        found,
        "INSERT INTO provider_account (tenant_id, id, provider, ref, state) VALUES ($1, $2, 'stripe', $3, 'active')",
        *(new_id(), ACCOUNT),
    )


async def _tidy(found: Measured) -> None:
    for table in ("provider_account", "provider_notice", "outbox WHERE kind = 'NoticeCame' AND"):
        where = "" if "WHERE" in table else " WHERE"
        await _as_tenant(found, f"DELETE FROM {table}{where} tenant_id = $1")


async def _as_tenant(found: Measured, statement: str, *values: object) -> None:
    connection = await as_owner(found)
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id(TENANT)}'")
            await connection.execute(statement, tenant_id(TENANT), *values)
    finally:
        await connection.close()
