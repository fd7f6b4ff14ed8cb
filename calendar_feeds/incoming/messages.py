"""What calendars in remind themselves of."""

from uuid import UUID

from core.outbox import Message


class FetchDue(Message, frozen=True):
    """An attached calendar shall be asked now."""

    import_id: UUID
