"""Facilities, resources, units, hours and limits over HTTP, as staff and as everybody."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select

from booking.models import Claim
from core.audit import AuditEntry
from core.db import Database
from core.ids import new_id
from core.tenants import Directory, Tenant
from resources.models import BookingLimit, ExtraOpening, Facility, Opening, Resource, SchoolHoliday, Unit
from tests import make

HALL = {"key": "hallen", "name": "Hallen", "town": "Sandnes", "accessibility": ["step_free"]}


class Staff:
    """A municipality's JSON API with the token of one of its people."""

    def __init__(self, http: httpx.AsyncClient, slug: str, token: str | None) -> None:
        self.http, self.slug = http, slug
        self.headers = make.bearer(token) if token else {}

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.http.request(
            method, f"/api/{self.slug}{path}", json=body, headers=self.headers | headers
        )

    async def made(self, path: str, body: Any) -> dict[str, Any]:
        answer = await self("POST", path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture(autouse=True)
def newly_made_is_known(app: Litestar) -> None:
    app.state.directory = Directory(
        app.state.database
    )  # it asks for an unknown municipality once a second only


@pytest.fixture
async def staff(http: httpx.AsyncClient, database: Database, tenant: Tenant) -> Staff:
    async with database.transaction(tenant.id) as db:
        _, token = await make.person(db, role="administrator")
    return Staff(http, tenant.slug, token)


@pytest.fixture
def everybody(http: httpx.AsyncClient, tenant: Tenant) -> Staff:
    return Staff(http, tenant.slug, None)


async def hall(staff: Staff, **more: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    facility = await staff.made("/facilities", HALL)
    unit = await staff.made(f"/facilities/{facility['id']}/units", {"key": "a", "name": "Del A"})
    body = {"facility_id": facility["id"], "units": [unit["id"]], "key": "sal", "name": "Sal", "kind": "gym"}
    return facility, unit, await staff.made("/resources", body | more)


async def test_what_staff_make_everybody_reads(staff: Staff, everybody: Staff) -> None:
    facility, unit, resource = await hall(
        staff,
        people=20,
        activities=["dance", "dance"],
        terms={"version": "1", "nb": "Rydd"},
        pictures=[{"url": "/static/sal.jpg", "alt": {"nb": "En sal"}}],
        horizon_days=30,
        horizon_opens="08:00",
    )

    read = await everybody("GET", f"/resources/{resource['id']}")
    listed = (await everybody("GET", "/facilities")).json()

    assert read.headers["etag"] == '"1"'
    assert read.json() == resource | {"opening": [], "facility_opening": []}
    assert read.json()["activities"] == ["dance"]
    assert read.json()["terms"] == {"version": "1", "nb": "Rydd"}
    assert read.json()["horizon_opens"] == "08:00"
    assert read.json()["units"] == [unit]
    assert listed["next"] is None
    assert [row["id"] for row in listed["items"]] == [facility["id"]]
    assert [brief["name"] for brief in listed["items"][0]["resources"]] == ["Sal"]


async def test_the_unpublished_is_there_for_staff_alone(staff: Staff, everybody: Staff) -> None:
    later = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    facility, _, resource = await hall(staff, published_from=later)

    assert (await everybody("GET", f"/resources/{resource['id']}")).status_code == 404
    assert (await everybody("GET", f"/resources/{resource['id']}/opening")).status_code == 404
    assert (await everybody("GET", "/resources")).json()["items"] == []
    assert (await everybody("GET", f"/facilities/{facility['id']}")).json()["resources"] == []
    assert (await staff("GET", f"/resources/{resource['id']}")).status_code == 200
    assert len((await staff("GET", "/resources")).json()["items"]) == 1


async def test_a_change_is_noted_and_counts_the_version_up(
    staff: Staff, database: Database, tenant: Tenant
) -> None:
    _, _, resource = await hall(staff)

    changed = await staff(
        "PATCH", f"/resources/{resource['id']}", {"name": "Storsalen", "people": 30}, **{"If-Match": '"1"'}
    )
    again = await staff(
        "PATCH", f"/resources/{resource['id']}", {"name": "Lillesalen"}, **{"If-Match": '"1"'}
    )
    same = await staff("PATCH", f"/resources/{resource['id']}", {"name": "Storsalen"})

    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (again.status_code, again.json()["type"], again.json()["version"]) == (
        412,
        "/problems/changed-meanwhile",
        2,
    )
    assert same.headers["etag"] == '"2"'
    async with database.transaction(tenant.id) as db:
        notes = await db.scalars(select(AuditEntry.change).where(AuditEntry.action == "resource.changed"))
        assert notes.all() == [{"name": ["Sal", "Storsalen"], "people": [None, 30]}]


async def test_search_text_follows_resource_and_facility(
    staff: Staff, database: Database, tenant: Tenant
) -> None:
    facility, _, resource = await hall(staff, activities=["handball"])
    await staff("PATCH", f"/facilities/{facility['id']}", {"name": "Austråtthallen"})
    await staff("PATCH", f"/resources/{resource['id']}", {"name": "Sal Æ"})

    async with database.transaction(tenant.id) as db:
        words = await db.scalar(select(Resource.search_text))

    assert words is not None
    assert words.startswith("sal ae austratthallen sandnes")
    assert "handball" in words


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "spaceship"}, "kind"),
        ({"activities": ["dance", "chess-boxing"]}, "activities[1]"),
        ({"interval_minutes": 60, "min_minutes": 30, "max_minutes": 45}, "max_minutes"),
        (
            {"published_from": "2026-01-02T00:00:00Z", "published_until": "2026-01-01T00:00:00Z"},
            "published_until",
        ),
        ({"published_from": "9999-01-01T00:00:00Z"}, "published_from"),
        ({"published_from": {"date": "2026-03-29", "time": "02:30"}}, "published_from"),
        ({"units": [str(new_id())]}, "units[0]"),
        ({"facility_id": str(new_id())}, "facility_id"),
    ],
)
async def test_a_resource_that_makes_no_sense_is_refused(
    staff: Staff, more: dict[str, Any], field: str
) -> None:
    facility = await staff.made("/facilities", HALL)
    unit = await staff.made(f"/facilities/{facility['id']}/units", {"key": "a", "name": "Del A"})
    body = {"facility_id": facility["id"], "units": [unit["id"]], "key": "sal", "name": "Sal", "kind": "gym"}

    answer = await staff("POST", "/resources", body | more)

    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert (await staff("GET", "/resources")).json()["items"] == []


