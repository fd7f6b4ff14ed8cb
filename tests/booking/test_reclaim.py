"""Giving a resource other units, over HTTP: bookings and closures follow, or those in the way are listed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx

from tests import make
from tests.booking.conftest import Town
from tests.booking.racing import run_out
from tests.booking.test_change import type_of

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)


async def set_units(
    town: Town, token: str, resource_id: UUID, units: Sequence[UUID], **headers: str
) -> httpx.Response:
    body: dict[str, Any] = {"unit_ids": [str(unit) for unit in units]}
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return await town.ask("PUT", f"/resources/{resource_id}/units", token, body=body, headers=told)


async def test_bookings_follow_to_the_new_units(town: Town) -> None:
    hall = await town.hall(setup_minutes=15)
    kari, ola, manager = *await town.people(2), await town.person("facility_manager")
    booked = await town.booked(kari, hall.parts[0], EVENING)
    held = await town.booked(kari, hall.parts[0], make.at(TUESDAY, 12), hold=True)

    done = await set_units(town, manager, hall.parts[0], hall.units[1:])

    assert done.status_code == 200, done.text
    assert sorted(done.json()["reclaimed"]) == sorted([booked, held])
    assert sorted(done.json()["unit_ids"]) == sorted(str(unit) for unit in hall.units[1:])
    assert [await town.free(part, EVENING) for part in hall.parts[1:]] == [[], []]
    on_first = await town.have(lambda db: make.resource(db, hall.facility_id, [hall.units[0]]))
    await town.book(ola, on_first, EVENING)


async def test_those_in_the_way_are_listed_and_nothing_is_changed(town: Town) -> None:
    hall = await town.hall(cleanup_minutes=60)
    kari, ola, manager = *await town.people(2), await town.person("facility_manager")
    mine = await town.booked(kari, hall.parts[0], EVENING)
    free = await town.booked(kari, hall.parts[0], make.at(TUESDAY, 8))
    await town.booked(ola, hall.parts[1], make.at(TUESDAY, 19.5))  # where hers is still cleaned up after

    refused = await set_units(town, manager, hall.parts[0], hall.units[:2])

    assert (refused.status_code, type_of(refused)) == (409, "in-use")
    assert refused.json()["bookings"] == [mine]
    assert await town.free(hall.parts[1], make.at(TUESDAY, 8)) == [make.at(TUESDAY, 8)]
    await town.post(f"/bookings/{mine}/cancel", kari, {})
    done = await set_units(town, manager, hall.parts[0], hall.units[:2])
    assert done.json()["reclaimed"] == [free]


async def test_the_padding_of_a_pool_is_looked_at_too(town: Town) -> None:
    async with town.database.transaction(town.tenant.id) as db:
        pool, lanes = await make.pool(db, lanes=2, cleanup_minutes=60)
        facility = (await make.unit_row(db, lanes)).facility_id
        other_lanes = await make.unit(db, facility, capacity=2)
        other = await make.resource(db, facility, [other_lanes])
    kari, manager = *await town.people(1), await town.person("facility_manager")
    both = make.wish(pool, EVENING, quantity=2)
    mine = (await town.apply(kari, both)).json()["bookings"][0]["id"]
    await town.book(kari, other, make.at(TUESDAY, 19.5))

    refused = await set_units(town, manager, pool, [other_lanes])

    assert (refused.status_code, refused.json().get("bookings")) == (409, [mine])


async def test_a_hold_that_ran_out_does_not_follow(town: Town) -> None:
    hall = await town.hall()
    kari, ola, manager = *await town.people(2), await town.person("facility_manager")
    held = await town.book(kari, hall.parts[0], EVENING, hold=True)
    await town.book(ola, hall.parts[1], EVENING)
    await run_out(town, held)

    done = await set_units(town, manager, hall.parts[0], [hall.units[1]])

    assert (done.status_code, done.json()["reclaimed"]) == (200, [])
    assert await town.state(held["bookings"][0]["id"]) == "lapsed"


async def test_a_closure_of_the_resource_follows(town: Town) -> None:
    hall = await town.hall()
    kari, manager = *await town.people(1), await town.person("facility_manager")
    await town.close(manager, make.at(TUESDAY, 8, 14), resource_id=str(hall.parts[0]))
    booked = await town.booked(kari, hall.parts[2], EVENING)

    refused = await set_units(town, manager, hall.parts[0], [hall.units[2]])
    done = await set_units(town, manager, hall.parts[0], [hall.units[1]])

    assert (type_of(refused), refused.json()["bookings"]) == ("in-use", [booked])
    assert done.status_code == 200
    assert await town.free(hall.parts[0], EVENING) == await town.free(hall.parts[1], EVENING) == []
    on_first = await town.have(lambda db: make.resource(db, hall.facility_id, [hall.units[0]]))
    assert await town.free(on_first, EVENING) == [EVENING]


async def test_who_may_and_against_which_version(town: Town) -> None:
    hall, elsewhere = await town.hall(), await town.hall()
    kari, officer = *await town.people(1), await town.person("case_officer")
    manager = await town.person("facility_manager", facility_id=hall.facility_id)

    assert (await set_units(town, kari, hall.parts[0], hall.units)).status_code == 403
    assert (await set_units(town, officer, hall.parts[0], hall.units)).status_code == 403
    assert (await set_units(town, manager, elsewhere.parts[0], elsewhere.units)).status_code == 403
    foreign = await set_units(town, manager, hall.parts[0], elsewhere.units)
    assert (foreign.status_code, foreign.json()["field"]) == (422, "unit_ids")
    first = await set_units(town, manager, hall.parts[0], hall.units[:2], If_Match='"1"')
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    assert (await set_units(town, manager, hall.parts[0], hall.units, If_Match='"1"')).status_code == 412
    assert (await set_units(town, manager, hall.facility_id, hall.units)).status_code == 404
