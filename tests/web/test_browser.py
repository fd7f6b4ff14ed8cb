"""The service in Chromium against a real server: booked with the keyboard alone, with and without JavaScript."""

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Generator

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright

from core.db import Database
from core.texts import LANGUAGES
from tests import make
from tests.conftest import Urls, add_tenant
from tests.house import chromium
from tests.web.browsing import EXPECTED, focused, is_outlined, press, tab_to, type_clock, type_day, visiting
from tests.web.real_pages import WEEK, every_page
from tests.web.served import serving
from tests.web.test_accessibility import AXE, faults
from tests.web.village import TUESDAY, Village, found

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed"),
]


@pytest.fixture(scope="module")
def server(database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of the program in a process of its own, in demo mode."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEDIG_DEMO", "yes")
        with serving(database_urls, tmp_path_factory.mktemp("server") / "log") as address:
            yield address


@pytest.fixture
async def village(server: str, database: Database, database_urls: Urls) -> Village:
    """One of the test's own, once the server knows of it."""
    made = await found(database, await add_tenant(database_urls))
    async with httpx.AsyncClient(base_url=server) as client:
        while (await client.get(made.base)).status_code != 200:
            await asyncio.sleep(0.2)
    return made


@pytest.fixture(scope="module")
async def browser() -> AsyncGenerator[Browser]:
    async with async_playwright() as tools:
        opened = await tools.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--lang=en-GB"],
            env={**os.environ, "LANG": "en_GB.UTF-8"},
        )
        yield opened
        await opened.close()


@pytest.mark.parametrize("script", [True, False], ids=["with-javascript", "without"])
async def test_a_citizen_books_moves_and_cancels_with_the_keyboard_alone(
    browser: Browser, server: str, village: Village, script: bool
) -> None:
    async with visiting(browser, server, java_script_enabled=True) as page:
        if not script:
            await page.route("**/*.js", lambda route: route.abort())

        await page.goto(village.base)
        await tab_to(page, "What are you looking for?")
        await page.keyboard.type("idrettshallen")
        await tab_to(page, "Day")
        await type_day(page, TUESDAY)
        await tab_to(page, "From")
        await type_clock(page, "18:00")
        await tab_to(page, "To")
        await type_clock(page, "21:00")
        await press(page)
        assert "hits" in await page.title()
        await tab_to(page, "Book En tredel")
        await press(page)
        assert await page.locator("#quote").get_by_text("This time is free").count() == 1

        await tab_to(page, "Title")
        await page.keyboard.type("Family football")
        await tab_to(page, "Book")
        await press(page)
        assert "/sign-in" in page.url
        await tab_to(page, "Kari Nordmann")
        await press(page)
        assert await page.input_value("#title") == "Family football"
        await tab_to(page, "Book")
        await press(page)
        assert await page.get_by_role("heading", level=1).inner_text() == "Your time is booked"

        await tab_to(page, "My bookings")
        await press(page)
        assert await page.get_by_text("Family football").count() == 1
        await page.goto(f"{village.base}/resources/{village.hall.whole}?week={WEEK}")
        assert await page.get_by_role("table").get_by_text("Family football").count() == 1

        await page.goto(f"{village.base}/bookings")
        await tab_to(page, "Move")
        await press(page)
        await tab_to(page, "From")
        await type_clock(page, "20:00")
        await tab_to(page, "To")
        await type_clock(page, "20:30")
        await press(page)
        assert await page.get_by_text("The booking is moved.").count() == 1
        assert await page.get_by_role("heading", name="20:00–20:30").count() == 1

        await tab_to(page, "Cancel the booking")
        await press(page)
        await tab_to(page, "Cancel the booking")
        await press(page)
        assert await page.get_by_text("The booking is cancelled.").count() == 1
        await page.goto(f"{village.base}/resources/{village.hall.whole}?week={WEEK}")
        assert await page.get_by_text("Family football").count() == 0


async def test_the_whole_way_without_javascript(browser: Browser, server: str, village: Village) -> None:
    async with visiting(browser, server, java_script_enabled=False) as page:
        await page.goto(f"{village.base}/resources/{village.hall.parts[0]}?week={WEEK}")
        name = re.compile(r"^Free – En tredel Tuesday .*, 18:00–18:30$")
        await page.get_by_role("table").get_by_role("link", name=name).click()
        await page.fill("#title", "Dugnad")
        await page.select_option("#every_weeks", "1", force=True)
        await page.get_by_role("button", name="Check", exact=False).click()
        await page.get_by_text("Write the last day of the repeats.").first.wait_for()
        await page.select_option("#every_weeks", "")
        await page.get_by_role("button", name="Book", exact=True).click()
        await page.get_by_role("button", name="Kari Nordmann").click()
        assert await page.input_value("#title") == "Dugnad"
        await page.get_by_role("button", name="Book", exact=True).click()
        await page.get_by_role("heading", name="Your time is booked").wait_for()
        await page.get_by_role("link", name="Cancel the booking").click()
        await page.get_by_role("button", name="Cancel the booking").click()
        await page.get_by_text("The booking is cancelled.").wait_for()


