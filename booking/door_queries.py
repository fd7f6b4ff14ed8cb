"""SQL of what a booking's holder is shown of the door."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.door_models import DoorCode
from core.db import AnyRow


async def codes_of(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Those that are, or shall be, in a lock: booking_id, code (sealed), valid_from, valid_until, state; by start."""
    if not booking_ids:
        return []
    statement = (
        select(DoorCode.booking_id, DoorCode.code, DoorCode.valid_from, DoorCode.valid_until, DoorCode.state)
        .where(
            DoorCode.booking_id.in_(booking_ids),
            DoorCode.state.in_(("wanted", "placed", "failed")),
            DoorCode.code.is_not(None),
        )
        .order_by(DoorCode.valid_from, DoorCode.id)
    )
    return (await db.execute(statement)).all()
