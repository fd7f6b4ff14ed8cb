"""Offers: a time held for somebody, that she takes or lets go."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.claims import LONGEST_PAD
from booking.guard import board_of
from booking.offers import Terms, accept_offer, decline_offer, make_offer
from booking.pricing import Pricing
from core.errors import NotFound, TimeTaken, WrongState
from core.spans import Span, utc_now
from people.actors import Actor
from resources.queries import bookable_by_id
from tests import make
from tests.booking.conftest import Town
from tests.booking.test_change import type_of

TUESDAY = make.next_weekday(2)
EVENING, HALF_LATER, LATE = make.at(TUESDAY, 18), make.at(TUESDAY, 18.5), make.at(TUESDAY, 20)
NOW = utc_now()


async def offered(
    town: Town, asked: dict[str, Any], span: Span, *, until: datetime = NOW + timedelta(days=2)
) -> UUID:
    """The officer offers the span instead of the one time that was asked for."""
    wanted = asked["bookings"][0]

    async def work(db: AsyncSession) -> UUID:
        around = Span(span.start - LONGEST_PAD, span.end + LONGEST_PAD)
        bookables = await bookable_by_id(db, [UUID(wanted["resource_id"])], around)
        board = await board_of(db, bookables, around, NOW, but_of=[UUID(wanted["id"])])
        application = await queries.lock_application(db, UUID(asked["id"]))
        (booking,) = await queries.lock_bookings(db, ids=[UUID(wanted["id"])])
        assert application is not None
        terms = Terms("counter", until, made_by=application.person_id, instead_of=booking)
        offer, _ = await make_offer(
            db,
            application,
            bookables[booking.resource_id],
            span,
            terms,
            board=board,
            pricing=Pricing(),
            now=NOW,
        )
        return offer.id

    return await town.have(work)


def whose(asked: dict[str, Any]) -> Actor:
    return Actor(person_id=UUID(asked["person_id"]), name="Kari")


async def states(town: Town, token: str, asked: dict[str, Any]) -> list[tuple[str, str]]:
    found = await town.get(f"/applications/{asked['id']}", token)
    return sorted((each["start"][11:16], each["state"]) for each in found["bookings"])


async def test_it_may_overlap_what_was_asked_for_and_replaces_it_when_accepted(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari, ola = await town.people(2)
    asked = await town.book(kari, hall.whole, EVENING)
    offer_id = await offered(town, asked, HALF_LATER)
    assert await states(town, kari, asked) == [("18:00", "requested"), ("18:30", "held")]
    assert type_of(await town.apply(ola, make.wish(hall.whole, make.at(TUESDAY, 19)))) == "time-taken"

    actor = whose(asked)
    await town.have(lambda db: accept_offer(db, actor, town.tenant, offer_id, NOW))

    assert await states(town, kari, asked) == [("18:00", "withdrawn"), ("18:30", "confirmed")]
    assert type_of(await town.apply(ola, make.wish(hall.whole, EVENING))) == "time-taken"  # 18:30 is hers
    await town.book(ola, hall.whole, make.at(TUESDAY, 17))


async def test_declined_it_is_free_at_once_and_the_request_waits_on(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari, ola, officer = *await town.people(2), await town.person("case_officer")
    asked = await town.book(kari, hall.whole, EVENING)
    offer_id = await offered(town, asked, LATE)
    actor = whose(asked)

    await town.have(lambda db: decline_offer(db, actor, town.tenant, offer_id, NOW))

    assert await states(town, kari, asked) == [("18:00", "requested"), ("20:00", "withdrawn")]
    await town.book(ola, hall.whole, LATE)
    assert (await town.decide(officer, asked)).status_code == 200


async def test_it_is_answered_once_in_time_and_by_its_holder_alone(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    (kari,) = await town.people(1)
    asked = await town.book(kari, hall.whole, EVENING)
    offer_id = await offered(town, asked, LATE)
    actor = whose(asked)

    async def accept(who: Actor, at: datetime) -> None:
        await town.have(lambda db: accept_offer(db, who, town.tenant, offer_id, at))

    with pytest.raises(NotFound):
        await accept(Actor(person_id=UUID(int=7)), NOW)
    with pytest.raises(WrongState):
        await accept(actor, NOW + timedelta(days=2))
    await accept(actor, NOW)
    with pytest.raises(WrongState):
        await accept(actor, NOW)


async def test_what_is_offered_is_neither_submitted_nor_moved(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    (kari,) = await town.people(1)
    asked = await town.book(kari, hall.whole, EVENING)
    await offered(town, asked, LATE)
    shown = await town.get(f"/applications/{asked['id']}", kari)
    held = next(each for each in shown["bookings"] if each["state"] == "held")

    assert type_of(await town.post(f"/applications/{asked['id']}/submit", kari)) == "wrong-state"
    assert type_of(await town.move(kari, held["id"], make.at(TUESDAY, 10))) == "wrong-state"


async def test_nobody_is_offered_what_another_has(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari, ola = await town.people(2)
    asked = await town.book(kari, hall.whole, EVENING)
    await town.book(ola, hall.parts[0], LATE)

    with pytest.raises(TimeTaken):
        await offered(town, asked, LATE)


async def test_every_answer_is_news_of_each_booking_once(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    (kari,) = await town.people(1)
    asked = await town.book(kari, hall.whole, EVENING)
    offer_id = await offered(town, asked, LATE)
    actor = whose(asked)
    await town.have(lambda db: accept_offer(db, actor, town.tenant, offer_id, NOW))

    async def news(db: AsyncSession) -> list[tuple[str, str]]:
        rows = await db.execute(
            text(
                "SELECT body ->> 'change', b ->> 'state' FROM outbox, jsonb_array_elements(body -> 'bookings') b "
                "WHERE kind = 'BookingsChanged' ORDER BY 1, 2"
            )
        )
        return [(row[0], row[1]) for row in rows]

    assert await town.have(news) == [
        ("confirmed", "confirmed"),
        ("requested", "requested"),
        ("withdrawn", "withdrawn"),
    ]


async def test_a_series_is_moved_without_what_is_offered(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    (kari,) = await town.people(1)
    repeat = {"every_weeks": 1, "until": str(make.next_weekday(2, weeks=3))}
    asked = await town.book(kari, hall.whole, EVENING, repeat=repeat)
    await offered(town, asked, LATE)
    body = {
        "start": make.iso(make.at(TUESDAY, 10).start),
        "end": make.iso(make.at(TUESDAY, 10).end),
        "which": "all",
    }

    moved = await town.post(f"/bookings/{asked['bookings'][0]['id']}/move", kari, body)

    assert moved.status_code == 200, moved.text
    found = await town.get(f"/applications/{asked['id']}", kari)
    at = [(each["start"][11:16], each["state"]) for each in found["bookings"]]
    assert at.count(("20:00", "held")) == 1
    assert {each for each in at if each[1] == "requested"} == {("10:00", "requested")}
    held = next(each for each in found["bookings"] if each["state"] == "held")
    assert type_of(await town.post(f"/bookings/{held['id']}/move", kari, body)) == "wrong-state"