BAD: list[dict[str, Any]] = [
    {"name": ""},
    {"name": "x" * 201},
    {"name": "a\x00b"},
    {"interval_minutes": 4},
    {"interval_minutes": "30"},
    {"min_minutes": 0},
    {"max_minutes": 50_000},
    {"setup_minutes": -1},
    {"notice_minutes": 10**12},
    {"horizon_opens": "24:00"},
    {"people": 0},
    {"decision": "never"},
    {"units": []},
    {"surprise": 1},
    {"description": {"sv": "Hej"}},
    {"description": {"nb": "x" * 5001}},
    {"pictures": [{"url": "javascript:alert(1)", "alt": {}}]},
    {"terms": {"nb": "no version"}},
]


@pytest.mark.parametrize("more", BAD)
async def test_bad_input_names_its_field_and_writes_nothing(staff: Staff, more: dict[str, Any]) -> None:
    facility = await staff.made("/facilities", HALL)
    unit = await staff.made(f"/facilities/{facility['id']}/units", {"key": "a", "name": "Del A"})
    body = {"facility_id": facility["id"], "units": [unit["id"]], "key": "sal", "name": "Sal", "kind": "gym"}

    answer = await staff("POST", "/resources", body | more)

    assert 400 <= answer.status_code < 500
    assert next(iter(more)) in answer.json()["field"]
    assert (await staff("GET", "/resources")).json()["items"] == []


