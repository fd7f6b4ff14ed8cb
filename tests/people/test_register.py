"""What the register says is read with care, and its silence stops nobody."""

import asyncio
import time
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.delivery import Door
from core.errors import Invalid
from core.outbox_models import OutboxMessage
from core.settings import Settings
from core.spans import utc_now
from core.tenants import Directory, Tenant
from people.addresses import check_number
from people.messages import RegisterReadDue
from people.models import Association
from people.register import MOST_BYTES, Entry, look_up, read_entry, spoken
from people.tasks import BATCH, plan_register_reading, read_register
from tests import make
from tests.people.register import CLUB, OTHER, Register, entry, open_register

NOW = utc_now()


@pytest.fixture
async def register() -> AsyncGenerator[Register]:
    async with open_register() as opened:
        yield opened


async def test_an_entry_is_read(register: Register) -> None:
    assert await look_up(register.url, CLUB) == Entry(
        number=CLUB,
        state="active",
        name="SOLVIK IDRETTSLAG",
        form="FLI",
        address="c/o Kari, Skoleveien 3",
        postcode="4070",
        town="RANDABERG",
        is_voluntary=True,
    )
    assert register.asked == [f"/api/enheter/{CLUB}"]


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "active"),
        ({"konkurs": True}, "bankrupt"),
        ({"underAvvikling": True}, "dissolving"),
        ({"underTvangsavviklingEllerTvangsopplosning": True}, "dissolving"),
        ({"konkurs": True, "underAvvikling": True}, "bankrupt"),
        ({"slettedato": "2026-01-01", "konkurs": True}, "deleted"),
    ],
    ids=str,
)
async def test_how_it_stands_with_it(register: Register, more: dict[str, Any], state: str) -> None:
    register.tell(entry(**more))
    found = await look_up(register.url, CLUB)
    assert found is not None
    assert found.state == state


@pytest.mark.parametrize(("status", "state"), [("404 Not Found", "unknown"), ("410 Gone", "deleted")])
async def test_a_number_that_is_not_there_is_an_answer(register: Register, status: str, state: str) -> None:
    register.tell({"feilmelding": "finnes ikke"}, status)
    assert await look_up(register.url, CLUB) == Entry(number=CLUB, state=state)  # type: ignore[arg-type]  # of the table above


GARBAGE: list[Any] = [
    b"",
    b"<html>",
    b"[]",
    b"null",
    b"{",
    b"\xff\xfe",
    {},
    entry(OTHER),
    entry(navn=7),
    entry(konkurs="nei"),
    entry(organisasjonsform="FLI"),
    entry(forretningsadresse=[]),
    entry(forretningsadresse={"adresse": "Skoleveien 3"}),
    b"x" * (MOST_BYTES + 1),
    b'{"organisasjonsnummer": "' + CLUB.encode() + b'", "x": "' + b"x" * MOST_BYTES + b'"}',
    b"[" * 100_000,
    b'{"organisasjonsnummer": "' + CLUB.encode() + b'", "x": ' + b"[" * 100_000,
]


@pytest.mark.parametrize("body", GARBAGE, ids=[str(each)[:40] for each in GARBAGE])
async def test_what_nobody_understands_is_no_answer(register: Register, body: Any) -> None:
    register.tell(body)
    assert await look_up(register.url, CLUB) is None


@pytest.mark.parametrize(
    "status", ["500 Oops", "503 Busy", "429 Slow down", "403 No", "204 Empty", "301 Moved"]
)
async def test_other_answers_are_none_and_no_redirect_is_followed(register: Register, status: str) -> None:
    register.tell(entry(), status, headers=f"Location: {register.url}/elsewhere\r\n")
    assert await look_up(register.url, CLUB) is None
    assert len(register.asked) == 1


async def test_a_slow_register_is_not_waited_for(register: Register) -> None:
    register.pause = 30
    began = time.monotonic()
    assert await look_up(register.url, CLUB) is None
    assert time.monotonic() - began < 4


