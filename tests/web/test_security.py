"""What every answer carries, and what no request gets past: headers, cookies, other sites, sizes, hosts, crowds."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from core.db import Database
from core.settings import Settings
from people.models import Person
from tests import make
from tests.conftest import Urls
from tests.web.towns import ASKED, Town, bodies, contents, routes_of
from web.app import make_app, opened
from web.demo import demo_id
from web.edge import HEADERS
from web.problems import BODY_LIMIT

EVERYWHERE = [
    "/",
    "/api/municipalities",
    "/api/openapi.json",
    "/health/live",
    "/static/ledig.css",
    "/static/missing.css",
    "/api/nowhere/facilities",
    "/nowhere",
    "/api",
    "/api/x/y/z",
    "/static/../web/app.py",
    "/static/%2e%2e/app.py",
]


def client(app: Litestar, base_url: str = "http://ledig.test") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=base_url)


@pytest.fixture(scope="module")
async def https(database_urls: Urls) -> AsyncGenerator[httpx.AsyncClient, None]:
    """The program as it stands behind https, outside demo mode."""
    settings = Settings(public_url="https://ledig.example", pool_size=2)
    app = make_app(settings, database_urls.program)
    async with opened(app, settings, database_urls.program), client(app, "https://ledig.example") as asked:
        yield asked


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
async def test_every_answer_carries_the_security_headers(
    http: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await http.request(method, path)
    assert answer.status_code < 500
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy.pop("img-src") == "'self' https: data:"
    assert set(policy.values()) == {"'self'", "'none'"}
    assert {name for name, value in policy.items() if value == "'none'"} == {
        *("default-src", "frame-ancestors", "base-uri", "object-src")
    }
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert all(part.endswith("=()") for part in answer.headers["permissions-policy"].split(", "))
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


OPEN = ("/ical/", "/{m:str}/embed/", "/api/{m:str}/free", "/api/{m:str}/open-data/")
"""What is the same to all, and may be kept by those who asked."""


async def test_nothing_personal_is_kept_anywhere(app: Litestar, http: httpx.AsyncClient, here: Town) -> None:
    """Not in a proxy, and not in a browser that the next one sits down at. What all see alike may be kept."""
    for route in routes_of(app):
        if route.method != "GET" or "file_path" in route.template or route.path(here).endswith(".css"):
            continue
        if route.template.startswith(OPEN):
            hers, anybodys = [
                await http.get(route.path(here), headers=who) for who in (make.bearer(here.token), {})
            ]
            assert hers.content == anybodys.content, str(route)
            assert "set-cookie" not in hers.headers, str(route)
            continue
        for who in (here.cookie, make.bearer(here.token)):
            answer = await http.get(route.path(here), headers=who)
            assert answer.headers.get_list("cache-control") == ["no-store"], str(route)
        nobody = await http.get(route.path(here))
        assert nobody.headers["cache-control"] in {"no-cache", "private, no-cache", "no-store"}, str(route)
    for path in ("/static/ledig.css", f"/{here.tenant.slug}/theme.css"):
        answer = await http.get(path, headers=here.cookie)
        assert set(answer.headers["cache-control"].split(", ")) == {"public", "max-age=300"}


async def test_https_is_asked_for_where_it_is_spoken(https: httpx.AsyncClient) -> None:
    answer = await https.get("/health/live")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_no_page_has_script_or_style_in_it(app: Litestar, http: httpx.AsyncClient, here: Town) -> None:
    """The policy would stop it; better that it is not there."""
    tried = 0
    for route in routes_of(app):
        if route.method != "GET" or route.in_document or "file_path" in route.template:
            continue
        answer = await http.get(route.path(here), headers=here.cookie)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        tried += 1
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", answer.text), (
            str(route)
        )
    assert tried >= 8


PROVE_THEMSELVES = {"unsubscribe"}
"""Mail programs post there from sites of theirs (RFC 8058): a seal in the address lets in, and no cookie counts."""
SITES = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://ledig.test.evil.example"},
    {"Origin": "http://ledig.test:81"},
]


@pytest.mark.parametrize("site", SITES, ids=str)
async def test_what_another_site_makes_a_browser_send_is_refused(
    app: Litestar, http: httpx.AsyncClient, database: Database, here: Town, site: dict[str, str]
) -> None:
    """On every route that changes something, with the login's own cookie, and nothing is written."""
    before = await contents(database, here.tenant)
    for route in routes_of(app):
        if route.method == "GET":
            continue
        answer = await http.request(
            route.method, route.path(here), json=bodies(here).get(route.name), headers={**here.cookie, **site}
        )
        expected = 404 if route.name in PROVE_THEMSELVES else 403
        assert answer.status_code == expected, str(route)
    assert await contents(database, here.tenant) == before


