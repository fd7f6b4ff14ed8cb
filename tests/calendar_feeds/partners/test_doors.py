"""A lock knows the code of each confirmed booking and no other, whoever cancels, dies, hangs or forgets meanwhile."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.door_models import DoorCode, DoorLock
from booking.doors import codes as holders_codes
from booking.telling_models import Notice
from calendar_feeds.partners import door_calls, door_codes, door_tasks, doors
from calendar_feeds.partners.door_messages import CodeDue
from calendar_feeds.partners.door_schemas import DoorIn, DoorPatch
from core.delivery import Door
from core.ids import new_id
from core.spans import utc_now
from people.actors import Actor, Grant
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.partners.fake_lock import SECRET, FakeLock, fake_lock
from tests.calendar_feeds.partners.hooks import LOOPBACK, SETTINGS, VAULT, happen

EVENING = make.at(make.next_weekday(2), 18)
LATER = make.at(make.next_weekday(2), 20)
MINUTE = timedelta(minutes=1)
MANAGER = Actor(person_id=new_id(), grants=(Grant("administrator"),))
HEARD = ("BookingsChanged", "LockChanged", "CodeDue")


async def connect(town: Town, lock: FakeLock, resource_id: UUID, **more: int) -> UUID:
    form = DoorIn(resource_id=resource_id, address=lock.url, secret=SECRET, **more)

    async def work(db: AsyncSession) -> UUID:
        made = await doors.connect(db, MANAGER, town.tenant, form, vault=VAULT, allow=LOOPBACK, now=utc_now())
        return made.id

    return await town.have(work)


async def locks_hear(town: Town) -> None:
    """What waits in the outbox for locks is delivered."""
    assert door_tasks.SLACK, "imported, it has subscribed"
    await happen(town, HEARD)


async def rows(town: Town) -> Sequence[DoorCode]:
    async with town.database.transaction(town.tenant.id) as db:
        return (await db.scalars(select(DoorCode).order_by(DoorCode.id))).all()


async def speak(town: Town, code_id: UUID, now: datetime | None = None) -> None:
    """The task itself."""
    door = Door(town.database, town.tenant.id, SETTINGS)
    await door_tasks.speak(door, CodeDue(code_id), now or utc_now())


async def minute(town: Town, now: datetime) -> None:
    await town.have(lambda db: door_tasks.each_minute(db, now))


async def test_a_confirmed_booking_has_a_code_with_its_margins(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    async with fake_lock() as lock:
        await connect(town, lock, hall.whole, minutes_before=20, minutes_after=10)
        booking = await town.booked(kari, hall.whole, EVENING)
        await locks_hear(town)
    (body,) = lock.codes.values()
    assert set(body) == {"code", "valid_from", "valid_until", "booking_ref", "revision"}
    assert body["booking_ref"] == booking
    assert datetime.fromisoformat(body["valid_from"]) == EVENING.start - 20 * MINUTE
    assert datetime.fromisoformat(body["valid_until"]) == EVENING.end + 10 * MINUTE
    (row,) = await rows(town)
    assert (row.state, row.attempts, row.error) == ("placed", 0, None)
    assert row.due_at == EVENING.start - 20 * MINUTE - timedelta(minutes=30)
    async with town.database.transaction(town.tenant.id) as db:
        (code,) = (await holders_codes(db, VAULT, [UUID(booking)])).values()
    assert (code.code, code.is_placed) == (body["code"], True)
    assert len(code.code) == 6
    assert code.code.isdecimal()
    assert code.code.encode() not in (row.code or b"")


async def test_a_request_has_none_until_it_is_approved(town: Town) -> None:
    hall, kari = await town.hall(decision="case_officer"), await town.person()
    officer = await town.person("case_officer")
    async with fake_lock() as lock:
        await connect(town, lock, hall.whole)
        application = await town.book(kari, hall.whole, EVENING)
        await locks_hear(town)
        assert not lock.said
        assert (await town.decide(officer, application)).is_success
        await locks_hear(town)
        assert len(lock.codes) == 1


async def test_a_move_keeps_the_code_and_changes_when_it_opens(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    async with fake_lock() as lock, fake_lock() as other:
        await connect(town, lock, hall.parts[0], minutes_before=0, minutes_after=0)
        await connect(town, other, hall.parts[1])
        booking = await town.booked(kari, hall.parts[0], EVENING)
        await locks_hear(town)
        ((code_id, before),) = lock.codes.items()
        assert (await town.move(kari, booking, LATER)).is_success
        await locks_hear(town)
        assert lock.codes[code_id]["code"] == before["code"]
        assert datetime.fromisoformat(lock.codes[code_id]["valid_from"]) == LATER.start
        assert lock.codes[code_id]["revision"] > before["revision"]
        assert (await town.move(kari, booking, LATER, hall.parts[1])).is_success
        await locks_hear(town)
        assert (len(lock.codes), len(other.codes)) == (0, 1)


@pytest.mark.parametrize("how", ["cancel", "close"])
async def test_a_booking_that_is_over_takes_its_code_away(town: Town, how: str) -> None:
    hall, kari = await town.hall(), await town.person()
    admin = await town.person("administrator")
    async with fake_lock() as lock:
        await connect(town, lock, hall.whole)
        booking = await town.booked(kari, hall.whole, EVENING)
        await locks_hear(town)
        if how == "cancel":
            assert (await town.post(f"/bookings/{booking}/cancel", kari, {})).is_success
        else:
            assert (await town.close(admin, EVENING, resource_id=str(hall.whole), displace=True)).is_success
        await locks_hear(town)
        await locks_hear(town)
    assert (lock.codes, [method for method, _ in lock.said]) == ({}, ["PUT", "DELETE"])
    (row,) = await rows(town)
    assert (row.state, row.code, row.due_at) == ("gone", None, None)


async def test_cancelled_while_it_is_being_placed_it_is_taken_away_afterwards(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    async with fake_lock() as lock:
        await connect(town, lock, hall.whole)
        lock.may_answer.clear()
        booking = await town.booked(kari, hall.whole, EVENING)
        placing = asyncio.create_task(locks_hear(town))
        await lock.has_done.wait()
        assert (await town.post(f"/bookings/{booking}/cancel", kari, {})).is_success
        (row,) = await rows(town)
        async with town.database.transaction(town.tenant.id) as db:
            await door_codes.keep(db, VAULT, [UUID(booking)], utc_now())
        await speak(town, row.id)  # another worker, while the first still waits for the lock
        assert lock.said == [("PUT", str(row.id))]
        lock.may_answer.set()
        await placing
        await locks_hear(town)
    assert (lock.codes, lock.said[-1][0]) == ({}, "DELETE")
    assert [each.state for each in await rows(town)] == ["gone"]


async def test_a_worker_killed_between_the_call_and_the_commit_leaves_nothing_unclear(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    async with fake_lock() as lock:
        await connect(town, lock, hall.whole)
        booking = await town.booked(kari, hall.whole, EVENING)
        async with town.database.transaction(town.tenant.id) as db:
            await door_codes.keep(db, VAULT, [UUID(booking)], utc_now())
        (row,) = await rows(town)
        async with town.database.transaction(town.tenant.id) as db:
            errand = await door_codes.take(db, VAULT, row.id, utc_now())
        assert errand is not None
        assert (await door_calls.tell_lock(errand, LOOPBACK)).is_done  # and then the worker dies
        assert (await town.post(f"/bookings/{booking}/cancel", kari, {})).is_success
        await locks_hear(town)
        assert len(lock.codes) == 1  # the dead worker's lease still runs
        later = utc_now() + timedelta(minutes=3)
        await minute(town, later)
        await speak(town, row.id, later)
    assert lock.codes == {}
    assert [each.state for each in await rows(town)] == ["gone"]


async def test_said_twice_at_once_it_is_done_once(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    async with fake_lock() as lock:
        await connect(town, lock, hall.whole)
        booking = await town.booked(kari, hall.whole, EVENING)
        async with town.database.transaction(town.tenant.id) as db:
            await door_codes.keep(db, VAULT, [UUID(booking)], utc_now())
        (row,) = await rows(town)
        await asyncio.gather(*(speak(town, row.id) for _ in range(4)))
        await locks_hear(town)
    assert lock.said == [("PUT", str(row.id))]


async def test_a_lock_that_is_down_is_called_again_and_staff_and_holder_are_told(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    async with fake_lock() as lock:
        lock.says = [500, 503, 429]
        lock_id = await connect(town, lock, hall.whole)
        await town.booked(kari, hall.whole, EVENING)
        await locks_hear(town)
        (row,) = await rows(town)
        assert (row.state, row.attempts, row.error) == ("wanted", 1, "status 500")
        seen = await town.have(lambda db: doors.door(db, MANAGER, town.tenant, lock_id))
        assert (seen.late, seen.failed) == (1, 0)
        assert seen.failing_since is not None
        for minutes in (50, 40):
            await minute(town, EVENING.start - timedelta(minutes=minutes))
            await speak(town, row.id, EVENING.start - timedelta(minutes=minutes))
        (row,) = await rows(town)
        assert (row.state, row.attempts) == ("wanted", 3)
        async with town.database.transaction(town.tenant.id) as db:
            told = (await db.scalars(select(Notice).where(Notice.kind == "door_failed"))).all()
        assert len(told) == 1
        await speak(town, row.id, EVENING.start - timedelta(minutes=20))
        assert len(lock.codes) == 1
        seen = await town.have(lambda db: doors.door(db, MANAGER, town.tenant, lock_id))
        assert (seen.late, seen.failing_since) == (0, None)


async def test_a_lock_that_says_no_is_not_asked_again_until_somebody_has_looked(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    async with fake_lock() as lock:
        lock.says = [422]
        lock_id = await connect(town, lock, hall.whole)
        await town.booked(kari, hall.whole, EVENING)
        await locks_hear(town)
        (row,) = await rows(town)
        assert (row.state, row.due_at, row.error) == ("failed", None, "status 422")
        await town.have(lambda db: doors.place_anew(db, MANAGER, town.tenant, lock_id, utc_now()))
        await locks_hear(town)
        assert len(lock.codes) == 1


async def test_a_code_that_the_lock_has_already_is_made_anew(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    async with fake_lock() as lock:
        lock.says = [409, 409]
        await connect(town, lock, hall.whole)
        await town.booked(kari, hall.whole, EVENING)
        await locks_hear(town)
    assert [method for method, _ in lock.said] == ["PUT"] * 3
    assert [row.state for row in await rows(town)] == ["placed"]


async def test_a_lock_that_hangs_up_after_it_has_done_as_told_is_told_again(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    async with fake_lock() as lock:
        lock.hangs_up = True
        await connect(town, lock, hall.whole)
        await town.booked(kari, hall.whole, EVENING)
        await locks_hear(town)
        (row,) = await rows(town)
        assert (row.state, row.error) == ("wanted", "broken")
        lock.hangs_up = False
        await speak(town, row.id, utc_now() + timedelta(minutes=1))
        assert (len(lock.codes), [each.state for each in await rows(town)]) == (1, ["placed"])


async def test_a_lock_that_has_forgotten_is_told_again_before_the_time_comes(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    async with fake_lock() as lock:
        await connect(town, lock, hall.whole)
        await town.booked(kari, hall.whole, EVENING)
        await locks_hear(town)
        (known,) = lock.codes.values()
        lock.forget()
        before = EVENING.start - timedelta(minutes=40)
        await minute(town, before)
        (row,) = await rows(town)
        await speak(town, row.id, before)
        assert [body["code"] for body in lock.codes.values()] == [known["code"]]
        assert [(each.state, each.due_at) for each in await rows(town)] == [("placed", None)]


async def test_a_lock_is_connected_changed_and_taken_away_with_all_its_codes(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    for span in (EVENING, LATER):
        await town.booked(kari, hall.whole, span)
    async with fake_lock() as lock, fake_lock() as other:
        lock_id = await connect(town, lock, hall.whole)
        await locks_hear(town)
        assert len(lock.codes) == 2
        patch = DoorPatch(address=other.url, minutes_before=30)
        await town.have(
            lambda db: doors.change(
                db, MANAGER, town.tenant, lock_id, patch, vault=VAULT, allow=LOOPBACK, now=utc_now()
            )
        )
        await locks_hear(town)
        starts = sorted(datetime.fromisoformat(body["valid_from"]) for body in other.codes.values())
        assert starts == [EVENING.start - 30 * MINUTE, LATER.start - 30 * MINUTE]
        await town.have(lambda db: doors.disconnect(db, MANAGER, lock_id, utc_now()))
        await locks_hear(town)
        assert other.codes == {}
        await connect(town, lock, hall.whole)
        with pytest.raises(doors.DoorTaken):
            await connect(town, lock, hall.whole)


async def test_what_is_kept_is_sealed_and_can_be_sealed_anew(town: Town) -> None:
    hall, kari = await town.hall(), await town.person()
    async with fake_lock() as lock:
        await connect(town, lock, hall.whole)
        await town.booked(kari, hall.whole, EVENING)
        await locks_hear(town)
        (body,) = lock.codes.values()
    async with town.database.transaction(town.tenant.id) as db:
        (row,) = (await db.scalars(select(DoorLock))).all()
        assert SECRET.encode() not in row.secret
        outbox = (await db.scalars(text("SELECT body::text FROM outbox"))).all()
    assert not any(body["code"] in each or SECRET in each for each in outbox)
    assert await town.have(lambda db: doors.reseal(db, VAULT, batch=10)) == 0
