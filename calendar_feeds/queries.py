"""All SQL of feeds: whether one has changed, what stands in it, and which bookings are not written yet."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from booking.log_models import EDGE
from booking.models import ENDED
from calendar_feeds.ical import END
from calendar_feeds.models import FeedSecret
from calendar_feeds.scopes import Period, Reach, Scope, Variant
from calendar_feeds.subscription_queries import OPENED, OPENED_OWN
from core.asking import Asking, question
from core.db import AnyRow
from people.models import Association, Delegate, Team
from resources.models import Facility, Resource

# Whether it has changed: in the order of the transactions that made the changes. Behind the newest that is seen stand,
# for good, all that had ended when it was written; of the others some may still become visible, and those that are seen
# are named one by one (docs/decisions/0010).

OVERLAPPING = """
SELECT DISTINCT other.resource_id AS id FROM resource_unit own JOIN resource_unit other
    ON other.tenant_id = own.tenant_id AND other.unit_id = own.unit_id
WHERE own.tenant_id = :tenant_id AND own.resource_id = :thing_id
"""
AT_FACILITY = "SELECT id FROM resource WHERE tenant_id = :tenant_id AND facility_id = :thing_id"
OF_CLUBS = """
SELECT association_id AS id FROM delegate
WHERE tenant_id = :tenant_id AND person_id = :thing_id AND ended_at IS NULL
"""
ITSELF = "SELECT CAST(:thing_id AS uuid) AS id"
HERE = "SELECT CAST(:tenant_id AS uuid) AS id"

EVERYWHERE = "SELECT id FROM resource WHERE tenant_id = :tenant_id"
PUBLISHED = """
SELECT r.id FROM resource r JOIN facility f ON f.tenant_id = r.tenant_id AND f.id = r.facility_id
WHERE r.tenant_id = :tenant_id
    AND coalesce(r.published_from <= :now, true) AND coalesce(r.published_until > :now, true)
    AND coalesce(f.published_from <= :now, true) AND coalesce(f.published_until > :now, true)
