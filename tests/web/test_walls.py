"""Row security from below: what PostgreSQL itself lets the program's roles see and do, table by table."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Table, Uuid
from sqlalchemy.engine import make_url

from core.db import Base, Database
from core.ids import new_id
from core.provision import UnsafeRole, connect, refuse_powerful_role
from tests.conftest import Urls
from tests.web.towns import SHARED_TABLES, TABLES, Town, contents, public_columns

REFUSED = (
    asyncpg.InsufficientPrivilegeError,
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidTextRepresentationError,
)
"""No right, no tenant ever named, the tenant named empty."""

UNSEEN = {
    "facility": {"version"},
    "decision_policy": {"id", "version"},
    "claim": {"id", "booking_id", "rival_id"},
    "provider_account": {"id", "state", "wants", "created_at", "created_by", "read_at"},
}
"""Of the tables that the public may read: columns it may not."""
PUBLIC = {
    "claim",
    "decision_policy",
    "extra_opening",
    "facility",
    "opening",
    "provider_account",
    "resource",
    "resource_unit",
    "school_holiday",
    "unit",
}
RELAYED = {"outbox", "outbox_done"}


@asynccontextmanager
async def program(urls: Urls, first: str | None = None) -> AsyncGenerator[asyncpg.Connection, None]:
    """The program's own login, after a first statement in a transaction that is rolled back."""
    connection = await connect(urls.program)
    try:
        transaction = connection.transaction()
        await transaction.start()
        if first is not None:
            await connection.execute(first)
        yield connection
        await transaction.rollback()
    finally:
        await connection.close()


def as_tenant(town: Town) -> str:
    return f"SET LOCAL app.tenant_id = '{town.tenant.id}'"


async def attempt(connection: asyncpg.Connection, statement: str, *values: Any) -> str | Exception:
    """What became of a statement, without ending the transaction around it."""
    try:
        async with connection.transaction():
            return await connection.execute(statement, *values)
    except asyncpg.PostgresError as error:
        return error


async def test_every_table_of_the_database_is_known_to_these_tests(database_urls: Urls) -> None:
    """Those that exist, those that the program knows, and those that are tried below, are the same."""
    connection = await connect(database_urls.owner)
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    await connection.close()
    there = {row["relname"] for row in rows} - {"alembic_version"}
    assert there == set(TABLES) | SHARED_TABLES == set(Base.metadata.tables)
    assert {"tenant", "tenant_host", "identity", "identity_key", "rate_bucket"} == SHARED_TABLES


async def test_every_table_holds_a_row_of_the_other_town(database: Database, there: Town) -> None:
    """Else not to see it would prove nothing."""
    assert {name for name, (count, _) in (await contents(database, there.tenant)).items() if count} == set(
        TABLES
    )


@pytest.mark.parametrize("name", sorted(TABLES))
async def test_rows_of_the_other_town_are_not_there(
    database: Database, database_urls: Urls, here: Town, there: Town, name: str
) -> None:
    """Not to be read, changed, moved, removed, or put in its place."""
    before = await contents(database, there.tenant)
    async with program(database_urls, as_tenant(here)) as connection:
        tenants = {row["tenant_id"] for row in await connection.fetch(f"SELECT tenant_id FROM {name}")}
        assert tenants == {here.tenant.id}
        for statement in (
            f"UPDATE {name} SET id = id WHERE tenant_id = $1",
            f"DELETE FROM {name} WHERE tenant_id = $1",
        ):
            done = await attempt(connection, statement, there.tenant.id)
            assert isinstance(done, asyncpg.InsufficientPrivilegeError) or done in {"UPDATE 0", "DELETE 0"}
        moved = await attempt(connection, f"UPDATE {name} SET tenant_id = $1", there.tenant.id)
        assert isinstance(moved, asyncpg.InsufficientPrivilegeError), moved
        columns = ", ".join(f'"{column.name}"' for column in TABLES[name].c if column.computed is None)
        values = columns.replace('"tenant_id"', "$1", 1).replace('"id"', "$2", 1)
        put = await attempt(
            connection,
            f"INSERT INTO {name} ({columns}) SELECT {values} FROM {name}",
            there.tenant.id,
            new_id(),
        )
        assert isinstance(put, asyncpg.InsufficientPrivilegeError), put
        assert "row-level security" in str(put)
        emptied = await attempt(connection, f"TRUNCATE {name} CASCADE")
        assert isinstance(emptied, asyncpg.InsufficientPrivilegeError)
    assert await contents(database, there.tenant) == before


@pytest.mark.parametrize("name", sorted(TABLES))
async def test_a_forgotten_tenant_is_an_error(database_urls: Urls, there: Town, name: str) -> None:
    """Not an empty list: also on a connection that has named a tenant before."""
    connection = await connect(database_urls.program)
    try:
        for _ in range(2):
            for statement in (f"SELECT 1 FROM {name}", f"UPDATE {name} SET id = id", f"DELETE FROM {name}"):
                assert isinstance(await attempt(connection, statement), REFUSED), statement
            async with connection.transaction():
                await connection.execute(as_tenant(there))
                assert await connection.fetchval(f"SELECT count(*) FROM {name}") >= 1
    finally:
        await connection.close()


