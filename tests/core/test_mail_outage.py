"""A mail server that is down for an hour, and one that dies in the middle: nothing is lost, nothing is sent twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from core.mail import write
from core.mail_models import Letter
from core.outbox import dead_letters, resend
from core.outbox_models import OutboxMessage
from core.settings import Settings
from core.spans import utc_now
from tests.core.conftest import Workshop
from tests.core.test_mail import LETTER, PostOffice, again, delivered, is_sent, open_office, waiting, written

CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:{}\r\nEND:VCALENDAR\r\n"
AN_HOUR = 14
"""Attempts that the usual pauses spread over four hours and more; here there is none between them."""


@asynccontextmanager
async def closing_line(
    *, after: bytes, reply: bytes | None = None
) -> AsyncGenerator[tuple[Settings, list[bytes]]]:
    """A server that hears everything, and hangs up when it has heard `after`; with `reply`, when it has said that."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 post.test\r\n")
        in_data, lines = False, list[bytes]()
        while line := await reader.readline():
            lines.append(line)
            if line.startswith(after):
                heard.append(b"".join(lines))
                if reply is not None:
                    writer.write(reply)
                break
            if in_data:
                continue
            in_data = line.startswith(b"DATA")
            writer.write(b"354 go on\r\n" if in_data else b"250 OK\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield Settings(mail_url=f"smtp://127.0.0.1:{port}", mail_from="ledig@sandnes.example"), heard
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def office() -> PostOffice:
    return PostOffice()


async def test_the_server_is_down_for_hours_and_every_letter_arrives_once(
    workshop: Workshop, office: PostOffice
) -> None:
    letters = [await written(workshop) for _ in range(5)]
    async with open_office(office) as settings:
        pass  # nobody listens there
    for attempt in range(AN_HOUR):
        for _, message_id in letters:
            if attempt:
                await again(workshop, message_id)
            await delivered(workshop, message_id, settings, attempts=15)
    for letter_id, message_id in letters:
        kept = await waiting(workshop, message_id)
        assert kept is not None
        assert (kept.attempts, kept.dead_at) == (AN_HOUR, None)
        assert not await is_sent(workshop, letter_id)

    async with open_office(office) as settings:
        for _, message_id in letters:
            await again(workshop, message_id)
            await asyncio.gather(*(delivered(workshop, message_id, settings, attempts=15) for _ in range(3)))
    arrived = Counter(mail["Message-ID"] for mail in office.letters)
    assert set(arrived.values()) == {1}
    assert len(arrived) == 5
    assert all([await is_sent(workshop, letter_id) for letter_id, _ in letters])


async def test_what_is_given_up_is_kept_and_arrives_when_it_is_sent_again(
    workshop: Workshop, office: PostOffice
) -> None:
    letter_id, message_id = await written(workshop)
    async with open_office(office) as settings:
        office.says = "550 no such box"
        for attempt in range(6):
            if attempt:
                await again(workshop, message_id)
            await delivered(workshop, message_id, settings)
        async with workshop.database.transaction(workshop.sandnes) as db:
            assert [each.id for each in await dead_letters(db)] == [message_id]
            assert await resend(db, message_id) == 1
        office.says = "250 OK"
        await again(workshop, message_id)
        await delivered(workshop, message_id, settings)
    assert len(office.letters) == 1
    assert await is_sent(workshop, letter_id)


@pytest.mark.parametrize("after", [b"EHLO", b"MAIL", b"RCPT", b"DATA", b"Subject"])
async def test_a_server_that_dies_before_its_yes_gets_the_same_letter_again(
    workshop: Workshop, office: PostOffice, after: bytes
) -> None:
    letter_id, message_id = await written(workshop)
    async with closing_line(after=after) as (settings, heard):
        await delivered(workshop, message_id, settings)
    assert heard
    assert not await is_sent(workshop, letter_id)
    kept = await waiting(workshop, message_id)
    assert kept is not None
    assert kept.last_error is not None
    assert LETTER["address"] not in kept.last_error
    await again(workshop, message_id)
    async with open_office(office) as settings:
        await delivered(workshop, message_id, settings)
    assert len(office.letters) == 1


async def test_the_one_case_of_two_copies_is_known_by_its_message_id(
    workshop: Workshop, office: PostOffice
) -> None:
    """A server that took the letter and died before it said so: nobody can know, so that it gets it again. Both copies
    have one Message-ID, by which mail servers and readers know the second for the first (RFC 5322 §3.6.4).
    """
    letter_id, message_id = await written(workshop)
    async with closing_line(after=b".\r\n") as (settings, heard):
        await delivered(workshop, message_id, settings)
    assert f"Message-ID: <letter-{letter_id}@".encode() in heard[0]
    await again(workshop, message_id)
    async with open_office(office) as settings:
        await delivered(workshop, message_id, settings)
    [mail] = office.letters
    assert mail["Message-ID"] == f"<letter-{letter_id}@sandnes.example>"


async def test_a_yes_before_the_line_breaks_is_a_yes(workshop: Workshop, office: PostOffice) -> None:
    letter_id, message_id = await written(workshop)
    async with closing_line(after=b".\r\n", reply=b"250 OK\r\n") as (settings, _):
        await delivered(workshop, message_id, settings)
    assert await is_sent(workshop, letter_id)
    async with open_office(office) as settings:
        await delivered(workshop, message_id, settings)
    assert office.letters == []


async def whole(workshop: Workshop, **more: Any) -> tuple[UUID, UUID]:
    """A letter with all that one can have."""
    async with workshop.database.transaction(workshop.sandnes) as db:
        letter_id = write(db, **{**LETTER, **more})
        await db.flush()
        statement = (
            update(OutboxMessage)
            .where(OutboxMessage.body["letter_id"].astext == str(letter_id))
            .values(sent_at=utc_now(), due_at=utc_now() + timedelta(minutes=1))
            .returning(OutboxMessage.id)
        )
        return letter_id, (await db.scalars(statement)).one()


async def test_a_letter_has_text_html_an_invitation_and_an_end(
    workshop: Workshop, office: PostOffice
) -> None:
    url = "https://ledig.example/sandnes/unsubscribe/" + "aB3" * 14
    letter_id, message_id = await whole(
        workshop,
        html=f"<p>Hei <a href='{url}'>her</a></p>",
        calendar=CALENDAR.format("REQUEST"),
        unsubscribe_url=url,
    )
    async with open_office(office) as settings:
        await delivered(workshop, message_id, settings)

    [mail] = office.letters
    assert mail.get_content_type() == "multipart/mixed"
    alternatives, attached = mail.iter_parts()
    assert [part.get_content_type() for part in alternatives.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    invited = list(alternatives.iter_parts())[2]
    assert invited["Content-Type"].params["method"] == "REQUEST"
    assert invited["Content-Type"].params["charset"] == "utf-8"
    assert invited.get_content().replace("\r\n", "\n") == CALENDAR.format("REQUEST").replace("\r\n", "\n")
    assert (attached.get_content_type(), attached.get_filename()) == ("application/ics", "booking.ics")
    assert attached.get_content() == CALENDAR.format("REQUEST").encode()
    assert mail["List-Unsubscribe"] == f"<{url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Content-Language"] == "nn"
    async with workshop.database.transaction(workshop.sandnes) as db:
        kept = (await db.scalars(select(Letter).where(Letter.id == letter_id))).one()
    assert kept.unsubscribe_url is None
    assert "aB3aB3" not in (kept.html or "")


async def test_several_invitations_are_a_part_each_with_its_own_method(
    workshop: Workshop, office: PostOffice
) -> None:
    _, message_id = await whole(workshop, calendar=CALENDAR.format("REQUEST") + CALENDAR.format("CANCEL"))
    async with open_office(office) as settings:
        await delivered(workshop, message_id, settings)
    [mail] = office.letters
    _, *files = mail.iter_parts()
    assert [part["Content-Type"].params["method"] for part in files] == ["REQUEST", "CANCEL"]
    assert [part.get_filename() for part in files] == ["booking-1.ics", "booking-2.ics"]
