"""A provider of a test session's own, and people who sign in there."""

from collections.abc import AsyncGenerator, Callable

import pytest

from core.db import Database
from tests.conftest import Urls, add_tenant
from tests.people.signing.world import Browser, World, world


@pytest.fixture(scope="session")
async def town(
    database: Database, database_urls: Urls, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World, None]:
    """`here` and `there`, with one provider."""
    tenants = (await add_tenant(database_urls), await add_tenant(database_urls))
    async with world(database_urls, database, tenants, tmp_path_factory.mktemp("signing")) as found:
        yield found


@pytest.fixture
async def browser(town: World) -> AsyncGenerator[Callable[..., Browser], None]:
    """Makes browsers; `pid` left out: somebody new."""
    made: list[Browser] = []

    def make(pid: str | None = "new", **more: str) -> Browser:
        made.append(Browser(town, town.somebody() if pid == "new" else pid, **more))
        return made[-1]

    yield make
    for each in made:
        await each.close()
