"""Whoever is killed between any two statements: each change is told, under the id it had, and none is lost."""

import asyncio
import json
import sys
from collections import Counter

from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.partners import hooks
from tests.calendar_feeds.partners.receiving import listening
from tests.conftest import ROOT, Urls


async def test_workers_that_are_killed_at_every_step_lose_nothing(town: Town, database_urls: Urls) -> None:
    hall, kari = await town.hall(), await town.person()
    async with listening() as partner:
        webhook, _ = await hooks.hook(town, partner.url)
        times = [make.at(make.next_weekday(2, weeks=1 + n), 18) for n in range(3)]
        bookings = {await town.booked(kari, hall.whole, time) for time in times}
        await hooks.settled(town)

        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-m", "tests.calendar_feeds.partners.doomed"),
            *(database_urls.program, str(town.tenant.id), str(webhook), hooks.SETTINGS.keys[0]),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, errors = await asyncio.wait_for(child.communicate(), 120)

    assert child.returncode == 0, errors.decode()[-3000:]
    assert json.loads(told)["died"] >= 12, "the deaths are the point of it"
    deliveries = await hooks.deliveries(town, webhook)
    assert {each.state for each in deliveries} == {"done"}
    assert len(deliveries) == len(bookings)
    sent = Counter(got.id for got in partner.got)
    assert len(sent) == len(bookings), "each under one id, however often"
    assert {got.json()["data"]["id"] for got in partner.got} == bookings
    assert max(sent.values()) > 1, "some were sent, and their worker killed before it could note it"
