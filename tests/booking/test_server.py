"""The same races through a real server with two processes, and the server killed in the middle of them."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from core.db import Database
from core.settings import Settings
from core.tenants import Tenant
from tests import make
from tests.booking import invariants
from tests.booking.conftest import Town
from tests.booking.racing import race, statuses, told
from tests.booking.test_races import EVENING, TUESDAY
from tests.conftest import ROOT, Urls
from web.running import granian


@contextmanager
def served(database_url: str, var_dir: Path) -> Generator["Server"]:
    """The program as operators run it, with two workers, on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        granian(Settings(web_workers=2, log_level="error"), port),
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_url,
            "LEDIG_VAR": str(var_dir),
            "LEDIG_LOG_LEVEL": "error",
            "LEDIG_LIMITS": "off",
        },
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    server = Server(process, f"http://127.0.0.1:{port}")
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.kill()


class Server:
    """A server process and its workers."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.process, self.url = process, url

    def wait_until_ready(self) -> None:
        until = time.monotonic() + 30
        while True:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/health/ready").status_code == 200:
                    return
            assert self.process.poll() is None, "the server ended"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="module")
def server(database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(database_urls.program, tmp_path_factory.mktemp("var")) as server:
        yield server


def client(server: Server) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=60, max_keepalive_connections=60)
    return httpx.AsyncClient(base_url=server.url, limits=limits, timeout=30)


@pytest.fixture
async def town(server: Server, database: Database, tenant: Tenant) -> AsyncIterator[Town]:
    """As in the other tests, but behind the server."""
    async with client(server) as http:
        for _ in range(200):  # each of the two workers looks for new municipalities once a second
            answers = await asyncio.gather(*(http.get(f"/api/{tenant.slug}/facilities") for _ in range(8)))
            if {answer.status_code for answer in answers} == {200}:
                break
            await asyncio.sleep(0.05)
        yield Town(http, database, tenant)
    await invariants.check(database, tenant.id)


async def test_fifty_for_one_slot_at_a_real_server(town: Town) -> None:
    hall = await town.hall()
    people = await town.people(50)
    took: list[float] = []
    for number in range(3):
        span = make.at(TUESDAY, 10 + number)

        began = time.monotonic()
        answers = await race(*(town.apply(who, make.wish(hall.parts[0], span)) for who in people))
        took.append(time.monotonic() - began)

        assert statuses(answers) == {201: 1, 409: 49}
        assert told(answers) == {"/problems/time-taken": 49}
        assert all(
            [make.span_of(each) for each in answer.json()["conflicts"]] == [span]
            for answer in answers
            if answer.status_code == 409
        )
    assert min(took) < 2


async def test_part_whole_and_series_at_a_real_server(town: Town) -> None:
    hall = await town.hall()
    people = await town.people(24)
    repeat = {"every_weeks": 1, "until": str(make.next_weekday(2, weeks=4))}

    answers = await race(
        *(
            town.apply(who, make.wish([hall.whole, *hall.parts][number % 4], EVENING), repeat=repeat)
            if number % 3 == 0
            else town.apply(who, make.wish([*hall.parts, hall.whole][number % 4], EVENING))
            for number, who in enumerate(people)
        )
    )

    assert statuses(answers)[201] >= 1
    assert told(answers) == {"/problems/time-taken": statuses(answers)[409]}


async def test_the_same_key_at_two_processes_is_one_application(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    key = {"Idempotency-Key": uuid4().hex}
    body = make.application(make.wish(hall.whole, EVENING))

    answers = await race(*(town.post("/applications", kari, body, key) for _ in range(10)))

    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}


async def test_a_server_killed_at_work_leaves_nothing_half_done(
    database_urls: Urls, database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    """40 requests, half of them series; killed while they are on their way; sent again to the next server."""
    first = Town(httpx.AsyncClient(), database, tenant)
    hall, people = await first.hall(), await first.people(40)
    repeat = {"every_weeks": 1, "until": str(make.next_weekday(2, weeks=5))}
    bodies = [
        make.application(
            make.wish(hall.parts[number % 3], make.at(TUESDAY, 8 + number // 3)),
            hold=number % 4 == 0,
            repeat=repeat if number % 2 else None,
        )
        for number in range(40)
    ]
    keys = [{"Idempotency-Key": f"killed-{number}"} for number in range(40)]

    answered: dict[int, httpx.Response] = {}
    with served(database_urls.program, tmp_path) as server:
        async with client(server) as http:
            town = Town(http, database, tenant)

            async def send(number: int) -> None:
                with suppress(httpx.HTTPError):
                    answer = await town.post("/applications", people[number], bodies[number], keys[number])
                    answered[number] = answer
                    if len(answered) == 12:
                        server.kill()

            await asyncio.gather(*(send(number) for number in range(40)))
    assert 12 <= len(answered) < 40

    with served(database_urls.program, tmp_path) as server:
        async with client(server) as http:
            town = Town(http, database, tenant)
            again = await race(
                *(town.post("/applications", people[n], bodies[n], keys[n]) for n in range(40))
            )

    assert statuses(again) == {201: 40}
    refused = {number for number, answer in answered.items() if answer.status_code == 503}
    assert len(refused) < len(answered), (
        "a busy server says so and keeps nothing; most were answered for good"
    )
    for number in answered.keys() - refused:
        assert again[number].content == answered[number].content
    assert [len(each.json()["bookings"]) for each in again] == [
        1 if body["repeat"] is None else len(again[1].json()["bookings"]) for body in bodies
    ]
    async with database.transaction(tenant.id) as db:
        assert await db.scalar(text("SELECT count(*) FROM application")) == 40
    await invariants.check(database, tenant.id)
