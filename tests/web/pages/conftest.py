"""Readers of the pages: a citizen, a case officer, and somebody who has not signed in."""

from collections.abc import AsyncGenerator

import httpx
import pytest
from litestar import Litestar

from core.db import Database
from core.tenants import Directory, Tenant
from tests.web.village import Reader, Village, found


@pytest.fixture
async def village(app: Litestar, database: Database, tenant: Tenant) -> Village:
    app.state.directory = Directory(app.state.database)
    return await found(database, tenant)


@pytest.fixture
async def kari(http: httpx.AsyncClient, village: Village) -> Reader:
    """A citizen who has signed in."""
    reader = Reader(http, village)
    assert (await reader.sign_in("citizen")).status_code == 303
    return reader


@pytest.fixture
async def ingrid(http: httpx.AsyncClient, village: Village) -> Reader:
    """A case officer who has signed in."""
    reader = Reader(http, village)
    await reader.sign_in("officer")
    return reader


@pytest.fixture
def nobody(http: httpx.AsyncClient, village: Village) -> Reader:
    return Reader(http, village)


@pytest.fixture(autouse=True)
async def _fresh(http: httpx.AsyncClient) -> AsyncGenerator[None]:
    """No cookie of one test is sent by the next."""
    http.cookies.clear()
    yield
    http.cookies.clear()
