"""Makes a database ready: its roles, its tables, and the proof that the program's own role has no way round."""

import asyncio
import hashlib
import hmac
from pathlib import Path
from typing import NamedTuple

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import URL, make_url

from core.db import Roles
from core.settings import Settings

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 0x1ED16
"""Advisory lock that keeps two provisionings of one database apart."""


class UnsafeRole(Exception):
    """The program's role could read past row security; the text says how and what to do."""


class CannotProvision(Exception):
    """The owner's role lacks a right; the text says which."""


class Access(NamedTuple):
    """Who connects how. `owner` None: nobody here may migrate."""

    owner: str | None
    program: str


async def access(settings: Settings, database_url: str) -> Access:
    """With DATABASE_OWNER_URL, that one owns and DATABASE_URL is the program's. Alone, DATABASE_URL is the program's
    when row security binds it; else it is the owner's, and the program gets a role made from it.
    """
    if settings.owner_url is not None:
        return Access(settings.owner_url, database_url)
    try:
        await refuse_powerful_role(database_url)
    except UnsafeRole:
        return Access(database_url, made_role_url(database_url))
    return Access(None, database_url)


def made_role_url(owner_url: str) -> str:
    """Where the program connects as the role that is made for it; the password follows from the owner's."""
    url = make_url(owner_url)
    assert url.database, "a database URL names its database"
    return _as_role(url, Roles(url.database).program).render_as_string(hide_password=False)


def _as_role(url: URL, role: str) -> URL:
    password = hmac.new((url.password or "").encode(), role.encode(), hashlib.sha256).hexdigest()
    return url.set(drivername="postgresql", username=role, password=password)


async def prepare(owner_url: str, program: str) -> None:
    """Roles and newest tables. Safe to repeat and to run from several processes. Raises CannotProvision."""
    connection = await connect(owner_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await _roles(connection, make_url(program))
        await asyncio.to_thread(migrate, owner_url, str(make_url(program).username))
    except asyncpg.InsufficientPrivilegeError as error:
        raise CannotProvision(
            f"{error}. The owner's role must own the database and have CREATEROLE, "
            "or an administrator must make the roles first: see the README."
        ) from error
    finally:
        await connection.close()


async def connect(url: str) -> asyncpg.Connection:
    """A bare connection for what comes before there is a program role. Raises CannotProvision."""
    parsed = make_url(url).set(drivername="postgresql")
    try:
        return await asyncpg.connect(parsed.render_as_string(hide_password=False))
    except (
        OSError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.CannotConnectNowError,
    ) as error:
        raise CannotProvision(f"no connection to {parsed.render_as_string()}: {error}") from error


async def _roles(connection: asyncpg.Connection, program: URL) -> None:
    database = await connection.fetchval("SELECT current_database()")
    roles, login = Roles(database), str(program.username)
    existing = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
    for name in (roles.owner, roles.public, roles.relay, roles.person, roles.feeds):
        if name not in existing:
            await connection.execute(f'CREATE ROLE "{name}" NOLOGIN')
    if login not in existing:
        await connection.execute(f'CREATE ROLE "{login}"')
    if login == roles.program:
        password = str(program.password).replace("'", "''")
        await connection.execute(f"""ALTER ROLE "{login}" LOGIN NOINHERIT PASSWORD '{password}'""")
    me = await connection.fetchval("SELECT current_user")
    # Since PostgreSQL 16 whoever makes a role is its member without the right to become it.
    is_newer = await connection.fetchval("SELECT current_setting('server_version_num')::int >= 160000")
    as_member = "SET" if is_newer else "MEMBER"
    for name, member in (
        (roles.public, login),
        (roles.relay, login),
        (roles.person, login),
        (roles.feeds, login),
        (roles.owner, me),
    ):
        if not await connection.fetchval("SELECT pg_has_role($1, $2, $3)", member, name, as_member):
            await connection.execute(f'GRANT "{name}" TO "{member}"')
    for name in (roles.owner, roles.public, roles.relay, roles.person, roles.feeds, login):
        await connection.execute(f'GRANT CONNECT ON DATABASE "{database}" TO "{name}"')
    await connection.execute(f'GRANT CREATE ON DATABASE "{database}" TO "{roles.owner}"')
    await connection.execute(f'GRANT CREATE, USAGE ON SCHEMA public TO "{roles.owner}"')
    for extension in ("btree_gist", "pg_trgm", "unaccent"):
        await connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} WITH SCHEMA public")


def alembic_config(owner_url: str, program_role: str) -> Config:
    """Alembic without an ini file; migrations find the program's role in `attributes`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = owner_url
    config.attributes["program_role"] = program_role
    return config


def migrate(owner_url: str, program_role: str) -> None:
    """To the newest revision. Blocks: call it in a thread of its own."""
    command.upgrade(alembic_config(owner_url, program_role), "head")


async def refuse_powerful_role(url: str) -> None:
    """Raises UnsafeRole unless row security binds the program on every tenant table."""
    connection = await connect(url)
    try:
        role = await connection.fetchrow(
            "SELECT current_user AS name, rolsuper, rolbypassrls, rolinherit, rolcreaterole"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert role is not None, "one is always somebody"
        for right, word in (
            ("rolsuper", "is a superuser"),
            ("rolbypassrls", "has BYPASSRLS"),
            ("rolcreaterole", "has CREATEROLE"),
            (
                "rolinherit",
                "has INHERIT, so the policies of the public, relay, person and feeds roles would hold for it",
            ),
        ):
            if role[right]:
                raise UnsafeRole(f"Role {role['name']} {word}. Connect as a role without it: see the README.")
        owned = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND pg_has_role(current_user, relowner, 'MEMBER')"
        )
        if owned:
            raise UnsafeRole(f"Role {role['name']} owns {owned[0]['relname']}, or may become its owner.")
        bare = await connection.fetch(
            "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id'"
            " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND relname <> 'tenant_host' AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
        if bare:
            raise UnsafeRole(f"Table {bare[0]['relname']} has no forced row security: run `ledig migrate`.")
    finally:
        await connection.close()
