"""Signing out: here, at the provider, everywhere, and when the provider says so, by either channel."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from core.settings import Settings
from core.tenants import Directory
from people.models import Login
from tests.conftest import Urls, add_tenant
from tests.people.signing.fake import Fake, faking, foreign_key
from tests.people.signing.numbers import synthetic
from tests.people.signing.world import PROVIDER, Browser, World, free_port, query_of, served
from web.app import make_app, opened

Browsers = Callable[..., Browser]
BACK_CHANNEL = "/sign-out/id-porten/back-channel"


async def sign_out_at_provider(kari: Browser, url: str) -> httpx.Response:
    """The provider's own page and its form; where it sends her."""
    page = await kari.ask("GET", url)
    action = re.search(r'action="([^"]+)"', page.text)
    xsrf = re.search(r'name="xsrf" value="([^"]+)"', page.text)
    assert action, page.text
    assert xsrf
    return await kari.ask("POST", unescape(action[1]), data={"xsrf": xsrf[1], "logout": "yes"})


async def test_who_signs_out_is_out_here_and_at_the_provider(town: World, browser: Browsers) -> None:
    kari = browser()
    await kari.sign_in()
    secret = kari.secret

    answer = await kari.ask("POST", kari.url("/sign-out"))

    assert answer.status_code == 200
    assert kari.secret is None
    assert not await kari.at_home()
    assert answer.headers["cache-control"] == "no-store"
    way = answer.headers["refresh"].partition("url=")[2]
    assert way.startswith(town.issuer)
    assert query_of(way)["post_logout_redirect_uri"] == kari.url("")
    back = await sign_out_at_provider(kari, way)
    assert back.headers["location"] == kari.url("")
    thief = browser(None)
    thief.http.cookies.set(f"ledig_{town.here.slug}", secret or "", domain="127.0.0.1")
    assert not await thief.at_home()
    assert "id_token_hint" not in way  # it holds her national number


async def test_who_is_out_already_is_not_sent_to_the_provider(browser: Browsers) -> None:
    nobody = browser(None)
    answer = await nobody.ask("POST", nobody.url("/sign-out"))
    assert (answer.status_code, answer.headers["location"]) == (303, urlsplit(nobody.url("")).path)


async def test_the_provider_tells_us_through_the_back_and_all_her_municipalities_hear_it(
    town: World, browser: Browsers
) -> None:
    """The certified provider's own logout token. Another browser's login at another session lives on."""
    kari = browser()
    await kari.sign_in()
    await kari.sign_in(town.there)
    pid = kari.http.cookies["who"].partition(".")[0]
    other = browser(pid)
    await other.sign_in()
    login = (await town.rows(Login, town.there))[-1]
    assert await kari.at_home(town.there)

    # She leaves in one municipality alone, and at the provider; the provider tells the address of `here`.
    answer = await kari.ask("POST", kari.url("/sign-out"))
    await sign_out_at_provider(kari, answer.headers["refresh"].partition("url=")[2])

    assert not await kari.at_home(town.there)
    assert (await town.rows(Login, town.there))[-1].id == login.id
    assert await other.at_home()


async def test_one_of_ones_own_logins_is_ended_from_another_browser(town: World, browser: Browsers) -> None:
    kari = browser()
    pid = kari.http.cookies["who"].partition(".")[0]
    await kari.sign_in()
    first = (await town.rows(Login))[-1].id
    phone = browser(pid, agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18) Version/18 Safari/605")
    await phone.sign_in()
    stranger = browser()
    await stranger.sign_in()

    page = await phone.ask("GET", phone.url("/me/logins"))
    assert "Firefox, Linux" in page.text
    assert "Safari, iPhone" in page.text
    assert page.text.count('/end"') == 2
    refused = await stranger.ask("POST", stranger.url(f"/me/logins/{first}/end"))
    assert refused.status_code == 404
    assert await kari.at_home()

    answer = await phone.ask("POST", phone.url(f"/me/logins/{first}/end"))

    assert answer.status_code == 303
    assert not await kari.at_home()
    assert await phone.at_home()
    mine = (await town.rows(Login))[-2].id
    gone = await phone.ask("POST", phone.url(f"/me/logins/{mine}/end"))
    assert gone.status_code == 303
    assert phone.secret is None


