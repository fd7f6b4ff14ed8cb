"""Databases to measure on: made once by bulk SQL, kept under var/bench, made anew when their shape changes."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.engine import make_url

from bench.shape import (
    CLOSES,
    NAMESPACE,
    OPENS,
    WEEKS_A_SEASON,
    Place,
    Shape,
    places,
    scale_for,
    series,
    sizes,
    tenant_id,
)
from core.db import Roles
from core.provision import connect, made_role_url, prepare
from people.service import hash_of

PREFIX = "ledig_bench_"
SECRET = "ledig_bench"
MADE = "complete"
SOURCES = (
    Path(__file__),
    Path(__file__).with_name("shape.py"),
    *sorted((Path(__file__).parent.parent / "migrations" / "versions").glob("*.py")),
)


class Measured:
    """A database that stands ready, with what is in it."""

    def __init__(self, owner_url: str, shape: Shape) -> None:
        self.shape = shape
        self.owner_url = owner_url
        self.program_url = made_role_url(owner_url)
        self.tenants = [places(number, size) for number, size in enumerate(sizes(shape))]


def slug(tenant: int) -> str:
    return f"kommune-{tenant}"


async def measured(server_url: str, shape: Shape) -> Measured:
    """The database of that shape: the one kept from an earlier run, or made now."""
    name = PREFIX + shape.key(*(path.read_text() for path in SOURCES))
    owner_url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    found = Measured(owner_url, shape)
    if not await _is_made(server_url, name):
        await drop(server_url, name)
        await _on(server_url, f'CREATE DATABASE "{name}"')
        await prepare(owner_url, found.program_url)
        await fill(found)
        await _on(server_url, f"COMMENT ON DATABASE \"{name}\" IS '{MADE}'")
    return found


async def peer_database(server_url: str) -> str:
    """Where libres keeps its own, fresh."""
    name = f"{PREFIX}libres"
    await drop(server_url, name)
    await _on(server_url, f'CREATE DATABASE "{name}"')
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


async def forget_others(server_url: str, keep: Sequence[str]) -> None:
    """Drops what earlier shapes left behind."""
    kept = {make_url(url).database for url in keep}
    connection = await connect(server_url)
    try:
        rows = await connection.fetch(
            "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", PREFIX
        )
    finally:
        await connection.close()
    for row in rows:
        if row["datname"] not in kept:
            await drop(server_url, row["datname"])


async def drop(server_url: str, name: str) -> None:
    """The database and its roles."""
    await _on(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    for role in ("program", "public", "relay", "person", "feeds", "owner"):
        await _on(server_url, f'DROP ROLE IF EXISTS "{name}_{role}"')


async def _is_made(server_url: str, name: str) -> bool:
    connection = await connect(server_url)
    try:
        comment: str | None = await connection.fetchval(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", name
        )
    finally:
        await connection.close()
    return comment == MADE


async def _on(url: str, statement: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


# Rows go in by the million; the claims' indexes and guard are built afterwards, which also proves the rows valid.
SET_ASIDE = """
SELECT conname AS name, pg_get_constraintdef(oid) AS definition, true AS is_constraint
FROM pg_constraint WHERE conrelid = 'claim'::regclass AND contype IN ('x', 'f')
UNION ALL
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), false
FROM pg_index WHERE indrelid = 'claim'::regclass AND NOT indisprimary
    AND indexrelid NOT IN (SELECT conindid FROM pg_constraint WHERE conrelid = 'claim'::regclass)
"""

EXPAND = """
CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS
SELECT gen_random_uuid() AS id, application_id, resource_id, starts_at,
    starts_at + make_interval(mins => minutes) AS ends_at
FROM (
    SELECT application_id, resource_id, minutes, week.day,
        (week.day + make_interval(mins => starts_minute)) AT TIME ZONE 'Europe/Oslo' AS starts_at
    FROM series, LATERAL generate_series(
        first_on::timestamp, first_on + ($WEEKS - 1) * 7, interval '7 days') AS week (day)
) AS occurrence
WHERE to_char(day, 'MMDD') BETWEEN '0103' AND '1222'
"""
APPLICATIONS = """
INSERT INTO application (tenant_id, id, person_id, title, public, activity, people, created_at)
SELECT $1, application_id, $2, 'Trening', true, 'handball', 20, now() FROM series
"""
BOOKINGS = """
INSERT INTO booking (tenant_id, id, application_id, resource_id, person_id, starts_at, ends_at,
    setup_minutes, cleanup_minutes, state, decided_at)
