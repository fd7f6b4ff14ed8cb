"""Our books against the sandbox's, each kind of difference planted: found once, settled when it no longer is."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from core.delivery import Door
from core.ids import new_id
from core.spans import utc_now
from payments import provider_queries, provider_tasks, reconciling
from payments.messages import AccountDue, BooksDue, PaymentInQuestion
from payments.models import Checkout, Order, Payment, Refund
from payments.provider import Session, Unclear
from payments.provider_models import Difference
from payments.sandbox import paying
from payments.sandbox.program import Faults
from people.actors import Actor, Grant
from tests import make
from tests.payments.conftest import Counter, settings_of
from tests.payments.tills import wish

AROUND = timedelta(minutes=5)


class Sale(NamedTuple):
    """Something that was paid."""

    order_id: UUID
    payment_id: UUID
    payment_ref: str


class Books:
    """What a test does with both sides."""

    def __init__(self, counter: Counter) -> None:
        self.counter, self.gateway = counter, counter.till.gateway
        self.door = Door(counter.database, counter.tenant.id, settings_of(counter.till))
        self.person_id = UUID(int=0)
        self.now = utc_now()

    async def paid_there(self, amount: int, *, card: str = paying.PAYS) -> Session:
        """On a page of ours, and nobody has told us."""
        asked = wish(self.now, amount)
        opened = await self.gateway.open_session(self.counter.account, asked)
        self.counter.till.sandbox.paying.pay(self.counter.account, opened.ref, card)
        return await self.gateway.session(self.counter.account, opened.ref)

    async def sold(self, amount: int = 50_000, *, card: str = paying.PAYS) -> Sale:
        """Paid there, and known here."""
        session = await self.paid_there(amount, card=card)
        assert session.payment_ref
        assert session.order_id
        return await self.known_here(amount, session.payment_ref, session.order_id, session.ref)

    async def known_here(
        self, amount: int, payment_ref: str, order_id: UUID | None = None, session_ref: str | None = None
    ) -> Sale:
        order_id, payment_id, checkout_id = order_id or new_id(), new_id(), new_id()
        async with self.door() as db:
            if self.person_id == UUID(int=0):
                self.person_id, _ = await make.person(db)
            db.add(
                Order(
                    id=order_id,
                    kind="receipt",
                    payment="online",
                    person_id=self.person_id,
                    net_ore=amount,
                    vat_ore=0,
                    gross_ore=amount,
                )
            )
            await db.flush()
            db.add(
                Checkout(
                    id=checkout_id,
                    order_id=order_id,
                    attempt=1,
                    provider="stripe",
                    state="paid",
                    ref=session_ref or f"cs_{new_id().hex}",
                    amount_ore=amount,
                    expires_at=self.now,
                )
            )
            await db.flush()
            db.add(
                Payment(
                    id=payment_id,
                    order_id=order_id,
                    checkout_id=checkout_id,
                    provider="stripe",
                    ref=payment_ref,
                    amount_ore=amount,
                    captured_at=self.now,
                )
            )
        return Sale(order_id, payment_id, payment_ref)

    async def refund_here(
        self, sale: Sale, amount: int, *, ref: str | None, state: str, at: datetime | None = None
    ) -> UUID:
        row_id = new_id()
        async with self.door() as db:
            db.add(
                Refund(
                    id=row_id,
                    payment_id=sale.payment_id,
                    amount_ore=amount,
                    state=state,
                    ref=ref,
                    why="officer",
                    created_at=at or self.now,
                )
            )
            if state != "failed":
                await db.execute(
                    update(Payment)
                    .where(Payment.id == sale.payment_id)
                    .values(refunded_ore=Payment.refunded_ore + amount)
                )
        return row_id

    async def refund_there(self, sale: Sale, amount: int, refund_id: UUID | None = None) -> str:
        found = await self.gateway.refund(
            self.counter.account,
            key=f"{new_id()}:refund",
            payment_ref=sale.payment_ref,
            amount_ore=amount,
            refund_id=refund_id or new_id(),
        )
        return found.ref

    async def compare(self, now: datetime | None = None) -> set[tuple[str, str, int, int]]:
        """By night; what differs still."""
        now = now or utc_now()
        await reconciling.reconcile(self.door, self.gateway, now - AROUND, now + AROUND, now)
        async with self.door() as db:
            for ref in await provider_queries.in_question(db, "stripe"):
                await reconciling.look(self.door, self.gateway, ref, now)
        return await self.open()

    async def open(self) -> set[tuple[str, str, int, int]]:
        async with self.door() as db:
            rows = await db.scalars(select(Difference).where(Difference.settled_at.is_(None)))
            return {(row.kind, row.ref, row.ours_ore, row.theirs_ore) for row in rows}

    async def all_rows(self) -> list[Any]:
        return await self.counter.rows("pay_difference")


@pytest.fixture
async def books(counter: Counter) -> Books:
    return Books(counter)


async def test_books_that_agree_show_nothing(books: Books) -> None:
    sale = await books.sold()
    refund_id = await books.refund_here(sale, 1_000, ref=None, state="wanted")
    await books.refund_there(sale, 1_000, refund_id)
    assert await books.compare() == set()
    assert not await books.all_rows()
    [refund] = await books.counter.rows("refund")
    assert (refund.state, bool(refund.ref)) == ("done", True), "what they say of it is noted"


async def test_a_payment_that_no_order_of_ours_explains_is_found_once(books: Books) -> None:
    session = await books.paid_there(40_000)
    expected = {("payment_unknown", session.payment_ref, 0, 40_000)}
    assert await books.compare() == expected
    assert await books.compare() == expected
    assert len(await books.all_rows()) == 1


async def test_a_payment_that_they_do_not_know_is_found_and_settled_when_they_do(books: Books) -> None:
    sale = await books.known_here(30_000, "pi_made_up")
    assert await books.compare() == {("payment_missing", "pi_made_up", 30_000, 0)}
    async with books.door() as db:
        session = await books.paid_there(30_000)
        await db.execute(update(Payment).where(Payment.id == sale.payment_id).values(ref=session.payment_ref))
        await db.execute(update(Difference).values(ref=session.payment_ref))
    assert await books.compare() == set()
    [row] = await books.all_rows()
    assert (row.settled_at is not None, row.settled_by) == (True, None)


async def test_another_amount_is_found(books: Books) -> None:
    session = await books.paid_there(30_000)
    assert session.payment_ref
    await books.known_here(29_000, session.payment_ref)
    assert await books.compare() == {("amount", session.payment_ref, 29_000, 30_000)}


async def test_a_refund_made_by_hand_over_there_is_found_and_settled_when_it_is_entered(
    books: Books,
) -> None:
    sale = await books.sold()
    ref = await books.refund_there(sale, 2_000)
    assert await books.compare() == {("refund_unknown", ref, 0, 2_000)}
    await books.refund_here(sale, 2_000, ref=ref, state="done")
    assert await books.compare() == set()


async def test_a_refund_that_they_do_not_know_is_found(books: Books) -> None:
    sale = await books.sold()
    await books.refund_here(sale, 3_000, ref="re_made_up", state="done")
    late = await books.refund_here(sale, 500, ref=None, state="wanted", at=books.now - timedelta(days=2))
    assert await books.compare() == {
        ("refund_missing", "re_made_up", 3_000, 0),
        ("refund_missing", str(late), 500, 0),
    }


async def test_a_refund_that_fails_afterwards_is_ours_to_mend(books: Books) -> None:
    sale = await books.sold(card=paying.REFUND_FAILS)
    refund_id = await books.refund_here(sale, 1_000, ref=None, state="wanted")
    await books.refund_there(sale, 1_000, refund_id)
    assert await books.compare() == set()
    books.counter.till.sandbox.paying.settle()
    found = await books.compare()
    assert {kind for kind, *_ in found} == {"refund_failed"}
    [refund] = await books.counter.rows("refund")
    [payment] = await books.counter.rows("payment")
    assert (refund.state, payment.refunded_ore) == ("failed", 0)


async def test_a_dispute_is_found_noted_and_settled_when_it_is_won(books: Books) -> None:
    sale = await books.sold(card=paying.DISPUTED)
    assert await books.compare() == {("disputed", sale.payment_ref, 50_000, 50_000)}
    [payment] = await books.counter.rows("payment")
    assert payment.dispute == {"state": "needs_response"}
    for dispute in books.counter.till.sandbox.books.all(books.counter.account, "dispute"):
        dispute["status"] = "won"
    assert await books.compare() == set()
    [payment] = await books.counter.rows("payment")
    assert payment.dispute == {"state": "won"}


async def test_what_somebody_has_explained_is_not_found_again_unless_it_changes(books: Books) -> None:
    sale = await books.sold()
    await books.refund_there(sale, 2_000)
    assert len(await books.compare()) == 1
    async with books.door() as db:
        finance, _ = await make.person(db, role="finance")
        await db.execute(update(Difference).values(settled_at=utc_now(), settled_by=finance, explanation="x"))
    assert await books.compare() == set()
    ref = await books.refund_there(sale, 700)
    assert await books.compare() == {("refund_unknown", ref, 0, 700)}


async def test_an_old_difference_is_looked_at_until_it_is_settled(books: Books) -> None:
    sale = await books.sold()
    ref = await books.refund_there(sale, 2_000)
    assert len(await books.compare()) == 1
    await books.refund_here(sale, 2_000, ref=ref, state="done")
    later = utc_now() + timedelta(days=60)
    assert await books.compare(later) == set()


async def test_no_answer_is_no_difference(books: Books) -> None:
    await books.sold()
    books.counter.till.sandbox.faults = Faults(down=True)
    with pytest.raises(Unclear):
        await books.compare()
    assert not await books.all_rows()


async def test_an_account_that_is_gone_makes_no_payment_missing(books: Books) -> None:
    sale = await books.sold()
    async with books.door() as db:
        await db.execute(text("UPDATE provider_account SET ref = 'acct_gone' || ref"))
    assert await books.compare() == set()
    await reconciling.look(books.door, books.gateway, sale.payment_ref, utc_now())
    assert await books.open() == set()


async def test_every_night_asks_for_the_last_days_and_for_what_differs(books: Books) -> None:
    session = await books.paid_there(40_000)
    await books.compare()
    now = utc_now()
    async with books.door() as db:
        db.info["settings"] = books.door.settings
        await provider_tasks.each_night(db, now)
    rows = [(row.kind, row.body) for row in await books.counter.rows("outbox")]
    kinds = [kind for kind, _ in rows]
    assert kinds.count("BooksDue") == reconciling.LOOK_BACK.days
    assert ("PaymentInQuestion", {"ref": session.payment_ref}) in rows
    assert kinds.count("AccountDue") == 1
    await provider_tasks.reconcile(books.door, BooksDue(now - AROUND, now + AROUND), now)
    await provider_tasks.look(books.door, PaymentInQuestion("pi_nobody_knows"), now)
    await provider_tasks.look_at_account(books.door, AccountDue(), now)
    assert len(await books.open()) == 1


async def test_by_hand_it_takes_the_right(books: Books) -> None:
    async with books.door() as db:
        administrator = Actor(person_id=new_id(), grants=(Grant("administrator"),))
        await reconciling.want_by_hand(db, administrator, utc_now(), back=timedelta(days=30))
        await db.flush()
        assert await db.scalar(text("SELECT count(*) FROM outbox WHERE kind = 'BooksDue'")) == 30


async def test_the_other_municipality_is_left_alone(books: Books, stranger: Any) -> None:
    await books.paid_there(40_000)
    await books.compare()
    assert not await books.counter.rows("pay_difference", stranger)
