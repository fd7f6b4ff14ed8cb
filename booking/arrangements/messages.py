"""What the house of arrangements reminds itself of."""

from collections.abc import Sequence
from uuid import UUID

from core.outbox import Message


class ReplacementsDue(Message, frozen=True):
    """Other times are to be found for displaced bookings of one application: the first few now, the rest after."""

    application_id: UUID
    booking_ids: Sequence[UUID]
    found: Sequence[UUID] = ()
    """Those of the bookings before them for which something was found."""
