"""The municipalities that the tests of this directory look at."""

from collections.abc import AsyncGenerator, Generator

import pytest
from litestar import Litestar

from core.db import Database
from core.tenants import Directory
from tests.conftest import Urls, add_tenant, made_database
from tests.web.stage import Stage, staged
from tests.web.towns import Town, found, public_columns


@pytest.fixture
async def here(app: Litestar, database: Database, database_urls: Urls) -> Town:
    """A town of the test's own."""
    return await new_town(app, database, database_urls)


@pytest.fixture(scope="session")
async def there(app: Litestar, database: Database, database_urls: Urls) -> Town:
    """The other town, of the same shape; nobody may learn of it or change it."""
    return await new_town(app, database, database_urls)


@pytest.fixture(scope="session")
def stage_urls(server_url: str) -> Generator[Urls]:
    """A database in which nobody else makes municipalities: what is asked of all of them stays the same."""
    with made_database(server_url) as urls:
        yield urls


@pytest.fixture(scope="session")
async def stage(stage_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    """Two towns with a player of every role."""
    database = Database(stage_urls.program, pool_size=12)
    public = await public_columns(database)
    here, there = [await found(database, await add_tenant(stage_urls), public) for _ in range(2)]
    async with staged(database, stage_urls, tmp_path_factory.mktemp("stage"), here, there) as stage:
        yield stage
    await database.close()


async def new_town(app: Litestar, database: Database, urls: Urls, *, like: Town | None = None) -> Town:
    """`like`: with the very ids of that one."""
    tenant = await add_tenant(urls)
    app.state.directory = Directory(app.state.database)
    return await found(database, tenant, await public_columns(database), ids=like.ids if like else None)
