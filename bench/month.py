"""A month of a hundred resources, in-process: ours, and libres with the same reservations."""

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import msgspec

from bench.database import Measured
from bench.report import Row
from bench.shape import tenant_id
from bench.writing import peer
from booking.availability import free_spans
from booking.claims import terms_for, window_of
from booking.guard import open_board
from core.db import Database
from core.provision import connect
from core.spans import Span, local_day, utc_now
from resources.facts import Wanted
from resources.queries import bookable
from web.app import calm_collector

OSLO = ZoneInfo("Europe/Oslo")
RESOURCES = 100
DAYS = 30
BOOKED = """
SELECT resource_id, starts_at, ends_at FROM booking
WHERE tenant_id = $1 AND resource_id = ANY($2) AND starts_at >= $3 AND ends_at <= $4 ORDER BY starts_at
"""


def first_day(found: Measured) -> date:
    return found.shape.anchor + timedelta(weeks=8)


async def month_row(found: Measured, peer_url: str, *, rounds: int) -> Row:
    """Free spans of each of them, against libres' share of free time per day."""
    first = first_day(found)
    window = Span(local_day(OSLO, first).start, local_day(OSLO, first + timedelta(days=DAYS)).start)
    ids = [place.resource_id for place in found.tenants[0]][:RESOURCES]
    calm_collector()  # as the server's workers do
    database = Database(found.program_url, pool_size=1)
    took: list[float] = []
    for _ in range(5 * rounds):
        started = time.perf_counter()
        spans = await months(database, window)
        took.append((time.perf_counter() - started) * 1000)
        assert len(spans) == len(ids), len(spans)
        assert all(spans), "each is free at some time"
    await database.close()
    times = await _booked(found, window)
    given = msgspec.json.encode(times)
    theirs: list[float] = peer(peer_url, "month", first.isoformat(), DAYS, 3 * rounds, given=given)
    ours, libres = median(took), median(theirs)
    return Row(
        name=f"month view of {len(ids)} resources",
        figure=ours,
        unit="ms",
        peer=libres,
        ratio=libres / ours,
        aim="≥ 40 × faster than peer",
        aim_met=libres >= 40 * ours,
    )


async def months(database: Database, window: Span) -> Sequence[Sequence[Span]]:
    """As every page and answer of ours finds it."""
    now = utc_now()
    async with database.transaction(tenant_id(0)) as db:
        here = await bookable(db, Wanted(), window)
        units = [unit.id for each in here for unit in each.units]
        board = await open_board(db, units, window_of([window], {each.facts.id: each for each in here}), now)
    return [
        free_spans(terms_for(each), each.hours, board.taken(each.units), window=window, now=now)
        for each in here
    ]


async def _booked(found: Measured, window: Span) -> dict[str, list[tuple[datetime, datetime]]]:
    """When each resource is booked, in local time."""
    ids = [place.resource_id for place in found.tenants[0]][:RESOURCES]
    times: dict[str, list[tuple[datetime, datetime]]] = {str(resource_id): [] for resource_id in ids}
    connection = await connect(found.owner_url)
    try:
        for row in await connection.fetch(BOOKED, tenant_id(0), ids, *window):
            times[str(row["resource_id"])].append((row["starts_at"], row["ends_at"]))
    finally:
        await connection.close()
    return times
