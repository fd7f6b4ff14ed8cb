"""What must be true of a municipality's bookings whatever happened: read straight from the tables, by other rules."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database

HOLDING = {"held", "awaiting_payment", "confirmed"}
ENDED = {"rejected", "withdrawn", "cancelled", "lapsed", "displaced", "given_back"}

MEETINGS = """
SELECT c.booking_id AS one, o.booking_id AS other, c.starts_at, c.ends_at
FROM claim c
JOIN claim o ON o.tenant_id = c.tenant_id AND o.unit_id = c.unit_id AND o.booking_id <> c.booking_id
    AND o.starts_at < c.ends_at AND c.starts_at < o.ends_at
JOIN unit u ON u.tenant_id = c.tenant_id AND u.id = c.unit_id AND u.capacity IS NULL
WHERE c.kind = 0 AND o.kind = 1 AND NOT EXISTS (
    SELECT FROM offer f WHERE f.tenant_id = c.tenant_id AND f.answer IS NULL
    AND (f.booking_id, f.instead_of) IN ((c.booking_id, o.booking_id), (o.booking_id, c.booking_id)))
"""
BOOKINGS = """
SELECT b.*, r.request_holds,
    (SELECT count(*) FROM audit_entry a WHERE a.tenant_id = b.tenant_id AND a.row_id = b.id) AS noted,
    EXISTS (SELECT FROM outbox m WHERE m.tenant_id = b.tenant_id AND m.kind = 'HoldLapsed'
        AND m.body ->> 'booking_id' = b.id::text AND m.due_at = b.held_until) AS reminded
FROM booking b JOIN resource r ON r.tenant_id = b.tenant_id AND r.id = b.resource_id
"""
CLAIMS = """
SELECT c.*, u.capacity, o.instead_of FROM claim c JOIN unit u ON u.tenant_id = c.tenant_id AND u.id = c.unit_id
LEFT JOIN offer o ON o.tenant_id = c.tenant_id AND o.booking_id = c.booking_id
ORDER BY c.starts_at
"""
STAKES = """
SELECT b.id AS booking_id, a.unit_id, coalesce((SELECT (o ->> 'quantity')::int
    FROM jsonb_array_elements(p.articles) o WHERE o ->> 'article' = a.key), 1) AS quantity
FROM booking b
JOIN application p ON p.tenant_id = b.tenant_id AND p.id = b.application_id
JOIN resource r ON r.tenant_id = b.tenant_id AND r.id = b.resource_id
JOIN article a ON a.tenant_id = b.tenant_id AND a.unit_id IS NOT NULL
    AND coalesce(a.resource_id, r.id) = r.id AND coalesce(a.facility_id, r.facility_id) = r.facility_id
WHERE a.is_mandatory OR EXISTS (SELECT FROM jsonb_array_elements(p.articles) o WHERE o ->> 'article' = a.key)
"""
CLOSURE_UNITS = """
SELECT c.id, c.starts_at, c.ends_at, c.lifted_at, array_agg(u.id) AS units
FROM closure c JOIN unit u ON u.tenant_id = c.tenant_id AND (
    u.facility_id = c.facility_id OR u.id = c.unit_id
    OR u.id IN (SELECT unit_id FROM resource_unit ru WHERE ru.resource_id = c.resource_id)
)
GROUP BY 1, 2, 3, 4
"""
EMPTY_APPLICATIONS = """
SELECT a.id FROM application a
WHERE NOT EXISTS (SELECT FROM booking b WHERE b.tenant_id = a.tenant_id AND b.application_id = a.id)
"""
UNLOGGED = """
SELECT b.id FROM booking b LEFT JOIN change_log l ON l.tenant_id = b.tenant_id AND l.thing_id = b.id
GROUP BY b.id, b.version HAVING coalesce(max(l.version), 0) <> b.version OR count(DISTINCT l.version) <> b.version
"""
UNANSWERED = """
SELECT k.key FROM idempotency_key k WHERE k.answer IS NULL OR k.status IS NULL
    OR (k.status = 201 AND NOT EXISTS (
        SELECT FROM application a WHERE a.id::text = convert_from(k.answer, 'UTF8')::json ->> 'id')
      AND NOT EXISTS (SELECT FROM closure c WHERE c.id::text = convert_from(k.answer, 'UTF8')::json ->> 'id')
      AND NOT EXISTS (SELECT FROM feed f WHERE f.id::text = convert_from(k.answer, 'UTF8')::json ->> 'id')
      AND NOT EXISTS (SELECT FROM webhook w WHERE w.id::text = convert_from(k.answer, 'UTF8')::json ->> 'id'))
