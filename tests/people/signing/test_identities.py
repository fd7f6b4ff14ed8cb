"""One person over all municipalities: made once, found by hashes, sealed, and to be seen nowhere."""

import asyncio
import base64
import logging
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.db import Base, Database
from core.ids import new_id
from core.provision import connect
from core.vault import Unopenable, Vault, new_key, read_key
from people.identities import find_or_make, rotate
from people.identity_models import IdentityKey
from people.models import Person
from tests.conftest import Urls
from tests.people.signing.numbers import synthetic
from tests.people.signing.world import HIGH, Browser, World
from web.cli import main

Browsers = Callable[..., Browser]
OLD, NEW = read_key(new_key()), read_key(new_key())


async def known(database: Database, vault: Vault, value: str, kind: str = "national_number") -> Any:
    new = new_id()
    async with database.herself(known_by=vault.hashes(kind, value), identity_id=new) as db:
        return await find_or_make(db, vault, (kind, value), new)


async def key_rows(database: Database, vault: Vault, value: str) -> list[IdentityKey]:
    async with database.herself(known_by=vault.hashes("national_number", value)) as db:
        return list(await db.scalars(select(IdentityKey)))


@pytest.fixture
async def owner(database_urls: Urls) -> AsyncGenerator[Database, None]:
    """The operator's door."""
    made = Database(database_urls.owner, pool_size=1)
    yield made
    await made.close()


async def test_many_first_sign_ins_at_once_make_one_person(town: World, browser: Browsers) -> None:
    """In two municipalities, from six browsers: one identity, one profile in each."""
    pid = town.somebody()
    browsers = [browser(pid) for _ in range(6)]
    tenants = [town.here, town.there] * 3
    backs = [await each.to_callback(tenant) for each, tenant in zip(browsers, tenants, strict=True)]

    answers = await asyncio.gather(
        *(each.ask("GET", back) for each, back in zip(browsers, backs, strict=True))
    )

    assert [answer.status_code for answer in answers] == [303] * 6
    (key,) = await key_rows(town.database, town.app.state.vault, pid)
    for tenant in (town.here, town.there):
        profiles = [row for row in await town.rows(Person, tenant) if row.identity_id == key.identity_id]
        assert len(profiles) == 1
    assert all([await each.at_home(tenant) for each, tenant in zip(browsers, tenants, strict=True)])


async def test_makers_with_different_newest_keys_make_one_too(database: Database) -> None:
    """As while a new key is rolled out: some processes have it first, others last."""
    number = synthetic(2000)
    vaults = [Vault([OLD, NEW]), Vault([NEW, OLD])] * 4
    ids = await asyncio.gather(*(known(database, vault, number) for vault in vaults))
    assert len(set(ids)) == 1


async def test_what_she_told_one_municipality_she_need_not_tell_the_next(
    town: World, browser: Browsers
) -> None:
    kari = browser()
    await kari.sign_in()
    mine = (await town.rows(Person))[-1]
    async with town.database.transaction(town.here.id) as db:
        values = {"name": "Kari Nordmann", "email": "kari@test.no", "phone": "90000000", "language": "nn"}
        await db.execute(update(Person).where(Person.id == mine.id).values(postcode="4306", **values))

    answer = await kari.sign_in(town.there)

    theirs = (await town.rows(Person, town.there))[-1]
    assert answer.headers["location"] == f"/{town.there.slug}"
    assert theirs.identity_id == mine.identity_id
    assert theirs.id != mine.id
    assert (theirs.name, theirs.email, theirs.phone, theirs.postcode, theirs.language) == (
        *("Kari Nordmann", "kari@test.no", "90000000", "4306", "nn"),
    )
    async with town.database.transaction(town.there.id) as db:
        await db.execute(update(Person).where(Person.id == theirs.id).values(email="annen@test.no"))
    await kari.sign_in()
    assert next(row for row in await town.rows(Person) if row.id == mine.id).email == "kari@test.no"


async def test_two_persons_are_two(town: World, browser: Browsers) -> None:
    one, two = browser(), browser()
    await one.sign_in()
    await two.sign_in()
    first, second = (await town.rows(Person))[-2:]
    assert first.identity_id != second.identity_id


async def test_who_has_been_forgotten_comes_as_a_stranger(town: World, browser: Browsers) -> None:
    kari = browser()
    await kari.sign_in()
    old = (await town.rows(Person))[-1]
    async with town.database.transaction(town.here.id) as db:
        await db.execute(update(Person).where(Person.id == old.id).values(identity_id=None, name="Slettet"))
    assert (await kari.sign_in()).status_code == 303
    new = (await town.rows(Person))[-1]
    assert (new.id != old.id, new.name) == (True, "")


async def test_an_older_key_finds_her_and_is_replaced_when_she_comes(database: Database) -> None:
    number = synthetic(2001)
    old, both, new = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    identity = await known(database, old, number)

    assert await known(database, both, number) == identity
    (row,) = await key_rows(database, both, number)
    assert row.under == new.newest
    assert new.opened(row.sealed) == number
    assert await known(database, new, number) == identity


async def test_a_provider_without_national_numbers_knows_her_by_its_own_name(database: Database) -> None:
    vault = Vault([NEW])
    one = await known(database, vault, "https://entra.example a", "subject")
    assert await known(database, vault, "https://entra.example a", "subject") == one
    assert await known(database, vault, "https://other.example a", "subject") != one
    assert await known(database, vault, "https://entra.example a", "national_number") != one


