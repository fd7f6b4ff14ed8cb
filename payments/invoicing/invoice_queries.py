"""SQL of what is to be invoiced: bookings that are due, and the drafts that are made of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Uuid, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from core.ids import new_id
from payments.invoice_models import AccountCode, InvoiceRun, InvoiceTerms

FRESH = {"populate_existing": True}
IDS = bindparam("ids", type_=ARRAY(Uuid))

# What a booking has been billed: receipts and invoices that are issued, less credit notes; and what stands in drafts.
# Whoever drafts or issues invoices holds the row of their number series, so that this is true until she is done.
BILLED = """
LEFT JOIN LATERAL (
    SELECT coalesce(sum(CASE o.kind WHEN 'credit' THEN -l.gross_ore ELSE l.gross_ore END), 0)::bigint AS ore
    FROM order_line l JOIN pay_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
    WHERE l.tenant_id = b.tenant_id AND l.booking_id = b.id
        AND (o.state = 'issued' OR (o.state = 'open' AND o.kind = 'invoice'))
) billed ON true
"""
DUE = text(
    f"""
SELECT b.association_id, CASE WHEN b.association_id IS NULL THEN b.person_id END AS person_id,
    coalesce(b.payment, '') = 'internal' AS is_internal, array_agg(b.id ORDER BY b.starts_at, b.id) AS ids
FROM booking b {BILLED}
WHERE b.owed_ore > 0 AND b.ends_at >= :since AND b.ends_at < :until AND b.ends_at <= :before
    AND b.owed_ore > billed.ore
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608  # our own words
)
STANDING = text(
    f"""
SELECT b.id, b.association_id, CASE WHEN b.association_id IS NULL THEN b.person_id END AS person_id,
    coalesce(b.payment, '') = 'internal' AS is_internal, b.state, b.price, b.owed_ore, billed.ore AS billed_ore,
    b.starts_at, b.ends_at, f.name || ', ' || r.name AS place, p.language
FROM booking b {BILLED}
JOIN resource r ON r.tenant_id = b.tenant_id AND r.id = b.resource_id
JOIN facility f ON f.tenant_id = r.tenant_id AND f.id = r.facility_id
JOIN person p ON p.tenant_id = b.tenant_id AND p.id = b.person_id
WHERE b.id = ANY(:ids)
ORDER BY b.association_id, person_id, is_internal, b.starts_at, b.id
"""  # noqa: S608  # the same
).bindparams(IDS)
SERIES = text(
    "INSERT INTO number_series (tenant_id, id, kind) VALUES (:tenant_id, :id, :kind) ON CONFLICT DO NOTHING"
)
LOCK_SERIES = text("SELECT next_number FROM number_series WHERE kind = :kind FOR UPDATE")
TAKE_NUMBER = text("UPDATE number_series SET next_number = next_number + 1 WHERE kind = :kind")
ORDERS = text(
    """
INSERT INTO pay_order (tenant_id, id, kind, payment, person_id, association_id, run_id, net_ore, vat_ore, gross_ore,
    language, by_id, created_at)
SELECT :tenant_id, n.id, 'invoice', n.payment, n.person_id, n.association_id, n.run_id, n.net_ore, n.vat_ore,
    n.gross_ore, n.language, n.by_id, n.created_at
FROM json_populate_recordset(NULL::pay_order, CAST(:rows AS json)) n
"""
)
LINES = text(
    """
INSERT INTO order_line (tenant_id, id, order_id, position, booking_id, kind, key, text, unit, quantity_milli, unit_ore,
    vat_code, vat_rate, vat_reason, net_ore, vat_ore, gross_ore, starts_at, ends_at, account)
SELECT :tenant_id, n.id, n.order_id, n.position, n.booking_id, n.kind, n.key, n.text, n.unit, n.quantity_milli,
    n.unit_ore, n.vat_code, n.vat_rate, n.vat_reason, n.net_ore, n.vat_ore, n.gross_ore, n.starts_at, n.ends_at,
    coalesce(n.account, '{}')
FROM json_populate_recordset(NULL::order_line, CAST(:rows AS json)) n
"""
)


