"""A municipality where people pay: halls with bookings that wait to be paid, the till, the outbox, and what must hold.

What happens here really commits. `happen` does what the relay and a worker do, in this process; `kill_at` ends the
program before its n-th step in the database or at the till, as if the machine had lost its power there.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.change import cancel
from booking.claims import booking_claims
from booking.messages import BookingsChanged, HoldLapsed
from booking.models import Application, Booking
from booking.tasks import lapse_hold
from core.db import Database
from core.delivery import Door
from core.ids import new_id
from core.outbox import later, message_types
from core.outbox_models import OutboxMessage
from core.settings import Settings
from core.spans import Span, utc_now
from core.tenants import Tenant
from payments import deposits, ordering, refunding, taking, tasks
from payments.messages import CheckoutDue, DepositDue, RefundWanted
from payments.models import Order, Payment, Refund
from payments.ordering import Paying, Ready
from payments.provider import Unclear
from payments.provider_models import ProviderAccount
from people.actors import Actor, Grant
from resources.facts import UnitFacts
from resources.prices import Price, Priced, kept_price, price_of
from resources.tariff_models import CancelTier
from tests import make
from tests.payments.till import Till

T = TypeVar("T")
PAY_WITHIN = timedelta(minutes=30)
HEARD = ("BookingsChanged", "HoldLapsed", "CheckoutDue", "RefundWanted", "DepositDue")


class Killed(BaseException):
    """The power is gone."""


def priced(gross_ore: int = 50_000, **more: Any) -> Price:
    """An hour's hire with 25 % VAT and what else is said: lines of price_of by kind."""
    lines = [_line("hire", gross_ore, "full")]
    lines += [_line(kind, ore, code) for kind, (ore, code) in more.items()]
    return price_of(lines, payment="online", customer_group="resident")


def _line(kind: Any, ore: int, code: Any) -> Priced:
    return Priced(
        kind=kind,
        key=f"{kind}-{code}",
        text={"nb": f"{kind} {code}", "en": kind},
        unit="occasion",
        quantity_milli=1000,
        unit_ore=ore,
        amount_ore=ore,
        includes_vat=True,
        vat_code=code,
    )


