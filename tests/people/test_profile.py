"""One's own profile: read and changed by oneself alone, versioned; and what it is needed for."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditEntry
from core.db import Database
from core.tenants import Tenant
from people.models import Person
from tests import make
from tests.booking.conftest import Town

EVENING = make.at(make.next_weekday(2), 18)


async def test_a_profile_is_ones_own_and_only_what_is_given_changes(town: Town) -> None:
    _, kari = await town.have(lambda db: make.person(db, name="Kari"))
    _, ola = await town.have(lambda db: make.person(db, name="Ola"))
    body = {"email": " kari@example.no ", "phone": "51 97 30 00", "postcode": "4006", "language": "nn"}

    changed = await town.ask("PATCH", "/me", kari, body=body)

    assert changed.status_code == 200, changed.text
    assert changed.headers["etag"] == '"2"'
    told = await town.get("/me", kari)
    assert told == changed.json()
    assert told["name"] == "Kari"
    assert (told["email"], told["phone"], told["postcode"]) == ("kari@example.no", "+4751973000", "4006")
    assert (told["language"], told["notices"]) == ("nn", ["email", "reminder", "waiting", "digest"])
    emptied = await town.ask("PATCH", "/me", kari, body={"email": None, "notices": []})
    assert (emptied.json()["email"], emptied.json()["notices"]) == (None, [])
    assert emptied.json()["phone"] == "+4751973000"
    assert (await town.get("/me", ola))["phone"] is None
    assert (await town.ask("GET", "/me")).status_code == 401


async def test_a_change_of_what_has_changed_meanwhile_is_refused(town: Town) -> None:
    kari = await town.person()
    first = await town.ask("PATCH", "/me", kari, body={"name": "Kari"}, headers={"If-Match": '"1"'})
    late = await town.ask("PATCH", "/me", kari, body={"name": "Karin"}, headers={"If-Match": '"1"'})
    same = await town.ask("PATCH", "/me", kari, body={"name": "Kari"}, headers={"If-Match": '"2"'})

    assert first.status_code == 200
    assert (late.status_code, late.json()["version"]) == (412, 2)
    assert same.headers["etag"] == '"2"', "nothing changed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": None}, "name"),
        ({"email": "kari"}, "email"),
        ({"phone": "1"}, "phone"),
        ({"postcode": "x"}, "postcode"),
        ({"language": "de"}, "language"),
        ({"notices": ["smoke"]}, "notices.0"),
        ({"customer_group": "internal"}, "customer_group"),
        ({"version": 7}, "version"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_changes(
    town: Town, body: dict[str, object], field: str
) -> None:
    kari = await town.person()
    before = await town.get("/me", kari)

    refused = await town.ask("PATCH", "/me", kari, body={"postcode": "4006", **body})

    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert await town.get("/me", kari) == before


async def test_the_trail_tells_that_it_changed_and_not_what_it_was(town: Town) -> None:
    kari_id, kari = await town.have(lambda db: make.person(db, name="Kari Hemmelig"))
    await town.ask("PATCH", "/me", kari, body={"name": "Kari Gift", "email": "kari@example.no"})

    async def trail(db: AsyncSession) -> list[AuditEntry]:
        return list(await db.scalars(select(AuditEntry)))

    (entry,) = await town.have(trail)
    assert (entry.actor_id, entry.row_id, entry.action) == (kari_id, kari_id, "person.changed")
    assert entry.change == {"members": [None, ["name", "email"]]}


async def test_a_token_that_only_reads_changes_nothing(town: Town) -> None:
    reads = await town.person(scopes=("read",))
    assert (await town.ask("GET", "/me", reads)).status_code == 200
    assert (await town.ask("PATCH", "/me", reads, body={"name": "Ola"})).status_code == 403


async def test_who_has_no_name_is_told_so_before_and_when_she_books(town: Town) -> None:
    hall = await town.hall()
    kari_id, kari = await town.have(make.person)
    await town.have(lambda db: db.execute(update(Person).where(Person.id == kari_id).values(name="")))
    wish = make.wish(hall.whole, EVENING)

    quoted = await town.post("/quote", kari, wish)
    refused = await town.apply(kari, wish)

    assert quoted.json()["allowed"] is False
    assert [each["type"] for each in quoted.json()["refusals"]] == ["/problems/profile-incomplete"]
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/profile-incomplete")
    assert refused.json()["missing"] == ["name"]
    await town.ask("PATCH", "/me", kari, body={"name": "Kari"})
    assert (await town.apply(kari, wish)).status_code == 201


async def test_two_profiles_of_one_person_are_two(database: Database, stranger: Tenant, town: Town) -> None:
    _, kari = await town.have(lambda db: make.person(db, name="Kari"))
    async with database.transaction(stranger.id) as db:
        other_id, _ = await make.person(db, name="Kari")

    await town.ask("PATCH", "/me", kari, body={"phone": "51973000"})

    async with database.transaction(stranger.id) as db:
        assert await db.scalar(select(Person.phone).where(Person.id == other_id)) is None
