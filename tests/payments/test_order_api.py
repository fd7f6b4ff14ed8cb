"""Orders over HTTP: paying, reading what was paid, and giving back, in one municipality and not in the other."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.tenants import Directory, Tenant
from tests import make
from tests.booking.conftest import Town
from tests.payments.market import Market, priced


@pytest.fixture
async def town(app: Litestar, http: httpx.AsyncClient, database: Database, tenant: Tenant) -> Town:
    """The market's own rules say what must be true of it."""
    app.state.directory = Directory(app.state.database)
    return Town(http, database, tenant)


class Desk:
    """The market, Kari's token and the officer's."""

    def __init__(self, market: Market, kari: str, officer: str) -> None:
        self.market, self.kari, self.officer = market, kari, officer


@pytest.fixture
async def desk(town: Town, app: Litestar) -> Any:
    market = await Market(town.database, town.tenant).open()
    assert market.kari.person_id is not None

    async def tokens(db: AsyncSession) -> tuple[str, str]:
        assert market.kari.person_id is not None
        kari = make.token(db, market.kari.person_id, "read", "write", "staff")
        return kari, (await make.person(db, role="finance"))[1]

    kari, officer = await town.have(tokens)
    before, app.state.provider = app.state.provider, market.till
    yield Desk(market, kari, officer)
    app.state.provider = before


async def test_she_pays_reads_her_receipt_and_gets_a_part_back(town: Town, desk: Desk) -> None:
    market = desk.market
    (booking_id,) = await market.waiting(priced(50_000))
    answer = await town.post(f"/bookings/{booking_id}/checkout", desk.kari)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (await town.post(f"/bookings/{booking_id}/checkout", desk.kari)).json() == told
    ref = told["url"].rpartition("/")[2]
    assert market.till.sessions[ref].amount_ore == 50_000
    assert market.till.pay(ref)
    await market.hear(ref)
    (brief,) = (await town.get("/orders", desk.kari))["items"]
    assert (brief["id"], brief["kind"], brief["number"]) == (told["order_id"], "receipt", 1)
    assert brief["gross"] == brief["paid"] == {"amount": 50_000, "currency": "NOK"}
    order = await town.get(f"/orders/{told['order_id']}", desk.kari)
    assert [(line["gross"]["amount"], line["vat_rate"]) for line in order["lines"]] == [(50_000, "25")]
    body = {"reason": "Kaldt", "amount": {"amount": 12_000, "currency": "NOK"}}
    assert (await town.post(f"/orders/{told['order_id']}/refund", desk.kari, body)).status_code == 403
    answer = await town.post(f"/orders/{told['order_id']}/refund", desk.officer, body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["credited"]["amount"] == 12_000
    assert [each["amount"]["amount"] for each in answer.json()["refunds"]] == [12_000]
    body["amount"] = {"amount": 38_001, "currency": "NOK"}
    answer = await town.post(f"/orders/{told['order_id']}/refund", desk.officer, body)
    assert (answer.status_code, answer.json()["at_most"]) == (422, 38_000)
    await market.happen()
    await market.check_settled()
    assert {each["kind"] for each in (await town.get("/orders", desk.kari))["items"]} == {"receipt", "credit"}


async def test_what_it_costs_cannot_be_said_by_who_pays(town: Town, desk: Desk) -> None:
    (booking_id,) = await desk.market.waiting(priced(50_000))
    body = {"amount": {"amount": 1, "currency": "NOK"}, "gross_ore": 1}
    answer = await town.post(f"/bookings/{booking_id}/checkout", desk.kari, body)
    assert answer.status_code == 200
    (session,) = desk.market.till.sessions.values()
    assert session.amount_ore == 50_000


async def test_when_the_provider_is_silent_it_is_a_503_and_nothing_is_lost(town: Town, desk: Desk) -> None:
    (booking_id,) = await desk.market.waiting(priced(50_000))
    desk.market.till.moods = ["silent_after"]
    answer = await town.post(f"/bookings/{booking_id}/checkout", desk.kari)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/payment-unavailable")
    assert (await town.post(f"/bookings/{booking_id}/checkout", desk.kari)).status_code == 200
    assert len(desk.market.till.sessions) == 1


async def test_orders_of_others_and_of_the_other_municipality_are_not_there(
    town: Town, desk: Desk, stranger: Tenant
) -> None:
    (booking_id,) = await desk.market.bought(priced())
    (order,) = await desk.market.orders("receipt")
    ola = await town.person()
    assert (await town.ask("GET", f"/orders/{order.id}", ola)).status_code == 404
    assert (await town.post(f"/bookings/{booking_id}/checkout", ola)).status_code == 404
    assert (await town.get("/orders", ola))["items"] == []
    other = Market(town.database, stranger)
    async with other.door() as db:
        admin = (await make.person(db, role="administrator"))[1]
    answer = await town.http.get(f"/api/{stranger.slug}/orders/{order.id}", headers=make.bearer(admin))
    assert answer.status_code == 404


async def test_what_is_not_there_is_not_found(town: Town, desk: Desk) -> None:
    for path in ("orders/{}", "orders/{}/receipt.pdf"):
        answer = await town.ask("GET", "/" + path.format(UUID(int=1)), desk.kari)
        assert answer.status_code == 404
