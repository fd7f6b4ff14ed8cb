"""Tariffs, cancel tiers and pay terms over HTTP: made, changed, renewed, tried and ended, and by whom."""

from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.db import Database
from core.ids import new_id
from core.tenants import Tenant
from resources.tariff_models import CancelTier, PayTerms, Tariff, TariffLine, TariffPlace
from resources.tariff_queries import priceables
from tests import make
from tests.resources.staff import Staff

HOUR: dict[str, Any] = {
    "text": {"nb": "Idrettshall, hverdag", "nn": "Idrettshall, kvardag", "en": "Sports hall, weekdays"},
    "weekdays": [1, 2, 3, 4, 5],
    "unit": "hour",
    "price": {"amount": 60_000},
    "vat_code": "exempt",
    "vat_reason": "mval. § 3-11",
}
ALWAYS: dict[str, Any] = {**HOUR, "text": {"nb": "Ellers"}, "weekdays": [], "price": {"amount": 80_000}}
TARIFF: dict[str, Any] = {"key": "hall", "name": {"nb": "Idrettshaller"}, "lines": [HOUR, ALWAYS]}


async def staff_at(
    http: httpx.AsyncClient, database: Database, tenant: Tenant, role: str, **place: Any
) -> Staff:
    async with database.transaction(tenant.id) as db:
        _, token = await make.person(db, role=role, **place)
    return Staff(http, tenant.slug, token)


@pytest.fixture
async def hall(database: Database, tenant: Tenant) -> make.Hall:
    async with database.transaction(tenant.id) as db:
        return await make.hall(db)


async def test_a_tariff_is_made_and_read(staff: Staff, hall: make.Hall) -> None:
    places = [{"facility_id": str(hall.facility_id)}, {"resource_id": str(hall.parts[0])}]
    hours = [{"weekday": 1, "from_time": "08:00", "until_time": "24:00"}]

    made = await staff.made("/tariffs", {**TARIFF, "places": places, "ordinary_hours": hours})
    read = await staff("GET", f"/tariffs/{made['id']}", **{"Accept-Language": "nb"})

    assert read.headers["etag"] == '"1"'
    assert read.json() == made | {"lines": read.json()["lines"]}
    assert [place["name"] for place in made["places"]] == ["Idrettshallen", "Idrettshallen: En tredel"]
    assert made["ordinary_hours"] == hours
    first = made["lines"][0]
    assert {name: first[name] for name in HOUR} == HOUR | {"price": {"amount": 60_000, "currency": "NOK"}}
    assert made["warnings"] == []
    listed = (await staff("GET", f"/tariffs?resource_id={hall.parts[0]}")).json()
    assert [each["key"] for each in listed["items"]] == ["hall"]
    assert (await staff("GET", f"/tariffs?resource_id={hall.parts[1]}")).json()["items"] == []


async def test_a_change_needs_the_version_that_was_read(staff: Staff) -> None:
    made = await staff.made("/tariffs", TARIFF)
    path = f"/tariffs/{made['id']}"

    changed = await staff("PATCH", path, {"lines": [ALWAYS]}, **{"If-Match": '"1"'})
    stale = await staff("PATCH", path, {"name": {"nb": "Haller"}}, **{"If-Match": '"1"'})
    same = await staff("PATCH", path, {"lines": [ALWAYS]}, **{"If-Match": '"2"'})

    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (stale.status_code, stale.json()["version"]) == (412, 2)
    assert same.headers["etag"] == '"2"'
    assert changed.json()["lines"][0]["id"] == made["lines"][1]["id"], "what stands as it stood keeps its id"


