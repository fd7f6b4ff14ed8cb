"""Documents: made open, issued with a number, and credited. Used for receipts, invoices and credit notes alike."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from core.outbox import publish
from core.tenants import Tenant, tenant_here
from payments import order_queries as queries
from payments.documents import Line, totals
from payments.messages import OrderIssued
from payments.models import Order, OrderLine
from people.models import Association, Person


def add_order(
    db: AsyncSession,
    lines: Sequence[Line],
    *,
    kind: str,
    payment: str,
    person_id: UUID | None,
    association_id: UUID | None,
    language: str,
    now: datetime,
    **more: Any,
) -> Order:
    """An open one with these lines. The caller flushes."""
    whole = totals(lines)
    order = Order(
        id=new_id(),
        kind=kind,
        state="open",
        payment=payment,
        person_id=person_id,
        association_id=association_id,
        language=language,
        net_ore=whole.net_ore,
        vat_ore=whole.vat_ore,
        gross_ore=whole.gross_ore,
        credited_ore=0,
        created_at=now,
        **more,
    )
    db.add(order)
    add_lines(db, order.id, lines)
    return order


def add_lines(db: AsyncSession, order_id: UUID, lines: Sequence[Line]) -> None:
    """In this order, beginning with 1."""
    db.add_all(
        OrderLine(id=new_id(), order_id=order_id, position=position, **msgspec.structs.asdict(line))
        for position, line in enumerate(lines, start=1)
    )


def line_of(row: OrderLine) -> Line:
    return msgspec.convert(row, Line, from_attributes=True)


async def issue(db: AsyncSession, order: Order, now: datetime) -> None:
    """The next number of its kind, and who sells and who buys: of a credit note as on what it credits, else as they
    stand now. From here on it never changes.

    Call it last: the series is held until the transaction ends, so that no number is missing.
    """
    assert order.state == "open", "what is issued or void stays so"
    if not order.seller:
        order.seller = await seller(db, await tenant_here(db))
    if not order.customer:  # nor does a credit note have one, where that of its order is forgotten
        order.customer = await customer(db, order.person_id, order.association_id)
    await db.flush()
    order.number = await queries.next_number(db, order.kind)
    order.state, order.issued_at = "issued", now
    publish(db, OrderIssued(order.id))
    await db.flush()


async def seller(db: AsyncSession, tenant: Tenant) -> dict[str, Any]:
    """The municipality, as it stands on its documents."""
    terms = await queries.terms(db)
    return {
        "name": (terms.seller_name if terms else "") or tenant.name,
        "organisation_number": tenant.organisation_number,
        "address": terms.address if terms else "",
        "postcode": terms.postcode if terms else "",
        "town": terms.town if terms else "",
        "email": terms.email if terms else "",
        "vat_registered": terms is not None and terms.vat_registered,
        "bank_account": terms.bank_account if terms else "",
    }


async def customer(db: AsyncSession, person_id: UUID | None, association_id: UUID | None) -> dict[str, Any]:
    """Who pays: the association, else the person."""
    party: Association | Person | None = None
    if association_id is not None:
        party = await queries.association(db, association_id)
    elif person_id is not None:
        party = await queries.person(db, person_id)
    assert party is not None, "an order is somebody's"
    told = {"name": party.name, "postcode": party.postcode or "", "email": party.email or ""}
    if isinstance(party, Association):
        told |= {
            "organisation_number": party.organisation_number or "",
            "address": party.address or "",
            "town": party.town or "",
        }
    return told


async def credit(
    db: AsyncSession,
    order: Order,
    lines: Sequence[Line],
    *,
    reason: str,
    by_id: UUID | None,
    now: datetime,
) -> Order:
    """The credit note, issued, to and by whom `order` was; that is locked by the caller."""
    assert order.state == "issued", "only what is issued is credited"
    note = add_order(
        db,
        lines,
        kind="credit",
        payment=order.payment,
        person_id=order.person_id,
        association_id=order.association_id,
        language=order.language,
        now=now,
        application_id=order.application_id,
        credits_id=order.id,
        reference=order.reference,
        reason=reason,
        by_id=by_id,
        seller=dict(order.seller),
        customer=dict(order.customer),
    )
    order.credited_ore += note.gross_ore
    await issue(db, note, now)
    return note
