"""What the rules are told of resources: everything that decides when, one municipality at a time or all."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Claim
from core.db import Database
from core.ids import new_id
from core.spans import Span, local_day, utc_now
from core.tenants import Tenant
from resources.facts import Wanted
from resources.models import (
    BookingLimit,
    ExtraOpening,
    Facility,
    Opening,
    Resource,
    ResourceUnit,
    SchoolHoliday,
)
from resources.opening import WeeklyOpening, open_spans
from resources.queries import bookable, bookable_by_id, limits_at
from tests import make

DAY = date(2026, 12, 1)
WINDOW = local_day(make.OSLO, DAY)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


async def test_hours_of_its_own_stand_instead_of_the_facilitys(db: AsyncSession) -> None:
    hall = await make.hall(db)
    db.add(Opening(resource_id=hall.whole, weekday=2, opens_minute=900, closes_minute=1440))
    await db.flush()

    found = await bookable_by_id(db, [hall.whole, hall.parts[0]], WINDOW)

    assert found[hall.whole].hours.own == (WeeklyOpening(2, 900, 1440),)
    assert len(found[hall.whole].hours.inherited) == 7
    assert found[hall.parts[0]].hours.own == ()
    assert [span.length for span in open_spans(found[hall.whole].hours, WINDOW)] == [timedelta(hours=9)]


async def test_units_come_by_id_with_their_capacity(db: AsyncSession) -> None:
    hall = await make.hall(db)
    pool, lanes = await make.pool(db, lanes=4)

    found = await bookable_by_id(db, [hall.whole, pool], WINDOW)

    assert [unit.id for unit in found[hall.whole].units] == sorted(hall.units)
    assert [(unit.id, unit.capacity) for unit in found[pool].units] == [(lanes, 4)]


async def test_ids_that_are_not_there_are_left_out(db: AsyncSession) -> None:
    assert await bookable_by_id(db, [new_id()], WINDOW) == {}


async def test_holidays_close_where_the_facility_says_so(db: AsyncSession) -> None:
    window = Span(WINDOW.start, WINDOW.end + timedelta(days=40))
    db.add(SchoolHoliday(name="Jul", from_on=date(2026, 12, 21), until_on=date(2027, 1, 1)))
    closed: dict[tuple[bool, bool], frozenset[date]] = {}
    for public in (False, True):
        for school in (False, True):
            facility = await make.facility(
                db, closed_on_public_holidays=public, closed_in_school_holidays=school
            )
            resource = await make.resource(db, facility, [await make.unit(db, facility)])
            found = await bookable_by_id(db, [resource], window)
            closed[public, school] = found[resource].hours.closed_days

    assert closed[False, False] == frozenset()
    assert closed[True, False] == {date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)}
    assert len(closed[False, True]) == 12
    assert closed[True, True] == closed[True, False] | closed[False, True]


async def test_closures_of_any_of_its_units_and_extra_openings_of_its_facility_count(
    db: AsyncSession,
) -> None:
    hall = await make.hall(db)
    closed, extra = make.at(DAY, 10, 2), make.at(DAY, 22, 3)
    db.add(ExtraOpening(facility_id=hall.facility_id, starts_at=extra.start, ends_at=extra.end))
    db.add(
        Claim(
            unit_id=hall.units[1],
            booking_id=new_id(),
            rival_id=new_id(),
            kind=1,
            closing=True,
            starts_at=closed.start,
            ends_at=closed.end,
        )
    )
    await db.flush()

    found = await bookable_by_id(db, [hall.whole, *hall.parts], WINDOW)

    assert found[hall.whole].hours.closures == (closed,)
    assert [len(found[part].hours.closures) for part in hall.parts] == [0, 1, 0]
    assert all(each.hours.extra == (extra,) for each in found.values())
    assert open_spans(found[hall.whole].hours, Span(WINDOW.start, WINDOW.end + timedelta(hours=5))) == [
        make.at(DAY, 8, 2),
        make.at(DAY, 12, 13),
    ]


async def test_publication_is_the_narrower_of_resource_and_facility(db: AsyncSession) -> None:
    facility = await make.facility(db, published_from=NOW, published_until=NOW + timedelta(days=9))
    resource = await make.resource(
        db, facility, [await make.unit(db, facility)], published_from=NOW + timedelta(days=2)
    )

    facts = (await bookable_by_id(db, [resource], WINDOW))[resource].facts

    assert (facts.published_from, facts.published_until) == (NOW + timedelta(days=2), NOW + timedelta(days=9))
    seen = [
        bool(
            await bookable(
                db, Wanted(resource_ids=(resource,), published_at=NOW + timedelta(days=days)), WINDOW
            )
        )
        for days in (0, 2, 8, 9)
    ]
    assert seen == [False, True, True, False]


async def test_what_is_wanted_narrows_the_answer(db: AsyncSession) -> None:
    facility = await make.facility(db, accessibility=["step_free"])
    unit = await make.unit(db, facility)
    wide = await make.resource(
        db,
        facility,
        [unit],
        people=50,
        activities=["handball", "dance"],
        equipment=["shower", "piano"],
        accessibility=["hearing_loop"],
        search_text="idrettshallen storsal svomming",
    )
    await make.resource(db, facility, [unit], search_text="kjokken")

    async def ids(**wanted: Any) -> list[Any]:
        found = await bookable(db, Wanted(facility_ids=(facility,), **wanted), WINDOW)
        return [each.facts.id for each in found]

    assert len(await ids()) == 2
    for wanted in (
        {"people": 50},
        {"activity": "dance"},
        {"equipment": ("piano", "shower")},
        {"accessible": ("hearing_loop", "step_free")},
        {"text": "haller"},
        {"text": "Idretshall"},
        {"text": "svømming i STORSALEN"},
    ):
        assert await ids(**wanted) == [wide], wanted
    for wanted in (
        {"people": 51},
        {"activity": "chess"},
        {"equipment": ("piano", "organ")},
        {"accessible": ("hearing_loop", "lift")},
        {"text": "tennisbane"},
        {"text": "50%_"},
    ):
        assert wide not in await ids(**wanted), wanted


async def test_one_statement_however_many(db: AsyncSession) -> None:
    for _ in range(3):
        await make.hall(db)
    statements: list[str] = []
    engine = db.get_bind().engine

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        found = await bookable(db, Wanted(), WINDOW)
    finally:
        event.remove(engine, "before_cursor_execute", count)

    assert len(found) >= 12
    assert len(statements) == 1


async def test_limits_are_those_of_the_municipality_the_facility_and_the_resource(db: AsyncSession) -> None:
    hall, other = await make.hall(db), await make.hall(db)
    for facility_id, resource_id in (
        (None, None),
        (hall.facility_id, None),
        (None, hall.whole),
        (other.facility_id, None),
        (None, hall.parts[0]),
    ):
        db.add(
            BookingLimit(
                facility_id=facility_id,
                resource_id=resource_id,
                holder="person",
                kind="active_bookings",
                value=1,
            )
        )
    await db.flush()
    found = await bookable_by_id(db, [hall.whole], WINDOW)

    limits = await limits_at(db, [found[hall.whole].facts])

    assert {(limit.facility_id, limit.resource_id) for limit in limits} == {
        (None, None),
        (hall.facility_id, None),
        (None, hall.whole),
    }


async def test_two_municipalities_with_the_same_ids_keep_apart(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    ids = [new_id() for _ in range(3)]
    for each, opens, capacity in ((tenant, 480, None), (stranger, 600, 5)):
        async with database.transaction(each.id) as db:
            db.add(Facility(id=ids[0], key="hall", name=each.name))
            await db.flush()
            unit = await make.unit(db, ids[0], capacity=capacity)
            db.add(Resource(id=ids[1], facility_id=ids[0], key="sal", name="Sal", kind="gym"))
            await db.flush()
            db.add(ResourceUnit(resource_id=ids[1], unit_id=unit))
            db.add(Opening(facility_id=ids[0], weekday=1, opens_minute=opens, closes_minute=1200))
            db.add(SchoolHoliday(name="x", from_on=DAY, until_on=DAY))

    for each, opens, capacity in ((tenant, 480, None), (stranger, 600, 5)):
        async with database.transaction(each.id) as db:
            (mine,) = await bookable(db, Wanted(), WINDOW)
        assert mine.facts.tenant_id == each.id
        assert mine.facts.facility_name == each.name
        assert [unit.capacity for unit in mine.units] == [capacity]
        assert [line.opens_minute for line in mine.hours.inherited] == [opens]

    async with database.public() as db:
        both = [
            found
            for found in await bookable(db, Wanted(), WINDOW)
            if found.facts.tenant_id in {tenant.id, stranger.id}
        ]
    assert {
        (found.facts.facility_name, found.units[0].capacity, found.hours.inherited[0].opens_minute)
        for found in both
    } == {(tenant.name, None, 480), (stranger.name, 5, 600)}


async def test_the_public_sees_only_what_is_published(database: Database, tenant: Tenant) -> None:
    later = utc_now() + timedelta(days=1)
    async with database.transaction(tenant.id) as db:
        hidden = await make.facility(db, published_from=later)
        await make.resource(db, hidden, [await make.unit(db, hidden)], name="Skjult")
        shown = await make.facility(db)
        unit = await make.unit(db, shown)
        await make.resource(db, shown, [unit], name="Senere", published_from=later)
        await make.resource(db, shown, [unit], name="Synlig")

    async with database.public() as db:
        found = await bookable(db, Wanted(), WINDOW)

    assert [each.facts.name for each in found if each.facts.tenant_id == tenant.id] == ["Synlig"]