async def test_new_prices_hold_from_their_day_on(staff: Staff) -> None:
    until: dict[str, Any] = {**ALWAYS, "valid_until": "2026-06-30"}
    rebate = {"kind": "discount", "text": {"nb": "Rabatt"}, "percent": 2500}
    made = await staff.made(
        "/tariffs", {**TARIFF, "lines": [{**HOUR, "minimum": {"amount": 33_300}}, until, rebate]}
    )
    form = {"valid_from": "2027-01-01", "change": 350}

    renewed = await staff("POST", f"/tariffs/{made['id']}/renew", form, **{"If-Match": '"1"'})
    again = await staff("POST", f"/tariffs/{made['id']}/renew", form)

    assert renewed.status_code == 200, renewed.text
    told = [
        (
            line["price"]["amount"],
            line["minimum"] and line["minimum"]["amount"],
            line["valid_from"],
            line["valid_until"],
        )
        for line in renewed.json()["lines"]
    ]
    assert told == [
        (60_000, 33_300, None, "2026-12-31"),
        (62_100, 34_500, "2027-01-01", None),  # 621 kr; 344,655 kr are 345 in whole kroner
        (80_000, None, None, "2026-06-30"),
        (0, None, None, "2026-12-31"),
        (0, None, "2027-01-01", None),
    ]
    assert renewed.json()["lines"][4]["percent"] == 2500
    assert (again.status_code, again.json()["field"]) == (422, "valid_from")
    finer = {"valid_from": "2028-01-01", "change": -125, "round_to": "ore"}
    lines = (await staff("POST", f"/tariffs/{made['id']}/renew", finer)).json()["lines"]
    assert [line["price"]["amount"] for line in lines if line["valid_from"] == "2028-01-01"] == [61_324, 0]


async def test_what_has_ended_holds_nowhere_and_stays_as_it_was(
    staff: Staff, database: Database, tenant: Tenant, hall: make.Hall
) -> None:
    made = await staff.made("/tariffs", {**TARIFF, "places": [{"facility_id": str(hall.facility_id)}]})
    path = f"/tariffs/{made['id']}"

    ended = await staff("POST", f"{path}/end")

    assert ended.status_code == 200
    assert (ended.json()["places"], ended.json()["ended_at"] is not None) == ([], True)
    assert (await staff("PATCH", path, {"name": {"nb": "X"}})).status_code == 409
    assert (await staff("GET", "/tariffs")).json()["items"] == []
    assert len((await staff("GET", "/tariffs?ended=true")).json()["items"]) == 1
    async with database.transaction(tenant.id) as db:
        assert (await priceables(db, [hall.whole]))[hall.whole].tariff is None
    again = await staff("POST", "/tariffs", TARIFF)
    assert (again.status_code, again.json()["field"]) == (409, "key")


async def test_a_place_has_one_tariff_at_a_time(staff: Staff, hall: make.Hall) -> None:
    places = [{"facility_id": str(hall.facility_id)}]
    await staff.made("/tariffs", {**TARIFF, "places": places})

    other = await staff("POST", "/tariffs", {**TARIFF, "key": "annen", "places": places})

    assert other.status_code == 409
    assert (other.json()["field"], other.json()["tariff"]) == ("places.0", "hall")


async def test_the_trial_tells_the_price_and_writes_nothing(
    staff: Staff, database: Database, tenant: Tenant, hall: make.Hall
) -> None:
    made = await staff.made("/tariffs", TARIFF)
    day = "2026-12-01"  # a Tuesday
    form = {"start": f"{day}T18:00:00+01:00", "end": f"{day}T19:30:00+01:00", "customer_group": "other"}

    async def rows() -> list[Any]:
        async with database.transaction(tenant.id) as db:
            tables = (Tariff, TariffLine, TariffPlace, AuditEntry)
            return [await db.scalar(select(func.count()).select_from(table)) for table in tables]

    before = await rows()
    answer = await staff("POST", f"/tariffs/{made['id']}/try", form, **{"Accept-Language": "en"})
    away = await staff("POST", f"/tariffs/{made['id']}/try", {**form, "resource_id": str(new_id())})
    article = await staff(
        "POST",
        f"/tariffs/{made['id']}/try",
        {**form, "articles": [{"article": "stol"}], "resource_id": str(hall.whole)},
    )

    assert answer.status_code == 200, answer.text
    price = answer.json()["price"]
    assert price["gross"] == {"amount": 90_000, "currency": "NOK"}
    (line,) = price["lines"]
    assert (line["text"], line["quantity"]) == ("Sports hall, weekdays", "1.5")
    assert line["why"] == "1.5 hours at NOK 600, exempt from VAT (mval. § 3-11)"
    assert (away.status_code, away.json()["field"]) == (422, "resource_id")
    assert (article.status_code, article.json()["field"]) == (422, "articles.0.article")
    assert await rows() == before