async def test_rotation_seals_everything_anew_in_batches(database: Database, owner: Database) -> None:
    numbers = [synthetic(2100 + n) for n in range(7)]
    old, both, new = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    ids = [await known(database, old, number) for number in numbers]
    async with owner.owner() as db:
        # Those of other tests are sealed under keys of their own.
        others = select(IdentityKey).where(IdentityKey.under.not_in([old.newest, new.newest]))
        for row in await db.scalars(others):
            row.under = new.newest
    done, last = 0, b""
    while last is not None:
        async with owner.owner() as db:
            batch = await rotate(db, both, last, batch=3)
        done, last = done + batch.done, batch.last

    assert done >= 7
    assert [await known(database, new, number) for number in numbers] == ids


async def test_rotation_without_the_old_key_changes_nothing(database: Database, owner: Database) -> None:
    lost = Vault([read_key(new_key())])
    number = synthetic(2200)
    identity = await known(database, lost, number)
    with pytest.raises(Unopenable):
        async with owner.owner() as db:
            await rotate(db, Vault([NEW, OLD]), b"", batch=1000)
    assert await known(database, lost, number) == identity


async def test_rotation_does_not_put_one_in_anothers_place(database: Database, owner: Database) -> None:
    """Two that came in while the keys were not the same everywhere: both are kept, and told."""
    number = synthetic(2300)
    old, both, new = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    first, second = await known(database, old, number), await known(database, new, number)
    async with owner.owner() as db:
        others = select(IdentityKey).where(IdentityKey.under != old.newest)
        for row in await db.scalars(others):
            row.under = new.newest
        await db.flush()
        batch = await rotate(db, both, b"", batch=1000)
    assert batch.kept == 1
    assert await known(database, old, number) == first
    assert await known(database, both, number) == second


async def everything(urls: Urls) -> str:
    """All rows of all tables, as the database's superuser sees them."""
    connection = await connect(urls.owner)
    rows: list[str] = []
    for name in Base.metadata.tables:
        rows += [row[0] for row in await connection.fetch(f"SELECT t::text FROM {name} t")]
    await connection.close()
    return "\n".join(rows)


def disguises(number: str) -> list[str]:
    """The number, and it as bytes in hex, and within base64 wherever it begins."""
    found = [number, number.encode().hex()]
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + number.encode()).decode()
        found.append(encoded[4 if shift else 0 : 12])
    return found


async def test_a_national_number_is_nowhere_to_be_seen(
    town: World, browser: Browsers, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in logs at their most talkative, addresses, pages, headers, nor in any row."""
    caplog.set_level(logging.DEBUG)
    kari = browser(acr=HIGH)
    pid = kari.http.cookies["who"].partition(".")[0]
    await kari.ask("GET", kari.url("/sign-in"))
    await kari.sign_in(next=f"/{town.here.slug}/bookings")
    await kari.sign_in(town.there, level="staff")
    for path in ("", "/bookings", "/me/logins"):
        await kari.ask("GET", kari.url(path))
    dump = await everything(town.urls)
    left = await kari.ask("POST", kari.url("/sign-out"))
    failed = await kari.ask(
        "GET", kari.url("/sign-in/id-porten/callback"), params={"state": "x", "code": "y"}
    )
    assert failed.status_code == 403

    assert left.status_code == 200
    ours = [answer for answer in kari.visited if str(answer.url).startswith(town.base)]
    assert len(ours) >= 8
    said = [record.getMessage() for record in caplog.records]
    for disguise in disguises(pid):
        assert disguise not in dump
        assert not [line for line in said if disguise in line]
    for answer in ours:
        assert pid not in answer.text + str(answer.url) + str(answer.headers)


SEALED = ("identity_key", "door_lock", "door_code", "calendar_import", "webhook")


def test_the_operator_makes_and_rotates_keys(
    database_urls: Urls, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []
    for _ in range(2):
        main(["keys", "new"])
        keys.append(capsys.readouterr().out.strip())
    old, new = (Vault([read_key(key)]) for key in keys)

    async def prepare() -> None:
        """One under the old key; those of other tests need no rotation."""
        connection = await connect(database_urls.owner)
        for table in SEALED:
            await connection.execute(f"UPDATE {table} SET under = $1", new.newest)
        await connection.close()
        database = Database(database_urls.program, pool_size=1)
        await known(database, old, synthetic(2400))
        await database.close()

    asyncio.run(prepare())
    monkeypatch.setenv("DATABASE_URL", database_urls.program)
    monkeypatch.setenv("DATABASE_OWNER_URL", database_urls.owner)
    monkeypatch.setenv("LEDIG_VAR", str(tmp_path))
    monkeypatch.setenv("LEDIG_KEYS", keys[1])
    with pytest.raises(SystemExit) as refused:
        main(["keys", "rotate"])
    assert refused.value.code == 2
    assert "LEDIG_KEYS lacks a key" in capsys.readouterr().err

    monkeypatch.setenv("LEDIG_KEYS", f"{keys[1]},{keys[0]}")
    for told in ("1 sealed", "0 sealed"):
        main(["keys", "rotate"])
        assert told in capsys.readouterr().out
