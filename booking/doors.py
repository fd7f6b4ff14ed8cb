"""Which code opens the door for a booking: for its holder's eyes, in her reminder and on her page."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from booking import door_queries
from core.spans import Span
from core.vault import Vault


class Code(Struct, frozen=True):
    """Opened: not to be written down, logged or sent to anybody but the holder."""

    code: str
    valid: Span
    is_placed: bool
    """The lock has it. Else it may still come, or have failed."""
    has_failed: bool


async def codes(db: AsyncSession, vault: Vault, booking_ids: Sequence[UUID]) -> Mapping[UUID, Code]:
    """Of bookings whose door has a lock. Raises Unopenable."""
    return {
        row.booking_id: Code(
            code=vault.opened(row.code),
            valid=Span(row.valid_from, row.valid_until),
            is_placed=row.state == "placed",
            has_failed=row.state == "failed",
        )
        for row in await door_queries.codes_of(db, booking_ids)
    }
