"""Every page is whole, in every language, and asks the database as often however much there is."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import event

from core.db import Database
from core.texts import LANGUAGES
from tests import make
from tests.web.test_templates import read
from tests.web.village import TUESDAY, Reader, Village, links_of


async def pages_of(village: Village, reader: Reader) -> list[str]:
    """An address of every page that a reader may open."""
    booked = await reader.book(village.hall.parts[0])
    asked = await reader.book(village.room, accepted_terms="2026-1")
    mine = await reader.get(village.url("/bookings"))
    wish = f"on={TUESDAY}&from_time=18:00&to_time=19:00"
    return [
        "/",
        f"/search?text=hall&from_on={TUESDAY}&from_time=17:00&to_time=21:00",
        "/search?from_on=tomorrow",
        "/accessibility",
        village.base,
        village.url(f"/search?from_on={TUESDAY}&from_time=17:00&to_time=21:00"),
        village.url("/search?text=xyzzy"),
        village.url("/search?from_on=2026-02-30&people=0"),
        village.url(f"/facilities/{village.hall.facility_id}"),
        village.url(f"/resources/{village.hall.whole}"),
        village.url(
            f"/resources/{village.pool}?week={TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week}"
        ),
        village.url(f"/resources/{village.room}?week=2026-W44"),
        village.book(village.room),
        f"{village.book(village.pool)}?{wish}&every_weeks=1&until={TUESDAY + timedelta(days=21)}",
        f"{village.book(village.hall.parts[0])}?{wish}",
        village.url("/sign-in"),
        village.url("/accessibility"),
        village.url("/bookings"),
        booked.headers["location"],
        asked.headers["location"],
        *links_of(mine, "/(cancel|move)$")[:2],
        village.url("/requests"),
        village.url("/nothing-here"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_whole_in_every_language(
    village: Village, kari: Reader, ingrid: Reader, language: str
) -> None:
    paths = await pages_of(village, kari)
    case = links_of(await ingrid.get(village.url("/requests")), "/requests/")[0]
    titles: dict[str, str] = {}
    for reader, path in [
        *((kari, path) for path in paths),
        (ingrid, village.url("/requests")),
        (ingrid, case),
    ]:
        reader.cookies["language"] = language
        answer = await reader.get(path)
        assert answer.status_code in {200, 403, 404, 422}, f"{path}: {answer.status_code}"
        assert answer.headers["content-type"] == "text/html; charset=utf-8", path
        tags = read(answer.text).tags
        assert ("html", {"lang": language, "data-color-scheme": "auto"}) in tags, path
        assert [tag for tag, _ in tags].count("h1") == 1, path
        ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
        assert len(ids) == len(set(ids)), path
        titles[path] = re.findall("<title>(.*?)</title>", answer.text)[0]
        assert len(titles[path]) > 3, path
    assert len(set(titles.values())) > len(titles) / 2


async def test_a_language_chosen_once_stays(nobody: Reader, village: Village) -> None:
    nobody.cookies.clear()
    chosen = await nobody.get(village.base, lang="nn")
    later = await nobody.get(village.url("/search"))
    unknown = await nobody.get(village.base, lang="tlh")
    above = await nobody.get("/", lang="en")

    assert 'lang="nn"' in chosen.text
    assert '<html lang="nn"' in later.text
    assert '<html lang="nn"' in unknown.text
    assert '<html lang="en"' in above.text


@contextmanager
def counted(app: Litestar) -> Generator[list[str]]:
    """The statements that the program sends while the block runs."""
    told: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("SET"):
            told.append(statement)

    engine = app.state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_page_asks_as_often_however_much_there_is(
    app: Litestar, database: Database, village: Village, kari: Reader, ingrid: Reader
) -> None:
    paths = [
        (kari, village.base),
        (kari, village.url(f"/search?from_on={TUESDAY}")),
        (kari, village.url(f"/facilities/{village.hall.facility_id}")),
        (kari, village.url(f"/resources/{village.hall.whole}")),
        (kari, village.book(village.hall.whole)),
        (kari, village.url("/bookings")),
        (ingrid, village.url("/requests")),
    ]

    async def counts() -> list[int]:
        found: list[int] = []
        for reader, path in paths:
            with counted(app) as told:
                assert (await reader.get(path)).status_code == 200
            found.append(len(told))
        return found

    await kari.book(village.room, accepted_terms="2026-1", from_time="10:00", to_time="11:00")
    few = await counts()
    async with database.transaction(village.tenant.id) as db:
        for _ in range(8):
            await make.resource(db, village.hall.facility_id, village.hall.units[:1])
    for hour in range(12, 18):
        times = {"from_time": f"{hour}:00", "to_time": f"{hour + 1}:00"}
        assert (await kari.book(village.hall.whole, **times)).status_code == 303
        assert (await kari.book(village.room, accepted_terms="2026-1", **times)).status_code == 303

    assert await counts() == few
    assert max(few) <= 12
