"""Drafts of invoices: found, made customer by customer, looked through and changed until they are issued.

A run begins with a message; what it finds is cut into pieces of whole customers, each a message and a transaction of
its own. The outbox gives each piece its effect once, however often somebody is killed in between, and a piece drafts
only what is not billed and stands in no draft: two runs at once share what there is between them.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note
from core.db import AnyRow
from core.errors import ChangedMeanwhile, Invalid, NotFound, WrongState
from core.ids import new_id
from core.outbox import publish
from core.spans import local_instant
from core.tenants import Tenant
from core.texts import N_
from payments.invoice_models import InvoiceRun
from payments.invoicing import invoice_queries as queries
from payments.invoicing.drafting import by_customer, draft_lines, language_of, left_of, line_rows, sums
from payments.invoicing.messages import DraftsWanted, RunBegun
from people.actors import Actor
from people.rules import demand

RIGHT: Final = "invoice.manage"
PIECE: Final = 1000
"""Bookings in one transaction; and on one invoice at most, as files of more are not taken by those who get them."""
LONGEST_DAYS: Final = 3 * 366


async def begin(
    db: AsyncSession, actor: Actor, from_on: date, *, until_on: date, now: datetime
) -> InvoiceRun:
    """A run over the bookings whose use ended on these local days. Raises SignInNeeded, StepUpNeeded, Forbidden,
    Invalid.
    """
    demand(actor, RIGHT)
    if not 0 <= (until_on - from_on).days <= LONGEST_DAYS:
        raise Invalid(field="until_on", expected=N_("a day on or after the first, at most three years later"))
    row = InvoiceRun(
        id=new_id(),
        from_on=from_on,
        until_on=until_on,
        state="gathering",
        found=0,
        done=0,
        created_at=now,
        created_by=actor.person_id,
        issued_at=None,
        issued_by=None,
        version=1,
    )
    db.add(row)
    await db.flush()
    note(db, actor.person_id, "invoice_run.begun", table="invoice_run", row_id=row.id, now=now)
    publish(db, RunBegun(row.id))
    return row


async def find(db: AsyncSession, tenant: Tenant, run_id: UUID, now: datetime) -> list[list[UUID]]:
    """What is due, in pieces of whole customers. The run knows how much there is."""
    run = await queries.locked_run(db, run_id)
    if run is None or run.state != "gathering":
        return []
    terms = await queries.terms(db)
    delay = timedelta(days=7 if terms is None else terms.delay_days)
    since, until = period(tenant, run.from_on, run.until_on)
    rows = await queries.due(db, since, until, now - delay)
    found = list(_pieces([list(row.ids) for row in rows]))
    run.found = sum(len(piece) for piece in found)
    if not found:
        run.state = "drafted"
    await db.flush()
    return found


def period(tenant: Tenant, from_on: date, until_on: date) -> tuple[datetime, datetime]:
    """The instants between which these local days lie."""
    return (
        local_instant(tenant.zone, from_on, 0),
        local_instant(tenant.zone, until_on + timedelta(days=1), 0),
    )


def _pieces(customers: Sequence[list[UUID]]) -> Iterator[list[UUID]]:
    """Whole customers together up to a piece; one who has more is cut."""
    piece: list[UUID] = []
    for ids in customers:
        if piece and len(piece) + len(ids) > PIECE:
            yield piece
            piece = []
        for start in range(0, len(ids), PIECE):
            part = ids[start : start + PIECE]
            if len(part) == PIECE:
                yield part
            else:
                piece += part
    if piece:
        yield piece


async def draft(
    db: AsyncSession, tenant: Tenant, run_id: UUID, booking_ids: Sequence[UUID], now: datetime
) -> int:
    """Drafts of what these bookings owe and nobody has billed; how many. When all pieces are done, so is the run."""
    await queries.lock_series(db, "invoice")
    run = await queries.locked_run(db, run_id)
    if run is None or run.state != "gathering":
        return 0
    orders: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    for customer, rows in by_customer(await queries.standing(db, booking_ids)).items():
        association_id, person_id, is_internal = customer
        language = _language(rows, tenant, is_person=person_id is not None)
        over = [row for row in rows if row.ends_at <= now]  # one may have been moved since it was found
        made = draft_lines([left for row in over if (left := left_of(row))], language)
        if not made:
            continue
        order_id = new_id()
        orders.append(
            {
                "id": order_id,
                "payment": "internal" if is_internal else "invoice",
                "person_id": person_id,
                "association_id": association_id,
                "run_id": run_id,
                "language": language,
                "by_id": run.created_by,
                "created_at": now,
                **sums(made),
            }
        )
        lines += line_rows(order_id, made, iter(new_id, None))
    await queries.add_orders(db, orders, lines)
    run.done += len(booking_ids)
    if run.done >= run.found:
        run.state = "drafted"
    await db.flush()
    return len(orders)


def _language(rows: Sequence[AnyRow], tenant: Tenant, *, is_person: bool) -> str:
    """A person's own; to associations the municipality writes in its first."""
    return language_of(rows[0].language if is_person else None, tenant.languages)


