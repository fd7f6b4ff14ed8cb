"""Staff who read about persons leave a trace: who, about whom, what, once an hour; nobody else leaves any."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.spans import utc_now
from core.tenants import Tenant
from people.actors import NOBODY, Actor
from people.privacy_models import PersonalRead
from people.reads import READS, note_reads
from tests import make
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
WEEK: dict[str, Any] = {"from": str(TUESDAY), "to": str(TUESDAY + timedelta(weeks=1))}
NOON = datetime(2026, 11, 24, 12, 10, tzinfo=UTC)


async def traces(db: AsyncSession) -> list[tuple[UUID, UUID, str]]:
    """Reader, of whom, what; sorted by time."""
    rows = await db.execute(
        select(PersonalRead.reader_id, PersonalRead.person_id, PersonalRead.what).order_by(PersonalRead.at)
    )
    return [(reader_id, person_id, what) for reader_id, person_id, what in rows]


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/bookings", "bookings"),
        ("/bookings/{booking}", "booking"),
        ("/applications", "queue"),
        ("/applications/{application}", "application"),
        ("/resources/{resource}/calendar", "calendar"),
    ],
)
async def test_what_staff_read_about_a_person_is_noted_once_an_hour(town: Town, path: str, what: str) -> None:
    hall = await town.hall()
    kari_id, kari = await town.have(make.person)
    officer_id, officer = await town.have(lambda db: make.person(db, role="case_officer"))
    made = await town.book(kari, hall.whole, EVENING, title="Bursdag")
    ids = {"booking": made["bookings"][0]["id"], "application": made["id"], "resource": hall.whole}
    window = WEEK if "calendar" in path else {}

    before = utc_now()
    for token in (kari, officer, officer):
        await town.get(path.format(**ids), token, **window)

    expected = [(officer_id, kari_id, what)]
    if before.hour == utc_now().hour:  # else the two readings may stand in two hours
        assert await town.have(traces) == expected
    else:
        assert (await town.have(traces))[:1] == expected
    assert what in READS


async def test_her_own_and_her_associations_leave_no_trace_even_for_staff(town: Town) -> None:
    hall = await town.hall()

    async def work(db: AsyncSession) -> tuple[str, str, str]:
        officer_id, officer = await make.person(db, role="case_officer")
        member_id, member = await make.person(db)
        club, _ = await make.association(db, officer_id, member_id)
        return officer, member, str(club)

    officer, member, club = await town.have(work)
    made = await town.book(member, hall.parts[0], EVENING, association_id=club)
    await town.book(officer, hall.parts[1], EVENING)

    await town.get("/bookings", officer)
    await town.get("/applications", officer)
    await town.get(f"/applications/{made['id']}", officer)
    await town.get(f"/resources/{hall.whole}/calendar", officer, **WEEK)

    assert await town.have(traces) == []


async def test_staff_reading_of_staff_is_noted_like_any_other(town: Town) -> None:
    hall = await town.hall()
    one_id, one = await town.have(lambda db: make.person(db, role="case_officer"))
    other_id, other = await town.have(lambda db: make.person(db, role="administrator"))
    made = await town.book(one, hall.whole, EVENING)

    await town.get(f"/applications/{made['id']}", other)

    assert await town.have(traces) == [(other_id, one_id, "application")]


async def test_a_calendar_of_associations_tells_nothing_of_persons(town: Town) -> None:
    hall = await town.hall()

    async def work(db: AsyncSession) -> tuple[str, str]:
        kari_id, kari = await make.person(db)
        return kari, str((await make.association(db, kari_id))[0])

    kari, club = await town.have(work)
    officer = await town.person("case_officer")
    await town.book(kari, hall.whole, EVENING, association_id=club, title="Hemmelig")

    await town.get(f"/resources/{hall.whole}/calendar", officer, **WEEK)

    assert await town.have(traces) == []


async def test_a_new_hour_a_new_trace_and_nobody_none(db: AsyncSession) -> None:
    kari, _ = await make.person(db)
    ola, _ = await make.person(db)
    officer = Actor(person_id=(await make.person(db))[0])

    for minutes in (0, 10, 49, 50, 70):
        await note_reads(db, officer, [kari, ola, kari, None], "person", NOON + timedelta(minutes=minutes))
    await note_reads(db, officer, [kari], "people", NOON)
    await note_reads(db, officer, [officer.person_id, None], "person", NOON)
    await note_reads(db, NOBODY, [kari], "person", NOON)

    found = await db.execute(
        select(PersonalRead.person_id, PersonalRead.what, PersonalRead.hour, PersonalRead.at)
    )
    first, second = NOON.replace(minute=0), NOON.replace(hour=13, minute=0)
    later = NOON + timedelta(minutes=50)
    assert set(found.all()) == {
        (kari, "person", first, NOON),
        (ola, "person", first, NOON),
        (kari, "person", second, later),
        (ola, "person", second, later),
        (kari, "people", first, NOON),
    }


async def test_traces_are_of_one_municipality(database: Database, tenant: Tenant, stranger: Tenant) -> None:
    for where in (tenant, stranger):
        async with database.transaction(where.id) as db:
            kari, _ = await make.person(db)
            officer, _ = await make.person(db)
            await note_reads(db, Actor(person_id=officer), [kari], "person", NOON)
            assert await traces(db) == [(officer, kari, "person")]
