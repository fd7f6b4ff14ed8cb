"""What door locks remind themselves of."""

from uuid import UUID

from core.outbox import Message


class CodeDue(Message, frozen=True):
    """There is something to say to a lock about a code."""

    code_id: UUID


class LockChanged(Message, frozen=True):
    """A lock is new, has other margins, or is taken away: its resource's bookings are looked at anew."""

    lock_id: UUID
