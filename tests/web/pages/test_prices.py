"""What it costs, on the pages, in three languages and without JavaScript."""

import re

import httpx
import pytest

from core.db import Database
from tests import priced
from tests.web.village import TUESDAY, Reader, Village, text_of

TIME = {"on": TUESDAY.isoformat(), "from_time": "18:00", "to_time": "20:00"}


@pytest.fixture
async def costly(village: Village, database: Database) -> Village:
    """The hall costs something, and has things to order along."""
    async with database.transaction(village.tenant.id) as db:
        facility_id = village.hall.facility_id
        await priced.tariff(db, facility_id)
        await priced.goods(db, facility_id)
        await priced.online(db)
        await priced.tier(db, 2880, 0)
        await priced.tier(db, 0, 50)
    return village


async def look(reader: Reader, village: Village, **fields: str) -> httpx.Response:
    return await reader.get(village.url(f"/resources/{village.hall.whole}/quote"), **{**TIME, **fields})


async def test_the_place_tells_who_pays_what(costly: Village, nobody: Reader) -> None:
    told = text_of(await nobody.get(costly.url(f"/resources/{costly.hall.whole}")))
    free = text_of(await nobody.get(costly.url(f"/resources/{costly.club_hall}")))

    assert "Hire of the hall all bookings NOK 600 an hour 25 % VAT included" in told
    assert "Clubs Children and youth and Association free" in told
    assert "Event an event NOK 5,000 for the whole booking" in told
    assert "Stoler NOK 10 each 25 % VAT included" in told
    assert "a deposit that is paid back after use, goes with every booking" in told
    assert "At least 2 days before the start: nothing is kept of the price." in told
    assert "It costs nothing to book this." in free


@pytest.mark.parametrize(
    ("language", "hire", "amounts"),
    [
        ("nb", "Leie av hall", ["1200 kr", "200 kr", "300 kr", "1700 kr"]),
        ("nn", "Leige av hall", ["1200 kr", "200 kr", "300 kr", "1700 kr"]),
        ("en", "Hire of the hall", ["NOK 1,200", "NOK 200", "NOK 300", "NOK 1,700"]),
    ],
)
async def test_the_form_tells_each_line_and_what_one_pays(
    costly: Village, http: httpx.AsyncClient, language: str, hire: str, amounts: list[str]
) -> None:
    reader = Reader(http, costly, language)

    told = text_of(await look(reader, costly, **{"article-stoler": "20"}))

    assert hire in told
    closed_up = re.sub(r"(?<=\d)\s(?=\d)", "", told)
    assert [each for each in amounts if each not in closed_up] == []
    if language == "en":
        assert "2 hours at NOK 600, 25 % VAT included" in told
        assert "Stoler 20 pieces at NOK 10" in told
        assert "of which you get back after use NOK 300" in told
        assert "You pay online before the booking is confirmed." in told


async def test_what_it_is_used_for_changes_the_price(costly: Village, nobody: Reader) -> None:
    page = await nobody.get(costly.book(costly.hall.whole), **TIME)
    event = text_of(await look(nobody, costly, usage="arrangement"))
    wrong = await look(nobody, costly, usage="nonsense")

    assert 'name="usage"' in page.text
    assert "NOK 5,300" in event
    assert wrong.status_code == 200
    other = await nobody.get(costly.book(costly.club_hall))
    assert 'name="usage"' not in other.text
    assert 'name="article-vask"' in other.text
    assert 'name="article-stoler"' not in other.text


async def test_a_club_reads_plainly_that_it_is_free(
    village: Village, http: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction(village.tenant.id) as db:
        await priced.tariff(db, village.hall.facility_id)
    anne = Reader(http, village)
    await anne.sign_in("delegate")

    told = text_of(await look(anne, village, association_id=str(village.association)))

    assert "Clubs free" in told
    assert "To pay Free of charge" in told


async def test_without_javascript_the_form_is_sent_to_see_the_price_and_keeps_what_was_written(
    costly: Village, kari: Reader
) -> None:
    fields = {"action": "check", "article-stoler": "20", "article-vask": "1", "to_time": "20:00"}

    page = await kari.book(costly.hall.whole, **fields)

    assert page.status_code == 200
    assert "NOK 2,100" in text_of(page)
    assert 'name="article-stoler" type="number" value="20"' in page.text
    assert 'name="article-vask" type="checkbox" value="1" checked' in page.text


async def test_too_many_is_told_at_the_field(costly: Village, kari: Reader) -> None:
    page = await kari.book(costly.hall.whole, action="check", **{"article-stoler": "61"})
    text = await kari.book(costly.hall.whole, action="check", **{"article-stoler": "many"})
    unknown = await kari.book(costly.hall.whole, action="check", **{"article-gull": "1"})

    assert "At most 60 of this can be ordered." in text_of(page)
    assert 'id="article-stoler-error"' in page.text
    assert "Write a whole number, 0 or more." in text_of(text)
    assert unknown.status_code == 200


async def test_each_of_a_repeat_costs_and_the_sum_is_told(costly: Village, nobody: Reader) -> None:
    told = text_of(
        await look(
            nobody, costly, every_weeks="1", until=(TUESDAY.fromordinal(TUESDAY.toordinal() + 14)).isoformat()
        )
    )

    assert "Price of each time" in told
    assert "3 times together: NOK 4,500" in told
