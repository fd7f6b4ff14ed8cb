"""Who may see and do what on pages, and how one signs in."""

import re
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select

from core.db import Database
from core.page import safe_path
from core.settings import Settings
from core.tenants import Tenant
from people.models import RoleGrant
from tests import make
from tests.conftest import Urls
from tests.web.village import FIGURES, Reader, Village, field_of, found, links_of, text_of
from web.app import make_app, opened


async def test_what_is_not_hers_is_not_there(village: Village, kari: Reader, nobody: Reader) -> None:
    receipt = (await kari.book(village.hall.parts[0])).headers["location"]
    mine = await kari.get(village.url("/bookings"))
    await nobody.sign_in("delegate")
    for path in (receipt, *links_of(mine, "/(move|cancel)$")):
        assert (await nobody.get(path)).status_code == 404
    assert (await nobody.post(links_of(mine, "/cancel$")[0], {"version": "1"})).status_code == 404
    assert (await nobody.get(village.url("/requests"))).status_code == 403
    assert "Requests" not in text_of(await nobody.get(village.base))


async def test_nobody_is_told_to_sign_in_and_comes_back(village: Village, nobody: Reader) -> None:
    answer = await nobody.get(village.url("/bookings"))
    way = links_of(answer, "/sign-in\\?")[0]

    assert answer.status_code == 401
    assert way == f"{village.base}/sign-in?next=%2F{village.tenant.slug}%2Fbookings"


async def test_an_officer_answers_a_request(village: Village, kari: Reader, ingrid: Reader) -> None:
    asked = await kari.book(village.room, accepted_terms="2026-1", title="Årsmøte")
    assert "We have received your request" in text_of(await kari.get(asked.headers["location"]))
    queue = await ingrid.get(village.url("/requests"))
    case = links_of(queue, "/requests/")[0]
    page = await ingrid.get(case)
    decision = re.findall(r'name="(decision-[^"]*)"', page.text)[0]
    version = field_of(page, "version") or ""
    nothing = await ingrid.post(case, {"version": version})
    no_reason = await ingrid.post(case, {"version": version, decision: "reject"})
    stale = await ingrid.post(case, {"version": "99", decision: "approve"})
    done = await ingrid.post(case, {"version": version, decision: "approve", "reason": "Welcome."})
    twice = await ingrid.post(case, {"version": version, decision: "approve"})

    assert "1 request waits for an answer" in text_of(queue)
    assert "Årsmøte" in text_of(page)
    assert "Kari Nordmann" in text_of(page)
    assert (nothing.status_code, no_reason.status_code, stale.status_code) == (422, 422, 412)
    assert "Give the reason when you reject." in text_of(no_reason)
    assert done.status_code == 303
    assert "The answer is sent." in text_of(await ingrid.get(done.headers["location"]))
    assert twice.status_code == 409
    told = text_of(await kari.get(asked.headers["location"]))
    assert "Confirmed" in told
    assert "Welcome." in told


async def test_an_officer_sees_who_else_wants_the_time(
    database: Database, village: Village, kari: Reader, ingrid: Reader, nobody: Reader
) -> None:
    async with database.transaction(village.tenant.id) as db:
        open_room = await make.resource(
            db,
            village.room_facility,
            [await make.unit(db, village.room_facility)],
            name="Lillesalen",
            decision="case_officer",
            request_holds=False,
        )
    await nobody.sign_in("delegate")
    await kari.book(open_room, title="Bryllup")
    await nobody.book(open_room, title="Cup", association_id=str(village.association))
    queue = await ingrid.get(village.url("/requests"), facility=str(village.room_facility))
    first, second = links_of(queue, "/requests/")
    seen = text_of(await ingrid.get(first))

    assert text_of(queue).count("1 other request for the same time") == 2
    assert "Øvre IL: Cup" in seen
    for case, expected in ((first, 303), (second, 409)):
        page = await ingrid.get(case)
        decision = re.findall(r'name="(decision-[^"]*)"', page.text)[0]
        answer = await ingrid.post(case, {"version": field_of(page, "version") or "", decision: "approve"})
        assert answer.status_code == expected


async def test_an_officer_of_one_house_decides_only_there(
    database: Database, village: Village, kari: Reader, ingrid: Reader
) -> None:
    async with database.transaction(village.tenant.id) as db:
        grant = (
            await db.scalars(select(RoleGrant).where(RoleGrant.person_id == village.person("officer")))
        ).one()
        grant.facility_id = village.hall.facility_id
    asked = await kari.book(village.room, accepted_terms="2026-1")
    case = asked.headers["location"].replace("/applications/", "/requests/").partition("?")[0]

    assert "0 requests wait for an answer" in text_of(await ingrid.get(village.url("/requests")))
    assert (await ingrid.get(case)).status_code == 404
    assert (await ingrid.post(case, {"version": "1"})).status_code == 404