def as_json(rows: Sequence[Any]) -> str:
    """Without NUL, which PostgreSQL's text cannot hold and no wire lets in."""
    return msgspec.json.encode(rows).decode()


async def lock_series(db: AsyncSession, kind: str) -> int:
    """The next number of that kind of order; nobody else gives one until the transaction ends."""
    await db.execute(SERIES, {"tenant_id": db.info["tenant_id"], "id": new_id(), "kind": kind})
    return (await db.execute(LOCK_SERIES, {"kind": kind})).scalar_one()


async def take_number(db: AsyncSession, kind: str) -> None:
    """The one that `lock_series` told is used."""
    await db.execute(TAKE_NUMBER, {"kind": kind})


async def terms(db: AsyncSession) -> InvoiceTerms | None:
    return await db.scalar(select(InvoiceTerms))


async def locked_terms(db: AsyncSession) -> InvoiceTerms | None:
    return await db.scalar(select(InvoiceTerms).with_for_update(), execution_options=FRESH)


async def due(db: AsyncSession, since: datetime, until: datetime, before: datetime) -> Sequence[AnyRow]:
    """Customers with bookings whose use ended in [since, until) and by `before`, and that owe more than is billed:
    association_id or person_id, is_internal, ids by start.
    """
    return (await db.execute(DUE, {"since": since, "until": until, "before": before})).all()


