"""Teams of an association, and whom to reach in it: who may change them, and what is left of them."""

import pytest
from msgspec import UNSET
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import (
    AlreadyExists,
    Forbidden,
    Invalid,
    NotFound,
)
from people import associations, teams
from people.actors import Actor
from people.association_schemas import (
    ContactIn,
    ContactPatch,
    TeamIn,
    TeamPatch,
)
from people.models import Team
from people.service import check_applicant
from tests import make
from tests.people.clubs import NOW, club, officer


async def citizen(db: AsyncSession) -> Actor:
    person_id, _ = await make.person(db)
    return Actor(person_id=person_id)


async def test_a_team_ends_and_nothing_more_is_booked_for_it(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    made = await teams.add_team(
        db, leader, association_id, body=TeamIn(name="Gutter 12", activity="handball"), now=NOW
    )
    await check_applicant(db, leader, association_id, made.id)

    await teams.end_team(db, leader, made.id, NOW)

    with pytest.raises(Invalid):
        await check_applicant(db, leader, association_id, made.id)
    assert [each.name for each in (await associations.detail(db, leader, association_id, NOW)).teams] == [
        "Jenter 14"
    ]
    with pytest.raises(NotFound):
        await teams.end_team(db, leader, made.id, NOW)
    again = await teams.add_team(db, leader, association_id, body=TeamIn(name="Gutter 12"), now=NOW)
    assert again.id == made.id
    await check_applicant(db, leader, association_id, made.id)


async def test_no_two_teams_of_an_association_have_the_same_name(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    other = await teams.add_team(db, leader, association_id, body=TeamIn(name="Senior"), now=NOW)
    with pytest.raises(AlreadyExists):
        await teams.add_team(db, leader, association_id, body=TeamIn(name="Jenter 14"), now=NOW)
    with pytest.raises(AlreadyExists):
        await teams.change_team(db, leader, other.id, body=TeamPatch(name="Jenter 14"), now=NOW)
    changed = await teams.change_team(
        db, leader, other.id, body=TeamPatch(name="Senior", age_group="20+"), now=NOW
    )
    assert changed.age_group == "20+"


async def test_only_leaders_and_officers_change_teams_and_contacts(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    team_id = (await db.scalars(select(Team.id).where(Team.association_id == association_id))).one()
    body = ContactIn(title="Kasserer", name="Per")
    hidden = await teams.add_contact(db, leader, association_id, body=body, now=NOW)
    public = await teams.add_contact(
        db, leader, association_id, body=ContactIn(title="Leder", name="Anne", is_public=True), now=NOW
    )
    kari = await citizen(db)
    booker = Actor(person_id=kari.person_id, associations=(association_id,))

    for actor, refusal in ((kari, NotFound), (booker, Forbidden)):
        with pytest.raises(Forbidden):
            await teams.change_team(db, actor, team_id, body=TeamPatch(name="X"), now=NOW)
        with pytest.raises(Forbidden):
            await teams.add_team(db, actor, association_id, body=TeamIn(name="X"), now=NOW)
        with pytest.raises(Forbidden):
            await teams.add_contact(db, actor, association_id, body=body, now=NOW)
        with pytest.raises(refusal):
            await teams.remove_contact(db, actor, hidden.id, NOW)
        with pytest.raises(Forbidden):
            await teams.remove_contact(db, actor, public.id, NOW)
    changed = await teams.change_contact(
        db, await officer(db), hidden.id, body=ContactPatch(is_public=True, email=UNSET), now=NOW
    )
    assert changed.is_public
    await teams.remove_contact(db, leader, hidden.id, NOW)
    with pytest.raises(NotFound):
        await teams.remove_contact(db, leader, hidden.id, NOW)


async def test_the_trail_of_a_contact_holds_no_personal_data(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    body = ContactIn(title="Kasserer", name="Per Hemmelig", email="per@hemmelig.example", phone="51 97 30 00")
    made = await teams.add_contact(db, leader, association_id, body=body, now=NOW)
    await teams.change_contact(db, leader, made.id, body=ContactPatch(name="Pål Hemmelig"), now=NOW)
    await teams.remove_contact(db, leader, made.id, NOW)
    trail = str((await db.execute(text("SELECT a::text FROM audit_entry a"))).all()).lower()
    assert "contact.removed" in trail
    assert "hemmelig" not in trail