"""
ITS_PAGE = f"{PUBLISHED} AND r.id = :thing_id"
ITS_PARTS = f"{PUBLISHED} AND f.id = :thing_id"
EXISTING = "EXISTS (SELECT FROM {table} WHERE tenant_id = :tenant_id AND id = :thing_id)"


def _revision(is_there: str, *keys: tuple[str, str], reach: str = "", known: str = "") -> str:
    """Keys: where the ids come from, and the column of the log that they are looked for in. Reach: the ids that the
    calendar's bookings have, if not the last key's; known: those of them that everybody may know. It is asked for every
    answer of every feed: each step less is felt. So lists are put in order by whoever reads them.
    """
    named = [(f"key_{number}", ids, column) for number, (ids, column) in enumerate(keys)]
    given = ",\n".join(f"{name} AS MATERIALIZED ({ids})" for name, ids, _ in named)
    latest = "\nUNION ALL\n".join(
        f"""
        SELECT found.* FROM {name} AS key, LATERAL (
            SELECT xid, edge, at FROM change_log WHERE tenant_id = :tenant_id AND {column} = key.id
            ORDER BY xid DESC, id DESC LIMIT 1
        ) AS found
        """  # noqa: S608  # of our own words
        for name, _, column in named
    )
    beside = "\nUNION ALL\n".join(
        f"""
        SELECT log.xid FROM newest, {name} AS key, change_log AS log
        WHERE log.tenant_id = :tenant_id AND log.{column} = key.id AND log.xid >= newest.edge AND log.xid < newest.xid
        """  # noqa: S608  # of our own words
        for name, _, column in named
    )
    every = reach or f"SELECT id FROM {named[-1][0]}"  # noqa: S608  # of our own words
    return f"""
        WITH {given},
        newest AS MATERIALIZED (SELECT * FROM ({latest}) AS latest ORDER BY xid DESC, edge DESC LIMIT 1)
        SELECT {is_there} AS is_there, newest.xid AS newest, newest.edge, newest.at AS changed_at,
            {EDGE} AS edge_now, ARRAY({beside}) AS beside, ARRAY({every}) AS ids,
            {f"ARRAY({known})" if known else "NULL::uuid[]"} AS known_ids
        FROM (VALUES (1)) AS once LEFT JOIN newest ON true
        """  # noqa: S608  # of our own words


REVISIONS: Mapping[str, str] = {
    "resource": _revision(f"EXISTS ({ITS_PAGE})", (OVERLAPPING, "resource_id")),
    "facility": _revision(f"EXISTS ({ITS_PARTS})", (AT_FACILITY, "resource_id"), known=ITS_PARTS),
    "association": _revision(EXISTING.format(table="association"), (ITSELF, "association_id")),
    "team": _revision(EXISTING.format(table="team"), (ITSELF, "team_id")),
    "person": _revision("true", (ITSELF, "person_id"), (OF_CLUBS, "association_id")),
    "municipality": _revision("true", (HERE, "tenant_id"), reach=EVERYWHERE, known=PUBLISHED),
}


STATEMENTS = {kind: text(sql) for kind, sql in REVISIONS.items()}
QUESTIONS = {kind: question(sql) for kind, sql in REVISIONS.items()}
OPENING = question(OPENED)
BOTH = {
    kind: question(f"SELECT o.*, v.* FROM ({OPENED_OWN if kind == 'person' else OPENED}) AS o, ({sql}) AS v")  # noqa: S608  # of our own words
    for kind, sql in REVISIONS.items()
}


NEWEST = text(
    "SELECT coalesce(max(xid), 0) AS logged, (pg_current_xact_id()::text)::bigint AS now FROM change_log"
)
COUNT_ON = """
DO $$ BEGIN FOR each IN 1..{times} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$
"""
"""So many transactions that do nothing but be counted. Outside any transaction."""


async def counted(db: AsyncSession) -> AnyRow:
    """The newest transaction that the log knows (`logged`), and this one (`now`). For `Database.feeds`."""
    return (await db.execute(NEWEST)).one()


class Revision(NamedTuple):
    """How far a calendar has come. `reach`, `newest` and `beside` are the same if and only if the changes are."""

    reach: Reach
    newest: int
    """The newest transaction that changed it; 0: none."""
    beside: tuple[int, ...]
    """Those before it that are seen, and were not known to have ended when it wrote."""
    settled: int
    """Every change that this transaction or one before it made is seen; nothing can come between them any more."""
    changed_at: datetime | None


async def revision(
    db: AsyncSession, tenant_id: UUID, scope: Scope, variant: Variant, *, now: datetime
) -> Revision | None:
    """None when nobody may know of such a thing, or it is not there. For `Database.feeds`, or a tenant's own."""
    values = {"tenant_id": tenant_id, "thing_id": scope.thing_id, "now": now}
    return revision_in((await db.execute(STATEMENTS[scope.kind], values)).one(), scope, variant)


async def asked_revision(
    asking: Asking, tenant_id: UUID, scope: Scope, variant: Variant, *, now: datetime
) -> Revision | None:
    """The same in one round trip."""
    values = {"tenant_id": tenant_id, "thing_id": scope.thing_id, "now": now}
    return revision_in(await asking.row(QUESTIONS[scope.kind], values), scope, variant)


async def opened(asking: Asking, tenant_id: UUID, secret_hash: bytes) -> Any:
    """As `subscription_queries.opened`, in one round trip."""
    return await asking.row(OPENING, {"tenant_id": tenant_id, "hash": secret_hash})


async def opened_and_asked(
    asking: Asking, tenant_id: UUID, secret_hash: bytes, scope: Scope, *, now: datetime
) -> tuple[Any, Revision | None]:
    """Both at once, of a secret that is known to be of that scope; the row says of which variant."""
    values = {"tenant_id": tenant_id, "hash": secret_hash, "thing_id": scope.thing_id, "now": now}
    row = await asking.row(BOTH[scope.kind], values)
    return row, revision_in(row, scope, row.variant) if row is not None else None


