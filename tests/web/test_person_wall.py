"""Row security around who somebody is: shown to who can name her, in all municipalities, and nobody else with her."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from core.db import Base, Database
from core.ids import new_id
from core.provision import connect
from core.spans import utc_now
from core.tenants import Tenant
from people.identity_models import Identity, IdentityKey
from people.models import Login, Person
from tests.conftest import Urls, add_tenant
from tests.web.test_walls import REFUSED, attempt, changes, program
from tests.web.towns import SHARED_TABLES, TABLES

PROFILE = ("tenant_id", "id", "identity_id", "name", "email", "phone", "postcode", "language", "erased_at")
LOGIN = ("tenant_id", "id", "identity_id", "ended_at")
SEEN = {
    "identity": {column.name for column in Identity.__table__.c},
    "identity_key": {column.name for column in IdentityKey.__table__.c},
    "person": set(PROFILE),
    "login": set(LOGIN),
    "tenant": {column.name for column in Base.metadata.tables["tenant"].c},
    "tenant_host": {"host", "tenant_id"},
}


@dataclass(frozen=True)
class Somebody:
    """Known by a hash, with a profile and a login in each of two municipalities."""

    id: UUID
    hash: bytes
    tenants: frozenset[UUID]


async def somebody(database: Database, *tenants: Tenant) -> Somebody:
    found = Somebody(new_id(), secrets.token_bytes(32), frozenset(tenant.id for tenant in tenants))
    async with database.herself(known_by=[found.hash], identity_id=found.id) as db:
        db.add(Identity(id=found.id))
        await db.flush()
        db.add(
            IdentityKey(hash=found.hash, identity_id=found.id, kind="national_number", sealed=b"x", under="k")
        )
    for tenant in tenants:
        async with database.transaction(tenant.id) as db:
            person = Person(id=new_id(), identity_id=found.id, name="Kari")
            db.add(person)
            await db.flush()
            db.add(
                Login(
                    person_id=person.id,
                    identity_id=found.id,
                    hash=secrets.token_bytes(32),
                    expires_at=utc_now(),
                )
            )
    return found


@pytest.fixture
async def two(database: Database, database_urls: Urls) -> tuple[Somebody, Somebody]:
    """Two persons, each known in the same two municipalities."""
    here, there = await add_tenant(database_urls), await add_tenant(database_urls)
    return await somebody(database, here, there), await somebody(database, here, there)


async def seen(database: Database, **named: object) -> dict[str, set[UUID | None]]:
    """Table → identities of the rows that are shown to who names this."""
    async with database.herself(**named) as db:  # pyright: ignore[reportArgumentType]  # the caller's own
        return {
            "identity": set(await db.scalars(select(Identity.id))),
            "identity_key": set(await db.scalars(select(IdentityKey.identity_id))),
            "person": set(await db.scalars(select(Person.identity_id))),
            "login": set(await db.scalars(select(Login.identity_id))),
        }


NOTHING: dict[str, set[UUID | None]] = {
    "identity": set(),
    "identity_key": set(),
    "person": set(),
    "login": set(),
}


@pytest.mark.usefixtures("two")
async def test_who_can_name_nobody_sees_nobody(database: Database) -> None:
    assert await seen(database) == NOTHING
    assert await seen(database, known_by=[secrets.token_bytes(32)], identity_id=new_id()) == NOTHING


async def test_a_hash_shows_what_it_stands_for_and_no_profile(
    database: Database, two: tuple[Somebody, Somebody]
) -> None:
    her, _ = two
    assert await seen(database, known_by=[secrets.token_bytes(32), her.hash]) == {
        **NOTHING,
        "identity_key": {her.id},
    }


async def test_an_id_shows_her_in_all_municipalities_and_nobody_else(
    database: Database, two: tuple[Somebody, Somebody]
) -> None:
    her, other = two
    assert await seen(database, identity_id=her.id) == {name: {her.id} for name in NOTHING}
    async with database.herself(identity_id=her.id) as db:
        for table in (Person, Login):
            assert set(await db.scalars(select(table.tenant_id))) == her.tenants
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.herself(identity_id=her.id) as db:
            db.add(Identity(id=other.id))


async def test_she_may_end_her_own_logins_and_write_no_profile(
    database: Database, two: tuple[Somebody, Somebody]
) -> None:
    her, other = two
    async with database.herself(identity_id=her.id) as db:
        ended = await db.execute(update(Login).values(ended_at=utc_now()).returning(Login.identity_id))
        assert list(ended.scalars()) == [her.id, her.id]
    async with database.herself(identity_id=other.id) as db:
        assert await db.scalar(select(func.count()).select_from(Login).where(Login.ended_at.is_(None))) == 2


@asynccontextmanager
async def as_person(
    database: Database, urls: Urls, identity_id: UUID
) -> AsyncGenerator[asyncpg.Connection, None]:
    async with program(urls, f'SET LOCAL ROLE "{database.roles.person}"') as connection:
        await connection.execute("SET LOCAL app.known_by = ''")
        await connection.execute(f"SET LOCAL app.identity_id = '{identity_id}'")
        yield connection


async def test_the_person_reads_these_columns_and_no_others(
    database: Database, database_urls: Urls, two: tuple[Somebody, Somebody]
) -> None:
    async with as_person(database, database_urls, two[0].id) as connection:
        for name, table in Base.metadata.tables.items():
            for column in table.c:
                got = await attempt(connection, f'SELECT "{column.name}" FROM {name} LIMIT 1')
                may = column.name in SEEN.get(name, set())
                assert isinstance(got, asyncpg.InsufficientPrivilegeError) is not may, f"{name}.{column.name}"


async def test_the_person_changes_who_she_is_and_the_end_of_logins_alone(
    database: Database, database_urls: Urls, two: tuple[Somebody, Somebody]
) -> None:
    async with as_person(database, database_urls, two[0].id) as connection:
        for name in [*TABLES, *SHARED_TABLES]:
            for statement in changes(name):
                if name in {"identity", "identity_key"} and "TRUNCATE" not in statement:
                    continue
                assert isinstance(await attempt(connection, statement), asyncpg.InsufficientPrivilegeError), (
                    statement
                )
        moved = await attempt(connection, "UPDATE login SET identity_id = $1", two[1].id)
        assert isinstance(moved, asyncpg.InsufficientPrivilegeError)
        stolen = await attempt(connection, "UPDATE identity_key SET identity_id = $1", two[1].id)
        assert isinstance(stolen, asyncpg.InsufficientPrivilegeError)


FORGOTTEN = {
    "app.known_by": ("identity_key",),
    "app.identity_id": ("identity", "identity_key", "person", "login"),
}


@pytest.mark.parametrize("setting", FORGOTTEN)
async def test_a_forgotten_setting_is_an_error(
    database: Database, database_urls: Urls, two: tuple[Somebody, Somebody], setting: str
) -> None:
    """Not an empty list. Of who somebody is, also on a connection that has named her before."""
    others = {"app.known_by": "", "app.identity_id": str(new_id())}
    del others[setting]
    connection = await connect(database_urls.program)
    try:
        for _ in range(2 if setting == "app.identity_id" else 1):
            async with connection.transaction():
                await connection.execute(f'SET LOCAL ROLE "{database.roles.person}"')
                for name, value in others.items():
                    await connection.execute(f"SET LOCAL {name} = '{value}'")
                for name in FORGOTTEN[setting]:
                    column = "id" if name == "identity" else "identity_id"
                    got = await attempt(connection, f"SELECT {column} FROM {name}")
                    assert isinstance(got, REFUSED), f"{name}: {got}"
            async with connection.transaction():
                await connection.execute(f'SET LOCAL ROLE "{database.roles.person}"')
                await connection.execute(f"SET LOCAL app.identity_id = '{two[0].id}'")
                assert await connection.fetchval("SELECT id FROM identity") == two[0].id
    finally:
        await connection.close()


async def test_the_programs_own_role_sees_nothing_of_identities(
    database: Database, database_urls: Urls, two: tuple[Somebody, Somebody]
) -> None:
    """Neither in a municipality's transaction nor in a shared one, nor by naming her without the role."""
    her = two[0]
    async with program(database_urls, f"SET LOCAL app.identity_id = '{her.id}'") as connection:
        await connection.execute(f"SET LOCAL app.known_by = '{her.hash.hex()}'")
        await connection.execute(f"SET LOCAL app.tenant_id = '{min(her.tenants)}'")
        for name in ("identity", "identity_key"):
            for statement in (f"SELECT 1 FROM {name}", *changes(name)):
                got = await attempt(connection, statement)
                assert isinstance(got, asyncpg.InsufficientPrivilegeError), statement
    async with database.transaction(min(her.tenants)) as db:
        rows = await db.scalars(select(Person.identity_id))
        assert her.id in set(rows)
        others = await db.execute(text("SELECT 1 FROM person WHERE tenant_id <> :t"), {"t": min(her.tenants)})
        assert others.first() is None
