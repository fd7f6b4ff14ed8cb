"""Every page in Chromium: no fault that axe can find, no scrolling sideways, nothing the security policy stops."""

import shutil
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, async_playwright

from core.page import ROOT
from core.texts import LANGUAGES
from tests.web.preview import served, write_all
from tests.web.samples import SAMPLES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (320, 1280)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    folder: Path = tmp_path_factory.mktemp("pages")
    write_all(folder)
    with served(folder) as base:
        yield base


@cache
def axe() -> str:
    return AXE.read_text(encoding="utf-8")


async def faults(page: Page) -> list[str]:
    """What axe finds wrong, each with the first place where.

    All rules are run; what they pass is not told, for telling takes longer than finding.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe())
    return await page.evaluate(
        """async rules => {
            const found = await axe.run({runOnly: rules, resultTypes: ["violations"]});
            return found.violations.map(fault => `${fault.id}: ${fault.nodes[0].html.slice(0, 200)}`);
        }""",
        RULES,
    )


@pytest.mark.parametrize(
    ("language", "widths", "scheme"),
    [
        *(pytest.param(language, WIDTHS, "light", id=language) for language in LANGUAGES),
        pytest.param("nb", (1280,), "dark", id="nb-dark"),
    ],
)
async def test_every_page_is_accessible(
    address: str, language: str, widths: tuple[int, ...], scheme: Any
) -> None:
    """A page is loaded once for all widths: none of our scripts asks for the width."""
    told: list[str] = []
    titles: set[str] = set()
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(color_scheme=scheme)
        page.on("console", lambda message: told.append(message.text))
        for sample in SAMPLES:
            await page.goto(f"{address}/{language}/{sample.name}.html")
            for width in widths:
                await page.set_viewport_size({"width": width, "height": 800})
                told += [f"{sample.name} at {width}: {fault}" for fault in await faults(page)]
                wide = await page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    told.append(f"{sample.name} is {wide} wide at {width}")
            titles.add(await page.title())
        await browser.close()
    assert told == []
    assert "" not in titles


async def test_axe_finds_a_fault_where_there_is_one(address: str) -> None:
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(f"{address}/nb/form.html")
        await page.evaluate("document.querySelector('label[for=title]').remove()")
        assert any(fault.startswith("label:") for fault in await faults(page))
        await browser.close()


async def test_the_error_summary_takes_the_focus_without_javascript(address: str) -> None:
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(java_script_enabled=False)
        await page.goto(f"{address}/nb/form-refused.html")
        await page.wait_for_selector("#error-summary:focus")
        await browser.close()


async def test_the_skip_link_is_first_and_leads_to_the_content(address: str) -> None:
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(f"{address}/nn/front.html")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "Hopp til innhaldet"
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"
        await browser.close()


async def test_a_narrow_screen_has_days_instead_of_the_table(address: str) -> None:
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 320, "height": 800})
        await page.goto(f"{address}/nb/resource.html")
        assert not await page.locator(".week-table").is_visible()
        assert await page.locator(".week-days").is_visible()
        await page.set_viewport_size({"width": 1280, "height": 800})
        name = "Ledig – Sal A tirsdag 24. november kl. 18–19"
        assert await page.get_by_role("table").get_by_role("link", name=name, exact=True).count() == 1
        await browser.close()


async def test_the_quote_follows_what_is_written_in_the_form(address: str) -> None:
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(body="<p>Dette koster 100 kr</p>", content_type="text/html")

    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        await page.route("**/quote*", answer)
        await page.goto(f"{address}/nb/form.html")
        await page.get_by_label("Fra", exact=True).fill("20:00")
        await page.get_by_label("Tittel", exact=True).focus()
        await page.get_by_text("Dette koster 100 kr").wait_for()
        await browser.close()
    assert len(asked) == 1
    assert "from_time=20%3A00" in asked[0]
    assert "idempotency_key" not in asked[0]
