"""Partners are told of every change, signed, at least once and under one id each, and of nobody else's."""

import asyncio
import re
from datetime import timedelta
from functools import partial

from sqlalchemy import func, select

from booking.log_models import ChangeLog
from calendar_feeds.partners import sending, tasks, webhook_queries, webhooks
from calendar_feeds.partners.kinds import KINDS
from calendar_feeds.partners.schemas import ReplayIn
from core.db import Database
from core.outbox_models import OutboxMessage
from core.spans import utc_now
from core.tenants import Tenant
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.partners import hooks
from tests.calendar_feeds.partners.hooks import booked, hook, is_signed, read_log, send
from tests.calendar_feeds.partners.receiving import (
    listening,
)

EVENING = make.at(make.next_weekday(2), 18)
LATER = make.at(make.next_weekday(2), 20)
DAY = timedelta(days=1)


async def test_every_kind_is_told_with_ids_states_and_times_and_nothing_of_persons(town: Town) -> None:
    hall, other = await town.hall(), await town.hall(decision="case_officer")
    kari_id, kari = await town.have(partial(make.person, name="Kari Hemmelig"))
    club, _team = await town.have(lambda db: make.association(db, kari_id))
    admin = await town.person("administrator")
    async with listening() as partner:
        webhook, secret = await hook(town, partner.url)

        booking = await town.booked(kari, hall.parts[0], EVENING, title="Hemmelig trening")
        assert (await town.move(kari, booking, LATER, hall.parts[1])).is_success
        assert (await town.post(f"/bookings/{booking}/cancel", kari, {"reason": "Hemmelig"})).is_success
        asked = (await town.book(kari, other.whole, EVENING, association_id=str(club)))["bookings"][0]["id"]
        closure = (await town.close(admin, EVENING, unit_id=str(hall.units[2]))).json()["id"]
        assert (await town.ask("DELETE", f"/closures/{closure}", admin)).is_success
        await read_log(town)
        for _ in range(3):
            await send(town, webhook)

    told = {(got.json()["type"], got.json()["data"]["resource_id"]): got for got in partner.got}
    whole, first, second, third = (str(each) for each in (hall.whole, *hall.parts))
    assert set(told) == {
        ("booking.confirmed", first),
        ("booking.left", first),
        ("booking.changed", second),
        ("booking.ended", second),
        ("booking.requested", str(other.whole)),
        *((kind, place) for kind in ("closure.laid", "closure.lifted") for place in (whole, third)),
    }
    assert {kind for kind, _ in told} == set(KINDS)
    assert len({got.id for got in partner.got}) == len(partner.got) == 9
    changed = told["booking.changed", second].json()
    assert changed["data"] == {
        "id": booking,
        "version": 2,
        "state": "confirmed",
        "resource_id": second,
        "now": {
            "version": 3,
            "state": "cancelled",
            "resource_id": second,
            "start": make.iso(LATER.start.astimezone(make.OSLO)),
            "end": make.iso(LATER.end.astimezone(make.OSLO)),
        },
    }
    assert told["booking.requested", str(other.whole)].json()["data"]["id"] == asked
    assert told["closure.laid", whole].json()["data"]["now"]["state"] == "lifted"
    for got in partner.got:
        assert (got.method, got.headers["content-type"]) == ("POST", "application/json")
        assert is_signed(got, secret)
        assert len(got.body) < 700
        assert not re.search(rb"Hemmelig|Kari|person|association|title", got.body)


async def test_only_what_was_chosen_is_told_and_only_from_then_on(town: Town) -> None:
    (before,) = await booked(town)
    async with listening() as partner:
        webhook, _ = await hook(town, partner.url, ["booking.ended", "closure.laid"])
        hall, kari = await town.hall(), await town.person()
        booking = await town.booked(kari, hall.whole, EVENING)
        await town.post(f"/bookings/{booking}/cancel", kari, {})
        await read_log(town)
        await send(town, webhook)
    assert [(got.json()["type"], got.json()["data"]["id"]) for got in partner.got] == [
        ("booking.ended", booking)
    ]
    assert before != booking


async def test_a_change_is_told_at_once_by_the_workers(town: Town) -> None:
    async with listening() as partner:
        webhook, _ = await hook(town, partner.url)
        (booking,) = await booked(town)
        while not partner.got:  # until all that others hold back is settled
            await hooks.happen(town)
            await asyncio.sleep(0.05)
        await hooks.happen(town)
    assert [got.json()["data"]["id"] for got in partner.got] == [booking]
    (delivery,) = await hooks.deliveries(town, webhook)
    assert (delivery.state, delivery.status, delivery.attempts) == ("done", 204, 1)
    async with town.database.transaction(town.tenant.id) as db:
        left = select(func.count()).where(OutboxMessage.kind == "DeliveriesDue")
        assert await db.scalar(left) == 0


