"""What the room tells others, and reminds itself of."""

from uuid import UUID

from core.outbox import Message


class IdentityLeft(Message, frozen=True):
    """A municipality has forgotten a person who is known over all of them by this id."""

    identity_id: UUID


class ForgettingDue(Message, frozen=True):
    """The next of a kind of data that have been kept long enough are to be forgotten (core.privacy)."""

    kind: str


class RegisterReadDue(Message, frozen=True):
    """What Enhetsregisteret says of these associations is to be read."""

    association_ids: tuple[UUID, ...]
    attempt: int = 1
