"""Who may change places, and that another municipality may not even see them."""

from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from core.db import Database
from core.tenants import Tenant
from resources.models import BookingLimit, ExtraOpening, Facility, Opening, Resource, SchoolHoliday, Unit
from tests import make
from tests.resources.staff import HALL, Staff, hall


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
    assert (await other("POST", "/resources", borrowed)).json()["field"] == "units.0"
    async with database.transaction(stranger.id) as db:
        for table in (Resource, Unit, Opening, ExtraOpening, SchoolHoliday, BookingLimit):
            assert (await db.scalars(select(table))).all() == [], table
        assert len((await db.scalars(select(Facility))).all()) == 1
