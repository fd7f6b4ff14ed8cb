"""PostgreSQL for the tests: one server a run, one database a worker process, one transaction rolled back a test."""

import asyncio
import os
import secrets
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from hypothesis import settings as hypothesis_settings
from litestar import Litestar
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from booking.boards.stream import Streams
from core.db import Database
from core.embedded import embedded_postgres
from core.ids import new_id
from core.provision import connect, made_role_url, prepare
from core.settings import LIMITED, Settings
from core.tenants import Tenant, TenantTable
from tests.leaks import numbers_in_tables, read_answer
from web.app import make_app, opened

ROOT = Path(__file__).parent.parent
AMPLE = ",".join(f"{kind}=1000000" for kind in LIMITED)
"""Limits that are there and are not reached."""

hypothesis_settings.register_profile("house", deadline=None)  # a busy machine is no fault of the code
hypothesis_settings.load_profile("house")


@dataclass(frozen=True)
class Urls:
    """Where the test database is, for its owner and for the program."""

    owner: str
    program: str


@pytest.fixture(scope="session")
def server_url() -> Generator[str, None, None]:
    """An owner's URL of the server that DATABASE_URL names, else of an embedded one shared by all worker processes."""
    with ExitStack() as stack:
        yield os.environ.get("DATABASE_URL") or stack.enter_context(
            embedded_postgres(ROOT / "var" / "test-postgres", durable=False)
        )


@pytest.fixture(scope="session")
def database_urls(server_url: str) -> Generator[Urls, None, None]:
    """A database of this worker process's own."""
    with made_database(server_url) as urls:
        yield urls


@contextmanager
def made_database(server_url: str) -> Generator[Urls, None, None]:
    """Migrated; dropped with its roles at the end."""
    name = f"ledig_test_{secrets.token_hex(4)}"
    asyncio.run(_run(server_url, f'CREATE DATABASE "{name}"'))
    owner = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    program = made_role_url(owner)
    asyncio.run(prepare(owner, program))
    yield Urls(owner, program)
    try:
        telling = asyncio.run(_looked_through(owner))
        assert not telling, f"national numbers in the open, rows by table: {telling}"
    finally:
        asyncio.run(_run(server_url, f'DROP DATABASE "{name}" WITH (FORCE)'))
        for role in ("program", "public", "relay", "person", "feeds", "owner"):
            asyncio.run(_run(server_url, f'DROP ROLE IF EXISTS "{name}_{role}"'))


async def _looked_through(url: str) -> dict[str, int]:
    connection = await connect(url)
    try:
        return await numbers_in_tables(connection)
    finally:
        await connection.close()


async def _run(url: str, statement: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
async def database(database_urls: Urls) -> AsyncGenerator[Database, None]:
    """The program's own door, with commits that are real."""
    database = Database(database_urls.program, pool_size=12)
    yield database
    await database.close()


async def add_tenant(
    urls: Urls, *, slug: str | None = None, languages: tuple[str, ...] = ("nb", "nn", "en")
) -> Tenant:
    """A municipality that no other test knows; rows of a committed test stay behind in it and harm nobody."""
    slug = slug or f"k{secrets.token_hex(6)}"
    number = secrets.token_hex(4)
    tenant = Tenant(
        id=new_id(),
        slug=slug,
        number=number,
        organisation_number=number,
        name=f"Kommune {slug}",
        languages=languages,
        zone_name="Europe/Oslo",
        colour="#0062ba",
        logo=None,
        hosts=(f"{slug}.test",),
    )
    connection = await connect(urls.owner)
    try:
        await connection.execute(
            f"INSERT INTO {TenantTable.__tablename__} (id, slug, number, organisation_number, name, languages)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            tenant.id,
            slug,
            number,
            number,
            tenant.name,
            list(languages),
        )
        await connection.execute("INSERT INTO tenant_host VALUES ($1, $2)", tenant.hosts[0], tenant.id)
    finally:
        await connection.close()
    return tenant


@pytest.fixture(scope="session")
async def home(database_urls: Urls) -> Tenant:
    """The municipality of tests that roll back."""
    return await add_tenant(database_urls)


@pytest.fixture
async def tenant(database_urls: Urls) -> Tenant:
    """A municipality of this test's own, for what really commits."""
    return await add_tenant(database_urls)


@pytest.fixture
async def stranger(database_urls: Urls) -> Tenant:
    """The other municipality."""
    return await add_tenant(database_urls)


class Undone(Exception):
    """Ends a test's transaction in nothing."""


@pytest.fixture
async def db(database: Database, home: Tenant) -> AsyncGenerator[AsyncSession, None]:
    """One transaction of `home`, rolled back: what a test writes, no other sees."""
    with suppress(Undone):
        async with database.transaction(home.id) as opened:
            yield opened
            raise Undone


@pytest.fixture(scope="session")
async def app(
    database_urls: Urls, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Litestar, None]:
    """The whole program on the test database, in demo mode, without a socket between."""
    settings = Settings(demo=True, var_dir=tmp_path_factory.mktemp("var"), pool_size=20, limits=AMPLE)
    made = make_app(settings, database_urls.program)
    async with opened(made, settings, database_urls.program):
        # The client reads an answer to its end before it tells of it: here a stream says that it is there, and ends.
        made.state.streams = Streams(made.state.database, lasts=0)
        yield made


@pytest.fixture(scope="session")
async def http(app: Litestar) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client of the program. Faults of ours answer 500, as they would outside."""
    transport = httpx.ASGITransport(app=cast(Any, app), raise_app_exceptions=False)
    hooks = {"response": [read_answer]}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://ledig.test", event_hooks=hooks
    ) as client:
        yield client
