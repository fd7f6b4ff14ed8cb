"""Calendars attached and seen to over the API: dry run, collisions decided, held back, let go of."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from msgspec.structs import replace
from sqlalchemy import text

from calendar_feeds.incoming import fetching, service
from core.delivery import Door
from core.settings import Settings
from core.spans import utc_now
from core.vault import new_key, vault_of
from tests import make
from tests.booking.conftest import Town
from tests.booking.test_change import type_of
from tests.calendar_feeds.incoming.calendars import attach, bookings, closures, said
from tests.calendar_feeds.incoming.hosts import Host, host, http, ics

TUESDAY = make.next_weekday(2)
MORNING = make.at(TUESDAY, 9, 2)
NOON = make.at(TUESDAY, 12)
EVENING = make.at(TUESDAY, 18)


@pytest.fixture
async def settings(app: Litestar) -> AsyncIterator[Settings]:
    """The program's own; the loopback may be called."""
    before: Settings = app.state.settings
    app.state.settings = replace(before, call_networks=("127.0.0.0/8",))
    yield app.state.settings
    app.state.settings = before


@pytest.fixture
async def school() -> AsyncIterator[Host]:
    """Two events."""
    async with host() as made:
        made.answer = http(ics([said("a", MORNING), said("b", NOON)], "X-WR-CALNAME:8A"))
        yield made


def body(resource_id: UUID, school: Host, **more: Any) -> dict[str, Any]:
    return {
        "resource_id": str(resource_id),
        "address": school.address,
        "label": "Timeplan",
        "kind": "closures",
        **more,
    }


async def attached(town: Town, token: str, resource_id: UUID, school: Host, **more: Any) -> dict[str, Any]:
    answer = await town.post("/imports", token, body(resource_id, school, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def fetch(town: Town, settings: Settings, row: dict[str, Any]) -> None:
    await fetching.fetch(Door(town.database, town.tenant.id, settings), UUID(row["id"]), utc_now())


async def test_attached_it_is_fetched_at_once_and_told_how_it_is(
    town: Town, settings: Settings, school: Host
) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")

    row = await attached(town, manager, hall.whole, school)

    assert "address" not in row
    assert (row["host"], row["state"], row["why"], row["fetched_at"]) == ("127.0.0.1", "on", None, None)
    async with town.database.transaction(town.tenant.id) as db:
        due = await db.scalars(text("SELECT body ->> 'import_id' FROM outbox WHERE kind = 'FetchDue'"))
        assert due.all() == [row["id"]]
    await fetch(town, settings, row)
    told = await town.get(f"/imports/{row['id']}", manager)
    assert (told["applied"], told["colliding"], told["why"]) == (2, 0, None)
    listed = await town.get("/imports", manager, resource=str(hall.whole))
    assert [each["id"] for each in listed["items"]] == [row["id"]]
    events = await town.get(f"/imports/{row['id']}/events", manager, limit=1)
    assert [make.span_of(each) for each in events["items"]] == [MORNING]
    more = await town.get(f"/imports/{row['id']}/events", manager, limit=1, cursor=events["next"])
    assert [make.span_of(each) for each in more["items"]] == [NOON]


async def test_the_dry_run_tells_what_would_come_and_writes_nothing(
    town: Town, settings: Settings, school: Host
) -> None:
    assert settings.call_networks
    hall = await town.hall()
    kari, manager = await town.person(), await town.person("facility_manager")
    await town.book(kari, hall.parts[0], NOON)

    tried = await town.post("/imports/try", manager, body(hall.whole, school))

    assert tried.status_code == 200, tried.text
    told = tried.json()
    assert (told["name"], told["count"], told["colliding"], told["why"]) == ("8A", 2, 1, None)
    assert [(make.span_of(each), each["in_the_way"]) for each in told["events"]] == [(MORNING, 0), (NOON, 1)]
    assert (await town.get("/imports", manager))["items"] == []
    assert await closures(town) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"address": "http://skole.example/a.ics"}, "address"),
        ({"address": "https://10.0.0.1/a.ics"}, "address"),
        ({"address": "ftp://skole.example"}, "address"),
        ({"address": "https://ola:hemmelig@skole.example/"}, "address"),
        ({"kind": "bookings"}, "association_id"),
        ({"every_minutes": 5}, "every_minutes"),
        ({"label": ""}, "label"),
    ],
)
async def test_what_cannot_be_attached(town: Town, school: Host, wrong: dict[str, Any], field: str) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")

    for path in ("/imports", "/imports/try"):
        answer = await town.post(path, manager, {**body(hall.whole, school), **wrong})
        assert answer.status_code in {400, 422}
        assert answer.json()["field"] == field
        assert "hemmelig" not in answer.text


