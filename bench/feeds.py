"""Feeds, measured: one of 5,000 bookings, the answer that nothing is new, and 10,000 that are polled."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from icalendar import Calendar, Event

from bench.client import Client, header
from bench.feed_data import (
    CHANGE,
    CLUB,
    CLUB_PATH,
    PEOPLE,
    TENANT,
    Followed,
    as_owner,
    clone_events,
    followed,
    own_path,
)
from bench.memory import FILE
from bench.reading import in_turns
from bench.report import Row, at_most
from bench.server import served

SMALLEST = "/health/live"
"""The program's smallest answer: it asks nobody anything."""
CONNECTIONS = 8
CHANGED = 0.05
PEER_SQL = """
SELECT b.id, b.sequence, b.starts_at, b.ends_at, b.updated_at, a.title, r.name AS resource, f.name AS facility
FROM booking b JOIN application a ON a.tenant_id = b.tenant_id AND a.id = b.application_id
    JOIN resource r ON r.tenant_id = b.tenant_id AND r.id = b.resource_id
    JOIN facility f ON f.tenant_id = r.tenant_id AND f.id = r.facility_id
WHERE b.tenant_id = $1 AND b.association_id = $2 ORDER BY b.starts_at, b.id
"""


async def feed_rows(server_url: str, var_dir: Path, *, seconds: float, rounds: int) -> list[Row]:
    """All of them, on a database of their own."""
    found = await followed(server_url)
    connection = await as_owner(found.owner_url)
    try:
        async with served(found.program_url, var_dir) as port:
            client = Client(port)
            _, _, content = await client.hear(client.get(CLUB_PATH))  # which writes its events
            await clone_events(found)
            (var_dir / "feed.ics").write_bytes(content)
            rows = await _large(found, connection, client, content, var_dir, seconds=seconds, rounds=rounds)
            rows.append(await _nothing_new(client, seconds=seconds, rounds=rounds))
            rows.append(await _polled(found, connection, port, rounds=rounds))
            await client.close()
            return rows
    finally:
        await connection.close()


