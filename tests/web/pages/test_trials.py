"""What a booking would cost, tried on the pages of a tariff: with what goes along, and before a change is saved."""

from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.db import Database
from resources.tariff_models import Article, Tariff, TariffLine, TariffPlace
from resources.tariff_schemas import MOST_LINES
from tests import make, priced
from tests.web.pages.test_tariffs import LINE, made, siri
from tests.web.village import TUESDAY, Reader, Village, field_of, text_of

EVENING = {
    "on": TUESDAY.isoformat(),
    "try_from": "18:00",
    "try_until": "20:00",
    "group": "resident",
    "usage": "ordinary",
}
"""Two hours."""


@pytest.fixture
async def furnished(village: Village, database: Database) -> Village:
    """Chairs and a deposit at the hall, cleaning everywhere."""
    async with database.transaction(village.tenant.id) as db:
        await priced.goods(db, village.hall.facility_id)
    return village


@pytest.fixture
async def admin(http: httpx.AsyncClient, village: Village) -> Reader:
    return await siri(http, village)


async def laid(admin: Reader, village: Village, *lines: dict[str, str]) -> str:
    """The path of a tariff with these lines at the hall; its version."""
    path = await made(admin, village)
    place = f"facility:{village.hall.facility_id}"
    settings = {"name_nb": "Haller", "version": "1", "place-new": place}
    assert (await admin.post(f"{path}/settings", settings)).status_code == 303
    for version, line in enumerate(lines, 2):
        answer = await admin.post(f"{path}/lines/new", {**line, "version": str(version)})
        assert answer.status_code == 303, text_of(answer)
    return path


async def rows(database: Database, village: Village) -> list[Any]:
    """How much is written, and which tariffs and lines there are."""
    async with database.transaction(village.tenant.id) as db:
        tables = (Tariff, TariffLine, TariffPlace, Article, AuditEntry)
        counts = [await db.scalar(select(func.count()).select_from(table)) for table in tables]
        tariffs = await db.execute(select(Tariff.id, Tariff.version, Tariff.name, Tariff.ordinary_hours))
        lines = await db.execute(select(TariffLine.id, TariffLine.position, TariffLine.price_ore))
        return [counts, sorted(map(str, tariffs)), sorted(map(str, lines))]


async def test_what_goes_along_is_put_in_and_priced_as_in_a_booking(
    furnished: Village, admin: Reader, database: Database
) -> None:
    path = await laid(admin, furnished, LINE)
    before = await rows(database, furnished)

    empty = await admin.get(path)
    along = {"resource": str(furnished.hall.whole), "article-stoler": "20", "article-vask": "1"}
    tried = await admin.get(path, **EVENING, **along)
    elsewhere = await admin.get(path, **EVENING, resource=str(furnished.room))
    quote = {"on": TUESDAY.isoformat(), "from_time": "18:00", "to_time": "20:00", **along}
    booked = await admin.get(furnished.url(f"/resources/{furnished.hall.whole}/quote"), **quote)

    assert 'name="article-stoler" type="number"' in empty.text, "at the place where the tariff holds"
    assert 'max="60"' in empty.text
    assert 'name="article-depositum"' not in empty.text, "it goes along anyway"
    # 2 hours at 600, 20 chairs at 10, cleaning 400 and a deposit of 300; VAT is a fifth of the first three.
    told = text_of(tried)
    assert "Stoler 20 pieces at NOK 10" in told
    assert "In all Of it VAT: NOK 360 NOK 2,100" in told
    assert "NOK 2,100" in text_of(booked)
    assert field_of(tried, "article-stoler") == "20"
    assert "NOK 1,200" in text_of(elsewhere)
    assert 'name="article-vask"' in elsewhere.text
    assert 'name="article-stoler"' not in elsewhere.text
    assert await rows(database, furnished) == before


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("article-stoler", "61", "At most 60 of this can be ordered."),
        ("article-stoler", "many", "Write a whole number, 0 or more."),
        ("article-stoler", "-1", "Write a whole number, 0 or more."),
        ("article-vask", "2", "At most 1 of this can be ordered."),
        ("article-gull", "1", "This cannot be ordered here at that time."),
        ("quantity", "some", "Write a whole number, 1 or more."),
        ("resource", "somewhere", "Choose one of those in the list."),
        ("try_until", "17:00", "after start"),
    ],
)
async def test_what_cannot_be_tried_is_told_at_its_field(
    furnished: Village, admin: Reader, database: Database, field: str, value: str, said: str
) -> None:
    path = await laid(admin, furnished, LINE)
    before = await rows(database, furnished)
    form = {**EVENING, "resource": str(furnished.hall.whole), field: value}
    at = "on" if field == "try_until" else field

    page = await admin.get(path, **form)
    line = await admin.post(f"{path}/lines/1", {**LINE, **form, "step": "try", "version": "3"})

    assert (page.status_code, line.status_code) == (200, 422)
    for answer in (page, line):
        assert said in text_of(answer)
        assert f'id="{at}-error"' in answer.text
        assert f'href="#{at}"' in answer.text
        assert "In all" not in text_of(answer)
    if field != "resource":
        assert field_of(line, field) == value
    assert await rows(database, furnished) == before


