"""Makes the empty database that a URL names, for CI; one that is there is left alone."""

import sys
from urllib.parse import urlsplit

import psycopg
from psycopg import sql


def main(url: str) -> int:
    """0 when the database is there."""
    parts = urlsplit(url)
    name = parts.path.removeprefix("/")
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            print(f"Made database {name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
