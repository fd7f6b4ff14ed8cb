"""My data, erasing me, who has read about me, and administration's pages of retention and the audit trail."""

import re

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from people.actors import Actor
from people.models import Person
from people.privacy_models import RetentionRule
from people.reads import note_reads
from tests.people.holding import NOW
from tests.web.village import Reader, Village, field_of, links_of, text_of


async def name_of(database: Database, village: Village) -> str:
    async with database.transaction(village.tenant.id) as db:
        statement = select(Person.name).where(Person.id == village.person("citizen"))
        return (await db.scalars(statement)).one()


async def admin_of(kari: Reader) -> Reader:
    admin = Reader(kari.http, kari.village)
    await admin.sign_in("admin")
    return admin


async def test_a_copy_is_downloaded(village: Village, kari: Reader) -> None:
    page = await kari.get(village.url("/me/data"))
    assert "Who you are, and how we reach you" in text_of(page)
    (path,) = links_of(page, r"data\.json$")

    file = await kari.get(path)

    assert file.headers["content-disposition"].startswith("attachment; ")
    assert file.json()["person_id"] == str(village.person("citizen"))
    assert "Kari Nordmann" in file.text


async def test_erasing_is_shown_asked_and_done(village: Village, kari: Reader, database: Database) -> None:
    page = await kari.get(village.url("/me/erasure"))
    assert "Your name and how to reach you" in text_of(page)
    assert "This must be put in order first" not in text_of(page)

    unsure = await kari.post(village.url("/me/erasure"), {})
    assert unsure.status_code == 422
    assert "Tick that you want to be erased" in text_of(unsure)
    assert await name_of(database, village) == "Kari Nordmann"

    done = await kari.post(village.url("/me/erasure"), {"confirm": "yes"})

    assert (done.status_code, done.headers["location"]) == (303, village.url("/me/erased"))
    assert await name_of(database, village) == ""
    assert (await kari.get(village.url("/me"))).status_code == 401
    gone = await kari.get(village.url("/me/erased"))
    assert "We no longer know who you are" in text_of(gone)
    assert "Signed in as" not in text_of(gone)


async def test_a_coming_booking_is_in_the_way_and_nothing_happens(
    village: Village, kari: Reader, database: Database
) -> None:
    await kari.book(village.hall.whole)

    page = await kari.get(village.url("/me/erasure"))
    sent = await kari.post(village.url("/me/erasure"), {"confirm": "yes"})

    for shown in (page, sent):
        assert "Bookings that are still to come" in text_of(shown)
        assert 'name="confirm"' not in shown.text
    assert sent.status_code == 409
    assert await name_of(database, village) == "Kari Nordmann"
    assert (await kari.get(village.url("/me"))).status_code == 200


async def test_who_has_read_about_me_is_told_with_name_and_role(
    village: Village, kari: Reader, ingrid: Reader
) -> None:
    assert "Nobody has read anything about you." in text_of(await kari.get(village.url("/me/reads")))
    booked = await kari.book(village.room, accepted_terms="2026-1")
    application = booked.headers["location"].partition("?")[0].rpartition("/")[2]

    assert (await ingrid.get(village.url(f"/requests/{application}"))).status_code == 200

    told = text_of(await kari.get(village.url("/me/reads")))
    assert "An application of yours Ingrid Saksbehandler · Case officer" in told


async def test_an_administrator_sets_how_long_things_are_kept(
    village: Village, kari: Reader, database: Database
) -> None:
    admin = await admin_of(kari)
    page = await admin.get(village.url("/staff/retention"))
    assert field_of(page, "days-letter") == "180"
    names = re.findall(r'name="(days-[a-z_]+)"', page.text)

    wrong = await admin.post(
        village.url("/staff/retention"), {name: "x" if name == "days-letter" else "" for name in names}
    )
    assert wrong.status_code == 422
    assert "Write a number of days from 1 to 36500." in text_of(wrong)
    too_short = await admin.post(village.url("/staff/retention"), {"days-booking_paid": "30"})
    assert "Write a number of days from 2191 to 36500." in text_of(too_short)

    saved = await admin.post(village.url("/staff/retention"), {"days-letter": "30"})

    assert saved.status_code == 303
    assert field_of(await admin.get(saved.headers["location"]), "days-letter") == "30"
    async with database.transaction(village.tenant.id) as db:
        rows = (await db.execute(select(RetentionRule.kind, RetentionRule.days))).all()
    assert [tuple(row) for row in rows] == [("letter", 30)]
    for reader in (kari, Reader(kari.http, village)):
        assert (await reader.get(village.url("/staff/retention"))).status_code in {401, 403}


async def test_the_trail_is_read_and_narrowed_on_a_page(village: Village, kari: Reader) -> None:
    await kari.book(village.hall.whole)
    admin = await admin_of(kari)

    page = await admin.get(village.url("/staff/audit"))

    assert "Booking: confirmed" in text_of(page)
    (of_her,) = links_of(page, "person_id=")
    assert "Kari Nordmann" in text_of(await admin.get(of_her))
    of_row = links_of(page, "row_id=")[0]
    assert text_of(await admin.get(of_row)).count("All that was done to this") == 1
    none = await admin.get(village.url("/staff/audit"), action="lifted", from_on="2026-01-01")
    assert "There is nothing to show." in text_of(none)
    wrong = await admin.get(
        village.url("/staff/audit"), from_on="x", to_on="9999-01-01", row_id="1", action="Æ", table="x"
    )
    assert wrong.status_code == 422
    assert "5 things must be put right" in text_of(wrong)
    assert (await kari.get(village.url("/staff/audit"))).status_code == 403


async def test_somebody_erased_is_shown_as_such(village: Village, kari: Reader, database: Database) -> None:
    async def work(db: AsyncSession) -> None:
        reader = Actor(person_id=village.person("officer"))
        await note_reads(db, reader, [village.person("citizen")], "person", NOW)
        await db.execute(update(Person).where(Person.id == reader.person_id).values(name=""))

    async with database.transaction(village.tenant.id) as db:
        await work(db)
    assert "Somebody who has been erased" in text_of(await kari.get(village.url("/me/reads")))
