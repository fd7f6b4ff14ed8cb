"""SQL of exports: what has not gone out, read piece by piece, and the files as they were."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import AnyRow
from payments.invoice_models import ExportRun

IDS = bindparam("ids", type_=ARRAY(Uuid))
PAYMENTS = bindparam("payments", type_=ARRAY(Text))
FRESH = {"populate_existing": True}
NEW = """
state = 'issued' AND export_id IS NULL AND payment = ANY(:payments) AND gross_ore <> 0
    AND (NOT :with_number OR coalesce(customer ->> 'organisation_number', '') <> '')
"""
CLAIM = text(
    f"UPDATE pay_order SET export_id = :export_id, version = version + 1 WHERE {NEW} RETURNING id, kind, number"  # noqa: S608  # our own words
).bindparams(PAYMENTS)
HOW_MANY = text(f"SELECT count(*)::int FROM pay_order WHERE {NEW}").bindparams(PAYMENTS)  # noqa: S608  # the same
GIVE_BACK = text(
    "UPDATE pay_order SET export_id = NULL, version = version + 1 WHERE id = ANY(:ids) AND export_id = :export_id"
).bindparams(IDS)
PAPERS = text(
    """
SELECT o.*, c.number AS credits_number, c.issued_at AS credits_issued_at
FROM pay_order o LEFT JOIN pay_order c ON c.tenant_id = o.tenant_id AND c.id = o.credits_id
WHERE o.id = ANY(:ids)
"""
).bindparams(IDS)
LINES = text(
    """
SELECT l.*, b.resource_id, r.facility_id
FROM order_line l
LEFT JOIN booking b ON b.tenant_id = l.tenant_id AND b.id = l.booking_id
LEFT JOIN resource r ON r.tenant_id = b.tenant_id AND r.id = b.resource_id
WHERE l.order_id = ANY(:ids) ORDER BY l.order_id, l.position
"""
).bindparams(IDS)


async def how_many(db: AsyncSession, payments: Sequence[str], *, with_number: bool) -> int:
    """Orders that are issued and have not gone out; `with_number`: to customers who have an organisation number."""
    values = {"payments": list(payments), "with_number": with_number}
    return (await db.execute(HOW_MANY, values)).scalar_one()


async def claim(
    db: AsyncSession, export_id: UUID, payments: Sequence[str], *, with_number: bool
) -> list[UUID]:
    """These orders go out with this export and with no other; by kind and number."""
    values = {"export_id": export_id, "payments": list(payments), "with_number": with_number}
    rows = (await db.execute(CLAIM, values)).all()
    return [row.id for row in sorted(rows, key=lambda row: (row.kind != "invoice", row.kind, row.number))]


async def give_back(db: AsyncSession, export_id: UUID, ids: Sequence[UUID]) -> None:
    """What could not be written does not go out with it."""
    await db.execute(GIVE_BACK, {"ids": list(ids), "export_id": export_id})


async def papers(db: AsyncSession, ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Orders with number and time of what they credit."""
    return (await db.execute(PAPERS, {"ids": list(ids)})).all()


async def lines(db: AsyncSession, ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """Their lines with resource and facility, by order and position."""
    return (await db.execute(LINES, {"ids": list(ids)})).all()


async def export(db: AsyncSession, export_id: UUID) -> ExportRun | None:
    return await db.scalar(select(ExportRun).where(ExportRun.id == export_id))


async def by_number(db: AsyncSession, number: int) -> ExportRun | None:
    return await db.scalar(select(ExportRun).where(ExportRun.number == number))


async def locked_export(db: AsyncSession, export_id: UUID) -> ExportRun | None:
    statement = select(ExportRun).where(ExportRun.id == export_id).with_for_update()
    return await db.scalar(statement, execution_options=FRESH)


EXPORTS = text(
    """
SELECT e.id, e.number, e.layout, e.state, e.orders, e.file_name, e.created_at, coalesce(p.name, '') AS created_by
FROM export_run e LEFT JOIN person p ON p.tenant_id = e.tenant_id AND p.id = e.created_by
WHERE (CAST(:after AS int) IS NULL OR e.number < :after) AND (CAST(:only AS uuid) IS NULL OR e.id = :only)
ORDER BY e.number DESC LIMIT :limit
"""
)


async def exports(
    db: AsyncSession, *, after: int | None = None, only: UUID | None = None, limit: int = 1
) -> Sequence[AnyRow]:
    """Newest first, without their contents."""
    return (await db.execute(EXPORTS, {"after": after, "only": only, "limit": limit})).all()


FORGET = text(
    "UPDATE export_run SET content = NULL WHERE id IN (SELECT id FROM export_run WHERE content IS NOT NULL"
    " AND created_at < :before ORDER BY created_at, id LIMIT :limit) RETURNING id"
)


async def forget(db: AsyncSession, before: datetime, limit: int) -> int:
    """Contents of files from before then; how many went."""
    return len((await db.execute(FORGET, {"before": before, "limit": limit})).all())
