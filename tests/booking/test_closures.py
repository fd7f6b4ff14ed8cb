"""Closing and opening again, over HTTP: what lies under it is listed, or displaced."""

from datetime import timedelta

from tests import make
from tests.booking.conftest import Town
from tests.booking.racing import run_out
from tests.booking.test_change import type_of

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
DAY = make.at(TUESDAY, 8, 14)


async def test_what_lies_under_it_is_listed_and_only_then_displaced(town: Town) -> None:
    hall = await town.hall()
    kari, ola, manager = *await town.people(2), await town.person("facility_manager")
    one = await town.booked(kari, hall.parts[0], EVENING)
    two = await town.booked(ola, hall.parts[1], make.at(TUESDAY, 10))
    outside = await town.booked(ola, hall.parts[1], make.at(TUESDAY + timedelta(days=1), 10))

    refused = await town.close(manager, DAY, facility_id=str(hall.facility_id))

    assert (refused.status_code, type_of(refused)) == (409, "time-taken")
    assert sorted(refused.json()["bookings"]) == sorted([one, two])
    assert refused.json()["count"] == 2
    assert [make.span_of(each) for each in refused.json()["conflicts"]] == [make.at(TUESDAY, 10), EVENING]
    assert await town.state(one) == "confirmed"

    closed = await town.close(manager, DAY, facility_id=str(hall.facility_id), displace=True)

    assert closed.status_code == 201
    assert sorted(closed.json()["displaced"]) == sorted([one, two])
    assert [await town.state(each) for each in (one, two, outside)] == ["displaced", "displaced", "confirmed"]
    assert (await town.get(f"/bookings/{one}", kari))["end_reason"] == "Vask"
    assert type_of(await town.post(f"/bookings/{one}/cancel", kari, {})) == "wrong-state"
    assert await town.free(hall.whole, DAY) == []
    again = await town.apply(kari, make.wish(hall.parts[0], EVENING))
    assert (again.status_code, type_of(again)) == (409, "closed")


async def test_a_unit_a_resource_or_the_whole_facility(town: Town) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")

    async def closed_at(**place: str) -> list[bool]:
        made = await town.close(manager, DAY, **place)
        assert made.status_code == 201, made.text
        found = [not await town.free(each, EVENING) for each in (hall.whole, *hall.parts)]
        lifted = await town.ask("DELETE", f"/closures/{made.json()['id']}", manager)
        assert lifted.status_code == 204
        assert await town.free(hall.whole, EVENING) == [EVENING]
        twice = await town.ask("DELETE", f"/closures/{made.json()['id']}", manager)
        assert type_of(twice) == "wrong-state"
        return found

    assert await closed_at(unit_id=str(hall.units[0])) == [True, True, False, False]
    assert await closed_at(resource_id=str(hall.parts[1])) == [True, False, True, False]
    assert await closed_at(resource_id=str(hall.whole)) == [True, True, True, True]
    assert await closed_at(facility_id=str(hall.facility_id)) == [True, True, True, True]


async def test_closures_may_overlap_and_each_is_lifted_by_itself(town: Town) -> None:
    async with town.database.transaction(town.tenant.id) as db:
        pool, lanes = await make.pool(db)
    hall, manager = await town.hall(), await town.person("facility_manager")
    (kari,) = await town.people(1)
    for place, unit in ((hall.parts[0], hall.units[0]), (pool, lanes)):
        first = await town.close(manager, make.at(TUESDAY, 8, 10), unit_id=str(unit))
        second = await town.close(manager, make.at(TUESDAY, 12, 10), resource_id=str(place))
        assert (first.status_code, second.status_code) == (201, 201)

        await town.ask("DELETE", f"/closures/{first.json()['id']}", manager)

        assert await town.free(place, DAY) == [make.at(TUESDAY, 8, 4)]
        assert type_of(await town.apply(kari, make.wish(place, make.at(TUESDAY, 11, 2)))) == "closed"
        await town.book(kari, place, make.at(TUESDAY, 11))


async def test_padding_may_reach_into_a_closure(town: Town) -> None:
    hall = await town.hall(setup_minutes=60, cleanup_minutes=60)
    (kari,), manager = await town.people(1), await town.person("facility_manager")
    await town.book(kari, hall.parts[0], make.at(TUESDAY, 11))

    closed = await town.close(manager, make.at(TUESDAY, 12, 4), unit_id=str(hall.units[0]))

    assert closed.status_code == 201
    await town.book(kari, hall.parts[0], make.at(TUESDAY, 16))
    into = await town.apply(kari, make.wish(hall.parts[0], make.at(TUESDAY, 15, 2)))
    assert type_of(into) == "closed"


async def test_holds_that_ran_out_and_competing_requests_are_not_in_the_way(town: Town) -> None:
    hall = await town.hall()
    asked = await town.hall(decision="case_officer", request_holds=False)
    (kari,), manager = await town.people(1), await town.person("facility_manager")
    held = await town.book(kari, hall.whole, EVENING, hold=True)
    request = await town.booked(kari, asked.whole, EVENING)
    await run_out(town, held)

    for place in (hall, asked):
        closed = await town.close(manager, DAY, facility_id=str(place.facility_id))
        assert (closed.status_code, closed.json()["displaced"]) == (201, [])
    assert await town.state(held["bookings"][0]["id"]) == "lapsed"
    assert await town.state(request) == "requested"


async def test_who_may_close_where(town: Town) -> None:
    hall, elsewhere = await town.hall(), await town.hall()
    (kari,) = await town.people(1)
    here = await town.person("caretaker", facility_id=hall.facility_id)
    officer = await town.person("case_officer")

    assert (await town.close(kari, DAY, unit_id=str(hall.units[0]))).status_code == 403
    assert (await town.close(officer, DAY, unit_id=str(hall.units[0]))).status_code == 403
    assert (await town.close(here, DAY, unit_id=str(elsewhere.units[0]))).status_code == 403
    made = await town.close(here, DAY, unit_id=str(hall.units[0]))
    assert made.status_code == 201
    assert (await town.ask("DELETE", f"/closures/{made.json()['id']}", officer)).status_code == 403
    everybody = await town.person("administrator")
    for place in ({}, {"unit_id": str(hall.units[0]), "facility_id": str(hall.facility_id)}):
        assert (await town.close(everybody, DAY, **place)).status_code == 422
    assert (await town.close(everybody, DAY, unit_id=str(hall.facility_id))).status_code == 404
    too_long = await town.close(everybody, make.at(TUESDAY, 0, 401 * 24 + 1), unit_id=str(hall.units[0]))
    assert too_long.status_code == 422
    long = await town.close(everybody, make.at(TUESDAY, 0, 40 * 24), unit_id=str(elsewhere.units[0]))
    assert long.status_code == 201


async def test_everybody_may_read_what_is_closed_page_by_page(town: Town) -> None:
    hall, manager = await town.hall(), await town.person("facility_manager")
    made = [
        (
            await town.close(manager, make.at(TUESDAY + timedelta(days=n), 8), unit_id=str(hall.units[0]))
        ).json()
        for n in range(5)
    ]
    await town.ask("DELETE", f"/closures/{made[2]['id']}", manager)
    window = {"from": str(TUESDAY), "to": str(TUESDAY + timedelta(days=5))}

    pages = [await town.get("/closures", limit=2, **window)]
    while pages[-1]["next"]:
        pages.append(await town.get("/closures", limit=2, cursor=pages[-1]["next"], **window))

    assert [each["id"] for page in pages for each in page["items"]] == [made[n]["id"] for n in (0, 1, 3, 4)]
