"""What CalDAV over HTTP answers: who gets in, what is refused and how, and what the properties say."""

from base64 import b64encode

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from calendar_feeds.caldav.api import WRITING
from calendar_feeds.models import Feed
from core.rates import Limit, Rates, counted
from core.spans import utc_now
from core.tenants import Tenant
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.caldav.asking import (
    NAMESPACES,
    Address,
    C,
    D,
    Program,
    address,
    booked,
    condition_of,
    program,
)
from web import document

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)


def password(told: str, name: str = "kari") -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{name}:{told}'.encode()).decode()}"}


async def revoke(town: Town, feed: Address) -> None:
    async def work(db: AsyncSession) -> None:
        await db.execute(update(Feed).where(Feed.id == feed.id).values(revoked_at=utc_now()))

    await town.have(work)


# Who gets in.


@pytest.mark.parametrize("path", ["/caldav/", "/caldav/{m}/", "/caldav/{m}/feeds/{id}/calendar/"])
async def test_without_a_password_that_opens_it_one_is_asked_for(town: Town, path: str) -> None:
    kari, *_ = await booked(town)
    feed = await address(town, kari)
    at = path.format(m=town.tenant.slug, id=feed.id)
    wrong = password(f"{town.tenant.slug}.AAAAAAAAAAAAAAAAAAAAAA")

    for headers in (
        {},
        wrong,
        password("nonsense"),
        {"Authorization": "Basic !"},
        {"Authorization": "Bearer x"},
    ):
        answer = await town.http.request("PROPFIND", at, headers={"Depth": "0", **headers})
        assert answer.status_code == 401, headers
        assert answer.headers["www-authenticate"].startswith("Basic ")
    right = await town.http.request("PROPFIND", at, headers={"Depth": "0", **password(feed.told)})
    await revoke(town, feed)
    revoked = await town.http.request("PROPFIND", at, headers={"Depth": "0", **password(feed.told)})

    assert (right.status_code, revoked.status_code) == (207, 401)


async def test_a_password_opens_its_own_calendar_and_no_other(town: Town) -> None:
    kari, *_ = await booked(town)
    mine, other = await address(town, kari), await address(town, kari)
    reader = Program(town.http, f"/caldav/{town.tenant.slug}/feeds/{mine.id}/", password(mine.told))
    begin = Program(town.http, "/caldav/", password(mine.told))

    found = await begin.find("<d:current-user-principal/>", begin.home, depth="1")
    elsewhere = f"/caldav/{town.tenant.slug}/feeds/{other.id}/"

    assert found.by_href["/caldav/"].props[f"{D}current-user-principal"].findtext(f"{D}href") == reader.home
    assert len((await reader.query()).etags) == 1
    assert (await reader.ask("PROPFIND", elsewhere, depth="0")).status_code == 401


async def test_a_revoked_address_is_gone_and_one_that_never_was_is_not_found(town: Town) -> None:
    kari, *_ = await booked(town)
    feed = await address(town, kari)
    reader = Program(town.http, feed.home, {})
    assert (await reader.ask("PROPFIND", depth="0")).status_code == 207

    await revoke(town, feed)

    for method in ("PROPFIND", "REPORT", "PUT"):
        assert (await reader.ask(method, depth="0")).status_code == 410
    never = Program(town.http, f"/caldav/t/{town.tenant.slug}.AAAAAAAAAAAAAAAAAAAAAA/", {})
    assert (await never.ask("PROPFIND", depth="0")).status_code == 404


async def test_a_secret_opens_nothing_in_another_municipality(town: Town, stranger: Tenant) -> None:
    kari, *_ = await booked(town)
    feed = await address(town, kari)
    secret = feed.told.partition(".")[2]
    foreign = f"{stranger.slug}.{secret}"
    begin = f"/caldav/{stranger.slug}/"

    by_path = await town.http.request("PROPFIND", f"/caldav/t/{foreign}/", headers={"Depth": "0"})
    by_password = await town.http.request("PROPFIND", begin, headers={"Depth": "0", **password(foreign)})
    by_mine = await town.http.request("PROPFIND", begin, headers={"Depth": "0", **password(feed.told)})

    assert (by_path.status_code, by_password.status_code, by_mine.status_code) == (404, 401, 401)


async def test_on_a_host_of_its_own_the_municipality_need_not_be_named(town: Town) -> None:
    kari, *_ = await booked(town)
    feed = await address(town, kari)
    headers = {"Host": town.tenant.hosts[0], **password(feed.told)}

    at_root = await town.http.request("PROPFIND", "/caldav/", headers={**headers, "Depth": "0"})
    known = await town.http.request("PROPFIND", "/.well-known/caldav", headers=headers)
    by_path = Program(town.http, feed.home, {"Host": town.tenant.hosts[0]})

    assert f"/caldav/{town.tenant.slug}/feeds/{feed.id}/" in at_root.text
    assert (known.status_code, known.headers["location"]) == (301, "/caldav/")
    assert len((await by_path.query()).etags) == 1


