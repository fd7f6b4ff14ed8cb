"""E-mail out: a letter is written with what it tells of, in one transaction, and sent afterwards."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from core.mail_models import Letter
from core.outbox import Message, publish
from core.vault import Unopenable, Vault

HIDDEN: Final = "••••••"
"""Stands in a letter for what its reader alone shall see, such as the code of a door."""


class LetterWritten(Message, frozen=True):
    """A letter waits to be sent."""

    letter_id: UUID


def write(
    db: AsyncSession,
    *,
    address: str,
    language: str,
    subject: str,
    text: str,
    person_id: UUID | None = None,
    html: str | None = None,
    calendar: str | None = None,
    unsubscribe_url: str | None = None,
    hidden: bytes | None = None,
) -> UUID:
    """A letter, sent once the caller's transaction has been committed; its id.

    `address`, `subject` and `unsubscribe_url` are one line each: whoever takes them from people has refused line
    ends. `html` says the same as `text`; `calendar` is one iCalendar object or several, one after the other. `hidden`:
    texts for each HIDDEN in `text` and `html`, by `sealed`; nobody but the reader sees them.
    """
    headers = address + subject + (unsubscribe_url or "")
    assert not any(mark in headers for mark in "\r\n\0"), "a header is one line"
    letter_id = new_id()
    db.add(
        Letter(
            id=letter_id,
            person_id=person_id,
            address=address,
            language=language,
            subject=subject,
            text=text,
            html=html,
            calendar=calendar,
            unsubscribe_url=unsubscribe_url,
            hidden=hidden,
        )
    )
    publish(db, LetterWritten(letter_id))
    return letter_id


def sealed(vault: Vault, texts: Sequence[str]) -> bytes:
    """What is `hidden` in a letter, in the order in which HIDDEN stands in it."""
    return vault.seal(msgspec.json.encode(texts).decode())


def revealed(text: str, vault: Vault, hidden: bytes) -> str:
    """The text as its reader gets it. What cannot be opened any more stays hidden."""
    try:
        texts = msgspec.json.decode(vault.opened(hidden), type=list[str])
    except Unopenable:
        return text
    for each in texts:
        text = text.replace(HIDDEN, each, 1)
    return text


async def latest(db: AsyncSession, *, limit: int) -> Sequence[Letter]:
    """The newest first."""
    return (
        await db.scalars(select(Letter).order_by(Letter.created_at.desc(), Letter.id.desc()).limit(limit))
    ).all()


async def letter(db: AsyncSession, letter_id: UUID) -> Letter | None:
    return await db.scalar(select(Letter).where(Letter.id == letter_id))
