"""Whose a request is and what it counts as; and that limits hold over all processes of a real server."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from booking.boards.stream import Streams
from core.settings import Settings, SettingsError, read_settings
from core.vault import new_key
from tests import make
from tests.conftest import Urls
from tests.web.served import serving
from tests.web.towns import Town, routes_of
from web.app import make_app, opened
from web.limits import client_of, networks_of

TRUSTED = ("10.0.0.0/8", "fd00::/8")


def asked(peer: str | None, *forwarded: str) -> Any:
    """A request as the server sees it."""
    headers = [(b"host", b"x"), *((b"x-forwarded-for", value.encode()) for value in forwarded)]
    return {"client": (peer, 1) if peer is not None else None, "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", (), "192.0.2.1"),
        ("192.0.2.1", ("198.51.100.1",), "192.0.2.1"),  # nobody we trust says so
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("6.6.6.6, 198.51.100.1",), "198.51.100.1"),  # what she writes herself stands before
        ("10.0.0.1", ("6.6.6.6", "198.51.100.1, 10.0.0.2"), "198.51.100.1"),
        ("10.0.0.1", ("10.9.9.9, 10.0.0.2",), "10.9.9.9"),
        ("10.0.0.1", ("198.51.100.1:4711",), "198.51.100.1"),
        ("10.0.0.1", ("[2001:db8:1:2:3::9]:4711",), "2001:db8:1:2::/64"),
        ("10.0.0.1", ("198.51.100.1, nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("",), "10.0.0.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("fd00::1", ("2001:db8::1",), "2001:db8::/64"),
        ("::ffff:10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", (), "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", (), "2001:db8:1:3::/64"),
        (None, (), "unknown"),
        ("", ("198.51.100.1",), "unknown"),
    ],
)
def test_a_client_is_known_by_what_she_cannot_make_up(
    peer: str | None, forwarded: Sequence[str], client: str
) -> None:
    assert client_of(asked(peer, *forwarded), networks_of(TRUSTED)) == client


def test_without_a_trusted_proxy_nothing_that_is_forwarded_is_believed() -> None:
    assert client_of(asked("10.0.0.1", "198.51.100.1"), []) == "10.0.0.1"


@pytest.mark.parametrize("nonsense", ["proxy.example", "10.0.0.1/8", "10.0.0.0/99", "*"])
def test_proxies_that_make_no_sense_are_refused_by_name(nonsense: str) -> None:
    with pytest.raises(SettingsError, match="LEDIG_TRUSTED_PROXIES"):
        read_settings({"LEDIG_TRUSTED_PROXIES": f"127.0.0.1,{nonsense}"})


LIMITS = "sign-in=4,search=6,feed=off,write=8"
"""Half of them at once."""


@pytest.fixture
async def narrow(database_urls: Urls) -> AsyncGenerator[Litestar, None]:
    """The program with small limits, behind one proxy, and clients of its own."""
    settings = Settings(
        demo=True, limits=LIMITS, keys=(new_key(),), trusted_proxies=("127.0.0.1",), pool_size=5
    )
    app = make_app(settings, database_urls.program)
    async with opened(app, settings, database_urls.program):
        app.state.streams = Streams(app.state.database, lasts=0)  # the client reads answers to their end
        yield app


def client(app: Litestar) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://ledig.test")


def counted(answers: Sequence[httpx.Response]) -> tuple[int, int]:
    """(passed, refused)."""
    refused = sum(answer.status_code == 429 for answer in answers)
    return len(answers) - refused, refused


async def test_a_refusal_says_when_to_come_again(narrow: Litestar, here: Town) -> None:
    """As a problem for programs, as a page for people."""
    async with client(narrow) as http:
        path = f"/{here.tenant.slug}/search"
        for _ in range(3):
            assert (await http.get(path)).status_code == 200
        page = await http.get(path)
        problem = await http.get(f"/api{path}?from_on=2080-01-01")
    for answer in (page, problem):
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 22
    assert page.headers["content-type"].startswith("text/html")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["type"] == "/problems/too-many-requests"
    assert problem.json()["retry_after"] == int(problem.headers["retry-after"])


async def test_limits_are_of_addresses_and_not_of_names(narrow: Litestar, here: Town) -> None:
    """New tokens and cookies buy nothing; another address, or one behind the proxy, has requests of its own."""
    async with client(narrow) as http:

        async def search(**headers: str) -> httpx.Response:
            return await http.get(f"{here.base}/search?from_on=2080-01-01", headers=headers)

        mine = [
            await search(
                Cookie=f"ledig_{here.tenant.slug}={n}", **{"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.1"}
            )
            for n in range(5)
        ]
        hers = await search(**{"X-Forwarded-For": "198.51.100.2"})
    assert counted(mine) == (3, 2)
    assert hers.status_code == 200


async def test_a_token_that_is_not_right_is_an_attempt_to_sign_in(narrow: Litestar, here: Town) -> None:
    """Once they are used up, not even a right one is looked at; whoever shows none goes on reading."""
    async with client(narrow) as http:
        path = f"{here.base}/facilities"
        assert (await http.get(path, headers=make.bearer(here.token))).status_code == 200
        wrong = [await http.get(path, headers=make.bearer(f"ledig_{n}")) for n in range(5)]
        right = await http.get(path, headers=make.bearer(here.token))
        nobody = await http.get(path)
    assert [answer.status_code for answer in wrong] == [401, 401, 401, 429, 429]
    assert right.status_code == 429
    assert nobody.status_code == 200


LIKE_SEARCH = ("/api/{m:str}/free", "/api/{m:str}/open-data/bookings.")


async def test_every_change_is_counted_and_reading_is_not(narrow: Litestar, here: Town) -> None:
    """Each route by itself, from an address of its own; those that sign in or search have their own counts."""
    tried = 0
    async with client(narrow) as http:
        for n, route in enumerate(routes_of(narrow)):
            if "file_path" in route.template:
                continue
            path, headers = route.path(here), {"X-Forwarded-For": f"198.51.{100 + n // 250}.{n % 250}"}
            answers = [await http.request(route.method, path, headers=headers) for _ in range(5)]
            is_counted = (
                route.method != "GET"
                or "sign-in" in path
                or "search" in path
                or path.endswith("quote")
                or route.template.startswith(LIKE_SEARCH)
            )
            tried += is_counted
            assert (answers[-1].status_code == 429) is is_counted, str(route)
    assert tried > 20


async def test_two_processes_never_let_more_pass_together(
    database_urls: Urls, here: Town, tmp_path: Path
) -> None:
    """More than is allowed, from two clients at once; and later they do pass again."""
    limits = {"LEDIG_LIMITS": "search=60", "LEDIG_TRUSTED_PROXIES": "127.0.0.0/8", "LEDIG_VAR": str(tmp_path)}
    with serving(database_urls, tmp_path / "log", workers=2, environment=limits) as address:
        async with httpx.AsyncClient(base_url=address, timeout=30) as http:

            async def storm(who: str, count: int) -> list[httpx.Response]:
                path, headers = f"{here.base}/search?from_on=2080-01-01", {"X-Forwarded-For": who}
                return await asyncio.gather(*(http.get(path, headers=headers) for _ in range(count)))

            began = time.monotonic()
            answers = await asyncio.gather(*(storm(who, 80) for who in ("198.51.100.1", "198.51.100.2")))
            took = time.monotonic() - began
            for each in answers:
                assert {answer.status_code for answer in each} == {200, 429}
                assert 25 <= counted(each)[0] <= 30 + took / 2
            waits = [int(answer.headers.get("retry-after", 0)) for answer in answers[0]]
            await asyncio.sleep(max(waits))
            assert counted(await storm("198.51.100.1", 3))[0] >= 1