async def test_out_everywhere_is_out_in_all_municipalities_and_nobody_else_is(
    town: World, browser: Browsers
) -> None:
    kari = browser()
    pid = kari.http.cookies["who"].partition(".")[0]
    await kari.sign_in()
    phone = browser(pid)
    await phone.sign_in(town.there)
    stranger = browser()
    await stranger.sign_in(town.there)

    answer = await kari.ask("POST", kari.url("/me/logins/end-all"))

    assert answer.status_code == 303
    assert not await kari.at_home()
    assert not await phone.at_home(town.there)
    assert await stranger.at_home(town.there)


async def test_a_made_up_logout_token_ends_nothing(browser: Browsers) -> None:
    kari = browser()
    await kari.sign_in()
    for form in ({}, {"logout_token": ""}, {"logout_token": "a.b.c"}, {"logout_token": "x" * 100_000}):
        answer = await browser(None).ask("POST", kari.url(BACK_CHANNEL), data=form)
        assert answer.status_code == 400
        assert answer.headers["cache-control"] == "no-store"
    assert await kari.at_home()


EVENT: dict[str, dict[str, str]] = {"http://schemas.openid.net/event/backchannel-logout": {}}
LOGOUT: dict[str, Callable[[Fake, dict[str, Any]], str]] = {
    "no event": lambda f, c: f.signed({**c, "events": {}}),
    "events that are none": lambda f, c: f.signed({**c, "events": "x"}),
    "a nonce": lambda f, c: f.signed({**c, "nonce": "x"}),
    "nobody": lambda f, c: f.signed({k: v for k, v in c.items() if k not in {"sid", "sub"}}),
    "no number": lambda f, c: f.signed({k: v for k, v in c.items() if k != "jti"}),
    "another issuer": lambda f, c: f.signed({**c, "iss": "https://evil.example"}),
    "another client": lambda f, c: f.signed({**c, "aud": "other"}),
    "made long ago": lambda f, c: f.signed({**c, "iat": c["iat"] - 3600}),
    "made at no time": lambda f, c: f.signed({k: v for k, v in c.items() if k != "iat"}),
    "expired": lambda f, c: f.signed({**c, "exp": c["iat"] - 300}),
    "signed by somebody else": lambda f, c: f.signed(c, key=foreign_key()),
    "an unknown key": lambda f, c: f.signed(c, key=RSAKey.generate_key(2048, {"kid": "other"})),
}


@pytest.fixture
async def falsely(town: World, database_urls: Urls, tmp_path: Any) -> Any:
    """A program of its own whose provider is the fake one."""
    tenant = await add_tenant(database_urls)
    port = free_port()
    with faking() as fake:
        (tmp_path / "key.jwk").write_text((town.folder / "key.jwk").read_text())
        entry = PROVIDER.format(key="fake", issuer=fake.issuer, client_id="ledig")
        (tmp_path / "p.toml").write_text(f'{entry}sign_out_hint = "id_token"\n')
        settings = Settings(
            public_url=f"http://127.0.0.1:{port}",
            providers=tmp_path / "p.toml",
            var_dir=tmp_path,
            pool_size=3,
        )
        app = make_app(settings, database_urls.program)
        async with opened(app, settings, database_urls.program), served(app, port):
            app.state.directory = Directory(app.state.database)
            there = World(
                app,
                town.database,
                town.urls,
                settings.public_url or "",
                fake.issuer,
                tenant,
                tenant,
                tmp_path,
            )
            yield fake, there


async def enter_falsely(fake: Fake, there: World, **claims: Any) -> Browser:
    kari = Browser(there, None)
    begun: list[str] = []
    way = await kari.set_out(key="fake")
    state = fake.told["/par"]["state"]
    fake.nonce = fake.told["/par"]["nonce"]
    fake.token = fake.signed(fake.claims(**claims))
    begun.append(way)
    answer = await kari.ask(
        "GET", kari.url("/sign-in/fake/callback"), params={"state": state, "code": "c", "iss": fake.issuer}
    )
    assert answer.status_code == 303, answer.text
    return kari


def told(fake: Fake, **claims: Any) -> dict[str, Any]:
    honest = {k: v for k, v in fake.claims().items() if k not in {"nonce", "acr", "pid"}}
    return {**honest, "jti": "one", "events": EVENT, **claims}