def revision_in(row: Any, scope: Scope, variant: Variant) -> Revision | None:
    """Of a row that one of REVISIONS found. What is not published is there for those who have a right to it alone."""
    is_for_all = variant in {"public", "busy"}
    if is_for_all and not row.is_there:
        return None
    is_many = scope.kind in {"resource", "facility", "municipality", "person"}
    ids = row.known_ids if is_for_all and row.known_ids is not None else row.ids
    reach = Reach(scope, tuple(sorted(ids)) if is_many else ())
    if row.newest is None:
        return Revision(reach, 0, (), 0, None)
    # All may be ahead of us in a restored dump (calendar_feeds/renewing.py): then nothing has settled.
    seen = (0, row.edge - 1, *row.beside, row.newest)
    settled = max(each for each in seen if each < row.edge_now)
    return Revision(reach, row.newest, tuple(sorted(set(row.beside))), settled, row.changed_at)


# What stands in it.

ID_LISTS = tuple(bindparam(name, type_=ARRAY(Uuid)) for name in ("ids", "only"))
WHOSE: Mapping[str, str] = {
    "resource": "b.resource_id = ANY(:ids)",
    "facility": "b.resource_id = ANY(:ids)",
    "association": "b.association_id = :thing_id",
    "team": "b.team_id = :thing_id",
    "person": "((b.person_id = :thing_id AND b.association_id IS NULL) OR b.association_id = ANY(:ids))",
    "municipality": "b.resource_id = ANY(:ids)",
}
PARTS: Mapping[Variant, str] = {
    "public": "e.head || e.times || e.place || e.public || :ended",
    "full": "e.head || e.times || e.place || e.full || :ended",
}
KNOWN = """
CASE WHEN b.state = 'requested' THEN
    EXISTS (SELECT FROM claim c WHERE c.tenant_id = b.tenant_id AND c.booking_id = b.id OFFSET 0)
WHEN b.state = ANY(:ended_states) THEN
    EXISTS (SELECT FROM change_log l WHERE l.tenant_id = b.tenant_id AND l.thing_id = b.id AND l.kind = 'booking'
        AND l.state IN ('awaiting_payment', 'confirmed') OFFSET 0)
ELSE true END
"""
"""What takes no time from anybody is nobody else's business, and what was never granted ended without their notice.

Here and below OFFSET 0 has PostgreSQL look each one up: it would rather read all of the municipality's into a hash.
"""


def _of(scope: Scope, variant: Variant, columns: str) -> str:
    """The bookings of a scope in a period, each with its event if that is up to date."""
    is_on = "b.state IN ('requested', 'awaiting_payment', 'confirmed')"
    conditions = [
        "b.tenant_id = :tenant_id",
        WHOSE[scope.kind],
        "b.starts_at < :until",
        "b.ends_at > :since",
        f"({is_on} OR (b.state = ANY(:ended_states) AND b.ended_at > :ended_since))",
    ]
    shown = "e.is_shown"
    if variant in {"public", "busy"}:
        conditions.append(KNOWN)
        if scope.kind in {"association", "team"}:
            shown = "e.is_shown AND e.is_public"
    return f"""
    SELECT {columns} FROM booking b LEFT JOIN LATERAL (
        SELECT * FROM feed_event w WHERE w.tenant_id = b.tenant_id AND w.id = b.id
            AND w.version = b.version AND w.text_version = b.text_version OFFSET 0
    ) e ON true
    WHERE {" AND ".join(conditions)} AND (e.id IS NULL OR ({shown}))
    """  # noqa: S608  # of our own words


def _values(db: AsyncSession, reach: Reach, period: Period) -> dict[str, Any]:
    return {
        "tenant_id": db.info["tenant_id"],
        "thing_id": reach.scope.thing_id,
        "ids": list(reach.ids),
        "since": period.span.start,
        "until": period.span.end,
        "ended_since": period.ended_since,
        "ended_states": list(ENDED),
        "ended": END,
    }


