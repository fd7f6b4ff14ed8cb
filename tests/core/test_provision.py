"""A database is made ready by whoever owns it, a superuser or not."""

import secrets
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy.engine import make_url

from core.db import Database
from core.provision import access, connect, made_role_url, prepare, refuse_powerful_role
from core.settings import Settings


@pytest.fixture
async def owners_url(server_url: str) -> AsyncGenerator[str, None]:
    """Of an empty database whose owner may make roles and nothing more."""
    name, password = f"ledig_test_{secrets.token_hex(4)}", "it's"
    server = await connect(server_url)
    await server.execute(f'CREATE ROLE "{name}" LOGIN CREATEROLE PASSWORD $ledig${password}$ledig$')
    await server.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
    url = make_url(server_url).set(username=name, password=password, database=name)
    yield url.render_as_string(hide_password=False)
    await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    for role in ("_program", "_public", "_relay", "_owner", ""):
        await server.execute(f'DROP ROLE IF EXISTS "{name}{role}"')
    await server.close()


async def test_an_owner_that_may_make_roles_is_enough(owners_url: str) -> None:
    program = made_role_url(owners_url)

    await prepare(owners_url, program)
    await prepare(owners_url, program)

    await refuse_powerful_role(program)
    database = Database(program, pool_size=1)
    await database.answers()
    await database.close()


async def test_a_url_alone_is_the_owners_or_the_programs_by_what_its_role_may_do(owners_url: str) -> None:
    before = await access(Settings(database_url=owners_url), owners_url)
    await prepare(owners_url, before.program)
    afterwards = await access(Settings(database_url=before.program), before.program)

    assert before == (owners_url, made_role_url(owners_url))
    assert afterwards == (None, before.program)
