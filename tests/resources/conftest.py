"""Staff and everybody else of a municipality of the test's own."""

import httpx
import pytest
from litestar import Litestar

from core.db import Database
from core.tenants import Directory, Tenant
from tests import make
from tests.resources.staff import Staff


@pytest.fixture
def http(app: Litestar, http: httpx.AsyncClient) -> httpx.AsyncClient:
    """The same client, to which every newly made municipality is known."""
    app.state.directory = Directory(
        app.state.database
    )  # it asks for an unknown municipality once a second only
    return http


@pytest.fixture
async def staff(http: httpx.AsyncClient, database: Database, tenant: Tenant) -> Staff:
    async with database.transaction(tenant.id) as db:
        _, token = await make.person(db, role="administrator")
    return Staff(http, tenant.slug, token)


@pytest.fixture
def everybody(http: httpx.AsyncClient, tenant: Tenant) -> Staff:
    return Staff(http, tenant.slug, None)
