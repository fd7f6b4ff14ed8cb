"""Roles given and ended: by whom, where, what stays in the books, and who is left."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditEntry
from core.db import Database
from core.errors import (
    AlreadyExists,
    Forbidden,
    Invalid,
    LastAdministrator,
    NotFound,
    Refusal,
    SignInNeeded,
    StepUpNeeded,
)
from core.ids import new_id
from core.privacy import Effect
from core.spans import utc_now
from core.tenants import Tenant
from people import roles
from people.actors import NOBODY, Actor, Grant, Place
from people.erasing import lay_down_roles
from people.models import RoleGrant
from people.role_schemas import RoleIn
from people.rules import may
from people.service import actor_of_token
from tests import make

NOW = utc_now()


async def administrator(db: AsyncSession, facility_id: UUID | None = None) -> Actor:
    person_id, _ = await make.person(db, role="administrator", facility_id=facility_id)
    return Actor(person_id=person_id, name="Siri", grants=(Grant("administrator", facility_id),))


async def trail(db: AsyncSession, row_id: UUID) -> list[tuple[str, UUID | None]]:
    entries = await db.scalars(select(AuditEntry).where(AuditEntry.row_id == row_id).order_by(AuditEntry.at))
    return [(entry.action, entry.actor_id) for entry in entries]


async def grant_of(db: AsyncSession, person_id: UUID | None) -> UUID:
    return (await db.scalars(select(RoleGrant.id).where(RoleGrant.person_id == person_id))).one()


async def test_a_role_given_holds_at_the_next_request_and_ended_no_longer(db: AsyncSession) -> None:
    siri = await administrator(db)
    hall = await make.hall(db)
    nils, secret = await make.person(db, name="Nils")
    assert not may(await actor_of_token(db, secret, NOW), "closure.manage", Place(hall.facility_id))

    given = await roles.give(
        db, siri, RoleIn(person_id=nils, role="caretaker", facility_id=hall.facility_id), now=NOW
    )

    assert (given.person, given.facility, given.resource) == ("Nils", "Idrettshallen", None)
    assert may(await actor_of_token(db, secret, NOW), "closure.manage", Place(hall.facility_id, hall.whole))

    await roles.end(db, siri, given.id, now=NOW)

    assert not may(await actor_of_token(db, secret, NOW), "closure.manage", Place(hall.facility_id))
    assert await trail(db, given.id) == [("role.granted", siri.person_id), ("role.ended", siri.person_id)]
    with pytest.raises(NotFound):
        await roles.end(db, siri, given.id, now=NOW)


async def test_ended_roles_stay_in_the_books(db: AsyncSession) -> None:
    siri = await administrator(db)
    nils, _ = await make.person(db)
    given = await roles.give(db, siri, RoleIn(person_id=nils, role="reader"), now=NOW)
    await roles.end(db, siri, given.id, now=NOW)

    live = await roles.roles(db, siri, person_id=nils, cursor=None, limit=10)
    ended = await roles.roles(db, siri, person_id=nils, ended=True, cursor=None, limit=10)

    assert live.items == []
    assert [(each.id, each.ended_at) for each in ended.items] == [(given.id, NOW)]
    again = await roles.give(db, siri, RoleIn(person_id=nils, role="reader"), now=NOW)
    assert again.id != given.id


async def test_the_very_same_role_is_given_once(db: AsyncSession) -> None:
    siri = await administrator(db)
    nils, _ = await make.person(db)
    hall = await make.hall(db)
    at_hall = RoleIn(person_id=nils, role="caretaker", facility_id=hall.facility_id)
    await roles.give(db, siri, RoleIn(person_id=nils, role="caretaker"), now=NOW)
    await roles.give(db, siri, at_hall, now=NOW)

    for wish in (RoleIn(person_id=nils, role="caretaker"), at_hall):
        with pytest.raises(AlreadyExists):
            await roles.give(db, siri, wish, now=NOW)


async def test_a_role_needs_a_person_and_a_place_that_are_here(db: AsyncSession) -> None:
    siri = await administrator(db)
    nils, _ = await make.person(db)
    hall = await make.hall(db)

    for wish, field in (
        (RoleIn(person_id=new_id(), role="reader"), "person_id"),
        (RoleIn(person_id=nils, role="reader", facility_id=new_id()), "facility_id"),
        (RoleIn(person_id=nils, role="reader", resource_id=new_id()), "resource_id"),
        (RoleIn(person_id=nils, role="reader", facility_id=hall.whole), "facility_id"),
    ):
        with pytest.raises(NotFound) as refused:
            await roles.give(db, siri, wish, now=NOW)
        assert refused.value.facts["field"] == field
    both = RoleIn(person_id=nils, role="reader", facility_id=hall.facility_id, resource_id=hall.whole)
    with pytest.raises(Invalid):
        await roles.give(db, siri, both, now=NOW)


async def test_only_those_who_administer_the_place_give_roles_there(db: AsyncSession) -> None:
    hall, other = await make.hall(db), await make.hall(db)
    nils, _ = await make.person(db)
    here = await administrator(db, facility_id=hall.facility_id)
    officer = Actor(person_id=nils, grants=(Grant("case_officer"),))
    weak = Actor(person_id=nils, withheld=(Grant("administrator"),))
    reading = Actor(person_id=nils, grants=(Grant("administrator"),), may_write=False)
    in_hall = RoleIn(person_id=nils, role="caretaker", resource_id=hall.whole)

    for who, refusal in (
        (NOBODY, SignInNeeded),
        (officer, Forbidden),
        (weak, StepUpNeeded),
        (reading, Forbidden),
    ):
        with pytest.raises(refusal):
            await roles.give(db, who, in_hall, now=NOW)
    for elsewhere in (
        RoleIn(person_id=nils, role="caretaker"),
        RoleIn(person_id=nils, role="caretaker", facility_id=other.facility_id),
        RoleIn(person_id=nils, role="caretaker", resource_id=other.whole),
    ):
        with pytest.raises(Forbidden):
            await roles.give(db, here, elsewhere, now=NOW)
    assert (await roles.give(db, here, in_hall, now=NOW)).resource == "Hele hallen"


async def test_who_administers_a_place_sees_and_ends_roles_there_alone(db: AsyncSession) -> None:
    siri = await administrator(db)
    hall, other = await make.hall(db), await make.hall(db)
    here = await administrator(db, facility_id=hall.facility_id)
    await make.person(db, role="caretaker", facility_id=hall.facility_id)
    await make.person(db, role="caretaker", resource_id=hall.whole)
    elsewhere, _ = await make.person(db, role="caretaker", facility_id=other.facility_id)

    seen = await roles.roles(db, here, role="caretaker", cursor=None, limit=50)
    everywhere = await roles.roles(db, siri, role="caretaker", cursor=None, limit=50)

    assert {each.facility_id for each in seen.items} == {hall.facility_id}
    assert [each.resource for each in seen.items].count("Hele hallen") == 1
    assert len(everywhere.items) >= 3
    for unknown in (await grant_of(db, elsewhere), await grant_of(db, siri.person_id), new_id()):
        with pytest.raises(NotFound):
            await roles.end(db, here, unknown, now=NOW)
    assert {row.facility_id for row in await roles.places(db, here)} == {hall.facility_id}
    assert {row.facility_id for row in await roles.places(db, siri)} >= {hall.facility_id, other.facility_id}


async def test_lists_of_roles_are_narrowed_and_paged(db: AsyncSession) -> None:
    siri = await administrator(db)
    hall = await make.hall(db)
    for number in range(5):
        await make.person(db, role="reader", resource_id=hall.whole, name=f"Lise {number}")

    names: list[str] = []
    cursor = None
    for _ in range(3):
        page = await roles.roles(db, siri, resource_id=hall.whole, cursor=cursor, limit=2)
        names += [each.person for each in page.items]
        cursor = page.next

    assert names == [f"Lise {number}" for number in range(5)]
    assert cursor is None
    at_facility = await roles.roles(db, siri, facility_id=hall.facility_id, cursor=None, limit=10)
    assert len(at_facility.items) == 5


async def test_the_last_administrator_of_the_municipality_stays(db: AsyncSession) -> None:
    siri = await administrator(db)
    own = await grant_of(db, siri.person_id)
    await administrator(db, facility_id=await make.facility(db))

    with pytest.raises(LastAdministrator):
        await roles.end(db, siri, own, now=NOW)
    with pytest.raises(LastAdministrator):
        await roles.end_all_of(db, own_id(siri), by=siri.person_id, now=NOW)

    other = await administrator(db)
    await roles.end(db, siri, own, now=NOW)
    with pytest.raises(LastAdministrator):
        await roles.end(db, other, await grant_of(db, other.person_id), now=NOW)


def own_id(actor: Actor) -> UUID:
    assert actor.person_id is not None
    return actor.person_id


async def test_who_is_forgotten_loses_every_role(db: AsyncSession) -> None:
    siri = await administrator(db)
    nils, secret = await make.person(db, role="administrator")
    db.add(RoleGrant(person_id=nils, role="caretaker"))
    await db.flush()

    assert await roles.end_all_of(db, nils, by=siri.person_id, now=NOW) == 2
    assert await roles.end_all_of(db, nils, by=siri.person_id, now=NOW) == 0
    assert (await actor_of_token(db, secret, NOW)).grants == ()


async def test_two_administrators_who_end_each_other_leave_one(database: Database, tenant: Tenant) -> None:
    """Each has read that the other is there before either has written."""
    for _ in range(10):
        async with database.transaction(tenant.id) as db:
            pair = [await administrator(db) for _ in range(2)]
            grants = [await grant_of(db, each.person_id) for each in pair]
        both_in = asyncio.Barrier(2)

        async def ends(
            who: Actor, grant_id: UUID, both_in: asyncio.Barrier = both_in
        ) -> type[Refusal] | None:
            try:
                async with database.transaction(tenant.id) as db:
                    await roles.role(db, who, grant_id)
                    await both_in.wait()
                    await roles.end(db, who, grant_id, now=NOW)
            except Refusal as refusal:
                return type(refusal)
            return None

        told = await asyncio.gather(ends(pair[0], grants[1]), ends(pair[1], grants[0]))

        assert sorted(map(str, told)) == sorted(map(str, [None, LastAdministrator]))
        async with database.transaction(tenant.id) as db:
            left = await roles.roles(db, pair[0], role="administrator", cursor=None, limit=10)
            assert len(left.items) == 1
            for each in left.items:  # so that the next round begins with its own two
                (row,) = await db.scalars(select(RoleGrant).where(RoleGrant.id == each.id))
                row.ended_at = NOW


async def test_the_same_role_given_twice_at_once_is_one(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as db:
        siri = await administrator(db)
        nils, _ = await make.person(db)

    async def gives() -> type[Refusal] | None:
        try:
            async with database.transaction(tenant.id) as db:
                await roles.give(db, siri, RoleIn(person_id=nils, role="reader"), now=NOW)
        except Refusal as refusal:
            return type(refusal)
        return None

    told = await asyncio.gather(*(gives() for _ in range(6)))

    assert told.count(None) == 1
    assert set(told) == {None, AlreadyExists}


async def test_two_administrators_who_are_forgotten_at_once_leave_one(
    database: Database, tenant: Tenant
) -> None:
    for _ in range(5):
        async with database.transaction(tenant.id) as db:
            pair = [await administrator(db) for _ in range(2)]
        both_in = asyncio.Barrier(2)

        async def goes(who: Actor, both_in: asyncio.Barrier = both_in) -> type[Refusal] | None:
            try:
                async with database.transaction(tenant.id) as db:
                    assert not any(each.fate == "in_the_way" and each.count for each in await plans(db, who))
                    await both_in.wait()
                    await lay_down_roles(db, own_id(who), NOW, dry_run=False)
            except Refusal as refusal:
                return type(refusal)
            return None

        told = await asyncio.gather(*(goes(each) for each in pair))

        assert sorted(map(str, told)) == sorted(map(str, [None, LastAdministrator]))
        async with database.transaction(tenant.id) as db:  # so that the next round begins with its own two
            left = list(await db.scalars(select(RoleGrant).where(RoleGrant.ended_at.is_(None))))
            assert len(left) == 1
            left[0].ended_at = NOW


async def plans(db: AsyncSession, who: Actor) -> list[Effect]:
    return await lay_down_roles(db, own_id(who), NOW, dry_run=True)
