"""All SQL on the outbox: what is due, who has it, what is done, what has failed. PostgreSQL's clock decides."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import CursorResult, Executable, Select, and_, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import sqlstate
from core.outbox_models import OutboxDone, OutboxMessage

ATTEMPTS_COUNTED = 1000
"""A recurring task may fail for ever; its count may not."""
LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's word (errcodes) for a lock that was waited for too long."""
UNSYNCHRONIZED = {"synchronize_session": False}
"""No outbox row is ever looked at as an object."""


class InOtherHands(Exception):
    """A worker has had a message locked for longer than one waits for a lock: it is that one's."""


class Due(NamedTuple):
    """A message the broker is to have, and when it was due."""

    tenant_id: UUID
    id: UUID
    kind: str
    due_at: datetime


class Begun(NamedTuple):
    """A message in a worker's hands; `attempts` counts this one."""

    kind: str
    body: Any
    attempts: int


class DeadLetter(msgspec.Struct, frozen=True):
    """A message that was given up after its last attempt, and why."""

    tenant_id: UUID
    id: UUID
    kind: str
    body: Any
    created_at: datetime
    attempts: int
    last_error: str | None
    dead_at: datetime


class Standing(msgspec.Struct, frozen=True):
    """Counts of messages, and the age of the oldest that should have been sent by now."""

    waiting: int
    """Not finished and not dead, those of the future included."""
    failing: int
    """Waiting for another attempt after an error."""
    dead: int
    overdue_seconds: float


# The relay's, over all municipalities.


async def take_due(db: AsyncSession, *, limit: int, resend_after: timedelta) -> Sequence[Due]:
    """Due messages, the oldest first, now marked as sent; if nothing comes of it they are due again later.

    Rows that another relay or a worker has locked are passed over.
    """
    due = (
        select(OutboxMessage.tenant_id, OutboxMessage.id, OutboxMessage.kind, OutboxMessage.due_at)
        .where(OutboxMessage.dead_at.is_(None), OutboxMessage.due_at <= func.now())
        .order_by(OutboxMessage.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = await db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.tenant_id == due.c.tenant_id, OutboxMessage.id == due.c.id)
        .values(sent_at=func.now(), due_at=func.now() + resend_after)
        .returning(due.c.tenant_id, due.c.id, due.c.kind, due.c.due_at),
        execution_options=UNSYNCHRONIZED,
    )
    return sorted((Due(*row) for row in taken), key=lambda message: message.due_at)


async def drop(db: AsyncSession, messages: Collection[Due]) -> None:
    """Nobody wants to hear them."""
    ids = [(message.tenant_id, message.id) for message in messages]
    await _execute(
        db, delete(OutboxMessage).where(tuple_(OutboxMessage.tenant_id, OutboxMessage.id).in_(ids))
    )


async def take_back(db: AsyncSession, messages: Collection[Due], *, again_in: timedelta) -> None:
    """The broker did not want them."""
    ids = [(message.tenant_id, message.id) for message in messages]
    await _execute(
        db,
        update(OutboxMessage)
        .where(tuple_(OutboxMessage.tenant_id, OutboxMessage.id).in_(ids))
        .values(sent_at=None, due_at=func.now() + again_in),
    )


async def forget_sent(db: AsyncSession) -> None:
    """Everything that was sent and is not in a worker's hands is due at once: the broker it went to is no more."""
    lost = (
        select(OutboxMessage.tenant_id, OutboxMessage.id)
        .where(OutboxMessage.sent_at.is_not(None), OutboxMessage.dead_at.is_(None))
        .with_for_update(skip_locked=True)
        .cte("lost")
    )
    await _execute(
        db,
        update(OutboxMessage)
        .where(OutboxMessage.tenant_id == lost.c.tenant_id, OutboxMessage.id == lost.c.id)
        .values(due_at=func.now()),
    )


async def recurring(db: AsyncSession, prefix: str) -> dict[tuple[UUID, str], datetime | None]:
    """When each municipality's recurring tasks are due next, by municipality and kind; None: under way."""
    rows = await db.execute(
        select(
            OutboxMessage.tenant_id, OutboxMessage.kind, OutboxMessage.due_at, OutboxMessage.sent_at
        ).where(OutboxMessage.kind.startswith(prefix, autoescape=True))
    )
    return {(tenant_id, kind): None if sent_at else due_at for tenant_id, kind, due_at, sent_at in rows}


async def drop_recurring(db: AsyncSession, tenant_id: UUID, kind: str) -> None:
    """A recurring task that the program no longer has."""
    await _execute(
        db, delete(OutboxMessage).where(OutboxMessage.tenant_id == tenant_id, OutboxMessage.kind == kind)
    )


# In a municipality's own transaction.


async def put_recurring(db: AsyncSession, message_id: UUID, kind: str, due_at: datetime) -> None:
    """A recurring task's one row; if it is there and waits for a later time, it is due earlier."""
    row = insert(OutboxMessage).values(
        tenant_id=db.info["tenant_id"], id=message_id, kind=kind, body={}, due_at=due_at
    )
    earlier = row.on_conflict_do_update(
        index_elements=[OutboxMessage.tenant_id, OutboxMessage.id],
        set_={"due_at": row.excluded.due_at},
        where=and_(OutboxMessage.sent_at.is_(None), OutboxMessage.due_at > row.excluded.due_at),
    )
    await _execute(db, earlier)