async def test_each_minute_finds_what_nobody_was_told_to_look_at(town: Town) -> None:
    hall, admin = await town.hall(), await town.person("administrator")
    async with listening() as partner:
        await hook(town, partner.url)
        await town.close(admin, EVENING, resource_id=str(hall.parts[0]))
        while not partner.got:
            await town.have(lambda db: tasks.each_minute(db, utc_now()))
            await hooks.happen(town)
    assert {got.json()["type"] for got in partner.got} == {"closure.laid"}


async def test_while_secrets_are_rotated_both_sign_and_then_the_new_one_alone(town: Town) -> None:
    async with listening() as partner:
        webhook, old = await hook(town, partner.url)
        made = await hooks.change(
            town,
            lambda db, actor, tenant: webhooks.rotate(
                db, actor, tenant, webhook, vault=hooks.VAULT, now=utc_now()
            ),
        )
        assert made.secret not in {None, old}
        for days in (0, 0.9, 1.1):
            await booked(town)
            await read_log(town)
            await send(town, webhook, hooks.after(days=days))
    signed = [[is_signed(got, secret) for secret in (old, made.secret)] for got in partner.got]
    assert signed == [[True, True], [True, True], [False, True]]


async def test_all_since_a_moment_is_told_again_under_the_same_ids(town: Town, database: Database) -> None:
    async with listening() as partner:
        webhook, _ = await hook(town, partner.url)
        await booked(town)
        moment = utc_now()
        await booked(town, 3)
        await read_log(town)
        await send(town, webhook)
        first = [got.id for got in partner.got]
        async with database.transaction(town.tenant.id) as db:  # one has been forgotten meanwhile
            await webhook_queries.forget_deliveries(db, utc_now() + DAY, 1)

        await hooks.change(
            town,
            lambda db, actor, tenant: webhooks.replay(
                db, actor, tenant, webhook, ReplayIn(since=moment), now=utc_now()
            ),
        )
        await read_log(town)
        await send(town, webhook)
    assert len(first) == 4
    assert {got.id for got in partner.got[4:]} == set(first[1:])


async def test_two_municipalities_never_hear_of_each_other(
    town: Town, database: Database, stranger: Tenant
) -> None:
    there = Town(town.http, database, stranger)
    async with listening() as ours, listening() as theirs:
        (webhook, secret), (other, their_secret) = (
            await hook(town, ours.url),
            await hook(there, theirs.url),
        )
        (booking,) = await booked(town)
        for place in (town, there):
            await read_log(place)
            for each in (webhook, other):
                await hooks.send_due(place, each)
        (their_booking,) = await booked(there)
        for place in (town, there):
            await read_log(place)
            await hooks.send_due(place, other)
    assert [got.json()["data"]["id"] for got in ours.got] == [booking]
    assert [got.json()["data"]["id"] for got in theirs.got] == [their_booking]
    assert is_signed(ours.got[0], secret)
    assert is_signed(theirs.got[0], their_secret)


async def test_racing_workers_send_once(town: Town) -> None:
    async with listening() as partner:
        webhook, _ = await hook(town, partner.url)
        await booked(town, 5)
        await asyncio.gather(*(read_log(town) for _ in range(6)))
        await asyncio.gather(*(hooks.send_due(town, webhook) for _ in range(6)))
    assert len(partner.got) == len({got.id for got in partner.got}) == 5
    assert {each.attempts for each in await hooks.deliveries(town, webhook)} == {1}


async def test_a_worker_that_comes_back_after_its_lease_changes_nothing(town: Town) -> None:
    async with listening() as partner:
        webhook, _ = await hook(town, partner.url)
        await booked(town)
        await read_log(town)
        now = utc_now()
        async with town.database.transaction(town.tenant.id) as db:
            late = await sending.take(db, hooks.VAULT, webhook, now)
        assert late is not None
        assert await send(town, webhook, now + sending.LEASE / 2) is None, "in other hands"
        await send(town, webhook, now + sending.LEASE)
        failed = [
            sending.Outcome(parcel=parcel, at=now, took_ms=1, error="too_slow") for parcel in late.parcels
        ]
        async with town.database.transaction(town.tenant.id) as db:
            await sending.note(db, late, failed)
    (delivery,) = await hooks.deliveries(town, webhook)
    assert (delivery.state, delivery.attempts) == ("done", 1)


async def test_the_log_tells_nothing_twice_however_many_read_it_and_small_pages_lose_nothing(
    town: Town,
) -> None:
    async with listening() as partner:
        webhook, _ = await hook(town, partner.url)
        await booked(town, 12)

        async def read(most: int) -> None:
            for _ in range(15):
                async with town.database.transaction(town.tenant.id) as db:
                    await hooks.feed(db, utc_now(), most=most)

        await read_log(town)
        await asyncio.gather(*(read(most) for most in (1, 2, 3)))
    written = await hooks.deliveries(town, webhook)
    async with town.database.transaction(town.tenant.id) as db:
        logged = set((await db.scalars(select(ChangeLog.id))).all())
    assert len(written) == 12
    assert {each.change_id for each in written} <= logged
