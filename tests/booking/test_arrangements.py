"""Arrangements: laid over what is booked, told of to everybody, changed and cancelled."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from core.spans import DAY, Span
from tests import make
from tests.booking.conftest import Town
from tests.booking.delivering import happen, told
from tests.booking.test_change import type_of

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)


def body(*times: tuple[UUID, Span], **more: Any) -> dict[str, Any]:
    return {
        "title": "Håndballens dag",
        "organiser": "Øvre IL",
        "description": {"nb": "Kom og prøv!", "nn": "Kom og prøv!"},
        "website": "https://ovre.example/dagen",
        "times": [
            {"resource_id": str(id_), "start": make.iso(span.start), "end": make.iso(span.end)}
            for id_, span in times
        ],
        **more,
    }


async def lay(town: Town, token: str, *times: tuple[UUID, Span], **more: Any) -> httpx.Response:
    return await town.post("/arrangements", token, body(*times, **more))


async def listed(town: Town, **query: Any) -> list[str]:
    return [each["id"] for each in (await town.get("/arrangements", **query))["items"]]


async def test_it_lists_what_lies_under_it_then_displaces_it_and_takes_the_time(town: Town) -> None:
    hall = await town.hall(setup_minutes=30, cleanup_minutes=30)
    (kari, ola), officer = await town.people(2), await town.person("case_officer")
    mine = await town.booked(kari, hall.parts[0], EVENING)
    near = await town.booked(ola, hall.parts[1], make.at(TUESDAY, 20))
    beside = await town.booked(ola, hall.parts[2], make.at(TUESDAY, 22 - 0.5, 0.5))

    refused = await lay(town, officer, (hall.whole, make.at(TUESDAY, 17, 3)))

    assert (refused.status_code, type_of(refused)) == (409, "time-taken")
    assert (sorted(refused.json()["bookings"]), refused.json()["count"]) == (sorted([mine, near]), 2)
    assert await town.state(mine) == "confirmed"

    laid = await lay(town, officer, (hall.whole, make.at(TUESDAY, 17, 3)), displace=True)

    assert laid.status_code == 201, laid.text
    assert sorted(laid.json()["displaced"]) == sorted([mine, near])
    assert [await town.state(each) for each in (mine, near, beside)] == [
        "displaced",
        "displaced",
        "confirmed",
    ]
    assert type_of(await town.apply(kari, make.wish(hall.parts[0], EVENING))) == "time-taken"
    found = await town.get(f"/arrangements/{laid.json()['id']}")
    assert (found["title"], found["organiser"], found["has_picture"]) == ("Håndballens dag", "Øvre IL", False)
    assert [make.span_of(each) for each in found["times"]] == [make.at(TUESDAY, 17, 3)]
    assert "displaced" not in found
    entries = (
        await town.get(
            f"/resources/{hall.whole}/calendar", **{"from": str(TUESDAY), "to": str(TUESDAY + DAY)}
        )
    )["entries"]
    assert "Håndballens dag" in {each["title"] for each in entries}
    await happen(town)
    assert {id_ for each in await told(town, "ReplacementsFound") for id_ in each["booking_ids"]} == {
        mine,
        near,
    }


async def test_an_officers_word_stands_over_the_rules_but_never_over_a_closure(town: Town) -> None:
    hall = await town.hall(min_minutes=60)
    officer, manager = await town.person("case_officer"), await town.person("facility_manager")
    await town.close(manager, make.at(TUESDAY, 8, 2), unit_id=str(hall.units[0]))

    night = await lay(town, officer, (hall.parts[0], make.at(TUESDAY, 23.25, 0.25)))
    closed = await lay(town, officer, (hall.parts[0], make.at(TUESDAY, 9)), displace=True)
    past = await lay(town, officer, (hall.parts[0], make.at(TUESDAY - 40 * DAY, 9)))
    itself = await lay(town, officer, (hall.parts[1], EVENING), (hall.whole, make.at(TUESDAY, 18.5)))

    assert night.status_code == 201
    assert (closed.status_code, type_of(closed)) == (409, "closed")
    assert (past.status_code, type_of(past)) == (422, "too-soon")
    assert (itself.status_code, type_of(itself)) == (409, "time-taken")
    assert len(await listed(town)) == 1


async def test_of_a_pool_it_takes_all(town: Town) -> None:
    async with town.database.transaction(town.tenant.id) as db:
        pool, _ = await make.pool(db)
    (kari,), officer = await town.people(1), await town.person("case_officer")
    await town.apply(kari, make.wish(pool, EVENING, quantity=2))

    laid = await lay(town, officer, (pool, EVENING), displace=True)

    assert len(laid.json()["displaced"]) == 1
    assert type_of(await town.apply(kari, make.wish(pool, EVENING))) == "time-taken"


async def test_what_is_to_come_by_time_and_by_facility_page_by_page(town: Town) -> None:
    one, two = await town.hall(), await town.hall()
    officer = await town.person("case_officer")
    ids = [
        (await lay(town, officer, (place.whole, make.at(TUESDAY + n * DAY, 18)))).json()["id"]
        for n, place in ((3, one), (1, two), (2, one))
    ]

    assert await listed(town) == [ids[1], ids[2], ids[0]]
    assert await listed(town, facility=str(one.facility_id)) == [ids[2], ids[0]]
    first = await town.get("/arrangements", limit=2)
    rest = await town.get("/arrangements", limit=2, cursor=first["next"])
    assert [each["id"] for each in first["items"] + rest["items"]] == [ids[1], ids[2], ids[0]]
    assert rest["next"] is None
    await town.have(
        lambda db: make.change_resource(db, two.whole, published_until=make.at(TUESDAY - 20 * DAY, 8).start)
    )
    assert await listed(town) == [ids[2], ids[0]]
    assert (await town.ask("GET", f"/arrangements/{ids[1]}")).status_code == 404
    assert (await town.ask("GET", f"/arrangements/{ids[1]}", officer)).status_code == 200


async def test_it_is_changed_on_what_was_read_and_cancelled(town: Town) -> None:
    hall = await town.hall()
    (kari,), officer = await town.people(1), await town.person("case_officer")
    laid = (await lay(town, officer, (hall.whole, EVENING))).json()
    path = f"/arrangements/{laid['id']}"

    changed = await town.ask(
        "PATCH", path, officer, body={"title": "Idrettens dag"}, headers={"If-Match": '"1"'}
    )
    stale = await town.ask("PATCH", path, officer, body={"organiser": "X"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["title"], changed.json()["organiser"]) == (
        200,
        "Idrettens dag",
        "Øvre IL",
    )
    assert stale.status_code == 412
    assert (await town.ask("PATCH", path, kari, body={"organiser": "X"})).status_code == 403

    assert (await town.post(f"{path}/cancel", kari)).status_code == 403
    cancelled = await town.post(f"{path}/cancel", officer)
    assert (cancelled.status_code, cancelled.json()["cancelled"], cancelled.json()["times"]) == (
        200,
        True,
        [],
    )
    assert type_of(await town.post(f"{path}/cancel", officer)) == "wrong-state"
    assert await listed(town) == []
    assert (await town.get(path))["cancelled"] is True
    await town.book(kari, hall.whole, EVENING)


async def test_who_may_lay_one_where(town: Town) -> None:
    hall, elsewhere = await town.hall(), await town.hall()
    (kari,) = await town.people(1)
    here = await town.person("case_officer", facility_id=hall.facility_id)
    caretaker = await town.person("caretaker")
    times = ((hall.whole, EVENING), (elsewhere.whole, EVENING))

    for token in (kari, caretaker):
        assert (await lay(town, token, times[0])).status_code == 403
    assert (await lay(town, here, *times)).status_code == 403
    assert (await lay(town, here, times[0])).status_code == 201
    assert (await lay(town, kari, (hall.facility_id, EVENING))).status_code == 403
    assert (
        await lay(town, await town.person("administrator"), (hall.facility_id, EVENING))
    ).status_code == 404


async def test_two_at_once_over_each_other_one_is_laid_over_the_other_or_refused(town: Town) -> None:
    hall = await town.hall()
    officers = [await town.person("case_officer") for _ in range(4)]

    answers = await asyncio.gather(*(lay(town, each, (hall.whole, EVENING)) for each in officers))

    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]


async def test_the_tables_tell_of_nobody_it_was_laid_for(town: Town) -> None:
    hall, officer = await town.hall(), await town.person("case_officer", name="Ingrid Hemmelig")
    laid = await lay(town, officer, (hall.whole, EVENING))

    public = await town.ask("GET", f"/arrangements/{laid.json()['id']}")

    assert "Ingrid" not in public.text
    async with town.database.transaction(town.tenant.id) as db:
        assert await db.scalar(text("SELECT count(*) FROM arrangement")) == 1
