"""Text messages out: written with what they tell of, in one transaction, and sent afterwards.

The gateway is any that takes a POST of `{"to", "text", "reference"}` as JSON at the address in LEDIG_SMS_URL.
"""

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from core.outbox import Message, publish
from core.sms_models import TextMessage

NUMBER = re.compile(r"\+[0-9]{8,15}")
LONGEST = 480
"""Letters: three messages of the old kind, which telephones put together again."""


class TextMessageWritten(Message, frozen=True):
    """A text message waits to be sent."""

    text_message_id: UUID


def write_sms(db: AsyncSession, *, number: str, text: str, person_id: UUID | None = None) -> UUID:
    """A text message, sent once the caller's transaction has been committed; its id. `number`: +4791234567."""
    assert NUMBER.fullmatch(number), "people.addresses.check_phone has written it"
    assert 0 < len(text) <= LONGEST, "short, and not nothing"
    row_id = new_id()
    db.add(TextMessage(id=row_id, person_id=person_id, number=number, text=text))
    publish(db, TextMessageWritten(row_id))
    return row_id


async def latest(db: AsyncSession, *, limit: int) -> Sequence[TextMessage]:
    """The newest first."""
    ordered = select(TextMessage).order_by(TextMessage.created_at.desc(), TextMessage.id.desc())
    return (await db.scalars(ordered.limit(limit))).all()
