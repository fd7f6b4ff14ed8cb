"""What the API tells of messages inside."""

from datetime import datetime
from uuid import UUID

import msgspec


class NoticeOut(msgspec.Struct, kw_only=True):
    """A message to whoever asks."""

    id: UUID
    kind: str
    """What it is about, such as `approved`, `moved`, `reminder`."""
    subject: str
    text: str
    path: str
    """Where it leads, inside the municipality."""
    application_id: UUID | None
    created_at: datetime
    read_at: datetime | None
