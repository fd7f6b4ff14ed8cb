"""Persons found by staff: by what, in pages, by whom; and what is told of them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.errors import ChangedMeanwhile, Forbidden, Invalid, NotFound, SignInNeeded
from core.spans import utc_now
from core.tenants import Tenant
from people import finding
from people.actors import NOBODY, Actor, Grant, Role
from people.models import Delegate, Person, RoleGrant
from people.privacy_models import PersonalRead
from people.role_schemas import PersonPatch
from tests import make

NOW = utc_now()


async def someone(db: AsyncSession, name: str, **columns: Any) -> UUID:
    person_id, _ = await make.person(db, name=name)
    if columns:
        await db.execute(update(Person).where(Person.id == person_id).values(**columns))
    return person_id


async def staff(db: AsyncSession, role: Role = "case_officer", facility_id: UUID | None = None) -> Actor:
    person_id, _ = await make.person(db, role=role, name="Ansatt", facility_id=facility_id)
    return Actor(person_id=person_id, grants=(Grant(role, facility_id),))


async def found(db: AsyncSession, text: str) -> list[str]:
    page = await finding.people(db, await staff(db), text, cursor=None, limit=50, now=NOW)
    return [each.name for each in page.items]


async def test_a_person_is_found_by_name_mail_telephone_and_association(db: AsyncSession) -> None:
    kari = await someone(db, "Kari Ødegård", email="ko@example.org", phone="+47 912 34 567")
    club, _ = await make.association(db, kari)
    await someone(db, "Per Nabo")
    assert club

    for text in (
        "ødegård",
        "ØDEG",
        "kari øde",
        "Ødegård Kari",
        "ko@exam",
        "91234567",
        "+47 912 34",
        "912-34-567",
        "viking",
        "viking kari",
    ):
        assert await found(db, text) == ["Kari Ødegård"], text
    for text in ("kari nabo", "karin", "999999", "brodd"):
        assert await found(db, text) == [], text


async def test_signs_of_patterns_are_letters_like_any(db: AsyncSession) -> None:
    await someone(db, "100% Idrett")
    await someone(db, "Per_Nabo")
    await someone(db, "Back\\slash")
    await someone(db, "PerXNabo")

    assert await found(db, "0%") == ["100% Idrett"]
    assert await found(db, "r_N") == ["Per_Nabo"]
    assert await found(db, "k\\s") == ["Back\\slash"]
    assert await found(db, "%%") == []
    assert await found(db, "__") == []


@pytest.mark.parametrize("text", ["", " ", "a", " a ", "\t"])
async def test_one_letter_is_too_little(db: AsyncSession, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        await found(db, text)
    assert refused.value.facts["field"] == "text"


async def test_an_ended_delegation_finds_nobody_and_a_forgotten_person_is_not_there(db: AsyncSession) -> None:
    kari = await someone(db, "Kari")
    await make.association(db, kari)
    await db.execute(update(Delegate).values(ended_at=NOW))
    assert await found(db, "viking") == []

    await db.execute(update(Person).where(Person.id == kari).values(erased_at=NOW))
    assert await found(db, "kari") == []
    with pytest.raises(NotFound):
        await finding.person(db, await staff(db), kari, now=NOW)


async def test_the_list_is_paged_by_name(db: AsyncSession) -> None:
    for number in range(5):
        await someone(db, f"Lise {number}")
    officer = await staff(db)

    names: list[str] = []
    cursor = None
    for _ in range(3):
        page = await finding.people(db, officer, "lise", cursor=cursor, limit=2, now=NOW)
        names += [each.name for each in page.items]
        cursor = page.next

    assert names == [f"Lise {number}" for number in range(5)]
    assert cursor is None


@pytest.mark.parametrize(
    ("role", "reads", "changes"),
    [
        ("administrator", True, True),
        ("facility_manager", True, False),
        ("case_officer", True, True),
        ("finance", True, False),
        ("caretaker", False, False),
        ("reader", False, False),
    ],
)
async def test_who_reads_persons_and_who_says_what_group_they_are_in(
    db: AsyncSession, role: Role, reads: bool, changes: bool
) -> None:
    kari = await someone(db, "Kari")
    patch = PersonPatch(customer_group="internal")
    who = await staff(db, role)
    here = await staff(db, role, facility_id=await make.facility(db))
    for actor, may_read, may_change in ((who, reads, changes), (here, False, False)):
        for allowed, work in (
            (may_read, finding.people(db, actor, "kari", cursor=None, limit=5, now=NOW)),
            (may_read, finding.person(db, actor, kari, now=NOW)),
            (may_change, finding.change_person(db, actor, kari, body=patch, version=None, now=NOW)),
        ):
            if allowed:
                assert await work
            else:
                with pytest.raises(Forbidden):
                    await work
    with pytest.raises(SignInNeeded):
        await finding.person(db, NOBODY, kari, now=NOW)


async def test_what_staff_see_of_a_person(db: AsyncSession) -> None:
    kari = await someone(db, "Kari", email="k@example.org", phone="91234567", postcode="4306", seen_at=NOW)
    club, _ = await make.association(db, kari)
    make.token(db, kari, "read")
    ended = NOW - timedelta(days=1)
    db.add(RoleGrant(person_id=kari, role="caretaker", ended_at=ended))
    db.add(RoleGrant(person_id=kari, role="reader"))
    await db.flush()

    told = await finding.person(db, await staff(db), kari, now=NOW)

    assert (told.name, told.email, told.phone, told.postcode) == ("Kari", "k@example.org", "91234567", "4306")
    assert [(each.association_id, each.role) for each in told.delegations] == [(club, "booker")]
    assert [(each.role, each.ended_at) for each in told.roles] == [("reader", None), ("caretaker", ended)]
    assert (told.tokens, told.associations, told.seen_at) == (2, ["Viking"], NOW)
    assert "identity" not in msgspec.json.encode(told).decode()


async def test_each_who_was_read_about_can_see_it(db: AsyncSession) -> None:
    kari, officer = await someone(db, "Kari"), await staff(db)
    await finding.people(db, officer, "kari", cursor=None, limit=5, now=NOW)
    await finding.person(db, officer, kari, now=NOW)

    reads = await db.scalars(select(PersonalRead).where(PersonalRead.person_id == kari))

    assert {(read.what, read.reader_id) for read in reads} == {
        ("people", officer.person_id),
        ("person", officer.person_id),
    }


async def test_another_group_is_noted_and_makes_a_new_version(db: AsyncSession) -> None:
    kari, officer = await someone(db, "Kari"), await staff(db)
    patch = PersonPatch(customer_group="internal")

    changed = await finding.change_person(db, officer, kari, body=patch, version=1, now=NOW)

    assert (changed.customer_group, changed.version) == ("internal", 2)
    with pytest.raises(ChangedMeanwhile):
        await finding.change_person(db, officer, kari, body=patch, version=1, now=NOW)


async def test_nobody_of_the_other_municipality_is_found(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    async with database.transaction(stranger.id) as db:
        kari = await someone(db, "Kari Fremmed")
        await make.association(db, kari)
    async with database.transaction(tenant.id) as db:
        assert await found(db, "kari") == []
        assert await found(db, "viking") == []
        with pytest.raises(NotFound):
            await finding.person(db, await staff(db), kari, now=NOW)
