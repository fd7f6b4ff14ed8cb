"""Secret addresses: what each opens, for how long, and that nobody learns anything from one that opens nothing."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds import subscription_queries, subscriptions
from calendar_feeds.feed_schemas import FeedIn
from calendar_feeds.models import Feed
from calendar_feeds.scopes import Scope
from calendar_feeds.subscriptions import Made, Opened
from core.audit import AuditEntry
from core.errors import Forbidden, Gone, Invalid, LimitReached, NotFound, SignInNeeded, StepUpNeeded
from core.spans import utc_now
from core.tenants import Tenant
from people.actors import NOBODY, Actor, Grant
from people.models import Delegate, RoleGrant
from people.service import actor_of_token
from tests import make
from tests.booking.conftest import Town

NOW = utc_now()


async def actor(db: AsyncSession, **more: Any) -> Actor:
    return await actor_of_token(db, (await make.person(db, **more))[1], NOW)


def wish(kind: str, thing_id: UUID | None = None, variant: str = "full", label: str = "Telefon") -> FeedIn:
    return FeedIn(kind=kind, thing_id=thing_id, variant=variant, label=label)  # type: ignore[arg-type]


async def subscribed(db: AsyncSession, who: Actor, form: FeedIn) -> Made:
    return await subscriptions.subscribe(db, who, form, now=NOW)


async def opened(db: AsyncSession, secret: str | None) -> Opened:
    return await subscriptions.open_feed(db, db.info["tenant_id"], secret)


async def test_a_secret_opens_what_it_was_made_for(db: AsyncSession) -> None:
    kari = await actor(db)
    made = await subscribed(db, kari, wish("person"))
    found = await opened(db, made.secret)
    assert kari.person_id is not None
    assert found == Opened(made.feed.id, kari.person_id, Scope("person", kari.person_id), "full", None)
    assert len(made.secret) == 22


async def test_only_the_hash_is_kept(db: AsyncSession) -> None:
    made = await subscribed(db, await actor(db), wish("person"))
    row = (
        await db.execute(text("SELECT feed::text FROM feed WHERE id = :id"), {"id": made.feed.id})
    ).scalar_one()
    trail = (await db.scalars(select(AuditEntry).where(AuditEntry.row_id == made.feed.id))).all()
    assert made.secret not in row
    assert hashlib.sha256(made.secret.encode()).hexdigest() in row
    assert [each.action for each in trail] == ["feed.made"]
    assert made.secret not in str([each.change for each in trail])


async def test_what_was_never_made_is_not_found(db: AsyncSession) -> None:
    made = await subscribed(db, await actor(db), wish("person"))
    for secret in (made.secret[:-1], made.secret + "A", made.secret.swapcase(), "", "A" * 22, None):
        with pytest.raises(NotFound) as refused:
            await opened(db, secret)
        assert refused.value.facts == {"what": "feed"}


async def test_a_secret_of_one_municipality_is_unknown_in_the_other(town: Town, stranger: Tenant) -> None:
    async def work(db: AsyncSession) -> Made:
        return await subscribed(db, await actor(db), wish("person"))

    made: Made = await town.have(work)
    async with town.database.feeds() as db:
        assert (await subscriptions.open_feed(db, town.tenant.id, made.secret)).feed_id == made.feed.id
        with pytest.raises(NotFound):
            await subscriptions.open_feed(db, stranger.id, made.secret)


async def test_a_revoked_address_is_gone(db: AsyncSession) -> None:
    kari = await actor(db)
    made = await subscribed(db, kari, wish("person"))
    await subscriptions.revoke(db, kari, made.feed.id, NOW)
    await subscriptions.revoke(db, kari, made.feed.id, NOW)
    await db.flush()
    with pytest.raises(Gone):
        await opened(db, made.secret)
    assert (await subscriptions.own_feeds(db, kari, cursor=None, limit=5)).items == []


async def test_a_new_address_leaves_the_old_one_gone(db: AsyncSession) -> None:
    kari = await actor(db)
    first = await subscribed(db, kari, wish("person"))
    second = await subscriptions.rotate(db, kari, first.feed.id, NOW)
    third = await subscriptions.rotate(db, kari, first.feed.id, NOW)
    for old in (first.secret, second.secret):
        with pytest.raises(Gone):
            await opened(db, old)
    assert (await opened(db, third.secret)).feed_id == first.feed.id
    assert len((await subscriptions.own_feeds(db, kari, cursor=None, limit=5)).items) == 1
    await subscriptions.revoke(db, kari, first.feed.id, NOW)
    await db.flush()
    with pytest.raises(Gone):
        await subscriptions.rotate(db, kari, first.feed.id, NOW)


async def test_who_leaves_the_association_reads_it_no_more(db: AsyncSession) -> None:
    kari = await actor(db)
    association, team = await make.association(db, *[kari.person_id] if kari.person_id else [])
    kari = Actor(person_id=kari.person_id, associations=(association,))
    of_club = await subscribed(db, kari, wish("association", association))
    of_team = await subscribed(db, kari, wish("team", team))
    open_to_all = await subscribed(db, kari, wish("team", team, "public"))
    assert of_team.feed.name == "Viking – Jenter 14"
    assert (await opened(db, of_team.secret)).scope == Scope("team", team)

    await db.execute(update(Delegate).where(Delegate.person_id == kari.person_id).values(ended_at=NOW))
    for made in (of_club, of_team):
        with pytest.raises(Gone):
            await opened(db, made.secret)
    assert (await opened(db, open_to_all.secret)).variant == "public"
    told = {
        each.id: each.is_live
        for each in (await subscriptions.own_feeds(db, kari, cursor=None, limit=9)).items
    }
    assert told == {of_club.feed.id: False, of_team.feed.id: False, open_to_all.feed.id: True}


@pytest.mark.parametrize("scope", ["municipality", "facility", "resource"])
@pytest.mark.parametrize("variant", ["full", "staff"])
async def test_whose_role_ends_reads_it_no_more(db: AsyncSession, scope: str, variant: str) -> None:
    hall = await make.hall(db)
    place = {"facility": {"facility_id": hall.facility_id}, "resource": {"resource_id": hall.whole}}.get(
        scope, {}
    )
    thing_id = {"facility": hall.facility_id, "resource": hall.whole}.get(scope)
    vakt = await actor(db, role="caretaker", **place)
    made = await subscribed(db, vakt, wish(scope, thing_id, variant))
    assert (await opened(db, made.secret)).variant == variant
    await db.execute(update(RoleGrant).where(RoleGrant.person_id == vakt.person_id).values(ended_at=NOW))
    with pytest.raises(Gone):
        await opened(db, made.secret)


async def test_a_role_at_a_facility_holds_for_its_resources_and_no_others(db: AsyncSession) -> None:
    here, there = await make.hall(db), await make.hall(db)
    vakt = await actor(db, role="caretaker", facility_id=here.facility_id)
    made = await subscribed(db, vakt, wish("resource", here.parts[0], "staff"))
    assert (await opened(db, made.secret)).scope == Scope("resource", here.parts[0])
    for refused in (wish("resource", there.whole, "staff"), wish("municipality", None, "staff")):
        with pytest.raises(Forbidden):
            await subscribed(db, vakt, refused)


async def test_who_may_read_and_not_telephone_gets_no_telephone(db: AsyncSession) -> None:
    reader = await actor(db, role="reader")
    await subscribed(db, reader, wish("municipality", None, "full"))
    with pytest.raises(Forbidden):
        await subscribed(db, reader, wish("municipality", None, "staff"))


async def test_anybody_signed_in_has_what_everybody_may_know(db: AsyncSession) -> None:
    hall = await make.hall(db)
    association, team = await make.association(db)
    kari = await actor(db)
    for variant in ("public", "busy"):
        for kind, thing_id in (
            ("resource", hall.whole),
            ("facility", hall.facility_id),
            ("association", association),
            ("team", team),
            ("municipality", None),
        ):
            made = await subscribed(db, kari, wish(kind, thing_id, variant))
            assert (await opened(db, made.secret)).scope == Scope(kind, thing_id)  # type: ignore[arg-type]
    with pytest.raises(SignInNeeded):
        await subscribed(db, NOBODY, wish("municipality", None, "busy"))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (wish("person", None, "staff"), "variant"),
        (wish("person", None, "public"), "variant"),
        (wish("team", UUID(int=1), "staff"), "variant"),
        (wish("person", UUID(int=1)), "thing_id"),
        (wish("resource"), "thing_id"),
        (wish("person", label="   "), "label"),
    ],
)
async def test_what_there_is_not_is_refused_by_name(db: AsyncSession, form: FeedIn, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await subscribed(db, await actor(db), form)
    assert refused.value.facts["field"] == field


async def test_what_she_cannot_see_is_not_found(db: AsyncSession) -> None:
    hall = await make.hall(db, published_until=NOW - timedelta(days=1))
    kari = await actor(db)
    for form in (
        wish("resource", hall.whole, "busy"),
        wish("team", UUID(int=7)),
        wish("facility", UUID(int=7), "busy"),
    ):
        with pytest.raises(NotFound):
            await subscribed(db, kari, form)


async def test_a_strong_login_is_needed_for_what_staff_read(db: AsyncSession) -> None:
    siri = Actor(person_id=(await make.person(db))[0], withheld=(Grant("administrator"),))
    with pytest.raises(StepUpNeeded):
        await subscribed(db, siri, wish("municipality", None, "full"))


async def test_a_token_that_only_reads_makes_no_address(db: AsyncSession) -> None:
    kari = await actor(db, scopes=("read",))
    with pytest.raises(Forbidden):
        await subscribed(db, kari, wish("person"))


async def test_nobody_has_more_than_fifty(db: AsyncSession) -> None:
    kari = await actor(db)
    last = await subscribed(db, kari, wish("person"))
    for number in range(1, subscriptions.MOST_FEEDS):
        await subscribed(db, kari, wish("person", label=f"{number}"))
    with pytest.raises(LimitReached) as refused:
        await subscribed(db, kari, wish("person"))
    assert refused.value.facts == {"kind": "feeds", "limit": 50, "used": 50}
    await subscriptions.rotate(db, kari, last.feed.id, NOW)
    await subscriptions.revoke(db, kari, last.feed.id, NOW)
    await db.flush()
    await subscribed(db, kari, wish("person"))


async def test_nobody_touches_anothers(db: AsyncSession) -> None:
    made = await subscribed(db, await actor(db), wish("person"))
    ola = await actor(db, role="administrator")
    for work in (
        subscriptions.revoke(db, ola, made.feed.id, NOW),
        subscriptions.rotate(db, ola, made.feed.id, NOW),
        subscriptions.own_feed(db, ola, made.feed.id),
    ):
        with pytest.raises(NotFound):
            await work
    assert (await subscriptions.own_feeds(db, ola, cursor=None, limit=9)).items == []


async def test_use_is_noted_once_an_hour(town: Town) -> None:
    async def work(db: AsyncSession) -> Made:
        return await subscribed(db, await actor(db), wish("person"))

    made: Made = await town.have(work)

    async def read(at: timedelta, agent: str | None) -> tuple[Any, Any]:
        async with town.database.feeds() as db:
            found = await subscriptions.open_feed(db, town.tenant.id, made.secret)
        await subscriptions.noted(town.database, town.tenant.id, found, agent=agent, now=NOW + at)
        async with town.database.transaction(town.tenant.id) as db:
            row = (await db.scalars(select(Feed).where(Feed.id == made.feed.id))).one()
        return row.used_at, row.used_by

    minutes = [timedelta(minutes=each) for each in (0, 59, 60, 180)]
    assert await read(minutes[0], "Google-Calendar-Importer") == (NOW, "Google Calendar")
    assert await read(minutes[1], "Thunderbird/128") == (NOW, "Google Calendar")
    assert await read(minutes[2], "Mozilla/5.0 Thunderbird/128") == (NOW + minutes[2], "Thunderbird")
    assert await read(minutes[3], None) == (NOW + minutes[3], "Thunderbird")


async def test_who_finds_another_noting_leaves_it_to_that_one(town: Town) -> None:
    async def work(db: AsyncSession) -> Made:
        return await subscribed(db, await actor(db), wish("person"))

    made: Made = await town.have(work)
    async with town.database.feeds() as db:
        found = await subscriptions.open_feed(db, town.tenant.id, made.secret)
    async with town.database.transaction(town.tenant.id) as db:
        await subscription_queries.locked(db, made.feed.id)
        await subscriptions.noted(town.database, town.tenant.id, found, agent=None, now=NOW)
    async with town.database.feeds() as db:
        assert (await subscriptions.open_feed(db, town.tenant.id, made.secret)).used_at is None
