"""What we hold about me: all of it, with who has read it, without secrets and numbers, and of one municipality."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core import privacy
from core.db import Base, Database
from core.ids import new_id
from core.mail_models import Letter
from core.tenants import Tenant
from people import collecting
from people.actors import Actor
from people.association_models import AssociationContact, Invitation
from people.erasing import erase
from people.models import RoleGrant
from people.privacy_models import PersonalRead
from people.reads import note_reads
from tests import make
from tests.booking.conftest import Town
from tests.people import holding
from tests.people.holding import NOW
from web import tables

MARK = "hemmeligmerke"
HELD_ELSEWHERE = {
    *("sign_in_attempt", "outbox", "outbox_done", "claim", "spent_token", "replacement"),
    "change_log",  # nothing but numbers, of bookings that are in the copy
}
"""Tables with nobody's number in a column of their own, or with nothing that others do not hold."""
PERSONAL = re.compile(r"person_id|reader_id|actor_id|officer_id|substitute_id|\w+_by")
assert tables.MODULES, "the metadata knows them all"


def personal_tables() -> set[str]:
    """Tables with a column that holds a person's number."""
    return {
        table.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Uuid) and PERSONAL.fullmatch(column.name)
    }


async def collected(db: AsyncSession, tenant: Tenant, person_id: UUID) -> dict[str, list[dict[str, Any]]]:
    found = await collecting.collected(db, Actor(person_id=person_id), tenant)
    return {each.kind: each.rows for each in found.holdings}


def test_every_table_that_knows_persons_is_told_of() -> None:
    """A new column that holds a person's number brings a collector, or says here why not."""
    assert personal_tables() - {"identity_key", "identity"} <= set(privacy.holdings()) | HELD_ELSEWHERE | {
        "closure"
    }


async def test_a_row_of_every_table_is_in_the_copy(db: AsyncSession, home: Tenant) -> None:
    kari = await holding.person(db, MARK)
    await holding.belongings(db, kari, MARK)
    hall = await holding.hall(db)
    await holding.application(db, kari, hall, MARK)
    await holding.duties(db, kari, hall)
    await holding.door(db, kari, hall)
    await holding.money(db, kari)

    held = await collected(db, home, kari)

    assert {kind for kind, rows in held.items() if not rows} == {"booking_history"}
    for kind in (
        "person",
        "login",
        "token",
        "leader_claim",
        "stored_file",
        "letter",
        "text_message",
        "notice",
    ):
        assert MARK in str(held[kind]), kind
    assert MARK in str(held["application"])
    assert held["booking"][0]["end_reason"] == f"Syk {MARK}"
    assert {row.get("reader") for row in held["personal_read"]} == {"Kari sakbehandler", None}


async def test_the_copy_holds_no_secret_no_hash_and_nobody_elses_words(
    db: AsyncSession, home: Tenant
) -> None:
    kari, ola = await holding.person(db, MARK), await holding.person(db, "andremerke")
    await holding.belongings(db, kari, MARK)
    await holding.belongings(db, ola, "andremerke")
    await holding.application(db, ola, await holding.hall(db), "andremerke")

    held = await collected(db, home, kari)

    assert "andremerke" not in str(held)
    for rows in held.values():
        for row in rows:
            assert not {name for name in row if "hash" in name or "sealed" in name or name == "id_token"}
            assert "tenant_id" not in row
            assert "identity_id" not in row


async def test_what_she_did_as_staff_is_told_by_number_alone(db: AsyncSession, home: Tenant) -> None:
    kari, officer = await holding.person(db, MARK), await holding.person(db, "sakbehandler")
    await holding.application(db, kari, await holding.hall(db), MARK, decided_by=officer, decided_at=NOW)
    await note_reads(db, Actor(person_id=officer), [kari], "person", NOW)

    held = await collected(db, home, officer)

    assert MARK not in str(held)
    assert [row["decided_by"] for row in held["booking"]] == [officer]
    assert [row["person_id"] for row in held["personal_read"]] == [kari]


