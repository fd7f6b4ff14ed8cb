"""What bookings cost, over HTTP: quoted, stored, owed, paid before or after, and kept when cancelled."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from booking.guard import lapse
from booking.models import Booking
from booking.paying import Paid
from core.spans import utc_now
from people.service import actor_of_token
from tests import make, priced
from tests.booking.conftest import Town
from tests.booking.delivering import happen

TUESDAY = make.next_weekday(2, weeks=3)
EVENING = make.at(TUESDAY, 18)
LATER = make.at(TUESDAY, 20, 2)
PRICE = 60_000


async def hall_for(town: Town, *, online: bool = True, **columns: Any) -> make.Hall:
    """A hall at 600 kroner an hour, clubs free; paid online unless said."""

    async def work(db: AsyncSession) -> make.Hall:
        hall = await make.hall(db, **columns)
        await priced.tariff(db, hall.facility_id)
        if online:
            await priced.online(db)
        return hall

    return await town.have(work)


async def row(town: Town, booking_id: str) -> Booking:
    return await town.have(lambda db: make.booking_row(db, UUID(booking_id)))


async def pay(town: Town, *booking_ids: str, amount: int = PRICE) -> Paid:
    amounts = {UUID(each): amount for each in booking_ids}
    return await town.have(lambda db: paying.confirm_paid(db, amounts, utc_now()))


def asked(hall: make.Hall, span: Any = EVENING, **more: Any) -> dict[str, Any]:
    return {
        "resource_id": str(hall.whole),
        "start": make.iso(span.start),
        "end": make.iso(span.end),
        **more,
    }


async def test_the_quote_is_what_is_stored_and_owed(town: Town) -> None:
    hall = await hall_for(town, online=False)
    kari = await town.person()
    quote = (await town.post("/quote", kari, asked(hall, LATER))).json()["price"]
    assert quote["gross"] == {"amount": 2 * PRICE, "currency": "NOK"}
    assert (quote["net"]["amount"], quote["vat"]["amount"]) == (96_000, 24_000)
    (line,) = quote["lines"]
    assert (line["text"], line["quantity"], line["unit_price"]["amount"]) == ("Leie av hall", "2", PRICE)

    made = (await town.book(kari, hall.whole, LATER))["bookings"][0]
    assert (made["state"], made["payment"], made["owed"]["amount"]) == ("confirmed", "invoice", 2 * PRICE)
    assert made["price"]["gross"] == quote["gross"]


async def test_what_costs_online_waits_to_be_paid_and_is_nobody_elses_meanwhile(town: Town) -> None:
    hall = await hall_for(town)
    kari, ola = await town.people(2)
    made = await town.book(kari, hall.whole, EVENING)
    (booking,) = made["bookings"]
    assert (booking["state"], booking["owed"]["amount"]) == ("awaiting_payment", 0)
    assert made["pay_by"] is not None
    assert (await town.apply(ola, make.wish(hall.whole, EVENING))).status_code == 409

    assert (await pay(town, booking["id"])).kept == [UUID(booking["id"])]
    stands = await row(town, booking["id"])
    assert (stands.state, stands.owed_ore, stands.paid_ore, stands.held_until) == (
        "confirmed",
        PRICE,
        PRICE,
        None,
    )
    assert await town.free(hall.whole, EVENING) == []


@pytest.mark.parametrize(
    "told",
    [
        {"customer_group": "association"},
        {"price": {"gross": {"amount": 1}}},
        {"owed": 0},
        {"payment": "invoice"},
    ],
)
async def test_nobody_chooses_her_price(town: Town, told: dict[str, Any]) -> None:
    hall = await hall_for(town)
    kari = await town.person()
    answer = await town.apply(kari, make.wish(hall.whole, EVENING), **told)
    assert answer.status_code == 422
    assert next(iter(told)) in answer.text
    wish = {**make.wish(hall.whole, EVENING), **told}
    assert (await town.apply(kari, wish)).status_code == 422


async def test_a_group_in_a_quote_is_a_question_and_decides_nothing(town: Town) -> None:
    hall = await hall_for(town, online=False)
    kari = await town.person()
    free = (await town.post("/quote", kari, asked(hall, customer_group="association"))).json()
    assert free["price"]["gross"]["amount"] == 0
    assert (await town.book(kari, hall.whole, EVENING))["bookings"][0]["owed"]["amount"] == PRICE


async def test_a_club_pays_what_clubs_pay(town: Town) -> None:
    hall = await hall_for(town)

    async def work(db: AsyncSession) -> tuple[str, str]:
        person_id, token = await make.person(db)
        return token, str((await make.association(db, person_id))[0])

    token, club = await town.have(work)
    (booking,) = (await town.book(token, hall.whole, EVENING, association_id=club))["bookings"]
    assert (booking["state"], booking["owed"]["amount"], booking["payment"]) == ("confirmed", 0, None)


async def test_an_approved_request_waits_to_be_paid_at_the_price_that_was_told(town: Town) -> None:
    hall = await hall_for(town, decision="case_officer")
    kari, officer = await town.person(), await town.person("case_officer")
    made = await town.book(kari, hall.whole, EVENING)
    assert made["bookings"][0]["owed"]["amount"] == 0
    done = (await town.decide(officer, made)).json()["bookings"][0]
    assert done["state"] == "awaiting_payment"
    stands = await row(town, done["id"])
    assert stands.held_until is not None
    assert timedelta(hours=71) < stands.held_until - utc_now() <= timedelta(hours=72)
    await pay(town, done["id"])
    assert await town.state(done["id"]) == "confirmed"


async def run_out(town: Town, booking_id: str, *, carried_out: bool) -> None:
    """Its time to pay is over."""

    async def work(db: AsyncSession) -> None:
        past = utc_now() - timedelta(minutes=1)
        await db.execute(update(Booking).where(Booking.id == UUID(booking_id)).values(held_until=past))
        if carried_out:
            assert await lapse(db, [UUID(booking_id)], utc_now())

    await town.have(work)


@pytest.mark.parametrize("carried_out", [True, False])
async def test_paid_too_late_it_is_had_again_if_it_is_free(town: Town, carried_out: bool) -> None:
    hall = await hall_for(town)
    booking_id = await town.booked(await town.person(), hall.whole, EVENING)
    await run_out(town, booking_id, carried_out=carried_out)
    assert (await pay(town, booking_id)).lost == []
    stands = await row(town, booking_id)
    assert (stands.state, stands.owed_ore, stands.ended_at) == ("confirmed", PRICE, None)
    assert await town.free(hall.whole, EVENING) == []


async def test_paid_too_late_and_taken_it_is_lost(town: Town) -> None:
    hall = await hall_for(town)
    kari, ola = await town.people(2)
    booking_id = await town.booked(kari, hall.whole, EVENING)
    await run_out(town, booking_id, carried_out=True)
    other = await town.booked(ola, hall.parts[0], EVENING)
    assert (await pay(town, booking_id)).lost == [UUID(booking_id)]
    assert (await town.state(booking_id), (await row(town, booking_id)).owed_ore) == ("lapsed", 0)
    assert await town.state(other) == "awaiting_payment"


async def test_paid_with_another_amount_or_twice_it_is_not_taken(town: Town) -> None:
    hall = await hall_for(town)
    booking_id = await town.booked(await town.person(), hall.whole, EVENING)
    assert (await pay(town, booking_id, amount=PRICE - 1)).lost == [UUID(booking_id)]
    assert await town.state(booking_id) == "awaiting_payment"
    assert (await pay(town, booking_id)).kept == [UUID(booking_id)]
    assert (await pay(town, booking_id)).lost == [UUID(booking_id)]


@pytest.mark.parametrize(
    ("minutes_before", "percent", "rule", "fee"),
    [(60 * 24 * 60, 50, "late", PRICE), (60, 50, "tier", PRICE // 2), (60, 0, "tier", 0)],
)
async def test_what_is_kept_when_cancelled(
    town: Town, minutes_before: int, percent: int, rule: str, fee: int
) -> None:
    hall = await hall_for(town)
    await town.have(lambda db: priced.tier(db, minutes_before, percent))
    kari = await town.person()
    booking_id = await town.booked(kari, hall.whole, EVENING)
    await pay(town, booking_id)
    done = (await town.post(f"/bookings/{booking_id}/cancel", kari, {"reason": "Syk"})).json()
    assert (done["rule"], done["fee"]["amount"], done["refund"]["amount"]) == (rule, fee, PRICE - fee)
    assert (await row(town, booking_id)).owed_ore == fee


async def test_what_the_municipality_cancels_costs_nothing(town: Town) -> None:
    hall = await hall_for(town)
    await town.have(lambda db: priced.tier(db, 60 * 24 * 60, 100))
    booking_id = await town.booked(await town.person(), hall.whole, EVENING)
    await pay(town, booking_id)
    officer = await town.person("case_officer")
    done = (await town.post(f"/bookings/{booking_id}/cancel", officer, {"reason": "Vannskade"})).json()
    assert (done["rule"], done["fee"]["amount"], done["refund"]["amount"]) == ("waived", 0, PRICE)


async def test_moved_it_costs_what_it_costs_there_and_stays_paid(town: Town) -> None:
    hall = await hall_for(town)
    kari = await town.person()
    booking_id = await town.booked(kari, hall.whole, EVENING)
    await pay(town, booking_id)
    moved = (await town.move(kari, booking_id, LATER)).json()
    assert (moved["state"], moved["owed"]["amount"]) == ("confirmed", 2 * PRICE)
    assert (await row(town, booking_id)).paid_ore == PRICE


async def test_a_move_at_another_price_than_the_caller_knows_is_refused_and_changes_nothing(
    town: Town,
) -> None:
    hall = await hall_for(town)
    kari = await town.person()
    booking_id = await town.booked(kari, hall.whole, EVENING)
    await pay(town, booking_id)
    refused = await town.move(kari, booking_id, LATER, price={"amount": PRICE})
    before = await row(town, booking_id)
    moved = await town.move(kari, booking_id, LATER, price={"amount": 2 * PRICE})
    back = await town.move(kari, booking_id, EVENING, price={"amount": 2 * PRICE})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/price-changed")
    told = {name: refused.json()[name]["amount"] for name in ("was", "price", "given_back", "on_invoice")}
    assert told == {"was": PRICE, "price": 2 * PRICE, "given_back": 0, "on_invoice": PRICE}
    assert (before.starts_at, before.version, before.paid_ore) == (EVENING.start, 2, PRICE)
    assert moved.status_code == 200
    assert back.json()["price"]["amount"] == PRICE


async def test_what_waits_to_be_paid_keeps_its_deadline_when_moved(town: Town) -> None:
    hall = await hall_for(town)
    kari = await town.person()
    booking_id = await town.booked(kari, hall.whole, EVENING)
    before = await row(town, booking_id)
    moved = (await town.move(kari, booking_id, LATER)).json()
    after = await row(town, booking_id)
    assert (moved["state"], after.held_until) == ("awaiting_payment", before.held_until)
    assert (await pay(town, booking_id)).lost == [UUID(booking_id)]
    assert (await pay(town, booking_id, amount=2 * PRICE)).kept == [UUID(booking_id)]


async def test_an_officer_lowers_what_is_owed_and_nobody_raises_it(town: Town) -> None:
    hall = await hall_for(town, online=False)
    booking_id = await town.booked(await town.person(), hall.whole, EVENING)
    officer_id, officer = await town.have(lambda db: make.person(db, role="case_officer"))
    assert officer

    async def less(db: AsyncSession) -> None:
        actor = await actor_of_token(db, officer, utc_now())
        assert actor.person_id == officer_id
        await paying.owe_less(db, actor, UUID(booking_id), 10_000, reason="Kaldt vann", now=utc_now())

    await town.have(less)
    assert (await row(town, booking_id)).owed_ore == 10_000


async def test_unknown_articles_are_refused_by_name(town: Town) -> None:
    hall = await hall_for(town)
    kari = await town.person()
    answer = await town.apply(
        kari, make.wish(hall.whole, EVENING), articles=[{"article": "chairs", "quantity": 2}]
    )
    assert answer.status_code == 422
    assert answer.json()["field"] == "articles.0.article"


async def test_a_stock_is_shared_and_never_over_booked(town: Town) -> None:
    hall = await hall_for(town, online=False)
    await town.have(lambda db: priced.article(db, "chairs", stock_at=hall.facility_id, stock=60))
    kari, ola = await town.people(2)
    some = [{"article": "chairs", "quantity": 40}]
    (mine,) = (await town.book(kari, hall.parts[0], EVENING, articles=some))["bookings"]
    assert mine["owed"]["amount"] == PRICE + 40 * 1000
    refused = await town.apply(ola, make.wish(hall.parts[1], EVENING), articles=some)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/article-taken"
    assert refused.json()["left"] == 20
    quote = (await town.post("/quote", ola, asked(hall, articles=some))).json()
    assert "/problems/article-taken" in {each["type"] for each in quote["refusals"]}
    await town.post(f"/bookings/{mine['id']}/cancel", kari, {})
    assert (await town.apply(ola, make.wish(hall.parts[1], EVENING), articles=some)).status_code == 201


async def test_what_costs_too_little_to_be_paid_online_goes_on_an_invoice(town: Town) -> None:
    async def work(db: AsyncSession) -> make.Hall:
        hall = await make.hall(db)
        await priced.tariff(db, hall.facility_id, {**priced.HIRE, "price_ore": 299})
        await priced.online(db)
        return hall

    hall = await town.have(work)
    (made,) = (await town.book(await town.person(), hall.whole, EVENING))["bookings"]
    assert (made["state"], made["payment"], made["owed"]["amount"]) == ("confirmed", "invoice", 299)


async def test_what_is_taken_instead_of_a_displaced_time_comes_on_an_invoice(town: Town) -> None:
    hall = await hall_for(town)
    kari, manager = await town.person(), await town.person("facility_manager")
    mine = await town.booked(kari, hall.whole, EVENING)
    await pay(town, mine)
    await town.close(manager, EVENING, unit_id=str(hall.units[0]), displace=True)
    await happen(town)
    times = (await town.get(f"/bookings/{mine}/replacements", kari))["replacements"]
    taken = await town.post(f"/bookings/{mine}/replace", kari, {"replacement_id": times[0]["id"]})
    assert taken.status_code == 200, taken.text
    stands = {each["state"]: (each["payment"], each["owed"]["amount"]) for each in taken.json()["bookings"]}
    assert stands == {"displaced": ("online", 0), "confirmed": ("invoice", PRICE)}


async def test_moved_to_and_fro_only_what_has_not_gone_back_counts_as_paid(town: Town) -> None:
    hall = await hall_for(town)
    kari = await town.person()
    booking_id = await town.booked(kari, hall.whole, LATER)
    await pay(town, booking_id, amount=2 * PRICE)
    assert (await town.move(kari, booking_id, EVENING)).json()["owed"]["amount"] == PRICE
    assert (await town.move(kari, booking_id, LATER)).json()["owed"]["amount"] == 2 * PRICE
    done = (await town.post(f"/bookings/{booking_id}/cancel", kari, {})).json()
    assert (done["refund"]["amount"], done["fee"]["amount"]) == (PRICE, 0)
