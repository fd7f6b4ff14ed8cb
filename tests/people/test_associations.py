"""Entering, changing, finding and showing associations: who may, who sees what, and which group follows."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditEntry
from core.db import Database
from core.errors import (
    AlreadyExists,
    ChangedMeanwhile,
    Forbidden,
    Invalid,
    NotFound,
    SignInNeeded,
)
from core.outbox_models import OutboxMessage
from core.tenants import Tenant
from people import associations, teams
from people.actors import NOBODY, Actor, Grant
from people.association_schemas import (
    AssociationDetail,
    AssociationIn,
    AssociationPatch,
    ContactIn,
)
from people.models import Association
from people.privacy_models import PersonalRead
from people.register import Entry
from tests import make
from tests.people.clubs import NOW, club, officer
from tests.people.register import CLUB, OTHER

ENTRY = Entry(
    number=CLUB,
    state="active",
    name="SOLVIK IL",
    form="FLI",
    postcode="4070",
    town="RANDABERG",
    is_voluntary=True,
)


async def citizen(db: AsyncSession) -> Actor:
    person_id, _ = await make.person(db)
    return Actor(person_id=person_id)


async def entered(
    db: AsyncSession, actor: Actor, entry: Entry | None = None, **fields: Any
) -> AssociationDetail:
    given: dict[str, Any] = {"name": "Solvik IL", **fields}
    body = AssociationIn(**given)
    return await associations.register(db, actor, body, now=NOW, entry=entry)


async def change(
    db: AsyncSession, actor: Actor, association_id: UUID, version: int | None = None, **fields: Any
) -> AssociationDetail:
    body = AssociationPatch(**fields)
    return await associations.change(db, actor, association_id, body=body, version=version, now=NOW)


async def row(db: AsyncSession, association_id: UUID) -> Association:
    return (await db.scalars(select(Association).where(Association.id == association_id))).one()


# --- entering


async def test_who_enters_an_association_is_nothing_in_it_yet(db: AsyncSession) -> None:
    kari = await citizen(db)

    made = await entered(db, kari, activities=["handball", "handball", "music"])

    assert made.inside is None
    assert made.activities == ["handball", "music"]
    assert (await row(db, made.id)).customer_group == "association"
    assert [entry.action for entry in await db.scalars(select(AuditEntry))] == ["association.added"]
    assert list(await db.scalars(select(OutboxMessage))) == [], "without a number there is nothing to read"


async def test_what_the_register_said_before_is_taken_over(db: AsyncSession) -> None:
    made = await entered(db, await citizen(db), ENTRY, organisation_number=CLUB, youth_percent=60)

    kept = await row(db, made.id)
    assert (made.name, made.organisation_form, made.is_voluntary, made.register_state) == (
        "Solvik IL",
        "FLI",
        True,
        "active",
    )
    assert (kept.customer_group, kept.town) == ("children_youth", "RANDABERG")
    assert list(await db.scalars(select(OutboxMessage))) == []


async def test_without_an_answer_the_register_is_asked_afterwards(db: AsyncSession) -> None:
    made = await entered(db, await citizen(db), organisation_number=CLUB)

    messages = list(await db.scalars(select(OutboxMessage)))
    assert [each.kind for each in messages] == ["RegisterReadDue"]
    assert messages[0].body["association_ids"] == [str(made.id)]
    assert made.register_state is None


async def test_an_entry_of_another_number_is_not_taken_over(db: AsyncSession) -> None:
    made = await entered(db, await citizen(db), ENTRY, organisation_number=OTHER)
    assert made.organisation_form is None


async def test_a_number_is_entered_once(db: AsyncSession) -> None:
    kari = await citizen(db)
    await entered(db, kari, organisation_number=CLUB)
    with pytest.raises(AlreadyExists):
        await entered(db, kari, organisation_number=CLUB)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"organisation_number": "974760672"}, "organisation_number"),
        ({"name": " \u200b\n "}, "name"),
        ({"activities": ["handball", "skydiving"]}, "activities.1"),
        ({"email": "post@"}, "email"),
        ({"phone": "ring meg"}, "phone"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "https://kari@evil.example"}, "website"),
        ({"website": "ftp://example.no"}, "website"),
        ({"website": 'https://example.no/" onclick="x'}, "website"),
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused_by_name(
    db: AsyncSession, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await entered(db, await citizen(db), **fields)
    assert refused.value.facts["field"] == field


async def test_nobody_enters_anything(db: AsyncSession) -> None:
    with pytest.raises(SignInNeeded):
        await entered(db, NOBODY)
    kari = await citizen(db)
    with pytest.raises(Forbidden):
        await entered(db, Actor(person_id=kari.person_id, may_write=False))


# --- changing


async def test_a_leader_changes_what_people_see_and_the_group_follows(db: AsyncSession) -> None:
    association_id, leader = await club(db)

    out = await change(
        db,
        leader,
        association_id,
        1,
        name="Viking  IL",
        youth_percent=75,
        website="viking.example",
        phone="51 97 30 00",
    )

    assert (out.name, out.website, out.version) == ("Viking IL", "https://viking.example", 2)
    assert (await row(db, association_id)).customer_group == "children_youth"
    noted = (await db.scalars(select(AuditEntry).where(AuditEntry.action == "association.changed"))).one()
    assert noted.change["customer_group"] == ["association", "children_youth"]


async def test_a_change_of_nothing_is_no_new_version(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    assert (await change(db, leader, association_id, name="Viking")).version == 1


async def test_a_lost_update_is_refused(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    await change(db, leader, association_id, 1, name="Først")
    with pytest.raises(ChangedMeanwhile) as refused:
        await change(db, leader, association_id, 1, name="Sist")
    assert refused.value.facts["version"] == 2


async def test_number_and_group_are_for_officers(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    forbidden: list[dict[str, Any]] = [
        {"organisation_number": CLUB},
        {"customer_group": "internal"},
        {"customer_group": None},
    ]
    for fields in forbidden:
        with pytest.raises(Forbidden):
            await change(db, leader, association_id, **fields)

    boss = await officer(db)
    await change(db, boss, association_id, organisation_number=CLUB, customer_group="commercial")
    await change(db, leader, association_id, youth_percent=90)
    kept = await row(db, association_id)
    assert (kept.customer_group, kept.group_is_set, kept.organisation_number) == ("commercial", True, CLUB)
    await change(db, boss, association_id, customer_group=None)
    assert (await row(db, association_id)).customer_group == "children_youth"


async def test_another_number_forgets_what_the_old_one_said(db: AsyncSession) -> None:
    made = await entered(db, await citizen(db), ENTRY, organisation_number=CLUB)
    await change(db, await officer(db), made.id, organisation_number=OTHER)
    kept = await row(db, made.id)
    assert (kept.organisation_number, kept.register_state, kept.is_voluntary) == (OTHER, None, False)
    assert len(list(await db.scalars(select(OutboxMessage)))) == 1


async def test_others_change_nothing(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    other_id, _ = await club(db)
    assert leader.person_id is not None
    booker = Actor(person_id=leader.person_id, associations=(association_id,))
    reader = Actor(person_id=leader.person_id, grants=(Grant("reader"),))
    at_a_hall = Actor(person_id=leader.person_id, grants=(Grant("case_officer", UUID(int=7)),))
    for actor in (await citizen(db), booker, reader, at_a_hall):
        with pytest.raises(Forbidden):
            await change(db, actor, association_id, name="Kapret")
    with pytest.raises(Forbidden):
        await change(db, leader, other_id, name="Kapret")
    with pytest.raises(NotFound):
        await change(db, leader, UUID(int=1), name="Kapret")


# --- what is seen


async def test_anybody_sees_public_facts_and_no_more(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    for title, is_public in (("Leder", True), ("Kasserer", False)):
        body = ContactIn(title=title, name="Anne", email="anne@example.no", is_public=is_public)
        await teams.add_contact(db, leader, association_id, body=body, now=NOW)
    await change(db, leader, association_id, email="post@example.no", phone="51 97 30 00")

    seen = await associations.detail(db, NOBODY, association_id, NOW)
    assert seen.inside is None
    assert [each.title for each in seen.contacts] == ["Leder"]
    assert [each.name for each in seen.teams] == ["Jenter 14"]
    hers = await associations.detail(db, leader, association_id, NOW)
    assert [each.title for each in hers.contacts] == ["Kasserer", "Leder"]
    assert hers.inside is not None
    assert [(each.name, each.is_me) for each in hers.inside.delegates] == [("Anne Lagleder", True)]


async def test_a_treasurer_sees_who_acts_for_it_but_not_how_to_reach_them(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    await db.execute(text("UPDATE person SET email = 'anne@example.no'"))
    kari = await citizen(db)
    treasurer = Actor(person_id=kari.person_id, treasures=(association_id,))

    for actor, email in (
        (leader, "anne@example.no"),
        (treasurer, None),
        (await officer(db), "anne@example.no"),
    ):
        inside = (await associations.detail(db, actor, association_id, NOW)).inside
        assert inside is not None
        assert [each.email for each in inside.delegates] == [email]


async def test_that_an_officer_saw_the_delegates_is_noted(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    boss = await officer(db)
    await associations.detail(db, leader, association_id, NOW)
    assert list(await db.scalars(select(PersonalRead))) == []
    await associations.detail(db, boss, association_id, NOW)
    assert [(each.person_id, each.reader_id) for each in await db.scalars(select(PersonalRead))] == [
        (leader.person_id, boss.person_id)
    ]


async def test_lists_are_ones_own_or_all_for_officers(db: AsyncSession) -> None:
    mine_id, leader = await club(db)
    other = await entered(db, await citizen(db), ENTRY, organisation_number=CLUB, name="100 % Solvik")

    async def listed(actor: Actor, **more: Any) -> list[UUID]:
        asked: dict[str, Any] = {"mine": False, "cursor": None, "limit": 50, **more}
        return [each.id for each in (await associations.listed(db, actor, **asked)).items]

    boss = await officer(db)
    assert await listed(leader, mine=True) == [mine_id]
    assert await listed(boss) == [other.id, mine_id]
    assert await listed(boss, mine=True) == []
    assert await listed(boss, text="SOLV") == [other.id]
    assert await listed(boss, text="100 %") == [other.id]
    assert await listed(boss, text="1_0") == []
    assert await listed(boss, text="974 760 673") == [other.id]
    assert await listed(boss, state="active") == [other.id]
    assert await listed(boss, state="none") == [mine_id]
    assert await listed(boss, group="commercial") == []
    assert await listed(Actor(person_id=boss.person_id, grants=boss.grants, may_write=False)) == [
        other.id,
        mine_id,
    ]
    for actor in (leader, Actor(person_id=leader.person_id, grants=(Grant("reader"),))):
        with pytest.raises(Forbidden):
            await listed(actor)
    with pytest.raises(SignInNeeded):
        await listed(NOBODY, mine=True)


async def test_a_list_comes_in_pages(db: AsyncSession) -> None:
    boss = await officer(db)
    made = [(await entered(db, boss, name=name)).id for name in ("B", "A", "C", "A")]
    seen: list[UUID] = []
    cursor: str | None = None
    for _ in range(4):
        page = await associations.listed(db, boss, mine=False, cursor=cursor, limit=1)
        seen += [each.id for each in page.items]
        cursor = page.next
    assert cursor is None
    assert sorted(seen) == sorted(made)


async def test_two_municipalities_have_the_same_number_each(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    ids: list[UUID] = []
    for each in (tenant, stranger):
        async with database.transaction(each.id) as db:
            ids.append((await entered(db, await citizen(db), organisation_number=CLUB)).id)
    async with database.transaction(tenant.id) as db:
        boss = await officer(db)
        found = await associations.listed(db, boss, mine=False, cursor=None, limit=50)
        assert [each.id for each in found.items] == ids[:1]
        with pytest.raises(NotFound):
            await associations.detail(db, boss, ids[1], NOW)
        with pytest.raises(NotFound):
            await change(db, boss, ids[1], name="Kapret")
