"""Deciding, moving, closing and changing units at once, and the same request many times."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import httpx

from tests import make
from tests.booking.conftest import Town
from tests.booking.racing import count_live, race, statuses, told

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)


async def test_an_application_is_decided_once(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari, anne, berit = (
        *await town.people(1),
        await town.person("case_officer"),
        await town.person("case_officer"),
    )
    asked = await town.book(kari, hall.whole, EVENING)

    answers = await race(
        town.decide(anne, asked),
        town.decide(berit, asked, approve=False),
        town.decide(anne, asked, headers={"If-Match": f'"{asked["version"]}"'}),
        town.post(f"/applications/{asked['id']}/withdraw", kari),
    )

    assert statuses(answers)[200] == 1
    assert set(told(answers)) <= {"/problems/wrong-state", "/problems/changed-meanwhile"}


async def test_of_two_competing_requests_one_is_approved(town: Town) -> None:
    hall = await town.hall(decision="case_officer", request_holds=False)
    officers = [await town.person("case_officer") for _ in range(2)]
    asked = [
        await town.book(who, place, EVENING)
        for who, place in zip(await town.people(2), (hall.whole, hall.parts[0]), strict=True)
    ]

    answers = await race(*(town.decide(who, each) for who, each in zip(officers, asked, strict=True)))

    assert statuses(answers) == {200: 1, 409: 1}
    assert told(answers) == {"/problems/time-taken": 1}


async def test_moving_into_each_others_slots_deadlocks_nobody(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)
    for hour in (9, 11, 13, 15):
        mine, yours = (hall.parts[0], make.at(TUESDAY, hour)), (hall.parts[1], make.at(TUESDAY, hour + 1))
        first, second = await town.booked(kari, *mine), await town.booked(ola, *yours)

        answers = await race(
            town.move(kari, first, yours[1], yours[0]), town.move(ola, second, mine[1], mine[0])
        )

        # The one who is first finds the other still there; the second may find the first still, or gone: never both.
        assert statuses(answers)[409] >= 1
        assert set(told(answers)) == {"/problems/time-taken"}


async def test_many_move_to_one_free_slot(town: Town) -> None:
    hall = await town.hall()
    people = await town.people(10)
    have = [
        await town.booked(who, hall.parts[number % 3], make.at(TUESDAY, 9 + number // 3))
        for number, who in enumerate(people)
    ]

    answers = await race(
        *(town.move(who, each, EVENING, hall.parts[0]) for who, each in zip(people, have, strict=True))
    )

    assert statuses(answers) == {200: 1, 409: 9}


async def test_a_resource_gets_other_units_while_it_is_booked(town: Town) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    people = await town.people(12)

    async def change(units: Sequence[UUID]) -> httpx.Response:
        body = {"unit_ids": [str(unit) for unit in units]}
        return await town.ask("PUT", f"/resources/{hall.parts[0]}/units", manager, body=body)

    answers = await race(
        *(
            town.apply(who, make.wish(hall.parts[0], make.at(TUESDAY, 8 + n)))
            for n, who in enumerate(people[:6])
        ),
        change(hall.units[1:]),
        change(hall.units[2:]),
        *(
            town.apply(who, make.wish(hall.parts[0], make.at(TUESDAY, 14 + n)))
            for n, who in enumerate(people[6:])
        ),
        *(town.apply(who, make.wish(hall.parts[1], make.at(TUESDAY, 8 + n))) for n, who in enumerate(people)),
    )

    assert set(told(answers)) <= {"/problems/time-taken", "/problems/in-use"}
    # That each booking claims just the units its resource has now is looked at afterwards, as always.


async def test_a_unit_shrinks_while_it_is_booked(town: Town) -> None:
    async with town.database.transaction(town.tenant.id) as db:
        pool, unit = await make.pool(db, lanes=6)
    manager = await town.person("facility_manager")

    answers = await race(
        town.apply(await town.person(), make.wish(pool, EVENING, quantity=6)),
        town.ask("PATCH", f"/units/{unit}", manager, body={"capacity": 2}),
        town.apply(await town.person(), make.wish(pool, EVENING, quantity=6)),
    )

    assert statuses(answers)[409] + statuses(answers)[422] == 2


async def test_the_same_request_ten_times_is_one_application(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    key = {"Idempotency-Key": uuid4().hex}
    body = make.application(make.wish(hall.parts[0], EVENING))

    answers = await race(*(town.post("/applications", kari, body, key) for _ in range(10)))
    again = await town.post("/applications", kari, body, key)
    other = await town.post("/applications", kari, {**body, "title": "Kamp"}, key)
    elsewhere = await town.post("/quote", kari, body["times"][0], key)

    assert {(a.status_code, a.content, a.headers["ETag"]) for a in (*answers, again)} == {
        (201, answers[0].content, '"1"')
    }
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    assert elsewhere.status_code == 200
    assert await count_live(town) == 1


async def test_a_key_whose_request_was_refused_may_be_used_again(town: Town) -> None:
    hall = await town.hall()
    kari, ola = await town.people(2)
    taken = await town.booked(ola, hall.parts[0], EVENING)
    key = {"Idempotency-Key": "again"}
    body = make.application(make.wish(hall.parts[0], EVENING))

    refused = await race(*(town.post("/applications", kari, body, key) for _ in range(5)))
    await town.post(f"/bookings/{taken}/cancel", ola, {})
    granted = await race(*(town.post("/applications", kari, body, key) for _ in range(5)))
    same_key = await town.post("/applications", ola, make.application(make.wish(hall.parts[1], EVENING)), key)

    assert statuses(refused) == {409: 5}
    assert {(answer.status_code, answer.content) for answer in granted} == {(201, granted[0].content)}
    assert same_key.status_code == 201  # keys are each person's own


async def test_cancelled_or_moved_away_while_it_is_displaced(town: Town) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    people = await town.people(6)
    have = [
        await town.booked(who, hall.parts[0], make.at(TUESDAY, 9 + number))
        for number, who in enumerate(people)
    ]

    closure, *answers = await race(
        town.close(manager, make.at(TUESDAY, 8, 14), unit_id=str(hall.units[0]), displace=True),
        *(
            town.post(f"/bookings/{each}/cancel", who, {})
            for who, each in zip(people[:3], have, strict=False)
        ),
        *(
            town.move(who, each, make.at(TUESDAY, 9 + number), hall.parts[1])
            for number, (who, each) in enumerate(zip(people[3:], have[3:], strict=True))
        ),
    )

    assert closure.status_code == 201
    ended = [await town.state(each) for each in have]
    for state, each, answer in zip(ended, have, answers, strict=True):
        did_it = answer.status_code == 200
        assert (state == "displaced") == (each in closure.json()["displaced"]) == (not did_it)


async def test_a_case_moved_while_it_is_decided(town: Town) -> None:
    hall = await town.hall(decision="case_officer", request_holds=False)
    other = await town.have(
        lambda db: make.resource(
            db, hall.facility_id, [hall.units[0]], decision="case_officer", request_holds=False
        )
    )
    officer = await town.person("case_officer")
    for _ in range(5):
        (kari,) = await town.people(1)
        asked = await town.book(kari, hall.parts[1], EVENING)
        (each,) = asked["bookings"]

        moved, decided = await race(
            town.move(kari, each["id"], make.at(TUESDAY, 20), other),
            town.decide(officer, asked, headers={"If-Match": f'"{asked["version"]}"'}),
        )

        # Moved first, it is not what she decided on; moved after, it must be decided anew.
        assert (moved.status_code, decided.status_code) in {(200, 412), (200, 409), (200, 200)}
        assert await town.state(each["id"]) == "requested"
        await town.post(f"/bookings/{each['id']}/cancel", kari, {})