async def test_a_register_that_is_not_there_or_not_asked(register: Register) -> None:
    assert await look_up("http://127.0.0.1:9/api", CLUB) is None
    assert await look_up("", CLUB) is None
    assert await look_up("nonsense", CLUB) is None
    assert register.asked == []


def test_what_is_kept_is_short_and_on_one_line() -> None:
    told = entry(
        navn="A\nB\x00\u202eC" + "x" * 1000, organisasjonsform={"kode": "X" * 99}, forretningsadresse=None
    )
    found = read_entry(msgspec.json.encode(told), CLUB)
    assert found.name is not None
    assert found.name.startswith("A BCx")
    assert len(found.name) == 200
    assert found.form == "X" * 10
    assert (found.postcode, found.town, found.address) == ("4001", "STAVANGER", "Postboks 1")


@pytest.mark.parametrize("number", ["974760673", "974 760 673", "974\u00a0760 673"])
def test_a_number_that_fits(number: str) -> None:
    assert check_number(number) == "974760673"


@pytest.mark.parametrize(
    "number",
    [
        "",
        "974760672",
        "97476067",
        "9747606733",
        "abcdefghi",
        "٩٧٤٧٦٠٦٧٣",
        "974760673\n",
        "-74760673",
        "01010112345",
    ],
)
def test_a_number_that_does_not_fit_is_refused(number: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_number(number)
    assert refused.value.facts["field"] == "organisation_number"


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("SOLVIK IL OG KFUM", "Solvik IL og KFUM"),
        ("SANDNES IDRETTSLAG", "Sandnes Idrettslag"),
        ("NORDRE-ÅL IDRETTSLAG", "Nordre-Ål Idrettslag"),
        ("Allerede pent", "Allerede pent"),
        ("", ""),
    ],
)
def test_capitals_of_the_register_are_proposed_as_people_write(name: str, proposed: str) -> None:
    assert spoken(name) == proposed


# --- what is read later


async def club(db: AsyncSession, number: str | None = CLUB, **columns: Any) -> UUID:
    association_id, _ = await make.association(db)
    row = (await db.scalars(select(Association).where(Association.id == association_id))).one()
    row.organisation_number = number
    for name, value in columns.items():
        setattr(row, name, value)
    await db.flush()
    return association_id


async def row_of(database: Database, tenant: Tenant, association_id: UUID) -> Association:
    async with database.transaction(tenant.id) as db:
        return (await db.scalars(select(Association).where(Association.id == association_id))).one()


async def due(database: Database, tenant: Tenant) -> list[OutboxMessage]:
    async with database.transaction(tenant.id) as db:
        found = select(OutboxMessage).where(OutboxMessage.kind == "RegisterReadDue")
        return list(await db.scalars(found.order_by(OutboxMessage.due_at)))


async def test_what_the_register_says_later_is_written_and_moves_the_group(
    register: Register, database: Database, tenant: Tenant
) -> None:
    register.tell(entry(organisasjonsform={"kode": "AS"}, registrertIFrivillighetsregisteret=False))
    async with database.transaction(tenant.id) as db:
        association_id = await club(db)
        kept_id = await club(db, OTHER, group_is_set=True, customer_group="internal")
    door = Door(database, tenant.id, Settings(register_url=register.url))

    await read_register(door, RegisterReadDue((association_id,)), NOW)
    first = await row_of(database, tenant, association_id)
    await read_register(door, RegisterReadDue((association_id,)), NOW + timedelta(days=1))
    second = await row_of(database, tenant, association_id)
    register.tell(entry(OTHER, konkurs=True))
    await read_register(door, RegisterReadDue((kept_id,)), NOW)

    assert (first.organisation_form, first.customer_group, first.register_state) == (
        "AS",
        "commercial",
        "active",
    )
    assert (first.name, first.town) == ("Viking", "RANDABERG")
    assert (first.version, second.version) == (2, 2), "to have read the same again changes nothing"
    assert second.register_read_at == NOW + timedelta(days=1)
    kept = await row_of(database, tenant, kept_id)
    assert (kept.customer_group, kept.register_state) == ("internal", "bankrupt")
    assert await due(database, tenant) == []


