"""Text messages reach a real gateway once, and wait as long as there is none that takes them."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from core import sms_tasks
from core.outbox_models import OutboxMessage
from core.settings import Settings
from core.sms import write_sms
from core.sms_models import TextMessage
from core.spans import utc_now
from tests.core.conftest import Workshop
from tests.core.test_mail import again, delivered, waiting

SECRET = "aB3" * 14
TEXT = f"Flyttet: Trening\nhttps://ledig.example/{SECRET}"
NUMBER = "+4791234567"


class Gateway:
    """What it got (headers, body); `says` is the status it answers, None: it hangs up, and `is_slow` it hangs."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], Any]] = []
        self.says: int | None = 200
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.begun = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }
        headers[""] = head[0]
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.begun.set()
        await self.may_answer.wait()
        if self.says is not None:
            if self.says == 200:
                self.got.append((headers, body))
            location = "Location: http://127.0.0.1:1/\r\n" if self.says == 302 else ""
            writer.write(f"HTTP/1.1 {self.says} X\r\n{location}Content-Length: 0\r\n\r\n".encode())
        writer.close()


@pytest.fixture
async def gateway() -> Gateway:
    return Gateway()


@asynccontextmanager
async def open_gateway(gateway: Gateway, secret: str = "") -> AsyncGenerator[Settings]:
    """On a port of its own."""
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield Settings(sms_url=f"http://{secret}127.0.0.1:{port}/send?from=Sandnes")
    finally:
        server.close()
        await server.wait_closed()


async def written(workshop: Workshop) -> tuple[UUID, UUID]:
    """A text message and what tells of it, as the relay would have sent it."""
    async with workshop.database.transaction(workshop.sandnes) as db:
        row_id = write_sms(db, number=NUMBER, text=TEXT)
        await db.flush()
        statement = (
            update(OutboxMessage)
            .where(OutboxMessage.body["text_message_id"].astext == str(row_id))
            .values(sent_at=utc_now(), due_at=utc_now() + timedelta(minutes=1))
            .returning(OutboxMessage.id)
        )
        return row_id, (await db.scalars(statement)).one()


async def row_of(workshop: Workshop, row_id: UUID) -> TextMessage:
    async with workshop.database.transaction(workshop.sandnes) as db:
        return (await db.scalars(select(TextMessage).where(TextMessage.id == row_id))).one()


async def test_it_arrives_whole_and_once_and_what_is_kept_opens_nothing(
    workshop: Workshop, gateway: Gateway
) -> None:
    row_id, message_id = await written(workshop)
    async with open_gateway(gateway) as settings:
        await asyncio.gather(*(delivered(workshop, message_id, settings) for _ in range(3)))
        await delivered(workshop, message_id, settings)
    [(headers, body)] = gateway.got
    assert headers[""] == "POST /send?from=Sandnes HTTP/1.1"
    assert body == {"to": NUMBER, "text": TEXT, "reference": str(row_id)}
    assert headers["idempotency-key"] == str(row_id)
    assert "authorization" not in headers
    kept = await row_of(workshop, row_id)
    assert kept.sent_at is not None
    assert kept.text == TEXT.replace(SECRET, "***")
    assert await waiting(workshop, message_id) is None


@pytest.mark.parametrize(
    ("secret", "header"),
    [("t0k%2Fen@", "Bearer t0k/en"), ("ledig:p%40ss@", "Basic bGVkaWc6cEBzcw==")],
)
async def test_the_secret_in_the_address_goes_into_a_header_and_nowhere_else(
    workshop: Workshop,
    gateway: Gateway,
    caplog: pytest.LogCaptureFixture,
    secret: str,
    header: str,
) -> None:
    caplog.set_level("DEBUG")
    _, message_id = await written(workshop)
    async with open_gateway(gateway, secret) as settings:
        gateway.says = 500
        await delivered(workshop, message_id, settings)
        kept = await waiting(workshop, message_id)
        assert kept is not None
        told = (kept.last_error or "") + "".join(
            record.getMessage() for record in caplog.records if record.name.startswith(("ledig", "httpx"))
        )
        assert (
            kept.last_error == f"{sms_tasks.__name__}.send_text_message: NotTaken: the gateway answered 500"
        )
        for part in (secret.rstrip("@"), secret.rstrip("@").rpartition(":")[2], NUMBER):
            assert part not in told
        gateway.says = 200
        await again(workshop, message_id)
        await delivered(workshop, message_id, settings)
    [(headers, _)] = gateway.got
    assert headers["authorization"] == header


@pytest.mark.parametrize("says", [302, 400, 401, 429, 500, 503, None])
async def test_what_it_does_not_take_is_tried_again_and_sent_once(
    workshop: Workshop, gateway: Gateway, says: int | None
) -> None:
    row_id, message_id = await written(workshop)
    async with open_gateway(gateway) as settings:
        gateway.says = says
        await delivered(workshop, message_id, settings)
        assert await waiting(workshop, message_id) is not None
        assert (await row_of(workshop, row_id)).sent_at is None
        gateway.says = 200
        await again(workshop, message_id)
        await delivered(workshop, message_id, settings)
    assert len(gateway.got) == 1


async def test_a_gateway_that_is_down_for_hours_loses_nothing(workshop: Workshop, gateway: Gateway) -> None:
    row_id, message_id = await written(workshop)
    async with open_gateway(gateway) as settings:
        pass  # nobody listens there
    for attempt in range(14):
        if attempt:
            await again(workshop, message_id)
        await delivered(workshop, message_id, settings, attempts=15)
    async with open_gateway(gateway) as settings:
        await again(workshop, message_id)
        await delivered(workshop, message_id, settings, attempts=15)
    [(_, body)] = gateway.got
    assert body["reference"] == str(row_id)


async def test_one_that_hangs_is_left_and_holds_no_transaction(workshop: Workshop, gateway: Gateway) -> None:
    _, message_id = await written(workshop)
    gateway.may_answer.clear()
    async with open_gateway(gateway) as settings:
        sending = asyncio.create_task(
            delivered(workshop, message_id, settings, call_limit=timedelta(seconds=1))
        )
        await asyncio.wait_for(gateway.begun.wait(), 10)
        async with workshop.database.shared() as db:
            open_ones = await db.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
                )
            )
        await sending
        gateway.may_answer.set()
    assert open_ones == 0
    failed = await waiting(workshop, message_id)
    assert failed is not None
    assert failed.last_error == f"{sms_tasks.__name__}.send_text_message: TimeoutError"


async def test_without_a_gateway_it_is_kept(workshop: Workshop) -> None:
    row_id, message_id = await written(workshop)
    await delivered(workshop, message_id, Settings())
    assert await waiting(workshop, message_id) is None
    kept = await row_of(workshop, row_id)
    assert (kept.sent_at, kept.text) == (None, TEXT)


@pytest.mark.parametrize(
    ("number", "said"), [("91234567", "x"), ("+47 91", "x"), (NUMBER, ""), (NUMBER, "x" * 481)]
)
async def test_what_is_no_text_message_is_not_written(workshop: Workshop, number: str, said: str) -> None:
    async with workshop.database.transaction(workshop.sandnes) as db:
        with pytest.raises(AssertionError):
            write_sms(db, number=number, text=said)