class Market:
    """One for a test."""

    def __init__(self, database: Database, tenant: Tenant, now: datetime | None = None) -> None:
        self.database, self.tenant = database, tenant
        self.till = Till(now or utc_now())
        self.door = Door(database, tenant.id, Settings())
        self.kari = Actor(person_id=new_id())
        self.officer = Actor(person_id=new_id(), grants=(Grant("administrator"),))
        self.association_id: UUID | None = None
        """Which Kari's bookings are for, if any."""
        self.hall: make.Hall
        self._place = 0

    @property
    def now(self) -> datetime:
        return self.till.now

    def wait(self, **more: float) -> None:
        self.till.now += timedelta(**more)

    async def open(self, *, fee_percent: int | None = None) -> "Market":
        """`fee_percent`: what is kept of what is cancelled before it begins; None: nothing."""
        async with self.door() as db:
            self.hall = await make.hall(db)
            self.kari = Actor(person_id=(await make.person(db))[0])
            officer = (await make.person(db))[0]
            self.officer = Actor(person_id=officer, grants=(Grant("administrator"),))
            if fee_percent is not None:
                db.add(CancelTier(minutes_before=0, fee_percent=fee_percent))
            db.add(ProviderAccount(provider="till", ref=f"acct_{self.tenant.slug}", state="active"))
        return self

    async def waiting(
        self,
        *prices: Price,
        span: Span | None = None,
        state: str = "awaiting_payment",
        pay_within: timedelta = PAY_WITHIN,
    ) -> list[UUID]:
        """Bookings of one new application, one for each price, that wait to be paid. Each has an hour of its own."""
        async with self.door() as db:
            return await self._wait(db, prices, span, state, pay_within)

    async def _wait(
        self,
        db: AsyncSession,
        prices: Sequence[Price],
        span: Span | None,
        state: str,
        pay_within: timedelta,
    ) -> list[UUID]:
        application_id = new_id()
        db.add(
            Application(
                id=application_id,
                person_id=self.kari.person_id,
                association_id=self.association_id,
                title="Trening",
                public=False,
                created_at=self.now,
            )
        )
        await db.flush()
        made: list[UUID] = []
        for price in prices:
            when = span or self._next_hour()
            held_until = self.now + pay_within if state == "awaiting_payment" else None
            booking = Booking(
                id=new_id(),
                application_id=application_id,
                resource_id=self.hall.whole,
                person_id=self.kari.person_id,
                association_id=self.association_id,
                starts_at=when.start,
                ends_at=when.end,
                setup_minutes=0,
                cleanup_minutes=0,
                state=state,
                held_until=held_until,
                price=kept_price(price),
                payment="online",
                owed_ore=0,
                paid_ore=0,
            )
            db.add(booking)
            await db.flush()
            db.add_all(
                booking_claims(
                    booking.id,
                    [UnitFacts(unit, None) for unit in self.hall.units],
                    when,
                    setup_minutes=0,
                    cleanup_minutes=0,
                    quantity=1,
                    held_until=held_until,
                )
            )
            if held_until is not None:
                later(db, HoldLapsed(booking.id), held_until)
            made.append(booking.id)
        await db.flush()
        return made

    def _next_hour(self) -> Span:
        """From the next week on, ten a day."""
        day, hour = divmod(self._place, 10)
        self._place += 1
        return make.at(make.next_weekday(1) + timedelta(days=day), 8 + hour)

    # What people do.

    async def click(self, booking_id: UUID, actor: Actor | None = None) -> Paying:
        """On "Pay": where to pay."""

        async def act(work: Callable[[AsyncSession, Actor], Awaitable[Ready]]) -> Ready:
            return await self.database.run(self.tenant.id, lambda db: work(db, actor or self.kari))

        return await ordering.pay(
            act,
            self.database,
            self.till,
            self.tenant,
            booking_id,
            address=lambda path: f"https://ledig.example{path}",
            now=self.now,
        )

    async def ref_of(self, paying: Paying) -> str:
        return paying.url.rpartition("/")[2]

    async def click_and_pay(self, booking_id: UUID) -> str:
        """The provider's id of the page."""
        ref = await self.ref_of(await self.click(booking_id))
        assert self.till.pay(ref)
        return ref

    async def hear(self, ref: str) -> None:
        """A notice of the provider's: the page is fetched anew, and taken."""
        session = await self.till.session(f"acct_{self.tenant.slug}", ref)
        await self.database.run(self.tenant.id, lambda db: taking.take(db, self.till.name, session, self.now))

    async def bought(self, *prices: Price) -> list[UUID]:
        """Paid, heard and settled."""
        ids = await self.waiting(*prices)
        await self.hear(await self.click_and_pay(ids[0]))
        await self.happen()
        return ids

    async def cancel(self, booking_id: UUID, actor: Actor | None = None) -> None:
        async with self.door() as db:
            await cancel(db, actor or self.kari, self.tenant, booking_id, "", now=self.now, version=None)

    # What the program does by itself.

    async def happen(self, *, rounds: int = 30) -> None:
        """The outbox to the end, at this moment of the till's clock: nothing is due any more."""
        for _ in range(rounds):
            if not await self.happen_once():
                return
        raise AssertionError("it never ends")

    async def happen_once(self) -> int:
        """Each message that is due, once; how many there were."""
        async with self.door() as db:
            due = select(OutboxMessage.id, OutboxMessage.kind, OutboxMessage.body).where(
                OutboxMessage.kind.in_(HEARD), OutboxMessage.due_at <= max(self.now, utc_now())
            )
            rows = (await db.execute(due.order_by(OutboxMessage.created_at, OutboxMessage.id))).all()
        for row in rows:
            message = msgspec.convert(row.body, message_types()[row.kind])
            try:
                await self._deliver(row.id, message)
            except Unclear:
                continue  # tried again the next time
        return len(rows)

    async def _deliver(self, message_id: UUID, message: Any) -> None:
        gone = text("DELETE FROM outbox WHERE id = :id")
        match message:
            case CheckoutDue():
                await taking.end_page(self.door, self.till, message.checkout_id, self.now)
            case RefundWanted():
                await refunding.carry_out(self.door, self.till, message.refund_id, self.now)
            case _:

                async def work(db: AsyncSession) -> None:
                    match message:
                        case BookingsChanged():
                            await tasks.follow(db, message, self.now)
                        case DepositDue():
                            await deposits.give_back(db, message.booking_id, self.now)
                        case HoldLapsed():
                            await lapse_hold(db, message, self.now)
                        case _:
                            raise AssertionError(message)
                    await db.execute(gone, {"id": message_id})

                await self.database.run(self.tenant.id, work)
                return
        async with self.door() as db:
            await db.execute(gone, {"id": message_id})

    @asynccontextmanager
    async def kill_at(self, step: int) -> AsyncGenerator["Counted"]:
        """The program dies before its n-th step inside; `steps` of what is yielded: how many there were."""
        counted = Counted(step)
        engine = self.database.engine.sync_engine
        names = ("before_cursor_execute", "commit")
        for name in names:
            event.listen(engine, name, counted)
        self.till.step = counted
        try:
            yield counted
        except Killed:
            counted.died = True
        finally:
            self.till.step = lambda _: None
            for name in names:
                event.remove(engine, name, counted)

    # What is there.

    async def rows(self, model: type[T], *conditions: Any) -> Sequence[T]:
        async with self.door() as db:
            return (await db.scalars(select(model).where(*conditions).order_by(model.id))).all()  # type: ignore[attr-defined]  # every row has one

    async def booking(self, booking_id: UUID) -> Booking:
        return (await self.rows(Booking, Booking.id == booking_id))[0]

    async def orders(self, kind: str, state: str = "issued") -> Sequence[Order]:
        return await self.rows(Order, Order.kind == kind, Order.state == state)

    async def refunds(self) -> Sequence[Refund]:
        return await self.rows(Refund)

    async def payments(self) -> Sequence[Payment]:
        return await self.rows(Payment)

    async def check(self) -> None:
        """What must hold at every moment."""
        await self._hold(ALWAYS)

    async def check_settled(self) -> None:
        """What must hold when all has been heard and done."""
        await self._hold(ALWAYS)
        await self._hold(SETTLED)
        async with self.door() as db:
            kept = await db.scalar(text("SELECT coalesce(sum(amount_ore - refunded_ore), 0) FROM payment"))
        assert kept == self.till.kept_ore, f"the till has {self.till.kept_ore}, our books {kept}"

    async def _hold(self, rules: dict[str, str]) -> None:
        async with self.door() as db:
            for said, statement in rules.items():
                broken = (await db.execute(text(statement))).all()
                assert not broken, f"{said}: {[tuple(row) for row in broken]}"


