"""The municipality of tests/booking serves here too, and one more."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds import subscriptions
from calendar_feeds.feed_schemas import FeedIn
from core.db import Database
from core.spans import utc_now
from core.tenants import Directory, Tenant
from people.service import actor_of_token
from tests.booking.conftest import Town
from tests.booking.conftest import town as town
from tests.calendar_feeds.form import read
from tests.conftest import Urls, add_tenant


@pytest.fixture
async def neighbour(app: Litestar, http: httpx.AsyncClient, database: Database, database_urls: Urls) -> Town:
    """Another municipality."""
    tenant: Tenant = await add_tenant(database_urls)
    app.state.directory = Directory(app.state.database)
    return Town(http, database, tenant)


@dataclass(frozen=True)
class Reader:
    """A calendar program that reads a municipality's feeds."""

    town: Town

    def path(self, kind: str, thing_id: UUID | None = None) -> str:
        rest = "municipality.ics" if thing_id is None else f"{kind}/{thing_id}.ics"
        return f"/ical/{self.town.tenant.slug}/{rest}"

    async def ask(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        return await self.town.http.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    async def events(self, path: str) -> dict[str, dict[str, str]]:
        answer = await self.ask(path)
        assert answer.status_code == 200, answer.text
        return read(answer.content)

    async def subscribed(
        self, token: str, kind: str, thing_id: UUID | None = None, variant: str = "full"
    ) -> str:
        """The path of a secret feed that she has made."""

        async def work(db: AsyncSession) -> str:
            actor = await actor_of_token(db, token, utc_now())
            form: Any = FeedIn(kind=kind, thing_id=thing_id, variant=variant, label="Telefon")  # type: ignore[arg-type]
            made = await subscriptions.subscribe(db, actor, form, now=utc_now())
            return f"/ical/t/{self.town.tenant.slug}.{made.secret}.ics"

        return await self.town.have(work)


@pytest.fixture
def reader(town: Town) -> Reader:
    return Reader(town)
