"""The change log as partners read it: forward, each row exactly once, none missed."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking.log_models import ChangeLog
from calendar_feeds.partners import queries
from calendar_feeds.partners.rules import FIRST, Position, read_position, write_position
from calendar_feeds.partners.schemas import ChangeOut, Changes
from core.tenants import Tenant
from people.actors import Actor
from people.rules import demand_somewhere, places_of

RIGHT = "booking.read_all"
"""The log tells no more than bookings do: whoever may read those may follow it, at the same places."""


async def changes(
    db: AsyncSession, actor: Actor, tenant: Tenant, *, since: str | None, limit: int, now: datetime
) -> Changes:
    """What has been settled since; without `since` nothing yet, and where to begin.

    Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid, CursorTooOld.
    """
    demand_somewhere(actor, RIGHT)
    edge = await queries.edge(db)
    if not since:
        return Changes(items=[], next=write_position(Position(edge, FIRST, now)), more=False)
    after = read_position(since, edge, now)
    rows = await queries.settled(db, after, edge, places=places_of(actor, RIGHT), limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if more else None
    until = Position(last.xid, last.id, last.at) if last else Position(edge, FIRST, now)
    return Changes(items=[_told(row, tenant) for row in rows], next=write_position(until), more=more)


def _told(row: ChangeLog, tenant: Tenant) -> ChangeOut:
    assert row.resource_id is not None, "bookings and closures are of a place"
    return ChangeOut(
        kind="booking" if row.kind == "booking" else "closure",
        id=row.thing_id,
        version=row.version,
        state=row.state,
        resource_id=row.resource_id,
        association_id=row.association_id,
        team_id=row.team_id,
        at=row.at.astimezone(tenant.zone),
    )
