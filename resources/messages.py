"""What the room tells others."""

from uuid import UUID

from core.outbox import Message


class UnitMade(Message, frozen=True):
    """A facility has a new unit, as when an article got a stock: what closes the facility closes it too."""

    facility_id: UUID
