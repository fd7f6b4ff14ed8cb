"""The program with a provider: Stripe's gateway, led to the sandbox."""

from collections.abc import AsyncGenerator
from typing import Any, NamedTuple, cast

import httpx
import pytest
from sqlalchemy import text

from core.db import Database
from core.ids import new_id
from core.settings import Settings
from core.spans import utc_now
from core.tenants import Tenant
from payments.provider_models import ProviderAccount
from payments.sandbox.notices import Manner, signed
from payments.sandbox.program import KEY, Faults
from tests.booking.conftest import town as town
from tests.conftest import AMPLE, Urls
from tests.leaks import read_answer
from tests.payments.tills import OLD_SECRET, SECRET, Till, till
from web.app import make_app, opened


class Counter(NamedTuple):
    """A municipality, its account, and the program over HTTP; `till.sandbox` holds its notices back."""

    database: Database
    tenant: Tenant
    account: str
    http: httpx.AsyncClient
    till: Till

    async def rows(self, table: str, tenant: Tenant | None = None) -> list[Any]:
        async with self.database.transaction((tenant or self.tenant).id) as db:
            return list((await db.execute(text(f"SELECT * FROM {table} ORDER BY id"))).all())

    async def tell(self, *, copies: int = 1, backwards: bool = False) -> None:
        """What the sandbox holds back, sent to the program."""
        held, self.till.sandbox.notices.held = self.till.sandbox.notices.held, []
        for body in reversed(held) if backwards else held:
            for _ in range(copies):
                headers = dict(signed(body, SECRET, int(utc_now().timestamp())))
                answer = await self.http.post("/webhooks/stripe", content=body, headers=headers)
                assert answer.status_code == 200


async def connected(database: Database, tenant: Tenant, ref: str, state: str = "active") -> str:
    async with database.transaction(tenant.id) as db:
        db.add(ProviderAccount(provider="stripe", ref=ref, state=state))
    return ref


@pytest.fixture(scope="session")
async def one_till() -> AsyncGenerator[Till, None]:
    """A sandbox whose notices are kept until a test asks for them."""
    async with till(notices_url="http://127.0.0.1:9/") as made:
        made.sandbox.notices.manner = Manner(held=True)
        yield made


@pytest.fixture(scope="session")
async def paying_http(
    database_urls: Urls, tmp_path_factory: pytest.TempPathFactory, one_till: Till
) -> AsyncGenerator[httpx.AsyncClient, None]:
    """The whole program with a provider."""
    settings = settings_of(one_till, var_dir=tmp_path_factory.mktemp("var"))
    made = make_app(settings, database_urls.program)
    async with opened(made, settings, database_urls.program):
        transport = httpx.ASGITransport(app=cast(Any, made), raise_app_exceptions=False)
        hooks = {"response": [read_answer]}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://ledig.test", event_hooks=hooks
        ) as client:
            yield client


def settings_of(there: Till, **more: Any) -> Settings:
    """Of a program that has this till."""
    return Settings(
        pool_size=20,
        limits=AMPLE,
        stripe_key=KEY,
        stripe_secrets=(SECRET, OLD_SECRET),
        stripe_url=there.sandbox.url,
        **more,
    )


@pytest.fixture
async def counter(
    database: Database, tenant: Tenant, paying_http: httpx.AsyncClient, one_till: Till
) -> Counter:
    """With an account that is active."""
    account = await connected(database, tenant, f"acct_{new_id().hex}")
    one_till.sandbox.connecting.make({"business_profile": {"name": tenant.name}}, ref=account)
    one_till.sandbox.connecting.activate(account)
    one_till.sandbox.notices.held.clear()
    one_till.sandbox.faults = Faults()
    return Counter(database, tenant, account, paying_http, one_till)
