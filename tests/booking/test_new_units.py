"""A unit that comes to a closed facility is closed with it."""

import httpx

from core.db import Database
from core.tenants import Tenant
from tests import make


async def test_a_unit_added_to_a_closed_facility_cannot_be_booked_while_it_is_closed(
    http: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as db:
        hall = await make.hall(db)
        _, manager = await make.person(db, role="administrator")
    day = make.next_weekday(3)
    closed = make.at(day, 16, 4)
    base = f"/api/{tenant.slug}"
    closure = {
        "facility_id": str(hall.facility_id),
        "start": make.iso(closed.start),
        "end": make.iso(closed.end),
        "reason": "Gulvet lakkeres",
    }
    laid = await http.post(f"{base}/closures", json=closure, headers=make.bearer(manager))
    assert laid.status_code == 201, laid.text

    unit = await http.post(
        f"{base}/facilities/{hall.facility_id}/units",
        json={"key": "ny", "name": "Ny del"},
        headers=make.bearer(manager),
    )
    assert unit.status_code == 201, unit.text
    async with database.transaction(tenant.id) as db:
        resource_id = await make.resource(db, hall.facility_id, [unit.json()["id"]])

    inside = make.application(make.wish(resource_id, make.at(day, 17)))
    beside = make.application(make.wish(resource_id, make.at(day, 20)))
    refused = await http.post(f"{base}/applications", json=inside, headers=make.bearer(manager))
    booked = await http.post(f"{base}/applications", json=beside, headers=make.bearer(manager))
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/closed"
    assert booked.status_code == 201
