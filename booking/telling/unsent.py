"""What was to be told and is not yet: what fails, what was given up, what was never sent; and sending it again.

Whoever looks after it sees kinds, times and errors; what the messages say, and to whom, is not hers to read.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling import unsent_queries as queries
from core.audit import note
from core.db import AnyRow
from core.errors import NotFound
from core.mail import LetterWritten
from core.outbox import DeadLetter, Standing, dead_letters, publish, resend, standing
from core.sms import TextMessageWritten
from people.actors import Actor
from people.rules import demand

MOST: Final = 100
STILL_NEWS: Final = timedelta(days=7)
"""What was never sent for so long is sent no more: a reminder of last month helps nobody."""
TELLING: Final = re.compile(r"\S+@\S+|\+?[0-9][0-9 ]{6,}[0-9]")
"""Addresses and numbers, as servers like to repeat them."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A message that has failed. `id` of one that was given up."""

    id: UUID | None
    kind: str
    attempts: int
    error: str
    created_at: datetime
    at: datetime
    """When it is tried again, or was given up."""


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """How telling stands in the municipality."""

    standing: Standing
    failing: Sequence[Failure]
    dead: Sequence[Failure]
    letters: int
    """Not sent, for whatever reason."""
    text_messages: int
    left: int
    """Of those, the ones that nothing waits to send, and that are still news; at most MOST of each sort."""


async def outgoing(db: AsyncSession, actor: Actor, now: datetime) -> Outgoing:
    """Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand(actor, "tenant.manage")
    failing = await queries.failing(db, limit=MOST)
    dead = await dead_letters(db, limit=MOST)
    letters, text_messages = [await queries.unsent(db, model) for model, _, _ in queries.OUT]
    return Outgoing(
        standing=await standing(db),
        failing=[_failure(row, None, row.due_at) for row in failing],
        dead=[_failure(row, row.id, row.dead_at) for row in dead],
        letters=letters,
        text_messages=text_messages,
        left=sum([len(ids) for ids in await _left(db, now)]),
    )


def _failure(row: AnyRow | DeadLetter, row_id: UUID | None, at: datetime) -> Failure:
    return Failure(
        id=row_id,
        kind=row.kind,
        attempts=row.attempts,
        error=TELLING.sub("***", row.last_error or ""),
        created_at=row.created_at,
        at=at,
    )


async def _left(db: AsyncSession, now: datetime) -> list[Sequence[UUID]]:
    return [
        await queries.left(db, model, kind, field, since=now - STILL_NEWS, limit=MOST)
        for model, kind, field in queries.OUT
    ]


async def send_again(db: AsyncSession, actor: Actor, message_id: UUID | None, now: datetime) -> int:
    """One that was given up, or (None) all; how many. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand(actor, "tenant.manage")
    count = await resend(db, message_id)
    if message_id is not None and not count:
        raise NotFound(what="message")
    if count:
        _note(db, actor, message_id, count, now)
    return count


async def send_left(db: AsyncSession, actor: Actor, now: datetime) -> int:
    """Letters and text messages that nothing waits to send; how many. Raises SignInNeeded, StepUpNeeded, Forbidden."""
    demand(actor, "tenant.manage")
    letters, text_messages = await _left(db, now)
    for letter_id in letters:
        publish(db, LetterWritten(letter_id))
    for text_message_id in text_messages:
        publish(db, TextMessageWritten(text_message_id))
    count = len(letters) + len(text_messages)
    if count:
        _note(db, actor, None, count, now)
    return count


def _note(db: AsyncSession, actor: Actor, message_id: UUID | None, count: int, now: datetime) -> None:
    tenant_id: UUID = db.info["tenant_id"]
    note(
        db,
        actor.person_id,
        "outbox.resent",
        table="outbox",
        row_id=message_id or tenant_id,
        now=now,
        change={"count": (None, count)},
    )
