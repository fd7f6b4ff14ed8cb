"""How to share a calendar, and the open data in words: what is given there works."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from core.tenants import Tenant
from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.sharing.counting import counted
from web.edge import POLICY

TUESDAY = make.next_weekday(2)
WEEK = f"{TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week:02}"
HIDDEN = datetime(2100, 1, 1, tzinfo=UTC)


async def get(town: Town, path: str, **more: Any) -> httpx.Response:
    town.http.cookies.clear()
    return await town.http.get(f"/{town.tenant.slug}{path}", **more)


def addresses(html: str) -> list[str]:
    """Of what is there to copy, as paths of this program."""
    fields = re.findall(r'<input[^>]* value="(http[^"]*)"', html)
    fields += re.findall(r"&lt;iframe src=&#34;(.*?)&#34;", html)
    return [re.sub(r"^https?://[^/]+", "", unescape(unescape(each))) for each in fields]


@pytest.mark.parametrize(("what", "number"), [("resources", 5), ("facilities", 5), ("associations", 3)])
async def test_every_address_to_copy_answers(town: Town, what: str, number: int) -> None:
    hall = await town.hall()
    club, _ = await town.have(make.association)
    thing = {"resources": hall.whole, "facilities": hall.facility_id, "associations": club}[what]
    page = await get(town, f"/share/{what}/{thing}?lang=nb")
    assert page.status_code == 200, page.text
    found = addresses(page.text)
    assert len(found) == number, found
    for address in found:
        assert (await town.http.get(address)).status_code == 200, address
    for href in re.findall(r"<main.*</main>", page.text, re.DOTALL)[0].split('href="')[1:]:
        address = unescape(href.partition('"')[0])
        assert (await town.http.get(address)).status_code == 200, address
    policy = set(page.headers["content-security-policy"].split("; "))
    assert policy == {*POLICY.split("; "), "frame-src 'self'"}
    assert f"/share/{what}/{thing}" in (await get(town, f"/{what}/{thing}")).text


async def test_what_is_not_published_or_elsewhere_cannot_be_shared(town: Town, stranger: Tenant) -> None:
    hall = await town.hall()
    await town.have(lambda db: make.change_resource(db, hall.whole, published_from=HIDDEN))
    officer = make.bearer(await town.person("administrator"))
    assert (await get(town, f"/share/resources/{hall.whole}", headers=officer)).status_code == 404
    for path in (f"resources/{hall.parts[0]}", f"facilities/{hall.facility_id}"):
        assert (await town.http.get(f"/{stranger.slug}/share/{path}")).status_code == 404


async def test_a_name_stays_text_in_the_code_too(town: Town) -> None:
    hall = await town.hall()
    evil = '"><script>alert(1)</script>'
    await town.have(lambda db: make.change_resource(db, hall.whole, name=evil))
    page = await get(town, f"/share/resources/{hall.whole}")
    assert "<script>alert" not in page.text
    code = unescape(re.findall(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.DOTALL)[0])
    assert "<script>" not in code
    assert code.count("<") == 2


async def test_the_open_data_page_is_found_at_the_foot_and_leads_to_every_file(town: Town) -> None:
    page = await get(town, "/open-data?lang=nb")
    files = re.findall(r'href="https?://[^/"]+(/api/[^"]*/open-data/[^"]*)"', page.text)
    assert len(files) == 6
    for file in files:
        assert (await town.http.get(file)).status_code == 200
    assert f'href="/{town.tenant.slug}/open-data"' in (await get(town, "")).text


async def test_many_bookings_take_no_more_statements_than_few(town: Town, app: Litestar) -> None:
    person, token = await town.have(make.person)
    club, _ = await town.have(lambda db: make.association(db, person))
    await get(town, "/open-data")  # the first to ask reads which municipalities there are
    counts: list[list[int]] = []
    for number in (5, 20):

        async def work(db: AsyncSession, number: int = number) -> tuple[UUID, list[UUID]]:
            facility_id = await make.facility(db)
            await make.open_daily(db, facility_id)
            units = [await make.unit(db, facility_id) for _ in range(number)]
            return facility_id, [await make.resource(db, facility_id, [unit]) for unit in units]

        facility_id, resource_ids = await town.have(work)
        for resource_id in resource_ids:
            at = make.at(TUESDAY, 18)
            await town.booked(token, resource_id, at, title="Kamp", public=True, association_id=str(club))
        sent_by: list[int] = []
        for path in (f"facilities/{facility_id}", f"associations/{club}"):
            with counted(app) as sent:
                shown = await get(town, f"/embed/{path}?week={WEEK}")
            assert shown.text.count("<li><strong>") >= number
            sent_by.append(len(sent))
        counts.append(sent_by)
    assert counts[0] == counts[1], counts
