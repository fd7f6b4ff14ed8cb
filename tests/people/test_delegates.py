"""Who acts for an association: a leader is always left, also when two act at once."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.errors import Forbidden, Invalid, LastLeader, NotFound, SignInNeeded
from core.spans import utc_now
from core.tenants import Tenant
from people import delegates
from people.actors import NOBODY, Actor, DelegateRole
from people.models import Delegate
from people.service import actor_of_token
from tests import make
from tests.people.clubs import NOW, club, officer


async def member(db: AsyncSession, association_id: UUID, role: DelegateRole) -> tuple[UUID, Actor, str]:
    """One more who acts for it: (delegate, as actor, token)."""
    person_id, token = await make.person(db)
    db.add(Delegate(person_id=person_id, association_id=association_id, role=role))
    await db.flush()
    row = (await db.scalars(select(Delegate).where(Delegate.person_id == person_id))).one()
    return row.id, await actor_of_token(db, token, NOW), token


async def row_of(db: AsyncSession, actor: Actor) -> Delegate:
    return (await db.scalars(select(Delegate).where(Delegate.person_id == actor.person_id))).one()


async def roles(db: AsyncSession, association_id: UUID) -> list[str]:
    """Of those who have not left."""
    found = select(Delegate.role).where(
        Delegate.association_id == association_id, Delegate.ended_at.is_(None)
    )
    return sorted(await db.scalars(found))


async def test_a_leader_changes_roles_and_ends_them(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    booker, _, _ = await member(db, association_id, "booker")

    await delegates.change_role(db, leader, booker, role="treasurer", now=NOW)
    assert await roles(db, association_id) == ["leader", "treasurer"]
    await delegates.end(db, leader, booker, NOW)
    assert await roles(db, association_id) == ["leader"]
    with pytest.raises(NotFound):
        await delegates.end(db, leader, booker, NOW)


async def test_the_last_leader_neither_leaves_nor_becomes_less(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    await member(db, association_id, "booker")
    mine = (await row_of(db, leader)).id

    for role in ("booker", "treasurer"):
        with pytest.raises(LastLeader):
            await delegates.change_role(db, leader, mine, role=role, now=NOW)
    with pytest.raises(LastLeader):
        await delegates.end(db, leader, mine, NOW)
    await delegates.change_role(db, leader, mine, role="leader", now=NOW)

    await member(db, association_id, "leader")
    await delegates.end(db, leader, mine, NOW)
    assert await roles(db, association_id) == ["booker", "leader"]


async def test_an_officer_may_end_the_last_leader(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    await delegates.end(db, await officer(db), (await row_of(db, leader)).id, NOW)
    assert await roles(db, association_id) == []


async def test_anybody_may_leave_herself(db: AsyncSession) -> None:
    association_id, _ = await club(db)
    for role in ("booker", "treasurer"):
        delegate_id, actor, _ = await member(db, association_id, role)
        await delegates.end(db, actor, delegate_id, NOW)
    assert await roles(db, association_id) == ["leader"]


async def test_others_change_nobody_and_strangers_learn_nothing(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    _, other_leader = await club(db)
    mine = (await row_of(db, leader)).id
    _, booker, _ = await member(db, association_id, "booker")
    _, treasurer, _ = await member(db, association_id, "treasurer")

    for actor in (booker, treasurer):
        with pytest.raises(Forbidden):
            await delegates.end(db, actor, mine, NOW)
        with pytest.raises(Forbidden):
            await delegates.change_role(db, actor, mine, role="booker", now=NOW)
        assert len(await delegates.delegates(db, actor, association_id, NOW)) == 3
    with pytest.raises(NotFound):
        await delegates.end(db, other_leader, mine, NOW)
    with pytest.raises(Forbidden):
        await delegates.delegates(db, other_leader, association_id, NOW)
    with pytest.raises(SignInNeeded):
        await delegates.end(db, NOBODY, mine, NOW)
    assert leader.person_id is not None
    with pytest.raises(Forbidden):
        await delegates.end(
            db, Actor(person_id=leader.person_id, leads=(association_id,), may_write=False), mine, NOW
        )


async def test_a_role_that_there_is_not(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    booker, _, _ = await member(db, association_id, "booker")
    with pytest.raises(Invalid):
        await delegates.change_role(db, leader, booker, role="owner", now=NOW)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(("stays", "left"), [(True, ["booker", "leader"]), (False, ["leader"])])
async def test_the_lead_is_handed_over_in_one_step(db: AsyncSession, *, stays: bool, left: list[str]) -> None:
    association_id, leader = await club(db)
    heir_id, heir, _ = await member(db, association_id, "treasurer")

    await delegates.hand_over(db, leader, association_id, to=heir_id, stays=stays, now=NOW)

    assert await roles(db, association_id) == left
    assert (await row_of(db, heir)).role == "leader"


async def test_the_lead_is_handed_to_nobody_outside_and_by_nobody_else(db: AsyncSession) -> None:
    association_id, leader = await club(db)
    _, other_leader = await club(db)
    outside = (await row_of(db, other_leader)).id
    booker_id, booker, _ = await member(db, association_id, "booker")

    for to in (outside, (await row_of(db, leader)).id, UUID(int=1)):
        with pytest.raises(Invalid):
            await delegates.hand_over(db, leader, association_id, to=to, stays=True, now=NOW)
    with pytest.raises(Forbidden):
        await delegates.hand_over(db, booker, association_id, to=booker_id, stays=True, now=NOW)
    with pytest.raises(NotFound):
        await delegates.hand_over(db, leader, UUID(int=1), to=booker_id, stays=True, now=NOW)


# --- what really commits


async def test_two_leaders_who_end_each_other_at_once_leave_one(database: Database, tenant: Tenant) -> None:
    """Many times, for the first rounds might be lucky."""
    for _ in range(5):
        async with database.transaction(tenant.id) as db:
            association_id, _ = await make.association(db)
            ones = [await member(db, association_id, "leader") for _ in range(2)]

        async def put_out(token: str, delegate_id: UUID) -> bool:
            async def work(db: AsyncSession) -> None:
                actor = await actor_of_token(db, token, utc_now())
                await delegates.end(db, actor, delegate_id, utc_now())

            try:
                await database.run(tenant.id, work)
            except (Forbidden, LastLeader, NotFound):
                return False
            return True

        (first, _, first_token), (second, _, second_token) = ones
        done = await asyncio.gather(put_out(first_token, second), put_out(second_token, first))
        assert sorted(done) == [False, True]
        async with database.transaction(tenant.id) as db:
            assert await roles(db, association_id) == ["leader"]


async def test_of_many_leaders_who_leave_at_once_one_must_stay(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as db:
        association_id, _ = await make.association(db)
        ones = [await member(db, association_id, "leader") for _ in range(6)]

    async def leave(token: str, delegate_id: UUID) -> bool:
        async def work(db: AsyncSession) -> None:
            await delegates.end(db, await actor_of_token(db, token, utc_now()), delegate_id, utc_now())

        try:
            await database.run(tenant.id, work)
        except LastLeader:
            return False
        return True

    left = await asyncio.gather(*(leave(token, delegate_id) for delegate_id, _, token in ones))
    assert left.count(True) == 5
    async with database.transaction(tenant.id) as db:
        assert await roles(db, association_id) == ["leader"]
