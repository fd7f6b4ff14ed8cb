"""Waiting: who is next when something becomes free, until when she may answer, and who is only told."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import event, text

from booking.guard import lapse
from booking.offers import accept_offer, decline_offer
from booking.waiting import offering, rules
from booking.waiting.tasks import end_those_over
from core.errors import WrongState
from core.spans import DAY, Span, utc_now
from core.tenants import Tenant
from people.actors import Actor
from resources.models import BookingLimit
from tests import make
from tests.booking.conftest import Town
from tests.booking.delivering import happen, told
from tests.booking.racing import race, statuses
from tests.booking.test_change import type_of

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
HOUR = timedelta(hours=1)


async def wait(town: Town, token: str, resource_id: UUID, span: Span, **more: Any) -> httpx.Response:
    body = {"resource_id": str(resource_id), "start": make.iso(span.start), "end": make.iso(span.end), **more}
    return await town.post("/waiting", token, body)


async def waits(town: Town, token: str, resource_id: UUID, span: Span, **more: Any) -> str:
    """The id of the wait, which must be accepted."""
    answer = await wait(town, token, resource_id, span, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def offers(town: Town) -> list[tuple[UUID, UUID, str, datetime | None]]:
    """Offer, person, state of the booking, deadline; in the order in which they were made."""
    async with town.database.transaction(town.tenant.id) as db:
        rows = await db.execute(
            text(
                "SELECT o.id, b.person_id, b.state, b.held_until FROM offer o JOIN booking b ON b.id = o.booking_id"
                " ORDER BY o.made_at, o.id"
            )
        )
        return [tuple(row) for row in rows]


async def ended(town: Town, wait_id: str) -> str | None:
    async with town.database.transaction(town.tenant.id) as db:
        return await db.scalar(text("SELECT end_reason FROM wait WHERE id = :id"), {"id": UUID(wait_id)})


async def persons(town: Town, number: int) -> list[tuple[UUID, str]]:
    return await town.have(lambda db: _persons(db, number))


async def _persons(db: Any, number: int) -> list[tuple[UUID, str]]:
    return [await make.person(db) for _ in range(number)]


async def cancel(town: Town, token: str, booking_id: str) -> None:
    answer = await town.post(f"/bookings/{booking_id}/cancel", token, {"reason": ""})
    assert answer.status_code == 200, answer.text


async def answer(
    town: Town,
    offer_id: UUID,
    person_id: UUID,
    *,
    accept: bool,
    clubs: tuple[UUID, ...] = (),
    now: datetime | None = None,
) -> None:
    work = accept_offer if accept else decline_offer
    async with town.database.transaction(town.tenant.id) as db:
        actor = Actor(person_id=person_id, name="Kari", associations=clubs)
        await work(db, actor, town.tenant, offer_id, now or utc_now())


def test_until_when_she_may_answer() -> None:
    now = EVENING.start - 10 * DAY
    assert rules.answer_by(EVENING.start, now) == now + DAY
    assert rules.answer_by(EVENING.start, EVENING.start - 5 * HOUR) == EVENING.start - 2 * HOUR
    assert rules.answer_by(EVENING.start, EVENING.start - 2.5 * HOUR) == EVENING.start - 2 * HOUR
    assert rules.answer_by(EVENING.start, EVENING.start - 2.4 * HOUR) is None
    assert rules.answer_by(EVENING.start, EVENING.start - HOUR) is None


def test_a_day_is_a_day_also_when_the_clocks_are_set() -> None:
    for night in (DAY * n for n in range(370)):
        now = EVENING.start + night
        assert rules.answer_by(now + 9 * DAY, now) == now + timedelta(hours=24)


async def test_what_is_free_or_can_never_be_had_is_not_waited_for(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)

    assert type_of(await wait(town, ola, hall.parts[0], EVENING)) == "already-free"
    assert type_of(await wait(town, ola, hall.parts[0], make.at(TUESDAY, 23))) == "outside-opening-hours"
    assert type_of(await wait(town, ola, hall.parts[0], make.at(TUESDAY, 18.1))) == "off-grid"
    assert type_of(await wait(town, ola, hall.facility_id, EVENING)) == "not-found"
    assert (await town.post("/waiting", ola, {"title": "x"})).status_code == 422
    await town.book(kari, hall.parts[0], EVENING)
    first = await wait(town, ola, hall.parts[0], EVENING)
    again = await wait(town, ola, hall.parts[0], EVENING)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert (await wait(town, "", hall.parts[0], EVENING)).status_code == 401


async def test_freed_time_goes_down_the_list_until_somebody_takes_it(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    people = await persons(town, 4)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    ids = [await waits(town, token, hall.parts[0], EVENING) for _, token in people]

    await cancel(town, kari, booked)
    await happen(town)

    ((offer, person, state, until),) = await offers(town)
    assert (person, state) == (people[0][0], "held")
    assert until is not None
    assert timedelta(hours=23) < until - utc_now() <= timedelta(hours=24)
    assert len(await told(town, "OfferMade")) == 1
    assert type_of(await town.apply(kari, make.wish(hall.whole, EVENING))) == "time-taken"

    await answer(town, offer, person, accept=False)
    await happen(town)
    second = (await offers(town))[1]
    assert second[1] == people[1][0]
    assert await ended(town, ids[0]) == "declined"

    await happen(town, now=utc_now() + timedelta(hours=25))  # silence
    third = (await offers(town))[2]
    assert third[1] == people[2][0]
    assert await ended(town, ids[1]) == "declined"

    await answer(town, third[0], third[1], accept=True)
    await happen(town)
    assert [state for _, _, state, _ in await offers(town)] == ["withdrawn", "lapsed", "confirmed"]
    assert await ended(town, ids[2]) == "taken"
    assert await ended(town, ids[3]) is None


async def test_when_nobody_is_left_the_time_is_free_for_all(town: Town) -> None:
    hall = await town.hall()
    (kari,), ((ola, token),) = await town.people(1), await persons(town, 1)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    await waits(town, token, hall.parts[0], EVENING)
    await cancel(town, kari, booked)
    await happen(town)
    ((offer, _, _, _),) = await offers(town)
    await answer(town, offer, ola, accept=False)
    await happen(town)

    assert len(await offers(town)) == 1
    assert (await town.apply(kari, make.wish(hall.parts[0], EVENING))).status_code == 201


async def test_the_club_that_had_it_comes_first(town: Town) -> None:
    hall = await town.hall()
    (first, first_token), (second, second_token), (member, coach) = await persons(town, 3)

    async def clubs(db: Any) -> UUID:
        return (await make.association(db, second, member))[0]

    club = await town.have(clubs)
    booked = await town.booked(coach, hall.parts[0], EVENING, association_id=str(club))
    await waits(town, first_token, hall.parts[0], EVENING)
    mine = await waits(
        town, second_token, hall.parts[0], EVENING, association_id=str(club), title="Jenter 14"
    )
    await happen(town)
    await cancel(town, coach, booked)
    await happen(town)

    ((offer, person, state, _),) = await offers(town)
    assert (person, state) == (second, "held")
    found = (await town.get("/waiting", second_token))["items"]
    assert [each["id"] for each in found] == [mine]
    assert found[0]["answer_by"] is not None
    application = await town.get(f"/applications/{found[0]['application_id']}", second_token)
    assert (application["title"], application["association_id"]) == ("Jenter 14", str(club))
    await answer(town, offer, person, accept=False, clubs=(club,))
    await happen(town)
    assert (await offers(town))[1][1] == first


async def test_a_part_that_becomes_free_is_no_whole_hall(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)
    (_, whole), (third, part) = await persons(town, 2)
    mine = [await town.booked(kari, hall.parts[0], EVENING), await town.booked(ola, hall.parts[1], EVENING)]
    await waits(town, whole, hall.whole, EVENING)
    await waits(town, part, hall.parts[0], make.at(TUESDAY, 18.5, 0.5))

    await cancel(town, kari, mine[0])
    await happen(town)

    assert [each[1] for each in await offers(town)] == [third], "a half hour of what was freed"


async def test_too_late_to_hold_it_all_are_told_and_once_a_day(town: Town) -> None:
    hall = await town.hall()
    (kari,), people = await town.people(1), await persons(town, 2)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    ids = [await waits(town, token, hall.parts[0], EVENING) for _, token in people]
    await happen(town)
    await cancel(town, kari, booked)
    late = EVENING.start - HOUR

    await happen(town, now=late)

    assert await offers(town) == []
    assert sorted(each["wait_id"] for each in await told(town, "SeenFree")) == sorted(ids)
    async with town.database.transaction(town.tenant.id) as db:
        freed = [rules.Freed(frozenset(hall.units), EVENING)]
        await offering.offer_freed(db, freed, late + timedelta(minutes=10), association_id=None)
    assert len(await told(town, "SeenFree")) == 2


async def test_who_may_not_book_it_is_passed_over(town: Town) -> None:
    hall = await town.hall()
    kari, _ = await town.people(2)
    (first, token), (second, other) = await persons(town, 2)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    await waits(town, token, hall.parts[0], EVENING)
    await waits(town, other, hall.parts[0], EVENING)
    await town.book(token, hall.parts[1], make.at(TUESDAY, 10))

    async def limit(db: Any) -> None:
        db.add(
            BookingLimit(holder="person", kind="active_bookings", value=1, resource_id=None, facility_id=None)
        )

    await town.have(limit)
    await cancel(town, kari, booked)
    await happen(town)

    assert [each[1] for each in await offers(town)] == [second]
    assert first != second


async def test_a_lifted_closure_and_a_moved_booking_free_time_too(town: Town) -> None:
    hall = await town.hall()
    (kari,), manager = await town.people(1), await town.person("facility_manager")
    people = await persons(town, 2)
    closed = await town.close(manager, make.at(TUESDAY, 8, 4), unit_id=str(hall.units[0]))
    booked = await town.booked(kari, hall.parts[1], EVENING)
    await waits(town, people[0][1], hall.parts[0], make.at(TUESDAY, 9))
    await waits(town, people[1][1], hall.parts[1], EVENING)

    await town.ask("DELETE", f"/closures/{closed.json()['id']}", manager)
    await town.move(kari, booked, make.at(TUESDAY, 20))
    await happen(town)

    assert {each[1] for each in await offers(town)} == {people[0][0], people[1][0]}


async def test_who_gets_it_herself_waits_no_more(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    mine = await waits(town, ola, hall.parts[0], EVENING)
    other = await waits(town, ola, hall.parts[0], make.at(TUESDAY, 18, 0.5))
    await cancel(town, kari, booked)
    await town.book(ola, hall.parts[0], EVENING)
    await happen(town)

    assert await ended(town, mine) == "taken"
    assert await ended(town, other) is None
    assert await offers(town) == []


async def test_stopping_and_what_is_over(town: Town) -> None:
    hall = await town.hall()
    kari, ola, nils = await town.people(3)
    await town.book(kari, hall.parts[0], EVENING)
    mine = await waits(town, ola, hall.parts[0], EVENING)
    theirs = await waits(town, nils, hall.parts[0], EVENING)
    assert (await town.ask("DELETE", f"/waiting/{mine}", nils)).status_code == 404
    assert (await town.ask("DELETE", f"/waiting/{mine}", ola)).status_code == 204
    assert (await town.ask("DELETE", f"/waiting/{mine}", ola)).status_code == 204
    assert (await town.get("/waiting", ola))["items"] == []

    async with town.database.transaction(town.tenant.id) as db:
        await end_those_over(db, EVENING.start - HOUR)
    assert await ended(town, theirs) is None
    async with town.database.transaction(town.tenant.id) as db:
        await end_those_over(db, EVENING.start)
    assert [await ended(town, each) for each in (mine, theirs)] == ["stopped", "over"]


async def test_twenty_at_once_are_enough(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)
    repeat = {"every_weeks": 1, "until": (TUESDAY + 21 * 7 * DAY).isoformat()}
    await town.book(kari, hall.parts[0], EVENING, repeat=repeat)
    answers = [
        await wait(town, ola, hall.parts[0], make.at(TUESDAY + week * 7 * DAY, 18)) for week in range(21)
    ]

    assert [each.status_code for each in answers] == [201] * 20 + [409]
    assert (type_of(answers[-1]), answers[-1].json()["limit"]) == ("limit-reached", 20)


async def test_a_search_is_told_once_a_day_and_offered_nothing(town: Town) -> None:
    hall = await town.hall(kind="sports_hall", activities=["handball"])
    (kari,), ((_, ola), (_, nils)) = await town.people(1), await persons(town, 2)
    booked = [await town.booked(kari, hall.whole, make.at(TUESDAY, hour)) for hour in (18, 19)]
    search = {"from_on": str(TUESDAY), "from_time": "18:00", "to_time": "20:00", "activity": "handball"}
    mine = await town.post("/waiting", ola, {"search": search, "until": str(TUESDAY + DAY)})
    unfit = await town.post("/waiting", nils, {"search": {**search, "activity": "chess"}})
    assert (mine.status_code, unfit.status_code) == (201, 201), mine.text
    assert mine.json()["search"] == search

    for each in booked:
        await cancel(town, kari, each)
        await happen(town)

    seen = await told(town, "SeenFree")
    assert [each["wait_id"] for each in seen] == [mine.json()["id"]]
    assert datetime.fromisoformat(seen[0]["starts_at"]) == EVENING.start
    assert await offers(town) == []
    wrong = await town.post("/waiting", ola, {"search": search, "until": "2020-01-01"})
    assert wrong.status_code == 422
    long = await town.post("/waiting", ola, {"search": search, "until": str(TUESDAY + 80 * DAY)})
    assert long.status_code == 422


async def test_news_that_comes_twice_or_at_once_offers_once(town: Town) -> None:
    hall = await town.hall()
    (kari,), people = await town.people(1), await persons(town, 5)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    for _, token in people:
        await waits(town, token, hall.parts[0], EVENING)
    await happen(town)
    await cancel(town, kari, booked)
    freed = [rules.Freed(frozenset(hall.units[:1]), EVENING)]

    async def by_hand() -> None:
        async with town.database.transaction(town.tenant.id) as db:
            await offering.offer_freed(db, freed, utc_now(), association_id=None)

    await asyncio.gather(happen(town, at_once=3), *(by_hand() for _ in range(5)))

    ((_, person, state, _),) = await offers(town)
    assert (person, state) == (people[0][0], "held")


async def test_a_yes_in_the_last_moment_and_the_lapse_one_wins(town: Town) -> None:
    outcomes: set[str] = set()
    for attempt in range(6):
        hall = await town.hall()
        (kari,), ((ola, token), (_, nils)) = await town.people(1), await persons(town, 2)
        booked = await town.booked(kari, hall.parts[0], EVENING)
        await waits(town, token, hall.parts[0], EVENING)
        await waits(town, nils, hall.parts[0], EVENING)
        await cancel(town, kari, booked)
        await happen(town)
        offer, _, _, until = next(each for each in await offers(town) if each[1] == ola)
        assert until is not None

        async def yes(offer: UUID = offer, ola: UUID = ola, until: datetime = until) -> bool:
            try:
                await answer(town, offer, ola, accept=True, now=until - timedelta(seconds=1))
            except WrongState:
                return False
            return True

        async def too_late(
            offer: UUID = offer, until: datetime = until, first: bool = attempt % 2 == 0
        ) -> int:
            if not first:
                await asyncio.sleep(0)
            async with town.database.transaction(town.tenant.id) as db:
                booking_id = await db.scalar(
                    text("SELECT booking_id FROM offer WHERE id = :id"), {"id": offer}
                )
                return len(await lapse(db, [booking_id], until + timedelta(seconds=1)))

        took, lapsed = await asyncio.gather(yes(), too_late())
        assert took + lapsed == 1
        await happen(town)
        made = [(person, state) for _, person, state, _ in await offers(town) if person == ola]
        assert made == [(ola, "confirmed" if took else "lapsed")]
        outcomes.add("taken" if took else "lapsed")
    assert outcomes


async def test_somebody_else_is_kept_away_while_it_is_offered(town: Town) -> None:
    hall = await town.hall()
    (kari, *others), ((_, token),) = await town.people(6), await persons(town, 1)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    await waits(town, token, hall.parts[0], EVENING)
    await cancel(town, kari, booked)
    await happen(town)

    answers = await race(*(town.apply(who, make.wish(hall.parts[0], EVENING)) for who in others))

    assert statuses(answers) == {409: 5}


async def test_however_many_wait_as_many_statements_are_asked(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    counts: list[int] = []
    for week, number in enumerate((1, 25)):
        span = make.at(TUESDAY + week * 7 * DAY, 18)
        booked = await town.booked(kari, hall.parts[0], span)
        for _, token in await persons(town, number):
            await waits(town, token, hall.parts[0], span)
        await happen(town)
        await cancel(town, kari, booked)
        statements: list[str] = []

        def noted(*args: Any, statements: list[str] = statements) -> None:
            statements.append(args[2])

        async with town.database.transaction(town.tenant.id) as db:
            connection = (await db.connection()).sync_connection
            event.listen(connection, "before_cursor_execute", noted)
            freed = [rules.Freed(frozenset(hall.units[:1]), span)]
            await offering.offer_freed(db, freed, utc_now(), association_id=None)
            event.remove(connection, "before_cursor_execute", noted)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 20, counts


async def test_the_neighbours_list_is_another(town: Town, stranger: Tenant) -> None:
    hall = await town.hall()
    (kari, ola) = await town.people(2)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    mine = await waits(town, ola, hall.parts[0], EVENING)

    async with town.database.transaction(stranger.id) as db:
        freed = [rules.Freed(frozenset(hall.units), EVENING)]
        await offering.offer_freed(db, freed, utc_now(), association_id=None)
        token = (await make.person(db))[1]
    foreign = Town(town.http, town.database, stranger)
    assert (await foreign.ask("DELETE", f"/waiting/{mine}", token)).status_code == 404
    assert await offers(town) == []
    assert await town.state(booked) == "confirmed"
