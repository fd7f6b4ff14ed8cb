"""What this room tells itself for later."""

from uuid import UUID

from core.outbox import Message


class RegisterReadDue(Message, frozen=True):
    """What Enhetsregisteret says of these associations is to be read."""

    association_ids: tuple[UUID, ...]
    attempt: int = 1
