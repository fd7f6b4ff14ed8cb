"""The list of the day: who may have it, what stands in it, and the trace it leaves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.boards.views import answer_told
from core.texts import texts
from people.models import Person
from people.privacy_models import PersonalRead
from tests import make, priced
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18, 1.5)


async def day(town: Town, token: str | None, facility_id: UUID, **query: Any) -> Any:
    return await town.get("/day", token, facility=str(facility_id), on=TUESDAY.isoformat(), **query)


async def page(town: Town, token: str | None, **query: Any) -> Any:
    headers = make.bearer(token) if token else {}
    return await town.http.get(f"/{town.tenant.slug}/day", params=query, headers=headers)


async def kari_with_phone(db: AsyncSession) -> tuple[UUID, str]:
    id_, token = await make.person(db, name="Kari Nordmann")
    await db.execute(update(Person).where(Person.id == id_).values(phone="+4790000000"))
    return id_, token


async def test_the_caretaker_is_told_who_comes_how_to_reach_her_and_what_to_set_up(town: Town) -> None:
    hall = await town.hall(setup_minutes=30, cleanup_minutes=15)
    kari_id, kari = await town.have(kari_with_phone)
    club, team = await town.have(lambda db: make.association(db, kari_id))
    await town.have(lambda db: priced.article(db, "goals"))
    await town.book(
        kari,
        hall.parts[0],
        EVENING,
        association_id=str(club),
        team_id=str(team),
        people=20,
        purpose="Måla må stå klare",
        articles=[{"article": "goals", "quantity": 2}],
    )
    await town.book(kari, hall.parts[1], make.at(TUESDAY, 10), title="Møte")
    await town.book(kari, hall.parts[1], make.at(TUESDAY + timedelta(days=1), 10))
    caretaker_id, caretaker = await town.have(
        lambda db: make.person(db, role="caretaker", facility_id=hall.facility_id)
    )

    found = await day(town, caretaker, hall.facility_id)

    assert [visit["title"] for visit in found["visits"]] == ["Møte", "Trening"]
    visit = found["visits"][1]
    told = ("association", "team", "contact", "phone", "people", "notes", "articles", "state")
    assert {name: visit[name] for name in told} == {
        "association": "Viking",
        "team": "Jenter 14",
        "contact": "Kari Nordmann",
        "phone": "+4790000000",
        "people": 20,
        "notes": "Måla må stå klare",
        "articles": [{"article": "goals", "quantity": 2}],
        "state": "confirmed",
    }
    assert make.span_of({"start": found["unlock_at"], "end": found["lock_at"]}) == make.at(
        TUESDAY, 9.5, 10.25
    )
    assert [make.span_of(gap) for gap in found["gaps"]] == [make.at(TUESDAY, 11.25, 6.25)]

    async def traces(db: AsyncSession) -> Any:
        rows = await db.execute(select(PersonalRead.reader_id, PersonalRead.person_id, PersonalRead.what))
        return [tuple(row) for row in rows]

    assert await town.have(traces) == [(caretaker_id, kari_id, "day")]
    html = (await page(town, caretaker, on=TUESDAY.isoformat())).text
    assert "tel:+4790000000" in html
    assert "goals" in html
    assert "Måla må stå klare" in html


async def test_a_caretaker_of_one_facility_or_one_resource_sees_that_alone(town: Town) -> None:
    hall, other = await town.hall(), await town.hall()
    kari = await town.person()
    await town.book(kari, hall.parts[0], EVENING, title="Her")
    await town.book(kari, hall.parts[1], EVENING, title="Ved siden av")
    at_hall = await town.person("caretaker", facility_id=hall.facility_id)
    at_part = await town.person("caretaker", resource_id=hall.parts[0])

    async def titles(token: str) -> list[str]:
        return [visit["title"] for visit in (await day(town, token, hall.facility_id))["visits"]]

    assert sorted(await titles(at_hall)) == ["Her", "Ved siden av"]
    assert await titles(at_part) == ["Her"]
    for token in (at_hall, at_part):
        answer = await town.ask("GET", "/day", token, facility=str(other.facility_id))
        assert answer.status_code == 403
        html = (await page(town, token)).text
        assert str(other.facility_id) not in html
        assert str(hall.facility_id) in html


@pytest.mark.parametrize("role", [None, "finance", "reader"])
async def test_others_get_no_list_and_no_way_to_it(town: Town, role: str | None) -> None:
    hall = await town.hall()
    token = await town.person(role)
    answer = await town.ask("GET", "/day", token, facility=str(hall.facility_id))
    assert answer.status_code == 403
    assert (await page(town, token)).status_code == 403
    front = await town.http.get(f"/{town.tenant.slug}/bookings", headers=make.bearer(token))
    assert f"/{town.tenant.slug}/day" not in front.text
    assert (await town.ask("GET", "/day")).status_code == 401


async def test_what_has_ended_does_not_come(town: Town) -> None:
    hall = await town.hall()
    kari = await town.person()
    booking = await town.booked(kari, hall.whole, EVENING)
    await town.post(f"/bookings/{booking}/cancel", kari, {"reason": "Syk"})
    found = await day(town, await town.person("administrator"), hall.facility_id)
    assert (found["visits"], found["unlock_at"], found["gaps"]) == ([], None, [])


async def test_unknown_facilities_and_impossible_days(town: Town) -> None:
    caretaker = await town.person("caretaker")
    assert (await town.ask("GET", "/day", caretaker, facility=str(UUID(int=1)))).status_code == 404
    assert (await town.ask("GET", "/day", caretaker)).status_code == 404, "there is no facility yet"
    hall = await town.hall()
    answer = await town.ask("GET", "/day", caretaker, facility=str(hall.facility_id), on="1999-12-31")
    assert answer.status_code == 422
    for query in ({"on": "x"}, {"facility": "x"}, {"on": "9999-12-31"}):
        assert (await page(town, caretaker, **query)).status_code == 200


def test_answers_are_told_as_they_were_asked() -> None:
    asked = [
        {"key": "floor", "kind": "yes_no", "label": {"nn": "Skal golvet dekkjast?"}},
        {
            "key": "music",
            "kind": "choice",
            "label": {"nb": "Musikk"},
            "options": [{"key": "loud", "label": {"nb": "Høy"}}],
        },
    ]
    words = texts("en")
    assert answer_told("floor", True, asked, words) == ("Skal golvet dekkjast?", "Yes")
    assert answer_told("music", "loud", asked, words) == ("Musikk", "Høy")
    assert answer_told("music", "quiet", asked, words) == ("Musikk", "quiet")
    assert answer_told("gone", 7, asked, words) == ("gone", "7")