async def begin(db: AsyncSession, message_id: UUID, *, resend_after: timedelta) -> Begun | None:
    """Take up a message that was sent, which counts as an attempt; if nothing comes of it, it is sent again later.

    None when another delivery has been taken up already, or the message is finished.
    """
    sent = _locked(message_id).where(OutboxMessage.sent_at.is_not(None)).scalar_subquery()
    row = await db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == sent)
        .values(
            sent_at=None,
            due_at=func.now() + resend_after,
            attempts=func.least(OutboxMessage.attempts + 1, ATTEMPTS_COUNTED),
        )
        .returning(OutboxMessage.kind, OutboxMessage.body, OutboxMessage.attempts),
        execution_options=UNSYNCHRONIZED,
    )
    begun = row.one_or_none()
    return Begun(*begun) if begun else None


async def hold(db: AsyncSession, message_id: UUID) -> bool:
    """Keep relays and other workers from the message until this transaction ends. False when it is finished or dead.

    Raises InOtherHands when another worker is long at it.
    """
    try:
        return await db.scalar(_locked(message_id)) is not None
    except DBAPIError as error:
        if sqlstate(error) != LOCK_NOT_AVAILABLE:
            raise
        raise InOtherHands from error


async def keep_back(db: AsyncSession, message_id: UUID, *, until_after: timedelta) -> None:
    """A message that is held is not sent again before so long after now."""
    await _execute(
        db,
        update(OutboxMessage).where(OutboxMessage.id == message_id).values(due_at=func.now() + until_after),
    )


async def finished_by(db: AsyncSession, message_id: UUID) -> set[str]:
    """Names of the subscribers that have finished with a message that is held."""
    return set(await db.scalars(select(OutboxDone.subscriber).where(OutboxDone.message_id == message_id)))


def finish_one(db: AsyncSession, message_id: UUID, subscriber: str) -> None:
    """One subscriber of several is done."""
    db.add(OutboxDone(message_id=message_id, subscriber=subscriber))


async def finish(db: AsyncSession, message_id: UUID) -> None:
    """All subscribers are done: nothing of the message is left."""
    await _execute(db, delete(OutboxDone).where(OutboxDone.message_id == message_id))
    await _execute(db, delete(OutboxMessage).where(OutboxMessage.id == message_id))


async def put_off(db: AsyncSession, message_id: UUID, until: datetime) -> None:
    """A recurring task is done for this time."""
    await _execute(
        db,
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(due_at=until, sent_at=None, attempts=0, last_error=None),
    )


async def fail(
    db: AsyncSession, message_id: UUID, error: str, *, again_at: datetime | None, attempts: int
) -> None:
    """To be tried again then, or (None) dead."""
    when = {"dead_at": func.now()} if again_at is None else {"due_at": again_at}
    await _execute(
        db,
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(sent_at=None, last_error=error, attempts=attempts, **when),
    )


# For people.


async def dead_letters(db: AsyncSession, *, limit: int) -> Sequence[DeadLetter]:
    """Messages that were given up, the latest first."""
    columns = [getattr(OutboxMessage, name) for name in DeadLetter.__struct_fields__]
    rows = await db.execute(
        select(*columns)
        .where(OutboxMessage.dead_at.is_not(None))
        .order_by(OutboxMessage.dead_at.desc(), OutboxMessage.id)
        .limit(limit)
    )
    return [DeadLetter(*row) for row in rows]


async def revive(db: AsyncSession, message_id: UUID | None) -> int:
    """One dead letter, or (None) all, as if never tried; how many there were."""
    dead = update(OutboxMessage).where(OutboxMessage.dead_at.is_not(None))
    if message_id is not None:
        dead = dead.where(OutboxMessage.id == message_id)
    return await _execute(db, dead.values(dead_at=None, attempts=0, due_at=func.now()))


async def standing(db: AsyncSession) -> Standing:
    """Counts by what each row says of itself."""
    alive = OutboxMessage.dead_at.is_(None)
    overdue_since = func.min(OutboxMessage.due_at).filter(alive)
    row = (
        await db.execute(
            select(
                func.count().filter(alive),
                func.count().filter(alive, OutboxMessage.last_error.is_not(None)),
                func.count().filter(OutboxMessage.dead_at.is_not(None)),
                func.greatest(func.coalesce(func.extract("epoch", func.now() - overdue_since), 0), 0),
            ).select_from(OutboxMessage)
        )
    ).one()
    return Standing(row[0], row[1], row[2], float(row[3]))


def _locked(message_id: UUID) -> Select[UUID]:
    """The message, locked, when those have let go of it who looked whether they might have it.

    A delivery that came too late, or a relay that read before another sent, has it locked for a moment. Who passed it
    by for that would leave it to somebody who leaves it too, until it is sent again.
    """
    return (
        select(OutboxMessage.id)
        .where(OutboxMessage.id == message_id, OutboxMessage.dead_at.is_(None))
        .with_for_update()
    )


async def _execute(db: AsyncSession, statement: Executable) -> int:
    result = await db.execute(statement, execution_options=UNSYNCHRONIZED)
    assert isinstance(result, CursorResult), "a statement that writes"
    return result.rowcount
