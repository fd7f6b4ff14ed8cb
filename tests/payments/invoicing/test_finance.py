"""Finance from drafts to a file in the finance system, by pages and by JSON, with the outbox between."""

import re
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from core.db import Database
from core.delivery import deliver
from core.pace import STEADY
from core.settings import Settings
from core.spans import utc_now
from core.tenants import Directory, Tenant
from payments.invoicing import tasks
from tests import make
from tests.booking.conftest import Town
from tests.booking.delivering import waiting
from tests.payments.invoicing.dues import Dues, price, priced

KINDS = ("RunBegun", "DraftsWanted", "IssueWanted", "ExportWanted")
assert tasks.find, "they subscribe"
TODAY = utc_now().date()
LAST_YEAR = TODAY.replace(day=1, month=3, year=TODAY.year - 1)
PERIOD: dict[str, Any] = {"from_on": str(LAST_YEAR), "until_on": str(LAST_YEAR.replace(day=31))}


@pytest.fixture
async def finance(
    app: Litestar, http: httpx.AsyncClient, database: Database, tenant: Tenant
) -> tuple[Town, str, Dues]:
    """Her municipality and her token, and what there is to invoice."""
    app.state.directory = Directory(app.state.database)
    town = Town(http, database, tenant)
    dues = await Dues(database, tenant).set_up()
    return town, await town.person("finance"), dues


async def happen(town: Town) -> None:
    """Until nothing is due; every message twice."""
    for _ in range(50):
        found = await waiting(town, KINDS, utc_now())
        if not found:
            return
        for row in found:
            async with town.database.transaction(town.tenant.id) as db:
                await db.execute(
                    text("UPDATE outbox SET sent_at = clock_timestamp() WHERE id = :id"), {"id": row.id}
                )
        for row in [*found, *found]:
            await deliver(
                town.database, town.tenant.id, row.id, now=utc_now(), pace=STEADY, settings=Settings()
            )
    raise AssertionError("it never ends")


async def page(town: Town, token: str, path: str) -> str:
    answer = await town.http.get(f"/{town.tenant.slug}{path}", headers=make.bearer(token))
    assert answer.status_code == 200, answer.text
    return answer.text


async def send(town: Town, token: str, path: str, status: int = 303, **form: Any) -> httpx.Response:
    answer = await town.http.post(f"/{town.tenant.slug}{path}", data=form, headers=make.bearer(token))
    assert answer.status_code == status, answer.text
    return answer


def path_of(answer: httpx.Response, town: Town) -> str:
    return answer.headers["location"].removeprefix(f"/{town.tenant.slug}").partition("?")[0]


async def test_from_drafts_to_a_file_by_pages(finance: tuple[Town, str, Dues]) -> None:
    town, token, dues = finance
    await dues.owe(club=0, day=LAST_YEAR)
    await dues.owe(club=0, day=LAST_YEAR.replace(day=2))
    await dues.owe(club=1, day=LAST_YEAR, asks=price(priced(99_00)))
    run = path_of(await send(town, token, "/staff/invoices", idempotency_key="a", **PERIOD), town)
    assert run == path_of(await send(town, token, "/staff/invoices", idempotency_key="a", **PERIOD), town)
    await happen(town)
    shown = await page(town, token, run)
    assert "Klubb 0" in shown
    drafts = re.findall(r"/staff/invoices/([0-9a-f-]{36})\"", shown)
    assert len(drafts) == 2
    for draft in drafts:
        await page(town, token, f"/staff/invoices/{draft}")
    found = (await town.get(f"/invoice-runs/{run[-36:]}/invoices", token))["items"]
    small = next(each for each in found if each["gross"]["amount"] == 99_00)
    assert {"small", "no_organisation_number", "no_address"} == set(small["warnings"])
    await send(town, token, f"/staff/invoices/{small['id']}/leave-out", version=str(small["version"]))
    big = next(each for each in found if each["id"] != small["id"])
    await send(
        town, token, f"/staff/invoices/{big['id']}/reference", reference="PO-7", version=str(big["version"])
    )
    await send(town, token, f"/staff/invoices/{big['id']}/reference", 412, reference="x", version="1")
    version = (await town.get(f"/invoice-runs/{run[-36:]}", token))["version"]
    await send(town, token, f"{run}/issue", version=str(version))
    await happen(town)
    shown = await page(town, token, f"/staff/invoices/{big['id']}")
    assert "PO-7" in shown
    await send(town, token, f"/staff/invoices/{big['id']}/credit", 422, reason="")
    await send(town, token, f"/staff/invoices/{big['id']}/credit", reason="Feil", which="all")
    await send(town, token, "/staff/exports", layout="csv")
    await happen(town)
    (link,) = re.findall(r"/staff/exports/[0-9a-f-]{36}/file", await page(town, token, "/staff/exports"))
    answer = await town.http.get(f"/{town.tenant.slug}{link}", headers=make.bearer(token))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 2 + 2
    assert "attachment" in answer.headers["content-disposition"]
    await send(town, token, "/staff/exports", 409, layout="csv")
    await send(town, token, "/staff/exports", 422, layout="sap")