async def test_a_silent_register_is_asked_again_a_few_times_and_loses_nothing(
    register: Register, database: Database, tenant: Tenant
) -> None:
    register.tell(b"", "503 Busy")
    async with database.transaction(tenant.id) as db:
        ids = tuple([await club(db, number) for number in (CLUB, OTHER, "923609016")])
    door = Door(database, tenant.id, Settings(register_url=register.url))

    await read_register(door, RegisterReadDue(ids), NOW)

    assert len(register.asked) == 2, "after two misses in a row it is down"
    waiting = await due(database, tenant)
    assert [each.body["attempt"] for each in waiting] == [2]
    assert waiting[0].body["association_ids"] == [str(id_) for id_ in sorted(ids)]
    assert waiting[0].due_at == NOW + timedelta(minutes=10)
    await read_register(door, RegisterReadDue(ids, 5), NOW)
    assert len(await due(database, tenant)) == 1, "the night comes anyway"
    assert (await row_of(database, tenant, ids[0])).register_read_at is None


async def test_a_register_that_shall_not_be_asked_is_not(
    register: Register, database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as db:
        association_id = await club(db)
    await read_register(
        Door(database, tenant.id, Settings(register_url="")), RegisterReadDue((association_id,)), NOW
    )
    assert register.asked == []
    assert await due(database, tenant) == []


async def test_by_night_old_entries_are_due_in_small_batches(db: AsyncSession) -> None:
    numbers = [f"{n:09}" for n in range(BATCH + 5)]
    old = [await club(db, number, register_read_at=NOW - timedelta(hours=25)) for number in numbers]
    await club(db, "900000001", register_read_at=NOW - timedelta(hours=23))
    await club(db, None)
    never = await club(db, "900000002")

    await plan_register_reading(db, NOW)
    await db.flush()

    found = select(OutboxMessage).where(OutboxMessage.kind == "RegisterReadDue")
    messages = list(await db.scalars(found.order_by(OutboxMessage.due_at)))
    assert [len(each.body["association_ids"]) for each in messages] == [BATCH, 6]
    assert messages[0].body["association_ids"][0] == str(never)
    assert {id_ for each in messages for id_ in each.body["association_ids"]} == {
        str(id_) for id_ in [*old, never]
    }
    assert messages[1].due_at - messages[0].due_at == timedelta(minutes=1)
    assert NOW <= messages[0].due_at < NOW + timedelta(hours=1)


async def test_a_booking_goes_on_while_the_register_is_down(
    register: Register, app: Litestar, http: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    """And while an answer is waited for: no transaction is open, no row locked."""
    app.state.directory = Directory(app.state.database)
    register.pause = 30
    async with database.transaction(tenant.id) as db:
        hall = await make.hall(db)
        person_id, token = await make.person(db)
        association_id, _ = await make.association(db, person_id)
        row = (await db.scalars(select(Association).where(Association.id == association_id))).one()
        row.organisation_number, row.register_state = CLUB, "bankrupt"
    door = Door(database, tenant.id, Settings(register_url=register.url))
    reading = asyncio.ensure_future(read_register(door, RegisterReadDue((association_id,)), NOW))
    while not register.asked:
        await asyncio.sleep(0.01)

    body = make.application(
        make.wish(hall.whole, make.at(make.next_weekday(2), 18)), association_id=str(association_id)
    )
    began = time.monotonic()
    answer = await http.post(f"/api/{tenant.slug}/applications", json=body, headers=make.bearer(token))

    assert answer.status_code == 201, answer.text
    assert answer.json()["bookings"][0]["state"] == "confirmed"
    assert time.monotonic() - began < 2
    await reading
    assert len(await due(database, tenant)) == 1