async def standing(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """What each owes and has been billed, drafts among it; by customer, is_internal and start."""
    return (await db.execute(STANDING, {"ids": list(booking_ids)})).all()


async def add_orders(db: AsyncSession, orders: Sequence[Any], lines: Sequence[Any]) -> None:
    """Rows as `drafting` makes them."""
    tenant_id = db.info["tenant_id"]
    if orders:
        await db.execute(ORDERS, {"tenant_id": tenant_id, "rows": as_json(orders)})
    await add_lines(db, lines)


async def add_lines(db: AsyncSession, lines: Sequence[Any]) -> None:
    if lines:
        await db.execute(LINES, {"tenant_id": db.info["tenant_id"], "rows": as_json(lines)})


# Runs and their drafts.


async def run(db: AsyncSession, run_id: UUID) -> InvoiceRun | None:
    return await db.scalar(select(InvoiceRun).where(InvoiceRun.id == run_id))


async def locked_run(db: AsyncSession, run_id: UUID) -> InvoiceRun | None:
    statement = select(InvoiceRun).where(InvoiceRun.id == run_id).with_for_update()
    return await db.scalar(statement, execution_options=FRESH)


RUNS = text(
    """
SELECT r.id, r.from_on, r.until_on, r.state, r.found, r.done, r.created_at, r.issued_at, r.version,
    p.name AS created_by_name, o.orders, o.gross_ore, o.open_orders
FROM invoice_run r
LEFT JOIN person p ON p.tenant_id = r.tenant_id AND p.id = r.created_by
LEFT JOIN LATERAL (
    SELECT count(*)::int AS orders, coalesce(sum(o.gross_ore), 0)::bigint AS gross_ore,
        count(*) FILTER (WHERE o.state = 'open')::int AS open_orders
    FROM pay_order o WHERE o.tenant_id = r.tenant_id AND o.run_id = r.id AND o.state <> 'void'
) o ON true
WHERE (CAST(:only AS uuid) IS NULL OR r.id = :only)
    AND (CAST(:at AS timestamptz) IS NULL OR (r.created_at, r.id) < (:at, :after))
ORDER BY r.created_at DESC, r.id DESC LIMIT :limit
"""
)


async def runs(
    db: AsyncSession,
    *,
    after: tuple[datetime, UUID] | None = None,
    only: UUID | None = None,
    limit: int = 1,
) -> Sequence[AnyRow]:
    """Newest first, with how many orders they have and what these come to."""
    values = {"only": only, "at": after[0] if after else None, "after": after[1] if after else None}
    return (await db.execute(RUNS, {**values, "limit": limit})).all()


DRAFTS = text(
    """
SELECT o.id, o.kind, o.state, o.number, o.payment, o.run_id, o.net_ore, o.vat_ore, o.gross_ore, o.credited_ore,
    o.reference, o.reason, o.kid, o.due_on, o.issued_at, o.export_id, o.credits_id, o.version, o.association_id,
    o.person_id, o.customer,
    coalesce(nullif(o.customer ->> 'name', ''), a.name, p.name) AS name, a.organisation_number,
    coalesce(a.address, '') AS address, coalesce(a.postcode, p.postcode, '') AS postcode,
    (SELECT count(*)::int FROM order_line l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id) AS lines
FROM pay_order o
LEFT JOIN association a ON a.tenant_id = o.tenant_id AND a.id = o.association_id
LEFT JOIN person p ON p.tenant_id = o.tenant_id AND p.id = o.person_id
WHERE (CAST(:run_id AS uuid) IS NULL OR o.run_id = :run_id) AND (CAST(:only AS uuid) IS NULL OR o.id = :only)
    AND (CAST(:after AS uuid) IS NULL OR o.id > :after) AND (o.state <> 'void' OR o.id = :only)
ORDER BY o.id LIMIT :limit
"""
)


async def drafts(
    db: AsyncSession,
    *,
    run_id: UUID | None = None,
    only: UUID | None = None,
    after: UUID | None = None,
    limit: int = 1,
) -> Sequence[AnyRow]:
    """Orders of a run, or one of any, with the customer as she is now."""
    values = {"run_id": run_id, "only": only, "after": after, "limit": limit}
    return (await db.execute(DRAFTS, values)).all()


ORDER_LINES = text(
    "SELECT order_id, id, position, booking_id, kind, key, text, unit, quantity_milli, unit_ore, vat_code, vat_rate,"
    " vat_reason, net_ore, vat_ore, gross_ore, starts_at, ends_at, account"
    " FROM order_line WHERE order_id = ANY(:ids) ORDER BY order_id, position"
).bindparams(IDS)


async def order_lines(db: AsyncSession, order_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """By order and position."""
    return (await db.execute(ORDER_LINES, {"ids": list(order_ids)})).all()


LOCK_ORDERS = text("SELECT * FROM pay_order WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE").bindparams(
    IDS
)


async def locked_orders(db: AsyncSession, order_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """By id; nobody changes or credits them until the transaction ends."""
    return (await db.execute(LOCK_ORDERS, {"ids": list(order_ids)})).all()


DRAFTS_OF = text(
    "SELECT DISTINCT o.id FROM pay_order o JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id"
    " WHERE l.booking_id = ANY(:ids) AND o.kind = 'invoice' AND o.state = 'open' ORDER BY o.id"
).bindparams(IDS)
INVOICES_OF = text(
    "SELECT DISTINCT o.id FROM pay_order o JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id"
    " WHERE l.booking_id = ANY(:ids) AND o.kind = 'invoice' AND o.state = 'issued' AND o.credited_ore < o.gross_ore"
    " ORDER BY o.id"
).bindparams(IDS)
CREDITS_OF = text(
    "SELECT id, credits_id FROM pay_order WHERE credits_id = ANY(:ids) AND state = 'issued' ORDER BY id"
).bindparams(IDS)


async def drafts_of(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Open invoices with these bookings, by id."""
    return (await db.execute(DRAFTS_OF, {"ids": list(booking_ids)})).scalars().all()


async def invoices_of(db: AsyncSession, booking_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Issued invoices with these bookings of which something is left, by id."""
    return (await db.execute(INVOICES_OF, {"ids": list(booking_ids)})).scalars().all()


async def credits_of(db: AsyncSession, order_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Id and credits_id of their credit notes."""
    return (await db.execute(CREDITS_OF, {"ids": list(order_ids)})).all()


LOCK_BOOKINGS = text("SELECT id FROM booking WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE").bindparams(
    IDS
)


async def lock_bookings(db: AsyncSession, booking_ids: Sequence[UUID]) -> None:
    """By id. What they owe does not change until the transaction ends."""
    await db.execute(LOCK_BOOKINGS, {"ids": list(booking_ids)})


DROP_LINES = text("DELETE FROM order_line WHERE order_id = ANY(:ids)").bindparams(IDS)
SUMS = text(
    """
UPDATE pay_order o SET net_ore = n.net_ore, vat_ore = n.vat_ore, gross_ore = n.gross_ore, version = o.version + 1
FROM json_populate_recordset(NULL::pay_order, CAST(:rows AS json)) n
WHERE o.tenant_id = :tenant_id AND o.id = n.id AND o.state = 'open'
"""
)
VOID = text(
    "UPDATE pay_order SET state = 'void', voided_at = :now, version = version + 1"
    " WHERE id = ANY(:ids) AND state = 'open'"
).bindparams(IDS)
VOID_RUN = text(
    "UPDATE pay_order SET state = 'void', voided_at = :now, version = version + 1"
    " WHERE run_id = :run_id AND state = 'open' AND kind = 'invoice'"
)
REFERENCE = text(
    "UPDATE pay_order SET reference = :reference, version = version + 1 WHERE id = :id AND state = 'open'"
)


async def drop_lines(db: AsyncSession, order_ids: Sequence[UUID]) -> None:
    await db.execute(DROP_LINES, {"ids": list(order_ids)})


async def set_sums(db: AsyncSession, rows: Sequence[Any]) -> None:
    """Rows with id, net_ore, vat_ore and gross_ore, of open orders."""
    if rows:
        await db.execute(SUMS, {"tenant_id": db.info["tenant_id"], "rows": as_json(rows)})


async def void(db: AsyncSession, order_ids: Sequence[UUID], now: datetime) -> None:
    await db.execute(VOID, {"ids": list(order_ids), "now": now})


async def void_run(db: AsyncSession, run_id: UUID, now: datetime) -> None:
    """All its drafts: what they were made of may be gathered anew."""
    await db.execute(VOID_RUN, {"run_id": run_id, "now": now})


async def set_reference(db: AsyncSession, order_id: UUID, reference: str) -> None:
    await db.execute(REFERENCE, {"id": order_id, "reference": reference})


# Accounts.

CODES = text(
    """
SELECT c.id, c.facility_id, c.resource_id, c.article, c.account, c.department, c.project, c.product,
    coalesce(f.name, '') AS facility, coalesce(r.name, '') AS resource, coalesce(rf.name, '') AS resource_facility
FROM account_code c
LEFT JOIN facility f ON f.tenant_id = c.tenant_id AND f.id = c.facility_id
LEFT JOIN resource r ON r.tenant_id = c.tenant_id AND r.id = c.resource_id
LEFT JOIN facility rf ON rf.tenant_id = r.tenant_id AND rf.id = r.facility_id
ORDER BY c.article NULLS FIRST, r.name NULLS FIRST, f.name NULLS FIRST, c.id
"""
)


async def codes(db: AsyncSession) -> Sequence[AnyRow]:
    """All of them with names of their places, the widest first."""
    return (await db.execute(CODES)).all()


async def code(db: AsyncSession, code_id: UUID) -> AccountCode | None:
    statement = select(AccountCode).where(AccountCode.id == code_id).with_for_update()
    return await db.scalar(statement, execution_options=FRESH)


PLACE = text(
    "SELECT EXISTS (SELECT FROM facility WHERE id = :facility_id)"
    " OR EXISTS (SELECT FROM resource WHERE id = :resource_id)"
)


async def place_exists(db: AsyncSession, facility_id: UUID | None, resource_id: UUID | None) -> bool:
    values = {"facility_id": facility_id, "resource_id": resource_id}
    statement = PLACE.bindparams(bindparam("facility_id", type_=Uuid), bindparam("resource_id", type_=Uuid))
    return bool((await db.execute(statement, values)).scalar_one())
