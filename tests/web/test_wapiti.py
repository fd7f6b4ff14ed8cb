"""The scanner wapiti finds nothing in the program, as nobody and as somebody; and it does find what is there."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.db import Database
from tests.conftest import Urls, add_tenant
from tests.web.scanning import scan
from tests.web.served import serving
from tests.web.village import Reader, Village, hamlet

pytestmark = pytest.mark.wapiti
HTTPS = {"LEDIG_DEMO": "yes", "LEDIG_PUBLIC_URL": "https://127.0.0.1"}
"""Served as behind a proxy that speaks https."""
ENDINGS = ("/sign-out", "/me/logins/*", "/me/erasure")


@pytest.fixture
def address(database_urls: Urls, tmp_path: Path) -> Generator[str]:
    environment = {**HTTPS, "LEDIG_VAR": str(tmp_path)}
    with serving(database_urls, tmp_path / "log", environment=environment) as served:
        yield served


@pytest.fixture
async def village(address: str, database: Database, database_urls: Urls) -> AsyncGenerator[Village]:
    """With a request in it."""
    made = await hamlet(database, await add_tenant(database_urls))
    async with httpx.AsyncClient(base_url=address, timeout=30) as http:
        while (await http.get(made.base)).status_code != 200:
            await asyncio.sleep(0.2)
        citizen = Reader(http, made)
        await citizen.sign_in("citizen")
        answer = await citizen.book(made.room, accepted_terms="2026-1")
        assert answer.status_code == 303, answer.text
        yield made


@pytest.mark.parametrize("figure", [None, "admin"])
async def test_it_finds_nothing(address: str, village: Village, figure: str | None, tmp_path: Path) -> None:
    """What ends her login is left alone: all that comes after would be nobody's."""
    cookies = ""
    async with httpx.AsyncClient(base_url=address, timeout=30) as http:
        reader = Reader(http, village)
        if figure is not None:
            await reader.sign_in(figure)
            cookies = "; ".join(f"{name}={value}" for name, value in reader.cookies.items())
            own = await reader.get(village.url("/bookings"))
            assert own.status_code == 200
        start = f"{address}{village.base}/"
        done = await asyncio.to_thread(
            scan,
            start,
            tmp_path,
            cookies=cookies,
            leave_out=[address + village.url(path) for path in ENDINGS],
            begin_at=[address + village.book(village.room), f"{start}search"],
        )
        assert not done.found
        assert {("GET", village.url("/search")), ("POST", village.book(village.room))} <= done.attacked
        if figure is not None:
            assert (await reader.get(village.url("/bookings"))).status_code == 200, "still signed in"


class Faulty(BaseHTTPRequestHandler):
    """Everything that a page can do wrong."""

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(unescape(self.path)).query).get("q", [""])[0]
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Set-Cookie", "login=secret")
        self.end_headers()
        self.wfile.write(f'<html><body><a href="/?q=hall">q</a><p>{asked}</p></body></html>'.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as the base has it
        """Quietly."""


def test_it_finds_what_is_there(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Faulty) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = scan(f"http://127.0.0.1:{server.server_port}/", tmp_path)
        server.shutdown()
    assert set(done.found) >= {
        "Cross Site Scripting",
        "Content Security Policy Configuration",
        "HTTP Secure Headers",
        "HttpOnly Flag cookie",
        "Secure Flag cookie",
    }
