"""The stock of an article over HTTP: claimed with the booking, given back with it, never over-booked, whoever races."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from tests import make, priced
from tests.booking.conftest import Town
from tests.booking.delivering import happen
from tests.booking.racing import race, run_out, statuses, told

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
CHAIRS = "stoler"
IN_USE = """
SELECT coalesce(max(n), 0) FROM (
    SELECT (SELECT sum(o.quantity) FROM claim o WHERE o.unit_id = c.unit_id AND o.kind = 0
        AND o.starts_at <= c.starts_at AND c.starts_at < o.ends_at) AS n
    FROM claim c JOIN article a ON a.unit_id = c.unit_id WHERE c.kind = 0 AND a.key = :key) AS each
"""


def chairs(number: int) -> dict[str, Any]:
    return {"articles": [{"article": CHAIRS, "quantity": number}]}


def type_of(answer: httpx.Response) -> str:
    return "" if answer.status_code < 400 else answer.json()["type"].removeprefix("/problems/")


async def in_use(town: Town) -> int:
    """The most chairs that are out at once."""
    async with town.database.transaction(town.tenant.id) as db:
        return int(await db.scalar(text(IN_USE), {"key": CHAIRS}) or 0)


async def furnished(town: Town, stock: int = 60, **columns: Any) -> make.Hall:
    """A hall of three parts with chairs for all of them."""
    hall = await town.hall(**columns)

    async def work(db: Any) -> None:
        await priced.article(db, CHAIRS, stock_at=hall.facility_id, stock=stock)

    await town.have(work)
    return hall


async def test_a_booking_takes_chairs_and_the_next_is_told_how_many_are_left(town: Town) -> None:
    hall = await furnished(town)
    kari, ola = await town.people(2)
    one, other, _ = hall.parts

    made = await town.book(kari, one, EVENING, **chairs(40))
    refused = await town.apply(ola, make.wish(other, EVENING), **chairs(30))
    fewer = await town.apply(ola, make.wish(other, EVENING), **chairs(20))

    assert made["articles"] == [{"article": CHAIRS, "quantity": 40}]
    assert (refused.status_code, type_of(refused)) == (409, "article-taken")
    assert (refused.json()["article"], refused.json()["left"]) == (CHAIRS, 20)
    assert [make.span_of(each) for each in refused.json()["conflicts"]] == [EVENING]
    assert fewer.status_code == 201
    assert await in_use(town) == 60


async def test_chairs_come_back_when_the_booking_ends(town: Town) -> None:
    hall = await furnished(town)
    kari, ola = await town.people(2)
    booking = await town.booked(kari, hall.parts[0], EVENING, **chairs(60))
    assert type_of(await town.apply(ola, make.wish(hall.parts[1], EVENING), **chairs(1))) == "article-taken"

    assert (await town.post(f"/bookings/{booking}/cancel", kari, {"reason": ""})).status_code == 200

    assert (await town.apply(ola, make.wish(hall.parts[1], EVENING), **chairs(60))).status_code == 201


async def test_a_hold_keeps_its_chairs_until_it_runs_out(town: Town) -> None:
    hall = await furnished(town)
    kari, ola, per = await town.people(3)
    held = await town.book(kari, hall.parts[0], EVENING, hold=True, **chairs(60))
    assert type_of(await town.apply(ola, make.wish(hall.parts[1], EVENING), **chairs(1))) == "article-taken"

    submitted = await town.book(per, hall.parts[2], make.at(TUESDAY, 20), hold=True, **chairs(60))
    assert (await town.post(f"/applications/{submitted['id']}/submit", per)).status_code == 200
    await run_out(town, held)

    assert (await town.apply(ola, make.wish(hall.parts[1], EVENING), **chairs(60))).status_code == 201
    assert await town.state(held["bookings"][0]["id"]) == "lapsed"


async def test_a_move_takes_chairs_where_it_goes_or_stays(town: Town) -> None:
    hall = await furnished(town)
    kari, ola = await town.people(2)
    later = make.at(TUESDAY, 20)
    booking = await town.booked(kari, hall.parts[0], EVENING, **chairs(40))
    await town.booked(ola, hall.parts[1], later, **chairs(40))

    refused = await town.move(kari, booking, later)
    beside = await town.move(kari, booking, make.at(TUESDAY, 18.5))

    assert type_of(refused) == "article-taken"
    assert beside.status_code == 200
    assert (await town.apply(ola, make.wish(hall.parts[2], EVENING), **chairs(30))).status_code == 409
    assert (
        await town.apply(ola, make.wish(hall.parts[2], make.at(TUESDAY, 17.5)), **chairs(20))
    ).status_code == 201


async def test_a_request_that_held_nothing_takes_its_chairs_when_it_is_approved(town: Town) -> None:
    hall = await furnished(town, decision="case_officer", request_holds=False)
    kari, ola = await town.people(2)
    officer = await town.person("case_officer")
    one = await town.book(kari, hall.parts[0], EVENING, **chairs(40))
    other = await town.book(ola, hall.parts[1], EVENING, **chairs(40))
    assert await in_use(town) == 0

    assert (await town.decide(officer, one)).status_code == 200
    refused = await town.decide(officer, other)

    assert (refused.status_code, type_of(refused)) == (409, "article-taken")
    assert await in_use(town) == 40


async def test_set_up_and_clean_up_need_the_chairs_too(town: Town) -> None:
    hall = await furnished(town, setup_minutes=30, cleanup_minutes=30)
    kari, ola = await town.people(2)
    await town.booked(kari, hall.parts[0], EVENING, **chairs(60))

    at_once = await town.apply(ola, make.wish(hall.parts[1], make.at(TUESDAY, 19)), **chairs(1))
    after = await town.apply(ola, make.wish(hall.parts[1], make.at(TUESDAY, 19.5)), **chairs(60))

    assert type_of(at_once) == "article-taken"
    assert after.status_code == 201


async def test_what_goes_with_every_booking_is_counted_too(town: Town) -> None:
    hall = await town.hall()
    await town.have(
        lambda db: priced.article(db, "nokkel", stock_at=hall.facility_id, stock=2, is_mandatory=True)
    )
    people = await town.people(3)

    answers = [
        await town.apply(who, make.wish(part, EVENING)) for who, part in zip(people, hall.parts, strict=True)
    ]

    assert [type_of(each) for each in answers] == ["", "", "article-taken"]


async def test_of_a_repeat_the_times_without_chairs_are_left_out(town: Town) -> None:
    hall = await furnished(town)
    kari, ola = await town.people(2)
    await town.booked(kari, hall.parts[0], EVENING, **chairs(60))
    repeat = {"every_weeks": 1, "until": make.next_weekday(2, weeks=3).isoformat()}

    whole = await town.apply(ola, make.wish(hall.parts[1], EVENING), repeat=repeat, **chairs(5))
    rest = await town.apply(
        ola, make.wish(hall.parts[1], EVENING), repeat=repeat, if_refused="skip", **chairs(5)
    )

    assert type_of(whole) == "article-taken"
    assert len(rest.json()["bookings"]) == 2
    assert [each["problems"][0]["type"] for each in rest.json()["refused"]] == ["/problems/article-taken"]


async def test_the_quote_says_so_and_takes_nothing(town: Town) -> None:
    hall = await furnished(town)
    kari, ola = await town.people(2)
    await town.booked(kari, hall.parts[0], EVENING, **chairs(40))

    quote = await town.post("/quote", ola, {**make.wish(hall.parts[1], EVENING), **chairs(30)})
    enough = await town.post("/quote", ola, {**make.wish(hall.parts[1], EVENING), **chairs(20)})

    assert (quote.status_code, quote.json()["allowed"]) == (200, False)
    assert [each["type"] for each in quote.json()["refusals"]] == ["/problems/article-taken"]
    assert enough.json()["allowed"]
    assert await in_use(town) == 40


async def test_thirty_for_sixty_chairs_three_get_twenty(town: Town) -> None:
    halls = [await furnished(town) for _ in range(1)]
    facility_id = halls[0].facility_id

    async def rooms(db: Any) -> list[UUID]:
        return [
            await make.resource(db, facility_id, [await make.unit(db, facility_id)], name=f"Rom {n}")
            for n in range(30)
        ]

    places = await town.have(rooms)
    people = await town.people(30)

    answers = await race(
        *(
            town.apply(who, make.wish(place, EVENING), **chairs(20))
            for who, place in zip(people, places, strict=True)
        )
    )

    assert statuses(answers) == {201: 3, 409: 27}
    assert told(answers) == {"/problems/article-taken": 27}
    assert await in_use(town) == 60


async def test_chairs_moves_cancellations_and_a_smaller_stock_at_once_never_over_book(town: Town) -> None:
    hall = await furnished(town, stock=30)
    administrator = await town.person("administrator")
    (article,) = await town.get("/articles", administrator)
    people = await town.people(6)
    spans = [make.at(TUESDAY, hour) for hour in (10, 10.5, 11, 12, 14, 15)]
    mine: dict[str, list[str]] = {who: [] for who in people}
    seen: Counter[str] = Counter()

    async def act(number: int, who: str) -> None:
        for step in range(8):
            chance = (number * 7 + step * 13) % 10
            span, part = spans[(number + step) % 6], hall.parts[(number + step) % 3]
            if chance < 5 or not mine[who]:
                answer = await town.apply(who, make.wish(part, span), **chairs(5 + chance * 2))
                if answer.status_code == 201:
                    mine[who].append(answer.json()["bookings"][0]["id"])
            elif chance < 8:
                answer = await town.move(who, mine[who][-1], span, part)
            else:
                answer = await town.post(f"/bookings/{mine[who].pop()}/cancel", who, {"reason": ""})
            assert answer.status_code < 500, answer.text
            seen[type_of(answer)] += 1

    async def keep() -> None:
        for stock in (25, 20, 15, 28, 12, 30):
            answer = await town.ask(
                "PATCH", f"/articles/{article['id']}", administrator, body={"stock": stock}
            )
            assert answer.status_code in {200, 409, 503}, answer.text

    await asyncio.gather(keep(), *(act(number, who) for number, who in enumerate(people)))

    stock = (await town.get("/articles", administrator))[0]["stock"]
    assert await in_use(town) <= stock
    assert seen[""] >= 6
    assert seen["article-taken"], seen


async def test_what_closes_the_facility_closes_its_chairs(town: Town) -> None:
    hall = await town.hall()
    administrator = await town.person("administrator")
    assert (await town.close(administrator, EVENING, facility_id=str(hall.facility_id))).status_code == 201
    body = {"key": CHAIRS, "name": {"nb": "Stoler"}, "facility_id": str(hall.facility_id), "stock": 60}

    assert (await town.post("/articles", administrator, body)).status_code == 201
    await happen(town)


async def test_a_stock_that_is_given_meanwhile_is_claimed_by_all_or_refused(town: Town) -> None:
    """Whoever books sees the article as it stands under the locks; the town's invariants know who must have claimed."""
    hall = await town.hall()
    administrator = await town.person("administrator")
    people = await town.people(3)
    seen: Counter[int] = Counter()
    for number in range(8):
        key = f"bord-{number}"
        await town.have(
            lambda db, key=key: priced.article(db, key, facility_id=hall.facility_id, max_quantity=5)
        )
        made = next(each for each in await town.get("/articles", administrator) if each["key"] == key)
        span = make.at(TUESDAY, 8 + number)
        ordered = {"articles": [{"article": key, "quantity": 4}]}

        given, *booked = await race(
            town.ask("PATCH", f"/articles/{made['id']}", administrator, body={"stock": 10}),
            *(
                town.apply(who, make.wish(part, span), **ordered)
                for who, part in zip(people, hall.parts, strict=True)
            ),
        )

        had = statuses(booked)[201]
        assert (given.status_code == 200 and had == 2) or (given.status_code == 409 and had == 3), (
            given,
            had,
        )
        seen[given.status_code] += 1
    assert sum(seen.values()) == 8
