"""A new request finds its officer, after the applicant has had her answer; and who says so."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.case_models import Absence, CaseEntry, Routing
from booking.cases import absences, routing
from booking.messages import BookingsChanged, Changed
from booking.models import Application, Booking
from core.errors import Forbidden, Invalid, NotFound
from core.spans import DAY, local_date, local_day, utc_now
from people.actors import Actor, Grant
from tests import make
from tests.booking.cases.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
NOW = utc_now()
TODAY = local_date(make.OSLO, NOW)
ADMIN = Grant("administrator")


async def officer(town: Town, **place: Any) -> UUID:
    return (await town.have(lambda db: make.person(db, role="case_officer", **place)))[0]


async def add(town: Town, *rows: Any) -> None:
    async def work(db: AsyncSession) -> None:
        db.add_all(rows)

    await town.have(work)


def to(officer_id: UUID, **place: UUID) -> Routing:
    return Routing(officer_id=officer_id, created_at=NOW, **place)


async def routed(town: Town, application: dict[str, Any], now: Any = None) -> Application:
    """The application after its message was delivered, twice as may happen."""

    async def work(db: AsyncSession) -> Application:
        bookings = await db.scalars(select(Booking).where(Booking.application_id == UUID(application["id"])))
        message = BookingsChanged(
            application_id=UUID(application["id"]),
            change="requested",
            bookings=[
                Changed(
                    id=each.id,
                    state=each.state,
                    sequence=each.sequence,
                    resource_id=each.resource_id,
                    starts_at=each.starts_at,
                    ends_at=each.ends_at,
                )
                for each in bookings
            ],
            by_id=None,
        )
        await routing.route(db, message, now or NOW)
        await routing.route(db, message, now or NOW)
        found = select(Application).where(Application.id == UUID(application["id"]))
        return (await db.scalars(found)).one()

    return await town.have(work)


async def test_a_request_goes_to_the_officer_of_its_resource_before_that_of_the_facility(town: Town) -> None:
    hall = await town.hall(decision="case_officer", answer_days=5)
    kari = await town.person()
    anne, birgit = await officer(town), await officer(town)
    await add(town, to(anne, facility_id=hall.facility_id), to(birgit, resource_id=hall.parts[0]))
    whole = await town.book(kari, hall.whole, EVENING)
    part = await town.book(kari, hall.parts[0], make.at(TUESDAY, 12))
    both = (
        await town.apply(
            kari,
            make.wish(hall.parts[0], make.at(TUESDAY, 15)),
            make.wish(hall.parts[1], make.at(TUESDAY, 13)),
        )
    ).json()

    assert [(await routed(town, each)).officer_id for each in (whole, part, both)] == [anne, birgit, anne]
    assert (await routed(town, whole)).answer_by == local_day(make.OSLO, TODAY + 5 * DAY).end
    written = await town.have(lambda db: db.scalar(select(func.count()).select_from(CaseEntry)))
    assert written == 3


async def test_while_she_is_away_it_goes_to_her_substitute(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari = await town.person()
    anne, birgit = await officer(town), await officer(town)
    await add(
        town,
        to(anne, resource_id=hall.whole),
        Absence(officer_id=anne, from_on=TODAY + DAY, until_on=TODAY + 2 * DAY, substitute_id=birgit),
    )
    begins = local_day(make.OSLO, TODAY + DAY).start
    ends = local_day(make.OSLO, TODAY + 2 * DAY).end
    tick = timedelta(seconds=1)

    found: list[UUID | None] = []
    for number, now in enumerate((begins - tick, begins, ends - tick, ends)):
        asked = await town.book(kari, hall.whole, make.at(TUESDAY, 10 + number))
        found.append((await routed(town, asked, now)).officer_id)

    assert found == [anne, birgit, birgit, anne]


async def test_who_may_no_longer_decide_there_is_skipped_and_what_is_taken_stays(town: Town) -> None:
    hall, elsewhere = await town.hall(decision="case_officer"), await town.hall(decision="case_officer")
    kari = await town.person()
    anne, dag = await officer(town), await officer(town, facility_id=elsewhere.facility_id)
    await add(town, to(dag, resource_id=hall.whole))
    nobodys = await town.book(kari, hall.whole, EVENING)
    assert (await routed(town, nobodys)).officer_id is None
    await add(town, to(anne, facility_id=hall.facility_id))

    assert (await routed(town, nobodys)).officer_id == anne
    routes = await town.have(lambda db: db.scalars(select(Routing)))
    assert len(routes.all()) == 2
    await town.have(
        lambda db: routing.set_route(
            db,
            Actor(person_id=anne, grants=(ADMIN,)),
            facility_id=hall.facility_id,
            resource_id=None,
            officer_id=anne,
            now=NOW,
        )
    )
    assert (await routed(town, nobodys)).officer_id == anne


async def test_whoever_keeps_the_place_says_who_answers_for_it(town: Town) -> None:
    hall, elsewhere = await town.hall(), await town.hall()
    anne, birgit = await officer(town), await officer(town, resource_id=hall.whole)
    manager = Actor(person_id=anne, grants=(Grant("facility_manager", hall.facility_id),))

    async def send(actor: Actor, officer_id: UUID, **place: UUID) -> None:
        where = {"facility_id": None, "resource_id": None, **place}
        await town.have(
            lambda db: routing.set_route(db, actor, officer_id=officer_id, now=NOW, **where)  # type: ignore[arg-type]
        )

    await send(manager, anne, facility_id=hall.facility_id)
    await send(manager, anne, resource_id=hall.whole)
    await send(manager, birgit, resource_id=hall.whole)
    with pytest.raises(Invalid):
        await send(manager, birgit, facility_id=hall.facility_id)
    with pytest.raises(Forbidden):
        await send(manager, anne, facility_id=elsewhere.facility_id)
    with pytest.raises(Forbidden):
        await send(Actor(person_id=anne, grants=(Grant("case_officer"),)), anne, resource_id=hall.whole)
    with pytest.raises(Invalid):
        await send(manager, anne)
    shown = await town.have(lambda db: routing.routings(db, manager))
    assert [(row.resource_id, row.officer_id) for row in shown] == [(None, anne), (hall.whole, birgit)]
    other = Actor(person_id=anne, grants=(Grant("facility_manager", elsewhere.facility_id),))
    assert await town.have(lambda db: routing.routings(db, other)) == []
    with pytest.raises(NotFound):
        await town.have(lambda db: routing.end_route(db, other, shown[0].id, now=NOW))
    await town.have(lambda db: routing.end_route(db, manager, shown[0].id, now=NOW))
    assert len(await town.have(lambda db: routing.routings(db, manager))) == 1


async def test_an_officer_says_when_she_is_away_and_an_administrator_for_everybody(town: Town) -> None:
    anne, birgit = await officer(town), await officer(town)
    citizen, _ = await town.have(make.person)
    hers = Actor(person_id=anne, grants=(Grant("case_officer"),))
    admin = Actor(person_id=birgit, grants=(ADMIN,))

    async def away(actor: Actor, officer_id: UUID, substitute_id: UUID | None = None, **days: Any) -> None:
        span = {"from_on": TODAY, "until_on": TODAY + DAY, **days}
        await town.have(
            lambda db: absences.be_away(
                db, actor, town.tenant, officer_id=officer_id, substitute_id=substitute_id, now=NOW, **span
            )
        )

    async def seen(actor: Actor, **asked: Any) -> Any:
        return await town.have(
            lambda db: absences.absences(
                db, actor, town.tenant, now=asked.get("now", NOW), cursor=asked.get("cursor"), limit=1
            )
        )

    await away(hers, anne, birgit)
    await away(admin, anne, None, from_on=TODAY + 5 * DAY, until_on=TODAY + 6 * DAY)
    await away(admin, birgit)
    with pytest.raises(Forbidden):
        await away(hers, birgit)
    for wrong in (
        {"from_on": TODAY + 3 * DAY},
        {"from_on": TODAY - 3 * DAY, "until_on": TODAY - DAY},
    ):
        with pytest.raises(Invalid):
            await away(hers, anne, None, **wrong)
    for nobody in (anne, citizen):
        with pytest.raises(Invalid):
            await away(hers, anne, nobody)
    first = await seen(hers)
    second = await seen(hers, cursor=first.next)
    assert [row.officer_id for row in (*first.items, *second.items)] == [anne, anne]
    assert second.next is None
    assert len((await seen(admin)).items) == 1
    assert (await seen(hers, now=NOW + 30 * DAY)).items == []
    other = Actor(person_id=birgit, grants=(Grant("case_officer"),))
    with pytest.raises(Forbidden):
        await town.have(lambda db: absences.be_back(db, other, first.items[0].id, now=NOW))
    await town.have(lambda db: absences.be_back(db, hers, first.items[0].id, now=NOW))
    assert (await seen(hers)).items[0].id == second.items[0].id
