"""The outbox itself: what is written, who may take it, and that every effect is had exactly once."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import delete, select, text, update

from core import outbox_queries as queries
from core.delivery import deliver, job_of, next_attempt, once
from core.ids import new_id
from core.outbox import Message, dead_letters, later, message_types, publish, resend, standing
from core.outbox_models import OutboxMessage
from core.pace import STEADY
from core.recurrence import RECURRING, keep_recurring, next_tick
from core.settings import Settings
from core.spans import utc_now
from tests.core import painters
from tests.core.conftest import Workshop, eventually
from tests.core.painters import HURRY, PaintRunsOut, WallDry, WallPainted

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def emptied(workshop: Workshop) -> AsyncIterator[None]:
    """What a test leaves undone is none of the next one's business."""
    yield
    async with workshop.database.relay() as db:
        await db.execute(delete(OutboxMessage))


async def sent(workshop: Workshop, message: Message, tenant_id: UUID | None = None) -> UUID:
    """Publish it and send it as the relay does, to a broker that does nothing; the id of its row."""
    async with workshop.database.transaction(tenant_id or workshop.sandnes) as db:
        publish(db, message)
        row = next(row for row in db.new if isinstance(row, OutboxMessage))
        row.id, row.sent_at, row.due_at = new_id(), utc_now(), utc_now() + MINUTE
        return row.id


async def send_again(workshop: Workshop, message_id: UUID) -> None:
    async with workshop.database.transaction(workshop.sandnes) as db:
        await db.execute(
            update(OutboxMessage).where(OutboxMessage.id == message_id).values(sent_at=utc_now())
        )


async def delivered(workshop: Workshop, message_id: UUID, tenant_id: UUID | None = None) -> None:
    await deliver(
        workshop.database,
        tenant_id or workshop.sandnes,
        message_id,
        now=utc_now(),
        pace=HURRY,
        settings=Settings(),
    )


async def row_of(workshop: Workshop, message_id: UUID) -> OutboxMessage | None:
    async with workshop.database.transaction(workshop.sandnes) as db:
        return await db.get(OutboxMessage, (workshop.sandnes, message_id))


async def test_what_is_published_in_a_transaction_that_fails_was_never_said(workshop: Workshop) -> None:
    before = len(await workshop.outbox("WallDry"))

    async def regret() -> None:
        async with workshop.database.transaction(workshop.sandnes) as db:
            publish(db, WallDry(uuid4()))
            await db.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await regret()
    assert len(await workshop.outbox("WallDry")) == before


async def test_a_message_belongs_to_the_municipality_of_its_transaction(workshop: Workshop) -> None:
    message_id = await sent(workshop, WallDry(uuid4()), workshop.randaberg)
    assert await row_of(workshop, message_id) is None
    await delivered(workshop, message_id, workshop.sandnes)
    await delivered(workshop, message_id, workshop.randaberg)
    assert message_id not in {row.id for row in await workshop.outbox("WallDry")}


async def test_a_subscriber_sees_and_writes_its_own_municipality_only(workshop: Workshop) -> None:
    wall = uuid4()
    for tenant_id in (workshop.sandnes, workshop.randaberg):
        await delivered(workshop, await sent(workshop, WallDry(wall), tenant_id), tenant_id)
    assert await workshop.names(workshop.sandnes, wall) == ["hang_pictures"]
    assert await workshop.names(workshop.randaberg, wall) == ["hang_pictures"]


async def test_a_message_for_later_is_not_taken_before_its_time(workshop: Workshop) -> None:
    soon, far = WallDry(uuid4()), WallDry(uuid4())
    async with workshop.database.transaction(workshop.sandnes) as db:
        later(db, soon, at=utc_now() - timedelta(seconds=1))
        later(db, far, at=utc_now() + MINUTE)
    async with workshop.database.relay() as db:
        await queries.take_due(db, limit=10_000, resend_after=MINUTE)
    is_sent = {row.body["id"]: row.sent_at is not None for row in await workshop.outbox("WallDry")}
    assert is_sent[str(soon.id)]
    assert not is_sent[str(far.id)]