NIGHT = {"weekday": 1, "from_time": "22:00", "until_time": "08:00"}
TARIFFS_AMISS: list[tuple[dict[str, Any], str]] = [
    ({"name": {}}, "name"),
    ({"places": [{}]}, "places.0"),
    ({"places": [{"facility_id": str(new_id())}]}, "places.0.facility_id"),
    ({"places": [{"resource_id": str(new_id())}]}, "places.0.resource_id"),
    ({"ordinary_hours": [NIGHT]}, "ordinary_hours.0.until_time"),
]
DISCOUNT = {"kind": "discount", "text": {"nb": "Rabatt"}, "percent": 1000}


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({**HOUR, "unit": None}, "unit"),
        ({**HOUR, "vat_code": None}, "vat_code"),
        ({**HOUR, "vat_reason": " "}, "vat_reason"),
        ({**HOUR, "text": {}}, "text"),
        ({**HOUR, "text": {"nb": ""}}, "text"),
        ({**HOUR, "from_time": "18:00", "until_time": "08:00"}, "until_time"),
        ({**HOUR, "until_time": "00:00"}, "until_time"),
        ({**HOUR, "min_minutes": 60, "max_minutes": 30}, "max_minutes"),
        ({**HOUR, "valid_from": "2027-01-01", "valid_until": "2026-12-31"}, "valid_until"),
        ({**HOUR, "minimum": {"amount": 2}, "most": {"amount": 1}}, "most"),
        ({**HOUR, "kind": "supplement", "minimum": {"amount": 2}}, "minimum"),
        ({**HOUR, "percent": 10}, "percent"),
        ({**DISCOUNT, "percent": None}, "percent"),
        ({**DISCOUNT, "unit": "hour"}, "unit"),
        ({**DISCOUNT, "price": {"amount": 1}}, "price"),
        ({**HOUR, "price": {"amount": -1}}, "price.amount"),
        ({**HOUR, "price": {"amount": 10**11 + 1}}, "price.amount"),
        ({**HOUR, "price": {"amount": 1, "currency": "SEK"}}, "price.currency"),
        ({**HOUR, "weekdays": [9]}, "weekdays.0"),
        ({**HOUR, "customer_groups": ["friends"]}, "customer_groups.0"),
    ],
)
async def test_a_line_that_cannot_be_meant_is_named(staff: Staff, line: dict[str, Any], field: str) -> None:
    answer = await staff("POST", "/tariffs", {**TARIFF, "lines": [ALWAYS, line]})
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == f"lines.1.{field}"
    assert answer.json()["expected"]


@pytest.mark.parametrize(("more", "field"), TARIFFS_AMISS)
async def test_a_tariff_that_cannot_be_meant_is_named(staff: Staff, more: dict[str, Any], field: str) -> None:
    answer = await staff("POST", "/tariffs", {**TARIFF, **more})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_what_may_be_meant_otherwise_is_told(staff: Staff) -> None:
    lines = [HOUR, {**HOUR, "customer_groups": ["commercial"], "price": {"amount": 130_000}}]
    made = await staff("POST", "/tariffs", {**TARIFF, "lines": lines}, **{"Accept-Language": "en"})
    warnings = made.json()["warnings"]
    assert warnings[0] == {
        "kind": "never_reached",
        "line": 1,
        "text": "Line 2 is never used: line 1 comes before it and fits wherever it does.",
    }
    assert {each["kind"] for each in warnings[1:]} == {"uncovered"}
    assert warnings[1]["text"] == (
        "Children and youth: ordinary use is free of charge at some times, for no line holds then: "
        "Saturday and Sunday, 00:00–24:00."
    )
    bare = await staff.made("/tariffs", {**TARIFF, "key": "tom", "lines": []})
    assert [each["kind"] for each in bare["warnings"]] == ["no_lines"]


