"""A municipality of its own for one measurement, in a database that others measure in too."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from bench.database import Measured, as_owner
from core.ids import new_id
from core.provision import connect


@asynccontextmanager
async def guest(
    found: Measured, name: str, *, emptied: Sequence[str], guarded: Sequence[str] = ()
) -> AsyncGenerator[UUID, None]:
    """Its id. At the end its rows are gone from the tables `emptied`, which go in an order that keys allow; of those
    that are `guarded`, triggers look away meanwhile.
    """
    tenant_id = new_id()
    connection = await connect(found.owner_url)
    try:
        await connection.execute(
            "INSERT INTO tenant (id, slug, number, organisation_number, name, languages)"
            " VALUES ($1, $2, $2, $2, $2, '{nb}')",
            tenant_id,
            f"{name}-{tenant_id.hex[-8:]}",
        )
    finally:
        await connection.close()
    try:
        yield tenant_id
    finally:
        await _empty(found, tenant_id, (*emptied, "tenant"), guarded)


async def _empty(found: Measured, tenant_id: UUID, emptied: Sequence[str], guarded: Sequence[str]) -> None:
    connection = await as_owner(found)
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id}'")
            for table in guarded:
                await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for table in emptied:
                column = "id" if table == "tenant" else "tenant_id"
                await connection.execute(f"DELETE FROM {table} WHERE {column} = $1", tenant_id)
            for table in guarded:
                await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    finally:
        await connection.close()