SELECT $1, id, application_id, resource_id, $2, starts_at, ends_at, 0, 15, 'confirmed', now() FROM wanted
"""
CLAIMS = """
INSERT INTO claim (tenant_id, id, unit_id, booking_id, rival_id, kind, starts_at, ends_at)
SELECT $1, gen_random_uuid(), unit_id, wanted.id, wanted.id, kind, starts_at,
    CASE kind WHEN 0 THEN ends_at ELSE ends_at + interval '15 minutes' END
FROM wanted JOIN resource_unit ON resource_unit.resource_id = wanted.resource_id, (VALUES (0), (1)) AS kinds (kind)
"""
CLOSURES = """
INSERT INTO closure (tenant_id, id, facility_id, starts_at, ends_at, reason)
SELECT $1, gen_random_uuid(), facility.id, (day + 0) AT TIME ZONE 'Europe/Oslo', (day + 4) AT TIME ZONE 'Europe/Oslo',
    'Julestengt'
FROM facility, unnest($2::date[]) AS day
"""
CLOSED = """
INSERT INTO claim (tenant_id, id, unit_id, booking_id, rival_id, kind, closing, starts_at, ends_at)
SELECT $1, gen_random_uuid(), unit.id, closure.id, closure.id, 1, true,
    starts_at + make_interval(hours => 24 * piece), starts_at + make_interval(hours => 24 * (piece + 1))
FROM closure JOIN unit ON unit.facility_id = closure.facility_id, generate_series(0, 3) AS piece
"""


async def as_owner(found: Measured) -> asyncpg.Connection:
    """A connection that row security binds to the municipality it names, also where the URL is a superuser's."""
    connection = await connect(found.owner_url)
    await connection.execute(
        f'SET ROLE "{Roles(await connection.fetchval("SELECT current_database()")).owner}"'
    )
    return connection


