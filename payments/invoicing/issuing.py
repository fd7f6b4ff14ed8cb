"""Drafts become invoices: each with the next number, its KID and the day it is due, and never changes again.

A run is issued in pieces, each a transaction. What a booking owes is held meanwhile, so that what was cancelled in
the last moment is drafted anew first, and what is cancelled afterwards is credited.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note
from core.db import AnyRow
from core.errors import ChangedMeanwhile, InvoiceTermsMissing, NotFound, WrongState
from core.outbox import publish
from core.spans import local_date
from core.tenants import Tenant
from payments import issuing as documents
from payments.invoice_models import InvoiceTerms
from payments.invoicing import invoice_queries as queries
from payments.invoicing import issuing_queries
from payments.invoicing.account_rules import account_of
from payments.invoicing.gathering import RIGHT, redraft
from payments.invoicing.invoice_terms import read_codes
from payments.invoicing.kid import kid, serial_digits
from payments.invoicing.messages import IssueWanted
from payments.messages import OrderIssued
from people.actors import Actor
from people.rules import demand

PIECE: Final = 250
"""Invoices in one transaction."""
MARGIN: Final = 1000
"""So many numbers ahead the KID must have room, or for all of the run where that is more."""


async def begin(db: AsyncSession, actor: Actor, run_id: UUID, *, version: int | None, now: datetime) -> None:
    """All drafts of the run are to be issued. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, WrongState,
    ChangedMeanwhile, InvoiceTermsMissing.
    """
    demand(actor, RIGHT)
    next_number = await queries.lock_series(db, "invoice")
    run = await queries.locked_run(db, run_id)
    if run is None:
        raise NotFound(what="invoice_run")
    if version is not None and run.version != version:
        raise ChangedMeanwhile(version=run.version)
    if run.state != "drafted":
        raise WrongState(state=run.state)
    terms = await queries.terms(db)
    (standing,) = await queries.runs(db, only=run_id)
    missing = lacking(terms, next_number + max(MARGIN, standing.open_orders))
    if (
        not missing
        and terms is not None
        and not terms.vat_registered
        and await issuing_queries.have_vat(db, run_id)
    ):
        missing = ["vat_registered"]
    if missing:
        raise InvoiceTermsMissing(missing=missing)
    run.state, run.issued_by, run.version = "issuing", actor.person_id, run.version + 1
    await db.flush()
    note(db, actor.person_id, "invoice_run.issued", table="invoice_run", row_id=run_id, now=now)
    publish(db, IssueWanted(run_id, actor.person_id))


def lacking(terms: InvoiceTerms | None, last_number: int) -> list[str]:
    """What must be said before invoices can go out up to that number: members of the terms."""
    if terms is None or not terms.bank_account:
        return ["bank_account"]
    if len(str(last_number)) > serial_digits(terms.kid_prefix, terms.kid_length):
        return ["kid_length"]
    return []


async def issue_piece(db: AsyncSession, tenant: Tenant, run_id: UUID, now: datetime) -> bool:
    """The next drafts of a run that is being issued; whether more are left."""
    number = await queries.lock_series(db, "invoice")
    run = await queries.locked_run(db, run_id)
    if run is None or run.state != "issuing":
        return False
    orders = await issuing_queries.open_orders(db, run_id, PIECE)
    if orders:
        await _issue(db, tenant, orders, number, now)
    is_more = await issuing_queries.are_left(db, run_id)
    if not is_more:
        run.state, run.issued_at, run.version = "issued", now, run.version + 1
        await db.flush()
    return is_more


async def _issue(
    db: AsyncSession, tenant: Tenant, orders: Sequence[AnyRow], number: int, now: datetime
) -> None:
    orders = await _fresh(db, orders, now)
    if not orders:
        return
    ids = [order.id for order in orders]
    await _fix_accounts(db, ids)
    terms = await queries.terms(db)
    assert terms is not None, "a run is not issued without them"
    due_on = local_date(tenant.zone, now) + timedelta(days=terms.due_days)
    rows: list[dict[str, Any]] = []
    for place, order in enumerate(orders):
        is_outside = order.payment == "invoice"
        rows.append(
            {
                "id": order.id,
                "association_id": order.association_id,
                "person_id": order.person_id,
                "number": number + place,
                "kid": kid_of(terms, number + place) if is_outside else None,
                "due_on": due_on if is_outside else None,
            }
        )
    first = await issuing_queries.take_numbers(db, "invoice", len(rows))
    assert first == number, "the series is held"
    seller = await documents.seller(db, tenant)
    await issuing_queries.issue(db, rows, seller=seller, now=now)
    for order in orders:
        publish(db, OrderIssued(order.id))


def kid_of(terms: InvoiceTerms, number: int) -> str:
    check = "mod11" if terms.kid_check == "mod11" else "mod10"
    return kid(number, prefix=terms.kid_prefix, length=terms.kid_length, check=check)


async def _fresh(db: AsyncSession, orders: Sequence[AnyRow], now: datetime) -> Sequence[AnyRow]:
    """The drafts as their bookings stand now; without those of which nothing is left."""
    ids = [order.id for order in orders]
    await issuing_queries.hold_bookings(db, ids)
    stale = {row.order_id: row.ids for row in await issuing_queries.stale(db, ids)}
    if not stale:
        return orders
    known = {order.id: order for order in orders}
    await redraft(db, [known[each] for each in stale], list(stale.values()), now)
    kept = {order.id: order for order in await queries.locked_orders(db, ids) if order.state == "open"}
    return [kept[each] for each in ids if each in kept]


async def _fix_accounts(db: AsyncSession, order_ids: Sequence[UUID]) -> None:
    codes = await read_codes(db)
    places = await issuing_queries.line_places(db, order_ids) if codes else ()
    rows = [
        {
            "resource_id": place.resource_id,
            "article": place.article,
            "account": account_of(
                codes, facility_id=place.facility_id, resource_id=place.resource_id, article=place.article
            ),
        }
        for place in places
    ]
    await issuing_queries.set_accounts(db, order_ids, rows)