async def test_weekly_hours_are_set_as_a_whole(staff: Staff, everybody: Staff) -> None:
    facility, _, resource = await hall(staff)
    lines = [
        {"weekday": 1, "opens": "08:00", "closes": "22:00", "valid_from": None, "valid_until": None},
        {"weekday": 5, "opens": "18:00", "closes": "02:00", "valid_from": None, "valid_until": None},
        {
            "weekday": 6,
            "opens": "00:00",
            "closes": "24:00",
            "valid_from": "2026-08-17",
            "valid_until": "2027-06-20",
        },
    ]

    put = await staff("PUT", f"/facilities/{facility['id']}/opening", {"lines": lines}, **{"If-Match": '"1"'})
    late = await staff("PUT", f"/facilities/{facility['id']}/opening", {"lines": []}, **{"If-Match": '"1"'})
    own = await staff("PUT", f"/resources/{resource['id']}/opening", {"lines": lines[:1]})

    assert (put.status_code, put.json()) == (200, {"lines": lines, "version": 2})
    assert late.status_code == 412
    assert own.json()["lines"] == lines[:1]
    read = (await everybody("GET", f"/resources/{resource['id']}")).json()
    assert (read["opening"], read["facility_opening"]) == (lines[:1], lines)
    assert (await everybody("GET", f"/facilities/{facility['id']}/opening")).json()["lines"] == lines


@pytest.mark.parametrize(
    "line",
    [
        {"weekday": 0, "opens": "08:00", "closes": "09:00"},
        {"weekday": 8, "opens": "08:00", "closes": "09:00"},
        {"weekday": 1, "opens": "24:00", "closes": "09:00"},
        {"weekday": 1, "opens": "08:60", "closes": "09:00"},
        {"weekday": 1, "opens": "08:00", "closes": "24:01"},
        {"weekday": 1, "opens": "08:00\n", "closes": "09:00"},
        {
            "weekday": 1,
            "opens": "08:00",
            "closes": "09:00",
            "valid_from": "2027-01-02",
            "valid_until": "2027-01-01",
        },
    ],
)
async def test_a_line_that_no_clock_shows_is_refused(staff: Staff, line: dict[str, Any]) -> None:
    facility = await staff.made("/facilities", HALL)

    answer = await staff("PUT", f"/facilities/{facility['id']}/opening", {"lines": [line]})

    assert 400 <= answer.status_code < 500
    assert (await staff("GET", f"/facilities/{facility['id']}/opening")).json() == {"lines": [], "version": 1}


async def test_extra_openings_come_and_go(staff: Staff, everybody: Staff) -> None:
    facility, _, _ = await hall(staff)
    day = make.next_weekday(7).isoformat()
    body = {
        "facility_id": facility["id"],
        "start": {"date": day, "time": "10:00"},
        "end": {"date": day, "time": "24:00"},
    }

    extra = await staff.made("/extra-openings", body)

    assert (await everybody("GET", "/extra-openings")).json() == [extra]
    assert (await staff("DELETE", f"/extra-openings/{extra['id']}")).status_code == 204
    assert (await staff("DELETE", f"/extra-openings/{extra['id']}")).status_code == 404
    assert (await everybody("GET", "/extra-openings")).json() == []
    both = await staff("POST", "/extra-openings", body | {"resource_id": facility["id"]})
    assert (both.status_code, both.json()["field"]) == (422, "facility_id")
    backwards = await staff("POST", "/extra-openings", body | {"end": body["start"]})
    assert (backwards.status_code, backwards.json()["field"]) == (422, "end")


async def test_school_holidays_and_limits_come_change_and_go(staff: Staff) -> None:
    holiday = await staff.made(
        "/school-holidays", {"name": "Jul", "from_on": "2026-12-21", "until_on": "2027-01-01"}
    )
    limit = await staff.made("/limits", {"holder": "person", "kind": "active_bookings", "value": 3})

    assert (await staff("GET", "/school-holidays")).json() == [holiday]
    changed = await staff("PATCH", f"/limits/{limit['id']}", {"value": 0})
    assert changed.json() == limit | {"value": 0}
    assert (await staff("GET", "/limits")).json() == [changed.json()]
    for path in (f"/school-holidays/{holiday['id']}", f"/limits/{limit['id']}"):
        assert (await staff("DELETE", path)).status_code == 204
    assert (await staff("GET", "/limits")).json() == (await staff("GET", "/school-holidays")).json() == []
    backwards = await staff(
        "POST", "/school-holidays", {"name": "Jul", "from_on": "2026-12-21", "until_on": "2026-12-20"}
    )
    assert (backwards.status_code, backwards.json()["field"]) == (422, "until_on")