async def test_only_who_looks_after_the_place_sees_it(town: Town, settings: Settings, school: Host) -> None:
    assert settings.call_networks
    hall, other = await town.hall(), await town.hall()
    manager = await town.person("facility_manager", facility_id=hall.facility_id)
    elsewhere = await town.person("facility_manager", facility_id=other.facility_id)
    row = await attached(town, manager, hall.whole, school)

    assert (await town.get("/imports", elsewhere))["items"] == []
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/fetch"), ("GET", "/events")):
        answer = await town.ask(method, f"/imports/{row['id']}{path}", elsewhere)
        assert answer.status_code == 403
    assert (await town.post("/imports", elsewhere, body(hall.whole, school))).status_code == 403


async def test_an_officer_decides_what_becomes_of_a_collision(
    town: Town, settings: Settings, school: Host
) -> None:
    hall = await town.hall()
    kari, manager = await town.person(), await town.person("facility_manager")
    one = await town.booked(kari, hall.parts[0], MORNING)
    two = await town.booked(kari, hall.parts[1], NOON)
    row = await attached(town, manager, hall.whole, school)
    await fetch(town, settings, row)
    path = f"/imports/{row['id']}/events"
    first, second = (await town.get(path, manager, state="collides"))["items"]
    assert ([first["in_the_way"], second["in_the_way"]], first["why"]) == ([[one], [two]], "taken")

    still = await town.post(f"{path}/{first['id']}/resolve", manager, {"action": "try"})
    other = await town.post(f"{path}/{first['id']}/resolve", manager, {"action": "displace", "seen": "x"})
    taken = await town.post(f"{path}/{first['id']}/resolve", manager, {"action": "displace"})
    left = await town.post(f"{path}/{second['id']}/resolve", manager, {"action": "ignore"})

    assert (still.json()["state"], type_of(other)) == ("collides", "time-taken")
    assert (taken.json()["state"], left.json()["state"], left.json()["why"]) == ("applied", "ignored", "left")
    assert (await town.state(one), await town.state(two)) == ("displaced", "confirmed")
    assert await closures(town) == [MORNING]
    again = await town.post(f"{path}/{first['id']}/resolve", manager, {"action": "ignore"})
    assert type_of(again) == "wrong-state"
    await town.post(f"/bookings/{two}/cancel", kari, {})
    await fetch(town, settings, row)
    assert await closures(town) == [MORNING]
    after_all = await town.post(f"{path}/{second['id']}/resolve", manager, {"action": "try"})
    assert after_all.json()["state"] == "applied"


async def test_another_label_is_read_everywhere_after_the_next_fetch(
    town: Town, settings: Settings, school: Host
) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    row = await attached(town, manager, hall.whole, school)
    await fetch(town, settings, row)

    changed = await town.ask(
        "PATCH",
        f"/imports/{row['id']}",
        manager,
        body={"label": "Skolen"},
        headers={"If-Match": '"1"'},
    )
    late = await town.ask(
        "PATCH", f"/imports/{row['id']}", manager, body={"label": "Nei"}, headers={"If-Match": '"1"'}
    )
    await fetch(town, settings, row)

    assert (changed.json()["label"], changed.headers["etag"], late.status_code) == ("Skolen", '"2"', 412)
    window = {"from": str(TUESDAY), "to": str(TUESDAY + timedelta(days=1))}
    assert {each["reason"] for each in (await town.get("/closures", **window))["items"]} == {"Skolen"}


