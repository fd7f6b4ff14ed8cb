"""Every page of the program with something in it, for a browser to look at."""

from playwright.async_api import BrowserContext

from tests.web.village import TUESDAY, Village

WEEK = f"{TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week:02}"

STAFF_PAGES = (
    "", "/people?text=kari", "/roles", "/associations", "/leader-claims", "/tokens", "/retention", "/audit",
    "/routing", "/absences", "/reasons", "/texts", "/texts/edit?kind=confirmed&language=nn", "/messages", "/closures",
    "/closures/new", "/arrangements", "/arrangements/new", "/resources", "/webhooks", "/webhooks/new", "/doors",
    "/doors/new", "/imports", "/imports/new", "/provider", "/tariffs", "/tariffs/new", "/articles", "/articles/new",
    "/cancel-tiers", "/invoices", "/invoices/terms", "/invoices/accounts", "/exports",
    "/payments", "/payments/differences", "/payments/differences?settled=yes", "/revenue",
)  # fmt: skip


async def every_page(village: Village, context: BrowserContext, language: str) -> list[str]:
    """Addresses of every page, with something in each; the reader is an administrator, who sees all of them."""
    page = await context.new_page()
    await page.goto(f"{village.base}/sign-in")
    await page.locator("button[value=admin]").click()
    for resource, fields in (
        (village.hall.parts[0], {}),
        (village.pool, {"quantity": "4", "every_weeks": "1", "until": "2099-01-01", "action": "check"}),
        (village.room, {"accepted_terms": "2026-1"}),
    ):
        form: dict[str, str | float | bool] = {
            "on": str(TUESDAY), "from_time": "18:00", "to_time": "19:00", "title": "Årsmøte", "quantity": "1",
            "if_refused": "fail", "action": "book", **fields,
        }  # fmt: skip
        await context.request.post(f"{village.base}/resources/{resource}/book", form=form)
    subscription: dict[str, str | float | bool] = {"kind": "person", "variant": "full", "label": "Mobil"}
    await context.request.post(f"{village.base}/me/subscriptions", form=subscription)
    told: dict[str, str | float | bool] = {
        "label": "Varme",
        "address": "https://partner.example.no/",
        "closure.laid": "yes",
    }
    await context.request.post(f"{village.base}/staff/webhooks", form=told)
    await page.goto(f"{village.base}/staff/webhooks")
    webhook = await page.locator("main h2 a").get_attribute("href")
    await context.request.post(f"{village.base}/staff/webhooks/{(webhook or '').rpartition('/')[2]}/ping")
    lock: dict[str, str | float | bool] = {
        "place": f"resource:{village.hall.parts[0]}", "address": "https://lock.example.no/a-long-address-of-one/1",
        "secret": "lock-secret-0123", "minutes_before": "15", "minutes_after": "15",
    }  # fmt: skip
    await context.request.post(f"{village.base}/staff/doors/new", form=lock)
    await page.goto(f"{village.base}/staff/doors")
    doors: list[str] = await page.locator("main h2 a").evaluate_all(
        "all => all.map(it => it.getAttribute('href'))"
    )
    attached: dict[str, str | float | bool] = {
        "place": f"resource:{village.hall.whole}", "address": "https://skole.invalid/a.ics", "label": "Timeplan",
        "kind": "closures", "every_minutes": "60", "step": "add",
    }  # fmt: skip
    await context.request.post(f"{village.base}/staff/imports/new", form=attached)
    await page.goto(f"{village.base}/staff/imports")
    calendar = await page.locator("main h2 a").get_attribute("href")
    await page.goto(f"{village.base}/bookings")
    own: list[str] = await page.locator("main a").evaluate_all(
        "links => links.map(it => it.getAttribute('href'))"
    )
    await page.goto(f"{village.base}/requests")
    cases: list[str] = await page.locator("main h2 a").evaluate_all(
        "all => all.map(it => it.getAttribute('href'))"
    )
    await page.close()
    wish = f"on={TUESDAY}&from_time=18:00&to_time=19:00"
    return [
        "/",
        f"/search?text=hall&from_on={TUESDAY}",
        "/search?from_on=soon",
        "/accessibility",
        village.base,
        f"{village.base}/search?from_on={TUESDAY}&from_time=17:00&to_time=21:00",
        f"{village.base}/search?text=xyzzy",
        f"{village.base}/search?people=0&from_on=x",
        f"{village.base}/facilities/{village.room_facility}",
        f"{village.base}/resources/{village.hall.whole}?week={WEEK}",
        f"{village.base}/resources/{village.pool}?week={WEEK}",
        f"{village.base}/resources/{village.room}?week=2026-W43",
        f"{village.base}/resources/{village.room}/book",
        f"{village.base}/prices",
        f"{village.base}/resources/{village.hall.whole}/book?{wish}",
        f"{village.base}/resources/{village.pool}/book?{wish}&every_weeks=1&until={TUESDAY.replace(year=2099)}",
        f"{village.base}/resources/{village.pool}/book?{wish}&every_weeks=2&until={TUESDAY}",
        f"{village.base}/sign-in",
        f"{village.base}/accessibility",
        f"{village.base}/bookings",
        *list(dict.fromkeys(own))[:7],
        f"{village.base}/requests",
        *cases[:1],
        *doors[:1],
        *(
            f"{village.base}/me{page}"
            for page in ("", "/subscriptions", "/logins", "/tokens", "/data", "/erasure", "/reads")
        ),
        f"{village.base}/associations",
        f"{village.base}/associations/{village.association}",
        *(f"{village.base}/staff{page}" for page in STAFF_PAGES),
        f"{village.base}/orders",
        *(f"{village.base}{page}" for page in ("/messages", "/waiting", "/arrangements", "/day", "/letters")),
        webhook or "",
        calendar or "",
        f"{calendar}/remove",
        f"{village.base}/staff/imports/new?resource={village.hall.whole}",
        f"{village.base}/requests?part=all&sort=deadline",
        f"{village.base}/staff/resources/{village.hall.whole}/policy",
        f"{village.base}/facilities/{village.hall.facility_id}/board?week={WEEK}",
        f"{village.base}/facilities/{village.hall.facility_id}/screen",
        f"{village.base}/facilities/{village.hall.facility_id}/subscribe",
        f"{village.base}/associations/{village.association}/subscribe",
        f"{village.base}/embed/resources/{village.hall.whole}?week={WEEK}&lang={language}",
        f"{village.base}/embed/facilities/{village.hall.facility_id}?week={WEEK}&lang={language}",
        f"{village.base}/embed/associations/{village.association}?lang={language}",
        f"{village.base}/share/resources/{village.hall.whole}",
        f"{village.base}/share/associations/{village.association}",
        f"{village.base}/open-data",
        f"{village.base}/nothing",
    ]
