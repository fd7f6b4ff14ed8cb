"""Whoever pays is told of each receipt, invoice and credit note, and where it is, and of a deposit that is kept."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from booking.telling import queries as telling
from booking.telling.changes import title_of
from booking.telling.service import News, post_of, tell
from booking.telling.times import Places, Time, times
from core.db import AnyRow
from core.tasks import on
from core.texts import Texts
from payments import order_queries, reading
from payments.messages import DepositKept, OrderIssued
from payments.models import Deposit
from payments.reading_queries import treasurers
from payments.reading_schemas import KINDS, WHY, Full


@on(OrderIssued)
async def tell_issued(db: AsyncSession, message: OrderIssued, now: datetime) -> None:
    """Whoever booked it, and who keeps the association's money. What is settled inside the municipality is not told."""
    order = await reading.full(db, message.order_id)
    if order is None or order.payment == "internal":
        return
    application: AnyRow | None = None
    if order.application_id is not None:
        application = await telling.application(db, order.application_id)
    found = _times(order)
    places = await telling.places(db, sorted({resource_id for resource_id, _, _ in found}))
    news = News(
        kind=kind_of(order),
        fill=partial(_fill, order, application, found, places),
        path=f"/orders/{order.id}",
        application_id=order.application_id,
    )
    post = await post_of(db)
    for person_id in await _payers(db, order.person_id, order.association_id):
        await tell(db, post, person_id, news, now)


@on(DepositKept)
async def tell_kept(db: AsyncSession, message: DepositKept, now: datetime) -> None:
    """The same people, of a deposit: what is kept of it, and why. What goes back is told again with its credit note."""
    row = await order_queries.deposit(db, message.booking_id)
    found = (await paying.standing(db, [message.booking_id])).get(message.booking_id)
    if row is None or found is None or found.payment == "internal":
        return
    application = await telling.application(db, found.application_id)
    places = await telling.places(db, [found.resource_id])
    news = News(
        kind="deposit_kept",
        fill=partial(_fill_kept, row, found, application, places),
        path="/orders",
        application_id=found.application_id,
    )
    post = await post_of(db)
    for person_id in await _payers(db, found.person_id, found.association_id):
        await tell(db, post, person_id, news, now)


def _fill_kept(
    row: Deposit, found: paying.Standing, application: AnyRow | None, places: Places, words: Texts
) -> dict[str, str]:
    time = (found.resource_id, found.starts_at, found.ends_at)
    back = [
        words.gettext("%(amount)s is given back.", amount=words.money(row.given_ore)),
        words.gettext("We write again, with a credit note, when the money is on its way."),
    ]
    return {
        "title": found.title if application is None else title_of(application, places),
        "times": times([time], places, words),
        "amount": words.money(row.kept_ore),
        "reason": row.reason,
        "money": " ".join(back) if row.given_ore else words.gettext("Nothing is given back."),
    }


def kind_of(order: Full) -> str:
    """Of booking.telling.kinds.KINDS."""
    if order.kind != "credit":
        return order.kind
    return "given_back" if order.payment == "online" else "credited"


async def _payers(db: AsyncSession, person_id: UUID | None, association_id: UUID | None) -> list[UUID]:
    """Whoever booked, and who keeps the association's money."""
    found = [] if person_id is None else [person_id]
    if association_id is not None:
        found += await treasurers(db, association_id)
    return list(dict.fromkeys(found))


def _times(order: Full) -> list[Time]:
    """By start, each once."""
    found = {
        (line.resource_id, line.starts_at, line.ends_at)
        for line in order.lines
        if line.resource_id is not None and line.starts_at is not None and line.ends_at is not None
    }
    return sorted(found, key=lambda each: (each[1], each[0]))


def _fill(
    order: Full, application: AnyRow | None, found: Sequence[Time], places: Places, words: Texts
) -> dict[str, str]:
    document = f"{words.gettext(KINDS[order.kind])} {order.number or ''}".strip()
    why = next((WHY[each.why] for each in order.refunds if each.why in WHY), "")
    return {
        "title": document if application is None else title_of(application, places),
        "times": times(found, places, words),
        "amount": words.money(order.gross_ore),
        "document": document,
        "reason": order.reason or words.gettext(why),
        "deadline": words.day(order.due_on, year=True) if order.due_on is not None else "",
    }