async def test_who_sees_to_one_facility_sees_to_its_tariffs_alone(
    http: httpx.AsyncClient, database: Database, tenant: Tenant, staff: Staff, hall: make.Hall
) -> None:
    async with database.transaction(tenant.id) as db:
        other = await make.hall(db)
    manager = await staff_at(http, database, tenant, "facility_manager", facility_id=hall.facility_id)
    mine, theirs = {"facility_id": str(hall.facility_id)}, {"facility_id": str(other.facility_id)}

    everywhere = await manager("POST", "/tariffs", TARIFF)
    both = await manager("POST", "/tariffs", {**TARIFF, "places": [mine, theirs]})
    made = await manager.made("/tariffs", {**TARIFF, "places": [mine]})
    path = f"/tariffs/{made['id']}"
    part = await manager("PATCH", path, {"places": [{"resource_id": str(hall.parts[0])}]})
    wider = await manager("PATCH", path, {"places": [mine, theirs]})
    nowhere = await manager("PATCH", path, {"places": []})
    await staff("PATCH", path, {"places": [mine, theirs]})
    taken_away = await manager("PATCH", path, {"lines": []})

    assert [each.status_code for each in (everywhere, both, part, wider, nowhere, taken_away)] == [
        403,
        403,
        200,
        403,
        403,
        403,
    ]
    assert (await manager("GET", path)).status_code == 200


async def test_citizens_and_officers_have_no_say(
    http: httpx.AsyncClient, database: Database, tenant: Tenant, everybody: Staff, staff: Staff
) -> None:
    made = await staff.made("/tariffs", TARIFF)
    officer = await staff_at(http, database, tenant, "case_officer")
    for who, status in ((everybody, 401), (officer, 403)):
        assert (await who("GET", "/tariffs")).status_code == status
        assert (await who("POST", "/tariffs", TARIFF)).status_code == status
        assert (await who("PATCH", f"/tariffs/{made['id']}", {})).status_code == status
        assert (await who("PUT", "/cancel-tiers", {"tiers": []})).status_code == status
        assert (await who("PATCH", "/pay-terms", {"pay_hours": 2})).status_code == status


async def test_another_municipality_has_tariffs_of_its_own(
    http: httpx.AsyncClient, database: Database, staff: Staff, home: Tenant
) -> None:
    made = await staff.made("/tariffs", TARIFF)
    away = await staff_at(http, database, home, "administrator")
    assert (await away("GET", f"/tariffs/{made['id']}")).status_code == 404
    assert (await away("PATCH", f"/tariffs/{made['id']}", {})).status_code == 404
    assert (await away("POST", f"/tariffs/{made['id']}/end")).status_code == 404


async def test_a_change_is_noted(staff: Staff, database: Database, tenant: Tenant) -> None:
    made = await staff.made("/tariffs", TARIFF)
    await staff("PATCH", f"/tariffs/{made['id']}", {"name": {"nb": "Haller"}})
    await staff("POST", f"/tariffs/{made['id']}/renew", {"valid_from": "2027-01-01", "change": 100})
    await staff("POST", f"/tariffs/{made['id']}/end")
    async with database.transaction(tenant.id) as db:
        noted = select(AuditEntry.action, AuditEntry.change).where(AuditEntry.table_name == "tariff")
        rows = (await db.execute(noted.order_by(AuditEntry.at))).all()
    assert [row.action for row in rows] == [
        "tariff.added",
        "tariff.changed",
        "tariff.renewed",
        "tariff.ended",
    ]
    assert rows[1].change == {"name": [{"nb": "Idrettshaller"}, {"nb": "Haller"}]}


