"""What the house reminds itself of."""

from uuid import UUID

from core.outbox import Message


class LogGrew(Message, frozen=True):
    """Changes may have been settled that partners have not been told of."""

    looks: int = 0
    """How often somebody has looked already for what was not settled then."""


class DeliveriesDue(Message, frozen=True):
    """Something waits to be sent to a webhook."""

    webhook_id: UUID