async def test_two_relays_at_once_share_what_is_due(workshop: Workshop) -> None:
    async with workshop.database.transaction(workshop.sandnes) as db:
        for _ in range(6):
            publish(db, WallDry(uuid4()))
    async with workshop.database.relay() as one, workshop.database.relay() as other:
        first = await queries.take_due(one, limit=4, resend_after=MINUTE)
        second = await queries.take_due(other, limit=10_000, resend_after=MINUTE)
        third = await queries.take_due(one, limit=10_000, resend_after=MINUTE)
    assert len(first) == 4
    assert len(second) >= 2
    assert third == []
    assert not {message.id for message in first} & {message.id for message in second}


async def test_what_a_broker_refused_is_due_again_soon(workshop: Workshop) -> None:
    async with workshop.database.transaction(workshop.sandnes) as db:
        publish(db, WallDry(uuid4()))
    async with workshop.database.relay() as db:
        taken = await queries.take_due(db, limit=10_000, resend_after=MINUTE)
        assert await queries.take_due(db, limit=10_000, resend_after=MINUTE) == []
        await queries.take_back(db, taken, again_in=timedelta(0))
        assert {message.id for message in taken} <= {
            message.id for message in await queries.take_due(db, limit=10_000, resend_after=MINUTE)
        }


async def test_a_message_delivered_many_times_at_once_has_each_effect_once(workshop: Workshop) -> None:
    wall = uuid4()
    message_id = await sent(workshop, WallPainted(wall))
    await asyncio.gather(*(delivered(workshop, message_id) for _ in range(9)))
    assert await workshop.names(workshop.sandnes, wall) == ["admire", "inspect"]
    assert await row_of(workshop, message_id) is None


