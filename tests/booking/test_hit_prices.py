"""What the hits of a search say that they cost, over HTTP."""

from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from people.models import Association, Person
from tests import make, priced
from tests.booking.conftest import Town
from tests.booking.test_reading import counted

TUESDAY = make.next_weekday(2, weeks=3)
SATURDAY = make.next_weekday(6, weeks=3)
WEEKEND: dict[str, Any] = {**priced.HIRE, "price_ore": 90_000, "weekdays": [6, 7]}


async def hall_with(town: Town, *lines: dict[str, Any]) -> make.Hall:
    async def work(db: AsyncSession) -> make.Hall:
        hall = await make.hall(db)
        await priced.tariff(db, hall.facility_id, *lines)
        return hall

    return await town.have(work)


async def price_of(town: Town, resource_id: UUID, token: str | None = None, **query: Any) -> Any:
    """Of the hit, in English."""
    found = await town.get("/search", token, **{"lang": "en", "from_on": str(TUESDAY), **query})
    (hit,) = [each for each in found["items"] if each["resource_id"] == str(resource_id)]
    return hit["price"]


async def member(town: Town, group: str) -> str:
    async def work(db: AsyncSession) -> str:
        person_id, token = await make.person(db)
        await db.execute(update(Person).where(Person.id == person_id).values(customer_group=group))
        return token

    return await town.have(work)


@pytest.mark.parametrize(
    ("query", "gross"),
    [
        ({"from_time": "18:00", "to_time": "21:00", "minutes": 60}, 60_000),
        ({"from_time": "18:00", "to_time": "21:00", "minutes": 90}, 90_000),
        ({"minutes": 120}, 120_000),
        ({"from_on": str(SATURDAY), "minutes": 60}, 90_000),
        ({"from_on": str(SATURDAY), "from_time": "10:00", "to_time": "14:00", "minutes": 120}, 180_000),
    ],
)
async def test_a_searched_time_is_told_with_what_it_costs(
    town: Town, query: dict[str, Any], gross: int
) -> None:
    hall = await hall_with(town, WEEKEND, priced.HIRE)
    found = await price_of(town, hall.whole, **query)
    assert found["gross"] == {"amount": gross, "currency": "NOK"}
    assert found["deposit"]["amount"] == 0
    assert found["customer_group"] == "resident"
    assert found["text"] == f"NOK {gross // 100:,}"


async def test_it_is_what_the_quote_says_of_the_same_time(town: Town) -> None:
    hall = await hall_with(town, WEEKEND, priced.HIRE)
    await town.have(
        lambda db: priced.article(db, "vask", price_ore=25_000, is_mandatory=True, unit="occasion")
    )
    await town.have(
        lambda db: priced.article(
            db, "nokkel", price_ore=30_000, is_mandatory=True, kind="deposit", vat_code="zero"
        )
    )
    kari = await town.person()
    query = {"from_on": str(SATURDAY), "from_time": "10:00", "to_time": "14:00", "minutes": 90}
    found = await town.get("/search", kari, lang="en", **query)
    (hit,) = [each for each in found["items"] if each["resource_id"] == str(hall.whole)]
    quote = (await town.post("/quote", kari, make.wish(hall.whole, make.span_of(hit["first"])))).json()

    assert hit["price"]["gross"] == quote["price"]["gross"] == {"amount": 190_000, "currency": "NOK"}
    assert hit["price"]["text"] == "NOK 1,900, of which NOK 300 is a deposit"


async def test_without_a_searched_time_it_is_the_least_that_is_told(town: Town) -> None:
    hall = await hall_with(town, WEEKEND, priced.HIRE)
    assert await price_of(town, hall.whole) == {
        "text": "from NOK 600 an hour",
        "customer_group": "resident",
        "gross": None,
        "deposit": None,
    }
    assert (
        (await price_of(town, hall.whole, lang="nb"))["text"].replace("\xa0", " ").endswith("600 kr per time")
    )


async def test_where_the_searched_time_is_taken_it_is_the_least_too(town: Town) -> None:
    hall = await hall_with(town, priced.HIRE)
    kari = await town.person()
    await town.book(kari, hall.whole, make.at(TUESDAY, 18, 2))
    found = await price_of(town, hall.whole, from_time="18:00", to_time="20:00", minutes=60)
    assert (found["text"], found["gross"]) == ("from NOK 600 an hour", None)


async def test_it_is_the_price_of_the_readers_own_group(town: Town) -> None:
    hall = await hall_with(town, priced.CLUBS, priced.HIRE)
    club, resident = await member(town, "association"), await town.person()
    hour = {"from_time": "18:00", "to_time": "19:00", "minutes": 60}
    told = [await price_of(town, hall.whole, who, **hour) for who in (club, resident, None)]
    assert [each["gross"]["amount"] for each in told] == [0, 60_000, 60_000]
    assert [each["customer_group"] for each in told] == ["association", "resident", "resident"]
    assert (await price_of(town, hall.whole, club))["text"] == "free"