async def fill(found: Measured) -> None:
    """All rows of all municipalities."""
    shape = found.shape
    scale = scale_for(shape, [place for here in found.tenants for place in here])
    connection = await as_owner(found)
    try:
        aside = await connection.fetch(SET_ASIDE)
        for each in aside:
            drop = "ALTER TABLE claim DROP CONSTRAINT" if each["is_constraint"] else "DROP INDEX"
            await connection.execute(f"{drop} {each['name']}")
        for number, here in enumerate(found.tenants):
            async with connection.transaction():
                await connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id(number)}'")
                await _fill_tenant(connection, number, here)
                await _fill_bookings(connection, shape, here, scale)
        await connection.execute("SET maintenance_work_mem = '1GB'")
        for each in aside:
            constraint = f"ALTER TABLE claim ADD CONSTRAINT {each['name']} {each['definition']}"
            if each["definition"].startswith("FOREIGN KEY"):
                constraint += " NOT VALID"  # a validating scan would ask row security for a tenant
            await connection.execute(constraint if each["is_constraint"] else each["definition"])
        await connection.execute("RESET ROLE")
        await connection.execute("VACUUM ANALYZE")
        with suppress(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _fill_tenant(connection: asyncpg.Connection, number: int, here: Sequence[Place]) -> None:
    """The municipality, its places with their hours, and one person with a token."""
    me = tenant_id(number)
    await connection.execute(
        "INSERT INTO tenant (id, slug, number, organisation_number, name, languages) VALUES ($1, $2, $3, $3, $4, $5)",
        me,
        slug(number),
        str(1000 + number),
        f"Kommune {number}",
        ["nb", "nn", "en"],
    )
    person = person_id(number)
    await connection.execute("INSERT INTO person (tenant_id, id, name) VALUES ($1, $2, 'Kari')", me, person)
    await connection.execute(
        "INSERT INTO token (tenant_id, id, person_id, hash, label, scopes)"
        " VALUES ($1, gen_random_uuid(), $2, $3, 'bench', '{read,write}')",
        me,
        person,
        hash_of(SECRET),
    )
    facilities = sorted({place.facility_id for place in here})
    await connection.executemany(
        "INSERT INTO facility (tenant_id, id, key, name, latitude, longitude, accessibility, closed_in_school_holidays)"
        " VALUES ($1, $2, $3, $4, 58.9, 5.7, '{step_free,accessible_toilet}', false)",
        [(me, facility, facility.hex, f"Idrettshallen {n}") for n, facility in enumerate(facilities)],
    )
    await connection.execute(
        "INSERT INTO opening (tenant_id, id, facility_id, weekday, opens_minute, closes_minute)"
        " SELECT $1, gen_random_uuid(), facility.id, weekday, $2, $3 FROM facility, generate_series(1, 7) AS weekday",
        me,
        OPENS,
        CLOSES,
    )
    await connection.execute(
        "INSERT INTO school_holiday (tenant_id, id, name, from_on, until_on)"
        " SELECT $1, gen_random_uuid(), 'Vinterferie', day, day + 4"
        " FROM unnest('{2026-02-23,2026-10-05,2027-02-22,2027-10-04}'::date[]) AS day",
        me,
    )
    units = {unit: place for place in here for unit in place.unit_ids}
    await connection.executemany(
        "INSERT INTO unit (tenant_id, id, facility_id, key, name) VALUES ($1, $2, $3, $4, 'Del')",
        [(me, unit, place.facility_id, unit.hex) for unit, place in units.items()],
    )
    await connection.executemany(
        "INSERT INTO resource (tenant_id, id, facility_id, key, name, kind, activities, equipment, people,"
        " interval_minutes, min_minutes, max_minutes, cleanup_minutes, horizon_days, decision, search_text)"
        " VALUES ($1, $2, $3, $4, $5, 'hall', '{handball,volleyball,dance}', '{scoreboard,sound}', 100, 15, 30, 240,"
        " 15, 400, 'automatic', $6)",
        [
            (
                me,
                p.resource_id,
                p.facility_id,
                p.resource_id.hex,
                p.name,
                f"{p.name.lower()} idrettshallen hall",
            )
            for p in here
        ],
    )
    await connection.executemany(
        "INSERT INTO resource_unit (tenant_id, id, resource_id, unit_id) VALUES ($1, gen_random_uuid(), $2, $3)",
        [(me, place.resource_id, unit) for place in here for unit in place.unit_ids],
    )


async def _fill_bookings(
    connection: asyncpg.Connection, shape: Shape, here: Sequence[Place], scale: float
) -> None:
    me, person = tenant_id(here[0].tenant), person_id(here[0].tenant)
    taken = list(series(shape, here, scale))
    await connection.execute(
        "CREATE TEMPORARY TABLE series (application_id uuid, resource_id uuid, first_on date, starts_minute int,"
        " minutes int) ON COMMIT DROP"
    )
    await connection.copy_records_to_table("series", records=taken)
    await connection.execute(EXPAND.replace("$WEEKS", str(WEEKS_A_SEASON)))
    await connection.execute(APPLICATIONS, me, person)
    await connection.execute(BOOKINGS, me, person)
    await connection.execute(CLAIMS, me)
    christmas = [shape.anchor.replace(year=shape.anchor.year + n, month=12, day=24) for n in (-1, 0)]
    await connection.execute(CLOSURES, me, christmas)
    await connection.execute(CLOSED, me)


def person_id(tenant: int) -> UUID:
    """Who has all bookings of the data, and makes those that are measured."""
    return UUID(int=tenant_id(tenant).int ^ NAMESPACE.int)


async def tidy(found: Measured, tenant: int) -> None:
    """Takes away what measuring has booked: all that lies in the hours that the data leaves free."""
    connection = await as_owner(found)
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id(tenant)}'")
            rows: list[Any] = await connection.fetch(
                "SELECT id, application_id FROM booking WHERE tenant_id = $1 AND created_at > ("
                "SELECT created_at FROM person WHERE tenant_id = $1 AND id = $2)",
                tenant_id(tenant),
                person_id(tenant),
            )
            bookings, applications = ([row[n] for row in rows] for n in range(2))
            for statement, ids in (
                ("DELETE FROM claim WHERE tenant_id = $1 AND booking_id = ANY($2)", bookings),
                ("DELETE FROM audit_entry WHERE tenant_id = $1 AND row_id = ANY($2)", bookings),
                ("DELETE FROM booking WHERE tenant_id = $1 AND id = ANY($2)", bookings),
                ("DELETE FROM application WHERE tenant_id = $1 AND id = ANY($2)", applications),
            ):
                await connection.execute(statement, tenant_id(tenant), ids)
        await connection.execute("VACUUM ANALYZE claim")
    finally:
        await connection.close()
