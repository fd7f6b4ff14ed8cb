"""Imports against people and against each other: nobody gets what another has; and what is cut off leaves nothing."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.incoming import applying, queries
from calendar_feeds.incoming.applying import Came
from core.spans import utc_now
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.incoming.calendars import attach, bookings, carry_out, closures, events, said

TUESDAY = make.next_weekday(2)
TIMES = [make.at(TUESDAY + timedelta(days=n), 18) for n in range(6)]
CALENDAR = [said(f"k{n}", time) for n, time in enumerate(TIMES)]


@pytest.mark.parametrize("kind", ["closures", "bookings"])
async def test_people_book_while_a_calendar_is_carried_out(town: Town, kind: str) -> None:
    """What neither has, nobody has twice; tests/booking/invariants.py looks through the whole town afterwards."""
    hall = await town.hall()
    people = await town.people(4)
    import_id = await town.have(lambda db: attach(db, hall.whole, kind=kind))

    async def book(token: str) -> list[int]:
        answers = [await town.apply(token, make.wish(hall.parts[0], time)) for time in reversed(TIMES)]
        return [answer.status_code for answer in answers]

    found = await asyncio.gather(
        *(book(token) for token in people), *(carry_out(town, import_id, CALENDAR) for _ in range(2))
    )

    statuses = Counter(status for each in found if isinstance(each, list) for status in each)
    states = Counter(each.state for each in (await events(town, import_id)).values())
    assert set(statuses) <= {201, 409}
    assert statuses[201] + states["applied"] == len(TIMES)
    assert states["applied"] + states["collides"] == len(TIMES)


async def test_the_same_calendar_carried_out_many_times_at_once_is_laid_once(town: Town) -> None:
    hall = await town.hall()
    import_id = await town.have(lambda db: attach(db, hall.whole, kind="bookings"))

    came = await asyncio.gather(*(carry_out(town, import_id, CALENDAR) for _ in range(6)))

    assert sorted(each.added for each in came) == [0] * 5 + [len(TIMES)]
    assert len(await bookings(town)) == len(TIMES)


async def test_two_calendars_of_one_hall_take_turns(town: Town) -> None:
    hall = await town.hall()
    imports = [
        await town.have(lambda db, place=place: attach(db, place, kind="bookings"))
        for place in (hall.whole, hall.parts[0], hall.parts[1])
    ]

    await asyncio.gather(*(carry_out(town, each, CALENDAR) for each in imports))

    states = [Counter(e.state for e in (await events(town, each)).values()) for each in imports]
    assert states[0]["applied"] in {0, len(TIMES)}
    assert states[1]["applied"] == states[2]["applied"] == len(TIMES) - states[0]["applied"]


async def test_people_cancel_and_lift_while_the_calendar_moves_everything(town: Town) -> None:
    hall = await town.hall()
    manager = await town.person("facility_manager")
    shut = await town.have(lambda db: attach(db, hall.parts[0]))
    booked = await town.have(lambda db: attach(db, hall.parts[1], kind="bookings"))
    for each in (shut, booked):
        await carry_out(town, each, CALENDAR)
    later = [said(f"k{n}", make.at(TUESDAY + timedelta(days=n), 10)) for n in range(6)]
    theirs, ours = await events(town, shut), await events(town, booked)

    await asyncio.gather(
        carry_out(town, shut, later),
        carry_out(town, booked, later),
        *(town.ask("DELETE", f"/closures/{each.closure_id}", manager) for each in theirs.values()),
        *(town.post(f"/bookings/{each.booking_id}/cancel", manager, {}) for each in ours.values()),
    )

    for each in (shut, booked):
        await carry_out(town, each, later)
    in_force = {(span.start, span.end) for span in await closures(town)}
    laid = {(e.starts_at, e.ends_at) for e in (await events(town, shut)).values() if e.state == "applied"}
    assert in_force == laid
    confirmed = {each.id for each in await bookings(town)}
    assert confirmed == {e.booking_id for e in (await events(town, booked)).values() if e.state == "applied"}


class Killed(Exception):
    """As if the process were gone."""


@pytest.mark.parametrize("kind", ["closures", "bookings"])
async def test_what_is_cut_off_leaves_nothing_half_done(town: Town, kind: str) -> None:
    hall = await town.hall()
    import_id = await town.have(lambda db: attach(db, hall.whole, kind=kind))
    await carry_out(town, import_id, CALENDAR)
    before = await _state(town, import_id)
    other = [said("k0", make.at(TUESDAY, 10)), *CALENDAR[2:], said("new", make.at(TUESDAY, 14))]

    async def cut_off(db: AsyncSession) -> Came:
        row = await queries.lock_import(db, import_id)
        assert row is not None
        await applying.apply(db, row, other, is_whole=True, now=utc_now())
        raise Killed

    with pytest.raises(Killed):
        await town.have(cut_off)
    assert await _state(town, import_id) == before

    came = await carry_out(town, import_id, other)
    assert (came.moved, came.removed, came.added) == (1, 1, 1)


async def _state(town: Town, import_id: UUID) -> object:
    found = await events(town, import_id)
    laid = [(each.id, each.starts_at, each.version) for each in await bookings(town)]
    return (
        {key: (each.state, each.digest, each.closure_id, each.booking_id) for key, each in found.items()},
        await closures(town),
        laid,
    )