async def looked_at_meanwhile(workshop: Workshop, message_id: UUID, work: Coroutine[Any, Any, None]) -> None:
    """Do the work while somebody else has the message locked: she lets go of it when the work has come to it."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with workshop.database.transaction(workshop.sandnes) as db:
        await db.execute(select(OutboxMessage.id).where(OutboxMessage.id == message_id).with_for_update())
        task = asyncio.create_task(work)
        await eventually(partial(db.scalar, text(waiting)), within=10)
    await task


async def test_a_delivery_waits_for_one_that_only_looks(workshop: Workshop) -> None:
    """One that came too late has the row locked for a moment; if both pass it by, nobody has it for half a minute."""
    wall = uuid4()
    message_id = await sent(workshop, WallDry(wall))
    await looked_at_meanwhile(workshop, message_id, delivered(workshop, message_id))
    assert await workshop.names(workshop.sandnes, wall) == ["hang_pictures"]


async def test_an_effect_waits_for_one_that_only_looks(workshop: Workshop) -> None:
    wall = uuid4()
    message_id = await sent(workshop, WallDry(wall))
    async with workshop.database.transaction(workshop.sandnes) as db:
        begun = await queries.begin(db, message_id, resend_after=MINUTE)
    assert begun is not None
    job = job_of(begun.kind, begun.body)
    [name] = job.effects
    effect = partial(
        once,
        message_id=message_id,
        name=name,
        job=job,
        others=(),
        now=utc_now(),
        settings=Settings(),
    )
    await looked_at_meanwhile(workshop, message_id, workshop.database.run(workshop.sandnes, effect))
    assert await workshop.names(workshop.sandnes, wall) == ["hang_pictures"]


async def test_who_has_waited_long_enough_leaves_a_message_to_the_other(workshop: Workshop) -> None:
    message_id = await sent(workshop, WallDry(uuid4()))
    async with workshop.database.transaction(workshop.sandnes) as one:
        assert await queries.hold(one, message_id)
        async with workshop.database.transaction(workshop.sandnes) as other:
            await other.execute(text("SET LOCAL lock_timeout = '20ms'"))
            with pytest.raises(queries.InOtherHands):
                await queries.hold(other, message_id)


async def test_a_message_that_was_not_sent_or_is_being_tried_later_is_not_taken_up(
    workshop: Workshop,
) -> None:
    wall = uuid4()
    message_id = await sent(workshop, WallDry(wall))
    async with workshop.database.transaction(workshop.sandnes) as db:
        await queries.fail(db, message_id, "no ladder", again_at=utc_now() + MINUTE, attempts=1)
    await delivered(workshop, message_id)
    assert await workshop.names(workshop.sandnes, wall) == []


async def test_when_one_subscriber_fails_the_others_are_done_and_stay_done(
    workshop: Workshop, tmp_path: Path
) -> None:
    wall, lamp = uuid4(), tmp_path / "lamp"
    lamp.touch()
    message_id = await sent(workshop, WallPainted(wall, broken=str(lamp)))
    await delivered(workshop, message_id)
    assert await workshop.names(workshop.sandnes, wall) == ["admire"]
    row = await row_of(workshop, message_id)
    assert row is not None
    assert row.attempts == 1
    assert row.sent_at is None
    assert row.last_error == "tests.core.painters.inspect: RuntimeError: the lamp is broken"

    lamp.unlink()
    await send_again(workshop, message_id)
    await delivered(workshop, message_id)
    assert await workshop.names(workshop.sandnes, wall) == ["admire", "inspect"]
    assert await row_of(workshop, message_id) is None


async def test_poison_is_dead_after_its_last_attempt_and_lives_again_when_resent(workshop: Workshop) -> None:
    message_id = await sent(workshop, PaintRunsOut(uuid4()))
    for attempt in range(HURRY.attempts):
        row = await row_of(workshop, message_id)
        assert row is not None
        assert (row.attempts, row.dead_at) == (attempt, None)
        await send_again(workshop, message_id)
        await delivered(workshop, message_id)

    async with workshop.database.transaction(workshop.sandnes) as db:
        letters = {letter.id: letter for letter in await dead_letters(db)}
    assert letters[message_id].kind == "PaintRunsOut"
    assert letters[message_id].attempts == HURRY.attempts
    assert letters[message_id].last_error == "tests.core.painters.despair: RuntimeError: no paint"
    async with workshop.database.transaction(workshop.randaberg) as db:
        assert message_id not in {letter.id for letter in await dead_letters(db)}
        assert await resend(db, message_id) == 0
    async with workshop.database.relay() as db:
        assert message_id in {letter.id for letter in await dead_letters(db)}
        assert message_id not in {m.id for m in await queries.take_due(db, limit=10_000, resend_after=MINUTE)}

    async with workshop.database.transaction(workshop.sandnes) as db:
        assert await resend(db, message_id) == 1
    row = await row_of(workshop, message_id)
    assert row is not None
    assert (row.attempts, row.dead_at) == (0, None)


async def test_a_message_that_kills_its_workers_is_dead_in_the_end(workshop: Workshop) -> None:
    message_id = await sent(workshop, WallDry(uuid4()))
    for _ in range(HURRY.attempts):  # as a worker does that never comes to the second step
        async with workshop.database.transaction(workshop.sandnes) as db:
            assert await queries.begin(db, message_id, resend_after=MINUTE) is not None
        await send_again(workshop, message_id)
    await delivered(workshop, message_id)
    row = await row_of(workshop, message_id)
    assert row is not None
    assert row.dead_at is not None
    assert row.last_error is not None
    assert "stopped or killed" in row.last_error


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"kind": "WallFellDown"}, "no message is called WallFellDown"),
        ({"kind": f"{RECURRING}nothing"}, "no recurring task is called nothing"),
        ({"body": {"id": "blue"}}, "WallDry has another form: Invalid UUID - at `$.id`"),
        ({"body": {}}, "WallDry has another form: Object missing required field `id`"),
        ({"body": [1]}, "WallDry has another form: Expected `object`, got `array`"),
    ],
)
async def test_a_message_nobody_understands_is_kept_with_a_clear_error(
    workshop: Workshop, change: dict[str, object], error: str
) -> None:
    message_id = await sent(workshop, WallDry(uuid4()))
    async with workshop.database.transaction(workshop.sandnes) as db:
        await db.execute(update(OutboxMessage).where(OutboxMessage.id == message_id).values(change))
    for _ in range(HURRY.attempts):
        await send_again(workshop, message_id)
        await delivered(workshop, message_id)
    row = await row_of(workshop, message_id)
    assert row is not None
    assert row.dead_at is not None
    assert row.last_error == error


async def test_a_subscriber_that_takes_too_long_is_cut_off(workshop: Workshop) -> None:
    wall = uuid4()
    message_id = await sent(workshop, WallDry(wall, gate="/never"))
    pace = msgspec.structs.replace(HURRY, run_limit=timedelta(milliseconds=100))
    await deliver(
        workshop.database, workshop.sandnes, message_id, now=utc_now(), pace=pace, settings=Settings()
    )
    row = await row_of(workshop, message_id)
    assert row is not None
    assert row.last_error == "tests.core.painters.hang_pictures: TimeoutError"
    assert await workshop.names(workshop.sandnes, wall) == []


async def test_a_recurring_task_has_one_row_in_each_municipality_and_runs_once_a_tick(
    workshop: Workshop,
) -> None:
    kind, now = f"{RECURRING}tests.core.painters.sweep", utc_now()
    for _ in range(2):
        await keep_recurring(workshop.database, {"tests.core.painters.sweep": "* * * * *"}, now)
    rows = await workshop.outbox(kind)
    assert {row.tenant_id for row in rows} == {workshop.sandnes, workshop.randaberg}
    assert [row.due_at for row in rows] == [next_tick("* * * * *", now)] * 2

    message_id = rows[0].id
    await send_again(workshop, message_id)
    before = len(await workshop.traces(workshop.sandnes, UUID(int=0)))
    await asyncio.gather(*(delivered(workshop, message_id) for _ in range(5)))
    assert len(await workshop.traces(workshop.sandnes, UUID(int=0))) == before + 1
    row = await row_of(workshop, message_id)
    assert row is not None
    assert row.due_at > utc_now()
    assert row.sent_at is None

    await keep_recurring(workshop.database, {}, now)
    assert await workshop.outbox(kind) == []


async def test_a_recurring_task_whose_schedule_is_made_denser_does_not_wait_for_the_old_time(
    workshop: Workshop,
) -> None:
    now = utc_now()
    await keep_recurring(workshop.database, {"x": "0 0 1 1 *"}, now)
    await keep_recurring(workshop.database, {"x": "* * * * *"}, now)
    assert {row.due_at for row in await workshop.outbox(f"{RECURRING}x")} == {next_tick("* * * * *", now)}
    await keep_recurring(workshop.database, {}, now)


def test_pauses_grow_and_end() -> None:
    now = utc_now()
    pauses: list[float] = []
    for attempts in range(1, STEADY.attempts + 1):
        at, count = next_attempt(queries.Begun("WallDry", {}, attempts), now, STEADY)
        assert count == attempts
        if at is not None:
            pauses.append((at - now).total_seconds())
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600, 3600]


def test_a_recurring_task_never_dies() -> None:
    now = utc_now()
    kind, tick = f"{RECURRING}{painters.__name__}.sweep", next_tick("* * * * *", now)
    assert next_attempt(queries.Begun(kind, {}, 1), now, STEADY) == (min(tick, now + STEADY.first_pause), 1)
    assert next_attempt(queries.Begun(kind, {}, STEADY.attempts), now, STEADY) == (tick, 0)
    assert next_attempt(queries.Begun(kind, {}, 1000), now, STEADY) == (tick, 0)


async def test_standing_tells_what_is_late_failing_and_dead(workshop: Workshop) -> None:
    async with workshop.database.transaction(workshop.randaberg) as db:
        before = await standing(db)
        later(db, WallDry(uuid4()), at=utc_now() - MINUTE)
    async with workshop.database.transaction(workshop.randaberg) as db:
        after = await standing(db)
    assert after.waiting == before.waiting + 1
    assert (after.failing, after.dead) == (before.failing, before.dead)
    assert 60 <= after.overdue_seconds < 120


def test_messages_are_known_by_the_names_of_their_classes() -> None:
    assert message_types()["WallDry"] is WallDry
