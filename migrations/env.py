"""Alembic's door: connects as the owner and becomes the role that owns the tables."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from core.db import Base, Roles
from web.tables import MODULES

assert MODULES, "they have told the metadata of themselves"


def run(connection: Connection) -> None:
    """All pending revisions, each in a transaction of its own, none waiting long for a lock."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    url = make_url(context.config.attributes["url"]).set(drivername="postgresql+asyncpg")
    assert url.database, "a database URL names its database"
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text(f'SET ROLE "{Roles(url.database).owner}"'))
        await connection.execute(text("SET lock_timeout = '5s'"))
        await connection.commit()
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(run_online())
