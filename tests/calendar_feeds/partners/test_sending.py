"""Whatever a partner answers, or does not: it is sent again, given up, paused, and costs nobody else anything."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from booking.telling_models import Notice
from calendar_feeds.partners import sending, webhook_queries, webhooks
from calendar_feeds.partners.retrying import ATTEMPTS, FAILING_FOR
from calendar_feeds.partners.schemas import ReplayIn, WebhookPatch
from core.ids import new_id
from core.mail_models import Letter
from core.spans import utc_now
from core.tenants import Tenant
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.partners import hooks
from tests.calendar_feeds.partners.hooks import booked, hook, is_signed, read_log, send
from tests.calendar_feeds.partners.receiving import (
    babble,
    break_off,
    hang,
    listening,
    status,
)

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


FAULTS: dict[str, tuple[Any, int | None, str | None]] = {
    "an error": (status(500, b"oops"), 500, None),
    "not found": (status(404), 404, None),
    "a redirect": (status(302, b"", "Location: http://127.0.0.1:1/"), 302, None),
    "silence": (hang, None, "too_slow"),
    "half an answer": (break_off, None, "broken"),
    "ten million bytes": (babble, None, "too_large"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_was_not_taken_is_sent_again_under_the_same_id(town: Town, fault: str) -> None:
    says, code, error = FAULTS[fault]
    async with listening(says, status(200, b"takk")) as partner:
        webhook, secret = await hook(town, partner.url)
        await booked(town)
        await read_log(town)

        again_at = await send(town, webhook)
        (failed,) = await hooks.deliveries(town, webhook)
        assert (failed.state, failed.status, failed.error, failed.attempts) == ("due", code, error, 1)
        assert again_at is not None
        assert again_at >= failed.due_at > utc_now()
        assert await send(town, webhook) is None, "not before its time"
        await send(town, webhook, again_at)

    (done,) = await hooks.deliveries(town, webhook)
    assert (done.state, done.status, done.answer, done.error) == ("done", 200, "takk", None)
    first, second = partner.got
    assert first.id == second.id
    assert first.body == second.body
    assert is_signed(second, secret)
    standing = await hooks.row(town, webhook)
    assert (standing.failures, standing.failing_since) == (0, None)
    assert standing.reached_at is not None


async def test_who_is_not_there_is_tried_again(town: Town) -> None:
    async with listening() as partner:
        url = partner.url
    webhook, _ = await hook(town, url)
    await booked(town)
    await read_log(town)
    assert await send(town, webhook) is not None
    (delivery,) = await hooks.deliveries(town, webhook)
    assert (delivery.state, delivery.error, delivery.status) == ("due", "unreachable", None)


async def test_an_address_of_the_inside_is_never_called(town: Town) -> None:
    """Whatever a name led to when it was typed in."""
    async with listening() as partner:
        webhook, _ = await hook(town, partner.url)
        await booked(town)
        await read_log(town)
        now = utc_now()
        async with town.database.transaction(town.tenant.id) as db:
            batch = await sending.take(db, hooks.VAULT, webhook, now)
        assert batch is not None
        outcomes = await sending.send(batch, (), now)
        async with town.database.transaction(town.tenant.id) as db:
            await sending.note(db, batch, outcomes)
    assert partner.got == []
    (delivery,) = await hooks.deliveries(town, webhook)
    assert (delivery.state, delivery.error) == ("due", "scheme")


async def test_after_the_last_attempt_a_delivery_is_dead_and_can_be_told_again(town: Town) -> None:
    async with listening(status(500)) as partner:
        webhook, _ = await hook(town, partner.url)
        await booked(town)
        await read_log(town)
        now = utc_now()
        for _ in range(ATTEMPTS):
            again_at = await send(town, webhook, now)
            now = again_at or now
        (dead,) = await hooks.deliveries(town, webhook)
        assert (dead.state, dead.attempts, len(partner.got)) == ("dead", ATTEMPTS, ATTEMPTS)
        assert await send(town, webhook, now + DAY) is None

        partner.says = [status(200)]
        await hooks.change(
            town,
            lambda db, actor, tenant: webhooks.replay(
                db, actor, tenant, webhook, ReplayIn(delivery_id=dead.id), now=now
            ),
        )
        await send(town, webhook, now)
    (done,) = await hooks.deliveries(town, webhook)
    assert (done.state, done.attempts) == ("done", 1)
    assert len({got.id for got in partner.got}) == 1


async def test_a_partner_that_fails_is_asked_one_at_a_time_and_has_all_when_it_is_back(town: Town) -> None:
    async with listening(status(500)) as partner:
        webhook, _ = await hook(town, partner.url)
        await booked(town, 20)
        await read_log(town)
        await send(town, webhook)
        assert len(partner.got) == sending.A_BATCH
        resting = await hooks.row(town, webhook)
        assert resting.rest_until is not None
        await send(town, webhook, resting.rest_until)
        assert len(partner.got) == sending.A_BATCH + 1

        partner.says = [status(200)]
        for hours in range(1, 9):
            await send(town, webhook, hooks.after(hours=hours))
    assert {each.state for each in await hooks.deliveries(town, webhook)} == {"done"}
    assert len({got.id for got in partner.got}) == 20


async def test_one_that_says_it_is_gone_is_paused_and_administrators_are_told_once(town: Town) -> None:
    boss, _ = await town.have(partial(make.person, role="administrator"))
    await town.person("case_officer")
    async with listening(status(410)) as partner:
        webhook, _ = await hook(town, partner.url)
        await booked(town, 3)
        await read_log(town)
        assert await send(town, webhook) is None
        assert await send(town, webhook, hooks.after(days=1)) is None
        paused = await hooks.row(town, webhook)
        assert (paused.state, paused.paused_why, len(partner.got)) == ("paused", "gone", 3)
        await booked(town)
        await read_log(town)

        partner.says = [status(204)]
        await hooks.change(
            town,
            lambda db, actor, tenant: webhooks.change(
                db,
                actor,
                tenant,
                webhook,
                WebhookPatch(state="on"),
                allow=hooks.LOOPBACK,
                now=utc_now(),
            ),
        )
        await read_log(town)
        await send(town, webhook, hooks.after(hours=1))
    assert {each.state for each in await hooks.deliveries(town, webhook)} == {"done"}
    assert len({got.id for got in partner.got}) == 4, "what happened meanwhile is told, too"
    async with town.database.transaction(town.tenant.id) as db:
        notices = (await db.scalars(select(Notice).where(Notice.kind == "webhook_paused"))).all()
        letters = (await db.scalars(select(Letter))).all()
    assert [(each.person_id, each.path) for each in notices] == [(boss, f"/staff/webhooks/{webhook}")]
    assert "hemmelig" not in str([(each.subject, each.text) for each in letters])


async def test_one_that_has_failed_for_days_is_paused(town: Town) -> None:
    async with listening(status(503)) as partner:
        webhook, _ = await hook(town, partner.url)
        await booked(town, 2)
        await read_log(town)
        began = utc_now()
        await send(town, webhook, began)
        await send(town, webhook, began + FAILING_FOR - DAY)
        assert (await hooks.row(town, webhook)).state == "on"
        await send(town, webhook, began + FAILING_FOR + HOUR)
    paused = await hooks.row(town, webhook)
    assert (paused.state, paused.paused_why) == ("paused", "failing")


async def test_a_test_is_sent_once_also_to_one_that_is_paused(town: Town) -> None:
    async with listening(status(500), status(204)) as partner:
        webhook, secret = await hook(town, partner.url)

        async def pause(db: Any, actor: Any, tenant: Tenant) -> None:
            patch = WebhookPatch(state="paused")
            await webhooks.change(db, actor, tenant, webhook, patch, allow=hooks.LOOPBACK, now=utc_now())

        async def ping(db: Any, actor: Any, tenant: Tenant) -> None:
            await webhooks.ping(db, actor, tenant, webhook, utc_now())

        await hooks.change(town, pause)
        await booked(town)
        for _ in range(2):
            await hooks.change(town, ping)
            await send(town, webhook)
        await send(town, webhook, hooks.after(hours=9))
    assert [got.json()["type"] for got in partner.got] == ["test.ping"] * 2
    assert all(is_signed(got, secret) for got in partner.got)
    assert [each.state for each in await hooks.deliveries(town, webhook)] == ["dead", "done"]


async def test_what_an_answer_tells_of_persons_and_secrets_is_masked(town: Town) -> None:
    says = status(500, ("01010112345 Bearer " + "aB3" * 20 + " \x00" + "x" * 5000).encode())
    async with listening(says) as partner:
        webhook, _ = await hook(town, partner.url)
        await booked(town)
        await read_log(town)
        await send(town, webhook)
    (delivery,) = await hooks.deliveries(town, webhook)
    assert delivery.answer is not None
    assert delivery.answer.startswith("*** Bearer *** \ufffdxxx")
    assert len(delivery.answer) <= sending.ANSWER_BYTES


async def test_what_is_no_longer_known_is_given_up(town: Town) -> None:
    async with listening() as partner:
        webhook, _ = await hook(town, partner.url)

        async def add(db: Any) -> None:
            await webhook_queries.add_deliveries(
                db,
                [
                    {
                        "id": new_id(),
                        "webhook_id": webhook,
                        "change_id": new_id(),
                        "kind": "booking.ended",
                        "created_at": utc_now(),
                        "state": "due",
                        "due_at": utc_now(),
                        "attempts": 0,
                    }
                ],
                utc_now(),
            )

        await town.have(add)
        await send(town, webhook, hooks.after(seconds=1))
    (delivery,) = await hooks.deliveries(town, webhook)
    assert (delivery.state, delivery.error, partner.got) == ("dead", "forgotten", [])


async def test_a_slow_partner_keeps_no_other_waiting(town: Town) -> None:
    async with listening(hang) as slow, listening() as quick:
        waiting, _ = await hook(town, slow.url)
        served, _ = await hook(town, quick.url)
        await booked(town, 2)
        await read_log(town)
        held = asyncio.create_task(send(town, waiting))
        await slow.arrived.wait()
        await send(town, served)
        assert len(quick.got) == 2
        await held
