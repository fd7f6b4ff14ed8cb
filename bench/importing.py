"""A calendar of 5,000 events fetched, measured: the first time, unchanged, and as the bare rows that it writes."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from bench.database import Measured
from bench.guest import guest
from bench.report import Row, at_most
from calendar_feeds.incoming.fetching import fetch
from calendar_feeds.incoming.models import CalendarImport
from core.db import Database
from core.delivery import Door
from core.ids import new_id
from core.provision import connect
from core.settings import Settings
from core.spans import utc_now
from core.vault import vault_of
from people.models import Person
from resources.models import Facility, Resource, ResourceUnit, Unit

EVENTS = 5000
A_DAY = 25
"""Events, each of half an hour."""
IMPORT = f"import of {EVENTS:,} events, fetched, read and carried out, p50"
AGAIN = "the same, unchanged, p50"
TAG = '"1"'
WRITTEN = {
    "closure": "id",
    "claim": "booking_id",
    "change_log": "thing_id",
    "audit_entry": "row_id",
    "imported_event": "closure_id",
}
"""Table → what of its rows is a closure's id: what one import writes, in an order that keys allow."""
EMPTIED = (
    *("imported_event", "calendar_import", "change_log", "audit_entry", "claim", "closure"),
    *("outbox", "resource_unit", "resource", "unit", "facility", "person"),
)


async def importing_rows(found: Measured, var_dir: Path, *, rounds: int) -> list[Row]:
    """In a municipality of its own, which is gone afterwards; each round into a hall of its own."""
    settings = Settings(var_dir=var_dir, call_networks=("127.0.0.0/8",))
    first: list[float] = []
    again: list[float] = []
    raw: list[float] = []
    async with guest(found, "import", emptied=EMPTIED) as tenant_id, _host() as address:
        database, connection = Database(found.program_url, pool_size=2), await connect(found.program_url)
        door = Door(database, tenant_id, settings)
        try:
            for _ in range(rounds):
                async with door() as db:
                    import_id = await _attached(db, vault_of(settings).seal(address))
                first.append(await _fetched(door, import_id))
                again.append(await _fetched(door, import_id))
                raw.append(await _raw(connection, tenant_id, import_id))
        finally:
            await connection.close()
            await database.close()
    whole, same = median(first), median(again)
    return [
        at_most(IMPORT, whole, "ms", factor=6, limit=median(raw)),
        Row(
            name=AGAIN,
            figure=same,
            unit="ms",
            peer=whole,
            ratio=whole / same,
            aim="≥ 50 × faster than the first",
            aim_met=whole >= 50 * same,
        ),
    ]


async def _fetched(door: Door, import_id: UUID) -> float:
    started = time.perf_counter()
    await fetch(door, import_id, utc_now())
    return (time.perf_counter() - started) * 1000


@asynccontextmanager
async def _host() -> AsyncGenerator[str, None]:
    """Serves the calendar, and says 304 to who has it."""
    body = _calendar()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        if f"if-none-match: {TAG}".encode() in asked.lower():
            writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\n")
        else:
            head = f"HTTP/1.1 200 OK\r\nETag: {TAG}\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/calendar.ics"


def _calendar() -> bytes:
    tomorrow = utc_now().replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=1)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//nb"]
    for number in range(EVENTS):
        day, slot = divmod(number, A_DAY)
        start = tomorrow + timedelta(days=day, minutes=30 * slot)
        lines += [
            "BEGIN:VEVENT",
            f"UID:event-{number}@skole.example",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
            f"DTEND:{start + timedelta(minutes=30):%Y%m%dT%H%M%SZ}",
            f"SUMMARY:Matematikk {number % 9}A",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


async def _attached(db: AsyncSession, address: bytes) -> UUID:
    """To a new hall of one unit."""
    now = utc_now()
    facility, unit, hall, person, row = (new_id() for _ in range(5))
    db.add(Facility(id=facility, key=f"f{facility.hex}", name="Hall", closed_on_public_holidays=False))
    db.add(Person(id=person, name="Kari"))
    await db.flush()
    db.add(Unit(id=unit, facility_id=facility, key=f"u{unit.hex}", name="Del"))
    db.add(
        Resource(
            id=hall,
            facility_id=facility,
            key=f"r{hall.hex}",
            name="Sal",
            kind="hall",
            decision="automatic",
            search_text="sal",
        )
    )
    await db.flush()
    db.add(ResourceUnit(resource_id=hall, unit_id=unit))
    db.add(
        CalendarImport(
            id=row,
            resource_id=hall,
            address=address,
            under="",
            host="127.0.0.1",
            label="Timeplan",
            kind="closures",
            shows_title=False,
            every_minutes=60,
            state="on",
            due_at=now,
            created_at=now,
            created_by=person,
        )
    )
    await db.flush()
    return row


async def _raw(connection: asyncpg.Connection, tenant_id: UUID, import_id: UUID) -> float:
    """Milliseconds that inserting the same rows again takes, under other ids, and taken back afterwards."""
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id}'")
    found = await connection.fetch("SELECT closure_id FROM imported_event WHERE import_id = $1", import_id)
    closures = [row["closure_id"] for row in found]
    ids: dict[Any, UUID] = {}
    inserts: list[tuple[str, list[tuple[Any, ...]]]] = []
    for table, of_closure in WRITTEN.items():
        statement = f"SELECT * FROM {table} WHERE tenant_id = $1 AND {of_closure} = ANY($2)"  # fixed names
        rows = await connection.fetch(statement, tenant_id, closures)
        assert rows, f"an import writes {table}"
        for row in rows:
            ids.setdefault(row["id"], new_id())
        columns = list(rows[0].keys())
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # fixed names
        inserts.append((statement, [_renamed(row, ids) for row in rows]))
    started = time.perf_counter()
    for statement, values in inserts:
        await connection.executemany(statement, values)
    took = (time.perf_counter() - started) * 1000
    await transaction.rollback()
    return took


def _renamed(row: asyncpg.Record, ids: dict[Any, UUID]) -> tuple[Any, ...]:
    return tuple(
        f"{value}-" if name == "key" else ids.get(value, value) if isinstance(value, UUID) else value
        for name, value in row.items()
    )
