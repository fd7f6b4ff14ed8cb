"""What every tenant table gets in the migration that makes it: forced row security, its policies, its grants."""

from collections.abc import Sequence

from alembic import context, op
from sqlalchemy.engine import make_url

from core.db import Roles


def program() -> str:
    """The login the program connects as."""
    return str(context.config.attributes["program_role"])


def roles() -> Roles:
    """The group roles that belong to the database being migrated."""
    database = make_url(context.config.attributes["url"]).database
    assert database, "a database URL names its database"
    return Roles(database)


def wall(table: str, *, may: str = "SELECT, INSERT, UPDATE") -> None:
    """Row security by tenant for the program and the owner. The policy is plain, so that Citus can distribute it."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"""CREATE POLICY tenant ON {table} TO "{program()}", "{roles().owner}" """
        "USING (tenant_id = current_setting('app.tenant_id')::uuid) "
        "WITH CHECK (tenant_id = current_setting('app.tenant_id')::uuid)"
    )
    op.execute(f'GRANT {may} ON {table} TO "{program()}"')


def show(table: str, columns: Sequence[str], using: str = "true") -> None:
    """These columns of all municipalities to whoever asks as the public."""
    op.execute(f'CREATE POLICY public_facts ON {table} FOR SELECT TO "{roles().public}" USING ({using})')
    op.execute(f'GRANT SELECT ({", ".join(columns)}) ON {table} TO "{roles().public}"')


def relay(table: str) -> None:
    """All municipalities' rows to the relay."""
    op.execute(f'CREATE POLICY relay ON {table} TO "{roles().relay}" USING (true) WITH CHECK (true)')
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO "{roles().relay}"')


def feeds(table: str, columns: Sequence[str]) -> None:
    """These columns of all municipalities to whoever answers whether a feed has changed: ids, hashes, counts."""
    op.execute(f'CREATE POLICY feeds ON {table} FOR SELECT TO "{roles().feeds}" USING (true)')
    feeds_too(table, columns)


def feeds_too(table: str, columns: Sequence[str]) -> None:
    """More columns of a table that they may see already."""
    op.execute(f'GRANT SELECT ({", ".join(columns)}) ON {table} TO "{roles().feeds}"')


def herself(table: str, columns: Sequence[str], using: str, *, may: str = "SELECT") -> None:
    """These columns of one person's rows, in all municipalities, to whoever asks as that person."""
    op.execute(
        f'CREATE POLICY herself ON {table} TO "{roles().person}" USING ({using})'
        + (f" WITH CHECK ({using})" if may != "SELECT" else "")
    )
    op.execute(f'GRANT SELECT ({", ".join(columns)}) ON {table} TO "{roles().person}"')


def free_owner(*tables: str) -> None:
    """For a migration that looks at rows of all municipalities: the owner alone is not bound until `bind_owner`."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")


def bind_owner(*tables: str) -> None:
    """The end of `free_owner`, in the same transaction."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