@pytest.mark.parametrize("name", sorted(TABLES))
async def test_keys_begin_with_the_tenant(database_urls: Urls, name: str) -> None:
    """Primary, foreign, unique and exclusion keys alike: without it, one town's value bars the other's."""
    connection = await connect(database_urls.owner)
    rows = await connection.fetch(
        "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        " WHERE i.indrelid = $1::regclass AND (i.indisunique OR i.indisexclusion)",
        name,
    )
    foreign = await connection.fetch(
        "SELECT conname, a.attname FROM pg_constraint JOIN pg_attribute a ON a.attrelid = conrelid"
        " AND a.attnum = conkey[1] WHERE contype = 'f' AND conrelid = $1::regclass"
        " AND confrelid <> 'identity'::regclass",  # who somebody is, is no municipality's own
        name,
    )
    await connection.close()
    assert rows
    assert {row["attname"] for row in [*rows, *foreign]} == {"tenant_id"}


FOREIGN = [
    (table, column.name)
    for table in TABLES.values()
    for column in table.c
    if column.name != "tenant_id" and {key.column.table.name for key in column.foreign_keys} - SHARED_TABLES
]
ALSO_SET = {
    f"invitation.{column}": ", association_id = NULL, role = 'reader'"
    for column in ("facility_id", "resource_id")
} | {"pay_order.credits_id": ", kind = 'credit'"}
"""What a check asks for when the column holds something: only staff are invited to a place, only credits credit."""


@pytest.mark.parametrize(
    ("table", "column"), FOREIGN, ids=[f"{table.name}.{column}" for table, column in FOREIGN]
)
async def test_a_foreign_key_cannot_cross(
    database_urls: Urls, here: Town, there: Town, table: Table, column: str
) -> None:
    """As the owner of the tables, so that nothing but the key itself stands in the way."""
    target = next(iter(table.c[column].foreign_keys)).column.table.name
    connection = await connect(database_urls.owner)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(f'SET LOCAL ROLE "{make_url(database_urls.owner).database}_owner"')
        await connection.execute(as_tenant(here))
        scopes = [name for name in ("facility_id", "resource_id", "unit_id") if name in table.c]
        others = (
            [name for name in scopes if name != column and table.c[name].nullable] if column in scopes else []
        )
        also = "".join(f", {name} = NULL" for name in others)
        also += ALSO_SET.get(f"{table.name}.{column}", "")
        crossed = await attempt(
            connection,
            f"UPDATE {table.name} SET {column} = $1{also} WHERE id = $2",
            there.ids[target],
            here.ids[table.name],
        )
        assert isinstance(crossed, asyncpg.ForeignKeyViolationError), crossed
        kept = await attempt(
            connection,
            f"UPDATE {table.name} SET {column} = $1{also} WHERE id = $2",
            here.ids[target],
            here.ids[table.name],
        )
        assert kept == "UPDATE 1"
        await transaction.rollback()
    finally:
        await connection.close()


def test_every_id_column_is_held_by_a_foreign_key() -> None:
    """But for those that may name a thing of several tables, or one that is gone."""
    free = {
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.c
        if isinstance(column.type, Uuid)
        and not column.foreign_keys
        and column.name not in {"id", "tenant_id"}
    }
    assert free == {
        "audit_entry.actor_id",
        "audit_entry.row_id",
        "booking.decided_by",
        "booking.ended_by",
        "change_log.association_id",
        "change_log.person_id",
        "change_log.resource_id",
        "change_log.team_id",
        "change_log.thing_id",
        "claim.booking_id",
        "claim.rival_id",
        "closure.created_by",
        "deposit.by_id",
        "export_run.created_by",
        "feed.thing_id",
        "idempotency_key.person_id",
        "invitation.accepted_by",
        "invitation.invited_by",
        "invoice_run.created_by",
        "invoice_run.issued_by",
        "leader_claim.decided_by",
        "letter.person_id",
        "text_message.person_id",
        "webhook_delivery.change_id",
        "outbox_done.message_id",
        "pay_difference.order_id",
        "pay_difference.settled_by",
        "pay_order.by_id",
        "provider_account.created_by",
        "refund.by_id",
        "role_grant.granted_by",
        "stored_file.person_id",
    }


async def test_the_public_sees_these_columns_and_no_others(database: Database, database_urls: Urls) -> None:
    expected = {name: {column.name for column in TABLES[name].c} - UNSEEN.get(name, set()) for name in PUBLIC}
    seen = await public_columns(database)
    assert {name: seen[name] for name in PUBLIC} == expected
    assert set(seen) == PUBLIC | {"tenant", "tenant_host"}
    async with program(database_urls, f'SET LOCAL ROLE "{database.roles.public}"') as connection:
        for table in TABLES.values():
            for column in table.c:
                got = await attempt(connection, f'SELECT "{column.name}" FROM {table.name} LIMIT 1')
                may = column.name in expected.get(table.name, set())
                assert isinstance(got, asyncpg.InsufficientPrivilegeError) is not may, (
                    f"{table.name}.{column.name}"
                )


