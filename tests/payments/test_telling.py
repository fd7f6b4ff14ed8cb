"""Whoever pays is told of what is issued, with a way to it; so is who keeps an association's money."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.telling_models import Notice
from core.spans import utc_now
from payments import telling_tasks
from payments.messages import OrderIssued
from people.models import Delegate
from tests import make
from tests.payments import papers
from tests.payments.papers import Sold

EVENING = make.at(make.next_weekday(2), 18)
NOW = utc_now()


async def told(db: AsyncSession, order_id: UUID) -> list[Notice]:
    await telling_tasks.tell_issued(db, OrderIssued(order_id), NOW)
    return list((await db.scalars(select(Notice).order_by(Notice.kind, Notice.person_id))).all())


async def test_a_receipt_is_told_with_what_was_paid_for_and_where_it_is(db: AsyncSession) -> None:
    hall = await make.hall(db)
    person_id, _ = await make.person(db)
    booking_id = await papers.booking(db, hall.whole, person_id, EVENING)
    order_id = await papers.order(db, person_id, [Sold(65_500, booking_id=booking_id, span=EVENING)], at=NOW)
    (notice,) = await told(db, order_id)
    assert (notice.kind, notice.person_id, notice.path) == ("receipt", person_id, f"/orders/{order_id}")
    assert "655" in notice.text
    assert "Hele hallen" in notice.text


@pytest.mark.parametrize(("payment", "kind"), [("online", "given_back"), ("invoice", "credited")])
async def test_a_credit_note_is_told_with_its_reason(db: AsyncSession, payment: str, kind: str) -> None:
    person_id, _ = await make.person(db)
    first = await papers.order(db, person_id, [Sold(100)], at=NOW, payment=payment)
    more: dict[str, Any] = {"credits_id": first, "reason": "Taket lekker", "payment": payment}
    note = await papers.order(db, person_id, [Sold(100)], at=NOW, kind="credit", **more)
    (notice,) = await told(db, note)
    assert notice.kind == kind
    assert "Taket lekker" in notice.text


async def test_the_treasurer_is_told_of_an_associations_invoice_and_one_who_was_is_not(
    db: AsyncSession,
) -> None:
    booker, treasurer, former = [(await make.person(db))[0] for _ in range(3)]
    club, _ = await make.association(db, booker)
    for person_id, ended_at in ((treasurer, None), (former, NOW)):
        db.add(Delegate(person_id=person_id, association_id=club, role="treasurer", ended_at=ended_at))
    await db.flush()
    order_id = await papers.order(
        db, booker, [Sold(100)], at=NOW, kind="invoice", payment="invoice", association_id=club,
        due_on=NOW.date(),
    )  # fmt: skip
    assert {each.person_id for each in await told(db, order_id)} == {booker, treasurer}


async def test_what_is_settled_inside_the_municipality_is_not_told(db: AsyncSession) -> None:
    person_id, _ = await make.person(db)
    order_id = await papers.order(db, person_id, [Sold(100)], at=NOW, payment="internal")
    assert await told(db, order_id) == []
