"""Displacing: nobody unseen, everybody told, nothing waited for; and other times for those who lost theirs."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from booking import closures
from booking.closures import close
from booking.schemas import ClosureIn
from core.errors import TimeTaken
from core.spans import DAY, Span, utc_now
from people.actors import Actor, Grant
from tests import make, priced
from tests.booking.conftest import Town
from tests.booking.delivering import happen, told
from tests.booking.racing import race, statuses
from tests.booking.test_change import type_of

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
WHOLE_DAY = make.at(TUESDAY, 8, 14)


async def count(town: Town, table: str) -> int:
    async with town.database.transaction(town.tenant.id) as db:
        return int(await db.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def offered(town: Town, token: str, booking_id: str) -> list[dict[str, Any]]:
    return (await town.get(f"/bookings/{booking_id}/replacements", token))["replacements"]


async def test_a_series_of_forty_and_two_hundred_people_are_displaced_without_waiting_for_any(
    town: Town,
) -> None:
    hall, manager = await town.hall(), (await town.have(lambda db: make.person(db, role="administrator")))[0]
    spans = [make.at(TUESDAY + n * 7 * DAY, 18) for n in range(40)]
    club = (await town.people(1))[0]
    series = await town.book(
        club,
        hall.parts[0],
        spans[0],
        repeat={"every_weeks": 1, "until": (TUESDAY + 39 * 7 * DAY).isoformat()},
    )
    assert len(series["bookings"]) == 40
    for number, token in enumerate(await town.people(200)):
        hours = 8 + number % 10
        await town.book(token, hall.parts[1], make.at(TUESDAY + (number // 10) * 7 * DAY, hours))
    form = ClosureIn(
        facility_id=hall.facility_id,
        start=spans[0].start - timedelta(hours=12),
        end=spans[-1].end,
        reason="Ombygging",
        displace=True,
    )
    letters = await count(town, "letter")
    statements: list[str] = []

    def noted(*args: Any) -> None:
        statements.append(args[2])

    async with town.database.transaction(town.tenant.id) as db:
        before = await db.scalar(text("SELECT count(*) FROM outbox"))
        connection = (await db.connection()).sync_connection
        event.listen(connection, "before_cursor_execute", noted)
        actor = Actor(person_id=manager, grants=(Grant("administrator"),))
        closed = await close(db, actor, town.tenant, form, utc_now())
        await db.flush()
        event.remove(connection, "before_cursor_execute", noted)
        after = await db.scalar(text("SELECT count(*) FROM outbox"))

    assert len(closed.displaced) == 240
    assert (before, after) == (before, before + 201), "one message for each application"
    assert await count(town, "letter") == letters
    assert await count(town, "notice") == 0
    assert len(statements) <= 25, statements


async def test_whoever_was_not_listed_is_not_displaced(town: Town) -> None:
    hall = await town.hall()
    manager, _ = await town.have(lambda db: make.person(db, role="administrator"))
    kari, ola = await town.people(2)
    await town.book(kari, hall.parts[0], EVENING)
    actor = Actor(person_id=manager, grants=(Grant("administrator"),))
    form = ClosureIn(
        facility_id=hall.facility_id, start=EVENING.start, end=EVENING.end, reason="Vask", displace=True
    )

    async with town.database.transaction(town.tenant.id) as db:
        _, seen, rows = await closures.under(db, actor, town.tenant, form, utc_now())
    assert [row.title for row in rows] == ["Trening"]
    await town.book(ola, hall.parts[1], EVENING)

    with pytest.raises(TimeTaken) as refused:
        async with town.database.transaction(town.tenant.id) as db:
            await close(db, actor, town.tenant, form, utc_now(), seen=seen)
    assert refused.value.facts["count"] == 2


async def test_nothing_is_owed_for_what_was_displaced_and_the_price_stays_told(town: Town) -> None:
    hall = await town.hall()
    await town.have(lambda db: priced.tariff(db, hall.facility_id))
    (kari,), manager = await town.people(1), await town.person("facility_manager")
    booking = await town.booked(kari, hall.parts[0], EVENING)
    before = await town.get(f"/bookings/{booking}", kari)
    assert before["owed"]["amount"] == before["price"]["gross"]["amount"] > 0

    await town.close(manager, WHOLE_DAY, facility_id=str(hall.facility_id), displace=True)

    after = await town.get(f"/bookings/{booking}", kari)
    assert (after["state"], after["owed"]["amount"]) == ("displaced", 0)
    assert after["price"] == before["price"]


async def test_other_times_are_found_and_one_is_taken_by_one_click(town: Town) -> None:
    hall, other = await town.hall(), await town.hall()
    slow = await town.hall(decision="case_officer")
    (kari, ola), manager = await town.people(2), await town.person("facility_manager")
    mine = await town.booked(kari, hall.parts[0], EVENING)

    await town.close(manager, make.at(TUESDAY, 17, 3), facility_id=str(hall.facility_id), displace=True)
    assert await offered(town, kari, mine) == []
    await happen(town)

    times = await offered(town, kari, mine)
    assert 2 <= len(times) <= 3
    assert {each["start"] for each in times if UUID(each["resource_id"]) == hall.parts[0]} <= {
        make.iso(span.start.astimezone(make.OSLO)) for span in (make.at(TUESDAY, 16), make.at(TUESDAY, 20))
    }
    places = {UUID(each["resource_id"]) for each in times}
    assert places - {hall.parts[0]} <= {other.whole, *other.parts, slow.whole, *slow.parts}
    assert len(places) > 1, "also elsewhere at the same time"
    assert [each["booking_ids"] for each in await told(town, "ReplacementsFound")] == [[mine]]
    assert (await town.ask("GET", f"/bookings/{mine}/replacements", ola)).status_code == 404
    chosen = {"replacement_id": times[0]["id"]}
    assert (await town.post(f"/bookings/{mine}/replace", ola, chosen)).status_code == 404
    assert (await town.post(f"/bookings/{mine}/replace", manager, chosen)).status_code == 403

    taken = await town.post(f"/bookings/{mine}/replace", kari, chosen)

    assert taken.status_code == 200, taken.text
    assert sorted(each["state"] for each in taken.json()["bookings"]) == ["confirmed", "displaced"]
    assert await offered(town, kari, mine) == []
    again = await town.post(f"/bookings/{mine}/replace", kari, {"replacement_id": times[1]["id"]})
    assert (again.status_code, type_of(again)) == (409, "wrong-state")


async def test_where_an_officer_decides_it_is_confirmed_at_once_all_the_same(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    (kari,), officer, manager = (
        await town.people(1),
        await town.person("case_officer"),
        await town.person("facility_manager"),
    )
    asked = await town.book(kari, hall.parts[0], EVENING)
    await town.decide(officer, asked)
    mine = asked["bookings"][0]["id"]
    await town.close(manager, make.at(TUESDAY, 18, 1), unit_id=str(hall.units[0]), displace=True)
    await happen(town)

    times = await offered(town, kari, mine)
    taken = await town.post(f"/bookings/{mine}/replace", kari, {"replacement_id": times[0]["id"]})

    assert "confirmed" in {each["state"] for each in taken.json()["bookings"]}


async def test_when_somebody_was_quicker_the_list_is_made_anew(town: Town) -> None:
    hall = await town.hall()
    (kari, ola), manager = await town.people(2), await town.person("facility_manager")
    mine = await town.booked(kari, hall.parts[0], EVENING)
    await town.close(manager, EVENING, facility_id=str(hall.facility_id), displace=True)
    await happen(town)
    times = await offered(town, kari, mine)
    gone = times[0]
    await town.book(ola, UUID(gone["resource_id"]), make.span_of(gone))
    assert gone["id"] not in {each["id"] for each in await offered(town, kari, mine)}

    late = await town.post(f"/bookings/{mine}/replace", kari, {"replacement_id": gone["id"]})

    assert (late.status_code, type_of(late)) == (409, "time-taken")
    fresh = late.json()["replacements"]
    assert fresh
    assert gone["start"] not in {
        each["start"] for each in fresh if each["resource_id"] == gone["resource_id"]
    }
    taken = await town.post(f"/bookings/{mine}/replace", kari, {"replacement_id": fresh[0]["id"]})
    assert taken.status_code == 200


async def test_two_displaced_at_once_for_the_same_time_one_has_it(town: Town) -> None:
    hall = await town.hall()
    people, manager = await town.people(2), await town.person("facility_manager")
    mine = [
        await town.booked(who, hall.parts[0], make.at(TUESDAY, hour))
        for who, hour in zip(people, (10, 11), strict=True)
    ]
    await town.close(manager, make.at(TUESDAY, 10, 2), facility_id=str(hall.facility_id), displace=True)
    await happen(town)
    lists = [await offered(town, who, each) for who, each in zip(people, mine, strict=True)]
    spans = [{(each["resource_id"], each["start"]): each["id"] for each in times} for times in lists]
    (same,) = list(spans[0].keys() & spans[1].keys())[:1]

    answers = await race(
        *(
            town.post(f"/bookings/{booking}/replace", who, {"replacement_id": known[same]})
            for who, booking, known in zip(people, mine, spans, strict=True)
        )
    )

    assert statuses(answers) == {200: 1, 409: 1}


async def test_a_click_twice_at_once_takes_one(town: Town) -> None:
    hall = await town.hall()
    (kari,), manager = await town.people(1), await town.person("facility_manager")
    mine = await town.booked(kari, hall.parts[0], EVENING)
    await town.close(manager, EVENING, facility_id=str(hall.facility_id), displace=True)
    await happen(town, at_once=3)
    times = await offered(town, kari, mine)
    assert len(await told(town, "ReplacementsFound")) == 1

    answers = await race(
        *(town.post(f"/bookings/{mine}/replace", kari, {"replacement_id": each["id"]}) for each in times)
    )

    assert statuses(answers)[200] == 1


async def test_a_pool_offers_room_for_as_many(town: Town) -> None:
    async with town.database.transaction(town.tenant.id) as db:
        pool, _ = await make.pool(db)
    (kari, ola), manager = await town.people(2), await town.person("facility_manager")
    answer = await town.apply(kari, make.wish(pool, EVENING, quantity=4))
    mine = answer.json()["bookings"][0]["id"]
    await town.apply(ola, make.wish(pool, make.at(TUESDAY, 19, 3), quantity=3))
    await town.close(manager, EVENING, resource_id=str(pool), displace=True)
    await happen(town)

    starts = {make.span_of(each).start for each in await offered(town, kari, mine)}

    assert starts
    assert not starts & {make.at(TUESDAY, hour).start for hour in (18.5, 19, 20, 21)}


async def test_the_longest_night_keeps_its_length(town: Town) -> None:
    """On the day that the clocks are set back an hour of ours is an hour."""
    sunday = next(
        day
        for day in (TUESDAY + n * DAY for n in range(400))
        if make.at(day, 0, 25).end.astimezone(make.OSLO).hour == 0
    )
    hall = await town.hall()
    (kari,), manager = await town.people(1), await town.person("facility_manager")
    mine = await town.booked(kari, hall.parts[0], make.at(sunday, 12, 2))
    await town.close(manager, make.at(sunday, 12, 2), facility_id=str(hall.facility_id), displace=True)
    await happen(town)

    times = [make.span_of(each) for each in await offered(town, kari, mine)]

    assert times
    assert {span.length for span in times} == {timedelta(hours=2)}
    assert all(isinstance(span, Span) for span in times)
