"""A municipality behind a real socket: other programs fetch its calendars by themselves."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from core.db import Database
from core.tenants import Tenant
from tests.booking import invariants
from tests.booking.conftest import Town
from tests.conftest import Urls
from tests.web.served import serving


@pytest.fixture(scope="package")
def address(database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of the program, as it is run."""
    with serving(database_urls, tmp_path_factory.mktemp("server") / "log") as served:
        yield served


@pytest.fixture
async def served(address: str, database: Database, tenant: Tenant) -> AsyncIterator[Town]:
    """A municipality of the test's own, as its clients have it."""
    async with httpx.AsyncClient(base_url=address, timeout=30) as http:
        yield Town(http, database, tenant)
    await invariants.check(database, tenant.id)
