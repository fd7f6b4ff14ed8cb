"""A ready municipality in one go, and tokens."""

import secrets
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum.no import orgnr

from core.db import Database
from core.errors import AlreadyExists, Gone, Invalid, NotFound
from core.ids import new_id
from core.tenants import all_tenants
from people.actors import Grant
from people.invitations import accept
from people.service import actor_of_token
from tests import make
from tests.conftest import Urls
from web.tenant_setup import NewTenant, check_tenant, create_tenant, create_token

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
async def owner(database_urls: Urls) -> AsyncGenerator[Database, None]:
    owner = Database(database_urls.owner, pool_size=1)
    yield owner
    await owner.close()


def new(**more: Any) -> NewTenant:
    """A municipality that nobody else makes."""
    digits = f"9{secrets.randbelow(10**7):07}"
    while not orgnr.is_valid(number := f"{digits}{secrets.randbelow(10)}"):
        digits = f"9{secrets.randbelow(10**7):07}"
    slug = f"ny-{secrets.token_hex(4)}"
    values: dict[str, Any] = {
        "slug": slug,
        "number": f"{secrets.randbelow(10_000):04}",
        "organisation_number": number,
        "name": "Nykommune",
        "hosts": (f"{slug}.test",),
    }
    return NewTenant(**values | more)


async def test_a_municipality_is_ready_with_an_administrator(owner: Database, database: Database) -> None:
    wanted = new(languages=("nn", "en"), colour="#112233")

    made = await create_tenant(owner, wanted, NOW)

    async with database.shared() as db:
        (tenant,) = [tenant for tenant in await all_tenants(db) if tenant.id == made.tenant_id]
    assert (tenant.slug, tenant.languages, tenant.colour, tenant.hosts) == (
        wanted.slug,
        ("nn", "en"),
        "#112233",
        wanted.hosts,
    )
    async with database.transaction(made.tenant_id) as db:
        actor = await actor_of_token(db, made.token, NOW)
    assert (actor.person_id, [grant.role for grant in actor.grants], actor.may_write) == (
        made.administrator_id,
        ["administrator"],
        True,
    )


async def test_the_first_administrator_comes_by_a_link_that_works_once(
    owner: Database, database: Database
) -> None:
    made = await create_tenant(owner, new(), NOW)
    async with database.transaction(made.tenant_id) as db:
        kari, secret = await make.person(db, scopes=("read",))
        staff = make.token(db, kari, "read", "staff")
        await db.flush()
        at_browser = replace(await actor_of_token(db, secret, NOW), may_write=True, login_id=new_id())

        await accept(db, at_browser, made.invitation, NOW)

        assert (await actor_of_token(db, staff, NOW)).grants == (Grant("administrator"),)
        with pytest.raises(Gone):
            await accept(db, at_browser, made.invitation, NOW)


async def test_a_second_token_with_the_same_role_gives_the_role_once(
    owner: Database, database: Database
) -> None:
    made = await create_tenant(owner, new(), NOW)
    async with database.transaction(made.tenant_id) as db:
        secrets_ = [
            await create_token(db, NOW, label="x", person_id=made.administrator_id, role="administrator")
            for _ in range(2)
        ]
        assert (await actor_of_token(db, secrets_[1], NOW)).grants == (Grant("administrator"),)


@pytest.mark.parametrize("field", ["slug", "number", "organisation_number", "hosts"])
async def test_what_exists_is_not_made_again(owner: Database, database: Database, field: str) -> None:
    first = new()
    await create_tenant(owner, first, NOW)
    second = new(**{field: getattr(first, field)})

    with pytest.raises(AlreadyExists) as refused:
        await create_tenant(owner, second, NOW)

    assert refused.value.facts["field"] == field
    async with database.shared() as db:
        names = [tenant.slug for tenant in await all_tenants(db)]
    assert names.count(second.slug) == (1 if field == "slug" else 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "Sandnes"),
        ("slug", "api"),
        ("slug", "hå"),
        ("slug", "x"),
        ("slug", "a\n"),
        ("number", "11"),
        ("number", "11o8"),
        ("number", "１１０８"),
        ("organisation_number", "964965138"),
        ("name", " "),
        ("languages", ()),
        ("languages", ("nb", "sv")),
        ("colour", "blue"),
        ("zone", "Europe/Sandnes"),
        ("zone", "../etc/passwd"),
        ("hosts", ("Sandnes.no",)),
        ("hosts", ("sandnes.no:80",)),
    ],
)
def test_nonsense_is_refused_by_field(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        check_tenant(new(**{field: value}))

    assert refused.value.facts["field"] == field


async def test_a_token_for_a_new_system_and_for_a_known_person(db: AsyncSession) -> None:
    person_id, _ = await make.person(db)

    system = await create_token(
        db, NOW, label="finance", name="Regnskap", role="finance", scopes=["read", "staff"]
    )
    known = await create_token(db, NOW, label="mine", person_id=person_id)

    actor = await actor_of_token(db, system, NOW)
    assert (actor.name, [grant.role for grant in actor.grants], actor.may_write) == (
        "Regnskap",
        ["finance"],
        False,
    )
    assert (await actor_of_token(db, known, NOW)).person_id == person_id


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"name": "X", "role": "king"}, Invalid),
        ({"name": "X", "scopes": ["fly"]}, Invalid),
        ({"name": "X", "scopes": []}, Invalid),
        ({}, Invalid),
        ({"name": "X", "person_id": new_id()}, Invalid),
        ({"person_id": new_id()}, NotFound),
    ],
)
async def test_a_token_for_nobody_is_refused(
    db: AsyncSession, more: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await create_token(db, NOW, label="x", **more)


async def test_a_token_opens_one_municipality_only(
    db: AsyncSession, database: Database, owner: Database
) -> None:
    made = await create_tenant(owner, new(), NOW)

    with pytest.raises(Exception, match="sign-in-needed"):
        await actor_of_token(db, made.token, NOW)

    async with database.transaction(made.tenant_id) as there:
        assert await there.scalar(select(1)) == 1
