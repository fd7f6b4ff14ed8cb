"""SQL of what was to go out and has not: counts and rows without a word of what they say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from core.mail import LetterWritten
from core.mail_models import Letter
from core.outbox import kind_of
from core.outbox_models import OutboxMessage
from core.sms import TextMessageWritten
from core.sms_models import TextMessage

OUT = (
    (Letter, kind_of(LetterWritten), "letter_id"),
    (TextMessage, kind_of(TextMessageWritten), "text_message_id"),
)


async def failing(db: AsyncSession, *, limit: int) -> Sequence[AnyRow]:
    """Messages that have failed and will be tried again, the next first: kind, attempts, due_at, last_error."""
    statement = (
        select(
            OutboxMessage.kind,
            OutboxMessage.attempts,
            OutboxMessage.created_at,
            OutboxMessage.due_at,
            OutboxMessage.last_error,
        )
        .where(OutboxMessage.dead_at.is_(None), OutboxMessage.last_error.is_not(None))
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
    )
    return (await db.execute(statement.limit(limit))).all()


async def unsent(db: AsyncSession, model: Any) -> int:
    """Letters or text messages that have not been sent, for whatever reason."""
    return await db.scalar(select(func.count()).select_from(model).where(model.sent_at.is_(None))) or 0


async def left(
    db: AsyncSession, model: Any, kind: str, field: str, *, since: datetime, limit: int
) -> Sequence[UUID]:
    """Of those written since, the ones that nothing waits to send: there was no mail server, or gateway, then."""
    waits = exists().where(
        OutboxMessage.tenant_id == model.tenant_id,
        OutboxMessage.kind == kind,
        OutboxMessage.body[field].astext == cast(model.id, String),
    )
    statement = select(model.id).where(model.sent_at.is_(None), model.created_at >= since, ~waits)
    return (await db.scalars(statement.order_by(model.created_at, model.id).limit(limit))).all()
