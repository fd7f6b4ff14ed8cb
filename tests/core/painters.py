"""A room with tasks as any feature room has them, and programs that run them: to be started, watched and killed."""

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note
from core.brokers import Queue
from core.outbox import Message
from core.outbox_queries import Due
from core.pace import Pace
from core.settings import Settings
from core.tasks import every, on, run_relay, run_worker, start

HURRY = Pace(
    look_again=timedelta(milliseconds=50),
    resend_after=timedelta(seconds=1),
    first_pause=timedelta(milliseconds=50),
    longest_pause=timedelta(milliseconds=100),
    attempts=6,
    run_limit=timedelta(seconds=20),
    check_recurring=timedelta(milliseconds=200),
)


class WallPainted(Message, frozen=True):
    """Has two subscribers; `broken` names a file while which exists the second one fails."""

    id: UUID
    broken: str = "/nonexistent"


class WallDry(Message, frozen=True):
    """Has one subscriber. Its worker says so when it is at it, and is not done before the file `gate` exists."""

    id: UUID
    gate: str | None = None


class PaintRunsOut(Message, frozen=True):
    """Nobody can take it: it fails, or with `deadly` kills whoever tries."""

    id: UUID
    deadly: bool = False


class Unheard(Message, frozen=True):
    """Has no subscribers."""

    id: UUID


@on(WallPainted)
async def admire(db: AsyncSession, message: WallPainted, now: datetime) -> None:
    leave_trace(db, "admire", message.id, now)


@on(WallPainted)
async def inspect(db: AsyncSession, message: WallPainted, now: datetime) -> None:
    leave_trace(db, "inspect", message.id, now)
    if is_there(message.broken):
        raise RuntimeError("the lamp is broken\nand a line for the log only")


@on(WallDry)
async def hang_pictures(db: AsyncSession, message: WallDry, now: datetime) -> None:
    leave_trace(db, "hang_pictures", message.id, now)
    if message.gate is None:
        return
    await db.flush()
    sys.stdout.write("at it\n")
    sys.stdout.flush()
    await until_there(message.gate)


@on(PaintRunsOut)
async def despair(db: AsyncSession, message: PaintRunsOut, now: datetime) -> None:
    leave_trace(db, "despair", message.id, now)
    if message.deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    raise RuntimeError("no paint")


@every("* * * * *")
async def sweep(db: AsyncSession, now: datetime) -> None:
    leave_trace(db, "sweep", UUID(int=0), now)


def is_there(path: str) -> bool:
    return Path(path).exists()


async def until_there(path: str) -> None:
    while not is_there(path):  # what opens it is another process
        await asyncio.sleep(0.01)


def leave_trace(db: AsyncSession, action: str, row_id: UUID, now: datetime) -> None:
    note(db, None, action, table="wall", row_id=row_id, now=now)


def die_at_send(number: int, *, before: bool) -> None:
    """From now on the process is killed just before or after it hands that many messages to the broker."""
    send, count = Queue.send, 0

    def deadly(self: Queue, message: Due) -> None:
        nonlocal count
        count += 1
        if count < number or not before:
            send(self, message)
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    Queue.send = deadly


def main() -> None:
    """What to run, the database, the broker ("" for none), and "before:3" or "after:3" for a relay that dies."""
    what, database_url, broker_url, death = sys.argv[1:5]
    if death:
        when, _, number = death.partition(":")
        die_at_send(int(number), before=when == "before")
    settings, room = Settings(broker_url=broker_url or None), sys.modules[__name__]
    match what:
        case "worker":
            run_worker(settings, database_url, rooms=[room], pace=HURRY)
        case "relay":
            run_relay(settings, database_url, rooms=[room], pace=HURRY)
        case "all":
            start(settings, database_url, rooms=[room], pace=HURRY)
            signal.pause()
        case other:
            raise SystemExit(other)