async def test_only_a_whole_logout_token_is_heard_and_only_once(falsely: Any) -> None:
    fake, there = falsely
    kari = await enter_falsely(fake, there, sid="s1")
    url = kari.url("/sign-out/fake/back-channel")
    for name, make in LOGOUT.items():
        answer = await kari.ask("POST", url, data={"logout_token": make(fake, told(fake, sid="s1"))})
        assert answer.status_code == 400, name
    assert (await kari.ask("POST", url, data={"logout_token": fake.token})).status_code == 400  # an id_token
    assert await kari.at_home()

    token = fake.signed(told(fake, sid="s1"), typ="logout+jwt")
    answer = await kari.ask("POST", url, data={"logout_token": token}, headers={"Origin": fake.issuer})

    assert answer.status_code == 200
    assert not await kari.at_home()
    assert (await kari.ask("POST", url, data={"logout_token": token})).status_code == 400
    await kari.close()


async def test_a_logout_token_without_session_is_about_all_of_them(falsely: Any) -> None:
    fake, there = falsely
    one = await enter_falsely(fake, there, sid="s1")
    two = await enter_falsely(fake, there, sid="s2")
    other = await enter_falsely(fake, there, sid="s3", sub="another", pid=synthetic(3001))
    url = one.url("/sign-out/fake/back-channel")

    answer = await one.ask("POST", url, data={"logout_token": fake.signed(told(fake, jti="two"))})

    assert answer.status_code == 200
    assert not await one.at_home()
    assert not await two.at_home()
    assert await other.at_home()
    for each in (one, two, other):
        await each.close()


async def test_a_provider_that_is_down_keeps_nobody_in(falsely: Any) -> None:
    fake, there = falsely
    kari = await enter_falsely(fake, there)
    there.app.state.oidc._calls._metadata.clear()
    fake.answers = {"/.well-known/openid-configuration": (500, b"")}

    page = await kari.ask("GET", kari.url("/sign-in"))
    down = await kari.ask("POST", kari.url("/sign-in/fake"))
    answer = await kari.ask("POST", kari.url("/sign-out"))

    assert page.status_code == 200
    assert down.status_code == 503
    assert "booked" not in down.text
    assert '/sign-in"' in down.text
    assert answer.status_code == 303
    assert not await kari.at_home()
    await kari.close()


async def test_a_false_answer_opens_nothing_and_tells_nothing(falsely: Any) -> None:
    fake, there = falsely
    kari = Browser(there, None)
    await kari.set_out(key="fake")
    state = fake.told["/par"]["state"]
    fake.token = fake.signed(fake.claims(nonce="other"))
    answer = await kari.ask(
        "GET", kari.url("/sign-in/fake/callback"), params={"state": state, "code": "c", "iss": fake.issuer}
    )
    assert answer.status_code == 403
    assert "nonce" not in answer.text
    assert "set-cookie" not in answer.headers
    assert await there.rows(Login) == []
    await kari.close()


async def test_a_frame_of_the_providers_ends_the_session_it_names(falsely: Any) -> None:
    """No cookie comes with a frame of another site."""
    fake, there = falsely
    kari, frame = await enter_falsely(fake, there, sid="s1"), Browser(there, None)
    url = frame.url("/sign-out/fake/front-channel")
    for params in (
        {},
        {"iss": fake.issuer},
        {"sid": "s1"},
        {"iss": "https://evil.example", "sid": "s1"},
        {"iss": fake.issuer, "sid": "other"},
    ):
        answer = await frame.ask("GET", url, params=params)
        assert answer.status_code == 200
        assert await kari.at_home()

    answer = await frame.ask("GET", url, params={"iss": fake.issuer, "sid": "s1"})

    assert answer.status_code == 200
    assert not await kari.at_home()
    assert answer.headers["content-security-policy"] == f"default-src 'none'; frame-ancestors {fake.issuer}"
    assert "x-frame-options" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    elsewhere = await frame.ask("GET", frame.url("/sign-in"))
    assert elsewhere.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in elsewhere.headers["content-security-policy"]
    await kari.close()
    await frame.close()


async def test_the_token_is_kept_sealed_only_for_a_provider_that_wants_it_back(falsely: Any) -> None:
    fake, there = falsely
    kari = await enter_falsely(fake, there)
    (row,) = await there.rows(Login)
    assert there.app.state.vault.opened(row.id_token) == fake.token
    assert fake.token.encode() not in row.id_token

    answer = await kari.ask("POST", kari.url("/sign-out"))

    assert query_of(answer.headers["refresh"].partition("url=")[2])["id_token_hint"] == fake.token
    (row,) = await there.rows(Login)
    assert (row.id_token, row.ended_at is None) == (None, False)
    await kari.close()
