"""Calendars in by pages, without JavaScript: tried, attached, a collision decided, paused, let go of."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from msgspec.structs import replace

from calendar_feeds.incoming import fetching
from core.db import Database
from core.delivery import Door
from core.settings import Settings
from core.spans import utc_now
from tests import make
from tests.calendar_feeds.incoming.calendars import said
from tests.calendar_feeds.incoming.hosts import SIGN_IN, host, ics
from tests.calendar_feeds.incoming.hosts import http as answer
from tests.web.village import TUESDAY, Reader, Village, field_of, links_of, text_of

EVENING = make.at(TUESDAY, 18)
NEXT_DAY = make.at(TUESDAY + timedelta(days=1), 9)


@pytest.fixture
async def settings(app: Litestar) -> AsyncIterator[Settings]:
    """The program's own; the loopback may be called."""
    before: Settings = app.state.settings
    app.state.settings = replace(before, call_networks=("127.0.0.0/8",))
    yield app.state.settings
    app.state.settings = before


async def test_a_calendar_is_tried_attached_and_seen_to(
    http: httpx.AsyncClient, database: Database, village: Village, kari: Reader, settings: Settings
) -> None:
    olav = Reader(http, village)
    await kari.book(village.hall.parts[0])
    assert (await olav.sign_in("manager")).status_code == 303
    listed = await olav.get(links_of(await olav.get(village.url("/staff")), "/staff/imports$")[0])
    form = await olav.get(links_of(listed, "/imports/new")[0])
    assert "Idrettshallen: Hele hallen" in text_of(form)
    wish = {
        "place": f"resource:{village.hall.whole}",
        "label": "Skolens timeplan",
        "kind": "closures",
        "every_minutes": "60",
    }
    empty = await olav.post(village.url("/staff/imports/new"), wish)
    assert (empty.status_code, "Write the address of the calendar." in text_of(empty)) == (422, True)
    inside = await olav.post(
        village.url("/staff/imports/new"), {**wish, "address": "https://10.0.0.1/", "step": "add"}
    )
    assert (inside.status_code, "open internet" in text_of(inside)) == (422, True)

    async with host() as school:
        school.answer = answer(ics([said("a", EVENING), said("b", NEXT_DAY)]))
        wish["address"] = school.address
        tried = await olav.post(village.url("/staff/imports/new"), {**wish, "step": "look"})
        assert "2 events in the next 400 days, 1 collides with what is here" in text_of(tried)
        assert "1 booking is in the way" in text_of(tried)
        made = await olav.post(village.url("/staff/imports/new"), {**wish, "step": "add"})
        assert made.status_code == 303
        path = made.headers["location"].partition("?")[0]
        import_id = UUID(path.rpartition("/")[2])
        door = Door(database, village.tenant.id, settings)
        await fetching.fetch(door, import_id, utc_now())

        shown = await olav.get(path)
        assert "Works" in text_of(shown)
        assert "Somebody has booked then." in text_of(shown)
        assert "hemmelig" not in shown.text
        event = re.findall(r'action="([^"]*/events/[^"]*)"', shown.text)[0]
        asked = await olav.post(event, {"action": "displace"})
        assert "Kari Nordmann: Handball training" in text_of(asked)
        done = await olav.post(event, {"action": "displace", "seen": field_of(asked, "seen") or ""})
        assert done.status_code == 303
        assert "Nothing collides." in text_of(await olav.get(path))

        school.answer = answer(SIGN_IN)
        await fetching.fetch(door, import_id, utc_now())
        failing = await olav.get(village.url("/staff/imports"))
        assert "Often it is a page to sign in at." in text_of(failing)
        school.answer = answer(ics([]))
        await fetching.fetch(door, import_id, utc_now())
        assert "It is right: take away what is gone" in text_of(await olav.get(path))

    for step, form_sent in (("/pause", {}), ("/pause", {"on": "yes"}), ("/fetch", {"sure": "yes"})):
        assert (await olav.post(path + step, form_sent)).status_code == 303
    renamed = await olav.post(path, {"label": "Skolen", "every_minutes": "1440", "address": ""})
    assert renamed.status_code == 303
    wrong = await olav.post(path, {"label": "", "every_minutes": "1440", "address": ""})
    assert (wrong.status_code, "Write what everybody shall read." in text_of(wrong)) == (422, True)
    assert "Let go of the calendar" in text_of(await olav.get(f"{path}/remove"))
    gone = await olav.post(f"{path}/remove", {"brought": "withdraw"})
    assert gone.status_code == 303
    assert "No calendar is attached." in text_of(await olav.get(village.url("/staff/imports")))