async def test_from_drafts_to_a_file_by_json(finance: tuple[Town, str, Dues]) -> None:
    town, token, dues = finance
    await dues.owe(many=2, day=LAST_YEAR)
    run = (await town.post("/invoice-runs", token, PERIOD)).json()
    assert run["state"] == "gathering"
    await happen(town)
    run = await town.get(f"/invoice-runs/{run['id']}", token)
    assert (run["state"], run["orders"], run["found"]) == ("drafted", 2, 2)
    stale = await town.post(f"/invoice-runs/{run['id']}/issue", token, headers={"If-Match": '"99"'})
    assert stale.status_code == 412
    assert (await town.post(f"/invoice-runs/{run['id']}/issue", token)).status_code == 200
    await happen(town)
    page = await town.get(f"/invoice-runs/{run['id']}/invoices", token, limit=1)
    rest = await town.get(f"/invoice-runs/{run['id']}/invoices", token, cursor=page["next"])
    assert [each["number"] for each in [*page["items"], *rest["items"]]] == [1, 2]
    credited = await town.post(f"/invoices/{page['items'][0]['id']}/credit", token, {"reason": "Feil"})
    assert credited.status_code == 201
    made = (await town.post("/exports", token, {"layout": "visma-enterprise"})).json()
    assert (await town.ask("GET", f"/exports/{made['id']}/file", token)).status_code == 404
    await happen(town)
    assert (await town.get(f"/exports/{made['id']}", token))["orders"] == 3
    first = await town.ask("GET", f"/exports/{made['id']}/file", token)
    again = await town.ask("GET", f"/exports/{made['id']}/file", token)
    assert first.content == again.content != b""
    assert (await town.post("/exports", token, {"layout": "csv"})).json()[
        "type"
    ] == "/problems/nothing-to-export"


async def test_terms_that_cannot_hold_are_refused(finance: tuple[Town, str, Dues]) -> None:
    town, token, _ = finance

    async def change(**body: object) -> httpx.Response:
        return await town.ask("PATCH", "/invoice-terms", token, body=body)

    assert (await change(bank_account="8601.11.17947")).json()["bank_account"] == "86011117947"
    for body in (
        {"bank_account": "86011117948"},
        {"kid_prefix": "123456", "kid_length": 10},
        {"layout": "sap"},
        {"due_days": 91},
        {"kid_check": "mod12"},
    ):
        assert (await change(**body)).status_code == 422, body
    assert (await change(kid_prefix="12345", kid_length=10)).status_code == 200
    stale = await town.ask("PATCH", "/invoice-terms", token, body={}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412


async def test_terms_and_accounts_by_pages(finance: tuple[Town, str, Dues]) -> None:
    town, token, dues = finance
    form: dict[str, Any] = {
        "postcode": "4050",
        "bank_account": "86011117947",
        "kid_prefix": "",
        "kid_length": "12",
        "kid_check": "mod11",
        "delay_days": "3",
        "due_days": "14",
        "deposit_days": "7",
        "layout": "ehf",
    }
    version = str((await town.get("/invoice-terms", token))["version"])
    await send(town, token, "/staff/invoices/terms", **form, version=version)
    told = await town.get("/invoice-terms", token)
    assert (told["kid_check"], told["due_days"], told["layout"]) == ("mod11", 14, "ehf")
    version = str(told["version"])
    for wrong in ({"bank_account": "86011117948"}, {"kid_length": "x"}, {"layout": ""}, {"postcode": "1"}):
        await send(town, token, "/staff/invoices/terms", 422, **{**form, **wrong}, version=version)
    accounts = "/staff/invoices/accounts"
    await send(town, token, accounts, place=f"facility:{dues.facility_id}", department="Avd-310")
    await send(town, token, accounts, 409, place=f"facility:{dues.facility_id}", department="Avd-311")
    await send(town, token, accounts, 422, place="", article="")
    await send(town, token, accounts, article="cleaning", account="16200")
    found = cast(list[dict[str, str]], await town.get("/account-codes", token))
    assert [each["article"] for each in found] == [None, "cleaning"]
    for each in found:
        await send(town, token, f"{accounts}/{each['id']}/drop")
    assert "Avd-310" not in await page(town, token, accounts)


async def test_another_municipality_has_nothing_of_it(
    finance: tuple[Town, str, Dues], stranger: Tenant
) -> None:
    town, token, dues = finance
    await dues.owe(day=LAST_YEAR)
    run = (await town.post("/invoice-runs", token, PERIOD)).json()
    other = Town(town.http, town.database, stranger)
    hers = await other.person("finance")
    assert (await other.ask("GET", f"/invoice-runs/{UUID(run['id'])}", hers)).status_code == 404
    assert (await other.get("/invoice-runs", hers))["items"] == []
    assert (await town.ask("GET", "/invoice-runs", hers)).status_code == 401
