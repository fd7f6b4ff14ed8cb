"""An import into the database: found again by key, all or nothing."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Claim
from core.audit import AuditEntry
from core.db import Database
from core.errors import Forbidden
from core.ids import new_id
from core.tenants import Tenant
from people.actors import Actor, Grant
from resources.import_files import ImportRefused
from resources.importing import Imported, import_files
from resources.models import (
    BookingLimit,
    Facility,
    Opening,
    Resource,
    ResourceUnit,
    SchoolHoliday,
    Unit,
)
from tests import make

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ADMIN = Actor(person_id=new_id(), grants=(Grant("administrator"),))
PLACES: dict[str, Any] = {
    "facilities": [
        {
            "key": "hall",
            "name": "Austråtthallen",
            "opening": [{"weekday": "mon-fri", "opens": "15:00", "closes": "22:00"}],
            "units": [
                {"key": "a", "name": "A"},
                {"key": "b", "name": "B"},
                {"key": "p", "name": "P", "capacity": 4},
            ],
            "resources": [
                {"key": "hel", "name": "Hele", "kind": "sports_hall", "units": ["a", "b"], "min_minutes": 60},
                {
                    "key": "halv",
                    "name": "Halv",
                    "kind": "sports_hall",
                    "units": ["a"],
                    "opening": [{"weekday": "sat", "opens": "18:00", "closes": "02:00"}],
                },
            ],
        }
    ],
    "school_holidays": [{"name": "Jul", "from_on": "2026-12-21", "until_on": "2027-01-01"}],
    "limits": [
        {"holder": "person", "kind": "active_bookings", "value": 3},
        {
            "facility": "hall",
            "resource": "hel",
            "holder": "association",
            "kind": "minutes_per_week",
            "value": 600,
        },
    ],
    "weekly": [
        {
            "facility": "hall",
            "resource": "hel",
            "association": "Viking",
            "weekday": "fri-sat",
            "start": "22:00",
            "end": "01:00",
            "from_on": "2026-08-17",
            "until_on": "2027-06-20",
        }
    ],
}
TABLES = (Facility, Unit, Resource, ResourceUnit, Opening, SchoolHoliday, BookingLimit)


async def load(db: AsyncSession, places: Any = PLACES, *, actor: Actor = ADMIN, **files: str) -> Imported:
    named = {f"{name}.csv": content.encode() for name, content in files.items()}
    if places is not None:
        named["places.json"] = msgspec.json.format(msgspec.json.encode(places))
    return await import_files(db, actor, named, zone=make.OSLO, now=NOW)


async def counts(db: AsyncSession) -> list[int]:
    return [await db.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


async def test_a_municipality_is_loaded(db: AsyncSession) -> None:
    imported = await load(db)

    assert await counts(db) == [1, 3, 2, 3, 6, 1, 2]
    assert imported.added == {
        "facility": 1,
        "unit": 3,
        "resource": 2,
        "opening": 6,
        "school_holiday": 1,
        "booking_limit": 2,
    }
    half = await db.scalar(select(Opening).where(Opening.weekday == 6))
    assert half is not None
    assert (half.opens_minute, half.closes_minute) == (18 * 60, 26 * 60)
    whole = await db.scalar(select(Resource).where(Resource.key == "hel"))
    assert whole is not None
    assert whole.search_text.startswith("hele austratthallen")
    assert [(time.weekday, time.opens_minute, time.closes_minute) for time in imported.weekly] == [
        (5, 22 * 60, 25 * 60),
        (6, 22 * 60, 25 * 60),
    ]
    assert {(time.resource_id, time.title, time.until_on) for time in imported.weekly} == {
        (whole.id, "Viking", date(2027, 6, 20))
    }


async def test_the_same_again_changes_nothing(db: AsyncSession) -> None:
    await load(db)
    before, notes = await counts(db), await db.scalar(select(func.count()).select_from(AuditEntry))

    imported = await load(db)

    assert (imported.added, imported.changed) == ({}, {})
    assert await counts(db) == before
    assert await db.scalar(select(func.count()).select_from(AuditEntry)) == notes


async def test_only_what_a_file_names_changes(db: AsyncSession) -> None:
    await load(db)

    imported = await load(
        db,
        None,
        facilities="key,name\nhall,Nyhallen\n",
        resources="facility,key,name,kind,units,people\nhall,hel,Hele hallen,sports_hall,a|b,200\n",
        openings="facility,weekday,opens,closes\nhall,sun,10:00,20:00\n",
        limits="holder,kind,value\nperson,active_bookings,5\n",
    )

    assert imported.changed == {"facility": 1, "resource": 1, "opening": 1, "booking_limit": 1}
    whole = await db.scalar(select(Resource).where(Resource.key == "hel"))
    half = await db.scalar(select(Resource).where(Resource.key == "halv"))
    assert whole is not None
    assert half is not None
    assert (whole.name, whole.people, whole.min_minutes, whole.version) == ("Hele hallen", 200, 60, 2)
    assert half.search_text.startswith("halv nyhallen")
    weekdays = await db.scalars(select(Opening.weekday).where(Opening.facility_id.is_not(None)))
    assert weekdays.all() == [7]
    assert (await db.scalars(select(BookingLimit.value).where(BookingLimit.holder == "person"))).all() == [5]


async def test_an_empty_list_of_hours_takes_them_away(db: AsyncSession) -> None:
    await load(db)

    await load(db, {"facilities": [{"key": "hall", "name": "Austråtthallen", "opening": []}]})

    assert (await db.scalars(select(Opening.weekday))).all() == [6]


async def test_everything_wrong_is_told_and_nothing_written(database: Database, tenant: Tenant) -> None:
    with pytest.raises(ImportRefused) as refused:
        async with database.transaction(tenant.id) as db:
            await load(
                db,
                PLACES,
                units="facility,key,name\nhall,a,Igjen\nelsewhere,x,X\n",
                resources=(
                    "facility,key,name,kind,units,activities,min_minutes,max_minutes\n"
                    "hall,x,X,sports_hall,a|z,,,\n"
                    "hall,y,Y,spaceship,a,,,\n"
                    "hall,w,W,gym,a,dance|chess-boxing,,\n"
                    "hall,v,V,gym,a,,60,30\n"
                ),
                openings="facility,resource,weekday,opens,closes,valid_from,valid_until\n"
                "hall,nope,mon,08:00,09:00,,\nhall,,mon,08:00,09:00,2027-01-01,2026-01-01\n",
                school_holidays="name,from_on,until_on\nJul,2026-12-21,2026-12-20\n",
                limits="resource,holder,kind,value\nhel,person,active_bookings,1\n",
            )

    told = [str(problem).partition(":")[0] for problem in refused.value.problems]
    assert told == [
        "limits.csv line 2, field facility",
        "openings.csv line 2, field resource",
        "openings.csv line 3, field valid_until",
        "places.json line 15, field key",
        "resources.csv line 2, field units",
        "resources.csv line 3, field kind",
        "resources.csv line 4, field activities",
        "resources.csv line 5, field max_minutes",
        "school_holidays.csv line 2, field until_on",
        "units.csv line 3, field facility",
    ]
    async with database.transaction(tenant.id) as db:
        assert await counts(db) == [0] * len(TABLES)


async def test_lines_of_json_are_named(db: AsyncSession) -> None:
    text = b"""{"facilities": [
  {"key": "hall", "name": "Hallen",
   "units": [{"key": "a", "name": "A"}],
   "resources": [
     {"key": "r", "name": "R", "kind": "gym",
      "units": ["b"]}
   ]}
]}"""

    with pytest.raises(ImportRefused) as refused:
        await import_files(db, ADMIN, {"places.json": text}, zone=make.OSLO, now=NOW)

    assert [(problem.line, problem.field) for problem in refused.value.problems] == [(6, "units")]


async def test_units_that_bookings_hang_on_are_not_exchanged(db: AsyncSession) -> None:
    await load(db)
    pool = await db.scalar(select(Unit).where(Unit.key == "p"))
    assert pool is not None
    span = make.at(make.next_weekday(2), 18)
    db.add(
        Claim(
            unit_id=pool.id,
            booking_id=new_id(),
            rival_id=pool.id,
            kind=0,
            starts_at=span.start,
            ends_at=span.end,
        )
    )
    await db.flush()

    with pytest.raises(ImportRefused) as refused:
        await load(
            db,
            None,
            resources="facility,key,name,kind,units\nhall,hel,Hele,sports_hall,a\n",
            units="facility,key,name,capacity\nhall,p,P,2\n",
        )

    assert [str(problem) for problem in refused.value.problems] == [
        "resources.csv line 2, field units: the units it has (a|b): an import does not move bookings",
        "units.csv line 2, field capacity: 4, while somebody has the unit",
    ]


async def test_only_who_manages_the_whole_municipality_imports(db: AsyncSession) -> None:
    for grant in (Grant("case_officer"), Grant("facility_manager", facility_id=new_id())):
        with pytest.raises(Forbidden):
            await load(db, actor=Actor(person_id=new_id(), grants=(grant,)))


async def test_the_same_keys_in_two_municipalities_keep_apart(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    for each in (tenant, stranger):
        async with database.transaction(each.id) as db:
            await load(db)
    async with database.transaction(tenant.id) as db:
        await load(db, {"facilities": [{"key": "hall", "name": "Bare her"}]})

    async with database.transaction(stranger.id) as db:
        assert (await db.scalars(select(Facility.name))).all() == ["Austråtthallen"]
        assert await counts(db) == [1, 3, 2, 3, 6, 1, 2]