async def test_a_file_to_keep_over_http_of_one_municipality(
    town: Town, database: Database, stranger: Tenant
) -> None:
    async def work(db: AsyncSession) -> tuple[UUID, str]:
        kari, secret = await make.person(db, name=f"Kari {MARK}")
        await holding.belongings(db, kari, MARK)
        return kari, secret

    kari, token = await town.have(work)
    async with database.transaction(stranger.id) as db:
        other = await holding.person(db, "annensteds")
        await holding.belongings(db, other, "annensteds")

    answer = await town.ask("GET", "/me/data", token, lang="en")

    assert answer.status_code == 200
    assert re.fullmatch(
        rf'attachment; filename="ledig-{town.tenant.slug}-\d{{4}}-\d\d-\d\d\.json"',
        answer.headers["content-disposition"],
    )
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told["person_id"] == str(kari)
    assert "kept sealed" in " ".join(told["notes"])
    assert "annensteds" not in answer.text
    assert token not in answer.text
    assert {each["kind"] for each in told["holdings"]} == set(privacy.holdings())
    assert "JVBERi0=" in json.dumps(told), "files are in it, in base64"
    assert (await town.ask("GET", "/me/data")).status_code == 401


async def test_who_has_read_about_me_newest_first_with_the_roles_of_then(
    db: AsyncSession, home: Tenant
) -> None:
    kari, ingrid = await holding.person(db, "k"), await holding.person(db, "i", name="Ingrid")
    db.add_all(
        [
            RoleGrant(person_id=ingrid, role="case_officer", created_at=NOW),
            RoleGrant(person_id=ingrid, role="caretaker", created_at=NOW - 5 * holding.DAY, ended_at=NOW),
            RoleGrant(person_id=ingrid, role="finance", created_at=NOW + 5 * holding.DAY),
        ]
    )
    for hours in range(5):
        await note_reads(db, Actor(person_id=ingrid), [kari], "person", NOW - timedelta(hours=2 - hours))
    await db.flush()

    found, cursor = list[tuple[Any, ...]](), None
    while True:
        page = await collecting.reads_of_me(db, Actor(person_id=kari), cursor=cursor, limit=2)
        assert len(page.items) <= 2
        found += [(each.at, each.reader, each.roles, each.what) for each in page.items]
        if page.next is None:
            break
        cursor = page.next

    assert [at for at, *_ in found] == sorted((at for at, *_ in found), reverse=True)
    assert len(found) == 5
    assert {(roles[0], len(roles)) for _, _, roles, _ in found} == {("case_officer", 1), ("caretaker", 1)}
    assert {(reader, what) for _, reader, _, what in found} == {("Ingrid", "person")}
    assert (await collecting.reads_of_me(db, Actor(person_id=ingrid), cursor=None, limit=2)).items == []
    assert (await collected(db, home, kari))["personal_read"]


async def test_readings_show_nothing_of_whoever_did_not_read(db: AsyncSession) -> None:
    kari = await holding.person(db, "k")
    reader = await holding.person(db, "i")
    db.add(PersonalRead(id=new_id(), person_id=kari, reader_id=reader, what="person", hour=NOW, at=NOW))
    await db.flush()
    (told,) = (await collecting.reads_of_me(db, Actor(person_id=kari), cursor=None, limit=9)).items
    assert (told.reader, told.roles) == ("Kari i", [])
    assert await db.scalar(text("SELECT count(*) FROM personal_read")) == 1


async def test_an_address_that_one_merely_says_is_hers_shows_and_erases_nothing(
    db: AsyncSession, home: Tenant
) -> None:
    """Else whoever writes another's address into her profile would read the secret links sent there."""
    address = f"{MARK}@example.no"
    club = await holding.association(db)
    invitation = Invitation(
        email=address, role="leader", association_id=club, hash=b"x", expires_at=NOW + holding.DAY
    )
    letter = Letter(address=address, language="nb", subject=MARK, text=f"/invitations/{MARK}")
    contact = AssociationContact(association_id=club, title="Leder", name=MARK, email=address)
    db.add_all([invitation, letter, contact])
    await db.flush()
    mallory = await holding.person(db, "mallory", email=address)

    held = await collected(db, home, mallory)
    assert [kind for kind, rows in held.items() if rows] == ["person"]

    await erase(db, mallory, NOW, actor_id=None)
    for model in (Invitation, Letter, AssociationContact):
        assert await db.scalar(select(func.count()).select_from(model)) == 1, model