"""

Times = tuple[datetime, datetime]


class Whole(NamedTuple):
    """All pieces of a claim together."""

    start: datetime
    end: datetime
    quantity: int
    held_until: datetime | None


async def check(database: Database, tenant_id: UUID) -> None:
    """Raises with everything that is broken in the municipality."""
    async with database.transaction(tenant_id) as db:
        broken = [fault async for fault in _faults(db)]
    assert not broken, "\n".join(broken)


async def _faults(db: AsyncSession) -> AsyncIterator[str]:
    for row in await _rows(db, MEETINGS):
        yield f"{row.one} lies in the padded time of {row.other}, {row.starts_at} to {row.ends_at}"
    for row in await _rows(db, UNLOGGED):
        yield f"the change log does not know every version of booking {row.id}"
    for row in await _rows(db, EMPTY_APPLICATIONS):
        yield f"application {row.id} has no bookings"
    for row in await _rows(db, UNANSWERED):
        yield f"idempotency key {row.key} keeps an answer to nothing"
    claims = await _rows(db, CLAIMS)
    units: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await _rows(db, "SELECT resource_id, unit_id FROM resource_unit"):
        units[row.resource_id].add(row.unit_id)
    bookings = await _rows(db, BOOKINGS)
    closures = await _rows(db, CLOSURE_UNITS)
    for fault in (
        *_about_bookings(bookings, claims, units, await _rows(db, STAKES)),
        *_about_closures(closures, claims),
        *_about_pools(claims),
    ):
        yield fault
    known = {row.id for row in (*bookings, *closures)}
    for claim in claims:
        if claim.booking_id not in known:
            yield f"claim {claim.id} is an orphan"


async def _rows(db: AsyncSession, sql: str) -> Sequence[Any]:
    return (await db.execute(text(sql))).all()


def _wholes(claims: Sequence[Any]) -> dict[UUID, dict[tuple[UUID, int], Whole]]:
    """Owner → (unit, kind) → its claim put together. Raises when the pieces do not join."""
    found: dict[UUID, dict[tuple[UUID, int], Whole]] = defaultdict(dict)
    for row in claims:
        place, mine = (row.unit_id, row.kind), found[row.booking_id]
        before = mine.get(place)
        assert before is None or before.end == row.starts_at, f"claim {row.id} does not join what was before"
        start = row.starts_at if before is None else before.start
        mine[place] = Whole(start, row.ends_at, row.quantity, row.held_until)
    return found


def _about_bookings(
    bookings: Sequence[Any], claims: Sequence[Any], units: dict[UUID, set[UUID]], stakes: Sequence[Any]
) -> Iterator[str]:
    wholes = _wholes([row for row in claims if not row.closing])
    staked: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for row in stakes:
        staked[row.booking_id][row.unit_id] = row.quantity
    pooled = {row.unit_id: row.capacity is not None for row in claims}
    for row in bookings:
        found = wholes.get(row.id, {})
        name = f"booking {row.id} ({row.state})"
        before, after = timedelta(minutes=row.setup_minutes), timedelta(minutes=row.cleanup_minutes)
        times = {0: (row.starts_at, row.ends_at), 1: (row.starts_at - before, row.ends_at + after)}
        wanted = {
            (unit, kind): Whole(*times[kind], row.quantity if pooled.get(unit) else 1, row.held_until)
            for unit in units[row.resource_id]
            for kind in times
        } | {
            (unit, kind): Whole(*times[kind], quantity, row.held_until)
            for unit, quantity in staked[row.id].items()
            for kind in times
        }
        must_hold = row.state in HOLDING or (row.state == "requested" and row.request_holds)
        may_hold = must_hold or row.state == "requested"
        if (found != wanted and (must_hold or found)) or (found and not may_hold):
            yield f"{name} claims {found}, not {wanted if may_hold else 'nothing'}"
        if (row.held_until is not None) != (row.state in {"held", "awaiting_payment"}):
            yield f"{name} is held until {row.held_until}"
        if row.state in {"held", "awaiting_payment"} and not row.reminded:
            yield f"{name} is never let go"
        if row.owed_ore and row.state not in {"confirmed", "cancelled"}:
            yield f"{name} is {row.state} and owes {row.owed_ore}"
        if row.state == "confirmed" and row.payment == "online" and not row.paid_ore:
            yield f"{name} is had without being paid"
        if (row.ended_at is not None) != (row.state in ENDED):
            yield f"{name} ended at {row.ended_at}"
        if row.noted != row.version:
            yield f"{name} was changed {row.version} times and noted {row.noted} times"


def _about_closures(closures: Sequence[Any], claims: Sequence[Any]) -> Iterator[str]:
    wholes = _wholes([row for row in claims if row.closing])
    for row in closures:
        found = {place: (whole.start, whole.end) for place, whole in wholes.get(row.id, {}).items()}
        wanted = {(unit, 1): (row.starts_at, row.ends_at) for unit in row.units} if not row.lifted_at else {}
        if found != wanted:
            yield f"closure {row.id} claims {found}, not {wanted}"


def _about_pools(claims: Sequence[Any]) -> Iterator[str]:
    """At any instant, the times of all and the padded time of any one of them fit in together: of all but what is
    offered instead of something, and that, of which she gets but one.
    """
    for unit_id in {row.unit_id for row in claims if row.capacity is not None}:
        mine = [row for row in claims if row.unit_id == unit_id]
        cores = [row for row in mine if row.kind == 0]
        for at in {row.starts_at for row in mine}:
            in_use = [row for row in cores if row.starts_at <= at < row.ends_at]
            for pad in mine:
                if pad.kind == 0 or not pad.starts_at <= at < pad.ends_at:
                    continue
                others = sum(
                    row.quantity
                    for row in in_use
                    if pad.booking_id not in {row.booking_id, row.instead_of}
                    and pad.instead_of != row.booking_id
                )
                if others and others + pad.quantity > pad.capacity:
                    yield f"unit {unit_id} has room for {pad.capacity}, and at {at} {others} + {pad.quantity}"
