"""What is to happen after this transaction: written with it, lost with it, and delivered until somebody has done it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core import outbox_queries as queries
from core.outbox_models import OutboxMessage
from core.outbox_queries import DeadLetter, Standing

__all__ = [
    "DeadLetter",
    "Message",
    "Standing",
    "dead_letters",
    "kind_of",
    "later",
    "message_types",
    "publish",
    "resend",
    "standing",
]


class Message(msgspec.Struct, frozen=True):
    """News for other rooms, or a reminder to one's own. Subclasses live in a room's `messages.py`.

    The outbox stores it under its class name: rename the class, or add a field without a default, only when no
    message of the old form can be waiting.
    """


def publish(db: AsyncSession, message: Message) -> None:
    """Tell all subscribers as soon as the caller's transaction has been committed."""
    db.add(OutboxMessage(kind=kind_of(type(message)), body=msgspec.to_builtins(message)))


def later(db: AsyncSession, message: Message, at: datetime) -> None:
    """Tell all subscribers at `at` or shortly after, never before."""
    assert at.tzinfo is not None, "an instant knows its offset"
    db.add(OutboxMessage(kind=kind_of(type(message)), body=msgspec.to_builtins(message), due_at=at))


def kind_of(message_type: type[Message]) -> str:
    """What the outbox calls messages of this class."""
    return message_type.__name__


def message_types() -> Mapping[str, type[Message]]:
    """Every kind of message that the loaded rooms know of. No two may share a name."""
    types: dict[str, type[Message]] = {}
    unseen = Message.__subclasses__()
    while unseen:
        message_type = unseen.pop()
        other = types.setdefault(kind_of(message_type), message_type)
        assert other is message_type, (
            f"two messages are called {kind_of(message_type)}: {other}, {message_type}"
        )
        unseen += message_type.__subclasses__()
    return types


async def dead_letters(db: AsyncSession, *, limit: int = 100) -> Sequence[DeadLetter]:
    """Messages that were given up, the latest first: of one municipality in its transaction, of all in the relay's."""
    return await queries.dead_letters(db, limit=limit)


async def resend(db: AsyncSession, message_id: UUID | None = None) -> int:
    """Give one dead letter (None: every one the transaction may see) a new row of attempts; how many there were."""
    return await queries.revive(db, message_id)


async def standing(db: AsyncSession) -> Standing:
    """How the outbox is doing: what is overdue, what failed, what is dead. For the health page and for alarms."""
    return await queries.standing(db)
