"""The peer: libres 1.4 on the same PostgreSQL, called in its own process as a program that uses it would.

`python -m bench.peer URL what …` prints its figures as JSON. A process of its own, because libres is not
asynchronous and its many clients are forks.
"""

import logging
import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from libres import new_scheduler, registry
from libres.db.scheduler import Scheduler
from libres.modules.errors import LibresError
from sqlalchemy.exc import DBAPIError

OSLO = ZoneInfo("Europe/Oslo")
RASTER = 15
LENGTH = timedelta(minutes=45)
FIRST_DAY = date(2027, 1, 4)
FORK = multiprocessing.get_context("fork")

Times = dict[str, list[tuple[datetime, datetime]]]
"""Name of a hall → when it is reserved."""


def hall(url: str, name: str) -> Scheduler:
    context = registry.register_context("bench", replace=True)
    context.set_setting("dsn", url)
    return new_scheduler(context, name, "Europe/Oslo")


def allocate(scheduler: Scheduler, first: date, days: int) -> None:
    """Open from 7 to 23 every day, in steps of a quarter of an hour."""
    dates = [
        (datetime(day.year, day.month, day.day, 7), datetime(day.year, day.month, day.day, 23))
        for day in (first + timedelta(days=n) for n in range(days))
    ]
    scheduler.allocate(dates, partly_available=True, raster=RASTER)
    scheduler.commit()


def slots() -> list[tuple[datetime, datetime]]:
    """Different times of one hall."""
    starts = (
        datetime(day.year, day.month, day.day, 7) + LENGTH * n
        for day in (FIRST_DAY + timedelta(days=n) for n in range(120))
        for n in range(20)
    )
    return [(start, start + LENGTH) for start in starts]


def reserve(scheduler: Scheduler, span: tuple[datetime, datetime]) -> bool:
    """Whether it was had. What SERIALIZABLE sends back is tried again, as libres' own manual asks."""
    while True:
        try:
            scheduler.approve_reservations(scheduler.reserve("kari@example.org", span))
            scheduler.commit()
        except LibresError:
            scheduler.rollback()
            return False
        except DBAPIError as error:
            scheduler.rollback()
            if getattr(error.orig, "sqlstate", None) not in {"40001", "40P01", "23505"}:
                raise
        else:
            return True


def _reserve_for(scheduler: Scheduler, seconds: float) -> int:
    done, end = 0, time.monotonic() + seconds
    for span in slots():
        if time.monotonic() >= end:
            break
        done += reserve(scheduler, span)
    return done


def one_after_another(url: str, seconds: float) -> float:
    """Reservations a second of one process on one hall."""
    scheduler = hall(url, f"alone {uuid4()}")
    allocate(scheduler, FIRST_DAY, 120)
    started = time.monotonic()
    done = _reserve_for(scheduler, seconds)
    return done / (time.monotonic() - started)


def at_once(url: str, processes: int, seconds: float) -> float:
    """Reservations a second of so many processes, each on a hall of its own."""
    names = [f"together {uuid4()}" for _ in range(processes)]
    for name in names:
        allocate(hall(url, name), FIRST_DAY, 120)

    def work(number: int) -> int:
        return _reserve_for(hall(url, names[number]), seconds)

    return sum(_forked(processes, work)) / seconds


def one_slot(url: str, processes: int) -> dict[str, float]:
    """Winners, and the slowest answer in milliseconds, of so many processes that want one time of one hall."""
    name = f"wanted {uuid4()}"
    allocate(hall(url, name), FIRST_DAY, 120)
    ready = FORK.Barrier(processes)

    def work(number: int) -> tuple[bool, float]:
        scheduler = hall(url, name)
        reserve(scheduler, slots()[number + 20])  # connected and warm
        ready.wait()
        started = time.monotonic()
        had = reserve(scheduler, slots()[0])
        return had, time.monotonic() - started

    answers: list[tuple[bool, float]] = _forked(processes, work)
    return {
        "winners": sum(had for had, _ in answers),
        "slowest": max(seconds for _, seconds in answers) * 1000,
    }


def _forked(processes: int, work: Callable[[int], Any]) -> list[Any]:
    answers: Any = FORK.SimpleQueue()

    def run(number: int) -> None:
        answers.put(work(number))

    children = [FORK.Process(target=run, args=(number,)) for number in range(processes)]
    for child in children:
        child.start()
    found = [answers.get() for _ in children]
    for child in children:
        child.join()
    return found


def set_up(url: str) -> None:
    hall(url, "any").setup_database()


def fill_month(url: str, times: Times, first: date, days: int) -> list[UUID]:
    """The halls with a month of reservations, as in our own data."""
    found: list[UUID] = []
    for name, spans in times.items():
        scheduler = hall(url, name)
        found.append(scheduler.resource)
        if scheduler.managed_allocations().first() is not None:
            continue
        allocate(scheduler, first, days)
        for start, end in spans:
            scheduler.approve_reservations(scheduler.reserve("kari@example.org", (start, end)))
        scheduler.commit()
    return found


def month(url: str, resources: Sequence[UUID], first: date, days: int, rounds: int) -> list[float]:
    """Milliseconds of each look at the month."""
    scheduler = hall(url, "any")
    start = datetime(first.year, first.month, first.day, tzinfo=OSLO)
    took: list[float] = []
    for _ in range(rounds):
        scheduler.close()
        started = time.perf_counter()
        found = scheduler.queries.availability_by_day(start, start + timedelta(days=days), resources)
        took.append((time.perf_counter() - started) * 1000)
        assert len(found) == days, len(found)
    return took


def main(url: str, what: str, *arguments: str) -> Any:
    url = url.replace("postgresql://", "postgresql+psycopg://")
    if what == "rate":
        seconds = float(arguments[0])
        return {"alone": one_after_another(url, seconds), "sixteen": at_once(url, 16, seconds)}
    if what == "one-slot":
        return [one_slot(url, 32) for _ in range(int(arguments[0]))]
    if what == "month":
        times = msgspec.json.decode(sys.stdin.buffer.read(), type=Times)
        first, days = date.fromisoformat(arguments[0]), int(arguments[1])
        return month(url, fill_month(url, times, first, days), first, days, int(arguments[2]))
    set_up(url)
    return None


if __name__ == "__main__":
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # it tells of every serialization failure
    print(msgspec.json.encode(main(*sys.argv[1:])).decode())
