"""Booking, measured: many clients for different times, and many for one."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from bench.client import Client
from bench.database import SECRET, Measured, person_id, slug, tidy
from bench.replay import Target, Template, book, caught, statements_of
from bench.report import Row
from bench.server import WORKERS, served
from bench.shape import UNTAKEN_MINUTES, UNTAKEN_STARTS, is_room, tenant_id
from resources.holidays import public_holidays_between

CLIENTS = 16
RACERS = 32
TENANT = 1
OSLO = ZoneInfo("Europe/Oslo")
CREATE = f"create a booking over HTTP, {CLIENTS} clients, different slots"
RACE = f"{RACERS} clients for one slot"


class Written(NamedTuple):
    """Of one database: bookings a second, the same as bare SQL, and the slowest of a race in milliseconds."""

    rate: float
    raw_rate: float
    slowest: float


def targets(found: Measured) -> Iterator[Target]:
    """Times that are free: each once, next ones in other rooms."""
    rooms = [place for place in found.tenants[TENANT] if is_room(place)]
    first = found.shape.anchor.replace(year=found.shape.anchor.year + 1, month=1, day=4)
    days = [first + timedelta(days=n) for n in range(300)]
    holidays = public_holidays_between(days[0], days[-1])
    for day in days:
        if day in holidays:
            continue
        for minute in UNTAKEN_STARTS:
            local = datetime(day.year, day.month, day.day, tzinfo=OSLO) + timedelta(minutes=minute)
            for place in rooms:
                yield Target(place.resource_id, place.facility_id, place.unit_ids[0], local.astimezone(UTC))


def application(target: Target) -> dict[str, Any]:
    end = target.start + timedelta(minutes=UNTAKEN_MINUTES)
    wish = {"resource_id": target.resource_id, "start": target.start, "end": end}
    return {"title": "Trening", "times": [wish], "activity": "handball", "people": 12}


async def written(found: Measured, var_dir: Path, *, seconds: float, rounds: int) -> Written:
    """Both rates in turns, so that both see the same machine."""
    path = f"/api/{slug(TENANT)}/applications"
    free = targets(found)
    await tidy(found, TENANT)
    template = await _caught(found, var_dir, free)
    rates: list[float] = []
    raw_rates: list[float] = []
    async with served(found.program_url, var_dir) as port:
        clients = [Client(port, SECRET) for _ in range(RACERS)]
        with ProcessPoolExecutor(WORKERS, get_context("spawn")) as processes:
            await _create(clients[:CLIENTS], path, free, 1.0)
            for _ in range(rounds):
                rates.append(await _create(clients[:CLIENTS], path, free, seconds))
                raw_rates.append(await _raw(found, template, processes, free, seconds))
            slowest = [await _race(clients, path, next(free)) for _ in range(2 * rounds + 1)]
        for client in clients:
            await client.close()
    await tidy(found, TENANT)
    return Written(median(rates), median(raw_rates), median(slowest))


async def _caught(found: Measured, var_dir: Path, free: Iterator[Target]) -> Template:
    path = f"/api/{slug(TENANT)}/applications"
    async with caught(found.program_url, var_dir, SECRET) as (client, sent):
        # On its first use the driver also asks PostgreSQL about types: the second is like all that follow.
        for target in (next(free), next(free)):
            body = msgspec.to_builtins(application(target))
            transaction = await statements_of(client, sent, "POST", path, body)
    return Template(transaction, target, [tenant_id(TENANT), person_id(TENANT)])


async def _create(clients: Sequence[Client], path: str, free: Iterator[Target], seconds: float) -> float:
    """Bookings a second. Each is a 201, or the measurement is worth nothing."""
    done, end = 0, time.monotonic() + seconds

    async def one(client: Client) -> None:
        nonlocal done
        while time.monotonic() < end:
            status, body = await client.ask(client.post(path, application(next(free))))
            assert status == 201, body
            done += 1

    started = time.monotonic()
    await asyncio.gather(*map(one, clients))
    return done / (time.monotonic() - started)


async def _raw(
    found: Measured,
    template: Template,
    processes: ProcessPoolExecutor,
    free: Iterator[Target],
    seconds: float,
) -> float:
    """As many connections as clients, in as many processes as the server has."""
    loop = asyncio.get_running_loop()
    shares = [list(islice(free, int(1000 * seconds))) for _ in range(WORKERS)]
    connections = CLIENTS // WORKERS
    tasks = [
        loop.run_in_executor(processes, book, found.program_url, template, share, connections, seconds)
        for share in shares
    ]
    return sum(await asyncio.gather(*tasks)) / seconds


async def _race(clients: Sequence[Client], path: str, target: Target) -> float:
    """Milliseconds until the last of them has her answer; one has it, all others are told so."""

    async def one(client: Client) -> tuple[int, float]:
        request = client.post(path, application(target))
        started = time.monotonic()
        status, _ = await client.ask(request)
        return status, time.monotonic() - started

    answers = await asyncio.gather(*map(one, clients))
    statuses = sorted(status for status, _ in answers)
    assert statuses == [201, *[409] * (len(clients) - 1)], statuses
    return max(seconds for _, seconds in answers) * 1000


def peer(url: str, what: str, *arguments: object, given: bytes = b"") -> Any:
    """What libres answers, in a process of its own."""
    command = [sys.executable, "-m", "bench.peer", url, what, *map(str, arguments)]
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout)


def writing_rows(here: Written, peer_url: str, *, seconds: float, rounds: int) -> list[Row]:
    """Against raw SQL, and against libres."""
    peer(peer_url, "set-up")
    rates = [peer(peer_url, "rate", seconds) for _ in range(rounds)]
    alone, sixteen = (median(each[name] for each in rates) for name in ("alone", "sixteen"))
    raced = median(each["slowest"] for each in peer(peer_url, "one-slot", rounds))
    compared = [
        Row(
            name=f"{CREATE}, against libres {how}",
            figure=here.rate,
            unit="bookings/s",
            peer=rate,
            ratio=here.rate / rate,
            aim=f"≥ {factor} × peer",
            aim_met=here.rate >= factor * rate,
        )
        for how, rate, factor in (
            ("one after the other in-process", alone, 3),
            ("16 processes on 16 halls", sixteen, 10),
        )
    ]
    return [
        Row(
            name=f"{CREATE}, against raw SQL",
            figure=here.rate,
            unit="bookings/s",
            limit=here.raw_rate,
            ratio=here.rate / here.raw_rate,
            aim="≥ 0.25 × limit",
            aim_met=here.rate >= 0.25 * here.raw_rate,
        ),
        *compared,
        Row(
            name=f"{RACE}, slowest answer",
            figure=here.slowest,
            unit="ms",
            peer=raced,
            ratio=here.slowest / raced,
            aim="≤ 0.5 × peer",
            aim_met=here.slowest <= 0.5 * raced,
        ),
    ]