@pytest.mark.parametrize(
    "site", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://ledig.test"}], ids=str
)
async def test_what_our_own_pages_send_is_carried_out(
    http: httpx.AsyncClient, here: Town, site: dict[str, str]
) -> None:
    path = f"{here.base}/applications"
    answer = await http.post(path, json=bodies(here)["apply"], headers={**here.cookie, **site})
    assert answer.status_code == 201, answer.text


async def test_a_page_of_another_site_may_be_followed_here(http: httpx.AsyncClient, here: Town) -> None:
    """A link is no attack."""
    answer = await http.get(f"/{here.tenant.slug}/", headers={**here.cookie, "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a b",
        "evil.example/path",
        "[::1",
        "x" * 300,
        "ledig.test:99999999",
        "é.test",
        "ledig.test@evil",
        "<script>",
    ],
)
async def test_a_nonsense_host_is_refused(http: httpx.AsyncClient, host: str) -> None:
    for path in ("/health/live", "/", "/api/municipalities"):
        answer = await http.get(path, headers={b"Host": host.encode()})
        assert answer.status_code == 400, path
        assert host[:20] not in answer.text or not host


async def test_an_unknown_host_is_nobodys_own(http: httpx.AsyncClient, here: Town) -> None:
    """And is never repeated in a link."""
    answer = await http.get(f"/{here.tenant.slug}/", headers={"Host": "evil.example"})
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


async def test_where_names_are_known_no_other_is_answered(database_urls: Urls, here: Town) -> None:
    """The installation's own names and the municipalities'; whoever uses another is told the right one."""
    settings = Settings(public_url="https://ledig.example", allowed_hosts=("inside.example",), pool_size=2)
    app = make_app(settings, database_urls.program)
    page, programs = f"/{here.tenant.slug}/", "/api/municipalities"
    async with opened(app, settings, database_urls.program), client(app) as http:
        for host in (
            "ledig.example",
            "LEDIG.example:8443",
            "ledig.example.",
            "inside.example",
            here.tenant.hosts[0],
        ):
            assert (await http.get(page, headers={"Host": host})).status_code == 200, host
        for host in ("evil.example", "ledig.example.evil.example", "127.0.0.1", "[::1]", "example"):
            for path in (page, programs, "/nowhere"):
                answer = await http.get(path, headers={"Host": host})
                assert answer.status_code == 421, (host, path)
                assert host not in answer.text or host == "example"
                assert "ledig.example" in answer.text
            assert (await http.get("/health/ready", headers={"Host": host})).status_code == 200
        told = await http.get(programs, headers={"Host": "evil.example"})
    assert told.json()["type"] == "/problems/wrong-host"
    assert told.json()["expected"] == "ledig.example / inside.example"


@pytest.mark.parametrize("with_length", [True, False])
async def test_a_body_past_the_limit_is_refused(
    http: httpx.AsyncClient, here: Town, with_length: bool
) -> None:
    """Announced or not."""
    body = b'{"title": "' + b"x" * BODY_LIMIT + b'"}'

    async def pieces() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    answer = await http.post(
        f"{here.base}/applications",
        content=body if with_length else pieces(),
        headers={**make.bearer(here.token), "Content-Type": "application/json"},
    )
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/too-large"
    assert answer.json()["expected"].endswith("byte")


async def test_login_cookies_are_for_this_site_and_no_script(
    app: Litestar, http: httpx.AsyncClient, here: Town
) -> None:
    """Those that are set at all; a secret is never in an answer's body."""
    for route in routes_of(app):
        if route.in_document or "file_path" in route.template:
            continue
        answer = await http.request(route.method, route.path(here), headers=here.cookie, data={"lang": "nn"})
        for cookie in answer.headers.get_list("set-cookie"):
            assert "samesite=lax" in cookie.lower(), str(route)
            harmless = cookie.startswith("language=") or "Max-Age=0" in cookie
            assert harmless or "httponly" in cookie.lower(), str(route)
        assert here.login not in answer.text, str(route)
        assert here.token not in answer.text, str(route)


