"""Paying in Chromium against a real server and the sandbox: booked, paid, cancelled, paid back by keyboard alone."""

import asyncio
import os
import re
from collections.abc import AsyncGenerator
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.delivery import deliver
from core.pace import STEADY
from core.settings import Settings
from core.spans import utc_now
from payments.models import Refund
from payments.provider_models import ProviderAccount
from payments.sandbox.program import KEY, Sandbox, serving
from resources.tariff_models import PayTerms, Tariff, TariffLine, TariffPlace
from tests.conftest import Urls, add_tenant
from tests.house import chromium
from tests.web.browsing import press, tab_to, visiting
from tests.web.served import serving as program
from tests.web.test_accessibility import AXE, faults
from tests.web.village import TUESDAY, Village, found
from web.running import ROOMS

TASKS = ROOMS
"""Imported, they have subscribed."""
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed"),
]
SECRET = "whsec_browser_0123456789abcdef"
HEARD = ("BookingsChanged", "RefundWanted", "OrderIssued", "CheckoutDue")


@pytest.fixture(scope="module")
async def sandbox() -> AsyncGenerator[Sandbox]:
    async with serving(secret=SECRET) as made:
        yield made


@pytest.fixture(scope="module")
def settings(sandbox: Sandbox) -> Settings:
    return Settings(stripe_key=KEY, stripe_secrets=(SECRET,), stripe_url=sandbox.url)


