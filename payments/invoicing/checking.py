"""Runs and their drafts as finance looks through them, with what is odd about each."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from stdnum.no import orgnr

from core.db import AnyRow
from core.errors import NotFound
from core.money import Money
from core.paging import Page, read_cursor, write_cursor
from core.tenants import Tenant
from payments.invoicing import invoice_queries as queries
from payments.invoicing.invoice_schemas import InvoiceOut, RunOut
from people.actors import Actor
from people.rules import demand

RIGHT: Final = "invoice.manage"
SMALL_ORE: Final = 100_00
"""Less than this is told to be little: an invoice may cost more than it brings."""


async def runs(
    db: AsyncSession, actor: Actor, tenant: Tenant, *, cursor: str | None, limit: int
) -> Page[RunOut]:
    """Newest first. Raises SignInNeeded, StepUpNeeded, Forbidden, Invalid."""
    demand(actor, RIGHT)
    after = read_cursor(cursor, datetime, UUID)
    rows = await queries.runs(db, after=(after[0], after[1]) if after else None, limit=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        [_run(row, tenant) for row in rows[:limit]], write_cursor(last.created_at, last.id) if last else None
    )


async def run(db: AsyncSession, actor: Actor, tenant: Tenant, run_id: UUID) -> RunOut:
    """Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand(actor, RIGHT)
    found = await queries.runs(db, only=run_id)
    if not found:
        raise NotFound(what="invoice_run")
    return _run(found[0], tenant)


async def invoices(
    db: AsyncSession, actor: Actor, run_id: UUID, *, cursor: str | None, limit: int
) -> Page[InvoiceOut]:
    """Drafts and invoices of a run, in the order in which they get their numbers; those left out are not there.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, Invalid.
    """
    demand(actor, RIGHT)
    if await queries.run(db, run_id) is None:
        raise NotFound(what="invoice_run")
    after = read_cursor(cursor, UUID)
    rows = await queries.drafts(db, run_id=run_id, after=after[0] if after else None, limit=limit + 1)
    more = write_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page([invoice_out(row) for row in rows[:limit]], more)


async def invoice(db: AsyncSession, actor: Actor, order_id: UUID) -> tuple[InvoiceOut, AnyRow, list[Any]]:
    """With its row and its lines. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound."""
    demand(actor, RIGHT)
    rows = await queries.drafts(db, only=order_id)
    if not rows or rows[0].kind != "invoice":
        raise NotFound(what="invoice")
    return invoice_out(rows[0]), rows[0], list(await queries.order_lines(db, [order_id]))


def warnings(row: Any) -> list[str]:
    """What is odd about a draft: words of `invoice_words.WARNINGS`. Internal ones are sent to nobody."""
    found: list[str] = []
    if not (row.name or "").strip():
        found.append("no_name")
    if row.payment == "internal":
        return found
    if row.association_id is not None and not orgnr.is_valid(row.organisation_number or ""):
        found.append("no_organisation_number")
    if not row.postcode or (row.association_id is not None and not row.address):
        found.append("no_address")
    if row.gross_ore < SMALL_ORE:
        found.append("small")
    return found


def invoice_out(row: Any) -> InvoiceOut:
    return InvoiceOut(
        id=row.id,
        state=row.state,
        number=row.number,
        payment=row.payment,
        association_id=row.association_id,
        person_id=row.person_id,
        customer=row.name or "",
        organisation_number=row.organisation_number or "",
        reference=row.reference,
        lines=row.lines,
        net=Money(row.net_ore),
        vat=Money(row.vat_ore),
        gross=Money(row.gross_ore),
        credited=Money(row.credited_ore),
        kid=row.kid,
        due_on=row.due_on,
        exported=row.export_id is not None,
        warnings=warnings(row) if row.state == "open" else [],
        version=row.version,
    )


def _run(row: Any, tenant: Tenant) -> RunOut:
    return RunOut(
        id=row.id,
        from_on=row.from_on,
        until_on=row.until_on,
        state=row.state,
        found=row.found,
        done=row.done,
        orders=row.orders,
        open_orders=row.open_orders,
        gross=Money(row.gross_ore),
        created_at=row.created_at.astimezone(tenant.zone),
        created_by=row.created_by_name or "",
        issued_at=None if row.issued_at is None else row.issued_at.astimezone(tenant.zone),
        version=row.version,
    )