async def redraft(
    db: AsyncSession, orders: Sequence[AnyRow], keep: Sequence[Sequence[UUID]], now: datetime
) -> None:
    """Open invoices, locked, with what is left to bill of these of their bookings; one without any is void."""
    await queries.drop_lines(db, [order.id for order in orders])
    rows = {row.id: row for row in await queries.standing(db, [each for ids in keep for each in ids])}
    totals: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    empty: list[UUID] = []
    for order, ids in zip(orders, keep, strict=True):
        kept = sorted((rows[each] for each in ids if each in rows), key=lambda row: (row.starts_at, row.id))
        made = draft_lines([left for row in kept if (left := left_of(row))], order.language)
        totals.append({"id": order.id, **sums(made)})
        lines += line_rows(order.id, made, iter(new_id, None))
        if not made:
            empty.append(order.id)
    await queries.set_sums(db, totals)
    await queries.add_lines(db, lines)
    if empty:
        await queries.void(db, empty, now)


async def follow(db: AsyncSession, booking_ids: Sequence[UUID], now: datetime) -> None:
    """Drafts with these bookings, as the bookings stand now."""
    await queries.lock_series(db, "invoice")
    ids = await queries.drafts_of(db, booking_ids)
    orders = [order for order in await queries.locked_orders(db, ids) if order.state == "open"]
    lines = await queries.order_lines(db, [order.id for order in orders])
    keep: dict[UUID, dict[UUID, None]] = {order.id: {} for order in orders}
    for line in lines:
        if line.booking_id is not None:
            keep[line.order_id][line.booking_id] = None
    await redraft(db, orders, [list(keep[order.id]) for order in orders], now)


# Finance looks through them.


async def open_draft(db: AsyncSession, actor: Actor, order_id: UUID, version: int | None) -> AnyRow:
    """Locked. Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, WrongState, ChangedMeanwhile."""
    demand(actor, RIGHT)
    await queries.lock_series(db, "invoice")
    found = await queries.locked_orders(db, [order_id])
    if not found or found[0].kind != "invoice":
        raise NotFound(what="invoice")
    order = found[0]
    if order.state != "open":
        raise WrongState(state=order.state)
    if version is not None and order.version != version:
        raise ChangedMeanwhile(version=order.version)
    return order


async def leave_out(
    db: AsyncSession,
    actor: Actor,
    order_id: UUID,
    *,
    booking_id: UUID | None,
    version: int | None,
    now: datetime,
) -> None:
    """Not this time: one booking of a draft, or (None) the whole customer. A later run finds it again.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, WrongState, ChangedMeanwhile.
    """
    order = await open_draft(db, actor, order_id, version)
    lines = await queries.order_lines(db, [order_id])
    ids = list(dict.fromkeys(line.booking_id for line in lines if line.booking_id is not None))
    if booking_id is None:
        await queries.void(db, [order_id], now)
    elif booking_id not in ids:
        raise NotFound(what="booking")
    else:
        await redraft(db, [order], [[each for each in ids if each != booking_id]], now)
    change = {"booking_id": (str(booking_id) if booking_id else None, None)}
    note(db, actor.person_id, "invoice.left_out", table="pay_order", row_id=order_id, now=now, change=change)


async def set_reference(
    db: AsyncSession, actor: Actor, order_id: UUID, reference: str, *, version: int | None, now: datetime
) -> None:
    """The customer's own, which stands on the invoice. Raises as `open_draft`."""
    order = await open_draft(db, actor, order_id, version)
    await queries.set_reference(db, order_id, reference.strip())
    change = {"reference": (order.reference, reference.strip())}
    note(db, actor.person_id, "invoice.reference", table="pay_order", row_id=order_id, now=now, change=change)


async def drop(db: AsyncSession, actor: Actor, run_id: UUID, now: datetime) -> None:
    """A run whose drafts are not wanted: they are void, and what they were made of may be gathered again.

    Raises SignInNeeded, StepUpNeeded, Forbidden, NotFound, WrongState.
    """
    demand(actor, RIGHT)
    await queries.lock_series(db, "invoice")
    run = await queries.locked_run(db, run_id)
    if run is None:
        raise NotFound(what="invoice_run")
    if run.state not in ("gathering", "drafted"):
        raise WrongState(state=run.state)
    run.state, run.version = "void", run.version + 1
    await db.flush()
    await queries.void_run(db, run_id, now)
    note(db, actor.person_id, "invoice_run.dropped", table="invoice_run", row_id=run_id, now=now)


async def pieces(db: AsyncSession, tenant: Tenant, run_id: UUID, now: datetime) -> None:
    """Finds what is due and asks for its drafts, piece by piece."""
    for piece in await find(db, tenant, run_id, now):
        publish(db, DraftsWanted(run_id=run_id, bookings=piece))
