"""Erased: what goes, what the law keeps and why, what must be put in order first; and nothing half done."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Application, Booking
from core.db import Base, Database
from core.errors import Forbidden, NotErasable, SignInNeeded
from core.ids import new_id
from core.spans import utc_now
from core.tenants import Tenant
from people import erasing, service, tasks
from people.actors import NOBODY, Actor
from people.identity_models import Identity, IdentityKey
from people.models import Delegate, Login, Person, RoleGrant, Token
from tests import make
from tests.people import holding
from tests.people.holding import DAY, NOW, deliver_all

MARK = "hemmeligmerke"
assert tasks.forget_identity, "who is to hear of an erasure"


async def everything(db: AsyncSession, mark: str) -> set[str]:
    """Tables of the municipality that hold the mark anywhere."""
    found: set[str] = set()
    for table in Base.metadata.sorted_tables:
        if "tenant_id" in table.c and table.name != "tenant_host":
            row = await db.scalar(text(f"SELECT 1 FROM {table.name} t WHERE t::text ~* '{mark}' LIMIT 1"))
            if row:
                found.add(table.name)
    return found


async def test_the_dry_run_tells_what_is_then_done_and_changes_nothing(db: AsyncSession) -> None:
    kari = await holding.person(db, MARK)
    await holding.belongings(db, kari, MARK)
    await holding.application(db, kari, await holding.hall(db), MARK)
    before = await everything(db, MARK)

    plan = await erasing.erasure(db, Actor(person_id=kari), NOW)

    assert await everything(db, MARK) == before
    done = await erasing.erase_me(db, Actor(person_id=kari, login_id=new_id()), NOW)
    assert done == plan
    assert plan.is_possible
    assert all(each.why for each in plan.effects if each.fate == "kept")
    again = await erasing.erasure(db, Actor(person_id=kari), NOW)
    gone = {each.kind for each in plan.effects if each.fate == "erased"} - {"person"}
    assert gone >= {"login", "token", "invitation", "leader_claim", "stored_file", "letter", "booking"}
    assert gone >= {"personal_read", "idempotency_key"}
    assert {each.kind for each in again.effects if each.fate == "erased"} == {"person"}


async def test_no_table_knows_her_but_those_that_said_so(db: AsyncSession) -> None:
    kari = await holding.person(db, MARK, language="nn", notices=["email"])
    await holding.belongings(db, kari, MARK)
    await holding.application(db, kari, await holding.hall(db), MARK)
    assert len(await everything(db, MARK)) > 10

    await erasing.erase(db, kari, NOW, actor_id=None)

    # The association's own name, the decided claim and its file stay; the trail has numbers only.
    assert await everything(db, MARK) == {"association", "leader_claim", "stored_file"}
    row = (await db.scalars(select(Person).where(Person.id == kari))).one()
    assert (row.name, row.email, row.phone, row.postcode, row.language) == ("", None, None, None, None)
    assert (row.identity_id, row.notices, row.erased_at) == (None, [], NOW)


async def test_statistics_survive_without_persons(db: AsyncSession) -> None:
    kari = await holding.person(db, MARK)
    hall = await holding.hall(db)
    await holding.application(db, kari, hall, MARK)

    async def statistics() -> Any:
        booked = select(
            Booking.resource_id, Booking.starts_at, Booking.ends_at, Booking.state, Booking.quantity
        )
        applied = select(Application.activity, Application.people, Application.created_at)
        return (await db.execute(booked)).all(), (await db.execute(applied)).all()

    before = await statistics()
    await erasing.erase(db, kari, NOW, actor_id=None)
    assert await statistics() == before


@pytest.mark.parametrize(
    ("booking", "fate", "law"),
    [
        ({}, "erased", None),
        ({"state": "cancelled"}, "erased", None),
        ({"price": {"gross": {"amount": 0, "currency": "NOK"}}}, "erased", None),
        ({"price": {"gross": {"amount": 100, "currency": "NOK"}}}, "kept", "bokføringsloven"),
        (
            {"price": {"gross": {"amount": 100, "currency": "NOK"}}, "ends_at": NOW - 2190 * DAY},
            "kept",
            "bokføringsloven",
        ),
        (
            {"price": {"gross": {"amount": 100, "currency": "NOK"}}, "ends_at": NOW - 2192 * DAY},
            "erased",
            None,
        ),
        ({"decided_by": True, "decided_at": NOW - 5 * DAY}, "kept", "arkivlova"),
        ({"decided_by": True, "decided_at": NOW, "state": "rejected"}, "kept", "arkivlova"),
        ({"decided_at": NOW - 5 * DAY}, "erased", None),
    ],
    ids=str,
)
async def test_what_she_wrote_goes_unless_a_law_keeps_it(
    db: AsyncSession, booking: dict[str, Any], fate: str, law: str | None
) -> None:
    kari = await holding.person(db, MARK)
    if booking.get("decided_by"):
        booking = {**booking, "decided_by": await holding.person(db, "sakbehandler")}
    made = await holding.application(db, kari, await holding.hall(db), MARK, **booking)

    done = await erasing.erase(db, kari, NOW, actor_id=None)

    told = [effect for kind, effect in done if kind == "booking"]
    assert [(each.fate, each.count) for each in told] == [(fate, 1)]
    assert (law or "") in (told[0].why or "")
    is_there = (
        {"application", "booking", "case_entry", "stored_file", "appeal", "offer"}
        if fate == "kept"
        else set[str]()
    )
    assert await everything(db, MARK) == is_there
    assert await holding.title_of(db, made) == (f"Bursdag {MARK}" if fate == "kept" else "")


async def test_what_is_an_associations_stays_with_it(db: AsyncSession) -> None:
    kari = await holding.person(db, MARK)
    club = await holding.association(db, "Viking", booker=kari)
    hall = await holding.hall(db)
    made = await holding.application(db, kari, hall, "laget", association_id=club, ends_at=NOW + DAY)

    await erasing.erase(db, kari, NOW, actor_id=None)

    assert await holding.title_of(db, made) == "Bursdag laget"
    ended = (await db.scalars(select(Delegate.ended_at).where(Delegate.person_id == kari))).one()
    assert ended == NOW


async def refused(db: AsyncSession, person_id: UUID) -> list[tuple[str, int]]:
    """What is in the way."""
    with pytest.raises(NotErasable) as found:
        await erasing.erase(db, person_id, NOW, actor_id=person_id)
    plan = await erasing.erasure(db, Actor(person_id=person_id), NOW)
    told = found.value.facts["in_the_way"]
    assert not plan.is_possible
    assert [each["what"] for each in told] == [e.what for e in plan.effects if e.fate == "in_the_way"]
    assert all(each["why"] for each in told)
    return [(each["kind"], each["count"]) for each in told]


@pytest.mark.parametrize("state", ["held", "requested", "awaiting_payment", "confirmed"])
async def test_coming_bookings_must_be_cancelled_first(db: AsyncSession, state: str) -> None:
    kari = await holding.person(db, MARK)
    made = await holding.application(
        db, kari, await holding.hall(db), MARK, ends_at=NOW + timedelta(minutes=1), state=state
    )

    assert await refused(db, kari) == [("booking", 1)]

    assert await holding.title_of(db, made) == f"Bursdag {MARK}"
    assert (await db.scalars(select(Person.name).where(Person.id == kari))).one() == f"Kari {MARK}"


@pytest.mark.parametrize(
    "booking",
    [
        {"state": "cancelled", "ends_at": NOW + DAY},
        {"state": "confirmed", "ends_at": NOW},
        {"state": "held", "ends_at": NOW + DAY, "held_until": NOW},
    ],
    ids=str,
)
async def test_what_has_ended_is_in_nobodys_way(db: AsyncSession, booking: dict[str, Any]) -> None:
    kari = await holding.person(db, MARK)
    await holding.application(db, kari, await holding.hall(db), MARK, **booking)
    await erasing.erase(db, kari, NOW, actor_id=None)
    states = set(await db.scalars(select(Booking.state).where(Booking.person_id == kari)))
    assert states <= {"cancelled", "confirmed", "withdrawn"}


async def test_a_past_request_that_nobody_answered_is_withdrawn(db: AsyncSession) -> None:
    kari = await holding.person(db, MARK)
    await holding.application(db, kari, await holding.hall(db), MARK, state="requested")
    await erasing.erase(db, kari, NOW, actor_id=None)
    assert (await db.scalars(select(Booking.state).where(Booking.person_id == kari))).one() == "withdrawn"


async def test_the_last_leader_hands_over_first(db: AsyncSession) -> None:
    kari, ola = await holding.person(db, MARK), await holding.person(db, "ola")
    await holding.association(db, "Alene", leader=kari)
    await holding.association(db, "Med kasserer", leader=kari, treasurer=ola)

    assert await refused(db, kari) == [("delegate", 1)]

    await db.execute(text("UPDATE delegate SET role = 'leader' WHERE person_id = :ola"), {"ola": ola})
    await erasing.erase(db, kari, NOW, actor_id=None)


async def test_the_last_administrator_makes_another_first(db: AsyncSession) -> None:
    kari, ola = await holding.person(db, MARK), await holding.person(db, "ola")
    db.add(RoleGrant(person_id=kari, role="administrator"))
    db.add(RoleGrant(person_id=ola, role="administrator", facility_id=await make.facility(db)))
    await db.flush()

    assert await refused(db, kari) == [("role_grant", 1)]

    db.add(RoleGrant(person_id=ola, role="administrator"))
    await db.flush()
    await erasing.erase(db, kari, NOW, actor_id=None)
    assert (await db.scalars(select(RoleGrant.ended_at).where(RoleGrant.person_id == kari))).one() == NOW


async def test_only_she_herself_at_a_browser_erases_herself(db: AsyncSession) -> None:
    kari = await holding.person(db, MARK)
    for actor, refusal in ((NOBODY, SignInNeeded), (Actor(person_id=kari), Forbidden)):
        with pytest.raises(refusal):
            await erasing.erase_me(db, actor, NOW)


async def test_logins_and_tokens_open_nothing_any_more(db: AsyncSession) -> None:
    kari = await holding.person(db, MARK)
    cookie = await service.sign_in(db, kari, NOW)
    secret = service.issue_token(db, kari, "x", ["read"])
    await db.flush()
    assert (await service.actor_of_login(db, cookie, NOW)).person_id == kari

    await erasing.erase(db, kari, NOW, actor_id=None)

    assert await service.actor_of_login(db, cookie, NOW) == NOBODY
    with pytest.raises(SignInNeeded):
        await service.actor_of_token(db, secret, NOW)


async def identity_in(database: Database, *tenants: Tenant) -> tuple[UUID, list[UUID]]:
    """One person known in the municipalities: her identity, and her profile in each."""
    identity_id, profiles = new_id(), list[UUID]()
    async with database.herself(identity_id=identity_id) as db:
        db.add(Identity(id=identity_id))
        await db.flush()
        db.add(
            IdentityKey(hash=new_id().bytes, identity_id=identity_id, kind="subject", sealed=b"x", under="k")
        )
    for tenant in tenants:
        async with database.transaction(tenant.id) as db:
            profiles.append(await holding.person(db, MARK, identity_id=identity_id))
            db.add(
                Login(
                    person_id=profiles[-1],
                    identity_id=identity_id,
                    hash=new_id().bytes,
                    expires_at=utc_now() + DAY,
                )
            )
    return identity_id, profiles


async def keys_of(database: Database, identity_id: UUID) -> tuple[int, int]:
    async with database.herself(identity_id=identity_id) as db:
        return (
            await db.scalar(select(func.count()).select_from(Identity)) or 0,
            await db.scalar(select(func.count()).select_from(IdentityKey)) or 0,
        )


async def test_her_number_goes_when_no_municipality_knows_her_any_more(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    """The other municipality's profile is its own: nothing of it changes."""
    identity_id, profiles = await identity_in(database, tenant, stranger)

    async with database.transaction(tenant.id) as db:
        await erasing.erase(db, profiles[0], utc_now(), actor_id=None)
    assert await deliver_all(database, tenant, "IdentityLeft") == 1

    assert await keys_of(database, identity_id) == (1, 1)
    async with database.transaction(stranger.id) as db:
        other = (await db.scalars(select(Person).where(Person.id == profiles[1]))).one()
        assert (other.name, other.identity_id) == (f"Kari {MARK}", identity_id)
        assert await db.scalar(select(func.count()).select_from(Login)) == 1
        await erasing.erase(db, profiles[1], utc_now(), actor_id=None)
    assert await deliver_all(database, stranger, "IdentityLeft") == 1
    assert await keys_of(database, identity_id) == (0, 0)
    assert await deliver_all(database, stranger, "IdentityLeft") == 0


async def test_what_fails_in_the_middle_has_not_happened(database: Database, tenant: Tenant) -> None:
    class Cut(Exception):
        pass

    async with database.transaction(tenant.id) as db:
        kari = await holding.person(db, MARK)
        await holding.belongings(db, kari, MARK)
        before = await everything(db, MARK)
    with suppress(Cut):
        async with database.transaction(tenant.id) as db:
            await erasing.erase(db, kari, NOW, actor_id=None)
            assert await everything(db, MARK) != before
            raise Cut
    async with database.transaction(tenant.id) as db:
        assert await everything(db, MARK) == before
        assert await db.scalar(select(func.count()).select_from(Token)) == 1
