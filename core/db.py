"""The door to PostgreSQL: one transaction, one tenant, opened by the caller and by nobody else."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy import (
    ForeignKeyConstraint,
    MetaData,
    Row,
    Select,
    UniqueConstraint,
    Uuid,
    event,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    UOWTransaction,
    mapped_column,
    with_loader_criteria,
)

from core.asking import Asking
from core.errors import AlreadyExists, Busy, Invalid, Refusal, TimeTaken
from core.ids import new_id
from core.texts import N_

logger = logging.getLogger("ledig")
T = TypeVar("T")
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]
"""Of columns chosen one by one: their types are not followed."""

RETRIED = {"40001", "40P01"}
"""Serialization failure and deadlock: the same work again is all it takes."""
TOO_BUSY = {"55P03", "57014", "53300", "57P01", "57P02", "57P03"}
"""Lock not to be had, statement timed out, too many connections; the server is stopping or starting."""
UNFIT = {"22000", "22001", "22003", "22007", "22008", "22021", "22P05"}
"""Values that do not fit a column: too long, out of range, no date, NUL. The last wall; schemas name the field."""


NO_ID = UUID(int=0)


class Stale(Exception):
    """What was read before a lock was had has changed since; the same work again is all it takes."""


class Base(DeclarativeBase):
    """All tables of all rooms. Constraint names are spelled by rule so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s",
            "fk": "%(table_name)s_%(column_1_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )


class TenantRow:
    """A row that belongs to one municipality. Feature code never writes `tenant_id`: the session does."""

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=new_id, sort_order=-1)


class TenantSession(Session):
    """A session that knows its tenant, fills it in on insert and asks for it in every ORM statement."""


