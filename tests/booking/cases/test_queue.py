"""The queue: what stands in it, in which order, for whom, and what each row says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.case_models import Absence
from booking.cases import queue_queries
from booking.cases.queue import Case, Queue, queue
from booking.cases.queue_rows import Sort, Whose
from booking.models import Application, Booking
from core.db import Database
from core.errors import Forbidden, Invalid
from core.spans import DAY, local_date, local_day, utc_now
from core.tenants import Tenant
from people.actors import Actor, Grant
from people.models import Association
from resources.models import BookingLimit
from tests import make
from tests.booking.cases.conftest import Town

TUESDAY = make.next_weekday(2)
NOW = utc_now()


def evening(week: int = 0, hour: float = 18) -> Any:
    return make.at(TUESDAY + timedelta(weeks=week), hour)


@dataclass(frozen=True)
class Office:
    """A hall whose requests an officer answers, two applicants, and the officer as services know her."""

    town: Town
    hall: make.Hall
    kari: str
    ola: str
    officer_id: UUID

    def actor(self, *grants: Grant, person_id: UUID | None = None) -> Actor:
        return Actor(person_id=person_id or self.officer_id, grants=grants or (Grant("case_officer"),))

    async def look(self, actor: Actor | None = None, **asked: Any) -> Queue:
        return await look(self.town, actor or self.actor(), **asked)

    async def change(self, application: Mapping[str, Any], **columns: Any) -> None:
        async def work(db: AsyncSession) -> None:
            await db.execute(
                update(Application).where(Application.id == UUID(application["id"])).values(**columns)
            )

        await self.town.have(work)


async def look(
    town: Town,
    actor: Actor,
    *,
    facility_id: UUID | None = None,
    resource_id: UUID | None = None,
    whose: Whose = "all",
    sort: Sort = "age",
    cursor: str | None = None,
    limit: int = 50,
    now: datetime | None = None,
) -> Queue:
    async with town.database.transaction(town.tenant.id) as db:
        return await queue(
            db,
            actor,
            town.tenant,
            facility_id=facility_id,
            resource_id=resource_id,
            whose=whose,
            sort=sort,
            cursor=cursor,
            limit=limit,
            now=now or utc_now(),
        )


def titles(found: Queue) -> list[str]:
    return [each.row.title for each in found.cases]


def case_of(found: Queue, title: str) -> Case:
    return next(each for each in found.cases if each.row.title == title)


@pytest.fixture
async def office(town: Town) -> Office:
    hall = await town.hall(decision="case_officer", request_holds=False)
    kari, ola = await town.people(2)
    officer_id, _ = await town.have(lambda db: make.person(db, role="case_officer", name="Ingrid"))
    return Office(town, hall, kari, ola, officer_id)


async def test_each_filter_shows_its_own_and_says_how_many_the_others_would(office: Office) -> None:
    book, hall = office.town.book, office.hall
    hers = await book(office.kari, hall.whole, evening(0), title="Hers")
    await book(office.kari, hall.whole, evening(1), title="Nobody's")
    late = await book(office.kari, hall.whole, evening(2), title="Late")
    paused = await book(office.kari, hall.whole, evening(3), title="Paused")
    other_id, _ = await office.town.have(lambda db: make.person(db, role="case_officer"))
    now = utc_now()
    await office.change(hers, officer_id=office.officer_id, answer_by=now + 3 * DAY)
    await office.change(late, officer_id=other_id, answer_by=now - DAY)
    await office.change(paused, answer_by=now - 2 * DAY, paused_at=now - 3 * DAY)

    found = await office.look()

    assert titles(found) == ["Hers", "Nobody's", "Late", "Paused"]
    assert dict(found.counts) == {"all": 4, "own": 1, "unassigned": 2, "overdue": 1}
    assert titles(await office.look(whose="own")) == ["Hers"]
    assert titles(await office.look(whose="unassigned")) == ["Nobody's", "Paused"]
    assert titles(await office.look(whose="overdue")) == ["Late"]
    assert titles(await office.look(sort="deadline")) == ["Late", "Hers", "Nobody's", "Paused"]
    assert dict((await office.look(whose="overdue")).counts) == dict(found.counts)
    assert case_of(found, "Late").row.is_overdue
    assert not case_of(found, "Paused").row.is_overdue


async def test_a_facility_and_a_resource_narrow_list_and_counts(office: Office) -> None:
    elsewhere = await office.town.hall(decision="case_officer")
    await office.town.book(office.kari, office.hall.whole, evening(), title="Whole")
    await office.town.book(office.kari, office.hall.parts[0], evening(1), title="Part")
    await office.town.book(office.kari, elsewhere.whole, evening(), title="Elsewhere")

    here = await office.look(facility_id=office.hall.facility_id)
    part = await office.look(resource_id=office.hall.parts[0])

    assert (titles(here), here.counts["all"]) == (["Whole", "Part"], 2)
    assert (titles(part), part.counts["all"]) == (["Part"], 1)
    assert (await office.look()).counts["all"] == 3


async def test_an_officer_of_one_resource_sees_hers_alone(office: Office) -> None:
    both = (
        await office.town.apply(
            office.kari,
            make.wish(office.hall.parts[0], evening()),
            make.wish(office.hall.parts[1], evening()),
            title="Both",
        )
    ).json()
    await office.town.book(office.kari, office.hall.parts[1], evening(1), title="Other")
    assert len(both["bookings"]) == 2
    hers = office.actor(Grant("case_officer", None, office.hall.parts[0]))

    found = await office.look(hers)

    assert titles(found) == ["Both"]
    assert (found.cases[0].row.times, len(found.cases[0].times)) == (1, 1)
    assert [row.resource_id for row in found.places] == [office.hall.parts[0]]
    reader = office.actor(Grant("reader"))
    with pytest.raises(Forbidden):
        await office.look(reader)
    nowhere = office.actor(Grant("case_officer", (await office.town.hall()).facility_id))
    assert (titles(await office.look(nowhere)), (await office.look(nowhere)).counts["all"]) == ([], 0)


async def test_two_municipalities_have_queues_of_their_own(office: Office, stranger: Tenant) -> None:
    await office.town.book(office.kari, office.hall.whole, evening())
    other = Town(office.town.http, office.town.database, stranger)

    found = await look(other, office.actor())

    assert (titles(found), found.counts["all"], list(found.places), dict(found.officers)) == ([], 0, [], {})


async def test_a_row_says_who_else_has_or_wants_the_time(office: Office) -> None:
    hall = office.hall
    await office.town.book(office.kari, hall.whole, evening(), title="One")
    await office.town.book(office.ola, hall.parts[0], evening(0, 18.5), title="Two")
    await office.town.book(office.ola, hall.parts[1], evening(0, 20), title="Later")
    approved = await office.town.book(office.ola, hall.parts[2], evening(), title="Has it")
    _, officer = await office.town.have(lambda db: make.person(db, role="case_officer"))
    assert (await office.town.decide(officer, approved)).status_code == 200

    found = await office.look()

    assert case_of(found, "One").met == (1, 1)
    assert case_of(found, "Two").met == (0, 1)
    assert case_of(found, "Later").met == (0, 0)
    assert "Has it" not in titles(found)


async def test_a_pool_is_met_only_when_it_is_full(town: Town) -> None:
    pool, _ = await town.have(lambda db: make.pool(db, lanes=3, decision="case_officer", request_holds=False))
    kari, ola = await town.people(2)
    officer_id, officer = await town.have(lambda db: make.person(db, role="case_officer"))
    taken = (await town.apply(ola, make.wish(pool, evening(), quantity=2))).json()
    assert (await town.decide(officer, taken)).status_code == 200
    one = (await town.apply(kari, make.wish(pool, evening(), quantity=1), title="Fits")).json()
    actor = Actor(person_id=officer_id, grants=(Grant("case_officer"),))
    assert case_of(await look(town, actor), "Fits").met == (0, 0)

    async def want_more(db: AsyncSession) -> None:
        await db.execute(
            update(Booking).where(Booking.id == UUID(one["bookings"][0]["id"])).values(quantity=2)
        )

    await town.have(want_more)

    assert case_of(await look(town, actor), "Fits").met == (1, 0)


async def test_a_row_says_what_the_applicant_had_before(office: Office) -> None:
    _, officer = await office.town.have(lambda db: make.person(db, role="case_officer"))
    for week, approve in ((0, True), (1, True), (2, False)):
        before = await office.town.book(office.kari, office.hall.whole, evening(week))
        await office.town.decide(officer, before, approve=approve)
    for hours in (20, 80):
        soon = await office.town.book(office.kari, office.hall.parts[0], evening(3))

        async def cancel(db: AsyncSession, soon: Any = soon, hours: int = hours) -> None:
            await db.execute(
                update(Booking)
                .where(Booking.id == UUID(soon["bookings"][0]["id"]))
                .values(state="cancelled", ended_at=evening(3).start - timedelta(hours=hours))
            )

        await office.town.have(cancel)
    await office.town.book(office.kari, office.hall.whole, evening(4), title="Again")
    await office.town.book(office.ola, office.hall.whole, evening(5), title="New")

    found = await office.look()

    again, new = case_of(found, "Again").row, case_of(found, "New").row
    assert (again.approved, again.rejected, again.late) == (2, 1, 1)
    assert (new.approved, new.rejected, new.late) == (0, 0, 0)


async def test_what_a_club_had_is_not_what_its_booker_had(office: Office) -> None:
    async def work(db: AsyncSession) -> tuple[str, UUID]:
        person_id, secret = await make.person(db)
        club, _ = await make.association(db, person_id)
        await db.execute(update(Association).where(Association.id == club).values(register_state="bankrupt"))
        return secret, club

    booker, club = await office.town.have(work)
    _, officer = await office.town.have(lambda db: make.person(db, role="case_officer"))
    hers = await office.town.book(booker, office.hall.whole, evening())
    await office.town.decide(officer, hers)
    await office.town.book(booker, office.hall.whole, evening(1), title="Club's", association_id=str(club))

    row = case_of(await office.look(), "Club's").row

    assert (row.approved, row.register_state, row.association) == (0, "bankrupt", "Viking")


async def test_a_row_names_the_rules_that_the_request_bends_today(office: Office) -> None:
    await office.town.book(office.kari, office.hall.whole, evening(), title="Bent")
    await office.town.book(office.kari, office.hall.parts[0], evening(0, 12), title="Straight")
    await office.town.have(
        lambda db: make.change_resource(db, office.hall.whole, max_minutes=30, association_only=True)
    )

    found = await office.look(now=utc_now() + DAY)

    assert {each.type for each in case_of(found, "Bent").bends} == {"association-needed", "too-long"}
    assert case_of(found, "Straight").bends == []


async def test_waiting_for_an_answer_bends_no_notice_and_a_request_is_not_in_its_own_way(town: Town) -> None:
    hall = await town.hall(decision="case_officer", notice_days=1)
    kari = await town.person()
    officer_id, _ = await town.have(lambda db: make.person(db, role="case_officer"))
    await town.book(kari, hall.whole, evening())

    found = await look(
        town,
        Actor(person_id=officer_id, grants=(Grant("case_officer"),)),
        now=evening().start - timedelta(hours=1),
    )

    assert (found.cases[0].bends, found.cases[0].met) == ([], (0, 0))


async def test_the_limits_of_the_holder_count_without_the_case_itself(office: Office) -> None:
    async def limit(db: AsyncSession, value: int) -> None:
        await db.execute(update(BookingLimit).values(value=value))

    await office.town.book(office.kari, office.hall.whole, evening(), title="First")
    await office.town.book(office.kari, office.hall.whole, evening(1), title="Second")

    async def add(db: AsyncSession) -> None:
        db.add(BookingLimit(holder="person", kind="active_bookings", value=2))

    await office.town.have(add)
    assert [each.bends for each in (await office.look()).cases] == [[], []]
    await office.town.have(lambda db: limit(db, 1))

    assert [[b.type for b in each.bends] for each in (await office.look()).cases] == [["limit-reached"]] * 2


async def test_pages_follow_each_other_without_loss(office: Office) -> None:
    now = utc_now()
    for week in range(7):
        made = await office.town.book(office.kari, office.hall.whole, evening(week), title=str(week))
        await office.change(
            made,
            answer_by=None if week % 3 == 0 else now + (7 - week) * DAY,
            paused_at=now if week in {1, 2} else None,
        )
    for sort in ("age", "deadline"):
        whole = titles(await office.look(sort=sort))
        walked: list[str] = []
        cursor: str | None = None
        while True:
            page = await office.look(sort=sort, cursor=cursor, limit=2)
            walked += titles(page)
            assert page.counts["all"] == 7
            cursor = page.next
            if cursor is None:
                break
        assert walked == whole
        assert sorted(walked) == [str(week) for week in range(7)]
    with pytest.raises(Invalid):
        await office.look(cursor="nonsense")


async def test_what_waits_for_whom_one_stands_in_is_ones_own(office: Office) -> None:
    made = await office.town.book(office.kari, office.hall.whole, evening(), title="Hers")
    absent_id, _ = await office.town.have(lambda db: make.person(db, role="case_officer", name="Borte"))
    await office.change(made, officer_id=absent_id)
    first = local_date(make.OSLO, NOW) + 3 * DAY

    async def leave(db: AsyncSession) -> None:
        db.add(
            Absence(
                officer_id=absent_id, from_on=first, until_on=first + DAY, substitute_id=office.officer_id
            )
        )

    await office.town.have(leave)
    begins, ends = local_day(make.OSLO, first).start, local_day(make.OSLO, first + DAY).end
    tick = timedelta(seconds=1)

    for now, expected in ((begins - tick, 0), (begins, 1), (ends - tick, 1), (ends, 0)):
        found = await office.look(whose="own", now=now)
        assert (len(found.cases), found.counts["own"]) == (expected, expected)
    row = (await office.look(whose="own", now=begins)).cases[0].row
    assert (row.is_own, row.officer) == (True, "Borte")


async def test_a_page_takes_as_many_statements_with_five_rows_as_with_fifty(
    office: Office, database: Database
) -> None:
    for n in range(5):
        await office.town.book(
            office.kari, office.hall.parts[n % 3], evening(n % 8, 9 + n % 10), title=str(n)
        )
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        await office.look()
        few, sent[:] = len(sent), []
        for n in range(5, 50):
            await office.town.book(
                office.kari, office.hall.parts[n % 3], evening(n % 8, 8 + n % 12), title=str(n)
            )
        sent.clear()
        found = await office.look()
        assert len(found.cases) == 50
        assert len(sent) == few <= 8
        assert sum("FROM counts" in statement for statement in sent) == 1
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


def test_every_choice_has_its_condition() -> None:
    assert set(queue_queries.WHOSE) == {"all", "own", "unassigned", "overdue"}