async def test_paused_it_is_not_fetched_and_goes_on(town: Town, settings: Settings, school: Host) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    row = await attached(town, manager, hall.whole, school)
    await town.ask("PATCH", f"/imports/{row['id']}", manager, body={"state": "paused"})

    await fetch(town, settings, row)
    refused = await town.post(f"/imports/{row['id']}/fetch", manager)
    assert (school.asked, type_of(refused)) == ([], "wrong-state")
    await town.ask("PATCH", f"/imports/{row['id']}", manager, body={"state": "on"})
    await fetch(town, settings, row)
    assert len(await closures(town)) == 2


async def test_what_was_held_back_goes_when_an_officer_is_sure(
    town: Town, settings: Settings, school: Host
) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    row = await attached(town, manager, hall.whole, school)
    await fetch(town, settings, row)
    assert type_of(await town.post(f"/imports/{row['id']}/sure", manager)) == "wrong-state"
    school.answer = http(ics([]))
    await fetch(town, settings, row)
    assert ((await town.get(f"/imports/{row['id']}", manager))["is_held"], len(await closures(town))) == (
        True,
        2,
    )

    sure = await town.post(f"/imports/{row['id']}/sure", manager)
    await fetch(town, settings, row)

    assert sure.status_code == 200
    told = await town.get(f"/imports/{row['id']}", manager)
    assert (told["is_held"], told["why"], await closures(town)) == (False, None, [])


@pytest.mark.parametrize("brought", ["keep", "withdraw"])
async def test_let_go_of_it_leaves_or_takes_what_it_brought(
    town: Town, settings: Settings, school: Host, brought: str
) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    association, _ = await town.have(make.association)
    shut = await attached(town, manager, hall.parts[0], school)
    booked = await attached(
        town, manager, hall.parts[1], school, kind="bookings", association_id=str(association)
    )
    for each in (shut, booked):
        await fetch(town, settings, each)

    for each in (shut, booked):
        answer = await town.ask("DELETE", f"/imports/{each['id']}", manager, brought=brought)
        assert answer.status_code == 204

    assert (await town.get("/imports", manager))["items"] == []
    kept = 2 if brought == "keep" else 0
    assert (len(await closures(town)), len(await bookings(town))) == (kept, kept)


async def test_lists_are_read_page_by_page_the_failing_first(
    town: Town, settings: Settings, school: Host
) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    rows = [await attached(town, manager, hall.whole, school, label=f"Kalender {n}") for n in range(5)]
    school.answer = http("", "500 Oops")
    await fetch(town, settings, rows[3])

    pages = [await town.get("/imports", manager, limit=2)]
    while pages[-1]["next"]:
        pages.append(await town.get("/imports", manager, limit=2, cursor=pages[-1]["next"]))

    labels = [each["label"] for page in pages for each in page["items"]]
    assert labels == [f"Kalender {n}" for n in (3, 0, 1, 2, 4)]


async def test_addresses_are_sealed_anew_under_the_newest_key(
    town: Town, settings: Settings, school: Host, tmp_path: Path
) -> None:
    hall = await town.hall()
    old, new = new_key(), new_key()
    before, both, after = (
        replace(settings, var_dir=tmp_path, keys=keys) for keys in ((old,), (new, old), (new,))
    )
    sealed = vault_of(before).seal(school.address)
    row_id = await town.have(lambda db: attach(db, hall.whole, address=sealed, under=vault_of(before).newest))

    found = [await town.have(lambda db: service.reseal(db, vault_of(both), batch=10)) for _ in range(2)]

    assert found == [1, 0]
    await fetch(town, after, {"id": str(row_id)})
    assert len(await closures(town)) == 2
