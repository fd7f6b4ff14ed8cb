"""The municipality's account with the provider, from the first press of a button to money that may come."""

import asyncio
import re
from typing import Any

from sqlalchemy import text

from core.db import Database
from core.spans import utc_now
from core.tenants import Tenant
from payments import accounts
from payments.provider import Account
from payments.sandbox.program import Faults
from tests import make
from tests.payments.conftest import Counter


async def administrator(database: Database, tenant: Tenant, role: str = "administrator") -> dict[str, str]:
    async with database.transaction(tenant.id) as db:
        _, secret = await make.person(db, role=role)
    return make.bearer(secret)


async def online_open(counter: Counter, tenant: Tenant) -> bool | None:
    async with counter.database.transaction(tenant.id) as db:
        return await db.scalar(text("SELECT online_open FROM pay_terms"))


async def the_account(counter: Counter, tenant: Tenant) -> Any:
    [row] = await counter.rows("provider_account", tenant)
    return row


async def onboarded(counter: Counter, path: str, headers: dict[str, str]) -> str:
    """Where the page leads to."""
    answer = await counter.http.post(path, headers=headers)
    assert answer.status_code == 200, answer.text
    url = answer.headers["refresh"].removeprefix("0; url=")
    assert url in answer.text
    return url


async def test_connecting_leads_to_the_provider_and_back(counter: Counter, stranger: Tenant) -> None:
    path = f"/{stranger.slug}/staff/provider"
    headers = await administrator(counter.database, stranger)
    assert (await counter.http.get(path, headers=headers)).status_code == 200
    url = await onboarded(counter, path, headers)
    row = await the_account(counter, stranger)
    assert (row.state, await online_open(counter, stranger)) == ("onboarding", None)
    answer = await counter.till.press(url, action="done")
    back = answer.headers["location"]
    assert back.endswith(f"{path}/back")
    answer = await counter.http.get(re.sub(r"^https?://[^/]+", "", back), headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?done=asked")
    row = await the_account(counter, stranger)
    assert (row.state, row.wants) == ("active", [])
    assert await online_open(counter, stranger) is True
    assert (await counter.http.get(path, headers=headers)).status_code == 200
    trail = [each.action for each in await counter.rows("audit_entry", stranger)]
    assert trail.count("provider.connect") == 1
    assert trail.count("provider.state") == 2


async def test_an_answer_that_was_lost_makes_no_second_account(counter: Counter, stranger: Tenant) -> None:
    path = f"/{stranger.slug}/staff/provider"
    headers = await administrator(counter.database, stranger)
    before = len(counter.till.sandbox.books.accounts())
    counter.till.sandbox.faults = Faults(only="POST /v1/accounts", hang_up=2)
    assert (await counter.http.post(path, headers=headers)).status_code == 503
    assert (await the_account(counter, stranger)).ref is None
    assert (await counter.http.get(path, headers=headers)).status_code == 200
    await onboarded(counter, path, headers)
    await onboarded(counter, path, headers)
    assert len(counter.till.sandbox.books.accounts()) == before + 1
    assert (await the_account(counter, stranger)).ref


async def test_only_administrators_see_it(counter: Counter) -> None:
    path = f"/{counter.tenant.slug}/staff/provider"
    for role in ("finance", "case_officer", "facility_manager"):
        headers = await administrator(counter.database, counter.tenant, role)
        assert (await counter.http.get(path, headers=headers)).status_code == 403
        assert (await counter.http.post(path, headers=headers)).status_code == 403
        assert (await counter.http.post(f"{path}/ask", headers=headers)).status_code == 403
        assert (await counter.http.get(f"{path}/back", headers=headers)).status_code == 403


async def test_one_that_is_restricted_takes_no_money_until_it_is_mended(counter: Counter) -> None:
    path = f"/{counter.tenant.slug}/staff/provider/ask"
    headers = await administrator(counter.database, counter.tenant)
    sandbox = counter.till.sandbox.connecting
    for act, state, is_open in (
        (sandbox.restrict, "restricted", False),
        (sandbox.activate, "active", True),
    ):
        act(counter.account)
        assert (await counter.http.post(path, headers=headers)).status_code == 303
        assert (await the_account(counter, counter.tenant)).state == state
        assert bool(await online_open(counter, counter.tenant)) is is_open


async def test_what_is_said_of_another_account_changes_nothing(counter: Counter) -> None:
    async with counter.database.transaction(counter.tenant.id) as db:
        await accounts.note(db, "stripe", Account(ref="acct_other", state="restricted"), utc_now())
    assert (await the_account(counter, counter.tenant)).state == "active"


async def test_two_presses_at_once_make_one_account(counter: Counter, stranger: Tenant) -> None:
    path = f"/{stranger.slug}/staff/provider"
    headers = await administrator(counter.database, stranger)
    before = len(counter.till.sandbox.books.accounts())
    answers = await asyncio.gather(*[counter.http.post(path, headers=headers) for _ in range(4)])
    assert {answer.status_code for answer in answers} == {200}
    assert len(counter.till.sandbox.books.accounts()) == before + 1
    await the_account(counter, stranger)
