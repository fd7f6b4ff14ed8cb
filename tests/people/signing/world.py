"""Two municipalities behind a real socket, where people sign in at a certified OpenID provider on this machine."""

import asyncio
import json
import socket
import subprocess
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server
from joserfc.jwk import ECKey
from litestar import Litestar
from sqlalchemy import select

from core.db import Database
from core.settings import Settings
from core.tenants import Tenant
from people.models import Login, Person
from tests.conftest import ROOT, Urls
from tests.house import node
from tests.leaks import read_answer
from tests.people.signing.numbers import synthetic
from web.app import make_app, opened

SUBSTANTIAL, HIGH = "idporten-loa-substantial", "idporten-loa-high"
WEAK = "idporten-loa-low"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def provider_process(port: int, clients: list[dict[str, Any]]) -> Generator[None, None, None]:
    """tests/people/signing/provider.mjs, listening."""
    process = subprocess.Popen(
        [node(), str(Path(__file__).with_name("provider.mjs")), str(port)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(clients))
    process.stdin.close()
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if "listening" in line:
                break
        else:
            raise AssertionError("".join(said))
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


@asynccontextmanager
async def served(app: Litestar, port: int) -> AsyncGenerator[None, None]:
    """The application on a port, in this event loop. It must have been opened."""
    server = Server(app, port=port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False)
    task = asyncio.create_task(server.serve())
    async with httpx.AsyncClient(trust_env=False) as probe:
        for _ in range(200):
            with suppress(httpx.TransportError):
                if (await probe.get(f"http://127.0.0.1:{port}/health/live")).status_code == 200:
                    break
            await asyncio.sleep(0.05)
    try:
        yield
    finally:
        server.stop()
        await task


@dataclass(frozen=True)
class World:
    app: Litestar
    database: Database
    urls: Urls
    base: str
    issuer: str
    here: Tenant
    there: Tenant
    folder: Path
    numbers: list[int] = field(default_factory=list[int])

    def somebody(self) -> str:
        """A national number that nobody has signed in with."""
        self.numbers.append(len(self.numbers))
        return synthetic(self.numbers[-1])

    async def rows(self, table: type[Login | Person], tenant: Tenant | None = None) -> list[Any]:
        async with self.database.transaction((tenant or self.here).id) as db:
            return list(await db.scalars(select(table).order_by(table.id)))


PROVIDER = """
[[provider]]
key = "{key}"
label = {{ nb = "ID-porten", nn = "ID-porten", en = "ID-porten" }}
issuer = "{issuer}"
client_id = "{client_id}"
private_key = "key.jwk"
acr_values = ["idporten-loa-substantial"]
staff_acr = ["idporten-loa-high"]
par = "required"
national_number = "pid"
allow_synthetic = true
"""


@asynccontextmanager
async def world(
    urls: Urls, database: Database, tenants: tuple[Tenant, Tenant], folder: Path
) -> AsyncGenerator[World, None]:
    """Everything, up and running."""
    app_port, provider_port = free_port(), free_port()
    base, issuer = f"http://127.0.0.1:{app_port}", f"http://127.0.0.1:{provider_port}"
    key = ECKey.generate_key("P-256", {"kid": "ours"})
    (folder / "key.jwk").write_text(json.dumps(key.as_dict(private=True)))
    (folder / "providers.toml").write_text(PROVIDER.format(key="id-porten", issuer=issuer, client_id="ledig"))
    client = {
        "client_id": "ledig",
        "redirect_uris": [f"{base}/{each.slug}/sign-in/id-porten/callback" for each in tenants],
        "post_logout_redirect_uris": [f"{base}/{each.slug}" for each in tenants],
        "backchannel_logout_uri": f"{base}/{tenants[0].slug}/sign-out/id-porten/back-channel",
        "backchannel_logout_session_required": True,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
    }
    settings = Settings(
        public_url=base,
        providers=folder / "providers.toml",
        var_dir=folder,
        pool_size=10,
        port=app_port,
        limits="off",
    )
    app = make_app(settings, urls.program)
    with provider_process(provider_port, [client]):
        async with opened(app, settings, urls.program), served(app, app_port):
            yield World(app, database, urls, base, issuer, *tenants, folder)


class Browser:
    """Somebody at a browser, who is `pid` and whom the provider knows as surely as `acr` says. None: turns round."""

    def __init__(
        self, world: World, pid: str | None, acr: str = SUBSTANTIAL, agent: str = "Firefox Linux"
    ) -> None:
        self.world = world
        self.http = httpx.AsyncClient(trust_env=False, headers={"User-Agent": agent}, timeout=20)
        self.visited: list[httpx.Response] = []
        self.be(pid, acr)

    def be(self, pid: str | None, acr: str = SUBSTANTIAL) -> None:
        """For the provider, from now on."""
        self.http.cookies.set("who", f"{pid}.{acr}" if pid else "", domain="127.0.0.1", path="/")

    async def ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        answer = await self.http.request(method, url, **more)
        if url.startswith(self.world.base):
            await read_answer(answer)
        self.visited.append(answer)
        return answer

    def url(self, path: str, tenant: Tenant | None = None) -> str:
        return f"{self.world.base}/{(tenant or self.world.here).slug}{path}"

    async def set_out(self, tenant: Tenant | None = None, *, key: str = "id-porten", **form: str) -> str:
        """Where the provider's page is."""
        answer = await self.ask("POST", self.url(f"/sign-in/{key}", tenant), data=form)
        assert answer.status_code == 200, answer.text
        return answer.headers["refresh"].partition("url=")[2]

    async def follow(self, url: str, *, until: str = "/callback?") -> str:
        """Through the provider's redirects to an address of ours, not yet asked."""
        for _ in range(10):
            if until in url and url.startswith(self.world.base):
                return url
            answer = await self.ask("GET", url)
            assert answer.is_redirect, f"{url}: {answer.status_code} {answer.text}"
            url = str(answer.next_request.url) if answer.next_request else ""
        raise AssertionError("round and round")

    async def to_callback(self, tenant: Tenant | None = None, **form: str) -> str:
        return await self.follow(await self.set_out(tenant, **form))

    async def sign_in(self, tenant: Tenant | None = None, **form: str) -> httpx.Response:
        """The answer at the callback."""
        return await self.ask("GET", await self.to_callback(tenant, **form))

    async def at_home(self, tenant: Tenant | None = None) -> bool:
        """Whether she is signed in."""
        answer = await self.ask("GET", self.url("/me/logins", tenant))
        assert answer.status_code in {200, 401}, answer.text
        return answer.status_code == 200

    @property
    def secret(self) -> str | None:
        return self.http.cookies.get(f"ledig_{self.world.here.slug}")

    async def close(self) -> None:
        await self.http.aclose()


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))