async def signed_in(page: Page, village: Village, name: str, path: str) -> None:
    await page.goto(f"{village.base}/sign-in?next={village.base}{path}")
    await page.get_by_role("button", name=name).click()


async def test_two_race_for_a_time_and_the_loser_is_told_where_to_go(
    browser: Browser, server: str, village: Village
) -> None:
    wish = (
        f"/resources/{village.hall.parts[0]}/book?on={TUESDAY}%26from_time=18:00%26to_time=19:00%26title=Race"
    )
    async with visiting(browser, server) as one, visiting(browser, server) as other:
        await signed_in(one, village, "Kari Nordmann", wish)
        await signed_in(other, village, "Anne Lagleder", wish)
        for page in (one, other):
            assert await page.locator("#quote").get_by_text("This time is free").count() == 1

        async def book(page: Page) -> None:
            await page.get_by_role("button", name="Book", exact=True).click()
            await page.wait_for_load_state()

        await asyncio.gather(book(one), book(other))
        headings = {page: await page.get_by_role("heading", level=1).inner_text() for page in (one, other)}
        assert sorted(headings.values()) == ["Book En tredel", "Your time is booked"]
        loser = next(page for page, heading in headings.items() if heading == "Book En tredel")
        assert await loser.get_by_role("heading", name="The time is taken.").count() == 1
        assert await loser.evaluate("document.activeElement.className.includes('refusal')")
        assert "Error" in await loser.title()
        assert await loser.input_value("#title") == "Race"
        await loser.locator(".refusal a").first.click()
        await loser.locator("#quote").get_by_text("This time is free").wait_for()
        assert await loser.input_value("#title") == "Race"
        await book(loser)
        await loser.get_by_role("heading", name="Your time is booked").wait_for()


async def test_a_double_click_books_once(browser: Browser, server: str, village: Village) -> None:
    wish = f"/resources/{village.pool}/book?on={TUESDAY}%26from_time=18:00%26to_time=19:00%26title=Once"
    async with visiting(browser, server, java_script_enabled=False) as page:
        await signed_in(page, village, "Kari Nordmann", wish)
        await page.get_by_role("button", name="Book", exact=True).dblclick()
        await page.get_by_role("heading", name="Your time is booked").wait_for()
        await page.goto(f"{village.base}/bookings")
        assert await page.get_by_role("heading", level=3).count() == 1


async def test_the_quote_follows_the_form(browser: Browser, server: str, village: Village) -> None:
    wish = f"{village.base}/resources/{village.hall.parts[0]}/book?on={TUESDAY}&from_time=18:00&to_time=19:00"
    async with visiting(browser, server) as page:
        await page.goto(wish)
        await page.fill("#from_time", "05:00")
        await page.locator("#title").focus()
        await page.locator("#quote").get_by_text("outside the opening hours").wait_for()
        await page.fill("#from_time", "10:00")
        await page.locator("#title").focus()
        await page.locator("#quote").get_by_text("This time is free").wait_for()
        assert await focused(page) == "Title"
        await page.get_by_text("Several weeks").click()
        await page.select_option("#every_weeks", "1")
        await page.fill("#until", TUESDAY.replace(year=TUESDAY.year + 1).isoformat())
        await page.locator("#title").focus()
        boxes = page.locator("#quote input[name=except]")
        await boxes.first.wait_for()
        assert await boxes.count() >= 52
        await boxes.nth(1).check()
        await page.locator("#quote input[name=except]:checked").wait_for()