@pytest.fixture(scope="module")
async def server(
    database_urls: Urls, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[str]:
    """The address of the program in a process of its own, in demo mode, which knows the sandbox's address."""
    environment = {
        "LEDIG_DEMO": "yes",
        "LEDIG_STRIPE_KEY": KEY,
        "LEDIG_STRIPE_SECRETS": SECRET,
        "LEDIG_STRIPE_URL": sandbox.url,
    }
    running = program(
        database_urls, tmp_path_factory.mktemp("money") / "log", environment=environment, knows_its_port=True
    )
    address = await asyncio.to_thread(running.__enter__)
    yield address
    await asyncio.to_thread(running.__exit__, None, None, None)


@pytest.fixture
async def village(server: str, sandbox: Sandbox, database: Database, database_urls: Urls) -> Village:
    """One of the test's own, where everybody pays 600 kr an hour for the hall, online."""
    made = await found(database, await add_tenant(database_urls))
    account = f"acct_{made.tenant.slug}"
    sandbox.connecting.make({"business_profile": {"name": made.tenant.name}}, ref=account)
    sandbox.connecting.activate(account)
    async with database.transaction(made.tenant.id) as db:
        await _priced(db, made, account)
    async with httpx.AsyncClient(base_url=server) as client:
        while (await client.get(made.base)).status_code != 200:
            await asyncio.sleep(0.2)
    return made


async def _priced(db: AsyncSession, village: Village, account: str) -> None:
    db.add_all([ProviderAccount(provider="stripe", ref=account, state="active"), PayTerms(online_open=True)])
    tariff = Tariff(key="hall", name={"nb": "Hall", "nn": "Hall", "en": "Hall"})
    db.add(tariff)
    await db.flush()
    db.add(TariffPlace(tariff_id=tariff.id, resource_id=village.hall.whole))
    db.add(
        TariffLine(
            tariff_id=tariff.id,
            position=1,
            text={"nb": "Leie", "nn": "Leige", "en": "Hire"},
            unit="hour",
            price_ore=60_000,
            vat_code="full",
            payment="online",
        )
    )
    await db.flush()


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


async def happen(database: Database, tenant_id: UUID, settings: Settings) -> None:
    """What a worker would do."""
    for _ in range(50):
        async with database.transaction(tenant_id) as db:
            due = text(
                "SELECT id FROM outbox WHERE kind = ANY(:kinds) AND due_at <= clock_timestamp() ORDER BY created_at, id"
            )
            ids = [row.id for row in await db.execute(due, {"kinds": list(HEARD)})]
        if not ids:
            return
        for message_id in ids:
            async with database.transaction(tenant_id) as db:
                sent = text("UPDATE outbox SET sent_at = clock_timestamp() WHERE id = :id")
                await db.execute(sent, {"id": message_id})
            await deliver(database, tenant_id, message_id, now=utc_now(), pace=STEADY, settings=settings)
    raise AssertionError("it never ends")


async def sound(page: Page) -> None:
    """No fault that axe finds, and nothing too wide."""
    assert await faults(page) == [], page.url
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"], page.url  # type: ignore[index]  # it is set


@pytest.mark.parametrize(
    ("script", "width"),
    [pytest.param(True, 1280, id="with-javascript"), pytest.param(False, 320, id="without-on-a-telephone")],
)
async def test_a_citizen_books_pays_and_is_paid_back_with_the_keyboard_alone(
    browser: Browser,
    server: str,
    village: Village,
    database: Database,
    settings: Settings,
    script: bool,
    width: int,
) -> None:
    async with visiting(browser, server, viewport={"width": width, "height": 900}) as page:
        if not script:
            await page.route("**/*.js", lambda route: route.abort())
        await page.goto(f"{village.base}/sign-in")
        await page.locator("button[value=citizen]").click()
        wish = f"on={TUESDAY}&from_time=18:00&to_time=20:00"
        await page.goto(f"{village.book(village.hall.whole)}?{wish}")
        await tab_to(page, "Title")
        await page.keyboard.type("Birthday")
        await tab_to(page, "Book")
        await press(page)
        await sound(page)

        await tab_to(page, "Pay now")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/pay/acct_*/**")
        await page.locator("button[value=back]").click()
        await page.wait_for_load_state()
        assert await page.get_by_text("You have not paid").count() == 1
        await sound(page)
        await tab_to(page, "Pay now")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/pay/acct_*/**")
        await page.locator("button").first.click()
        await page.wait_for_url("**/return")
        assert await page.locator("h1").inner_text() == "Paid: it is yours"
        await sound(page)
        returned = page.url

        await tab_to(page, "The receipt")
        await press(page)
        assert "1 200,00" in " ".join((await page.locator("article").inner_text()).split())
        await sound(page)
        pdf = await page.get_by_role("link", name="The same as PDF").get_attribute("href")
        answer = await page.request.get(f"{server}{pdf}")
        assert (await answer.body()).startswith(b"%PDF")

        await _cancel(page)
        await happen(database, village.tenant.id, settings)
        async with database.transaction(village.tenant.id) as db:
            (refund,) = (await db.scalars(select(Refund))).all()
        assert (refund.state, refund.amount_ore) == ("done", 120_000)
        await page.goto(f"{village.base}/orders")
        await sound(page)
        await tab_to(page, "Credit note 1")
        await press(page)
        assert await page.get_by_text(re.compile("Paid back|Betalt tilbake")).count() >= 1
        await sound(page)
        await page.goto(returned)
        assert await page.locator("h1").inner_text() == "Paid: it is yours"
        await sound(page)


async def _cancel(page: Page) -> None:
    """From the receipt."""
    await tab_to(page, "The bookings it is for")
    await press(page)
    await tab_to(page, "Cancel the booking")
    await press(page)
    await sound(page)
    await tab_to(page, "Cancel the booking")
    await press(page)


async def test_staff_find_it_give_some_back_and_see_what_came_in(
    browser: Browser, server: str, village: Village, database: Database, settings: Settings
) -> None:
    async with visiting(browser, server) as page:
        await page.goto(f"{village.base}/sign-in")
        await page.locator("button[value=admin]").click()
        await page.goto(f"{village.book(village.hall.whole)}?on={TUESDAY}&from_time=18:00&to_time=19:00")
        await page.fill("#title", "Meeting")
        await page.get_by_role("button", name="Book", exact=True).click()
        await page.get_by_role("button", name="Pay now").first.click()
        await page.wait_for_url("**/pay/acct_*/**")
        await page.locator("button").first.click()
        await page.wait_for_url("**/return")
        await page.goto(f"{village.base}/staff/payments?number=1")
        await sound(page)
        await tab_to(page, "Receipt 1")
        await press(page)
        await tab_to(page, "Give money back")
        await press(page)
        await sound(page)
        await tab_to(page, "Give back, in kroner")
        await page.keyboard.type("100,50")
        await tab_to(page, "Go on")
        await press(page)
        assert await page.locator(".ds-error-summary").count() == 1
        await sound(page)
        await tab_to(page, "Why?")
        await page.keyboard.type("The showers were cold")
        await tab_to(page, "Go on")
        await press(page)
        assert await page.locator("h1").inner_text() == "Give NOK 100.50 back?"
        await sound(page)
        await tab_to(page, "Give it back")
        await press(page)
        await sound(page)
        await happen(database, village.tenant.id, settings)
        for path in ("/staff/payments/differences", "/staff/revenue", "/staff/revenue?by=article"):
            await page.goto(f"{village.base}{path}")
            await sound(page)
        assert await page.locator("svg.plot rect").count() >= 1