def changes(name: str) -> list[str]:
    """Every way to change a table."""
    column = next(iter(Base.metadata.tables[name].primary_key)).name
    return [
        f"INSERT INTO {name} DEFAULT VALUES",
        f"UPDATE {name} SET {column} = {column}",
        f"DELETE FROM {name}",
        f"TRUNCATE {name} CASCADE",
    ]


@pytest.mark.parametrize("role", ["public", "relay"])
async def test_the_narrow_roles_change_nothing_but_the_outbox(
    database: Database, database_urls: Urls, there: Town, role: str
) -> None:
    before = await contents(database, there.tenant)
    async with program(database_urls, f'SET LOCAL ROLE "{getattr(database.roles, role)}"') as connection:
        for name in [*TABLES, *SHARED_TABLES]:
            for statement in changes(name):
                if role == "relay" and name in RELAYED and "TRUNCATE" not in statement:
                    continue
                assert isinstance(await attempt(connection, statement), asyncpg.InsufficientPrivilegeError), (
                    statement
                )
    assert await contents(database, there.tenant) == before


async def test_the_relay_sees_the_outbox_and_no_more(
    database: Database, database_urls: Urls, here: Town, there: Town
) -> None:
    async with program(database_urls, f'SET LOCAL ROLE "{database.roles.relay}"') as connection:
        for name in TABLES:
            got = await attempt(connection, f"SELECT 1 FROM {name} LIMIT 1")
            assert isinstance(got, asyncpg.InsufficientPrivilegeError) is (name not in RELAYED), name
        tenants = {row["tenant_id"] for row in await connection.fetch("SELECT tenant_id FROM outbox")}
    assert tenants >= {here.tenant.id, there.tenant.id}


async def test_the_programs_own_login_writes_no_tenant_and_makes_nothing(
    database_urls: Urls, there: Town
) -> None:
    async with program(database_urls, as_tenant(there)) as connection:
        for statement in (
            "UPDATE tenant SET name = name",
            "DELETE FROM tenant",
            "INSERT INTO tenant_host SELECT 'x.test', id FROM tenant LIMIT 1",
            "CREATE TABLE mine (id int)",
            "ALTER TABLE person NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY tenant ON person",
            "CREATE POLICY mine ON person USING (true)",
            "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "COPY person TO PROGRAM 'true'",
            "CREATE ROLE mine",
            f'SET ROLE "{make_url(database_urls.owner).database}_owner"',
            "UPDATE audit_entry SET action = 'x'",
            "DELETE FROM audit_entry",
        ):
            done = await attempt(connection, statement)
            assert isinstance(done, asyncpg.InsufficientPrivilegeError), f"{statement}: {done}"


@pytest.fixture
async def role(database_urls: Urls) -> AsyncGenerator[Callable[[str], Any], None]:
    """Makes a login with the rights it is given, and takes it away again."""
    name, owner = f"{make_url(database_urls.owner).database}_odd", await connect(database_urls.owner)
    url = make_url(database_urls.program).set(username=name, password="odd")  # it lives for a test

    async def make_role(rights: str) -> str:
        await owner.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'odd' {rights}")
        return url.render_as_string(hide_password=False)

    yield make_role
    await owner.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')
    await owner.close()


async def test_the_role_that_the_program_gets_is_accepted(database_urls: Urls) -> None:
    await refuse_powerful_role(database_urls.program)


@pytest.mark.parametrize(
    ("rights", "word"),
    [
        ("SUPERUSER", "superuser"),
        ("BYPASSRLS NOINHERIT", "BYPASSRLS"),
        ("CREATEROLE NOINHERIT", "CREATEROLE"),
        ("INHERIT", "INHERIT"),
    ],
)
async def test_a_powerful_role_is_refused(role: Callable[[str], Any], rights: str, word: str) -> None:
    with pytest.raises(UnsafeRole, match=word):
        await refuse_powerful_role(await role(rights))


async def test_the_owner_of_the_tables_is_refused(role: Callable[[str], Any], database_urls: Urls) -> None:
    database = make_url(database_urls.owner).database
    url = await role(f'NOINHERIT IN ROLE "{database}_owner"')
    with pytest.raises(UnsafeRole, match="owns"):
        await refuse_powerful_role(url)


@pytest.mark.parametrize("walls", ["", "ENABLE"])
async def test_a_table_without_forced_row_security_is_refused(database_urls: Urls, walls: str) -> None:
    owner = await connect(database_urls.owner)
    await owner.execute("CREATE TABLE bare (tenant_id uuid, id uuid)")
    if walls:
        await owner.execute(f"ALTER TABLE bare {walls} ROW LEVEL SECURITY")
    try:
        with pytest.raises(UnsafeRole, match="bare has no forced row security"):
            await refuse_powerful_role(database_urls.program)
    finally:
        await owner.execute("DROP TABLE bare")
        await owner.close()