async def test_a_unit_that_somebody_has_does_not_shrink(
    staff: Staff, database: Database, tenant: Tenant
) -> None:
    facility = await staff.made("/facilities", HALL)
    unit = await staff.made(
        f"/facilities/{facility['id']}/units", {"key": "p", "name": "Baner", "capacity": 4}
    )
    path = f"/units/{unit['id']}"
    assert (await staff("PATCH", path, {"capacity": 3})).json()["capacity"] == 3
    span = make.at(make.next_weekday(2), 18)
    async with database.transaction(tenant.id) as db:
        db.add(
            Claim(
                unit_id=UUID(unit["id"]),
                booking_id=new_id(),
                rival_id=UUID(unit["id"]),
                kind=0,
                starts_at=span.start,
                ends_at=span.end,
            )
        )

    assert (await staff("PATCH", path, {"capacity": 2})).json()["type"] == "/problems/in-use"
    assert (await staff("PATCH", path, {"capacity": None})).status_code == 409
    assert (await staff("PATCH", path, {"capacity": 6, "name": "Seks baner"})).json()["capacity"] == 6


async def test_the_same_key_twice_is_a_conflict(staff: Staff) -> None:
    await staff.made("/facilities", HALL)

    answer = await staff("POST", "/facilities", HALL)

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-exists")


async def test_pages_go_on_where_the_last_ended(staff: Staff, everybody: Staff) -> None:
    for number in range(5):
        await staff.made(
            "/facilities", {"key": f"hall-{number}", "name": "Lik" if number < 3 else f"Ø{number}"}
        )
    found: list[str] = []
    cursor = ""
    for _ in range(3):
        page = (await everybody("GET", f"/facilities?limit=2&cursor={cursor}")).json()
        found += [row["key"] for row in page["items"]]
        cursor = page["next"]

    assert cursor is None
    assert sorted(found) == [f"hall-{number}" for number in range(5)]
    assert (await everybody("GET", "/facilities?cursor=rubbish")).status_code == 422
    assert 400 <= (await everybody("GET", "/facilities?limit=201")).status_code < 500


async def test_only_those_who_may_change_anything(
    staff: Staff, everybody: Staff, database: Database, tenant: Tenant
) -> None:
    facility, unit, resource = await hall(staff)
    other = await staff.made("/facilities", HALL | {"key": "andre"})
    async with database.transaction(tenant.id) as db:
        _, citizen = await make.person(db)
        _, officer = await make.person(db, role="case_officer")
        _, reader = await make.person(db, role="administrator", scopes=["read"])
        _, manager = await make.person(db, role="facility_manager", facility_id=UUID(facility["id"]))
    line = {"weekday": 1, "opens": "08:00", "closes": "09:00"}
    here = [
        ("PATCH", f"/facilities/{facility['id']}", {"name": "Ny"}),
        ("POST", f"/facilities/{facility['id']}/units", {"key": "ny", "name": "Ny"}),
        ("PATCH", f"/units/{unit['id']}", {"name": "Ny"}),
        ("PATCH", f"/resources/{resource['id']}", {"name": "Ny"}),
        ("PUT", f"/facilities/{facility['id']}/opening", {"lines": [line]}),
        ("PUT", f"/resources/{resource['id']}/opening", {"lines": [line]}),
        (
            "POST",
            "/limits",
            {"facility_id": facility["id"], "holder": "person", "kind": "active_bookings", "value": 1},
        ),
    ]
    beyond = [
        ("POST", "/facilities", HALL | {"key": "ny"}),
        ("PATCH", f"/facilities/{other['id']}", {"name": "Ny"}),
        ("POST", "/school-holidays", {"name": "Jul", "from_on": "2026-12-21", "until_on": "2027-01-01"}),
        ("POST", "/limits", {"holder": "person", "kind": "active_bookings", "value": 1}),
    ]
    for token, expected in ((None, 401), (citizen, 403), (officer, 403), (reader, 403)):
        who = Staff(everybody.http, tenant.slug, token)
        for method, path, body in [*here, *beyond]:
            assert (await who(method, path, body)).status_code == expected, (expected, path)
    who = Staff(everybody.http, tenant.slug, manager)
    for method, path, body in here:
        assert (await who(method, path, body)).status_code in {200, 201}, path
    for method, path, body in beyond:
        assert (await who(method, path, body)).status_code == 403, path


