"""A facility with a hundred people around it, and a month that passes: what they may try, and what must hold after it.

Everybody acts through the services, several at once, in transactions that really commit; messages are delivered as the
worker does it, also twice. The time is the test's own.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from booking import apply as applying
from booking import change, closures, decide, offers, queries
from booking.claims import LONGEST_PAD
from booking.guard import board_of
from booking.messages import BookingsChanged
from booking.models import Application
from booking.pricing import pricing_of
from booking.schemas import ApplicationIn, ClosureIn, DecisionIn, DecisionOn, MoveIn, WishIn
from booking.telling.changes import kind_of
from core.db import Database
from core.delivery import deliver
from core.errors import Refusal
from core.pace import Pace
from core.settings import Settings
from core.spans import Span, local_date, utc_now
from core.tenants import Tenant
from people.actors import Actor, Grant, Role
from resources.queries import bookable_by_id
from tests import make
from tests.booking import invariants

APPLICANTS, OFFICERS, MANAGERS = 84, 12, 4
AT_ONCE = 6
DAYS_AHEAD = 10
MONTH: Final = timedelta(days=30)
AHEAD: Final = {
    None: {"held", "requested", "confirmed"},
    "held": {"requested", "confirmed", "withdrawn", "cancelled", "lapsed", "displaced"},
    "requested": {"confirmed", "rejected", "withdrawn", "cancelled", "displaced", "requested"},
    "confirmed": {"requested", "cancelled", "displaced", "confirmed"},
}
"""State → what may come of it. What is not here has ended."""
PACE: Final = Pace(first_pause=timedelta(0), longest_pause=timedelta(0))

CHANGES = """
SELECT row_id, change #>> '{state,0}' AS before, change #>> '{state,1}' AS after, action, at
FROM audit_entry WHERE table_name = 'booking' ORDER BY id
"""
WAITING = """
SELECT id, kind, body, due_at FROM outbox
WHERE dead_at IS NULL AND kind NOT LIKE 'every:%' AND due_at <= :until ORDER BY created_at, id
"""
NOTICES = """
SELECT application_id, kind, count(*) AS n FROM notice
WHERE kind IN ('requested', 'confirmed', 'approved', 'rejected', 'decided', 'withdrawn', 'cancelled', 'lapsed',
    'displaced', 'moved') GROUP BY 1, 2
