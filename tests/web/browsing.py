"""How a reader moves through the pages in Chromium: keys, focus, and no error that is not expected."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from playwright.async_api import Browser, Page

TABS_AT_MOST = 60


EXPECTED = ("Failed to load resource", "The specified value")
"""What the browser says of refusals (409, 422), and of a date field that is handed back what was no date."""


@asynccontextmanager
async def visiting(browser: Browser, server: str, **options: Any) -> AsyncGenerator[Page]:
    """A reader with cookies of her own, who reads English unless said otherwise."""
    wanted: dict[str, Any] = {
        "base_url": server,
        "locale": "en-GB",
        "viewport": {"width": 1280, "height": 900},
        **options,
    }
    context = await browser.new_context(**wanted)
    context.set_default_timeout(10_000)
    page = await context.new_page()
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on(
        "console",
        lambda message: (
            told.append(message.text)
            if message.type == "error" and not message.text.startswith(EXPECTED)
            else None
        ),
    )
    try:
        yield page
    finally:
        await context.close()
    assert told == []


async def focused(page: Page) -> str:
    """What a screen reader would call the thing that has the focus."""
    return await page.evaluate(
        """() => {
            const it = document.activeElement;
            const label = it.labels && it.labels.length ? it.labels[0].textContent : "";
            return (it.getAttribute("aria-label") || label || it.textContent || "").replace(/\\s+/g, " ").trim();
        }"""
    )


async def is_outlined(page: Page) -> bool:
    """Whether the focus can be seen."""
    return await page.evaluate(
        """() => {
            const it = document.activeElement;
            if (["date", "time"].includes(it.type)) return true;  // its parts have the browser's own ring
            return [it, it.closest(".ds-field")].filter(Boolean).some(around => {
                const style = getComputedStyle(around);
                const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
                return outlined || style.boxShadow !== "none";
            });
        }"""
    )


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the thing whose name begins so has the focus; every stop on the way shows where it is."""
    passed: list[str] = []
    for _ in range(TABS_AT_MOST):
        await page.keyboard.press("Tab")
        here = await focused(page)
        assert await is_outlined(page), f"the focus cannot be seen at {here!r}"
        if here.startswith(name):
            return
        passed.append(here)
    raise AssertionError(f"{name!r} is not reached by Tab: {passed}")


async def type_day(page: Page, day: date) -> None:
    """Into the date field that has the focus, in whichever order this browser has it."""
    await type_one_of(page, day.isoformat(), [f"{day:%m%d%Y}", f"{day:%d%m%Y}", f"{day:%Y%m%d}"])


async def type_clock(page: Page, clock: str) -> None:
    """Into the time field that has the focus, with twelve or twenty-four hours."""
    twelve = f"{time.strptime(clock, '%H:%M').tm_hour % 12 or 12:02}{clock[3:]}PM"
    await type_one_of(page, clock, [twelve, clock.replace(":", "")])


async def type_one_of(page: Page, wanted: str, ways: list[str]) -> None:
    field = page.locator("*:focus")
    name = await field.get_attribute("id")
    for keys in ways:
        await page.locator(f"#{name}").evaluate("it => { it.blur(); it.focus(); }")
        await page.keyboard.type(keys)
        if await page.locator(f"#{name}").input_value() == wanted:
            return
    raise AssertionError(f"{wanted} cannot be typed into {name}")


async def press(page: Page) -> None:
    """Enter on what has the focus, and the page that follows."""
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
