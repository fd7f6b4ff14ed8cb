"""The demo: made once, from real facts, quickly, and the same again."""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from stdnum.no import orgnr

from booking.models import Booking
from core.db import Database
from core.provision import Access, connect, made_role_url, prepare
from core.tenants import all_tenants
from people.models import Association
from people.service import actor_of_token
from resources.facts import Bookable, Wanted
from resources.models import Closure, Facility, Resource
from resources.opening import open_spans
from resources.queries import bookable
from tests import make
from web import demo
from web.demo_people import demo_id, municipalities
from web.demo_queue import ASKED

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def access(server_url: str) -> Generator[Access, None, None]:
    """A database without any municipality."""
    name = f"ledig_demo_{secrets.token_hex(4)}"
    asyncio.run(_run(server_url, f'CREATE DATABASE "{name}"'))
    owner = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    found = Access(owner, made_role_url(owner))
    asyncio.run(prepare(owner, found.program))
    yield found
    asyncio.run(_run(server_url, f'DROP DATABASE "{name}" WITH (FORCE)'))
    for role in ("program", "public", "relay", "owner"):
        asyncio.run(_run(server_url, f'DROP ROLE IF EXISTS "{name}_{role}"'))


async def _run(url: str, statement: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def loaded(access: Access, tmp_path_factory: pytest.TempPathFactory) -> Path:
    var = tmp_path_factory.mktemp("var")
    await demo.load(access, "http://127.0.0.1:8000", var, NOW)
    return var


@pytest.fixture
async def database(access: Access, loaded: Path) -> AsyncGenerator[Database, None]:
    assert loaded
    database = Database(access.program, pool_size=2)
    yield database
    await database.close()


def told(var: Path) -> dict[str, Any]:
    return json.loads((var / "demo.json").read_bytes())


async def _all(database: Database, slug: str) -> dict[str, Bookable]:
    async with database.transaction(demo_id(slug, "tenant", "")) as db:
        window = make.at(make.next_weekday(2), 0, 24)
        return {
            f"{each.facts.facility_name}/{each.facts.name}": each
            for each in await bookable(db, Wanted(), window)
        }


def test_the_municipalities_are_those_of_rogaland() -> None:
    assert len(municipalities()) == 23
    assert all(orgnr.is_valid(each.organisation_number) for each in municipalities())
    assert all(each.number.startswith("11") for each in municipalities())
    slugs = {each.name: each.slug for each in municipalities()}
    assert (slugs["Hå"], slugs["Karmøy"], slugs["Tysvær"]) == ("ha", "karmoy", "tysvaer")


async def test_every_municipality_has_something_to_book(database: Database) -> None:
    async with database.shared() as db:
        tenants = await all_tenants(db)
    assert len(tenants) == 23
    for tenant in tenants:
        assert tenant.hosts == (f"{tenant.slug}.localhost",)
        found = await _all(database, tenant.slug)
        assert any(each.facts.decision == "automatic" for each in found.values()), tenant.slug
        for name, each in found.items():
            assert each.units, name
            assert each.hours.own or each.hours.inherited, name
            assert each.facts.latitude, name


async def test_randaberghallen_has_its_parts_hours_and_closed_days(database: Database) -> None:
    found = await _all(database, "randaberg")
    whole = found["Randaberghallen/Idrettshall 1"]
    third = found["Randaberghallen/Idrettshall 1 – tredel A"]

    assert len(whole.units) == 3
    assert {unit.id for unit in third.units} < {unit.id for unit in whole.units}
    day = make.next_weekday(2)
    assert open_spans(third.hours, make.at(day, 0, 24)) == [make.at(day, 15.5, 6.5)]
    assert [unit.capacity for unit in found["Randaberghallen/Svømmehall"].units] == [6]
    assert found["Randaberghallen/Svømmehall"].hours.own[0].opens_minute == 16 * 60 + 45
    async with database.transaction(demo_id("randaberg", "tenant", "")) as db:
        assert set(await db.scalars(select(Closure.reason))) == {"Julestengt", "Nyttårsstengt", "Påskestengt"}


async def test_clubs_train_on_the_pitches_of_sandnes_as_published(database: Database) -> None:
    async with database.transaction(demo_id("sandnes", "tenant", "")) as db:
        rows = await db.execute(
            select(Resource.name, func.count())
            .select_from(Booking)
            .join(Resource, (Resource.tenant_id == Booking.tenant_id) & (Resource.id == Booking.resource_id))
            .where(Booking.state == "confirmed")
            .group_by(Resource.name)
        )
        weeks = {name: count / 8 for name, count in rows}
        waiting = await db.scalar(
            select(func.count()).select_from(Booking).where(Booking.state == "requested")
        )

    assert weeks["Flomlysbanen kunstgress"] == 10
    assert weeks["Treningsfelt 1"] == 5
    assert weeks["Treningsfelt 1 – halv B"] == 1
    assert waiting == 2 + len(ASKED)  # one unanswered, one whose offer is, and the queue's


@pytest.mark.parametrize(
    ("slug", "names"),
    [
        ("stavanger", ("Siddishallen", "Hetlandshallen", "Tastavarden fjellhall", "Stavanger tennishall")),
        ("sola", ("Sola arena",)),
        (
            "sandnes",
            ("Giskehallen", "Bogafjellhallen", "Sandneshallen", "Sandnes stadion", "Austrått svømmehall"),
        ),
    ],
)
async def test_halls_bear_their_names(database: Database, slug: str, names: tuple[str, ...]) -> None:
    async with database.transaction(demo_id(slug, "tenant", "")) as db:
        assert set(names) <= set(await db.scalars(select(Facility.name)))


async def test_tokens_open_as_whom_they_say(database: Database, loaded: Path) -> None:
    sandnes = told(loaded)["municipalities"]["sandnes"]

    async with database.transaction(demo_id("sandnes", "tenant", "")) as db:
        actors = {part: await actor_of_token(db, secret, NOW) for part, secret in sandnes["tokens"].items()}

    assert {part: [grant.role for grant in actor.grants] for part, actor in actors.items()} == {
        "citizen": [],
        "neighbour": [],
        "delegate": [],
        "coach": [],
        "booker": [],
        "treasurer": [],
        "officer": ["case_officer"],
        "manager": ["facility_manager"],
        "caretaker": ["caretaker"],
        "admin": ["administrator"],
    }
    club = [UUID(sandnes["association_id"])]
    assert list(actors["delegate"].leads) == list(actors["delegate"].associations) == club
    assert (list(actors["booker"].leads), list(actors["booker"].associations)) == ([], club)
    assert (list(actors["treasurer"].associations), list(actors["treasurer"].treasures)) == ([], club)
    assert sandnes["host"] == "sandnes.localhost"
    assert "sandneshallen/sandneshallen" in sandnes["resources"]


async def test_clubs_of_sandnes_are_in_the_groups_that_follow_from_what_they_are(database: Database) -> None:
    async with database.transaction(demo_id("sandnes", "tenant", "")) as db:
        rows = await db.execute(select(Association.name, Association.customer_group))
        groups = dict(rows.all())
    assert groups == {
        "Sandnes Idrettslag": "children_youth",
        "Sandnes Ulf": "association",
        "Giske ungdomsskole": "internal",
    }


async def test_the_same_again_keeps_everything_but_the_address(access: Access, loaded: Path) -> None:
    before = told(loaded)

    await demo.load(access, "http://127.0.0.1:9000", loaded, NOW)

    assert told(loaded) == before | {"base_url": "http://127.0.0.1:9000"}


async def test_tokens_are_made_anew_when_the_file_is_lost(
    access: Access, loaded: Path, tmp_path: Path
) -> None:
    before = told(loaded)["municipalities"]["time"]
    (tmp_path / "demo.json").write_text('{"municipalities": 3}')

    await demo.load(access, "http://127.0.0.1:8000", tmp_path, NOW)

    after = told(tmp_path)["municipalities"]["time"]
    assert after["tokens"].keys() == before["tokens"].keys()
    assert after["tokens"] != before["tokens"]
    assert after["resources"] == before["resources"]
