"""Many at once for one thing: exactly one has it, the others are told cleanly, and nothing is half done."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from core.spans import utc_now
from resources.models import BookingLimit
from tests import make
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)


async def race(*runners: Awaitable[httpx.Response]) -> list[httpx.Response]:
    """All at once; none of the answers is a fault of ours."""
    answers = await asyncio.gather(*runners)
    assert all(answer.status_code < 500 for answer in answers), [
        a.text for a in answers if a.status_code >= 500
    ]
    return list(answers)


def statuses(answers: Sequence[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def told(answers: Sequence[httpx.Response]) -> Counter[str]:
    """How often each refusal was given."""
    return Counter(answer.json()["type"] for answer in answers if answer.status_code >= 400)


async def count_live(town: Town) -> int:
    async with town.database.transaction(town.tenant.id) as db:
        return await db.scalar(
            text("SELECT count(*) FROM booking WHERE state IN ('held', 'requested', 'confirmed')")
        )


async def test_fifty_for_one_slot_one_has_it_and_the_others_see_the_conflict(town: Town) -> None:
    hall = await town.hall()
    people = await town.people(50)
    took: list[float] = []
    for hour in (18, 19, 20):
        span = make.at(TUESDAY, hour)
        began = time.monotonic()
        answers = await race(*(town.apply(who, make.wish(hall.parts[0], span)) for who in people))
        took.append(time.monotonic() - began)

        assert statuses(answers) == {201: 1, 409: 49}
        assert told(answers) == {"/problems/time-taken": 49}
        for answer in answers:
            if answer.status_code == 409:
                assert [make.span_of(each) for each in answer.json()["conflicts"]] == [span]
    assert min(took) < 2  # others work on this machine, too


async def test_a_part_and_the_whole_of_a_hall_are_never_had_by_two(town: Town) -> None:
    hall = await town.hall()
    people = await town.people(24)
    places = [hall.whole, *hall.parts] * 6

    answers = await race(
        *(town.apply(who, make.wish(place, EVENING)) for who, place in zip(people, places, strict=True))
    )

    had = [
        UUID(answer.json()["bookings"][0]["resource_id"]) for answer in answers if answer.status_code == 201
    ]
    assert had == [hall.whole] or sorted(had) == sorted(hall.parts)
    assert told(answers) == {"/problems/time-taken": 24 - len(had)}


async def test_padding_around_neighbours_is_kept_in_a_race(town: Town) -> None:
    hall = await town.hall(setup_minutes=15, cleanup_minutes=30)
    people = await town.people(20)
    hours = [18 + number % 5 * 0.5 for number in range(20)]

    answers = await race(
        *(
            town.apply(who, make.wish(hall.parts[0], make.at(TUESDAY, hour)))
            for who, hour in zip(people, hours, strict=True)
        )
    )

    assert 1 <= statuses(answers)[201] <= 2
    assert statuses(answers)[201] + told(answers)["/problems/time-taken"] == 20


@pytest.mark.parametrize("attempt", range(3))
async def test_a_series_and_a_single_time_one_wins_wholly(town: Town, attempt: int) -> None:
    hall = await town.hall()
    club, *others = await town.people(4)
    repeat = {"every_weeks": 1, "until": (TUESDAY + timedelta(weeks=9)).isoformat()}
    weeks = random.Random(attempt).sample(range(10), 3)

    series, *singles = await race(
        town.apply(club, make.wish(hall.whole, EVENING), repeat=repeat),
        *(
            town.apply(who, make.wish(hall.parts[0], make.at(TUESDAY + timedelta(weeks=week), 18)))
            for who, week in zip(others, weeks, strict=True)
        ),
    )

    won = [answer for answer in singles if answer.status_code == 201]
    if series.status_code == 201:
        assert len(series.json()["bookings"]) == 10
        assert not won
    else:
        assert series.status_code == 409
        assert 1 <= len(series.json()["refused"]) <= len(won) == await count_live(town)


async def test_two_series_over_the_same_weeks_do_not_deadlock(town: Town) -> None:
    hall = await town.hall()
    repeat = {"every_weeks": 1, "until": (TUESDAY + timedelta(weeks=19)).isoformat()}
    wishes = [make.wish(part, EVENING) for part in hall.parts]

    answers = await race(
        *(
            town.apply(who, *(wishes if number % 2 else reversed(wishes)), repeat=repeat)
            for number, who in enumerate(await town.people(6))
        )
    )

    assert statuses(answers) == {201: 1, 409: 5}
    assert await count_live(town) == 60


@pytest.mark.parametrize("holder", ["person", "association"])
async def test_a_limit_of_one_holds_for_two_different_slots_at_once(town: Town, holder: str) -> None:
    hall = await town.hall()
    async with town.database.transaction(town.tenant.id) as db:
        db.add(BookingLimit(holder=holder, kind="active_bookings", value=1))
        kari_id, kari = await make.person(db)
        ola_id, ola = await make.person(db)
        club_id, _ = await make.association(db, kari_id, ola_id)
    more = {"association_id": str(club_id)} if holder == "association" else {}
    who = [kari, ola] if holder == "association" else [kari, kari]

    answers = await race(
        *(
            town.apply(
                who[number % 2], make.wish(hall.parts[number % 3], make.at(TUESDAY, 9 + number)), **more
            )
            for number in range(6)
        )
    )

    assert statuses(answers) == {201: 1, 409: 5}
    assert told(answers) == {"/problems/limit-reached": 5}


@pytest.mark.parametrize("displace", [False, True])
async def test_nobody_books_under_a_closure_that_is_laid_meanwhile(town: Town, *, displace: bool) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    people = await town.people(30)
    day = make.at(TUESDAY, 8, 14)

    closure, *answers = await race(
        *(
            town.apply(who, make.wish(hall.parts[number % 3], make.at(TUESDAY, 9 + number // 3)))
            for number, who in enumerate(people[:10])
        ),
        town.close(manager, day, facility_id=str(hall.facility_id), displace=displace),
        *(
            town.apply(who, make.wish(hall.parts[number % 3], make.at(TUESDAY, 9 + number // 3)))
            for number, who in enumerate(people[10:], start=10)
        ),
    )
    closure, answers = next(
        (answer, [other for other in (closure, *answers) if other is not answer])
        for answer in (closure, *answers)
        if answer.request.url.path.endswith("/closures")
    )

    won = statuses(answers)[201]
    assert set(told(answers)) <= {"/problems/time-taken", "/problems/closed"}
    if closure.status_code == 201:
        assert len(closure.json()["displaced"]) == won
        assert await count_live(town) == 0
    else:
        assert closure.json()["type"] == "/problems/time-taken"
        assert won == 30


async def test_a_pool_is_never_fuller_than_it_is_and_no_lane_stays_empty_for_nothing(town: Town) -> None:
    async with town.database.transaction(town.tenant.id) as db:
        pool, _ = await make.pool(db, lanes=6)
    people = await town.people(20)
    wanted = [1 + number % 3 for number in range(20)]

    answers = await race(
        *(
            town.apply(who, make.wish(pool, EVENING, quantity=lanes))
            for who, lanes in zip(people, wanted, strict=True)
        )
    )

    taken = sum(a.json()["bookings"][0]["quantity"] for a in answers if a.status_code == 201)
    assert told(answers) == {"/problems/time-taken": statuses(answers)[409]}
    assert taken == 6  # a single lane was wanted till the end
    later = make.at(TUESDAY, 20)
    for lanes in (3, 2, 1):
        assert (await town.apply(people[0], make.wish(pool, later, quantity=lanes))).status_code == 201


async def test_a_hold_that_ran_out_gives_way_to_one_of_many(town: Town) -> None:
    hall = await town.hall()
    slow, *people = await town.people(12)
    held = await town.book(slow, hall.parts[0], EVENING, hold=True)
    await run_out(town, held)

    late, *answers = await race(
        town.post(f"/applications/{held['id']}/submit", slow),
        *(town.apply(who, make.wish(hall.parts[0], EVENING)) for who in people),
    )

    assert statuses(answers) == {201: 1, 409: 10}
    assert late.status_code == 409
    assert late.json()["type"] == "/problems/wrong-state"
    assert await town.state(held["bookings"][0]["id"]) == "lapsed"


async def run_out(town: Town, held: dict[str, Any]) -> None:
    """Lets the deadline of a hold be past."""
    past = utc_now() - timedelta(seconds=1)
    async with town.database.transaction(town.tenant.id) as db:
        for each in held["bookings"]:
            values = {"past": past, "id": UUID(each["id"])}
            await db.execute(text("UPDATE booking SET held_until = :past WHERE id = :id"), values)
            await db.execute(text("UPDATE claim SET held_until = :past WHERE booking_id = :id"), values)
            await db.execute(
                text("UPDATE outbox SET due_at = :past WHERE body ->> 'booking_id' = :id"),
                {**values, "id": each["id"]},
            )


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
