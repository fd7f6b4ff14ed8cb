"""What the waiting list reminds itself of."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.outbox import Message


class WaitMade(Message, frozen=True):
    """Somebody has begun to wait: it may have become free in the same moment."""

    wait_id: UUID


class LookAgain(Message, frozen=True):
    """A search may find something at last, in what has become free."""

    wait_id: UUID
    resource_ids: Sequence[UUID]
    spans: Sequence[tuple[datetime, datetime]]
