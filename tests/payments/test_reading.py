"""Who sees which orders, in how many statements, and what a receipt says."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Forbidden, NotFound, SignInNeeded
from core.ids import new_id
from core.spans import utc_now
from core.texts import texts
from payments import paper, reading
from payments.reading_schemas import Asked
from people.actors import NOBODY, Actor, Grant
from tests import make
from tests.booking.conftest import Town
from tests.payments import papers
from tests.payments.papers import Sold

EVENING = make.at(make.next_weekday(2), 18)
NOW = utc_now()


async def sold(db: AsyncSession) -> tuple[UUID, UUID, make.Hall]:
    """A receipt of one booking: (order, person, hall)."""
    hall = await make.hall(db)
    person_id, _ = await make.person(db)
    booking_id = await papers.booking(db, hall.whole, person_id, EVENING)
    lines = [
        Sold(50_000, "full", booking_id, "Hallen, Sal A: Leie", span=EVENING),
        Sold(
            12_345, "exempt", booking_id, "Hallen, Sal A: Projektor", span=EVENING, vat_reason="mval. § 3-11"
        ),
    ]
    return await papers.order(db, person_id, lines, at=NOW), person_id, hall


def staff(role: Any, facility_id: UUID | None = None) -> Actor:
    return Actor(person_id=new_id(), grants=(Grant(role, facility_id=facility_id),))


async def test_whoever_pays_and_staff_of_the_place_see_an_order_and_nobody_else(db: AsyncSession) -> None:
    order_id, person_id, hall = await sold(db)
    other = await make.hall(db)
    for actor in (
        Actor(person_id=person_id),
        staff("finance"),
        staff("case_officer", hall.facility_id),
        staff("administrator"),
    ):
        assert (await reading.order(db, actor, order_id)).gross_ore == 62_345
    for actor in (staff("caretaker"), staff("case_officer", other.facility_id), Actor(person_id=other.whole)):
        with pytest.raises(NotFound):
            await reading.order(db, actor, order_id)
    with pytest.raises(SignInNeeded):
        await reading.order(db, NOBODY, order_id)


async def test_all_delegates_of_an_association_see_its_orders_and_whoever_made_it_alone_does_not(
    db: AsyncSession,
) -> None:
    person_id, _ = await make.person(db)
    club, _ = await make.association(db)
    order_id = await papers.order(db, person_id, [Sold(100)], at=NOW, association_id=club)
    assert await reading.order(db, Actor(person_id=NOBODY_ID, treasures=(club,)), order_id)
    assert await reading.order(db, Actor(person_id=NOBODY_ID, associations=(club,)), order_id)
    with pytest.raises(NotFound):
        await reading.order(db, Actor(person_id=person_id), order_id)
    page = await reading.mine(db, Actor(person_id=NOBODY_ID, treasures=(club,)), cursor=None, limit=10)
    assert [each.id for each in page.items] == [order_id]


NOBODY_ID = UUID(int=7)


async def test_drafts_of_invoices_are_seen_by_staff_alone(db: AsyncSession) -> None:
    person_id, _ = await make.person(db)
    draft = await papers.order(
        db, person_id, [Sold(100)], at=NOW, kind="invoice", state="open", payment="invoice"
    )
    with pytest.raises(NotFound):
        await reading.order(db, Actor(person_id=person_id), draft)
    assert (await reading.order(db, staff("finance"), draft)).state == "open"
    assert (await reading.mine(db, Actor(person_id=person_id), cursor=None, limit=10)).items == []


async def test_a_list_is_one_statement_and_an_order_two_however_much_there_is(db: AsyncSession) -> None:
    order_id, person_id, _ = await sold(db)
    for _ in range(5):
        await papers.order(db, person_id, [Sold(100), Sold(200)], at=NOW)
    statements: list[str] = []
    bind = db.get_bind()

    def count(_c: Any, _cu: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(bind, "before_cursor_execute", count)
    try:
        assert len((await reading.listed(db, staff("finance"), Asked(), cursor=None, limit=50)).items) == 6
        assert len(statements) == 1
        statements.clear()
        assert len((await reading.order(db, staff("finance"), order_id)).lines) == 2
        assert len(statements) == 2
    finally:
        event.remove(bind, "before_cursor_execute", count)


async def test_staff_find_an_order_by_number_name_booking_state_and_time_at_their_places(
    db: AsyncSession,
) -> None:
    order_id, person_id, hall = await sold(db)
    stranger, _ = await make.person(db, name="Ola 100%_Dunk")
    other = await papers.order(db, stranger, [Sold(300)], at=NOW - timedelta(days=40))
    finance = staff("finance")
    found = await reading.order(db, finance, order_id)

    async def ids(actor: Actor = finance, **asked: Any) -> list[UUID]:
        return [e.id for e in (await reading.listed(db, actor, Asked(**asked), cursor=None, limit=50)).items]

    assert await ids() == [order_id, other]
    assert await ids(number=found.number) == [order_id]
    assert await ids(who="100%_d") == [other]
    assert await ids(who="100%%") == []
    assert await ids(booking_id=found.lines[0].booking_id) == [order_id]
    assert await ids(state="void") == []
    assert await ids(kind="receipt", since=NOW - timedelta(days=1)) == [order_id]
    assert await ids(until=NOW - timedelta(days=1)) == [other]
    assert await ids(staff("case_officer", hall.facility_id)) == [order_id]
    with pytest.raises(Forbidden):
        await ids(Actor(person_id=person_id))
    first = await reading.listed(db, finance, Asked(), cursor=None, limit=1)
    second = await reading.listed(db, finance, Asked(), cursor=first.next, limit=1)
    assert [e.id for e in (*first.items, *second.items)] == [order_id, other]
    assert second.next is None


async def test_what_was_given_back_stands_on_the_receipt_and_on_the_credit_note(db: AsyncSession) -> None:
    order_id, person_id, _ = await sold(db)
    payment_id = await papers.paid(db, order_id, 62_345, NOW)
    credit = await papers.order(
        db, person_id, [Sold(12_345)], at=NOW, kind="credit", credits_id=order_id, reason="Avlyst"
    )
    await papers.given_back(db, payment_id, credit, 12_345, NOW)
    receipt = await reading.order(db, Actor(person_id=person_id), order_id)
    note = await reading.order(db, Actor(person_id=person_id), credit)
    assert (receipt.paid_ore, receipt.refunded_ore) == (62_345, 12_345)
    assert [each.id for each in receipt.credits] == [credit]
    assert note.credits_number == receipt.number
    assert [e.amount_ore for e in note.refunds] == [12_345]
    told = json.dumps([paper.paper_of(each, texts("en"), "X").parts for each in (receipt, note)], default=str)
    assert "Paid back: NOK 123.45" in told
    assert "Paid online" in told
    assert "cancelled" in told


async def test_a_receipt_bears_what_the_law_asks_and_its_bytes_are_the_same_each_time(
    db: AsyncSession,
) -> None:
    order_id, person_id, _ = await sold(db)
    found = await reading.order(db, Actor(person_id=person_id), order_id)
    for language in ("nb", "nn", "en"):
        made = paper.paper_of(found, texts(language), "Kommunen")
        assert made.seller_name == "Solvik kommune"
        assert any("964 965 226 MVA" in each for each in made.seller)
        assert made.customer == ["Kari Nordmann"]
        assert str(found.number) in made.title
        assert len(made.rates) == 2
        assert made.totals[-1][1] == texts(language).amount(62_345)
        assert made.groups[0].heading.endswith(", Hallen, Sal A")
        assert [row.text for row in made.groups[0].rows] == ["Leie", "Projektor"]
        assert any("mval. § 3-11" in part.paragraphs for part in made.parts)
        content = paper.pdf(made)
        assert content == paper.pdf(made)
        assert b"pdfuaid" in content


async def test_pages_show_the_receipt_its_pdf_and_the_list(town: Town) -> None:
    async def work(db: AsyncSession) -> tuple[UUID, str]:
        person_id, token = await make.person(db)
        return await papers.order(db, person_id, [Sold(50_000, "full"), Sold(12_345)], at=NOW), token

    order_id, token = await town.have(work)
    base = f"/{town.tenant.slug}/orders"
    for path in (base, f"{base}/{order_id}"):
        answer = await town.http.get(path, headers=make.bearer(token))
        assert answer.status_code == 200, answer.text
        assert "623,45" in answer.text
    answer = await town.http.get(f"{base}/{order_id}/receipt.pdf", headers=make.bearer(token))
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