class Counted:
    """Counts steps, and dies at one of them."""

    def __init__(self, step: int) -> None:
        self.step, self.steps, self.died = step, 0, False

    def __call__(self, *_arguments: Any) -> None:
        self.steps += 1
        if self.steps == self.step:
            raise Killed


ALWAYS = {
    "a document adds up": """
        SELECT o.id FROM pay_order o JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
        GROUP BY o.tenant_id, o.id HAVING sum(l.gross_ore) <> o.gross_ore OR sum(l.net_ore) <> o.net_ore
            OR sum(l.vat_ore) <> o.vat_ore""",
    "VAT is within an øre of its rate, once per document": """
        SELECT o.id, l.vat_rate, sum(l.vat_ore) FROM pay_order o
        JOIN order_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
        GROUP BY o.tenant_id, o.id, l.vat_rate
        HAVING abs(sum(l.vat_ore) - sum(l.gross_ore) * l.vat_rate / (10000.0 + l.vat_rate)) > 1""",
    "numbers have no gaps": """
        SELECT kind, max(number), count(*) FROM pay_order WHERE state = 'issued' GROUP BY kind
        HAVING max(number) <> count(*) OR min(number) <> 1""",
    "what is credited counts on the original": """
        SELECT o.id, o.credited_ore, coalesce(sum(c.gross_ore), 0) FROM pay_order o
        LEFT JOIN pay_order c ON c.tenant_id = o.tenant_id AND c.credits_id = o.id AND c.state = 'issued'
        GROUP BY o.tenant_id, o.id HAVING o.credited_ore <> coalesce(sum(c.gross_ore), 0)""",
    "all that is credited has no more VAT than was charged, and the same when it is all": """
        SELECT o.id FROM pay_order o
        JOIN pay_order c ON c.tenant_id = o.tenant_id AND c.credits_id = o.id AND c.state = 'issued'
        GROUP BY o.tenant_id, o.id HAVING sum(c.vat_ore) > o.vat_ore
            OR (sum(c.gross_ore) = o.gross_ore AND sum(c.vat_ore) <> o.vat_ore)""",
    "no more goes back than came in": """
        SELECT p.id FROM payment p LEFT JOIN refund r
            ON r.tenant_id = p.tenant_id AND r.payment_id = p.id AND r.state <> 'failed'
        GROUP BY p.tenant_id, p.id
        HAVING p.refunded_ore <> coalesce(sum(r.amount_ore), 0) OR p.refunded_ore > p.amount_ore""",
    "an order's money is what stands billed": """
        SELECT o.id, o.state, o.gross_ore - o.credited_ore, sum(p.amount_ore - p.refunded_ore) FROM pay_order o
        LEFT JOIN payment p ON p.tenant_id = o.tenant_id AND p.order_id = o.id
        WHERE o.kind = 'receipt' AND NOT EXISTS (SELECT FROM refund r JOIN payment q
            ON q.tenant_id = r.tenant_id AND q.id = r.payment_id
            WHERE r.tenant_id = o.tenant_id AND q.order_id = o.id AND r.state = 'failed')
        GROUP BY o.tenant_id, o.id HAVING coalesce(sum(p.amount_ore - p.refunded_ore), 0)
            <> CASE o.state WHEN 'issued' THEN o.gross_ore - o.credited_ore ELSE 0 END""",
    "no booking is confirmed online without its money": """
        SELECT b.id FROM booking b WHERE b.state = 'confirmed' AND b.payment = 'online' AND b.owed_ore > (
            SELECT coalesce(sum(CASE o.kind WHEN 'credit' THEN -l.gross_ore ELSE l.gross_ore END), 0)
            FROM order_line l JOIN pay_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id
            WHERE l.tenant_id = b.tenant_id AND l.booking_id = b.id AND o.state = 'issued')""",
}
SETTLED = {
    "what stands billed of a booking is what is owed": """
        SELECT b.id, b.state, b.owed_ore, sum(CASE o.kind WHEN 'credit' THEN -l.gross_ore ELSE l.gross_ore END)
        FROM booking b JOIN order_line l ON l.tenant_id = b.tenant_id AND l.booking_id = b.id
        JOIN pay_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id AND o.state = 'issued'
        GROUP BY b.tenant_id, b.id
        HAVING b.owed_ore <> sum(CASE o.kind WHEN 'credit' THEN -l.gross_ore ELSE l.gross_ore END)""",
    "nothing is on its way any more": """
        SELECT id, state FROM refund WHERE state = 'wanted'""",
}
