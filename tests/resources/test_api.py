"""Facilities, resources and units over HTTP, as staff and as everybody."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from booking.models import Claim
from core.audit import AuditEntry
from core.db import Database
from core.ids import new_id
from core.spans import utc_now
from core.tenants import Tenant
from resources.models import Resource
from tests import make
from tests.resources.staff import HALL, Staff, hall


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
    later = (utc_now() + timedelta(days=3)).isoformat()
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
        ({"activities": ["dance", "chess-boxing"]}, "activities.1"),
        ({"interval_minutes": 60, "min_minutes": 30, "max_minutes": 45}, "max_minutes"),
        (
            {"published_from": "2026-01-02T00:00:00Z", "published_until": "2026-01-01T00:00:00Z"},
            "published_until",
        ),
        ({"published_from": "9999-01-01T00:00:00Z"}, "published_from"),
        ({"published_from": {"date": "2026-03-29", "time": "02:30"}}, "published_from"),
        ({"units": [str(new_id())]}, "units.0"),
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


async def test_labels_come_in_the_readers_language(http: httpx.AsyncClient, tenant: Tenant) -> None:
    english = (await http.get(f"/api/{tenant.slug}/vocabulary?lang=en")).json()

    assert {"code": "pool", "label": "Swimming pool"} in english["kinds"]
    assert english.keys() == {"kinds", "activities", "equipment", "accessibility"}
