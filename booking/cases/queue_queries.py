"""SQL of the queue: a page of open cases with all that a row of it shows, in one statement.

Plain SQL, made once per kind of question: the page is one round trip, and its conditions are fixed texts; what comes
from outside is a parameter. Row security hides a partial view of what the planner could guess, so whatever looks into
a large table does so from rows that are few already (lateral), never by a join that could be turned around.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, Integer, TextClause, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.cases.queue_rows import LOOKED_AT, Sort, Whose
from core.db import AnyRow

LATE = timedelta(hours=48)
"""A time that is cancelled so shortly before its start is cancelled late."""
HISTORY = timedelta(days=365)

WHOSE: dict[Whose, str] = {
    "all": "true",
    "own": "is_own",
    "unassigned": "officer_id IS NULL",
    "overdue": "is_overdue",
}
SORTS: dict[Sort, str] = {
    "age": "a.created_at",
    "deadline": "coalesce(a.answer_by, timestamptz '2199-01-01 00:00+00')",
}
AFTER = "(waits, sort_at, id) > (:after_waits, :after_at, :after_id)"
PLACES = {
    "facility_ids": "(r.facility_id = ANY(:facility_ids) OR r.id = ANY(:resource_ids))",
    "facility_id": "r.facility_id = :facility_id",
    "resource_id": "r.id = :resource_id",
}
QUEUE = """
WITH mine AS MATERIALIZED (
    SELECT CAST(:me AS uuid) AS id
    UNION
    SELECT officer_id FROM absence
    WHERE tenant_id = :tenant_id AND substitute_id = :me AND ended_at IS NULL
        AND from_on <= :today AND until_on >= :today
), open AS MATERIALIZED (
    SELECT b.application_id, count(*) AS times
    FROM booking b {join}
    WHERE b.tenant_id = :tenant_id AND b.state = 'requested' {places}
    GROUP BY b.application_id
), cases AS MATERIALIZED (
    SELECT a.id, a.created_at, a.answer_by, a.officer_id, open.times,
        CASE WHEN a.paused_at IS NULL THEN 0 ELSE 1 END AS waits, {sort} AS sort_at,
        coalesce(a.officer_id IN (SELECT id FROM mine), false) AS is_own,
        coalesce(a.paused_at IS NULL AND a.answer_by < :now, false) AS is_overdue
    FROM open JOIN application a ON a.tenant_id = :tenant_id AND a.id = open.application_id
), counts AS (
    SELECT count(*) AS everything, count(*) FILTER (WHERE is_own) AS own,
        count(*) FILTER (WHERE officer_id IS NULL) AS unassigned, count(*) FILTER (WHERE is_overdue) AS overdue
    FROM cases
), page AS MATERIALIZED (
    SELECT cases.*, a.person_id, a.association_id, a.team_id, a.title, a.paused_at
    FROM (SELECT * FROM cases WHERE {whose} {after} ORDER BY waits, sort_at, id LIMIT :most) AS cases
    JOIN application a ON a.tenant_id = :tenant_id AND a.id = cases.id
), holders AS MATERIALIZED (
    SELECT DISTINCT coalesce(association_id, person_id) AS id, association_id IS NOT NULL AS is_club FROM page
), history AS MATERIALIZED (
    SELECT holders.id, holders.is_club, had.*
    FROM holders CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE state = 'confirmed') AS approved,
            count(*) FILTER (WHERE state = 'rejected') AS rejected,
            count(*) FILTER (WHERE state = 'cancelled' AND ended_at > starts_at - CAST(:late AS interval)) AS late
        FROM (
            SELECT b.state, b.ended_at, b.starts_at FROM booking b
            WHERE holders.is_club AND b.tenant_id = :tenant_id AND b.association_id = holders.id
                AND b.starts_at > :since
            UNION ALL
            SELECT b.state, b.ended_at, b.starts_at FROM booking b
            WHERE NOT holders.is_club AND b.tenant_id = :tenant_id AND b.person_id = holders.id
                AND b.association_id IS NULL AND b.starts_at > :since
        ) AS earlier
    ) AS had
)
SELECT counts.everything, counts.own, counts.unassigned, counts.overdue, page.id, page.created_at, page.answer_by,
    page.paused_at, page.officer_id, page.times, page.waits, page.sort_at, page.is_own, page.is_overdue,
    page.person_id, page.association_id, page.title, person.name AS applicant, association.name AS association,
    association.register_state, team.name AS team, officer.name AS officer, history.approved, history.rejected,
    history.late, looked_at.times_json
FROM counts
LEFT JOIN page ON true
LEFT JOIN person ON person.tenant_id = :tenant_id AND person.id = page.person_id
LEFT JOIN association ON association.tenant_id = :tenant_id AND association.id = page.association_id
LEFT JOIN team ON team.tenant_id = :tenant_id AND team.id = page.team_id
LEFT JOIN person officer ON officer.tenant_id = :tenant_id AND officer.id = page.officer_id
LEFT JOIN history ON history.id = coalesce(page.association_id, page.person_id)
    AND history.is_club = (page.association_id IS NOT NULL)