async def _large(
    found: Followed,
    connection: asyncpg.Connection,
    client: Client,
    content: bytes,
    var_dir: Path,
    *,
    seconds: float,
    rounds: int,
) -> list[Row]:
    club = found.people[-1]

    async def fetch(_: Any) -> None:
        status, body = await client.ask(client.get(CLUB_PATH))
        assert (status, len(body)) == (200, len(content))

    told = {FILE: str(var_dir / "feed.ics")}
    async with served(found.program_url, var_dir, instead="bench.memory:app", told=told) as port:
        memory = Client(port)

        async def fetch_bytes(_: Any) -> None:
            assert (await memory.ask(memory.get("/")))[1] == content

        kept, bare = await in_turns(fetch, [0], fetch_bytes, [0], seconds=seconds, rounds=rounds)
        await memory.close()
    after_a_change: list[float] = []
    peers: list[float] = []
    for _ in range(3 * rounds):
        await connection.execute(CHANGE, TENANT, [club])
        began = time.perf_counter()
        await fetch(0)
        after_a_change.append((time.perf_counter() - began) * 1000)
    rows: list[Any] = await connection.fetch(PEER_SQL, TENANT, CLUB)
    for _ in range(max(2, rounds // 2)):
        began = time.perf_counter()
        _built(rows)
        peers.append((time.perf_counter() - began) * 1000)
    name = f"feed of {len(rows):,} bookings ({len(content) / 1e6:.1f} MB) over HTTP"
    return [
        at_most(f"{name}, p50", kept, "ms", factor=3, limit=bare),
        _faster(f"{name}, against icalendar building it", kept, median(peers)),
        _faster(f"{name} after a booking changed, against the same", median(after_a_change), median(peers)),
    ]


def _faster(name: str, figure: float, peer: float) -> Row:
    ratio = peer / figure
    return Row(
        name=name, figure=figure, unit="ms", peer=peer, ratio=ratio, aim="≥ 20 × faster", aim_met=ratio >= 20
    )


def _built(rows: Sequence[Any]) -> bytes:
    """The peer: the same calendar by icalendar, from rows that have been read."""
    zone = ZoneInfo("Europe/Oslo")
    calendar: Any = Calendar.new(prodid="-//Peer//NO", version="2.0", name="Kalender")
    for row in rows:
        event: Any = Event()
        event.add("uid", f"booking-{row['id']}@peer")
        event.add("dtstamp", row["updated_at"])
        event.add("dtstart", row["starts_at"].astimezone(zone))
        event.add("dtend", row["ends_at"].astimezone(zone))
        event.add("sequence", row["sequence"])
        event.add("last-modified", row["updated_at"])
        event.add("status", "CONFIRMED")
        event.add("transp", "OPAQUE")
        event.add("class", "PUBLIC")
        event.add("location", f"{row['resource']}, {row['facility']}")
        event.add("summary", row["title"])
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


async def _nothing_new(client: Client, *, seconds: float, rounds: int) -> Row:
    """In short turns: the difference is small, and a machine has moods."""
    path = own_path(0)
    _, head, _ = await client.hear(client.get(path))
    asked = client.get(path, tag=header(head, b"etag").decode())

    async def poll(request: bytes) -> None:
        status, body = await client.ask(request)
        assert (status, body) == (304, b"")

    async def smallest(request: bytes) -> None:
        assert (await client.ask(request))[0] == 200

    known, least = await in_turns(
        poll, [asked], smallest, [client.get(SMALLEST)], seconds=seconds / 20, rounds=20 * rounds
    )
    return at_most("feed that has not changed (304), p50", known, "ms", factor=1.5, limit=least)


async def _polled(found: Followed, connection: asyncpg.Connection, port: int, *, rounds: int) -> Row:
    """All of them, again and again; before each time some have changed. Changing them is not measured."""
    draw = random.Random(5)  # the same each run
    clients = [Client(port) for _ in range(CONNECTIONS)]
    tags = dict.fromkeys(range(PEOPLE), "")
    new = 0

    async def poll(client: Client, numbers: Sequence[int]) -> None:
        nonlocal new
        for number in numbers:
            status, head, _ = await client.hear(client.get(own_path(number), tag=tags[number]))
            if status == 200:
                new += 1
                tags[number] = header(head, b"etag").decode()
            else:
                assert status == 304, status

    async def least(client: Client, numbers: Sequence[int]) -> None:
        request = client.get(SMALLEST)
        for _ in numbers:
            assert (await client.ask(request))[0] == 200

    async def rate(ask: Callable[[Client, Sequence[int]], Coroutine[Any, Any, None]]) -> float:
        began = time.perf_counter()
        shares = [range(first, PEOPLE, CONNECTIONS) for first in range(CONNECTIONS)]
        await asyncio.gather(*[ask(client, share) for client, share in zip(clients, shares, strict=True)])
        return PEOPLE / (time.perf_counter() - began)

    await rate(poll)
    ours: list[float] = []
    limits: list[float] = []
    for _ in range(rounds):
        some = draw.sample(range(PEOPLE), round(PEOPLE * CHANGED))
        await connection.execute(CHANGE, TENANT, [found.people[number] for number in some])
        new = 0
        ours.append(await rate(poll))
        assert new == len(some), f"{new} of {len(some)} were heard"
        limits.append(await rate(least))
    for client in clients:
        await client.close()
    figure, limit = median(ours), median(limits)
    return Row(
        name=f"{PEOPLE:,} feeds polled, {CHANGED:.0%} of them changed",
        figure=figure,
        unit="feeds/s",
        limit=limit,
        ratio=figure / limit,
        aim="≥ 0.5 × limit",
        aim_met=figure / limit >= 0.5,
    )
