"""What the room tells others, and reminds itself of."""

from uuid import UUID

from core.outbox import Message


class HoldLapsed(Message, frozen=True):
    """The deadline of a hold has come. Sent late or twice, it does nothing to what is no longer held."""

    booking_id: UUID