LEFT JOIN LATERAL (
    SELECT CAST(json_agg(json_build_object('id', t.id, 'resource_id', t.resource_id, 'facility_id', t.facility_id,
        'resource', t.resource, 'facility', t.facility, 'starts_at', t.starts_at, 'ends_at', t.ends_at,
        'setup_minutes', t.setup_minutes, 'cleanup_minutes', t.cleanup_minutes, 'quantity', t.quantity,
        'claims', claims.found, 'rivals', rivals.found) ORDER BY t.starts_at, t.id) AS text) AS times_json
    FROM (
        SELECT b.id, b.resource_id, r.facility_id, r.name AS resource, f.name AS facility, b.starts_at, b.ends_at,
            b.setup_minutes, b.cleanup_minutes, b.quantity,
            b.starts_at - make_interval(mins => b.setup_minutes) AS padded_from,
            b.ends_at + make_interval(mins => b.cleanup_minutes) AS padded_until
        FROM booking b
        JOIN resource r ON r.tenant_id = :tenant_id AND r.id = b.resource_id
        JOIN facility f ON f.tenant_id = :tenant_id AND f.id = r.facility_id
        WHERE b.tenant_id = :tenant_id AND b.application_id = page.id AND b.state = 'requested' {places}
        ORDER BY b.starts_at, b.id LIMIT :looked_at
    ) AS t
    LEFT JOIN LATERAL (
        SELECT json_agg(json_build_array(c.unit_id, c.kind, c.quantity, c.starts_at, c.ends_at, o.id, o.state)) AS found
        FROM resource_unit u
        CROSS JOIN LATERAL (
            SELECT c.unit_id, c.kind, c.quantity, c.starts_at, c.ends_at, c.booking_id FROM claim c
            WHERE c.tenant_id = :tenant_id AND c.unit_id = u.unit_id AND c.ends_at > t.padded_from
                AND c.ends_at < t.padded_until + interval '24 hours' AND c.starts_at < t.padded_until
                AND NOT c.closing AND (c.held_until IS NULL OR c.held_until > :now) AND c.booking_id <> t.id
            OFFSET 0
        ) AS c
        JOIN booking o ON o.tenant_id = :tenant_id AND o.id = c.booking_id AND o.application_id <> page.id
        WHERE u.tenant_id = :tenant_id AND u.resource_id = t.resource_id
    ) AS claims ON true
    LEFT JOIN LATERAL (
        SELECT json_agg(DISTINCT o.application_id) AS found
        FROM resource_unit u
        JOIN resource_unit shared ON shared.tenant_id = :tenant_id AND shared.unit_id = u.unit_id
        CROSS JOIN LATERAL (
            SELECT o.application_id FROM booking o
            WHERE o.tenant_id = :tenant_id AND o.resource_id = shared.resource_id AND o.state = 'requested'
                AND o.starts_at < t.ends_at AND o.starts_at > t.starts_at - interval '32 days'
                AND o.ends_at > t.starts_at AND o.application_id <> page.id
            OFFSET 0
        ) AS o
        WHERE u.tenant_id = :tenant_id AND u.resource_id = t.resource_id
    ) AS rivals ON true
) AS looked_at ON true
ORDER BY page.waits, page.sort_at, page.id
"""
"""No booking is longer than 31 days (availability.LONGEST_MINUTES), no claim than one."""
TYPES: dict[str, Any] = {
    "tenant_id": Uuid(),
    "me": Uuid(),
    "facility_id": Uuid(),
    "resource_id": Uuid(),
    "after_id": Uuid(),
    "facility_ids": ARRAY(Uuid),
    "resource_ids": ARRAY(Uuid),
    "now": DateTime(timezone=True),
    "since": DateTime(timezone=True),
    "after_at": DateTime(timezone=True),
    "today": Date(),
    "after_waits": Integer(),
    "most": Integer(),
    "looked_at": Integer(),
}


class Asked(NamedTuple):
    """Which cases, in which order, and where the page begins: `after` is waits, sort_at, id of the one before."""

    facility_ids: Sequence[UUID] | None
    resource_ids: Sequence[UUID] | None
    facility_id: UUID | None
    resource_id: UUID | None
    whose: Whose
    sort: Sort
    after: tuple[int, datetime, UUID] | None


async def queue_page(
    db: AsyncSession, asked: Asked, *, me: UUID, today: date, now: datetime, most: int
) -> Sequence[AnyRow]:
    """At least one row, for the counts stand in every one; its `id` is None when no case fits.

    Those that wait for their applicant last, then by age or by deadline. `times_json` is for READ_TIMES: the first
    LOOKED_AT of the `times`.
    """
    values: dict[str, Any] = {
        "tenant_id": db.info["tenant_id"],
        "me": me,
        "today": today,
        "now": now,
        "since": now - HISTORY,
        "late": LATE,
        "most": most,
        "looked_at": LOOKED_AT,
    }
    named: list[str] = []
    if asked.facility_ids is not None or asked.resource_ids is not None:
        named.append("facility_ids")
        values |= {"facility_ids": asked.facility_ids or [], "resource_ids": asked.resource_ids or []}
    for name in ("facility_id", "resource_id"):
        value: UUID | None = getattr(asked, name)
        if value is not None:
            named.append(name)
            values[name] = value
    if asked.after is not None:
        values |= dict(zip(("after_waits", "after_at", "after_id"), asked.after, strict=True))
    statement = _statement(tuple(named), asked.whose, asked.sort, asked.after is not None)
    return (await db.execute(statement, values)).all()


@lru_cache(maxsize=128)
def _statement(named: tuple[str, ...], whose: Whose, sort: Sort, is_later: bool) -> TextClause:  # noqa: FBT001  # a part of the key
    sql = QUEUE.format(
        join="JOIN resource r ON r.tenant_id = :tenant_id AND r.id = b.resource_id" if named else "",
        places="".join(f" AND {PLACES[name]}" for name in named),
        whose=WHOSE[whose],
        sort=SORTS[sort],
        after=f"AND {AFTER}" if is_later else "",
    )
    asked = set(re.findall(r":(\w+)", sql))
    known = [bindparam(name, type_=kind) for name, kind in TYPES.items() if name in asked]
    return text(sql).bindparams(*known)