UNSAFE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/x\r\nSet-Cookie: a=b",
    "evil.example",
    "",
]


@pytest.mark.parametrize("path", UNSAFE)
async def test_signing_in_leads_to_no_other_site(village: Village, nobody: Reader, path: str) -> None:
    assert safe_path(path) is None
    answer = await nobody.sign_in("citizen", path)
    assert answer.status_code == 303
    assert answer.headers["location"] == village.base
    page = await nobody.get(village.url("/sign-in"), next=path)
    assert field_of(page, "next") == village.base


async def test_the_login_is_the_browsers_own_and_ends(village: Village, kari: Reader) -> None:
    name = f"ledig_{village.tenant.slug}"
    first = kari.cookies[name]
    again = await kari.sign_in("citizen")
    header = again.headers["set-cookie"]
    assert "HttpOnly" in header
    assert "samesite=lax" in header.lower()
    assert kari.cookies[name] != first
    second = kari.cookies[name]
    out = await kari.post(village.url("/sign-out"), {})
    assert out.status_code == 303
    for secret in (first, second):
        kari.cookies[name] = secret
        assert (await kari.get(village.url("/bookings"))).status_code == 401


async def test_another_site_cannot_send_a_form(
    village: Village, http: httpx.AsyncClient, kari: Reader
) -> None:
    cookie = {"Cookie": f"ledig_{village.tenant.slug}={kari.cookies[f'ledig_{village.tenant.slug}']}"}
    for origin in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = await http.post(village.url("/sign-out"), headers={**cookie, **origin})
        assert answer.status_code == 403
    assert (await kari.get(village.url("/bookings"))).status_code == 200


async def test_only_figures_of_the_demo_can_be_chosen(village: Village, nobody: Reader) -> None:
    choice = text_of(await nobody.get(village.url("/sign-in")))
    for part in ("citizen", "delegate", "officer", "manager", "admin"):
        assert FIGURES[part] in choice
    for part in ("", "neighbour", "root", str(village.person("citizen"))):
        assert (await nobody.sign_in(part)).status_code == 422


async def test_outside_the_demo_nobody_chooses_who_to_be(
    database_urls: Urls, village: Village, tmp_path: Any
) -> None:
    settings = Settings(demo=False, var_dir=tmp_path)
    real = make_app(settings, database_urls.program)
    transport = httpx.ASGITransport(app=cast(Any, real), raise_app_exceptions=False)
    async with (
        opened(real, settings, database_urls.program),
        httpx.AsyncClient(transport=transport, base_url="http://ledig.test") as client,
    ):
        assert (await client.get(village.base)).status_code == 200
        assert (await client.get(village.url("/sign-in"))).status_code == 404
        answer = await client.post(village.url("/sign-in"), data={"persona": "admin"})
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


async def test_on_its_own_host_no_link_carries_the_slug(app: Litestar, village: Village) -> None:
    transport = httpx.ASGITransport(app=cast(Any, app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{village.tenant.hosts[0]}") as client:
        for path in (
            "/",
            "/search",
            f"/resources/{village.pool}",
            f"/resources/{village.pool}/book",
            "/bookings",
        ):
            answer = await client.get(path)
            assert answer.status_code in {200, 401}, path
            addresses = re.findall(r'(?:href|action|hx-get)="([^"]*)"', answer.text)
            assert not any(village.tenant.slug in address for address in addresses), path
        entered = await client.post("/sign-in", data={"persona": "citizen", "next": "/bookings"})
        assert entered.headers["location"] == "/bookings"
        assert (await client.get("/bookings")).status_code == 200
        home = await client.post("/sign-out")
        assert home.headers["location"] == "/"


async def test_the_login_of_one_municipality_opens_nothing_in_another(
    database: Database, village: Village, stranger: Tenant, kari: Reader
) -> None:
    await found(database, stranger)
    kari.cookies[f"ledig_{stranger.slug}"] = kari.cookies[f"ledig_{village.tenant.slug}"]
    assert (await kari.get(f"/{stranger.slug}/bookings")).status_code == 401
    assert (await kari.get(f"/{stranger.slug}/resources/{village.pool}")).status_code == 404
    assert (await kari.get(f"/{stranger.slug}/resources/{village.pool}/book")).status_code == 404
