"""What a worker does with one message: every effect of it, each exactly once, however often it is delivered."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from core import outbox_queries as queries
from core.db import Database
from core.outbox import Message, message_types
from core.pace import Pace
from core.recurrence import RECURRING, next_tick
from core.settings import Settings
from core.spans import utc_now

log = logging.getLogger("ledig.tasks")

M = TypeVar("M", bound=Message)
Subscriber = Callable[[AsyncSession, M, datetime], Awaitable[None]]
RecurringTask = Callable[[AsyncSession, datetime], Awaitable[None]]
Effect = Callable[[AsyncSession, datetime], Awaitable[None]]
Caller = Callable[["Door", M, datetime], Awaitable[None]]
Call = Callable[["Door", datetime], Awaitable[None]]

ERROR_LENGTH = 1000
"""Letters of an error that are kept."""

subscribers: dict[type[Message], dict[str, Subscriber[Any]]] = {}
"""By name, for every class of messages; core.tasks.on fills it."""
callers: dict[type[Message], dict[str, Caller[Any]]] = {}
"""The same for those that speak to the world outside; core.tasks.outside fills it."""
recurring: dict[str, tuple[str, RecurringTask]] = {}
"""Cron expression and function by name; core.tasks.every fills it."""


class Door:
    """What a caller gets: transactions of the message's municipality, opened when it wants them, and the settings."""

    def __init__(self, database: Database, tenant_id: UUID, settings: Settings) -> None:
        self.database, self.tenant_id, self.settings = database, tenant_id, settings

    def __call__(self) -> AbstractAsyncContextManager[AsyncSession]:
        """`async with transaction() as db:`. Leave it before you call."""
        return self.database.transaction(self.tenant_id)


class Undeliverable(Exception):
    """This program cannot make sense of a message; a newer or older one might."""


class Job(NamedTuple):
    """All that one message causes."""

    effects: Mapping[str, Effect]
    """By the subscriber's name."""
    calls: Mapping[str, Call]
    """By the caller's name."""
    recurs: str | None
    """The cron expression of a recurring task."""


def job_of(kind: str, body: Any) -> Job:
    """Which effects a message has here. Raises Undeliverable."""
    if kind.startswith(RECURRING):
        name = kind.removeprefix(RECURRING)
        if name not in recurring:
            raise Undeliverable(f"no recurring task is called {name}")
        cron, task = recurring[name]
        return Job({name: task}, {}, cron)
    message_type = message_types().get(kind)
    if message_type is None:
        raise Undeliverable(f"no message is called {kind}")
    try:
        message = msgspec.convert(body, message_type, str_keys=True)
    except msgspec.ValidationError as error:
        raise Undeliverable(f"{kind} has another form: {error}") from error
    return Job(
        {
            name: partial(_tell, subscriber, message)
            for name, subscriber in subscribers.get(message_type, {}).items()
        },
        {name: partial(_call, caller, message) for name, caller in callers.get(message_type, {}).items()},
        None,
    )


async def _call(caller: Caller[M], message: M, door: Door, now: datetime) -> None:
    await caller(door, message, now)


async def _tell(subscriber: Subscriber[M], message: M, db: AsyncSession, now: datetime) -> None:
    await subscriber(db, message, now)


async def deliver(
    database: Database,
    tenant_id: UUID,
    message_id: UUID,
    *,
    now: datetime,
    pace: Pace,
    settings: Settings,
) -> None:
    """Cause every effect of the message that it has not had yet, each at most once. Failures go to the outbox.

    A call to the outside that was cut off may be made again: only its caller can tell what became of it.

    Call it as often as you like, also at the same time: what is finished or in other hands is left alone.
    """
    # The attempt is counted before the work, so that a message which kills its workers comes to an end too.
    async with database.transaction(tenant_id) as db:
        begun = await queries.begin(db, message_id, resend_after=pace.resend_after)
    if begun is None:
        return
    door = Door(database, tenant_id, settings)
    errors = await _cause(door, message_id, begun=begun, now=now, pace=pace)
    if not errors:
        return
    again_at, attempts = next_attempt(begun, utc_now(), pace)
    log.error("%s %s failed (attempt %s): %s", begun.kind, message_id, begun.attempts, "; ".join(errors))
    async with database.transaction(tenant_id) as db:
        text = "; ".join(errors)[:ERROR_LENGTH]
        await queries.fail(db, message_id, text, again_at=again_at, attempts=attempts)


