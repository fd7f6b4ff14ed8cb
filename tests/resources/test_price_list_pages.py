"""Prices side by side: the municipality's for everybody, and a tariff now and next year."""

import httpx

from core.db import Database
from core.tenants import Tenant
from tests import make
from tests.resources.staff import Staff
from tests.resources.test_tariff_api import ALWAYS, HOUR


async def page(http: httpx.AsyncClient, tenant: Tenant, path: str, staff: Staff | None = None) -> str:
    headers = {**(staff.headers if staff else {}), "Accept-Language": "en"}
    answer = await http.get(f"/{tenant.slug}{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_everybody_reads_all_prices_and_places_of_the_same_prices_stand_together(
    http: httpx.AsyncClient, database: Database, tenant: Tenant, staff: Staff
) -> None:
    async with database.transaction(tenant.id) as db:
        hall = await make.hall(db)
    places = [{"resource_id": str(each)} for each in hall.parts]
    chair = {
        "key": "stol",
        "name": {"nb": "Stol"},
        "price": {"amount": 1250},
        "facility_id": str(hall.facility_id),
    }
    await staff.made("/tariffs", {"key": "hall", "name": {"nb": "Hall"}, "lines": [HOUR], "places": places})
    await staff.made("/articles", chair)

    told = await page(http, tenant, "/prices")

    assert told.count("NOK 600 an hour") == 1
    assert told.count("NOK 12.50 each") == 1
    assert "free" in told


async def test_a_tariff_is_compared_with_itself_next_year(
    http: httpx.AsyncClient, tenant: Tenant, staff: Staff
) -> None:
    old = {**HOUR, "valid_from": "2000-01-01", "valid_until": "2099-12-31"}
    body = {"key": "hall", "name": {"nb": "Hall"}, "lines": [old, {**ALWAYS, "valid_from": "2099-01-01"}]}
    made = await staff.made("/tariffs", body)

    told = await page(http, tenant, f"/staff/tariffs/{made['id']}/years", staff)

    assert told.count("<td>NOK 600 an hour</td><td>NOK 600 an hour</td>") == 1
    assert "NOK 800" not in told
