"""Quote, free time, search and an application say the same of any wish: one set of rules, asked four times."""

from collections import Counter
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from core.spans import Span, local_date, utc_now
from resources.models import BookingLimit
from tests import make
from tests.booking.conftest import Town

TODAY = local_date(make.OSLO, utc_now())
TUESDAY = make.next_weekday(2)
QUARTER = timedelta(minutes=15)


class Wish(NamedTuple):
    """A place by its number, and a time that may be anything."""

    place: int
    day: int
    quarter: int
    quarters: int
    quantity: int


wishes = st.builds(
    Wish,
    place=st.integers(0, 5),
    day=st.one_of(*[st.integers(0, 6)] * 4, st.integers(-9, 40)),
    quarter=st.one_of(*[st.integers(16, 43).map(lambda hours: hours * 2)] * 4, st.integers(0, 95)),
    quarters=st.one_of(*[st.sampled_from([4, 6, 8, 12])] * 4, st.integers(1, 40)),
    quantity=st.one_of(*[st.just(1)] * 5, st.integers(1, 8)),
)


async def busy_places(town: Town) -> tuple[str, list[UUID]]:
    """A citizen, and places with rules, neighbours, closures, holds and limits enough to say no in every way."""

    async def work(db: AsyncSession) -> tuple[list[UUID], make.Hall]:
        hall = await make.hall(
            db, setup_minutes=15, cleanup_minutes=30, min_minutes=60, max_minutes=180, horizon_days=30
        )
        pool, _ = await make.pool(db, lanes=6, interval_minutes=15, cleanup_minutes=15, notice_days=2)
        asked = await make.resource(
            db, hall.facility_id, hall.units[:2], decision="case_officer", interval_minutes=60
        )
        db.add(BookingLimit(holder="person", kind="active_bookings", value=4, resource_id=hall.parts[2]))
        db.add(
            BookingLimit(holder="person", kind="minutes_per_week", value=600, facility_id=hall.facility_id)
        )
        return [hall.whole, *hall.parts, pool, asked], hall

    places, hall = await town.have(work)
    kari, *others = await town.people(4)
    manager = await town.person("facility_manager")
    for number in range(24):
        day = TUESDAY + timedelta(days=number % 6)
        quantity = 1 + number % 4 if number % 6 == 4 else 1
        span = make.at(day, 8 + number * 5 % 24 / 2, 1 + number % 3 / 2)
        await town.apply(
            others[number % 3],
            make.wish(places[number % 6], span, quantity=quantity),
            hold=number % 7 == 0,
        )
    for number in range(4):
        await town.apply(kari, make.wish(hall.parts[2], make.at(TUESDAY + timedelta(days=number), 20)))
    await town.close(
        manager, make.at(TUESDAY + timedelta(days=1), 8, 5), unit_id=str(hall.units[0]), displace=True
    )
    await town.close(
        manager, make.at(TUESDAY + timedelta(days=4), 0, 24), resource_id=str(places[4]), displace=True
    )
    return kari, places


def span_of(wish: Wish) -> Span:
    start = (
        make.at(TODAY + timedelta(days=wish.day + (TUESDAY - TODAY).days), 0).start + wish.quarter * QUARTER
    )
    return Span(start, start + wish.quarters * QUARTER)


async def test_200_wishes(town: Town) -> None:
    kari, places = await busy_places(town)
    said = Counter[str]()

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(wish=wishes)
    def collect(wish: Wish) -> None:
        drawn.append(wish)

    drawn: list[Wish] = []
    collect()
    for wish in drawn:
        said.update(await one_answer(town, kari, places, wish))

    assert said["granted"] >= 10, "else the agreement is about refusals alone"
    assert len(said) >= 10, said  # the rules were all awake


async def one_answer(town: Town, kari: str, places: list[UUID], wish: Wish) -> list[str]:
    """What all of them say; raises when one says something else."""
    span, place = span_of(wish), places[wish.place]
    asked: dict[str, Any] = make.wish(place, span, quantity=wish.quantity)
    quote = (await town.post("/quote", kari, asked)).json()
    free = any(each.holds(span) for each in await town.free(place, span))
    made = await town.apply(kari, asked)
    if made.status_code == 201:
        assert quote["allowed"], (wish, quote)
        assert quote["refusals"] == []
        assert free
        (booking,) = made.json()["bookings"]
        assert (booking["state"] == "confirmed") == (quote["decision"] == "automatic")
        await town.post(f"/bookings/{booking['id']}/cancel", kari, {})
        return ["granted"]
    types = [each["type"] for each in quote["refusals"]]
    assert not quote["allowed"], (wish, made.text)
    assert made.json()["type"] == types[0]
    assert [each["problems"] for each in made.json()["refused"]] == [types]
    if free and wish.quantity == 1:
        about_the_wish = {"off-grid", "too-short", "too-long", "limit-reached"}
        assert {type_.removeprefix("/problems/") for type_ in types} <= about_the_wish
    return types


async def test_the_first_time_that_search_finds_is_the_first_that_can_be_had(town: Town) -> None:
    kari, places = await busy_places(town)
    for number in range(6):
        day, minutes = TUESDAY + timedelta(days=number % 5), (60, 90, 120)[number % 3]
        until = day + timedelta(days=number % 2)
        found = await town.get(
            "/search",
            kari,
            from_on=str(day),
            to_on=str(until),
            from_time="16:00",
            to_time="22:00",
            minutes=minutes,
        )
        hits = {UUID(hit["resource_id"]): hit for hit in found["items"]}
        assert set(hits) == set(places)
        for place in places:
            expected = await first_by_asking(town, kari, place, day, until, minutes)
            first = hits[place]["first"]
            assert (None if first is None else make.span_of(first)) == expected, (place, day)


async def first_by_asking(
    town: Town, kari: str, place: UUID, day: date, until: date, minutes: int
) -> Span | None:
    """By a quote for every quarter of an hour."""
    length = minutes if place_takes(await town.get(f"/resources/{place}"), minutes) else 120
    while day <= until:
        for quarter in range(64, 88):
            start = make.at(day, quarter / 4).start
            span = Span(start, start + timedelta(minutes=length))
            if span.end > make.at(day, 22).start:
                break
            quote = (await town.post("/quote", kari, make.wish(place, span))).json()
            if quote["allowed"]:
                return span
        day += timedelta(days=1)
    return None


def place_takes(resource: dict[str, Any], minutes: int) -> bool:
    """Whether so many minutes are a multiple of its steps; 90 is rounded up to 120 where they are hours."""
    return minutes % resource["interval_minutes"] == 0