async def _execute(db: AsyncSession, sql: str, values: Mapping[str, Any]) -> Any:
    statement = text(sql).bindparams(*(each for each in ID_LISTS if f":{each.key})" in sql))
    return await db.execute(statement, {name: value for name, value in values.items() if f":{name}" in sql})


class Body(NamedTuple):
    """Events of a feed, joined, by start; and the bookings that are missing because they are not written yet."""

    events: str
    missing: Sequence[UUID]


async def body(db: AsyncSession, reach: Reach, variant: Variant, period: Period) -> Body:
    """Of the variants whose events are stored as they are."""
    columns = (
        f"coalesce(string_agg({PARTS[variant]}, '' ORDER BY b.starts_at, b.id), '') AS events, "
        "array_agg(b.id ORDER BY b.id) FILTER (WHERE e.id IS NULL) AS missing"
    )
    row = (await _execute(db, _of(reach.scope, variant, columns), _values(db, reach, period))).one()
    return Body(row.events, row.missing or ())


async def times(db: AsyncSession, reach: Reach, period: Period) -> Sequence[AnyRow]:
    """What is only busy: (id, event_id, times), by start; event_id None where it is not written yet."""
    sql = _of(reach.scope, "busy", "b.id, e.id AS event_id, e.times") + " ORDER BY b.starts_at, b.id"
    return (await _execute(db, sql, _values(db, reach, period))).all()


MORE = """
b.starts_at, b.ends_at, b.setup_minutes, b.cleanup_minutes,
(SELECT p.name FROM person p WHERE p.tenant_id = b.tenant_id AND p.id = b.person_id) AS contact,
(SELECT p.phone FROM person p WHERE p.tenant_id = b.tenant_id AND p.id = b.person_id) AS phone
"""


async def inside(db: AsyncSession, reach: Reach, period: Period) -> Sequence[AnyRow]:
    """What the staff of places read: (id, event_id, the event's columns, starts_at, ends_at, set-up and clean-up, who
    asked for it, for which association, her name and telephone), by start.
    """
    columns = (
        f"b.id, e.id AS event_id, e.head, e.times, e.place, e.full, b.person_id, b.association_id, {MORE}"
    )
    sql = _of(reach.scope, "staff", columns) + " ORDER BY b.starts_at, b.id"
    return (await _execute(db, sql, _values(db, reach, period))).all()


CLOSED: Mapping[str, str] = {
    "resource": """
        c.unit_id IN (SELECT unit_id FROM resource_unit WHERE tenant_id = :tenant_id AND resource_id = :thing_id)
        OR c.resource_id = ANY(:ids)
        OR c.facility_id = (SELECT facility_id FROM resource WHERE tenant_id = :tenant_id AND id = :thing_id)
    """,
    "facility": """
        c.facility_id = :thing_id OR c.resource_id = ANY(:ids)
        OR c.unit_id IN (SELECT unit_id FROM resource_unit WHERE tenant_id = :tenant_id AND resource_id = ANY(:ids))
    """,
    "municipality": """
        c.resource_id = ANY(:ids)
        OR c.facility_id IN (SELECT facility_id FROM resource WHERE tenant_id = :tenant_id AND id = ANY(:ids))
        OR c.unit_id IN (SELECT unit_id FROM resource_unit WHERE tenant_id = :tenant_id AND resource_id = ANY(:ids))
    """,
}


