"""A municipality with 10,000 people who each follow their own bookings, and a club with 5,000. Made for each run."""

from typing import Any, NamedTuple
from uuid import UUID, uuid5

import asyncpg
from sqlalchemy.engine import make_url

from bench.database import PREFIX, drop
from bench.shape import NAMESPACE
from core.db import Roles
from core.provision import connect, made_role_url, prepare

PEOPLE = 10_000
OWN = 8
"""Bookings of each of them."""
MANY = 5_000
"""Of the club."""
SLUG = "kalender"
TENANT = uuid5(NAMESPACE, "feeds")
CLUB = uuid5(NAMESPACE, "club")
HALL = uuid5(NAMESPACE, "hall")
ROOM = uuid5(NAMESPACE, "room")
UNIT = uuid5(NAMESPACE, "unit")

PLACES = f"""
INSERT INTO tenant (id, slug, number, organisation_number, name, languages)
    VALUES ('{TENANT}', '{SLUG}', '9999', '9999', 'Kalender', '{{nb}}');
INSERT INTO facility (tenant_id, id, key, name) VALUES ('{TENANT}', '{HALL}', 'hall', 'Idrettshallen');
INSERT INTO resource (tenant_id, id, facility_id, key, name, kind)
    VALUES ('{TENANT}', '{ROOM}', '{HALL}', 'sal', 'Sal A', 'hall');
INSERT INTO unit (tenant_id, id, facility_id, key, name) VALUES ('{TENANT}', '{UNIT}', '{HALL}', 'a', 'Del');
INSERT INTO resource_unit (tenant_id, id, resource_id, unit_id)
    VALUES ('{TENANT}', gen_random_uuid(), '{ROOM}', '{UNIT}');
INSERT INTO association (tenant_id, id, name) VALUES ('{TENANT}', '{CLUB}', 'Sandve IL');
"""
ROWS = (
    """
    CREATE TEMPORARY TABLE who AS SELECT n, gen_random_uuid() AS person_id, gen_random_uuid() AS application_id
    FROM generate_series(0, $PEOPLE) AS n
    """,
    "INSERT INTO person (tenant_id, id, name) SELECT $TENANT, person_id, 'Kari ' || n FROM who",
    """
    INSERT INTO feed (tenant_id, id, person_id, kind, thing_id, variant, label, hash, created_at)
    SELECT $TENANT, gen_random_uuid(), person_id, 'person', NULL, 'full', 'Telefon',
        sha256(convert_to(lpad(n::text, 22, '0'), 'UTF8')), now() FROM who WHERE n < $PEOPLE
    """,
    """
    INSERT INTO application (tenant_id, id, person_id, association_id, title, public, activity, people, created_at)
    SELECT $TENANT, application_id, person_id, CASE n WHEN $PEOPLE THEN $CLUB END, 'Håndballtrening', true, 'handball',
        20, now() FROM who
    """,
    """
    INSERT INTO booking (tenant_id, id, application_id, resource_id, person_id, association_id, starts_at, ends_at,
        setup_minutes, cleanup_minutes, state, decided_at)
    SELECT $TENANT, gen_random_uuid(), application_id, $ROOM, person_id, CASE n WHEN $PEOPLE THEN $CLUB END, at,
        at + interval '90 minutes', 0, 15, 'confirmed', now()
    FROM who, LATERAL (
        SELECT date_trunc('hour', now()) + i * interval '100 minutes' AS at
        FROM generate_series(1, CASE n WHEN $PEOPLE THEN $MANY ELSE $OWN END) AS i
    ) AS times
    """,
    """
    INSERT INTO change_log (tenant_id, id, xid, kind, thing_id, version, state, resource_id, association_id, person_id,
        at) SELECT tenant_id, gen_random_uuid(), 0, 'booking', id, version, state, resource_id, association_id,
        person_id, updated_at FROM booking WHERE tenant_id = $TENANT
    """,
)
CLONE = """
INSERT INTO feed_event (tenant_id, id, version, text_version, is_shown, is_public, head, times, place, public, "full")
SELECT b.tenant_id, b.id, b.version, b.text_version, e.is_shown, e.is_public, replace(e.head, e.id::text, b.id::text),
    e.times, e.place, e.public, replace(e."full", e.id::text, b.id::text)
FROM booking b JOIN booking twin ON twin.tenant_id = b.tenant_id AND twin.starts_at = b.starts_at
    JOIN feed_event e ON e.tenant_id = twin.tenant_id AND e.id = twin.id
WHERE b.tenant_id = $1 AND b.person_id <> twin.person_id ON CONFLICT DO NOTHING
"""
"""The others' events, from those of one of them whom the program has written: as long, and as many."""
CHANGE = """
WITH changed AS (
    UPDATE booking SET version = version + 1, sequence = sequence + 1, updated_at = now()
    WHERE tenant_id = $1 AND id IN (
        SELECT DISTINCT ON (person_id) id FROM booking WHERE tenant_id = $1 AND person_id = ANY($2)
    ) RETURNING *
)
INSERT INTO change_log (tenant_id, id, kind, thing_id, version, state, resource_id, association_id, person_id)
SELECT tenant_id, gen_random_uuid(), 'booking', id, version, state, resource_id, association_id, person_id FROM changed
"""
"""One booking of each of the people."""


class Followed(NamedTuple):
    """A database that stands ready."""

    owner_url: str
    program_url: str
    people: list[UUID]
    """Whose feeds they are, by number; the last is the club's."""


def own_path(number: int) -> str:
    """A person's secret address."""
    return f"/ical/t/{SLUG}.{number:022}.ics"


CLUB_PATH = f"/ical/{SLUG}/associations/{CLUB}.ics"


async def followed(server_url: str) -> Followed:
    """People, places, bookings; no event is written yet."""
    name = f"{PREFIX}feeds"
    await drop(server_url, name)
    connection = await connect(server_url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    owner_url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    program_url = made_role_url(owner_url)
    await prepare(owner_url, program_url)
    connection = await as_owner(owner_url)
    await connection.execute(PLACES)
    await connection.execute(_filled_in(";".join(ROWS)))
    rows: list[Any] = await connection.fetch("SELECT person_id FROM who ORDER BY n")
    await connection.execute("ANALYZE")
    await connection.close()
    return Followed(owner_url, program_url, [row["person_id"] for row in rows])


def _filled_in(statements: str) -> str:
    words = {"$TENANT": f"'{TENANT}'::uuid", "$CLUB": f"'{CLUB}'::uuid", "$ROOM": f"'{ROOM}'::uuid"}
    for word, value in {**words, "$PEOPLE": PEOPLE, "$MANY": MANY, "$OWN": OWN}.items():
        statements = statements.replace(word, str(value))
    return statements


async def clone_events(found: Followed) -> None:
    """Once the program has written the club's."""
    connection = await as_owner(found.owner_url)
    await connection.execute(CLONE, TENANT)
    await connection.execute("RESET ROLE")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def as_owner(url: str) -> asyncpg.Connection:
    """In the one municipality."""
    connection = await connect(url)
    owner = Roles(await connection.fetchval("SELECT current_database()")).owner
    await connection.execute(f'SET ROLE "{owner}"')
    await connection.execute(f"SET app.tenant_id = '{TENANT}'")
    return connection
