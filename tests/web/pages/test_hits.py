"""The hits of a search on the page, with what they cost."""

from core.db import Database
from tests import priced
from tests.web.village import TUESDAY, Reader, Village, text_of


async def test_the_page_tells_it_in_the_readers_language(
    database: Database, village: Village, kari: Reader
) -> None:
    async with database.transaction(village.tenant.id) as db:
        await priced.tariff(db, village.hall.facility_id, priced.HIRE)
    query = {"text": "idrettshallen", "from_on": str(TUESDAY)}
    free_day = await kari.get(village.url("/search"), **query)
    an_hour = await kari.get(
        village.url("/search"), from_time="18:00", to_time="20:00", minutes="60", **query
    )
    page_two = await kari.get(village.url("/search"), page="2", **query)
    assert "Price (Resident): from NOK 600 an hour" in " ".join(text_of(free_day).split())
    assert "Price (Resident): NOK 600" in " ".join(text_of(an_hour).split())
    assert "Price (" not in text_of(page_two)
