"""What happens later: what has become free is offered or told of; by night, waits that are over end."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking.messages import BookingsChanged, ClosureLifted
from booking.queries import units_at, units_of
from booking.waiting import alerting, offering, queries
from booking.waiting.messages import LookAgain, WaitMade
from booking.waiting.rules import Freed
from core.spans import Span
from core.tasks import every, on
from core.tenants import tenant_here


@on(BookingsChanged)
async def offer_freed(db: AsyncSession, message: BookingsChanged, now: datetime) -> None:
    """What others may have now goes to whoever is next; an answer to an offer ends a wait."""
    await offering.note_answers(db, message, now)
    freed = await offering.freed_by(db, message, now)
    if freed:
        club = await queries.club_of(db, message.application_id)
        await offering.offer_freed(db, freed, now, association_id=club)
        await alerting.call(db, freed, now)


@on(ClosureLifted)
async def offer_opened(db: AsyncSession, message: ClosureLifted, now: datetime) -> None:
    """The same for what was closed."""
    closure = await queries.closure(db, message.closure_id)
    if closure is None or closure.ends_at <= now:
        return
    units = await units_at(
        db, facility_id=closure.facility_id, resource_id=closure.resource_id, unit_id=closure.unit_id
    )
    freed = [Freed(frozenset(unit.id for unit in units), Span(max(closure.starts_at, now), closure.ends_at))]
    await offering.offer_freed(db, freed, now, association_id=None)
    await alerting.call(db, freed, now)


@on(WaitMade)
async def offer_already_free(db: AsyncSession, message: WaitMade, now: datetime) -> None:
    """What became free while she asked to wait for it was told of before she was on the list."""
    wait = await queries.lock_wait(db, message.wait_id)
    if wait is None or wait.resource_id is None or wait.ends_at <= now:
        return
    units = await units_of(db, [wait.resource_id])
    mine = frozenset(row.unit_id for row in units.get(wait.resource_id, ()))
    freed = [Freed(mine, Span(wait.starts_at, wait.ends_at))]
    await offering.offer_freed(db, freed, now, association_id=None)


@on(LookAgain)
async def look_again(db: AsyncSession, message: LookAgain, now: datetime) -> None:
    """One search."""
    await alerting.look(db, await tenant_here(db), message, now)


@every("37 2 * * *")
async def end_those_over(db: AsyncSession, now: datetime) -> None:
    """Each night."""
    await queries.end_those_over(db, now)