async def test_an_officer_says_yes(browser: Browser, server: str, village: Village) -> None:
    wish = f"/resources/{village.room}/book?on={TUESDAY}%26from_time=18:00%26to_time=22:00%26title=Wedding"
    async with visiting(browser, server) as page, visiting(browser, server) as officer:
        await signed_in(page, village, "Kari Nordmann", wish)
        await page.get_by_text("The municipality reads your request and answers you.").first.wait_for()
        await page.get_by_role("button", name="Book", exact=True).click()
        await page.get_by_role("link", name="You must accept the terms to book.").click()
        assert await page.evaluate("document.activeElement.id") == "accepted_terms"
        await page.keyboard.press("Space")
        await page.get_by_role("button", name="Book", exact=True).click()
        await page.get_by_role("heading", name="We have received your request").wait_for()

        await signed_in(officer, village, "Ingrid Saksbehandler", "/requests")
        await officer.get_by_role("link", name="Wedding").click()
        await officer.get_by_label("Approve").check()
        await officer.get_by_role("button", name="Send the answer").click()
        await officer.get_by_text("The answer is sent.").wait_for()

        await page.reload()
        await page.get_by_text("Confirmed").wait_for()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_real_page_is_accessible(
    browser: Browser, server: str, village: Village, language: str, width: int
) -> None:
    context = await browser.new_context(base_url=server, viewport={"width": width, "height": 900})
    await context.add_cookies([{"name": "language", "value": language, "url": server}])
    told: list[str] = []
    titles: set[str] = set()
    paths = await every_page(village, context, language)
    page = await context.new_page()
    page.on(
        "console",
        lambda message: told.append(message.text) if not message.text.startswith(EXPECTED) else None,
    )
    for path in paths:
        await page.goto(path)
        told += [f"{path}: {fault}" for fault in await faults(page)]
        wide = await page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            told.append(f"{path} is {wide} wide")
        if await page.evaluate("document.documentElement.lang") != language:
            told.append(f"{path} is not in {language}")
        titles.add(await page.title())
    await context.close()
    assert told == []
    assert len(paths) >= 24
    assert len(titles) >= 16


async def test_names_as_long_as_they_may_be_fit_a_telephone(
    browser: Browser, server: str, village: Village, database: Database
) -> None:
    """Of 200 letters without a space, as somebody may give them, on every page that shows them."""
    name = "Zzqxw" + "W" * 195
    async with database.transaction(village.tenant.id) as db:
        house = await make.facility(db, name=name)
        await make.open_daily(db, house, 8 * 60, 23 * 60)
        unit = await make.unit(db, house)
        resource = await make.resource(db, house, [unit], name=name, search_text=name.lower())
    told: list[str] = []
    async with visiting(browser, server, viewport={"width": 320, "height": 900}) as page:
        await signed_in(page, village, "Siri Administrator", "")
        for path in (
            f"/search?text={name[:20]}&from_on={TUESDAY}",
            village.base,
            f"{village.base}/search?text={name[:20]}&from_on={TUESDAY}",
            f"{village.base}/facilities/{house}",
            f"{village.base}/facilities/{house}/board?week={WEEK}",
            f"{village.base}/resources/{resource}?week={WEEK}",
            f"{village.base}/resources/{resource}/book?on={TUESDAY}&from_time=18:00&to_time=19:00",
            f"{village.base}/resources/{resource}/subscribe",
            f"{village.base}/staff/resources",
        ):
            await page.goto(path)
            assert await page.get_by_text(name).count() > 0, path
            wide = await page.evaluate("document.documentElement.scrollWidth")
            if wide > 320:
                told.append(f"{path} is {wide} wide")
    assert told == []


async def test_the_week_on_paper_is_the_table_and_nothing_to_press(
    browser: Browser, server: str, village: Village
) -> None:
    async with visiting(browser, server) as page:
        await page.goto(f"{village.base}/resources/{village.hall.whole}?week={WEEK}")
        await page.emulate_media(media="print")
        assert await page.locator(".week-table").is_visible()
        assert not await page.locator(".week-days").is_visible()
        for gone in (".site-menu", ".languages", ".site-footer", ".week-steps"):
            assert not await page.locator(gone).first.is_visible(), gone
        assert len(await page.pdf(format="A4")) > 5000


async def test_the_tab_order_is_that_of_the_page(browser: Browser, server: str, village: Village) -> None:
    async with visiting(browser, server) as page:
        for path in (
            "",
            f"/resources/{village.hall.whole}/book",
            f"/resources/{village.hall.whole}?week={WEEK}",
        ):
            await page.goto(village.base + path)
            places: list[float] = []
            for _ in range(14):
                await page.keyboard.press("Tab")
                assert await is_outlined(page)
                at = await page.evaluate(
                    "[...document.querySelectorAll('*')].indexOf(document.activeElement)"
                )
                places.append(at)
            assert places == sorted(places)


async def test_motion_and_dark_follow_the_reader(browser: Browser, server: str, village: Village) -> None:
    async with visiting(browser, server, color_scheme="dark", reduced_motion="reduce") as page:
        await page.goto(f"{village.base}/resources/{village.pool}?week={WEEK}")
        ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert [int(part) < 60 for part in re.findall(r"\d+", ground)[:3]] == [True, True, True]
        assert await faults(page) == []
