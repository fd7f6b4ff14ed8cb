"""My profile on a page: filled in, saved, refused kindly; asked for before the first booking."""

from sqlalchemy import select, update

from core.db import Database
from people.models import Person
from tests.web.village import Reader, Village, field_of, text_of


async def stands(database: Database, village: Village) -> Person:
    async with database.transaction(village.tenant.id) as db:
        return (await db.scalars(select(Person).where(Person.id == village.person("citizen")))).one()


async def nameless(database: Database, village: Village) -> None:
    async with database.transaction(village.tenant.id) as db:
        await db.execute(update(Person).where(Person.id == village.person("citizen")).values(name=""))


FORM = {
    "name": "Kari Nordmann",
    "email": "kari@example.no",
    "phone": "51 97 30 00",
    "postcode": "4006",
    "language": "nn",
    "notice-email": "yes",
    "version": "1",
}


async def test_a_profile_is_saved_and_the_pages_follow_its_language(
    village: Village, kari: Reader, database: Database
) -> None:
    page = await kari.get(village.url("/me"))
    assert field_of(page, "name") == "Kari Nordmann"

    saved = await kari.post(village.url("/me"), FORM)

    assert (saved.status_code, saved.headers["location"]) == (303, village.url("/me?done=saved"))
    again = await kari.get(village.url("/me"), done="saved")
    assert '<html lang="nn"' in again.text
    assert field_of(again, "phone") == "+4751973000"
    row = await stands(database, village)
    assert (row.language, row.version) == ("nn", 2)
    assert row.notices == ["digest", "email"], "what is of staff is not asked of her, and stays"


async def test_another_browser_speaks_the_language_of_the_profile(village: Village, kari: Reader) -> None:
    await kari.post(village.url("/me"), FORM)
    kari.cookies.pop("language")
    assert '<html lang="nn"' in (await kari.get(village.url("/bookings"))).text
    assert '<html lang="en"' in (await kari.get(village.url("/bookings"), lang="en")).text


async def test_a_wrong_form_is_shown_again_with_what_was_written(
    village: Village, kari: Reader, database: Database
) -> None:
    wrong = {**FORM, "name": " ", "email": "kari@", "phone": "ring", "postcode": "x"}

    refused = await kari.post(village.url("/me"), wrong)

    assert refused.status_code == 422
    told = text_of(refused)
    assert "4 things must be put right" in told
    assert "Write your name, on one line." in told
    assert field_of(refused, "email") == "kari@"
    assert (await stands(database, village)).version == 1


async def test_a_form_made_of_an_old_version_is_refused_and_can_be_sent_again(
    village: Village, kari: Reader
) -> None:
    await kari.post(village.url("/me"), FORM)

    late = await kari.post(village.url("/me"), {**FORM, "name": "Kari Gift"})

    assert late.status_code == 412
    assert field_of(late, "name") == "Kari Gift"
    version = field_of(late, "version") or ""
    assert (await kari.post(village.url("/me"), {**FORM, "version": version})).status_code == 303


async def test_who_has_no_name_gives_it_and_comes_back_to_the_form(
    village: Village, kari: Reader, database: Database
) -> None:
    await nameless(database, village)
    asked = await kari.get(village.book(village.hall.whole), on="2030-01-01", title="Bursdag")
    assert asked.status_code == 303
    profile = await kari.get(asked.headers["location"])
    assert "Tell us your name" in text_of(profile)
    assert "Signed in as a new user" in text_of(profile)
    next_path = field_of(profile, "next") or ""

    saved = await kari.post(village.url("/me"), {**FORM, "language": "en", "next": next_path})

    assert saved.status_code == 303
    form = await kari.get(saved.headers["location"])
    assert form.status_code == 200
    assert field_of(form, "title") == "Bursdag"


async def test_a_booking_sent_without_a_name_leads_to_the_profile(
    village: Village, kari: Reader, database: Database
) -> None:
    await nameless(database, village)
    sent = await kari.book(village.hall.whole)
    assert sent.status_code == 303
    assert sent.headers["location"].startswith(village.url("/me?next="))


async def test_next_leads_to_no_other_site(village: Village, kari: Reader) -> None:
    for path in ("https://evil.example", "//evil.example", "/\\evil.example"):
        page = await kari.get(village.url("/me"), next=path)
        assert field_of(page, "next") == ""
        version = field_of(page, "version") or ""
        saved = await kari.post(village.url("/me"), {**FORM, "version": version, "next": path})
        assert saved.headers["location"] == village.url("/me?done=saved")
