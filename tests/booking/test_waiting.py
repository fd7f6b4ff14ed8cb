"""Waiting: who is next when something becomes free, until when she may answer, and who is only told."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from booking.waiting import offering, rules
from booking.waiting.tasks import end_those_over
from core.spans import DAY, utc_now
from resources.models import BookingLimit
from tests import make
from tests.booking.conftest import Town
from tests.booking.delivering import happen, told
from tests.booking.test_change import type_of
from tests.booking.waits import (
    EVENING,
    HOUR,
    TUESDAY,
    answer,
    cancel,
    ended,
    offers,
    persons,
    wait,
    waits,
)


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
