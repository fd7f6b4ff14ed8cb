"""Our weeks in the pages of another site, in Chromium: framed, and read by its scripts; nothing else is open."""

import functools
import http.server
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.web.test_accessibility import AXE, faults
from tests.web.test_browser import WEEK
from tests.web.test_browser import browser as browser
from tests.web.test_browser import server as server
from tests.web.test_browser import village as village
from tests.web.village import TUESDAY, Village

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed"),
]
PAGE = """<!doctype html><html lang="nb"><head><meta charset="utf-8"><title>Klubben</title></head>
<body><main><h1>Klubben</h1>{frame}</main></body></html>"""
FETCHED = """async (address) => {
  try { const answer = await fetch(address); return [answer.status, await answer.text()]; }
  catch { return [0, ""]; }
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, and nothing said."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name of the base class
        pass


@pytest.fixture
def club(tmp_path: Path) -> Generator[str]:
    """The address of another site, whose page is index.html in tmp_path."""
    handler = functools.partial(Quiet, directory=str(tmp_path))
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://localhost:{site.server_port}"
    site.shutdown()
    site.server_close()


async def test_a_week_stands_in_the_page_of_a_club(
    browser: Browser, server: str, village: Village, club: str, tmp_path: Path
) -> None:
    """With the code that the page about sharing gives; other weeks open inside, what leads away fills the window."""
    context = await browser.new_context(viewport={"width": 320, "height": 900})
    page = await context.new_page()
    await page.goto(f"{server}{village.base}/share/resources/{village.hall.whole}?lang=en")
    code = await page.locator("textarea").input_value()
    shown = page.frame_locator("iframe.preview")
    assert await shown.get_by_role("link", name="Next week").count() == 1
    await context.clear_cookies()

    address = code.split('src="')[1].split('"')[0]
    path = address[address.index(village.base) :]
    (tmp_path / "index.html").write_text(PAGE.format(frame=code.replace(address, f"{server}{path}")))
    await page.goto(club)
    framed = page.frame_locator("iframe")
    before = await framed.get_by_role("heading", level=2).inner_text()
    await framed.get_by_role("link", name="Next week").click()
    await framed.get_by_role("link", name="Previous week").wait_for()
    assert await framed.get_by_role("heading", level=2).inner_text() != before
    assert page.url == f"{club}/"
    inside = page.frames[1]
    assert await inside.evaluate("document.documentElement.scrollWidth") <= 320
    assert await faults(page) == []

    await framed.locator(".week-days a").first.click()
    await page.wait_for_url(f"{server}{village.base}/resources/**/book?**")
    assert [each for each in await context.cookies() if each.get("name") != "language"] == []
    await context.close()


async def test_scripts_of_another_site_read_what_is_open_and_nothing_else(
    browser: Browser, server: str, village: Village, club: str, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text(PAGE.format(frame=""))
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(club)
    home, api = f"{server}{village.base}", f"{server}/api{village.base}"
    for address in (
        f"{home}/embed/resources/{village.hall.whole}/fragment?week={WEEK}",
        f"{api}/free?resource={village.hall.whole}&from={TUESDAY}&to={TUESDAY.replace(year=TUESDAY.year)}T23:59:00Z",
        f"{api}/open-data/resources.json",
        f"{server}/ical{village.base}/resources/{village.hall.whole}.ifb",
    ):
        status, text = await page.evaluate(FETCHED, address)
        assert (status, bool(text)) == (200, True), address
    for address in (f"{home}/resources/{village.hall.whole}", f"{api}/bookings", f"{api}/search"):
        assert await page.evaluate(FETCHED, address) == [0, ""]
    await context.close()


async def test_a_button_copies_the_code(browser: Browser, server: str, village: Village) -> None:
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    await page.goto(f"{server}{village.base}/share/facilities/{village.hall.facility_id}?lang=en")
    await page.locator("button[data-copy=frame]").click()
    await page.get_by_text("Copied").wait_for()
    assert (
        await page.evaluate("navigator.clipboard.readText()") == await page.locator("textarea").input_value()
    )
    await context.close()
