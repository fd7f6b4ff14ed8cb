"""Waiting, many at once: one has what was freed, whoever brings the news, and however often."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event, text

from booking.guard import lapse
from booking.waiting import offering, rules
from core.errors import WrongState
from core.spans import DAY, utc_now
from core.tenants import Tenant
from tests import make
from tests.booking.conftest import Town
from tests.booking.delivering import happen
from tests.booking.racing import race, statuses
from tests.booking.waits import (
    EVENING,
    TUESDAY,
    answer,
    cancel,
    offers,
    persons,
    waits,
)


async def test_news_that_comes_twice_or_at_once_offers_once(town: Town) -> None:
    hall = await town.hall()
    (kari,), people = await town.people(1), await persons(town, 5)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    for _, token in people:
        await waits(town, token, hall.parts[0], EVENING)
    await happen(town)
    await cancel(town, kari, booked)
    freed = [rules.Freed(frozenset(hall.units[:1]), EVENING)]

    async def by_hand() -> None:
        async with town.database.transaction(town.tenant.id) as db:
            await offering.offer_freed(db, freed, utc_now(), association_id=None)

    await asyncio.gather(happen(town, at_once=3), *(by_hand() for _ in range(5)))

    ((_, person, state, _),) = await offers(town)
    assert (person, state) == (people[0][0], "held")


async def test_a_yes_in_the_last_moment_and_the_lapse_one_wins(town: Town) -> None:
    outcomes: set[str] = set()
    for attempt in range(6):
        hall = await town.hall()
        (kari,), ((ola, token), (_, nils)) = await town.people(1), await persons(town, 2)
        booked = await town.booked(kari, hall.parts[0], EVENING)
        await waits(town, token, hall.parts[0], EVENING)
        await waits(town, nils, hall.parts[0], EVENING)
        await cancel(town, kari, booked)
        await happen(town)
        offer, _, _, until = next(each for each in await offers(town) if each[1] == ola)
        assert until is not None

        async def yes(offer: UUID = offer, ola: UUID = ola, until: datetime = until) -> bool:
            try:
                await answer(town, offer, ola, accept=True, now=until - timedelta(seconds=1))
            except WrongState:
                return False
            return True

        async def too_late(
            offer: UUID = offer, until: datetime = until, first: bool = attempt % 2 == 0
        ) -> int:
            if not first:
                await asyncio.sleep(0)
            async with town.database.transaction(town.tenant.id) as db:
                booking_id = await db.scalar(
                    text("SELECT booking_id FROM offer WHERE id = :id"), {"id": offer}
                )
                return len(await lapse(db, [booking_id], until + timedelta(seconds=1)))

        took, lapsed = await asyncio.gather(yes(), too_late())
        assert took + lapsed == 1
        await happen(town)
        made = [(person, state) for _, person, state, _ in await offers(town) if person == ola]
        assert made == [(ola, "confirmed" if took else "lapsed")]
        outcomes.add("taken" if took else "lapsed")
    assert outcomes


async def test_somebody_else_is_kept_away_while_it_is_offered(town: Town) -> None:
    hall = await town.hall()
    (kari, *others), ((_, token),) = await town.people(6), await persons(town, 1)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    await waits(town, token, hall.parts[0], EVENING)
    await cancel(town, kari, booked)
    await happen(town)

    answers = await race(*(town.apply(who, make.wish(hall.parts[0], EVENING)) for who in others))

    assert statuses(answers) == {409: 5}


async def test_however_many_wait_as_many_statements_are_asked(town: Town) -> None:
    hall = await town.hall()
    (kari,) = await town.people(1)
    counts: list[int] = []
    for week, number in enumerate((1, 25)):
        span = make.at(TUESDAY + week * 7 * DAY, 18)
        booked = await town.booked(kari, hall.parts[0], span)
        for _, token in await persons(town, number):
            await waits(town, token, hall.parts[0], span)
        await happen(town)
        await cancel(town, kari, booked)
        statements: list[str] = []

        def noted(*args: Any, statements: list[str] = statements) -> None:
            statements.append(args[2])

        async with town.database.transaction(town.tenant.id) as db:
            connection = (await db.connection()).sync_connection
            event.listen(connection, "before_cursor_execute", noted)
            freed = [rules.Freed(frozenset(hall.units[:1]), span)]
            await offering.offer_freed(db, freed, utc_now(), association_id=None)
            event.remove(connection, "before_cursor_execute", noted)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 20, counts


async def test_the_neighbours_list_is_another(town: Town, stranger: Tenant) -> None:
    hall = await town.hall()
    (kari, ola) = await town.people(2)
    booked = await town.booked(kari, hall.parts[0], EVENING)
    mine = await waits(town, ola, hall.parts[0], EVENING)

    async with town.database.transaction(stranger.id) as db:
        freed = [rules.Freed(frozenset(hall.units), EVENING)]
        await offering.offer_freed(db, freed, utc_now(), association_id=None)
        token = (await make.person(db))[1]
    foreign = Town(town.http, town.database, stranger)
    assert (await foreign.ask("DELETE", f"/waiting/{mine}", token)).status_code == 404
    assert await offers(town) == []
    assert await town.state(booked) == "confirmed"
