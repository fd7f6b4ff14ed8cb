"""One commits exactly while the other waits for it: what was read before the wait must not be gone by."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from booking import change
from booking.apply import apply, submit
from booking.closures import close
from booking.decide import decide
from booking.reclaim import set_units
from booking.schemas import ApplicationIn, ClosureIn, DecisionIn, DecisionOn, MoveIn, WishIn
from core.errors import TimeTaken
from core.spans import Span, utc_now
from people.actors import Actor, Grant
from resources.models import Unit
from tests import make
from tests.booking.conftest import Town

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
STAFF = (Grant(role="administrator"),)


async def while_it_waits(town: Town, first: Work[Any], second: Work[T]) -> T:
    """Carries out the first, begins the second, commits the first as soon as the second waits for it."""
    async with town.database.transaction(town.tenant.id) as db:
        await first(db)
        waiting = asyncio.create_task(town.database.run(town.tenant.id, second))
        async with asyncio.timeout(10):
            while not await someone_waits(town):
                assert not waiting.done(), f"it did not wait: {waiting}"
                await asyncio.sleep(0.005)
    return await waiting


async def someone_waits(town: Town) -> bool:
    sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with town.database.shared() as db:
        return bool(await db.scalar(text(sql)))


async def actor(town: Town, **more: Any) -> Actor:
    person_id, _ = await town.have(make.person)
    return Actor(person_id=person_id, name="Kari", **more)


def wished(resource_id: UUID, span: Span, *, quantity: int = 1, hold: bool = False) -> ApplicationIn:
    wish = WishIn(resource_id=resource_id, start=span.start, end=span.end, quantity=quantity)
    return ApplicationIn(times=[wish], title="Trening", hold=hold)


def applying(town: Town, who: Actor, form: ApplicationIn, now: datetime | None = None) -> Work[Any]:
    return lambda db: apply(db, who, town.tenant, form, now or utc_now())


async def test_a_resource_was_given_another_unit(town: Town) -> None:
    hall = await town.hall()
    kari, manager = await actor(town), await actor(town, grants=STAFF)

    made = await while_it_waits(
        town,
        lambda db: set_units(db, manager, hall.parts[0], [hall.units[1]], now=utc_now(), version=None),
        applying(town, kari, wished(hall.parts[0], EVENING)),
    )

    assert made.bookings[0].state == "confirmed"
    assert await town.free(hall.parts[1], EVENING) == []


async def test_a_unit_was_made_smaller(town: Town) -> None:
    async with town.database.transaction(town.tenant.id) as db:
        pool, lanes = await make.pool(db, lanes=6)
    kari = await actor(town)

    async def shrink(db: AsyncSession) -> None:
        row = await db.get_one(Unit, (town.tenant.id, lanes), with_for_update=True)
        row.capacity = 2
        await db.flush()

    with pytest.raises(Exception, match="invalid"):
        await while_it_waits(town, shrink, applying(town, kari, wished(pool, EVENING, quantity=6)))


async def test_a_hold_was_submitted_in_its_last_moment(town: Town) -> None:
    """Whoever finds that it has run out meanwhile must find again that it has not."""
    async with town.database.transaction(town.tenant.id) as db:
        pool, _ = await make.pool(db, lanes=6)
    kari, ola = await actor(town), await actor(town)
    form = wished(pool, EVENING, quantity=6, hold=True)
    held = await town.have(applying(town, kari, form))
    before, after = utc_now() + timedelta(minutes=19), utc_now() + timedelta(minutes=21)

    with pytest.raises(TimeTaken) as refused:
        await while_it_waits(
            town,
            lambda db: submit(db, kari, town.tenant, held.id, before),
            applying(town, ola, wished(pool, EVENING), after),
        )

    assert refused.value.facts["conflicts"] == [EVENING]
    assert await town.state(str(held.bookings[0].id)) == "confirmed"


@pytest.mark.parametrize("how", ["cancelled", "moved"])
async def test_a_booking_was_taken_from_under_a_closure(town: Town, how: str) -> None:
    hall = await town.hall()
    kari, manager = await actor(town), await actor(town, grants=STAFF)
    made = await town.have(applying(town, kari, wished(hall.parts[0], EVENING)))
    booking_id = made.bookings[0].id
    away = MoveIn(start=EVENING.start, end=EVENING.end, resource_id=hall.parts[1])

    def leave(db: AsyncSession) -> Awaitable[Any]:
        if how == "cancelled":
            return change.cancel(db, kari, town.tenant, booking_id, "", now=utc_now(), version=None)
        return change.move(db, kari, town.tenant, booking_id, away, now=utc_now(), version=None)

    form = ClosureIn(
        unit_id=hall.units[0], start=EVENING.start, end=EVENING.end, reason="Vask", displace=True
    )
    closed = await while_it_waits(town, leave, lambda db: close(db, manager, town.tenant, form, utc_now()))

    assert closed.displaced == []
    assert await town.state(str(booking_id)) == ("cancelled" if how == "cancelled" else "confirmed")


@pytest.mark.parametrize("request_holds", [True, False])
async def test_a_request_was_moved_before_it_is_decided(town: Town, *, request_holds: bool) -> None:
    hall = await town.hall(decision="case_officer", request_holds=request_holds)
    other = await town.hall(decision="case_officer", request_holds=request_holds)
    kari, officer = await actor(town), await actor(town, grants=STAFF)
    asked = await town.have(applying(town, kari, wished(hall.whole, EVENING)))
    booking_id = asked.bookings[0].id
    later = make.at(TUESDAY, 20)
    away = MoveIn(start=later.start, end=later.end, resource_id=other.whole)
    form = DecisionIn(bookings=[DecisionOn(id=booking_id, approve=True)])

    decided = await while_it_waits(
        town,
        lambda db: change.move(db, kari, town.tenant, booking_id, away, now=utc_now(), version=None),
        lambda db: decide(db, officer, town.tenant, asked.id, form, now=utc_now(), version=None),
    )

    assert decided.bookings[0].state == "confirmed"
    assert decided.bookings[0].resource_id == other.whole
    assert await town.free(other.whole, later) == []
    assert await town.free(hall.whole, EVENING) == [EVENING]


async def test_a_closure_was_laid(town: Town) -> None:
    hall = await town.hall()
    kari, manager = await actor(town), await actor(town, grants=STAFF)
    form = ClosureIn(facility_id=hall.facility_id, start=EVENING.start, end=EVENING.end, reason="Vask")

    with pytest.raises(TimeTaken):
        await while_it_waits(
            town,
            lambda db: close(db, manager, town.tenant, form, utc_now()),
            applying(town, kari, wished(hall.whole, EVENING)),
        )