async def test_a_login_is_kept_in_a_secure_cookie_where_https_is_spoken(
    database: Database, database_urls: Urls, here: Town
) -> None:
    """For twelve hours, for this site alone, out of reach of scripts."""
    person_id = demo_id(here.tenant.slug, "person", "citizen")
    async with database.transaction(here.tenant.id) as db:
        db.add(Person(id=person_id, name="Kari"))
    for public_url, is_secure in (("https://ledig.example", True), (None, False)):
        settings = Settings(public_url=public_url, demo=True, pool_size=2)
        app = make_app(settings, database_urls.program)
        address = public_url or "http://ledig.test"
        async with opened(app, settings, database_urls.program), client(app, address) as http:
            answer = await http.post(f"/{here.tenant.slug}/sign-in", data={"persona": "citizen"})
        words = answer.headers["set-cookie"].lower().split("; ")
        assert answer.status_code == 303
        assert {"httponly", "samesite=lax", "path=/"} <= set(words)
        assert ("secure" in words) is is_secure
        assert len(words[0].partition("=")[2]) >= 43


async def test_nobody_chooses_who_to_be_outside_the_demo(https: httpx.AsyncClient, here: Town) -> None:
    for method in ("GET", "POST"):
        answer = await https.request(method, f"/{here.tenant.slug}/sign-in", data={"persona": "admin"})
        assert answer.status_code in {404, 405}
        assert "set-cookie" not in answer.headers


AWAY = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\tevil",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("target", AWAY)
async def test_no_address_leads_away(app: Litestar, http: httpx.AsyncClient, here: Town, target: str) -> None:
    """Whatever `next` says, on whichever route, as query or as form."""
    for route in routes_of(app):
        if route.in_document or "file_path" in route.template:
            continue
        send: dict[str, Any] = {"data": {"next": target}} if route.method == "POST" else {}
        answer = await http.request(
            route.method, route.path(here), params={"next": target}, headers=here.cookie, **send
        )
        place = answer.headers.get("location", "/")
        assert re.match(r"/(?![/\\])", place), f"{route}: {place}"
        assert not re.search(r'(href|action|value)="(https?:)?[/\\]{2}evil', answer.text), str(route)


async def test_a_crowd_gets_answers_or_busy_and_never_a_fault(
    database_urls: Urls, database: Database, here: Town
) -> None:
    """200 at once on five connections: reads and writes, none hangs, none is a 500."""
    settings = Settings(pool_size=5, limits="off")
    app = make_app(settings, database_urls.program)
    body = {
        "resource_id": str(here.ids["resource"]),
        "start": make.iso(ASKED.start),
        "end": make.iso(ASKED.end),
    }
    headers = make.bearer(here.token)
    async with opened(app, settings, database_urls.program), client(app) as http, asyncio.timeout(30):
        calls = [
            http.post(f"{here.base}/quote", json=body, headers=headers)
            if n % 4
            else http.post(f"{here.base}/applications", json=bodies(here)["apply"], headers=headers)
            for n in range(200)
        ]
        answers = await asyncio.gather(*calls)
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {200, 201, 409, 503}, {s: statuses.count(s) for s in statuses}
    assert statuses.count(201) == 1
    assert (await contents(database, here.tenant))["booking"][0] == 2


async def test_with_every_connection_taken_the_answer_is_busy(database_urls: Urls, here: Town) -> None:
    """503 with the type that says: send the same again."""
    settings = Settings(pool_size=1)
    app = make_app(settings, database_urls.program)
    async with opened(app, settings, database_urls.program), client(app) as http:
        app.state.database.engine.pool._timeout = 0.2
        await http.get(f"{here.base}/facilities")  # the municipalities are known
        async with app.state.database.shared():  # holds the only one
            answer = await http.get(f"{here.base}/facilities")
            unknown = await http.get("/health/ready")
    for each in (answer, unknown):
        assert each.status_code == 503
        assert each.json()["type"] == "/problems/busy"
        assert each.headers["retry-after"] == "1"


async def test_without_a_database_the_answer_is_busy(here: Town) -> None:
    """Also where the municipality itself cannot be looked up, outside the framework's own handlers."""
    settings = Settings(pool_size=1)
    url = "postgresql://nobody@/nowhere?host=/nonexistent"
    app = make_app(settings, url)
    async with opened(app, settings, url), client(app) as http:
        for path in (f"{here.base}/facilities", "/health/ready", f"/{here.tenant.slug}/", "/health/live"):
            answer = await http.get(path)
            assert answer.status_code == 503, path
            assert "retry-after" in answer.headers


async def test_the_oldest_clients_need_not_name_a_host(app: Litestar) -> None:
    """Health checks of some load balancers speak HTTP/1.0."""
    said: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    for version, status in (("1.0", 200), ("1.1", 400)):
        scope: Any = {
            "type": "http",
            "method": "GET",
            "http_version": version,
            "scheme": "http",
            "path": "/health/live",
            "raw_path": b"/health/live",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"")],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
        }
        said.clear()
        await app(scope, receive, send)
        assert said[0]["status"] == status, version
