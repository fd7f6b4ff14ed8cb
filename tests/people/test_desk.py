"""Who asks, by which right, and the same request sent twice: what every route gets from the desk."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from core.db import Database
from core.spans import utc_now
from core.tenants import Directory, Tenant
from people.service import issue_token, sign_in, sign_out
from tests import make

EVENING = make.at(make.next_weekday(2), 18)


class Office:
    """A hall in a municipality of the test's own, and one person with a token."""

    def __init__(self, http: httpx.AsyncClient, database: Database, tenant: Tenant) -> None:
        self.http, self.database, self.tenant = http, database, tenant
        self.url = f"/api/{tenant.slug}"

    async def furnish(self) -> "Office":
        async with self.database.transaction(self.tenant.id) as db:
            self.hall = await make.hall(db)
            self.kari_id, self.kari = await make.person(db)
        return self

    async def token(self, scopes: list[str], **columns: Any) -> str:
        async with self.database.transaction(self.tenant.id) as db:
            return issue_token(db, self.kari_id, "test", scopes, **columns)

    async def apply(self, part: int = 0, **headers: str) -> httpx.Response:
        body = make.application(make.wish(self.hall.parts[part], EVENING))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(f"{self.url}/applications", json=body, headers=named)


@pytest.fixture
async def office(app: Litestar, http: httpx.AsyncClient, database: Database, tenant: Tenant) -> Office:
    app.state.directory = Directory(app.state.database)
    return await Office(http, database, tenant).furnish()


async def test_a_token_works_until_it_expires_or_is_revoked(office: Office) -> None:
    expired = await office.token(["read", "write"], expires_at=utc_now() - timedelta(seconds=1))
    lasting = await office.token(["read", "write"], expires_at=utc_now() + timedelta(hours=1))

    assert (await office.apply(Authorization=f"Bearer {expired}")).status_code == 401
    assert (await office.apply(Authorization=f"bearer {lasting}")).status_code == 201
    async with office.database.transaction(office.tenant.id) as db:
        await db.execute(text("UPDATE token SET revoked_at = now()"))
    assert (await office.apply(1, Authorization=f"Bearer {lasting}")).status_code == 401


async def test_a_token_of_another_municipality_is_unknown_here(office: Office, stranger: Tenant) -> None:
    async with office.database.transaction(stranger.id) as db:
        _, theirs = await make.person(db, role="administrator")

    assert (await office.apply(Authorization=f"Bearer {theirs}")).status_code == 401


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "ledig_x"])
async def test_what_is_no_bearer_token_is_not_taken_for_nobody(office: Office, header: str) -> None:
    refused = await office.apply(Authorization=header)

    assert 400 <= refused.status_code < 500
    assert refused.status_code != 404


async def test_a_token_may_do_no_more_than_its_scopes(office: Office) -> None:
    reading = await office.token(["read"])
    key = uuid4().hex

    refused = await office.apply(Authorization=f"Bearer {reading}", Idempotency_Key=key)
    listed = await office.http.get(
        f"{office.url}/bookings", headers={"Authorization": f"Bearer {reading}", "Idempotency-Key": key}
    )

    assert refused.status_code == 403
    assert listed.status_code == 200


async def test_a_login_lasts_until_signing_out(office: Office) -> None:
    async with office.database.transaction(office.tenant.id) as db:
        secret = await sign_in(db, office.kari_id, utc_now())
        old = await sign_in(db, office.kari_id, utc_now() - timedelta(hours=13))
    cookie = f"ledig_{office.tenant.slug}"

    assert (await office.apply(Cookie=f"{cookie}={secret}")).status_code == 201
    assert (await office.apply(1, Cookie=f"{cookie}={old}")).status_code == 401
    assert (await office.apply(1, Cookie=f"ledig_other={secret}")).status_code == 401
    async with office.database.transaction(office.tenant.id) as db:
        await sign_out(db, secret, utc_now())
    assert (await office.apply(1, Cookie=f"{cookie}={secret}")).status_code == 401


async def test_the_same_key_gives_the_same_answer_with_its_etag(office: Office) -> None:
    headers: dict[str, Any] = {"Authorization": f"Bearer {office.kari}", "Idempotency_Key": "one"}

    first, second = await office.apply(**headers), await office.apply(**headers)
    other = await office.apply(1, **headers)
    booking = first.json()["bookings"][0]["id"]
    elsewhere = await office.http.post(
        f"{office.url}/bookings/{booking}/cancel",
        json={},
        headers={"Authorization": f"Bearer {office.kari}", "Idempotency-Key": "one"},
    )

    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["ETag"] == first.headers["ETag"] == '"1"'
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    assert elsewhere.json()["type"] == "/problems/idempotency-key-reused"


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "\u00e6"])
async def test_a_key_is_visible_and_not_endless(office: Office, key: str) -> None:
    body = make.application(make.wish(office.hall.parts[0], EVENING))
    refused = await office.http.post(
        f"{office.url}/applications",
        json=body,
        headers={"Authorization": f"Bearer {office.kari}", b"Idempotency-Key": key.encode()},  # pyright: ignore[reportArgumentType]  # httpx takes bytes
    )

    assert refused.status_code == 422
    assert refused.json()["field"] == "Idempotency-Key"


async def test_a_look_needs_no_key_and_keeps_no_answer(office: Office) -> None:
    made = await office.apply(Authorization=f"Bearer {office.kari}")
    booking = UUID(made.json()["bookings"][0]["id"])
    headers = {"Authorization": f"Bearer {office.kari}", "Idempotency-Key": "look"}
    place = f"{office.url}/bookings/{booking}"

    before = await office.http.get(place, headers=headers)
    await office.http.post(f"{place}/cancel", json={}, headers={"Authorization": f"Bearer {office.kari}"})
    after = await office.http.get(place, headers=headers)

    assert (before.json()["state"], after.json()["state"]) == ("confirmed", "cancelled")