async def test_tiers_are_set_for_a_place_and_hold_for_what_is_in_it(
    staff: Staff, everybody: Staff, hall: make.Hall
) -> None:
    at, part = f"?facility_id={hall.facility_id}", f"?resource_id={hall.parts[0]}"
    two = [{"minutes_before": 0, "fee_percent": 100}, {"minutes_before": 1440, "fee_percent": 50}]

    none = (await everybody("GET", f"/cancel-tiers{part}")).json()
    assert (none["set_at"], none["tiers"], none["text"]) == (None, [], [])
    assert (await staff("PUT", "/cancel-tiers", {"tiers": two})).status_code == 200
    of_facility = {"facility_id": str(hall.facility_id), "tiers": [{"minutes_before": 60, "fee_percent": 0}]}
    assert (await staff("PUT", "/cancel-tiers", of_facility)).status_code == 200

    everywhere = await everybody("GET", "/cancel-tiers", **{"Accept-Language": "en"})
    assert everywhere.json()["tiers"] == two[::-1]
    assert everywhere.json()["text"] == [
        "At least 1 day before the start: 50 % of the price is kept.",
        "Until the start: the whole price is kept.",
    ]
    near = (await everybody("GET", f"/cancel-tiers{part}", **{"Accept-Language": "en"})).json()
    assert (near["set_at"], near["tiers"]) == ("facility", of_facility["tiers"])
    assert near["text"][1] == "Less than 1 hour before the start: the whole price is kept."
    await staff("PUT", "/cancel-tiers", {**of_facility, "tiers": []})
    assert (await everybody("GET", f"/cancel-tiers{at}")).json()["set_at"] == "municipality"


@pytest.mark.parametrize(
    ("tiers", "field"),
    [
        ([(60, 10), (60, 20)], "tiers.1.minutes_before"),
        ([(60, 50), (30, 20)], "tiers.1.fee_percent"),
        ([(30, 20), (60, 50)], "tiers.1.fee_percent"),
        ([(60, 101)], "tiers.0.fee_percent"),
    ],
)
async def test_tiers_that_cannot_be_meant_are_named(
    staff: Staff, tiers: list[tuple[int, int]], field: str
) -> None:
    lines = [{"minutes_before": before, "fee_percent": percent} for before, percent in tiers]
    answer = await staff("PUT", "/cancel-tiers", {"tiers": lines})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_who_sees_to_one_facility_sets_its_tiers_alone(
    http: httpx.AsyncClient, database: Database, tenant: Tenant, hall: make.Hall
) -> None:
    manager = await staff_at(http, database, tenant, "facility_manager", facility_id=hall.facility_id)
    assert (await manager("PUT", "/cancel-tiers", {"tiers": []})).status_code == 403
    part: dict[str, Any] = {"resource_id": str(hall.parts[0]), "tiers": []}
    assert (await manager("PUT", "/cancel-tiers", part)).status_code == 200
    unknown: dict[str, Any] = {"resource_id": str(new_id()), "tiers": []}
    assert (await manager("PUT", "/cancel-tiers", unknown)).status_code == 404
    assert (await manager("PATCH", "/pay-terms", {"pay_hours": 2})).status_code == 403
    assert (await manager("GET", "/pay-terms")).status_code == 200


async def test_terms_of_pay_are_changed(staff: Staff, database: Database, tenant: Tenant) -> None:
    before = await staff("GET", "/pay-terms")
    assert (before.headers["etag"], before.json()["pay_minutes"]) == ('"0"', 45)

    first = await staff("PATCH", "/pay-terms", {"pay_minutes": 60}, **{"If-Match": '"0"'})
    stale = await staff("PATCH", "/pay-terms", {"pay_hours": 24}, **{"If-Match": '"0"'})
    second = await staff("PATCH", "/pay-terms", {"pay_hours": 24}, **{"If-Match": '"1"'})
    short = await staff("PATCH", "/pay-terms", {"pay_minutes": 30})

    assert (first.status_code, stale.status_code, second.status_code) == (200, 412, 200)
    assert second.json() == {"online_open": False, "pay_minutes": 60, "pay_hours": 24, "version": 2}
    assert (short.status_code, short.json()["field"]) == (422, "pay_minutes")
    async with database.transaction(tenant.id) as db:
        assert (await db.scalars(select(PayTerms.pay_hours))).all() == [24]
        assert (await db.scalars(select(CancelTier.id))).all() == []
