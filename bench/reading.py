"""Asking what is free, measured: over HTTP, and as the bare statements that it takes."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlencode

from bench.client import Client
from bench.database import Measured, slug
from bench.replay import Transaction, caught, send, statements_of
from bench.report import Row, at_most
from bench.server import served
from core.provision import connect
from core.spans import utc_now

TENANT = 1
VARIANTS = 12


class Question(NamedTuple):
    """What is asked, under different addresses so that no answer is asked for twice in a row."""

    name: str
    factor: float
    """How many times the raw statements it may take."""
    paths: Sequence[str]


class Answered(NamedTuple):
    """Milliseconds, the half of all answers came faster."""

    question: Question
    http: float
    raw: float


def questions(found: Measured) -> list[Question]:
    first = utc_now().date() + timedelta(days=7)
    days = [first + timedelta(days=3 * n) for n in range(VARIANTS)]
    places = found.tenants[TENANT][:: max(1, len(found.tenants[TENANT]) // VARIANTS)]
    here = f"/api/{slug(TENANT)}"
    everything = {
        "from_time": "16:00",
        "to_time": "22:00",
        "minutes": 60,
        "people": 20,
        "activity": "handball",
        "kind": "hall",
        "equipment": "scoreboard",
        "accessible": "step_free",
        "text": "hall",
        "near": "58.97,5.73",
        "limit": 100,
    }

    def week(day: date) -> str:
        return urlencode({"from_on": day, "to_on": day + timedelta(days=6), **everything})

    def evening(day: date) -> str:
        return urlencode({"from_on": day, "from_time": "17:00", "to_time": "22:00", "minutes": 60})

    return [
        Question(
            "free spans of one resource for a month, over HTTP",
            4,
            [
                f"{here}/resources/{place.resource_id}/free?from={day}&to={day + timedelta(days=31)}"
                for place, day in zip(cycle(places), days, strict=False)
            ],
        ),
        Question(
            f"search one municipality ({len(found.tenants[TENANT])} resources, one week, every filter)",
            3,
            [f"{here}/search?{week(day)}" for day in days],
        ),
        Question(
            f"search all {len(found.tenants)} (an evening)",
            3,
            [f"/api/search?{evening(day)}" for day in days],
        ),
    ]


async def answered(found: Measured, var_dir: Path, *, seconds: float, rounds: int) -> list[Answered]:
    """Each question in turns with its raw statements, so that both see the same machine."""
    asked = questions(found)
    raw = await _statements(found, var_dir, asked)
    connection = await connect(found.program_url)
    answers: list[Answered] = []
    try:
        async with served(found.program_url, var_dir) as port:
            client = Client(port)

            async def ask(request: bytes) -> None:
                status, body = await client.ask(request)
                assert status == 200, body

            async def replay(transaction: Transaction) -> None:
                await send(connection, transaction)

            for question, transactions in zip(asked, raw, strict=True):
                requests = [client.get(path) for path in question.paths]
                http, bare = await in_turns(
                    ask, requests, replay, transactions, seconds=seconds, rounds=rounds
                )
                answers.append(Answered(question, http, bare))
            await client.close()
    finally:
        await connection.close()
    return answers


async def _statements(found: Measured, var_dir: Path, asked: Sequence[Question]) -> list[list[Transaction]]:
    async with caught(found.program_url, var_dir) as (client, sent):
        return [
            [await statements_of(client, sent, "GET", path) for path in question.paths] for question in asked
        ]


async def in_turns(
    ours: Callable[[Any], Awaitable[None]],
    our_things: Sequence[Any],
    theirs: Callable[[Any], Awaitable[None]],
    their_things: Sequence[Any],
    *,
    seconds: float,
    rounds: int,
) -> tuple[float, float]:
    """Medians in milliseconds of doing the one and the other."""
    for thing in our_things:
        await ours(thing)
    for thing in their_things:
        await theirs(thing)
    first: list[float] = []
    second: list[float] = []
    for _ in range(rounds):
        first += await _timed(ours, our_things, seconds)
        second += await _timed(theirs, their_things, seconds)
    return median(first), median(second)


async def _timed(do: Callable[[Any], Awaitable[None]], things: Sequence[Any], seconds: float) -> list[float]:
    took: list[float] = []
    end = time.monotonic() + seconds
    for thing in islice(cycle(things), 100_000):
        started = time.perf_counter()
        await do(thing)
        took.append((time.perf_counter() - started) * 1000)
        if time.monotonic() > end:
            break
    return took


def reading_rows(answers: Sequence[Answered]) -> list[Row]:
    """The half of all answers, against the raw statements."""
    return [
        at_most(f"{each.question.name}, p50", each.http, "ms", factor=each.question.factor, limit=each.raw)
        for each in answers
    ]
