"""What others have booked: when and where for all; what and for whom only when public, or to who may read bookings.

Every role of tests/web/cast.py, on every answer that shows bookings of a place or of many.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import update

from booking.models import Application
from core.db import Database
from people.models import Association, Person
from tests.conftest import Urls
from tests.web.cast import PARTS, Part, Player, players_in
from tests.web.conftest import new_town
from tests.web.entitled import expected
from tests.web.rights import READ_BOOKING
from tests.web.towns import DAY, QUERIES, Town

TITLE, CLUB, WHO = "Håndballkamp", "Sandve IL", "Kari Ødegård"


class Seen(NamedTuple):
    """Towns whose one booking is private and public, with who looks at them."""

    private: tuple[Town, Mapping[str, Player]]
    public: tuple[Town, Mapping[str, Player]]


@pytest.fixture(scope="module")
async def seen(app: Litestar, database: Database, database_urls: Urls) -> Seen:
    return Seen(
        *[await _town(app, database, database_urls, is_public=is_public) for is_public in (False, True)]
    )


async def _town(
    app: Litestar, database: Database, urls: Urls, *, is_public: bool
) -> tuple[Town, Mapping[str, Player]]:
    town = await new_town(app, database, urls)
    async with database.transaction(town.tenant.id) as db:
        await db.execute(update(Application).values(title=TITLE, public=is_public))
        await db.execute(update(Association).values(name=CLUB))
        await db.execute(update(Person).values(name=WHO))
    return town, await players_in(database, town)


async def ask(http: httpx.AsyncClient, town: Town, player: Player, path: str, **query: str) -> httpx.Response:
    http.cookies.clear()
    headers = player.headers(town, to_page=not path.startswith("/api/"))
    return await http.get(path, params=query, headers=headers)


def reads(part: Part) -> bool:
    return expected(READ_BOOKING, part) is None


async def entry_of(http: httpx.AsyncClient, town: Town, player: Player) -> dict[str, Any]:
    path = f"{town.base}/resources/{town.ids['resource']}/calendar"
    answer = await ask(http, town, player, path, **QUERIES["calendar"])
    assert WHO not in answer.text, "who applied is told in no calendar"
    (entry,) = [each for each in answer.json()["entries"] if each["kind"] == "booking"]
    return entry


@pytest.mark.parametrize("part", PARTS, ids=str)
async def test_a_calendar_tells_what_and_for_whom_to_few(
    http: httpx.AsyncClient, seen: Seen, part: Part
) -> None:
    for (town, players), is_public in ((seen.private, False), (seen.public, True)):
        entry = await entry_of(http, town, players[part.name])
        told = (entry["title"], entry["association"])
        assert told == ((TITLE, CLUB) if is_public or reads(part) else (None, None))
        assert (entry["booking_id"] is not None) == reads(part)
        assert entry["start"]
        assert entry["state"] == "requested"
        assert entry.keys() <= KNOWN, "a new field: say who may see it"


KNOWN = {
    "kind",
    "start",
    "end",
    "state",
    "title",
    "association",
    "resource_id",
    "booking_id",
    "quantity",
}
"""Members of an entry. Those between state and resource_id are the private ones."""


@pytest.mark.parametrize("part", PARTS, ids=str)
async def test_a_week_on_a_page_tells_no_more(http: httpx.AsyncClient, seen: Seen, part: Part) -> None:
    year, week, _ = DAY.isocalendar()
    for (town, players), is_public in ((seen.private, False), (seen.public, True)):
        path = f"/{town.tenant.slug}/resources/{town.ids['resource']}"
        answer = await ask(http, town, players[part.name], path, week=f"{year}-W{week:02}")
        assert answer.status_code == 200
        shown = is_public or reads(part)
        assert (TITLE in answer.text, CLUB in answer.text) == (shown, shown)
        assert part.name == "herself" or WHO not in answer.text  # her own name stands in the head


@pytest.mark.parametrize("part", PARTS, ids=str)
async def test_a_board_tells_as_much_as_the_week_and_a_screen_what_everybody_knows(
    http: httpx.AsyncClient, seen: Seen, part: Part
) -> None:
    for (town, players), is_public in ((seen.private, False), (seen.public, True)):
        places, player = f"/{town.tenant.slug}/facilities/{town.ids['facility']}", players[part.name]
        for path, query in (("board", {"day": str(DAY)}), ("screen", {}), ("board/events", {})):
            answer = await ask(http, town, player, f"{places}/{path}", **query)
            assert answer.status_code == 200
            shown = path == "board" and (is_public or reads(part))
            assert (TITLE in answer.text, CLUB in answer.text) == (shown, shown), path
            assert part.name == "herself" or WHO not in answer.text


@pytest.mark.parametrize("part", [part for part in PARTS if part.name != "nobody"], ids=str)
async def test_lists_hold_what_the_reader_may_read_public_or_not(
    http: httpx.AsyncClient, seen: Seen, part: Part
) -> None:
    for town, players in seen:
        for path in ("bookings", "applications"):
            answer = await ask(http, town, players[part.name], f"{town.base}/{path}")
            assert [each["title"] for each in answer.json()["items"]] == ([TITLE] if reads(part) else [])
            assert (WHO in answer.text) == (reads(part) and path == "applications")


BOOKERS = {"leader", "booker", "herself"}


@pytest.mark.parametrize("part", PARTS, ids=str)
async def test_search_and_places_tell_nothing_of_who_has_them(
    http: httpx.AsyncClient, seen: Seen, part: Part
) -> None:
    for town, players in seen:
        for path, query in (
            (f"{town.base}/search", QUERIES["search"]),
            (f"{town.base}/resources/{town.ids['resource']}/free", QUERIES["free"]),
            (f"{town.base}/closures", QUERIES["list_closures"]),
            (f"{town.base}/facilities", {}),
            (f"{town.base}/resources", {}),
            (f"/{town.tenant.slug}/search", QUERIES["search"]),
        ):
            answer = await ask(http, town, players[part.name], path, **query)
            assert answer.status_code == 200, path
            text = answer.text
            if part.name in BOOKERS:  # who may search for the club as well, as the form offers
                text = text.replace(f'<option value="{town.ids["association"]}">{CLUB}</option>', "")
            for word in (TITLE, CLUB) if part.name == "herself" else (TITLE, CLUB, WHO):
                assert word not in text, path


@pytest.mark.parametrize("part", PARTS, ids=str)
async def test_what_stands_on_other_sites_tells_all_the_same(
    http: httpx.AsyncClient, seen: Seen, part: Part
) -> None:
    """Frames, pieces of HTML, free/busy and open data: whoever asks, and be it her own booking."""
    year, week, _ = DAY.isocalendar()
    for (town, players), is_public in ((seen.private, False), (seen.public, True)):
        slug, ids = town.tenant.slug, town.ids
        for path, query, tells in (
            (f"/{slug}/embed/resources/{ids['resource']}", {"week": f"{year}-W{week:02}"}, True),
            (f"/{slug}/embed/resources/{ids['resource']}/fragment", {"week": f"{year}-W{week:02}"}, True),
            (f"/{slug}/embed/facilities/{ids['facility']}", {"week": f"{year}-W{week:02}"}, True),
            (f"{town.base}/open-data/bookings.json", {}, True),
            (f"{town.base}/open-data/bookings.csv", {}, True),
            (f"{town.base}/free", QUERIES["free_of_many"], False),
            (f"/ical/{slug}/resources/{ids['resource']}.ifb", {}, False),
        ):
            answer = await ask(http, town, players[part.name], path, **query)
            assert answer.status_code == 200, path
            assert (TITLE in answer.text) == (tells and is_public), path
            assert WHO not in answer.text, path
