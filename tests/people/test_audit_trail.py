"""The audit trail: for administrators, narrowed, page by page, in one query, with names; looking leaves a trace."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import note
from core.db import Database
from core.ids import new_id
from core.tenants import Tenant
from people.models import Person
from people.privacy_models import PersonalRead
from tests import make
from tests.booking.conftest import Town
from tests.booking.test_reading import counted
from tests.people.holding import NOW

HOUR = timedelta(hours=1)


async def trail(db: AsyncSession, actor_id: UUID | None, row_id: UUID, number: int = 4) -> None:
    """An entry an hour, the action by turns."""
    for hours in range(number):
        note(
            db,
            actor_id,
            "closed" if hours % 2 else "role.granted",
            table="closure" if hours % 2 else "role_grant",
            row_id=row_id,
            now=NOW + hours * HOUR,
            change={"state": (None, hours)},
        )
    await db.flush()


async def everything(town: Town, token: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for _ in range(40):
        page = await town.get("/audit", token, **query)
        found += page["items"]
        if page["next"] is None:
            return found
        query = {**query, "cursor": page["next"]}
    raise AssertionError("the pages never end")


async def test_it_is_narrowed_by_who_what_where_and_when(town: Town) -> None:
    admin = await town.person("administrator")
    kari, ola, row = new_id(), new_id(), new_id()

    async def work(db: AsyncSession) -> None:
        db.add_all([Person(id=kari, name="Kari"), Person(id=ola, name="Ola")])
        await db.flush()
        await trail(db, kari, row)
        await trail(db, ola, new_id())
        await trail(db, None, new_id())

    await town.have(work)

    async def hits(**query: Any) -> int:
        return len(await everything(town, admin, limit=3, **query))

    assert await hits() == 12
    assert await hits(person_id=str(kari)) == 4
    assert await hits(row_id=str(row)) == 4
    assert await hits(table="closure") == 6
    assert await hits(table="closure", row_id=str(row), action="closed") == 2
    assert await hits(action="role.granted") == 6
    assert await hits(**{"from": make.iso(NOW + HOUR), "to": make.iso(NOW + 3 * HOUR)}) == 6
    assert await hits(**{"from": make.iso(NOW + 4 * HOUR)}) == 0
    assert await hits(person_id=str(new_id())) == 0


async def test_newest_first_with_the_name_of_who_did_it(town: Town) -> None:
    admin = await town.person("administrator")
    kari, gone = new_id(), new_id()

    async def work(db: AsyncSession) -> None:
        db.add_all([Person(id=kari, name="Kari"), Person(id=gone, name="", erased_at=NOW)])
        await db.flush()
        for actor_id in (kari, gone, None):
            await trail(db, actor_id, new_id(), 2)

    await town.have(work)

    found = await everything(town, admin, limit=1)

    times = [datetime.fromisoformat(each["at"]) for each in found]
    assert times == sorted(times, reverse=True)
    assert len({each["id"] for each in found}) == 6
    assert {(each["actor"], each["actor_id"]) for each in found} == {
        ("Kari", str(kari)),
        ("", str(gone)),
        (None, None),
    }
    assert found[0]["change"] == {"state": [None, 1]}


@pytest.mark.parametrize("role", [None, "reader", "caretaker", "finance", "case_officer", "facility_manager"])
async def test_nobody_but_administrators_reads_it(town: Town, role: str | None) -> None:
    assert (await town.ask("GET", "/audit", await town.person(role))).status_code == 403
    assert (await town.ask("GET", "/audit")).status_code == 401


async def test_an_administrator_of_one_facility_reads_none_of_it(town: Town) -> None:
    hall = await town.hall()
    admin = await town.person("administrator", facility_id=hall.facility_id)
    assert (await town.ask("GET", "/audit", admin)).status_code == 403


async def test_whose_deeds_were_looked_at_can_see_that_they_were(town: Town) -> None:
    admin_id, admin = await town.have(lambda db: make.person(db, role="administrator"))
    kari, _ = await town.have(make.person)
    await town.have(lambda db: trail(db, kari, new_id()))

    await town.get("/audit", admin)

    async def traces(db: AsyncSession) -> list[Any]:
        columns = select(PersonalRead.person_id, PersonalRead.reader_id, PersonalRead.what)
        return [tuple(row) for row in await db.execute(columns)]

    assert await town.have(traces) == [(kari, admin_id, "audit")]


async def test_a_long_page_takes_no_more_statements_than_a_short_one(town: Town, app: Litestar) -> None:
    admin = await town.person("administrator")
    kari, _ = await town.have(make.person)
    figures: list[tuple[int, int]] = []
    await town.get("/audit", admin)  # the first use of a token is noted
    for number in (3, 60):
        await town.have(lambda db, number=number: trail(db, kari, new_id(), number))
        with counted(app) as sent:
            shown = await town.get("/audit", admin, limit=200)
        figures.append((len(shown["items"]), len(sent)))
    assert [entries for entries, _ in figures] == [3, 63]
    assert figures[0][1] == figures[1][1] <= 4


async def test_it_is_one_municipalitys(town: Town, database: Database, stranger: Tenant) -> None:
    admin = await town.person("administrator")
    async with database.transaction(stranger.id) as db:
        kari, _ = await make.person(db)
        await trail(db, kari, new_id())
    assert await everything(town, admin) == []