async def test_a_resource_that_everybody_may_see_needs_no_secret(town: Town) -> None:
    _, _, part, booking = await booked(town)
    reader = Program(town.http, f"/caldav/{town.tenant.slug}/resources/{part}/", {})

    found = await reader.query()
    (href,) = found.etags
    await town.have(lambda db: make.change_resource(db, part, published_until=utc_now()))

    assert href.endswith(f"/booking-{booking}.ics")
    assert "Trening" not in found.by_href[href].text(f"{C}calendar-data")
    assert (await reader.ask("PROPFIND", depth="0")).status_code == 404


# What is refused.


@pytest.mark.parametrize("method", sorted(WRITING))
async def test_nothing_can_be_written(town: Town, method: str) -> None:
    kari, _, _, booking = await booked(town)
    reader = await program(town, kari)
    before = (await reader.query()).etags
    text = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

    for path in (
        reader.home,
        reader.calendar,
        *before,
        reader.calendar + "new.ics",
        reader.home + "calendar2/",
    ):
        answer = await reader.ask(method, path, text)
        assert answer.status_code in {403, 404}, path
        if answer.status_code == 403:
            assert condition_of(answer) == f"{D}need-privileges"

    assert (await reader.query()).etags == before
    assert await town.state(booking) == "confirmed"


async def test_an_unknown_method_is_told_which_there_are(town: Town) -> None:
    kari, *_ = await booked(town)
    reader = await program(town, kari)

    at_calendar = await reader.ask("GET")
    options = await reader.ask("OPTIONS")
    odd = await reader.ask("SEARCH")

    assert at_calendar.status_code == odd.status_code == 405
    assert at_calendar.headers["allow"] == options.headers["allow"] == "OPTIONS, PROPFIND, REPORT"
    assert options.headers["dav"] == "1, 3, access-control, calendar-access"


@pytest.mark.parametrize("depth", [None, "infinity", "2", ""])
async def test_all_of_it_at_once_is_not_told(town: Town, depth: str | None) -> None:
    kari, *_ = await booked(town)
    reader = await program(town, kari)

    answer = await reader.ask("PROPFIND", reader.home, depth=depth)

    assert answer.status_code == 403
    assert condition_of(answer) == f"{D}propfind-finite-depth"


REFUSED = {
    "unknown report": (f"<d:expand-property {NAMESPACES}/>", f"{D}supported-report"),
    "unknown kind of data": (
        f'<c:calendar-multiget {NAMESPACES}><d:prop><c:calendar-data version="1.0"/></d:prop></c:calendar-multiget>',
        f"{C}supported-calendar-data",
    ),
    "no filter": (f"<c:calendar-query {NAMESPACES}><d:prop/></c:calendar-query>", f"{C}valid-filter"),
    "limit of nothing": (
        f"<d:sync-collection {NAMESPACES}><d:limit><d:nresults>0</d:nresults></d:limit></d:sync-collection>",
        f"{D}number-of-matches-within-limits",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_report_is_refused_by_name(town: Town, case: str) -> None:
    body, condition = REFUSED[case]
    kari, *_ = await booked(town)
    reader = await program(town, kari)

    answer = await reader.ask("REPORT", body=body)
    at_home = await reader.ask("REPORT", reader.home, f"<d:sync-collection {NAMESPACES}/>")

    assert (answer.status_code, condition_of(answer)) == (403, condition)
    assert (at_home.status_code, condition_of(at_home)) == (403, f"{D}supported-report")


# What it is no part of.


def test_the_api_document_knows_nothing_of_it(app: Litestar) -> None:
    assert not [path for path in document.document(app)["paths"] if "caldav" in path]


async def test_a_page_of_another_site_can_have_nothing_changed(town: Town) -> None:
    kari, *_ = await booked(town)
    reader = await program(town, kari)
    there = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}

    answer = await Program(town.http, reader.home, there).ask("PUT", reader.calendar + "x.ics", "x")

    assert answer.status_code == 403


async def test_a_fault_is_logged_without_the_secret(
    town: Town, app: Litestar, caplog: pytest.LogCaptureFixture
) -> None:
    kari, *_ = await booked(town)
    feed = await address(town, kari)
    settings = app.state.settings
    del app.state.settings
    try:
        answer = await Program(town.http, feed.home, {}).ask("PROPFIND", depth="0")
    finally:
        app.state.settings = settings

    assert answer.status_code == 500
    ours = [each.getMessage() for each in caplog.records if each.name == "ledig"]
    assert any("PROPFIND /caldav/t/…/calendar" in each for each in ours)
    assert not any(feed.told in each for each in ours)


async def test_who_asks_too_often_is_told_as_a_program(town: Town, app: Litestar) -> None:
    kari, *_ = await booked(town)
    reader = await program(town, kari)
    rates = app.state.rates
    app.state.rates = Rates({"feed": Limit(1)}, counted(app.state.database, app.state.vault))
    try:
        answers = [await reader.ask("PROPFIND", depth="0") for _ in range(3)]
    finally:
        app.state.rates = rates

    assert answers[-1].status_code == 429
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_who_may_not_read_learns_nothing_of_the_path(http: httpx.AsyncClient) -> None:
    for path in (
        "/caldavx",
        "/caldav/t/",
        "/caldav/t/x",
        "/caldav/nowhere/resources/1/",
        "/caldav/a/b/c/d/e",
    ):
        answer = await http.request("PROPFIND", path, headers={"Depth": "0"})
        assert answer.status_code in {401, 404, 405}, path
