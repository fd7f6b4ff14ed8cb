"""Many at once for one thing: exactly one has it, the others are told cleanly, and nothing is half done."""

import random
import time
from datetime import timedelta
from uuid import UUID

import pytest

from resources.models import BookingLimit
from tests import make
from tests.booking.conftest import Town
from tests.booking.racing import count_live, race, run_out, statuses, told

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)


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