def settings_of(db: AsyncSession) -> Settings:
    """What is set from outside, as a subscriber's transaction knows it; the defaults in one that no worker opened."""
    found = db.info.get("settings")
    return found if isinstance(found, Settings) else Settings()


async def once(
    db: AsyncSession,
    message_id: UUID,
    name: str,
    *,
    job: Job,
    others: Collection[str],
    now: datetime,
    settings: Settings,
) -> None:
    """One effect and the note that it has been had, in one transaction; the last one takes the message with it."""
    if not await queries.hold(db, message_id):
        return
    done = await queries.finished_by(db, message_id) if others else set[str]()
    if name in done:
        return
    db.info["settings"] = settings
    await job.effects[name](db, now)
    if job.recurs is not None:
        await queries.put_off(db, message_id, until=next_tick(job.recurs, now))
    else:
        await _done(db, message_id, name, others=others, done=done)


async def _done(
    db: AsyncSession, message_id: UUID, name: str, *, others: Collection[str], done: Collection[str]
) -> None:
    """The last one takes the message with it."""
    if set(done).issuperset(others):
        await queries.finish(db, message_id)
    else:
        queries.finish_one(db, message_id, name)


async def call(
    door: Door, message_id: UUID, name: str, *, job: Job, others: Collection[str], now: datetime, pace: Pace
) -> None:
    """One call to the outside, with no transaction around it, and then the note that it has been made.

    Meanwhile the message is put back further than the call may take, so that nobody else makes it too.
    """
    async with door() as db:
        if not await queries.hold(db, message_id) or name in await queries.finished_by(db, message_id):
            return
        await queries.keep_back(db, message_id, until_after=pace.call_limit + pace.resend_after)
    async with asyncio.timeout(pace.call_limit.total_seconds()):
        await job.calls[name](door, now)
    async with door() as db:
        if await queries.hold(db, message_id):
            done = await queries.finished_by(db, message_id)
            await _done(db, message_id, name, others=others, done=done)


async def _cause(
    door: Door, message_id: UUID, *, begun: queries.Begun, now: datetime, pace: Pace
) -> list[str]:
    """What went wrong; nothing, when all is done or somebody else is at it."""
    if begun.attempts > pace.attempts:
        return ["at every attempt the worker was stopped or killed, or the database lost"]
    try:
        job = job_of(begun.kind, begun.body)
    except Undeliverable as error:
        return [str(error)]
    names = [*job.effects, *job.calls]
    if not names:
        await door.database.run(door.tenant_id, partial(queries.finish, message_id=message_id))
    errors: list[str] = []
    for name in names:
        others = set(names) - {name}
        try:
            if name in job.calls:
                await call(door, message_id, name, job=job, others=others, now=now, pace=pace)
                continue
            work = partial(
                once,
                message_id=message_id,
                name=name,
                job=job,
                others=others,
                now=now,
                settings=door.settings,
            )
            async with asyncio.timeout(pace.run_limit.total_seconds()):
                await door.database.run(door.tenant_id, work)
        except queries.InOtherHands:
            return errors
        except Exception as error:  # of any subscriber: the others shall have their turn
            log.exception("%s could not take %s", name, begun.kind)
            errors.append(f"{name}: {_reason(error)}")
    return errors


def next_attempt(begun: queries.Begun, now: datetime, pace: Pace) -> tuple[datetime | None, int]:
    """When to try again (None: never), and how many attempts count by then."""
    pause = min(pace.first_pause * 2 ** min(begun.attempts - 1, 20), pace.longest_pause)
    is_last = begun.attempts >= pace.attempts
    name = begun.kind.removeprefix(RECURRING)
    if name != begun.kind and name in recurring:
        tick = next_tick(recurring[name][0], now)
        return (tick, 0) if is_last else (min(tick, now + pause), begun.attempts)
    return (None if is_last else now + pause), begun.attempts


def _reason(error: Exception) -> str:
    """What the operator is told: without the statement, whose parameters may be about persons."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
