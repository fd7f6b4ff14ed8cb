"""Units that come to a facility that is closed for a time: they are closed with it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.claims import closure_claims
from core.spans import Span
from people.actors import Actor
from resources import service
from resources.facts import UnitFacts
from resources.schemas import UnitIn, UnitOut


async def add_unit(
    db: AsyncSession, actor: Actor, facility_id: UUID, *, body: UnitIn, now: datetime
) -> UnitOut:
    """A new part of a facility, closed whenever the facility is. Raises NotFound, Forbidden, AlreadyExists."""
    made = await service.add_unit(db, actor, facility_id, body=body, now=now)
    await cover(db, [facility_id], now)
    return made


async def cover(db: AsyncSession, facility_ids: Sequence[UUID] | None, now: datetime) -> None:
    """Closures of the facilities (None: of all) get claims on all units there that they have none on.

    Doing it twice adds nothing.
    """
    for closure, unit in await queries.units_missed(db, facility_ids, now):
        span = Span(closure.starts_at, closure.ends_at)
        db.add_all(closure_claims(closure.id, [UnitFacts(unit.id, unit.capacity)], span))
    await db.flush()  # claim_no_overlap answers here