async def test_a_line_is_tried_before_it_is_saved(
    furnished: Village, admin: Reader, database: Database
) -> None:
    path = await laid(admin, furnished, LINE)
    before = await rows(database, furnished)
    form = {**LINE, **EVENING, "resource": str(furnished.room), "version": "3", "step": "try"}

    shown = await admin.get(f"{path}/lines/1")
    dearer = await admin.post(f"{path}/lines/1", {**form, "price": "700,50", "article-vask": "1"})
    after = await admin.post(f"{path}/lines/new", {**form, "price": "900"})
    added = await admin.post(f"{path}/lines/new", {**form, "kind": "supplement", "price": "150"})
    less = await admin.post(f"{path}/lines/new", {**form, "kind": "discount", "percent": "25", "price": ""})

    assert field_of(shown, "try_from") == "18:00", "there is an example to begin with"
    assert 'name="article-stoler"' in shown.text
    assert dearer.status_code == 200, text_of(dearer)
    assert "Not saved yet: what it would cost" in text_of(dearer)
    assert "In all Of it VAT: NOK 360.20 NOK 1,801" in text_of(dearer)  # 2 hours at 700.50, and 400
    assert field_of(dearer, "price") == "700,50"
    assert field_of(dearer, "article-vask") == "1"
    assert field_of(dearer, "version") == "3"
    assert "In all Of it VAT: NOK 240 NOK 1,200" in text_of(after), "the first line that fits holds"
    assert "In all Of it VAT: NOK 300 NOK 1,500" in text_of(added)  # 2 hours at 600 and at 150
    assert "In all Of it VAT: NOK 180 NOK 900" in text_of(less)
    assert await rows(database, furnished) == before
    saved = await admin.post(f"{path}/lines/1", {**form, "price": "700,50", "step": "save"})
    assert saved.status_code == 303
    assert "NOK 1,401" in text_of(await admin.get(path, **EVENING))


async def test_ordinary_hours_are_tried_before_they_are_saved(
    village: Village, admin: Reader, database: Database
) -> None:
    outside = {**LINE, "hours": "outside", "price": "900"}
    path = await laid(admin, village, {**LINE, "hours": "ordinary"}, outside)
    place = f"facility:{village.hall.facility_id}"
    form = {
        **EVENING, "name_nb": "Haller", "version": "4", "step": "try", f"place-{place}": place,
        "hours-2-0-from": "08:00", "hours-2-0-until": "19:00", "hours-8-0-from": "08:00", "hours-8-0-until": "19:00",
    }  # fmt: skip
    other = await admin.post(village.url("/staff/tariffs/new"), {"key": "annen", "name_nb": "Annen"})
    before = await rows(database, village)

    tried = await admin.post(f"{path}/settings", form)
    taken = await admin.post(
        f"{other.headers['location']}/settings", {**form, "version": "1", "place-new": place}
    )

    assert tried.status_code == 200, text_of(tried)
    assert "In all Of it VAT: NOK 300 NOK 1,500" in text_of(tried)  # an hour at 600 and one at 900
    assert field_of(tried, "hours-2-0-until") == "19:00"
    assert taken.status_code == 409
    assert 'id="place-new-error"' in taken.text
    assert "NOK 1,200" in text_of(await admin.get(path, **EVENING)), "all hours are ordinary still"
    assert await rows(database, village) == before


async def test_what_would_not_be_saved_is_not_tried(
    http: httpx.AsyncClient, village: Village, admin: Reader, database: Database
) -> None:
    path = await laid(admin, village, LINE)
    async with database.transaction(village.tenant.id) as db:
        _, elsewhere = await make.person(db, role="facility_manager", facility_id=village.room_facility)
        _, officer = await make.person(db, role="case_officer")
    before = await rows(database, village)
    form = {**LINE, **EVENING, "version": "3"}

    for step in ("save", "try"):
        sent = {**form, "step": step}
        wrong = await admin.post(f"{path}/lines/1", {**sent, "price": "mye"})
        assert (wrong.status_code, 'id="price-error"' in wrong.text) == (422, True)
        assert (await admin.post(f"{path}/lines/1", {**sent, "version": "2"})).status_code == 412
        assert (await admin.post(f"{path}/lines/9", sent)).status_code == 404
        assert (
            await admin.post(f"{path}/settings", {**sent, "version": "2", "name_nb": "A"})
        ).status_code == 412
        for token in (elsewhere, officer):
            headers = {"Authorization": f"Bearer {token}"}
            for page in ("lines/1", "lines/new", "settings"):
                answer = await http.post(f"{path}/{page}", data={**sent, "name_nb": "A"}, headers=headers)
                assert answer.status_code == 403, f"{step} {page}"
    assert await rows(database, village) == before

    assert (await admin.post(f"{path}/end", {"version": "3"})).status_code == 303
    for step in ("save", "try"):
        ended = await admin.post(f"{path}/lines/1", {**form, "version": "4", "step": step})
        assert ended.status_code == 409
        assert "This has ended" in text_of(ended)


async def test_a_tariff_that_is_full_takes_no_line_more(
    village: Village, admin: Reader, database: Database
) -> None:
    async with database.transaction(village.tenant.id) as db:
        tariff_id = await priced.tariff(db, village.hall.facility_id, *[priced.HIRE] * MOST_LINES)
    path = village.url(f"/staff/tariffs/{tariff_id}")
    before = await rows(database, village)

    for step in ("save", "try"):
        answer = await admin.post(f"{path}/lines/new", {**LINE, **EVENING, "version": "1", "step": step})
        assert answer.status_code == 422
        assert "a tariff of fewer lines" in text_of(answer)
    assert await rows(database, village) == before
