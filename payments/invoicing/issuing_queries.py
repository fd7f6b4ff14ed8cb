"""SQL of issuing invoices: many at once, each with its number, customer and accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from payments.invoicing.invoice_queries import BILLED, as_json

IDS = bindparam("ids", type_=ARRAY(Uuid))
OPEN = text(
    """
SELECT * FROM pay_order
WHERE run_id = :run_id AND state = 'open' AND kind = 'invoice' ORDER BY id LIMIT :limit FOR NO KEY UPDATE
"""
)


async def open_orders(db: AsyncSession, run_id: UUID, limit: int) -> Sequence[AnyRow]:
    """Drafts of a run, the first by id, locked."""
    return (await db.execute(OPEN, {"run_id": run_id, "limit": limit})).all()


HOLD_BOOKINGS = text(
    "SELECT b.id FROM booking b WHERE b.id IN (SELECT l.booking_id FROM order_line l WHERE l.order_id = ANY(:ids))"
    " ORDER BY b.id FOR SHARE"
).bindparams(IDS)
STALE = text(
    f"""
SELECT d.order_id, array_agg(DISTINCT d.booking_id) AS ids
FROM (
    SELECT l.tenant_id, l.order_id, l.booking_id FROM order_line l WHERE l.order_id = ANY(:ids) GROUP BY 1, 2, 3
) d
JOIN booking b ON b.tenant_id = d.tenant_id AND b.id = d.booking_id {BILLED}
GROUP BY d.order_id HAVING bool_or(billed.ore <> b.owed_ore)
ORDER BY d.order_id
"""  # noqa: S608  # our own words
).bindparams(IDS)


async def hold_bookings(db: AsyncSession, order_ids: Sequence[UUID]) -> None:
    """What the bookings of these orders owe does not change until the transaction ends."""
    await db.execute(HOLD_BOOKINGS, {"ids": list(order_ids)})


async def stale(db: AsyncSession, order_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Drafts that no longer say what their bookings owe: order_id, ids of its bookings."""
    return (await db.execute(STALE, {"ids": list(order_ids)})).all()


LINE_PLACES = text(
    """
SELECT DISTINCT r.facility_id, b.resource_id, CASE WHEN l.kind IN ('article', 'deposit') THEN l.key END AS article
FROM order_line l
JOIN booking b ON b.tenant_id = l.tenant_id AND b.id = l.booking_id
JOIN resource r ON r.tenant_id = b.tenant_id AND r.id = b.resource_id
WHERE l.order_id = ANY(:ids)
"""
).bindparams(IDS)
ACCOUNTS = text(
    """
UPDATE order_line l SET account = n.account
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(resource_id uuid, article text, account jsonb), booking b
WHERE l.order_id = ANY(:ids) AND b.tenant_id = l.tenant_id AND b.id = l.booking_id
    AND n.resource_id = b.resource_id
    AND n.article IS NOT DISTINCT FROM CASE WHEN l.kind IN ('article', 'deposit') THEN l.key END
"""
).bindparams(IDS)


async def line_places(db: AsyncSession, order_ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """facility_id, resource_id and article of their lines, each once."""
    return (await db.execute(LINE_PLACES, {"ids": list(order_ids)})).all()


async def set_accounts(db: AsyncSession, order_ids: Sequence[UUID], rows: Sequence[Any]) -> None:
    """Rows with resource_id, article and account."""
    if rows:
        await db.execute(ACCOUNTS, {"ids": list(order_ids), "rows": as_json(rows)})


ISSUE = text(
    """
UPDATE pay_order o SET state = 'issued', number = n.number, kid = n.kid, due_on = n.due_on, issued_at = :now,
    seller = CAST(:seller AS jsonb), version = o.version + 1,
    customer = CASE WHEN a.id IS NULL THEN jsonb_build_object(
            'name', p.name, 'postcode', coalesce(p.postcode, ''), 'email', coalesce(p.email, ''))
        ELSE jsonb_build_object(
            'name', a.name, 'organisation_number', coalesce(a.organisation_number, ''),
            'address', coalesce(a.address, ''), 'postcode', coalesce(a.postcode, ''),
            'town', coalesce(a.town, ''), 'email', coalesce(a.email, '')) END
FROM json_populate_recordset(NULL::pay_order, CAST(:rows AS json)) n
    LEFT JOIN association a ON a.tenant_id = :tenant_id AND a.id = n.association_id
    LEFT JOIN person p ON p.tenant_id = :tenant_id AND p.id = n.person_id
WHERE o.tenant_id = :tenant_id AND o.id = n.id AND o.state = 'open'
"""
)
TAKE = text(
    "UPDATE number_series SET next_number = next_number + :many WHERE kind = :kind RETURNING next_number - :many"
)


async def issue(db: AsyncSession, rows: Sequence[Any], *, seller: dict[str, Any], now: datetime) -> None:
    """Rows with id, association_id, person_id, number, kid and due_on; the customer as she is now."""
    values = {"tenant_id": db.info["tenant_id"], "rows": as_json(rows), "seller": as_json([seller])[1:-1]}
    await db.execute(ISSUE, {**values, "now": now})


async def take_numbers(db: AsyncSession, kind: str, many: int) -> int:
    """The first of so many numbers that are now the caller's, who holds the series."""
    return (await db.execute(TAKE, {"kind": kind, "many": many})).scalar_one()


ARE_LEFT = text(
    "SELECT EXISTS (SELECT FROM pay_order WHERE run_id = :run_id AND state = 'open' AND kind = 'invoice')"
)
HAVE_VAT = text(
    "SELECT EXISTS (SELECT FROM pay_order WHERE run_id = :run_id AND state = 'open' AND kind = 'invoice'"
    " AND payment = 'invoice' AND vat_ore <> 0)"
)


async def are_left(db: AsyncSession, run_id: UUID) -> bool:
    """Whether drafts of the run are still open."""
    return bool((await db.execute(ARE_LEFT, {"run_id": run_id})).scalar_one())


async def have_vat(db: AsyncSession, run_id: UUID) -> bool:
    """Whether there is VAT in the run's drafts to customers outside."""
    return bool((await db.execute(HAVE_VAT, {"run_id": run_id})).scalar_one())