async def test_another_municipalitys_rows_are_not_there(
    staff: Staff, http: httpx.AsyncClient, database: Database, stranger: Tenant
) -> None:
    facility, unit, resource = await hall(staff)
    day = make.next_weekday(7).isoformat()
    extra = await staff.made(
        "/extra-openings",
        {
            "resource_id": resource["id"],
            "start": {"date": day, "time": "10:00"},
            "end": {"date": day, "time": "11:00"},
        },
    )
    holiday = await staff.made(
        "/school-holidays", {"name": "Jul", "from_on": "2026-12-21", "until_on": "2027-01-01"}
    )
    limit = await staff.made("/limits", {"holder": "person", "kind": "active_bookings", "value": 1})
    async with database.transaction(stranger.id) as db:
        _, token = await make.person(db, role="administrator")
    other = Staff(http, stranger.slug, token)

    tried: list[tuple[str, str, Any]] = [
        ("GET", f"/facilities/{facility['id']}", None),
        ("PATCH", f"/facilities/{facility['id']}", {"name": "Tatt"}),
        ("POST", f"/facilities/{facility['id']}/units", {"key": "x", "name": "X"}),
        ("GET", f"/facilities/{facility['id']}/opening", None),
        ("PUT", f"/facilities/{facility['id']}/opening", {"lines": []}),
        ("GET", f"/resources/{resource['id']}", None),
        ("PATCH", f"/resources/{resource['id']}", {"name": "Tatt"}),
        ("GET", f"/resources/{resource['id']}/opening", None),
        ("PUT", f"/resources/{resource['id']}/opening", {"lines": []}),
        ("PATCH", f"/units/{unit['id']}", {"name": "Tatt"}),
        ("DELETE", f"/extra-openings/{extra['id']}", None),
        ("DELETE", f"/school-holidays/{holiday['id']}", None),
        ("PATCH", f"/limits/{limit['id']}", {"value": 99}),
        ("DELETE", f"/limits/{limit['id']}", None),
    ]
    for method, path, body in tried:
        assert (await other(method, path, body)).status_code == 404, (method, path)
    for path in ("/facilities", "/resources", "/extra-openings", "/school-holidays", "/limits"):
        answer = (await other("GET", path)).json()
        assert answer in ([], {"items": [], "next": None}), path
    assert (
        await Staff(http, stranger.slug, staff.headers["Authorization"][7:])("GET", "/facilities")
    ).status_code == 401
    mine = await other.made("/facilities", HALL)
    borrowed = {
        "facility_id": mine["id"],
        "units": [unit["id"]],
        "key": "sal",
        "name": "Sal",
        "kind": "gym",
    }
    assert (await other("POST", "/resources", borrowed)).json()["field"] == "units[0]"
    async with database.transaction(stranger.id) as db:
        for table in (Resource, Unit, Opening, ExtraOpening, SchoolHoliday, BookingLimit):
            assert (await db.scalars(select(table))).all() == [], table
        assert len((await db.scalars(select(Facility))).all()) == 1


async def test_labels_come_in_the_readers_language(http: httpx.AsyncClient, tenant: Tenant) -> None:
    english = (await http.get(f"/api/{tenant.slug}/vocabulary?lang=en")).json()

    assert {"code": "pool", "label": "Swimming pool"} in english["kinds"]
    assert english.keys() == {"kinds", "activities", "equipment", "accessibility"}