async def closures(db: AsyncSession, reach: Reach, period: Period) -> Sequence[AnyRow]:
    """Those of a place that touch the period, and of those that are lifted only what was lifted since, by start: (id,
    starts_at, ends_at, created_at, lifted_at, reason, facility, part). None of clubs and persons.
    """
    if reach.scope.kind not in CLOSED:
        return ()
    sql = f"""
    SELECT c.id, c.starts_at, c.ends_at, c.created_at, c.lifted_at, c.reason,
        coalesce(f.name, rf.name, uf.name) AS facility, coalesce(r.name, u.name) AS part
    FROM closure c
        LEFT JOIN facility f ON f.tenant_id = c.tenant_id AND f.id = c.facility_id
        LEFT JOIN resource r ON r.tenant_id = c.tenant_id AND r.id = c.resource_id
        LEFT JOIN facility rf ON rf.tenant_id = r.tenant_id AND rf.id = r.facility_id
        LEFT JOIN unit u ON u.tenant_id = c.tenant_id AND u.id = c.unit_id
        LEFT JOIN facility uf ON uf.tenant_id = u.tenant_id AND uf.id = u.facility_id
    WHERE c.tenant_id = :tenant_id AND c.starts_at < :until AND c.ends_at > :since
        AND (c.lifted_at IS NULL OR c.lifted_at > :ended_since) AND ({CLOSED[reach.scope.kind]})
    ORDER BY c.starts_at, c.id
    """  # noqa: S608  # of our own words
    return (await _execute(db, sql, _values(db, reach, period))).all()


async def secret_key(db: AsyncSession) -> bytes:
    """The municipality's key for UIDs of what is only busy, made when it is first needed."""
    tenant_id = db.info["tenant_id"]
    kept = select(FeedSecret.key).where(FeedSecret.id == tenant_id)
    if (key := await db.scalar(kept)) is not None:
        return key
    made = insert(FeedSecret).values(tenant_id=tenant_id, id=tenant_id, key=secrets.token_bytes(32))
    await db.execute(made.on_conflict_do_nothing())
    key = await db.scalar(kept)
    assert key is not None, "made here, or by whoever was first"
    return key


async def clubs_of(db: AsyncSession, person_id: UUID) -> Sequence[UUID]:
    """Associations that she is a delegate of."""
    mine = select(Delegate.association_id).where(Delegate.person_id == person_id, Delegate.ended_at.is_(None))
    return (await db.scalars(mine)).all()


async def events(
    db: AsyncSession, reach: Reach, variant: Variant, period: Period, *, only: Sequence[UUID] | None = None
) -> Sequence[AnyRow]:
    """The same one by one: (id, person_id, association_id, and the event's columns, None where it is not written yet;
    in the staff's variant what `inside` tells, too), by start. `only`: those among these.
    """
    columns = (
        "b.id, b.person_id, b.association_id, e.id AS event_id, e.head, e.times, e.place, e.public, e.full"
        f"{', ' + MORE if variant == 'staff' else ''}"
    )
    values = _values(db, reach, period)
    sql = _of(reach.scope, variant, columns)
    if only is not None:
        sql += " AND b.id = ANY(:only)"
        values["only"] = list(only)
    return (await _execute(db, sql + " ORDER BY b.starts_at, b.id", values)).all()


async def ids(db: AsyncSession, reach: Reach, variant: Variant, period: Period) -> Sequence[UUID]:
    """Of the same bookings; those too that are not written yet, and may then not be shown."""
    sql = _of(reach.scope, variant, "b.id")
    return (await _execute(db, sql, _values(db, reach, period))).scalars().all()


async def names_of(db: AsyncSession, scope: Scope) -> str | None:
    """What the calendar is called; None: it is gone, or is nobody's but the reader's or the municipality's."""
    if scope.kind == "resource":
        statement = (
            select(Facility.name, Resource.name)
            .join(
                Resource,
                tuple_(Resource.tenant_id, Resource.facility_id) == tuple_(Facility.tenant_id, Facility.id),
            )
            .where(Resource.id == scope.thing_id)
        )
    elif scope.kind == "team":
        statement = (
            select(Association.name, Team.name)
            .join(
                Team,
                tuple_(Team.tenant_id, Team.association_id) == tuple_(Association.tenant_id, Association.id),
            )
            .where(Team.id == scope.thing_id)
        )
    elif scope.kind in {"facility", "association"}:
        table: Any = Facility if scope.kind == "facility" else Association
        statement = select(table.name).where(table.id == scope.thing_id)
    else:
        return None
    row = (await db.execute(statement)).first()
    return None if row is None else " – ".join(row)
