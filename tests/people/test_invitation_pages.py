"""The page that the letter leads to, many who open the same link at once, and two municipalities."""

import asyncio
import logging
import re
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.errors import Gone, NotFound
from core.provision import connect
from core.spans import utc_now
from core.tenants import Directory, Tenant
from people import invitations
from people.models import Delegate
from people.service import actor_of_login, sign_in
from tests import make
from tests.conftest import Urls
from tests.people.clubs import at_browser, club, invite


async def committed(database: Database, tenant: Tenant, guests: int = 1) -> tuple[UUID, str, list[str]]:
    """A club with a link that waits, and the login secrets of so many people: (association, secret, logins)."""
    async with database.transaction(tenant.id) as db:
        association_id, leader = await club(db)
        secret = await invite(db, leader, association_id=association_id)
        logins: list[str] = []
        for _ in range(guests):
            person_id, _ = await make.person(db)
            logins.append(await sign_in(db, person_id, utc_now()))
    return association_id, secret, logins


async def test_of_many_who_open_the_same_link_at_once_one_gets_it(database: Database, tenant: Tenant) -> None:
    association_id, secret, logins = await committed(database, tenant, guests=8)

    async def take(login: str) -> bool:
        async def work(db: AsyncSession) -> None:
            await invitations.accept(db, await actor_of_login(db, login, utc_now()), secret, utc_now())

        try:
            await database.run(tenant.id, work)
        except Gone:
            return False
        return True

    won = await asyncio.gather(*(take(login) for login in logins))

    assert won.count(True) == 1
    async with database.transaction(tenant.id) as db:
        roles = list(await db.scalars(select(Delegate.role).where(Delegate.association_id == association_id)))
    assert sorted(roles) == ["booker", "leader"]


async def test_a_link_of_another_municipality_opens_nothing(
    database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    _, secret, _ = await committed(database, tenant)
    async with database.transaction(stranger.id) as db:
        with pytest.raises(NotFound):
            await invitations.accept(db, await at_browser(db), secret, utc_now())


async def test_the_page_of_a_link_from_letter_to_delegate(
    app: Litestar, http: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    app.state.directory = Directory(app.state.database)
    association_id, secret, (login,) = await committed(database, tenant)
    path = f"/{tenant.slug}/invitations/{secret}"
    signed_in = {"Cookie": f"ledig_{tenant.slug}={login}; language=en"}

    nobody = await http.get(path, headers={"Cookie": "language=en"})
    assert nobody.status_code == 200
    assert "Viking" in nobody.text
    assert f"/{tenant.slug}/sign-in?next=" in nobody.text
    assert '<button class="ds-button"' not in nobody.text
    shown = await http.get(path, headers=signed_in)
    assert "Accept the invitation" in shown.text
    key = re.search(r'name="idempotency_key" value="([^"]+)"', shown.text)
    assert key

    answers = [await http.post(path, data={"idempotency_key": key[1]}, headers=signed_in) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303], (
        "a form that is sent twice is carried out once"
    )
    assert answers[0].headers["location"] == f"/{tenant.slug}/associations/{association_id}?done=joined"
    late = await http.get(path, headers=signed_in)
    assert late.status_code == 410
    unknown = await http.get(path[:-1], headers=signed_in)
    assert unknown.status_code == 404
    for answer in (nobody, shown, *answers, late, unknown):
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"


async def test_a_fault_logs_no_secret(
    app: Litestar,
    http: httpx.AsyncClient,
    database: Database,
    database_urls: Urls,
    tenant: Tenant,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A real one: the program may not read the table."""
    app.state.directory = Directory(app.state.database)
    _, secret, _ = await committed(database, tenant)
    program = make_url(database_urls.program).username
    owner = await connect(database_urls.owner)
    await owner.execute(f'REVOKE SELECT ON invitation FROM "{program}"')
    try:
        answer = await http.get(f"/{tenant.slug}/invitations/{secret}")
    finally:
        await owner.execute(f'GRANT SELECT ON invitation TO "{program}"')
        await owner.close()
    assert answer.status_code == 500
    logged = "".join(
        logging.Formatter().format(record) for record in caplog.records if record.name.startswith("ledig")
    )
    assert "/invitations/… failed" in logged
    assert secret not in logged
