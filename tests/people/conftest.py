"""A municipality behind the whole program, for what is asked over HTTP here."""

import httpx
import pytest
from litestar import Litestar

from core.db import Database
from core.tenants import Directory, Tenant
from tests.booking.conftest import Town


@pytest.fixture
async def town(app: Litestar, http: httpx.AsyncClient, database: Database, tenant: Tenant) -> Town:
    """Its answers are of people, too: what tests/booking looks through afterwards is left alone."""
    app.state.directory = Directory(app.state.database)
    return Town(http, database, tenant)
