"""Tokens: made at a browser, shown once, kept as hashes, ended by time, by their person and by administrators."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditEntry
from core.db import Database
from core.spans import utc_now
from core.tenants import Tenant
from people import service
from people.models import Login, RoleGrant, Token
from people.tokens import MOST_TOKENS
from tests import make
from tests.booking.conftest import Town


async def browser(
    town: Town, *, role: str | None = None, is_strong: bool = True
) -> tuple[UUID, dict[str, str]]:
    """A person who has signed in: her id, and the cookie as a header."""

    async def work(db: AsyncSession) -> tuple[UUID, str]:
        person_id, _ = await make.person(db, role=role)
        secret = await service.sign_in(db, person_id, utc_now())
        await db.execute(update(Login).values(is_strong=is_strong).where(Login.person_id == person_id))
        return person_id, secret

    person_id, secret = await town.have(work)
    return person_id, {"Cookie": f"ledig_{town.tenant.slug}={secret}"}


async def made(town: Town, cookie: dict[str, str], **body: Any) -> httpx.Response:
    asked = {"label": "Nettsiden", "scopes": ["read"], **body}
    return await town.ask("POST", "/me/tokens", body=asked, headers=cookie)


async def test_a_token_is_shown_once_and_kept_as_a_hash(town: Town, database: Database) -> None:
    _, cookie = await browser(town)

    answer = await made(town, cookie, scopes=["write"], days=7)

    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told["secret"].startswith("ledig_")
    assert told["scopes"] == ["read", "write"]
    assert (await town.get("/me", told["secret"]))["id"]
    listed = await town.ask("GET", "/me/tokens", headers=cookie)
    assert told["secret"] not in listed.text
    newest = listed.json()["items"][0]
    assert (newest["id"], newest["label"], newest["is_live"]) == (told["id"], "Nettsiden", True)
    assert newest["used_at"] is not None
    async with database.transaction(town.tenant.id) as db:
        tables = [
            row[0]
            for row in await db.execute(
                text(
                    "SELECT relname FROM pg_class WHERE relkind = 'r'"
                    " AND relnamespace = 'public'::regnamespace AND has_table_privilege(oid, 'SELECT')"
                )
            )
        ]
        for table in set(tables) - {"alembic_version"}:
            dump = await db.scalar(text(f"SELECT string_agg(t::text, '') FROM {table} t"))
            assert told["secret"] not in (dump or ""), table
            assert told["secret"].encode().hex() not in (dump or ""), table


async def test_the_same_request_again_makes_no_other_and_shows_no_secret(town: Town) -> None:
    _, cookie = await browser(town)
    headers = {**cookie, "Idempotency-Key": "k1"}

    first, second = await made(town, headers), await made(town, headers)

    assert first.json() == {**second.json(), "secret": first.json()["secret"]}
    assert second.json()["secret"] is None
    async with town.database.transaction(town.tenant.id) as db:
        kept = (await db.scalars(text("SELECT answer FROM idempotency_key"))).one()
    assert first.json()["secret"].encode() not in kept


async def test_no_token_makes_another(town: Town) -> None:
    answer = await made(town, make.bearer(await town.person("administrator")))
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")


async def test_a_token_can_no_more_than_the_login_it_was_made_at(town: Town) -> None:
    _, citizen = await browser(town)
    _, weak = await browser(town, role="case_officer", is_strong=False)
    _, strong = await browser(town, role="case_officer")

    refused = await made(town, citizen, scopes=["staff"])
    step_up = await made(town, weak, scopes=["read", "staff"])
    granted = await made(town, strong, scopes=["read", "staff"])

    assert (refused.status_code, refused.json()["field"]) == (422, "scopes")
    assert (step_up.status_code, step_up.json()["type"]) == (401, "/problems/step-up-needed")
    assert granted.status_code == 201
    assert (await town.ask("GET", "/applications", granted.json()["secret"])).status_code == 200


async def test_one_has_no_more_than_fifty(town: Town) -> None:
    person_id, cookie = await browser(town)

    async def fill(db: AsyncSession) -> None:
        for number in range(MOST_TOKENS - 1):  # one came with the person
            make.token(db, person_id, f"{number}")
        await db.flush()

    await town.have(fill)
    full = await made(town, cookie)
    assert (full.status_code, full.json()["kind"]) == (409, "tokens")
    oldest = (await town.ask("GET", "/me/tokens", headers=cookie, limit=200)).json()["items"][-1]
    await town.ask("DELETE", f"/me/tokens/{oldest['id']}", headers=cookie)
    assert (await made(town, cookie)).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["all"]}, "scopes.0"),
        ({"label": " "}, "label"),
        ({"expires_at": None}, "expires_at"),
    ],
)
async def test_what_is_wrong_is_named(town: Town, body: dict[str, Any], field: str) -> None:
    _, cookie = await browser(town)
    answer = await made(town, cookie, **body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_revoked_expired_foreign_and_made_up_are_refused_alike(
    town: Town, database: Database, stranger: Tenant
) -> None:
    _, cookie = await browser(town)
    revoked, expired = (await made(town, cookie)).json(), (await made(town, cookie)).json()
    assert (await town.ask("DELETE", f"/me/tokens/{revoked['id']}", headers=cookie)).status_code == 204
    assert (await town.ask("DELETE", f"/me/tokens/{revoked['id']}", headers=cookie)).status_code == 204
    async with database.transaction(town.tenant.id) as db:
        past = utc_now() - timedelta(seconds=1)
        await db.execute(update(Token).where(Token.id == UUID(expired["id"])).values(expires_at=past))
    async with database.transaction(stranger.id) as db:
        _, foreign = await make.person(db)

    answers = [
        await town.ask("GET", "/me", secret)
        for secret in (revoked["secret"], expired["secret"], foreign, "ledig_" + "x" * 43)
    ]

    assert {(each.status_code, each.text) for each in answers} == {(401, answers[0].text)}
    states = {
        each["id"]: each["is_live"]
        for each in (await town.ask("GET", "/me/tokens", headers=cookie)).json()["items"]
    }
    assert (states[revoked["id"]], states[expired["id"]]) == (False, False)


async def test_a_token_of_somebody_else_is_no_token(town: Town) -> None:
    _, cookie = await browser(town)
    theirs = (await made(town, cookie)).json()
    _, kari = await browser(town)

    answer = await town.ask("DELETE", f"/me/tokens/{theirs['id']}", headers=kari)

    assert answer.status_code == 404
    assert (await town.get("/me", theirs["secret"]))["id"]


async def test_administrators_see_and_revoke_everybodys_and_nobody_else_does(town: Town) -> None:
    _, cookie = await browser(town)
    theirs = (await made(town, cookie)).json()
    admin, officer = await town.person("administrator"), await town.person("case_officer")
    caretaker = await town.person("caretaker")

    for token in (officer, caretaker, theirs["secret"]):
        assert (await town.ask("GET", "/tokens", token)).status_code == 403
        assert (await town.ask("DELETE", f"/tokens/{theirs['id']}", token)).status_code == 403
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await town.get("/tokens", admin, limit=2, **cursor)
        found += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [each["created_at"] for each in found] == sorted((e["created_at"] for e in found), reverse=True)
    assert len(found) == len({each["id"] for each in found}) == 5
    assert next(each for each in found if each["id"] == theirs["id"])["person"].startswith("Kari")

    assert (await town.ask("DELETE", f"/tokens/{theirs['id']}", admin)).status_code == 204
    assert (await town.ask("GET", "/me", theirs["secret"])).status_code == 401

    async def trail(db: AsyncSession) -> list[str]:
        statement = select(AuditEntry.action).where(AuditEntry.row_id == UUID(theirs["id"]))
        return list(await db.scalars(statement.order_by(AuditEntry.at)))

    assert await town.have(trail) == ["token.made", "token.revoked"]


async def test_a_role_that_ends_takes_its_tokens_with_it(town: Town) -> None:
    person_id, cookie = await browser(town, role="administrator")
    secret = (await made(town, cookie, scopes=["write", "staff"])).json()["secret"]
    assert (await town.ask("GET", "/tokens", secret)).status_code == 200

    async def end(db: AsyncSession) -> None:
        await db.execute(update(RoleGrant).where(RoleGrant.person_id == person_id).values(ended_at=utc_now()))

    await town.have(end)

    assert (await town.ask("GET", "/tokens", secret)).status_code == 403