"""
OWNERS = "SELECT id, person_id FROM application"
SEND = "UPDATE outbox SET sent_at = now(), due_at = now() WHERE id = :id AND dead_at IS NULL"


class Try(NamedTuple):
    """What somebody tries; numbers choose among what there is when it is tried."""

    what: str
    who: int
    one: int
    other: int


KINDS: Final = (
    "apply",
    "apply",
    "hold",
    "submit",
    "cancel",
    "move",
    "withdraw",
    "decide",
    "decide",
    "offer",
    "offer",
    "accept",
    "accept",
    "accept",
    "accept",
    "decline",
    "close",
    "lift",
)


class Month:
    """The facility, its people, and what has been told so far."""

    def __init__(self, database: Database, tenant: Tenant) -> None:
        self.database, self.tenant = database, tenant
        self.now = utc_now().replace(minute=0, second=0, microsecond=0)
        self.began_at = self.now
        self.told: Counter[tuple[UUID, str, int]] = Counter()
        """(booking, state, sequence) → how often it was news."""
        self.news: list[BookingsChanged] = []
        self.heard: set[UUID] = set()
        """Messages whose news is counted: one that both deliveries left to the other comes again, and is no new one."""
        self.did: Counter[str] = Counter()

    async def prepare(self) -> None:
        async with self.database.transaction(self.tenant.id) as db:
            self.hall = await make.hall(db, cleanup_minutes=30, horizon_days=60)
            await make.change_resource(db, self.hall.parts[1], decision="case_officer")
            await make.change_resource(db, self.hall.parts[2], decision="case_officer", request_holds=False)
            people = [(await make.person(db))[0] for _ in range(APPLICANTS + OFFICERS + MANAGERS)]
            clubs = [(await make.association(db, *people[n : n + 4]))[0] for n in range(0, 40, 4)]
        self.applicants = [
            Actor(person_id=id_, name="Kari", associations=(clubs[n // 4],) if n < 40 else ())
            for n, id_ in enumerate(people[:APPLICANTS])
        ]
        self.officers = [self._staff(id_, "case_officer") for id_ in people[APPLICANTS:-MANAGERS]]
        self.managers = [self._staff(id_, "facility_manager") for id_ in people[-MANAGERS:]]

    def _staff(self, person_id: UUID, role: Role) -> Actor:
        return Actor(person_id=person_id, name="Siri", grants=(Grant(role, self.hall.facility_id),))

    # What they try

    async def together(self, tries: Sequence[Try]) -> None:
        """All at once. A refusal is an answer; anything else that goes wrong is a fault of ours."""
        answers = await asyncio.gather(*(self._try(each) for each in tries))
        self.did.update(answer for answer in answers if answer is not None)

    async def _try(self, it: Try) -> str | None:
        work: Callable[[AsyncSession, Try], Awaitable[Any]] = getattr(self, f"_{it.what}")

        async def once(db: AsyncSession) -> Any:
            return await work(db, it)

        try:
            done = await self.database.run(self.tenant.id, once)
        except Refusal as refusal:
            return f"{it.what}: {refusal.type}"
        return None if done is None else it.what

    def _span(self, it: Try) -> Span:
        day = local_date(make.OSLO, self.now) + timedelta(days=1 + it.one % DAYS_AHEAD)
        return make.at(day, 8 + it.other % 24 / 2, 1 + it.other % 3 / 2)

    def _place(self, it: Try) -> UUID:
        return (self.hall.whole, *self.hall.parts, *self.hall.parts)[it.other % 7]

    def _applicant(self, it: Try) -> Actor:
        return self.applicants[it.who % APPLICANTS]

    async def _apply(self, db: AsyncSession, it: Try, *, hold: bool = False) -> Any:
        actor, span = self._applicant(it), self._span(it)
        club = actor.associations[0] if actor.associations and it.one % 2 else None
        wish = WishIn(resource_id=self._place(it), start=span.start, end=span.end)
        form = ApplicationIn(times=[wish], title="Trening", hold=hold, association_id=club)
        return await applying.apply(db, actor, self.tenant, form, self.now)

    async def _hold(self, db: AsyncSession, it: Try) -> Any:
        return await self._apply(db, it, hold=True)

    async def _one(self, db: AsyncSession, it: Try, sql: str) -> Any:
        """One of the rows, chosen by number; the statement knows `now`."""
        rows = (await db.execute(text(sql), {"now": self.now})).all()
        return rows[it.one % len(rows)] if rows else None

    async def _live(self, db: AsyncSession, it: Try, *states: str) -> tuple[Any, Actor] | None:
        """A booking in one of the states, and somebody who may act for it."""
        row = await self._one(
            db,
            it,
            "SELECT id, application_id, resource_id, person_id, association_id, starts_at, ends_at FROM booking "
            f"WHERE state IN ({', '.join(repr(state) for state in states)}) ORDER BY id",
        )
        if row is None:
            return None
        return row, next(each for each in self.applicants if each.person_id == row.person_id)

    async def _submit(self, db: AsyncSession, it: Try) -> Any:
        if (found := await self._live(db, it, "held")) is None:
            return None
        return await applying.submit(db, found[1], self.tenant, found[0].application_id, self.now)

    async def _withdraw(self, db: AsyncSession, it: Try) -> Any:
        if (found := await self._live(db, it, "held", "requested")) is None:
            return None
        row, actor = found
        return await applying.withdraw(db, actor, self.tenant, row.application_id, self.now, version=None)

    async def _cancel(self, db: AsyncSession, it: Try) -> Any:
        if (found := await self._live(db, it, "held", "requested", "confirmed")) is None:
            return None
        row, actor = found
        who = self.officers[it.who % OFFICERS] if it.other % 4 == 0 else actor
        return await change.cancel(db, who, self.tenant, row.id, "Syk", now=self.now, version=None)

    async def _move(self, db: AsyncSession, it: Try) -> Any:
        if (found := await self._live(db, it, "held", "requested", "confirmed")) is None:
            return None
        (row, actor), span = found, self._span(it)
        form = MoveIn(start=span.start, end=span.end, resource_id=self._place(it))
        who = self.officers[it.who % OFFICERS] if it.other % 4 == 0 else actor
        return await change.move(db, who, self.tenant, row.id, form, now=self.now, version=None)

    async def _decide(self, db: AsyncSession, it: Try) -> Any:
        if (found := await self._live(db, it, "requested")) is None:
            return None
        yes = it.other % 3 > 0
        form = DecisionIn(bookings=[DecisionOn(id=found[0].id, approve=yes, reject=not yes)], text="Svar")
        officer = self.officers[it.who % OFFICERS]
        return await decide.decide(
            db, officer, self.tenant, found[0].application_id, form, now=self.now, version=None
        )

    async def _offer(self, db: AsyncSession, it: Try) -> Any:
        if (found := await self._live(db, it, "requested")) is None:
            return None
        row, span = found[0], self._span(it)
        around = Span(span.start - LONGEST_PAD, span.end + LONGEST_PAD)
        bookables = await bookable_by_id(db, [row.resource_id], around)
        pricing = await pricing_of(db, found[1], bookables, await self._case(db, row.application_id))
        stakes = pricing.stakes(bookables[row.resource_id], span)
        board = await board_of(db, bookables, around, self.now, but_of=[row.id], stakes=stakes)
        application = await queries.lock_application(db, row.application_id)
        (booking,) = await queries.lock_bookings(db, ids=[row.id])
        assert application is not None
        if booking.state != "requested" or booking.resource_id != row.resource_id:
            return None
        until = self.now + timedelta(hours=6 + it.other % 48)
        made_by = self.officers[it.who % OFFICERS].person_id
        terms = offers.Terms("counter", until, made_by=made_by, instead_of=booking)
        return await offers.make_offer(
            db,
            application,
            bookables[row.resource_id],
            span,
            terms,
            board=board,
            pricing=pricing,
            now=self.now,
        )

    async def _case(self, db: AsyncSession, application_id: UUID) -> Application:
        return (await db.scalars(select(Application).where(Application.id == application_id))).one()

    async def _answered(self, db: AsyncSession, it: Try) -> tuple[UUID, Actor] | None:
        row = await self._one(
            db,
            it,
            "SELECT o.id, b.person_id FROM offer o JOIN booking b ON b.tenant_id = o.tenant_id "
            "AND b.id = o.booking_id WHERE b.state = 'held' ORDER BY o.id",
        )
        if row is None:
            return None
        return row.id, next(each for each in self.applicants if each.person_id == row.person_id)

    async def _accept(self, db: AsyncSession, it: Try) -> Any:
        if (found := await self._answered(db, it)) is None:
            return None
        return await offers.accept_offer(db, found[1], self.tenant, found[0], self.now)

    async def _decline(self, db: AsyncSession, it: Try) -> Any:
        if (found := await self._answered(db, it)) is None:
            return None
        return await offers.decline_offer(db, found[1], self.tenant, found[0], self.now)

    async def _close(self, db: AsyncSession, it: Try) -> Any:
        span = self._span(it)
        form = ClosureIn(
            resource_id=self._place(it),
            start=span.start,
            end=span.end,
            reason="Vask",
            displace=it.one % 2 == 0,
        )
        return await closures.close(db, self.managers[it.who % MANAGERS], self.tenant, form, self.now)

    async def _lift(self, db: AsyncSession, it: Try) -> Any:
        row = await self._one(db, it, "SELECT id FROM closure WHERE lifted_at IS NULL ORDER BY id")
        if row is None:
            return None
        await closures.lift(db, self.managers[it.who % MANAGERS], row.id, self.now)
        return True

    # What happens by itself

    async def deliver_due(self, *, everything: bool = False) -> int:
        """What is due by the test's time reaches its subscribers, each message twice at once; how many there were."""
        until = self.now + 2 * MONTH if everything else self.now
        async with self.database.transaction(self.tenant.id) as db:
            rows = (await db.execute(text(WAITING), {"until": max(until, utc_now())})).all()
            due = [row for row in rows if row.kind != "HoldLapsed" or row.due_at <= self.now]
            for row in due:
                await db.execute(text(SEND), {"id": row.id})
        for row in due:
            if row.id not in self.heard:
                self.heard.add(row.id)
                self.note(row.kind, row.body)
            one = partial(
                deliver,
                self.database,
                self.tenant.id,
                row.id,
                now=self.now,
                pace=PACE,
                settings=Settings(demo=True),
            )
            await asyncio.gather(one(), one())
        return len(due)

    def note(self, kind: str, body: Any) -> None:
        if kind == "BookingsChanged":
            self.news.append(msgspec.convert(body, BookingsChanged))
            for each in body["bookings"]:
                self.told[UUID(each["id"]), each["state"], each["sequence"]] += 1

    # What must hold

    async def check(self) -> None:
        """Everything that is broken, whatever happened."""
        await invariants.check(self.database, self.tenant.id)
        async with self.database.transaction(self.tenant.id) as db:
            changes = (await db.execute(text(CHANGES))).all()
        state: dict[UUID, str] = {}
        for row in changes:
            if row.action == "offered" or (row.after is None and row.action in AHEAD[None]):
                after = "held" if row.action == "offered" else row.action
            else:
                after = row.after or state[row.row_id]
            before = state.get(row.row_id)
            assert before not in ENDED, f"{row.row_id} went from {before} to {after}"
            assert after in AHEAD[before] or before == after, f"{row.row_id}: {before} to {after}"
            assert row.before in {None, before}, f"{row.row_id}: {row.before}, and it was {before}"
            state[row.row_id] = after

    async def check_news(self) -> None:
        """Every change of a booking was told, once, and nothing else was. Holds are no news until they are more."""
        while await self.deliver_due(everything=True):
            pass
        assert set(self.told.values()) <= {1}, [each for each, n in self.told.items() if n > 1]
        async with self.database.transaction(self.tenant.id) as db:
            rows = (await db.execute(text("SELECT id, state, sequence FROM booking"))).all()
            dead = (
                await db.execute(text("SELECT kind, last_error FROM outbox WHERE last_error <> ''"))
            ).all()
            left = await db.scalar(text("SELECT count(*) FROM outbox WHERE kind = 'BookingsChanged'"))
            notices = Counter(
                {(row.application_id, row.kind): row.n for row in (await db.execute(text(NOTICES))).all()}
            )
            owners = {row.id: row.person_id for row in await db.execute(text(OWNERS))}
        every = Counter((each.application_id, kind_of(each)) for each in self.news)
        of_others = Counter(
            (each.application_id, kind_of(each))
            for each in self.news
            if each.by_id != owners[each.application_id]
        )
        assert notices <= every, f"told twice: {notices - every}"
        assert of_others <= notices, f"never told: {of_others - notices}"
        assert not dead, dead
        assert left == 0
        sequences: dict[UUID, set[int]] = defaultdict(set)
        for booking_id, _, sequence in self.told:
            sequences[booking_id].add(sequence)
        for row in rows:
            missed = set(range(row.sequence + 1)) - sequences[row.id]
            assert missed <= {0} or row.state == "held", f"{row.id}: changes {missed} were never told"
            if row.state != "held":
                assert self.told[row.id, row.state, row.sequence] == 1, (
                    f"{row.id} is {row.state}, and nobody knows"
                )


ENDED = set(invariants.ENDED)
