"""What is asked of the queue, and what a row of it brings along of the times that are asked for. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.json import Decoder

Whose = Literal["all", "own", "unassigned", "overdue"]
Sort = Literal["age", "deadline"]
LOOKED_AT = 10
"""So many times of a case, the first, are held against the rules and against others."""


class Claimed(Struct, array_like=True, frozen=True):
    """A claim of somebody else's that touches the time, its padding included; as claims.Board reads it."""

    unit_id: UUID
    kind: int
    quantity: int
    starts_at: datetime
    ends_at: datetime
    booking_id: UUID
    state: str
    closing: bool = False
    held_until: datetime | None = None


class Wanted(Struct, frozen=True):
    """A time that is asked for, what others have of its units, and which other applications ask for them then."""

    id: UUID
    resource_id: UUID
    facility_id: UUID
    resource: str
    facility: str
    starts_at: datetime
    ends_at: datetime
    setup_minutes: int
    cleanup_minutes: int
    quantity: int
    claims: list[Claimed] | None
    rivals: list[UUID] | None


READ_TIMES = Decoder(list[Wanted])
