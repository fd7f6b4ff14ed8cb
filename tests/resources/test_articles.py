"""Articles over HTTP: who may set them, what they must be, and that a stock is never below what is claimed."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from booking.claims import booking_claims
from core.db import Database
from core.ids import new_id
from core.spans import Span
from core.tenants import Tenant
from resources.facts import UnitFacts
from tests import make
from tests.resources.staff import Staff, hall

CHAIRS = {
    "key": "stoler",
    "name": {"nb": "Stoler", "en": "Chairs"},
    "price": {"amount": 1000},
    "max_quantity": 60,
}


async def claim(
    database: Database, tenant: Tenant, unit_id: str, quantity: int, span: Span, pad: int = 0
) -> None:
    """As a booking claims it."""
    async with database.transaction(tenant.id) as db:
        db.add_all(
            booking_claims(
                new_id(),
                [UnitFacts(UUID(unit_id), 60)],
                span,
                setup_minutes=pad,
                cleanup_minutes=pad,
                quantity=quantity,
            )
        )


async def test_an_article_is_made_with_its_stock_and_everybody_reads_it(
    staff: Staff, everybody: Staff
) -> None:
    facility, _, resource = await hall(staff)

    made = await staff.made("/articles", {**CHAIRS, "facility_id": facility["id"], "stock": 60})
    read = await everybody("GET", f"/articles/{made['id']}")
    listed = await everybody("GET", "/articles")
    units = (await everybody("GET", f"/facilities/{facility['id']}")).json()["units"]

    assert made["stock"] == 60
    assert (made["vat_code"], made["price"]["amount"], made["unit"]) == ("full", 1000, "piece")
    assert read.json() == made
    assert read.headers["etag"] == '"1"'
    assert [each["key"] for each in listed.json()] == ["stoler"]
    assert {"id": made["unit_id"], "key": "article-stoler", "name": "Stoler", "capacity": 60}.items() <= next(
        each for each in units if each["id"] == made["unit_id"]
    ).items()
    assert made["unit_id"] not in [each["id"] for each in resource["units"]]


async def test_what_can_be_no_article_is_refused_by_field(staff: Staff) -> None:
    facility, _, resource = await hall(staff)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"name": {}}, "name"),
        ({"vat_code": "exempt"}, "vat_reason"),
        ({"kind": "deposit", "vat_code": "full"}, "vat_code"),
        ({"stock": 5}, "stock"),
        ({"facility_id": facility["id"], "resource_id": resource["id"]}, "resource_id"),
        ({"valid_from": "2027-02-01", "valid_until": "2027-01-01"}, "valid_until"),
        ({"price": {"amount": -1}}, "price.amount"),
        ({"price": {"amount": 1.5}}, "price.amount"),
    ]

    for more, field in wrong:
        answer = await staff("POST", "/articles", {**CHAIRS, **more})
        assert (answer.status_code, answer.json().get("field")) == (422, field), answer.text
    assert (await staff("POST", "/articles", {**CHAIRS, "facility_id": str(new_id())})).status_code == 404


async def test_a_key_is_used_once_and_a_change_is_made_against_a_version(staff: Staff) -> None:
    made = await staff.made("/articles", CHAIRS)
    path = f"/articles/{made['id']}"

    again = await staff("POST", "/articles", CHAIRS)
    changed = await staff("PATCH", path, {"price": {"amount": 1200}}, **{"If-Match": '"1"'})
    late = await staff("PATCH", path, {"price": {"amount": 1300}}, **{"If-Match": '"1"'})
    same = await staff("PATCH", path, {"price": {"amount": 1200}})
    ended = await staff("DELETE", path)

    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-exists")
    assert (changed.json()["price"]["amount"], changed.headers["etag"]) == (1200, '"2"')
    assert late.status_code == 412
    assert same.headers["etag"] == '"2"'
    assert ended.status_code == 204
    assert (await staff("GET", "/articles")).json() == []
    assert (await staff("GET", path)).json()["is_ended"] is True


async def test_only_who_may_set_tariffs_there_may(staff: Staff, database: Database, tenant: Tenant) -> None:
    facility, _, _ = await hall(staff)
    async with database.transaction(tenant.id) as db:
        _, keeper = await make.person(db, role="facility_manager", facility_id=UUID(facility["id"]))
        _, officer = await make.person(db, role="case_officer")
        elsewhere = await make.facility(db)
    keeping = Staff(staff.http, tenant.slug, keeper)
    deciding = Staff(staff.http, tenant.slug, officer)

    mine = await keeping.made("/articles", {**CHAIRS, "facility_id": facility["id"]})

    assert (await keeping("POST", "/articles", {**CHAIRS, "key": "a"})).status_code == 403
    moved = await keeping("PATCH", f"/articles/{mine['id']}", {"facility_id": str(elsewhere)})
    assert moved.status_code == 403
    assert (await deciding("PATCH", f"/articles/{mine['id']}", {"price": {"amount": 0}})).status_code == 403
    assert (await deciding("POST", "/articles", {**CHAIRS, "key": "a"})).status_code == 403


async def test_a_stock_below_what_is_claimed_is_refused_with_when(
    staff: Staff, database: Database, tenant: Tenant
) -> None:
    facility, _, _ = await hall(staff)
    made = await staff.made("/articles", {**CHAIRS, "facility_id": facility["id"], "stock": 60})
    path = f"/articles/{made['id']}"
    day = make.next_weekday(2)
    await claim(database, tenant, made["unit_id"], 20, make.at(day, 10, 2))
    await claim(database, tenant, made["unit_id"], 20, make.at(day, 11, 2), pad=30)

    fewer = await staff("PATCH", path, {"stock": 39})
    none = await staff("PATCH", path, {"stock": None})
    enough = await staff("PATCH", path, {"stock": 40})

    assert (fewer.status_code, fewer.json()["type"]) == (409, "/problems/in-use")
    assert [make.span_of(each) for each in fewer.json()["conflicts"]] == [make.at(day, 10.5, 1.5)]
    assert none.status_code == 409
    assert (enough.status_code, enough.json()["stock"]) == (200, 40)
    async with database.transaction(tenant.id) as db:
        assert (await make.unit_row(db, UUID(made["unit_id"]))).capacity == 40


async def test_what_is_booked_already_is_not_counted_from_the_middle(
    staff: Staff, database: Database, tenant: Tenant
) -> None:
    facility, _, resource = await hall(staff)
    made = await staff.made("/articles", {**CHAIRS, "facility_id": facility["id"]})
    async with database.transaction(tenant.id) as db:
        person_id, _ = await make.person(db)
        booking_id = new_id()
        values = {"a": new_id(), "b": booking_id, "p": person_id, "r": UUID(resource["id"])}
        span = make.at(make.next_weekday(2), 10)
        await db.execute(
            text(
                "INSERT INTO application (tenant_id, id, person_id, title, public, articles, created_at) VALUES"
                " (current_setting('app.tenant_id')::uuid, :a, :p, 'T', false,"
                ' \'[{"article": "stoler", "quantity": 3}]\', now())'
            ),
            values,
        )
        await db.execute(
            text(
                "INSERT INTO booking (tenant_id, id, application_id, resource_id, person_id, starts_at, ends_at,"
                " setup_minutes, cleanup_minutes, state) VALUES"
                " (current_setting('app.tenant_id')::uuid, :b, :a, :r, :p, :s, :e, 0, 0, 'confirmed')"
            ),
            {**values, "s": span.start, "e": span.end},
        )

    refused = await staff("PATCH", f"/articles/{made['id']}", {"stock": 60})

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/in-use")
    assert refused.json()["bookings"] == [str(booking_id)]


async def test_a_stock_stays_at_its_facility_and_comes_back(
    staff: Staff, database: Database, tenant: Tenant
) -> None:
    facility, _, _ = await hall(staff)
    async with database.transaction(tenant.id) as db:
        elsewhere = await make.facility(db)
    made = await staff.made("/articles", {**CHAIRS, "facility_id": facility["id"], "stock": 60})
    path = f"/articles/{made['id']}"

    moved = await staff("PATCH", path, {"facility_id": str(elsewhere)})
    gone = await staff("PATCH", path, {"stock": None})
    back = await staff("PATCH", path, {"stock": 30})

    assert (moved.status_code, moved.json()["field"]) == (422, "facility_id")
    assert gone.json()["unit_id"] is None
    assert (back.json()["unit_id"], back.json()["stock"]) == (made["unit_id"], 30)
