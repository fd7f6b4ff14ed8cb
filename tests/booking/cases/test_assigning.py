"""Taking a case, handing it over and letting go: who may, what is written, and two who take at once."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.case_models import CaseEntry
from core.outbox_models import OutboxMessage
from tests import make
from tests.booking.cases.conftest import Town
from tests.booking.racing import race
from tests.booking.test_change import type_of

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)


async def officer(town: Town, **place: Any) -> tuple[str, str]:
    """Her id and her token."""
    person_id, secret = await town.have(lambda db: make.person(db, role="case_officer", **place))
    return str(person_id), secret


async def assign(
    town: Town, token: str, application: dict[str, Any], officer_id: str | None, version: int | None = None
) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    path = f"/applications/{application['id']}/assign"
    return await town.post(path, token, {"officer_id": officer_id}, headers)


async def entries(db: AsyncSession, application_id: str) -> list[CaseEntry]:
    statement = select(CaseEntry).where(CaseEntry.application_id == UUID(application_id))
    return list((await db.scalars(statement.order_by(CaseEntry.created_at))).all())


async def told(db: AsyncSession) -> int:
    rows = await db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "CaseAssigned"))
    return len(rows.all())


async def test_a_case_is_taken_handed_over_and_let_go_of(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    asked = await town.book(await town.person(), hall.whole, EVENING)
    (anne, annes), (birgit, _) = await officer(town), await officer(town)

    taken = await assign(town, annes, asked, anne)
    handed = await assign(town, annes, asked, birgit)
    again = await assign(town, annes, asked, birgit)
    let_go = await assign(town, annes, asked, None, again.json()["version"])

    assert [each.json()["officer_id"] for each in (taken, handed, again, let_go)] == [
        anne,
        birgit,
        birgit,
        None,
    ]
    assert handed.json()["version"] == again.json()["version"] == asked["version"] + 2
    written = await town.have(lambda db: entries(db, asked["id"]))
    assert [(each.facts["was"], each.facts["officer_id"]) for each in written] == [
        (None, anne),
        (anne, birgit),
        (birgit, None),
    ]
    assert {(each.kind, each.author_id, each.by_staff) for each in written} == {
        ("assigned", UUID(anne), True)
    }
    assert await town.have(told) == 3


async def test_who_may_not_and_to_whom_not(town: Town) -> None:
    hall, elsewhere = await town.hall(decision="case_officer"), await town.hall(decision="case_officer")
    kari = await town.person()
    asked = await town.book(kari, hall.whole, EVENING)
    anne, annes = await officer(town, facility_id=hall.facility_id)
    dag, dags = await officer(town, facility_id=elsewhere.facility_id)
    _, caretakers = await town.have(lambda db: make.person(db, role="caretaker"))
    citizen_id, _ = await town.have(make.person)

    assert (await assign(town, dags, asked, dag)).status_code == 404
    assert (await assign(town, caretakers, asked, anne)).status_code == 403
    assert (await assign(town, kari, asked, anne)).status_code == 403
    for nobody in (dag, str(citizen_id), asked["id"]):
        refused = await assign(town, annes, asked, nobody)
        assert (refused.status_code, refused.json()["field"]) == (422, "officer_id")
    assert (await assign(town, annes, asked, anne)).status_code == 200


async def test_what_another_has_is_taken_only_by_who_saw_that_she_has_it(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    asked = await town.book(await town.person(), hall.whole, EVENING)
    (anne, annes), (birgit, birgits) = await officer(town), await officer(town)
    taken = (await assign(town, annes, asked, anne)).json()

    blind = await assign(town, birgits, asked, birgit)
    stale = await assign(town, birgits, asked, birgit, asked["version"])
    knowing = await assign(town, birgits, asked, birgit, taken["version"])

    assert (blind.status_code, type_of(blind), blind.json()["officer_id"]) == (409, "already-taken", anne)
    assert (stale.status_code, type_of(stale)) == (412, "changed-meanwhile")
    assert knowing.json()["officer_id"] == birgit


async def test_what_is_answered_is_nobodys_to_take(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    asked = await town.book(await town.person(), hall.whole, EVENING)
    anne, annes = await officer(town)
    assert (await town.decide(annes, asked)).status_code == 200

    refused = await assign(town, annes, asked, anne)

    assert (refused.status_code, type_of(refused)) == (409, "wrong-state")


async def test_of_many_who_take_at_once_one_wins_and_the_others_are_told(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    asked = await town.book(await town.person(), hall.whole, EVENING)
    officers = [await officer(town) for _ in range(6)]

    answers = await race(*[assign(town, secret, asked, own_id) for own_id, secret in officers])

    won = [each for each in answers if each.status_code == 200]
    assert len(won) == 1
    assert {type_of(each) for each in answers if each.status_code != 200} == {"already-taken"}
    assert len(await town.have(lambda db: entries(db, asked["id"]))) == 1
    assert await town.have(told) == 1


async def test_applications_are_listed_by_officer_resource_and_deadline(town: Town) -> None:
    hall = await town.hall(decision="case_officer")
    kari = await town.person()
    first = await town.book(kari, hall.whole, EVENING)
    second = await town.book(kari, hall.parts[0], make.at(TUESDAY, 12))
    anne, annes = await officer(town)
    await assign(town, annes, second, anne)

    async def ids(**query: Any) -> list[str]:
        return [each["id"] for each in (await town.get("/applications", annes, **query))["items"]]

    assert await ids() == [first["id"], second["id"]]
    assert await ids(officer="me") == await ids(officer=anne) == [second["id"]]
    assert await ids(officer="none") == [first["id"]]
    assert await ids(resource=str(hall.parts[0])) == [second["id"]]
    assert set(await ids(sort="deadline")) == {first["id"], second["id"]}
    one = await town.get("/applications", annes, sort="deadline", limit=1)
    two = await town.get("/applications", annes, sort="deadline", limit=1, cursor=one["next"])
    assert {one["items"][0]["id"], two["items"][0]["id"]} == {first["id"], second["id"]}
    assert two["next"] is None
    assert (await town.ask("GET", "/applications", annes, officer="anne")).status_code == 422