async def test_places_in_a_pool_are_each_paid(town: Town) -> None:
    async def work(db: AsyncSession) -> UUID:
        facility_id = await make.facility(db)
        await make.open_daily(db, facility_id)
        unit_id = await make.unit(db, facility_id, capacity=6)
        await priced.tariff(db, facility_id, priced.HIRE)
        return await make.resource(db, facility_id, [unit_id], kind="pool")

    pool = await town.have(work)
    assert (await price_of(town, pool, minutes=60, quantity=3))["gross"]["amount"] == 180_000


async def test_nothing_is_told_where_no_tariff_holds(town: Town) -> None:
    hall = await town.hall()
    await hall_with(town, priced.HIRE)
    assert await price_of(town, hall.whole) is None
    assert await price_of(town, hall.whole, minutes=60) is None


async def test_above_all_municipalities_no_price_is_told(town: Town) -> None:
    hall = await hall_with(town, priced.HIRE)
    word = f"sal{hall.whole.hex[-10:]}"  # others' halls are found there too
    named = await town.have(lambda db: make.resource(db, hall.facility_id, hall.units, search_text=word))
    query = {"from_on": str(TUESDAY), "minutes": 60, "text": word}
    answer = await town.http.get("/api/search", params=query)
    (hit,) = answer.json()["items"]
    assert (hit["resource_id"], hit["price"]) == (str(named), None)


@pytest.mark.parametrize("query", [{}, {"minutes": 60}])
async def test_more_hits_and_more_tariffs_take_no_more_statements(
    town: Town, app: Litestar, query: dict[str, Any]
) -> None:
    kari = await town.person()
    figures: list[tuple[int, int]] = []
    for more in (1, 8):
        for _ in range(more):
            await hall_with(town, WEEKEND, priced.HIRE)
        await town.get("/search", kari)  # the first use of a token is noted
        with counted(app) as told:
            found = await town.get("/search", kari, from_on=str(TUESDAY), **query)
        assert all(each["price"] for each in found["items"])
        figures.append((len(found["items"]), len(told)))
    (few, statements), (many, same) = figures
    assert (few, many) == (4, 36)
    assert statements == same


async def delegate(town: Town, group: str = "association") -> tuple[str, str]:
    """A resident's token, and the id of a club of that group, which she books for."""

    async def work(db: AsyncSession) -> tuple[str, str]:
        person_id, token = await make.person(db)
        association_id, _ = await make.association(db, person_id)
        chosen = update(Association).where(Association.id == association_id)
        await db.execute(chosen.values(customer_group=group))
        return token, str(association_id)

    return await town.have(work)


@pytest.mark.parametrize(("group", "gross"), [("association", 20_000), ("commercial", 60_000)])
async def test_for_an_association_it_is_what_the_quote_says_for_it(
    town: Town, group: str, gross: int
) -> None:
    hall = await hall_with(town, {**priced.CLUBS, "price_ore": 20_000}, priced.HIRE)
    kari, club = await delegate(town, group)
    query = {"lang": "en", "from_on": str(TUESDAY), "from_time": "18:00", "to_time": "19:00", "minutes": 60}
    found = await town.get("/search", kari, association_id=club, **query)
    (hit,) = [each for each in found["items"] if each["resource_id"] == str(hall.whole)]
    wish = {**make.wish(hall.whole, make.span_of(hit["first"])), "association_id": club}
    quote = (await town.post("/quote", kari, wish)).json()

    assert hit["price"]["gross"] == quote["price"]["gross"] == {"amount": gross, "currency": "NOK"}
    assert hit["price"]["customer_group"] == group
    assert (await price_of(town, hall.whole, kari, **query))["customer_group"] == "resident"


async def test_the_least_there_is_is_told_for_the_association_too(town: Town) -> None:
    hall = await hall_with(town, priced.CLUBS, priced.HIRE)
    kari, club = await delegate(town)
    told = await price_of(town, hall.whole, kari, association_id=club)
    assert (told["text"], told["customer_group"]) == ("free", "association")


async def test_a_search_for_an_association_is_refused_as_an_application_for_it(town: Town) -> None:
    hall = await town.hall()
    _, club = await delegate(town)
    for who in (None, await town.person(), await town.person("case_officer")):
        found = await town.ask("GET", "/search", who, association_id=club)
        applied = await town.apply(who, make.wish(hall.whole, make.at(TUESDAY, 18)), association_id=club)
        assert found.status_code == applied.status_code
        assert found.json()["type"] == applied.json()["type"]
        assert found.status_code == (401 if who is None else 403)


async def test_more_hits_for_an_association_take_no_more_statements(town: Town, app: Litestar) -> None:
    kari, club = await delegate(town)
    figures: list[tuple[int, int]] = []
    for more in (1, 8):
        for _ in range(more):
            await hall_with(town, priced.CLUBS, priced.HIRE)
        await town.get("/search", kari)  # the first use of a token is noted
        with counted(app) as told:
            found = await town.get("/search", kari, from_on=str(TUESDAY), association_id=club)
        figures.append((len(found["items"]), len(told)))
    (few, statements), (many, same) = figures
    assert few < many
    assert statements == same
