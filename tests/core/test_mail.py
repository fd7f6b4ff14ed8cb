"""Letters reach a real mail server once, and wait as long as there is none that takes them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import UUID

import msgspec
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select, text, update

from core import mail_tasks
from core.delivery import deliver
from core.mail import write
from core.mail_models import Letter
from core.outbox_models import OutboxMessage
from core.settings import Settings
from core.spans import utc_now
from tests.core.conftest import Workshop
from tests.core.painters import HURRY

SECRET = "aB3" * 14
LETTER: dict[str, Any] = {
    "address": "kari@example.org",
    "language": "nn",
    "subject": "Øvingstida på tysdag",
    "text": f"Hei Kari!\n\nDu er invitert: https://ledig.example/æøå/{SECRET}\n" + "lang " * 60,
}


class PostOffice:
    """What aiosmtpd hands on; `says` is what it answers to each letter."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.says = "250 OK"
        self.is_slow = asyncio.Event()
        self.is_slow.set()
        self.begun = asyncio.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802  # its name
        self.begun.set()
        await self.is_slow.wait()
        if self.says.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.letters.append(message_from_bytes(envelope.content, policy=default))
        return self.says


@asynccontextmanager
async def open_office(office: PostOffice) -> AsyncGenerator[Settings]:
    """On a port of its own."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(office, hostname="post.test", loop=loop, enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    try:
        yield Settings(mail_url=f"smtp://127.0.0.1:{port}", mail_from="Sandnes <ledig@sandnes.example>")
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def office() -> PostOffice:
    return PostOffice()


async def written(workshop: Workshop) -> tuple[UUID, UUID]:
    """A letter and the message that tells of it, as the relay would have sent it."""
    async with workshop.database.transaction(workshop.sandnes) as db:
        letter_id = write(db, **LETTER)
        await db.flush()
        message = (
            await db.scalars(
                update(OutboxMessage)
                .where(OutboxMessage.body["letter_id"].astext == str(letter_id))
                .values(sent_at=utc_now())
                .returning(OutboxMessage.id)
            )
        ).one()
    return letter_id, message


async def delivered(workshop: Workshop, message_id: UUID, settings: Settings, **pace: Any) -> None:
    await deliver(
        workshop.database,
        workshop.sandnes,
        message_id,
        now=utc_now(),
        pace=msgspec.structs.replace(HURRY, **pace),
        settings=settings,
    )


async def is_sent(workshop: Workshop, letter_id: UUID) -> bool:
    async with workshop.database.transaction(workshop.sandnes) as db:
        return await db.scalar(select(Letter.sent_at).where(Letter.id == letter_id)) is not None


async def waiting(workshop: Workshop, message_id: UUID) -> OutboxMessage | None:
    async with workshop.database.transaction(workshop.sandnes) as db:
        return await db.scalar(select(OutboxMessage).where(OutboxMessage.id == message_id))


async def again(workshop: Workshop, message_id: UUID) -> None:
    async with workshop.database.transaction(workshop.sandnes) as db:
        await db.execute(
            update(OutboxMessage).where(OutboxMessage.id == message_id).values(sent_at=utc_now())
        )


async def test_a_letter_arrives_whole_and_once(workshop: Workshop, office: PostOffice) -> None:
    letter_id, message_id = await written(workshop)
    async with open_office(office) as settings:
        await delivered(workshop, message_id, settings)
        await delivered(workshop, message_id, settings)

    [mail] = office.letters
    assert (mail["To"], mail["Subject"]) == (LETTER["address"], LETTER["subject"])
    assert mail["From"].addresses[0].addr_spec == "ledig@sandnes.example"
    assert mail["Message-ID"] == f"<letter-{letter_id}@sandnes.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().split() == LETTER["text"].split()
    assert await is_sent(workshop, letter_id)
    assert await waiting(workshop, message_id) is None
    async with workshop.database.transaction(workshop.sandnes) as db:
        kept = await db.scalar(select(Letter.text).where(Letter.id == letter_id))
    assert kept == LETTER["text"].replace(SECRET, "***"), "what is kept of a letter opens nothing"


@pytest.mark.parametrize("answer", ["451 try later", "550 no such box"])
async def test_what_the_server_does_not_take_waits_and_is_tried_again(
    workshop: Workshop, office: PostOffice, answer: str
) -> None:
    letter_id, message_id = await written(workshop)
    async with open_office(office) as settings:
        office.says = answer
        await delivered(workshop, message_id, settings)
        kept = await waiting(workshop, message_id)
        assert kept is not None
        assert kept.last_error is not None
        assert kept.last_error.startswith(f"{mail_tasks.__name__}.send_letter: ")
        assert not await is_sent(workshop, letter_id)
        office.says = "250 OK"
        await again(workshop, message_id)
        await delivered(workshop, message_id, settings)
    assert len(office.letters) == 1
    assert await waiting(workshop, message_id) is None


async def test_a_server_that_is_not_there_loses_nothing(workshop: Workshop, office: PostOffice) -> None:
    letter_id, message_id = await written(workshop)
    async with open_office(office) as settings:
        pass  # closed again: nobody listens there
    await delivered(workshop, message_id, settings)
    assert await waiting(workshop, message_id) is not None
    assert not await is_sent(workshop, letter_id)


async def test_a_server_that_hangs_is_left_and_holds_no_transaction_meanwhile(
    workshop: Workshop, office: PostOffice
) -> None:
    _, message_id = await written(workshop)
    office.is_slow.clear()
    async with open_office(office) as settings:
        sending = asyncio.create_task(
            delivered(workshop, message_id, settings, call_limit=timedelta(seconds=1))
        )
        await asyncio.wait_for(office.begun.wait(), 10)
        async with workshop.database.shared() as db:
            open_ones = await db.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
                )
            )
        kept = await waiting(workshop, message_id)
        await sending
        office.is_slow.set()
    assert open_ones == 0
    assert kept is not None
    assert kept.sent_at is None
    assert kept.due_at > utc_now(), "no relay sends it again meanwhile"
    failed = await waiting(workshop, message_id)
    assert failed is not None
    assert failed.last_error == f"{mail_tasks.__name__}.send_letter: TimeoutError"


async def test_a_second_delivery_meanwhile_sends_no_second_letter(
    workshop: Workshop, office: PostOffice
) -> None:
    _, message_id = await written(workshop)
    office.is_slow.clear()
    async with open_office(office) as settings:
        first = asyncio.create_task(delivered(workshop, message_id, settings))
        await asyncio.wait_for(office.begun.wait(), 10)
        await delivered(workshop, message_id, settings)
        office.is_slow.set()
        await first
    assert len(office.letters) == 1


async def test_without_a_mail_server_letters_are_kept(workshop: Workshop) -> None:
    letter_id, message_id = await written(workshop)
    await delivered(workshop, message_id, Settings())
    assert await waiting(workshop, message_id) is None
    assert not await is_sent(workshop, letter_id)


@pytest.mark.parametrize("field", ["address", "subject"])
async def test_no_text_adds_a_header(workshop: Workshop, field: str) -> None:
    bad: dict[str, Any] = {**LETTER, field: "a@b.no\r\nBcc: x@y.no"}
    async with workshop.database.transaction(workshop.sandnes) as db:
        with pytest.raises(AssertionError, match="one line"):
            write(db, **bad)