@event.listens_for(TenantSession, "before_flush")
def _fill_tenant(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    for row in session.new:
        if isinstance(row, TenantRow):
            row.tenant_id = session.info["tenant_id"]


@event.listens_for(TenantSession, "do_orm_execute")
def _ask_for_tenant(state: ORMExecuteState) -> None:
    tenant_id = state.session.info.get("tenant_id")
    if tenant_id is None or not state.is_orm_statement or state.is_insert or state.is_column_load:
        return
    asked = _asked.setdefault(state.statement, {})
    if tenant_id not in asked:
        asked[tenant_id] = state.statement.options(_only(tenant_id))  # type: ignore[attr-defined]  # ORM statements all have options()
    state.statement = asked[tenant_id]


_asked: WeakKeyDictionary[Any, dict[UUID, Any]] = WeakKeyDictionary()
"""Statement → tenant → the same for that tenant. For statements that are made once, so is this, and SQLAlchemy knows
them again without looking through them."""


@lru_cache(maxsize=1024)
def _only(tenant_id: UUID) -> Any:
    return with_loader_criteria(TenantRow, lambda cls: cls.tenant_id == tenant_id, include_aliases=True)


class Database:
    """Connections of the program's own role. Make one per process and event loop."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        parsed = make_url(url).set(drivername="postgresql+asyncpg")
        assert parsed.database, "a database URL names its database"
        self.url = url
        self.roles = Roles(parsed.database)
        self.engine = create_async_engine(
            parsed,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            hide_parameters=True,  # errors go to logs and to dead letters; what a row says of a person does not
            connect_args={
                "server_settings": {
                    "application_name": "ledig",
                    "jit": "off",
                    "timezone": "UTC",
                    "lock_timeout": "10s",
                    "statement_timeout": "30s",
                    "idle_in_transaction_session_timeout": "60s",
                }
            },
        )
        self.asking = Asking(url, self.roles.feeds, size=pool_size)
        """What `feeds` may, a statement at a time (core/asking.py)."""
        self._sessions = async_sessionmaker(
            self.engine, sync_session_class=TenantSession, expire_on_commit=False, autoflush=False
        )

    @asynccontextmanager
    async def transaction(self, tenant_id: UUID) -> AsyncGenerator[AsyncSession, None]:
        """All or nothing for one municipality. Whatever is raised rolls back; a broken constraint is a Refusal."""
        async with self._opened(f"SET LOCAL app.tenant_id = '{tenant_id}'") as db:
            db.info["tenant_id"] = tenant_id
            yield db

    @asynccontextmanager
    async def shared(self) -> AsyncGenerator[AsyncSession, None]:
        """No tenant named: only the shared tables answer; on all others row security raises."""
        async with self._opened(None) as db:
            yield db

    @asynccontextmanager
    async def public(self) -> AsyncGenerator[AsyncSession, None]:
        """Public facts of all municipalities, free and claimed spans without who. Read only."""
        async with self._opened(f'SET LOCAL ROLE "{self.roles.public}"') as db:
            yield db

    @asynccontextmanager
    async def relay(self) -> AsyncGenerator[AsyncSession, None]:
        """The outbox of all municipalities, and nothing else."""
        async with self._opened(f'SET LOCAL ROLE "{self.roles.relay}"') as db:
            yield db

    @asynccontextmanager
    async def herself(
        self, *, known_by: Sequence[bytes] = (), identity_id: UUID | None = None
    ) -> AsyncGenerator[AsyncSession, None]:
        """One person over all municipalities, and nobody else: who is known by one of the hashes, or has that id.

        Row security shows nothing to who can name neither (docs/decisions/0007).
        """
        settings = [
            f'SET LOCAL ROLE "{self.roles.person}"',
            f"SET LOCAL app.known_by = '{','.join(each.hex() for each in known_by)}'",
            f"SET LOCAL app.identity_id = '{identity_id or NO_ID}'",
        ]
        async with self._opened("; ".join(settings)) as db:
            yield db

    @asynccontextmanager
    async def feeds(self) -> AsyncGenerator[AsyncSession, None]:
        """When something last changed for whom, and which feed a secret opens; never what. Read only.

        Of all municipalities: every statement names the one it asks about (docs/decisions/0010).
        """
        async with self._opened(f'SET LOCAL ROLE "{self.roles.feeds}"') as db:
            yield db

    @asynccontextmanager
    async def owner(self) -> AsyncGenerator[AsyncSession, None]:
        """As the owner of the tables, who sees what people are known by: for `ledig keys rotate` alone.

        The program's own role may not become it.
        """
        async with self._opened(f'SET LOCAL ROLE "{self.roles.owner}"') as db:
            yield db

    @asynccontextmanager
    async def _opened(self, first: str | None) -> AsyncGenerator[AsyncSession, None]:
        try:
            async with self._sessions() as db, db.begin():
                connection = await _connection(db)
                for statement in first.split("; ") if first is not None else ():
                    await connection.exec_driver_sql(statement)
                yield db
        except DBAPIError as error:
            refusal = refusal_for(error)
            if refusal is None:
                raise
            raise refusal from error

    async def run(
        self, tenant_id: UUID, work: Callable[[AsyncSession], Awaitable[T]], *, attempts: int = 6
    ) -> T:
        """`work` in a transaction of its own, again when PostgreSQL broke a deadlock, or when it finds that what it
        went by is Stale. Raises Busy at last.
        """
        for attempt in range(attempts):
            try:
                async with self.transaction(tenant_id) as db:
                    return await work(db)
            except DBAPIError as error:
                if sqlstate(error) not in RETRIED:
                    raise
            except Stale:
                pass
            await asyncio.sleep(random.uniform(0.005, 0.02) * 2**attempt)
        raise Busy(after_attempts=attempts)

    async def answers(self) -> None:
        """Raises unless the database answers."""
        async with self.shared() as db:
            await db.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.asking.close()
        await self.engine.dispose()


async def _connection(db: AsyncSession) -> AsyncConnection:
    """The session's connection. Raises Busy when the server is not there to be reached."""
    try:
        return await db.connection()
    except (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
        logger.warning("PostgreSQL cannot be reached: %s", error)
        raise Busy from error


class Roles:
    """Names of the database roles that belong to one database."""

    def __init__(self, database: str) -> None:
        self.owner = f"{database}_owner"
        self.program = f"{database}_program"
        self.public = f"{database}_public"
        self.relay = f"{database}_relay"
        self.person = f"{database}_person"
        self.feeds = f"{database}_feeds"


def sqlstate(error: DBAPIError) -> str | None:
    """The five letters of SQL's own error code."""
    return getattr(error.orig, "sqlstate", None)


def constraint_of(error: DBAPIError) -> str | None:
    cause = error.orig.__cause__ if error.orig is not None else None
    return getattr(cause, "constraint_name", None)


def refusal_for(error: DBAPIError) -> Refusal | None:
    """The refusal that a database error stands for; None when it is a fault of ours."""
    state, constraint = sqlstate(error), constraint_of(error) or ""
    if state in TOO_BUSY or error.connection_invalidated:
        return Busy()
    if isinstance(error, IntegrityError):
        if TimeTaken.constraint and constraint.startswith(TimeTaken.constraint):
            return TimeTaken(conflicts=[])
        if state == "23505":
            return AlreadyExists(field=_field_of(constraint))
        if state == "23503":
            return Invalid(
                field=_field_of(constraint), expected=N_("something that exists in this municipality")
            )
    if state in UNFIT:
        return Invalid(field="body", expected=N_("values that can be stored"))
    return None


def _field_of(constraint: str) -> str:
    """The column that a constraint is about, by the names that `Base` spells: the last one, which tells most."""
    for table in Base.metadata.sorted_tables:
        for key in table.constraints:
            if isinstance(key, UniqueConstraint | ForeignKeyConstraint):
                columns = [column.name for column in key.columns]
                spelled = [*columns, "key"] if isinstance(key, UniqueConstraint) else [*columns[1:], "fkey"]
                if constraint.startswith("_".join([table.name, *spelled])):
                    return columns[-1]
    return constraint
