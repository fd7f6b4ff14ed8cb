"""Tokens and cookies that are forged, cut short, expired, foreign, revoked: on every route as if there were none.

A bad cookie gets, byte for byte, the answer for nobody. A bad token gets 401, the same whatever is wrong with it.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from core.spans import utc_now
from people.models import Login, Token
from people.rules import LOGIN_IDLE
from people.service import hash_of
from tests import make
from tests.web.cast import FOR_EVER
from tests.web.stage import Stage, asks_nobody
from tests.web.towns import plain

NOW = utc_now()
UNSURE = {"date", "content-length"}
"""Of the same answer twice: a form's own key is packed more or less tightly."""
LONG_AGO = NOW - timedelta(days=400)


def token_of(db: AsyncSession, person_id: UUID, **columns: datetime) -> str:
    secret = f"ledig_{secrets.token_urlsafe(32)}"
    scopes = ["read", "write", "staff"]
    known = {"used_at": FOR_EVER, **columns}
    db.add(Token(person_id=person_id, hash=hash_of(secret), label="x", scopes=scopes, **known))
    return secret


def login_of(db: AsyncSession, person_id: UUID, **columns: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    known = {"created_at": LONG_AGO, "used_at": FOR_EVER, "expires_at": FOR_EVER, **columns}
    db.add(Login(person_id=person_id, hash=hash_of(secret), **known))
    return secret


@pytest.fixture(scope="module")
async def bad_tokens(stage: Stage) -> Mapping[str, str]:
    """Of an administrator, who could do everything with a good one."""
    here, siri = stage.here, stage.here.ids["person"]
    async with stage.database.transaction(here.tenant.id) as db:
        ended = {
            "expired": token_of(db, siri, expires_at=NOW - timedelta(seconds=1)),
            "expired long ago": token_of(db, siri, expires_at=LONG_AGO),
            "revoked": token_of(db, siri, revoked_at=NOW),
            "revoked and expired": token_of(db, siri, revoked_at=LONG_AGO, expires_at=LONG_AGO),
        }
    return {
        **ended,
        "made up": f"ledig_{secrets.token_urlsafe(32)}",
        "of no shape": "xyzzy-xyzzy",
        "cut short": here.token[:-1],
        "cut at its head": here.token.removeprefix("ledig_"),
        "with more behind": here.token + "A",
        "in other letters": here.token.swapcase(),
        "the hash itself": hash_of(here.token).hex(),
        "a login's": here.login,
        "of the other municipality": stage.there.token,
        "a login's of the other municipality": stage.there.login,
    }


@pytest.fixture(scope="module")
async def bad_cookies(stage: Stage) -> Mapping[str, str]:
    here, siri = stage.here, stage.here.ids["person"]
    async with stage.database.transaction(here.tenant.id) as db:
        ended = {
            "expired": login_of(db, siri, expires_at=NOW - timedelta(seconds=1)),
            "idle": login_of(db, siri, used_at=NOW - LOGIN_IDLE),
            "signed out": login_of(db, siri, ended_at=NOW),
            "signed out and expired": login_of(db, siri, ended_at=LONG_AGO, expires_at=LONG_AGO),
        }
    return {
        **ended,
        "made up": secrets.token_urlsafe(32),
        "of no shape": "xyzzy-xyzzy",
        "cut short": here.login[:-1],
        "with more behind": here.login + "A",
        "in other letters": here.login.swapcase(),
        "the hash itself": hash_of(here.login).hex(),
        "a token": here.token,
        "of the other municipality": stage.there.login,
    }


async def test_good_secrets_are_known(stage: Stage) -> None:
    """Else the rest of this file would prove nothing."""
    path = f"{stage.here.base}/me"
    assert (await stage.real.get(path, headers=make.bearer(stage.here.token))).status_code == 200
    assert (await stage.real.get(path, headers=stage.here.cookie)).status_code == 200


async def test_a_bad_token_is_refused_on_every_route_and_nothing_told(
    stage: Stage, bad_tokens: Mapping[str, str]
) -> None:
    before = await stage.contents()
    for route in stage.routes:
        told: dict[str, tuple[int, str]] = {}
        for what, secret in bad_tokens.items():
            answer = await stage.ask(stage.real, route, make.bearer(secret))
            told[what] = plain(answer)
            if asks_nobody(route):
                assert await stage.is_as_for_nobody(route, answer), f"{route}: {what}"
                del told[what]
                continue
            assert answer.status_code == 401, f"{route}: {what}: {answer.status_code}"
            assert answer.headers["www-authenticate"] == "Bearer"
            assert secret not in answer.text
            if route.in_document:
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["type"] == "/problems/sign-in-needed"
        assert len(set(told.values())) <= 1, f"{route}: {told}"
    assert await stage.contents() == before


async def test_a_bad_cookie_is_no_cookie_on_every_route(stage: Stage, bad_cookies: Mapping[str, str]) -> None:
    before = await stage.contents()
    for route in stage.routes:
        nobody = await stage.as_nobody(route)
        headers: set[str] = set()
        for what, secret in bad_cookies.items():
            cookie = {"Cookie": f"ledig_{stage.here.tenant.slug}={secret}"}
            answer = await stage.ask(stage.real if nobody[0] >= 400 else stage.rehearsal, route, cookie)
            assert await stage.is_as_for_nobody(route, answer), f"{route}: {what}"
            assert secret not in answer.text, f"{route}: {what}"
            headers.add(str(sorted((name, answer.headers[name]) for name in answer.headers.keys() - UNSURE)))
        assert len(headers) == 1, f"{route}: {headers}"
    assert await stage.contents() == before


async def test_two_cookies_or_a_cookie_beside_a_bad_token_open_nothing_more(stage: Stage) -> None:
    """A bad token is not forgiven for the sake of a good cookie."""
    both = {**stage.here.cookie, **make.bearer(f"ledig_{secrets.token_urlsafe(32)}")}
    assert (await stage.real.get(f"{stage.here.base}/me", headers=both)).status_code == 401
