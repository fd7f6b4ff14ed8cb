"""What each reader is shown: the calendar, lists page by page, the queue; and that nobody is shown who."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from tests import make
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
WEEK: dict[str, Any] = {"from": str(TUESDAY), "to": str(TUESDAY + timedelta(weeks=1))}


async def test_the_calendar_says_when_to_all_and_what_only_where_one_may_know(town: Town) -> None:
    hall = await town.hall()

    async def work(db: AsyncSession) -> tuple[str, str, str]:
        kari_id, kari = await make.person(db, name="Kari Nordmann")
        _, ola = await make.person(db, name="Ola Nordmann")
        return kari, ola, str((await make.association(db, kari_id))[0])

    kari, ola, club = await town.have(work)
    officer = await town.person("case_officer", facility_id=hall.facility_id)
    elsewhere = await town.person("case_officer", facility_id=(await town.hall()).facility_id)
    await town.book(
        kari, hall.parts[0], make.at(TUESDAY, 10), title="Åpen kamp", public=True, association_id=club
    )
    await town.book(kari, hall.parts[0], make.at(TUESDAY, 12), title="Hemmelig", association_id=club)
    await town.book(kari, hall.parts[1], EVENING, title="Bursdag", purpose="Kari fyller 40")
    await town.close(await town.person("caretaker"), make.at(TUESDAY, 20), resource_id=str(hall.whole))

    async def seen(token: str | None) -> list[tuple[Any, ...]]:
        found = await town.ask("GET", f"/resources/{hall.whole}/calendar", token, **WEEK)
        assert "Nordmann" not in found.text
        assert "fyller" not in found.text
        return [
            (each["kind"], each["title"], each["association"], each["booking_id"] is not None)
            for each in found.json()["entries"]
        ]

    public = ("booking", "Åpen kamp", "Viking")
    closure = ("closure", "Vask", None, False)
    for token in (None, ola, elsewhere):
        assert await seen(token) == [
            (*public, False),
            ("booking", None, None, False),
            ("booking", None, None, False),
            closure,
        ]
    for token in (kari, officer):
        assert await seen(token) == [
            (*public, True),
            ("booking", "Hemmelig", "Viking", True),
            ("booking", "Bursdag", None, True),
            closure,
        ]


async def test_a_conflict_never_says_who(town: Town) -> None:
    hall = await town.hall()
    ((_, kari), ola) = (
        await town.have(lambda db: make.person(db, name="Kari Nordmann")),
        await town.person(),
    )
    await town.book(kari, hall.whole, EVENING, title="Hemmelig")

    refused = await town.apply(ola, make.wish(hall.parts[0], EVENING))
    quoted = await town.post("/quote", None, make.wish(hall.parts[0], EVENING))

    for answer in (refused, quoted):
        assert "Nordmann" not in answer.text
        assert "Hemmelig" not in answer.text
        assert "booking_id" not in answer.text


async def test_what_is_not_published_is_there_for_staff_only(town: Town) -> None:
    hall = await town.hall()
    kari, officer = *await town.people(1), await town.person("case_officer")
    async with town.database.transaction(town.tenant.id) as db:
        await make.change_resource(db, hall.parts[0], published_from=make.at(TUESDAY, 0).start)
    window: dict[str, Any] = {"from": make.iso(EVENING.start), "to": make.iso(EVENING.end)}

    for path in ("free", "calendar"):
        place = f"/resources/{hall.parts[0]}/{path}"
        assert (await town.ask("GET", place, kari, **window)).status_code == 404
        assert (await town.ask("GET", place, officer, **window)).status_code == 200
    refused = await town.apply(kari, make.wish(hall.parts[0], EVENING))
    assert refused.status_code in {404, 422}


async def all_pages(town: Town, path: str, token: str, **query: Any) -> list[dict[str, Any]]:
    found, cursor = list[dict[str, Any]](), None
    for _ in range(50):
        page = await town.get(path, token, **query, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) <= query.get("limit", 50)
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found
    raise AssertionError("the pages never end")


async def test_bookings_come_by_start_page_by_page(town: Town) -> None:
    hall = await town.hall()
    one, two, club = await town.have(_club)
    (stranger,) = await town.people(1)
    officer = await town.person("case_officer", facility_id=hall.facility_id)
    other = await town.hall()
    mine: list[str] = []
    for number in range(7):
        more = {"association_id": club} if number % 2 else {}
        start = make.at(TUESDAY + timedelta(days=number // 3), 10)  # several start together
        mine.append(await town.booked(one, hall.parts[number % 3], start, **more))
    await town.book(stranger, other.whole, EVENING)

    listed = await all_pages(town, "/bookings", one, limit=2)
    of_club = await all_pages(town, "/bookings", two, limit=1, mine=True)
    by_officer = await all_pages(town, "/bookings", officer, limit=3)
    on_day = await all_pages(
        town, "/bookings", one, **{"from": str(TUESDAY), "to": str(TUESDAY + timedelta(1))}
    )

    assert sorted(each["id"] for each in listed) == sorted(mine)
    assert [each["start"] for each in listed] == sorted(each["start"] for each in listed)
    assert {each["association_id"] for each in of_club} == {club}
    assert sorted(each["id"] for each in by_officer) == sorted(mine)
    assert len(on_day) == 3
    assert (await town.ask("GET", "/bookings")).status_code == 401
    assert (await town.ask("GET", f"/bookings/{mine[0]}", stranger)).status_code == 404
    assert (await town.ask("GET", "/bookings", one, cursor="nonsense")).status_code == 422


async def _club(db: AsyncSession) -> tuple[str, str, str]:
    one_id, one = await make.person(db)
    two_id, two = await make.person(db)
    return one, two, str((await make.association(db, one_id, two_id))[0])


async def test_the_queue_by_state_and_place(town: Town) -> None:
    hall, other = await town.hall(decision="case_officer"), await town.hall(decision="case_officer")
    people = await town.people(3)
    officer = await town.person("case_officer")
    here = await town.person("case_officer", facility_id=hall.facility_id)
    at_part = await town.person("case_officer", resource_id=hall.parts[0])
    cases = [
        (await town.book(who, place, EVENING))["id"]
        for who, place in zip(people, (hall.parts[0], hall.parts[1], other.whole), strict=True)
    ]
    decided = await town.book(people[0], other.whole, make.at(TUESDAY, 10))
    await town.decide(officer, decided)

    async def queue(token: str, **query: Any) -> list[str]:
        return [each["id"] for each in await all_pages(town, "/applications", token, limit=1, **query)]

    assert await queue(officer, state="requested") == cases
    assert await queue(officer) == [*cases, decided["id"]]
    assert await queue(officer, facility=str(other.facility_id), state="requested") == cases[2:]
    assert await queue(officer, state="confirmed") == [decided["id"]]
    assert await queue(here) == cases[:2]
    assert await queue(here, facility=str(other.facility_id)) == []
    assert await queue(at_part) == cases[:1]
    assert await queue(at_part, facility=str(hall.facility_id)) == cases[:1]
    assert await queue(people[0]) == [cases[0], decided["id"]]
    assert await queue(people[1]) == cases[1:2]
    assert await queue(officer, mine=True) == []
    assert (await town.ask("GET", f"/applications/{cases[2]}", here)).status_code == 404
    assert (await town.ask("GET", f"/applications/{cases[0]}", people[1])).status_code == 404


async def test_an_officer_is_shown_her_own_places_part_of_a_case(town: Town) -> None:
    hall, other = await town.hall(decision="case_officer"), await town.hall(decision="case_officer")
    (kari,) = await town.people(1)
    here = await town.person("case_officer", facility_id=hall.facility_id)
    made = await town.apply(kari, make.wish(hall.whole, EVENING), make.wish(other.whole, EVENING))

    (shown,) = await all_pages(town, "/applications", here)

    assert [each["facility_id"] for each in shown["bookings"]] == [str(hall.facility_id)]
    assert len(made.json()["bookings"]) == 2


@contextmanager
def counted(app: Litestar) -> Generator[list[str]]:
    """The statements that the program sends meanwhile."""
    sent: list[str] = []
    engine = app.state.database.engine.sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "path",
    [
        "/bookings?limit=100",
        "/applications?limit=100",
        "/resources/{r}/calendar",
        "/resources/{r}/free",
        "/search",
    ],
)
async def test_a_long_list_takes_no_more_statements_than_a_short_one(
    town: Town, app: Litestar, path: str
) -> None:
    hall = await town.hall(decision="case_officer")
    kari, officer = *await town.people(1), await town.person("case_officer")
    where = path.format(r=hall.whole)
    window = WEEK if "resources" in path else {}
    if "search" in path:
        window = {"from_on": str(TUESDAY), "to_on": str(TUESDAY + timedelta(days=6))}
    where, _, query = where.partition("?")
    if query:
        window = {**window, "limit": "100"}
    figures: list[tuple[int, int]] = []
    await town.get(where, officer, **window)  # the first use of a token is noted
    for number in (5, 45):
        wishes = [
            make.wish(
                hall.parts[n % 3], make.at(TUESDAY + timedelta(days=n // 3 % 5), 8 + number / 5 + n // 15)
            )
            for n in range(number)
        ]
        for wish in wishes:
            assert (await town.apply(kari, wish)).status_code == 201
        with counted(app) as sent:
            shown = await town.get(where, officer, **window)
        figures.append((len(shown.get("items", shown.get("entries", []))), len(sent)))

    assert figures[0][1] == figures[1][1] <= 8
    if "bookings" in path or "applications" in path or "calendar" in path:
        assert figures[1][0] - figures[0][0] == 45


async def test_a_quote_and_every_look_write_nothing(town: Town, app: Litestar) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    wish = make.wish(hall.parts[0], EVENING)
    made = await town.book(kari, hall.parts[0], EVENING)

    with counted(app) as sent:
        for token in (None, kari):
            assert (await town.post("/quote", token, wish)).status_code == 200
            await town.get(f"/resources/{hall.whole}/calendar", token, **WEEK)
            await town.get("/search", token, from_on=str(TUESDAY))
        await town.get(f"/applications/{made['id']}", kari)
        await town.get("/bookings", kari)
    assert [
        each for each in sent if not each.lstrip().upper().startswith(("SELECT", "WITH", "SET LOCAL"))
    ] == []
    assert [each for each in sent if "FOR UPDATE" in each or "FOR NO KEY" in each] == []
