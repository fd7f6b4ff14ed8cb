"""Open data: what everybody may know, whole, safe in a spreadsheet, and described for catalogues."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.sharing.catalog import turtle_of
from calendar_feeds.sharing.described import BOOKINGS, RESOURCES
from core.tenants import Tenant
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.sharing.counting import counted

TUESDAY = make.next_weekday(2)
WEEK: dict[str, Any] = {"from": str(TUESDAY), "to": str(TUESDAY + timedelta(days=7))}
HIDDEN = datetime(2100, 1, 1, tzinfo=UTC)


async def rows(town: Town, name: str, **query: Any) -> list[dict[str, str]]:
    """Of the table, as a program reads it."""
    answer = await town.ask("GET", f"/open-data/{name}.csv", **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode())
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


async def test_taken_times_tell_what_everybody_may_know_and_no_more(town: Town) -> None:
    hall = await town.hall()

    async def people(db: AsyncSession) -> tuple[str, str]:
        person_id, token = await make.person(db, name="Hemmelige Hansen")
        return token, str((await make.association(db, person_id))[0])

    kari, club = await town.have(people)
    await town.booked(kari, hall.parts[0], make.at(TUESDAY, 10), title="Privat bursdag", association_id=club)
    await town.booked(kari, hall.parts[1], make.at(TUESDAY, 12), title="Åpen trening", public=True)
    await town.booked(
        kari, hall.parts[2], make.at(TUESDAY, 14), title="Kamp", public=True, association_id=club
    )
    await town.have(
        lambda db: make.change_resource(db, hall.whole, decision="case_officer", request_holds=False)
    )
    await town.booked(kari, hall.whole, make.at(TUESDAY, 20), title="Bare et ønske", public=True)
    gone = await town.booked(kari, hall.parts[0], make.at(TUESDAY, 16), title="Avlyst", public=True)
    await town.post(f"/bookings/{gone}/cancel", kari, {})

    found = await town.get("/open-data/bookings.json", **WEEK)
    told = [(each["title"], each["association"], each["state"]) for each in found["items"]]
    assert told == [
        (None, None, "confirmed"),
        ("Åpen trening", None, "confirmed"),
        ("Kamp", "Viking", "confirmed"),
    ]
    assert [make.span_of(each) for each in found["items"]] == [
        make.at(TUESDAY, hour) for hour in (10, 12, 14)
    ]
    text = json.dumps(found, ensure_ascii=False)
    table = await rows(town, "bookings", **WEEK)
    assert [row["title"] for row in table] == ["", "Åpen trening", "Kamp"]
    for secret in ("bursdag", "Hansen", "ønske", "Avlyst", kari, gone):
        assert secret not in text
        assert secret not in str(table)
    assert set(table[0]) == set(BOOKINGS.fields) == set(found["items"][0])


async def test_what_is_not_published_or_elsewhere_is_in_no_table(town: Town, stranger: Tenant) -> None:
    hall = await town.hall()
    kari = await town.person()
    for part in hall.parts[:2]:
        await town.booked(kari, part, make.at(TUESDAY, 10), title="Trening", public=True)
    await town.have(lambda db: make.change_resource(db, hall.parts[0], name="Skjult", published_from=HIDDEN))
    for token in (None, await town.person("administrator")):
        for name in ("resources", "bookings"):
            found = await town.get(f"/open-data/{name}.json", token, **(WEEK if name == "bookings" else {}))
            assert str(hall.parts[0]) not in json.dumps(found)
            assert str(hall.parts[1]) in json.dumps(found)
    for name in ("resources", "bookings"):
        assert str(hall.parts[0]) not in str(await rows(town, name, **(WEEK if name == "bookings" else {})))
        other = await town.http.get(f"/api/{stranger.slug}/open-data/{name}.json")
        assert other.json() == {"items": [], "next": None}


async def test_a_name_is_never_a_formula(town: Town) -> None:
    hall = await town.hall()
    evil = '=HYPERLINK("https://evil.example","Klikk");\r\n"x'
    await town.have(lambda db: make.change_resource(db, hall.parts[0], name=evil))
    await town.booked(await town.person(), hall.parts[0], make.at(TUESDAY, 10), title="@SUM(1)", public=True)
    (row,) = [row for row in await rows(town, "resources") if row["id"] == str(hall.parts[0])]
    assert row["name"] == "'" + evil
    (booking,) = await rows(town, "bookings", **WEEK)
    assert booking["title"] == "'@SUM(1)"


async def test_the_table_of_places_is_whole_and_without_decimals(town: Town) -> None:
    async def work(db: AsyncSession) -> UUID:
        facility_id = await make.facility(
            db, latitude=58.87, longitude=5.75, postcode="4300", town="Sandnes", accessibility=["lift"]
        )
        unit = await make.unit(db, facility_id)
        return await make.resource(db, facility_id, [unit], activities=["football", "handball"], people=40)

    resource_id = await town.have(work)
    (row,) = await rows(town, "resources")
    assert row["id"] == str(resource_id)
    assert (row["latitude"], row["longitude"]) == ("58.87", "5.75")
    assert row["activities"] == "football handball"
    assert row["association_only"] == "false"
    assert row["url"].endswith(f"/resources/{resource_id}")
    (told,) = (await town.get("/open-data/resources.json"))["items"]
    assert set(row) == set(RESOURCES.fields) == set(told)


async def test_pages_follow_each_other_by_link_and_cursor(town: Town) -> None:
    hall = await town.hall()
    kari = await town.person()
    for hour in range(9, 16):
        await town.booked(kari, hall.whole, make.at(TUESDAY, hour))
    starts: list[str] = []
    address = f"/api/{town.tenant.slug}/open-data/bookings.csv?from={TUESDAY}&limit=3"
    while address:
        answer = await town.http.get(address)
        assert answer.status_code == 200, answer.text
        table = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
        starts += [row["start"] for row in table]
        after = re.fullmatch(r'<https?://[^/]+(/[^>]+)>; rel="next"', answer.headers.get("link", ""))
        address = after[1] if after else ""
    assert len(starts) == len(set(starts)) == 7
    assert starts == sorted(starts)


@pytest.mark.parametrize("query", [{"from": "2026-01-01", "to": "2028-01-01"}, {"limit": 10_001}])
async def test_more_than_a_year_or_many_thousands_is_refused(town: Town, query: dict[str, Any]) -> None:
    assert (await town.ask("GET", "/open-data/bookings.json", **query)).status_code in {400, 422}


async def test_more_rows_take_no_more_statements(town: Town, app: Litestar) -> None:
    counts: list[list[int]] = []
    kari = await town.person()
    for _ in range(2):
        for _ in range(2):
            hall = await town.hall()
            for part in hall.parts:
                await town.booked(kari, part, make.at(TUESDAY, 10))
        sent_by: list[int] = []
        for name in ("resources", "bookings"):
            with counted(app) as sent:
                await rows(town, name)
            sent_by.append(len(sent))
        counts.append(sent_by)
    assert counts[0] == counts[1], counts


async def test_the_catalogue_says_the_same_in_both_languages_of_machines(town: Town) -> None:
    """JSON-LD and Turtle are one graph; every address in it answers."""
    base = f"/api/{town.tenant.slug}/open-data"
    node = (await town.http.get(f"{base}/catalog.jsonld")).json()
    turtle = (await town.http.get(f"{base}/catalog.ttl")).text
    assert turtle == turtle_of(node)
    assert node["@type"] == "dcat:Catalog"
    sets = node["dcat:dataset"]
    assert [each["dct:identifier"].partition("#")[2] for each in sets] == ["resources", "bookings"]
    files = [file for each in sets for file in each["dcat:distribution"]]
    for file in files:
        path = file["dcat:downloadURL"]["@id"].partition("/api/")[2]
        assert (await town.http.get(f"/api/{path}")).status_code == 200
        assert file["dct:license"]["@id"].endswith("/licence/NLOD_2_0")
    assert len(files) == 4
    languages = {each["@language"] for each in sets[0]["dct:title"]}
    assert languages == set(town.tenant.languages)
    assert node["dct:publisher"]["dct:identifier"] == town.tenant.organisation_number
    assert turtle.count("a dcat:Distribution") == 4


@pytest.mark.parametrize(
    "path",
    [
        "/api/{m}/open-data/bookings.json?from=2100-12-31",
        "/api/{m}/open-data/bookings.csv?from=2000-01-01&to=2000-01-02",
        "/api/{m}/open-data/bookings.json?cursor=AAAA",
        "/api/{m}/open-data/bookings.json?cursor=WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwieCJd",
        "/api/{m}/open-data/resources.json?cursor=WyJcdTAwMDAiLCJ4Il0",
        "/api/{m}/open-data/resources.csv?limit=0",
        "/api/{m}/open-data/resources.csv?lang=xx",
        "/api/{m}/free?from=2000-01-01&to=2000-01-02",
        "/api/{m}/free?from=2100-12-31&to=2101-01-02",
        "/api/{m}/free?from=2027-03-28T02:30:00%2B01:00&to=2027-03-28",
        "/api/{m}/free?from=2027-03-01&to=2027-03-02&minutes=44640&activity=football&cursor=",
        "/ical/{m}/resources/00000000-0000-0000-0000-000000000000.ifb?from=9999-99-99",
        "/ical/{m}/resources/00000000-0000-0000-0000-000000000000.ifb?from=0001-01-01&to=0001-01-02",
        "/ical/{m}/facilities/00000000-0000-0000-0000-000000000000.ifb?from=2026-01-01T10:00",
        "/{m}/embed/facilities/00000000-0000-0000-0000-000000000000?week=9999-W99&lang=%00",
        "/{m}/embed/resources/00000000-0000-0000-0000-000000000000/fragment?week=2000-W01",
    ],
)
async def test_odd_questions_are_answered_or_refused(town: Town, path: str) -> None:
    answer = await town.http.get(path.format(m=town.tenant.slug))
    assert answer.status_code in {200, 400, 404, 422}, answer.text
