"""SQL of what has changed in a feed since a program last asked."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.scopes import Kind, Period, Reach, Variant

IDS = bindparam("ids", type_=ARRAY(Uuid))
THINGS = bindparam("things", type_=ARRAY(Uuid))
HEARD: Mapping[Kind, str] = {
    "resource": "l.resource_id = ANY(:ids)",
    "facility": "l.resource_id = ANY(:ids)",
    "association": "l.association_id = :thing_id",
    "team": "l.team_id = :thing_id",
    "person": "(l.person_id = :thing_id OR l.association_id = ANY(:ids))",
    "municipality": "(l.resource_id IS NULL OR l.resource_id = ANY(:ids))",
}
CHANGED = """
SELECT l.kind, array_agg(DISTINCT l.thing_id) AS ids FROM change_log l
WHERE l.tenant_id = :tenant_id AND l.xid > :settled AND {heard} GROUP BY l.kind
"""
THEN = text("SELECT id FROM closure WHERE tenant_id = :tenant_id AND starts_at < :until AND ends_at > :since")
EVER_SHOWN = """
SELECT DISTINCT l.thing_id FROM change_log l WHERE l.tenant_id = :tenant_id AND l.thing_id = ANY(:things)
    AND {shown}
"""
TO_HOLDERS = "(l.xid = 0 OR l.state IN ('requested', 'awaiting_payment', 'confirmed'))"
TO_ALL = """
(l.xid = 0 OR l.state IN ('awaiting_payment', 'confirmed') OR (l.state = 'requested' AND EXISTS (
    SELECT FROM resource r WHERE r.tenant_id = l.tenant_id AND r.id = l.resource_id AND r.request_holds)))
"""
"""A request that takes no time is nobody else's business, nor that it is gone."""
ITS_HOLDER_MAY_BE_KNOWN = """
    AND EXISTS (SELECT FROM booking b JOIN application a ON a.tenant_id = b.tenant_id AND a.id = b.application_id
        WHERE b.tenant_id = l.tenant_id AND b.id = l.thing_id AND a.public)
"""


class Heard(NamedTuple):
    """What the log says has changed."""

    bookings: set[UUID]
    closures: set[UUID]
    calendar: bool
    """The calendar itself: what its places are called, or are made of."""


async def changed_since(db: AsyncSession, reach: Reach, settled: int) -> Heard:
    """What transactions later than that have changed, as far as they are seen."""
    heard = HEARD[reach.scope.kind]
    values: dict[str, Any] = {
        "tenant_id": db.info["tenant_id"],
        "settled": settled,
        "thing_id": reach.scope.thing_id,
    }
    statement = text(CHANGED.format(heard=heard))
    if ":ids" in heard:
        statement = statement.bindparams(IDS)
        values["ids"] = list(reach.ids)
    if ":thing_id" not in heard:
        del values["thing_id"]
    found = {row.kind: set(row.ids) for row in await db.execute(statement, values)}
    return Heard(found.get("booking", set()), found.get("closure", set()), "calendar" in found)


async def closures_then(db: AsyncSession, period: Period) -> set[UUID]:
    """All of the municipality that touch the period, wherever they are and whether they are lifted or not."""
    values = {"tenant_id": db.info["tenant_id"], "since": period.span.start, "until": period.span.end}
    return set((await db.scalars(THEN, values)).all())


async def ever_shown(
    db: AsyncSession, reach: Reach, variant: Variant, thing_ids: Iterable[UUID]
) -> set[UUID]:
    """Those that may have stood in the feed: of the others, nobody is told that they are gone."""
    is_public = variant in {"public", "busy"}
    sql = EVER_SHOWN.format(shown=TO_ALL if is_public else TO_HOLDERS)
    if is_public and reach.scope.kind in {"association", "team"}:
        sql += ITS_HOLDER_MAY_BE_KNOWN
    values: dict[str, Any] = {"tenant_id": db.info["tenant_id"], "things": list(thing_ids)}
    return set((await db.scalars(text(sql).bindparams(THINGS), values)).all())
