"""The cookies of a program behind https: bound to its host, out of reach of scripts, gone when one leaves."""

from collections.abc import AsyncGenerator
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from core.settings import Settings
from core.tenants import Tenant
from tests.conftest import Urls, add_tenant
from tests.people.signing.fake import Fake, faking
from tests.people.signing.world import PROVIDER, World
from web.app import make_app, opened


@pytest.fixture
async def https(
    town: World, database_urls: Urls, tmp_path: Path
) -> AsyncGenerator[tuple[httpx.AsyncClient, Fake, Tenant], None]:
    tenant = await add_tenant(database_urls)
    with faking() as fake:
        (tmp_path / "key.jwk").write_text((town.folder / "key.jwk").read_text())
        (tmp_path / "p.toml").write_text(PROVIDER.format(key="fake", issuer=fake.issuer, client_id="ledig"))
        settings = Settings(
            public_url="https://ledig.example",
            providers=tmp_path / "p.toml",
            var_dir=tmp_path,
            pool_size=3,
            limits="off",
        )
        app: Litestar = make_app(settings, database_urls.program)
        transport = httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False)
        async with (
            opened(app, settings, database_urls.program),
            httpx.AsyncClient(transport=transport, base_url="https://ledig.example") as client,
        ):
            yield client, fake, tenant


def cookies_of(answer: httpx.Response) -> dict[str, "Morsel[str]"]:
    found: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        found.load(line)
    return dict(found)


def is_bound(cookie: "Morsel[str]") -> bool:
    return (
        bool(cookie["secure"] and cookie["httponly"] and cookie["path"] == "/" and not cookie["domain"])
        and cookie["samesite"].lower() == "lax"
    )


async def test_cookies_are_bound_to_the_host_and_leave_with_her(
    https: tuple[httpx.AsyncClient, Fake, Tenant],
) -> None:
    client, fake, tenant = https
    name = f"__Host-ledig_{tenant.slug}"
    out = await client.post(f"/{tenant.slug}/sign-in/fake")
    way = cookies_of(out)[f"{name}_way"]
    assert is_bound(way)
    assert way["max-age"] == "600"
    pushed = fake.told["/par"]
    assert pushed["redirect_uri"] == f"https://ledig.example/{tenant.slug}/sign-in/fake/callback"
    fake.nonce = pushed["nonce"]
    back = await client.get(
        f"/{tenant.slug}/sign-in/fake/callback",
        params={"state": pushed["state"], "code": "c", "iss": fake.issuer},
    )
    login = cookies_of(back)[name]
    assert is_bound(login)
    assert login["max-age"] == "43200"
    assert len(login.value) >= 43

    secret = login.value
    client.cookies.clear()
    for wrong in (f"ledig_{tenant.slug}", f"__Secure-ledig_{tenant.slug}"):
        seen = await client.get(f"/{tenant.slug}/me/logins", headers={"Cookie": f"{wrong}={secret}"})
        assert seen.status_code == 401
    mine = {"Cookie": f"{name}={secret}"}
    assert (await client.get(f"/{tenant.slug}/me/logins", headers=mine)).status_code == 200
    api = await client.get(f"/api/{tenant.slug}/bookings", headers=mine)
    assert api.status_code == 200

    gone = cookies_of(await client.post(f"/{tenant.slug}/sign-out", headers=mine))[name]
    assert is_bound(gone)
    assert (gone["max-age"], gone.value) == ("0", "")


async def test_a_host_of_its_own_comes_back_to_itself(
    https: tuple[httpx.AsyncClient, Fake, Tenant],
) -> None:
    client, fake, tenant = https
    await client.post("/sign-in/fake", headers={"Host": tenant.hosts[0]})
    assert fake.told["/par"]["redirect_uri"] == f"https://{tenant.hosts[0]}/sign-in/fake/callback"


async def test_where_there_is_a_provider_there_is_a_way_in(
    https: tuple[httpx.AsyncClient, Fake, Tenant],
) -> None:
    client, _, tenant = https
    page = await client.get(f"/{tenant.slug}")
    assert f'href="/{tenant.slug}/sign-in?next=' in page.text
    needed = await client.get(f"/{tenant.slug}/bookings")
    assert needed.status_code == 401
    assert needed.text.count(f"/{tenant.slug}/sign-in?next=") == 2
    assert (await client.post(f"/{tenant.slug}/sign-in", data={"persona": "admin"})).status_code == 405
    assert (await client.post(f"/{tenant.slug}/sign-in/other")).status_code == 404
