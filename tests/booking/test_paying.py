"""Money that comes while others want the time too: one has it, each payment counts once, nothing is left between."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from booking.guard import lapse
from booking.models import Booking
from booking.paying import Paid
from core.db import Stale
from core.errors import Forbidden, NotFound, Refusal, StepUpNeeded, WrongState
from core.ids import new_id
from core.spans import DAY, utc_now
from core.tenants import Tenant
from people.actors import Actor
from people.service import actor_of_token
from tests import make, priced
from tests.booking.conftest import Town
from tests.booking.delivering import happen
from tests.booking.racing import race, run_out

TUESDAY = make.next_weekday(2, weeks=3)
EVENING = make.at(TUESDAY, 18)
LATER = make.at(TUESDAY, 20, 2)
PRICE: Final = 60_000
ROUNDS = range(4)


async def priced_hall(town: Town, **columns: Any) -> make.Hall:
    async def work(db: AsyncSession) -> make.Hall:
        hall = await make.hall(db, **columns)
        await priced.tariff(db, hall.facility_id)
        await priced.online(db)
        return hall

    return await town.have(work)


async def pay(town: Town, *booking_ids: str, amount: int = PRICE) -> Paid:
    """As the room of payments does: again, when somebody moved it under our hands."""
    amounts = {UUID(each): amount for each in booking_ids}
    while True:
        try:
            return await town.have(lambda db: paying.confirm_paid(db, amounts, utc_now()))
        except Stale:
            await asyncio.sleep(0)


async def lapses(town: Town, booking_id: str) -> None:
    await town.have(lambda db: lapse(db, [UUID(booking_id)], utc_now()))


async def row(town: Town, booking_id: str) -> Booking:
    return await town.have(lambda db: make.booking_row(db, UUID(booking_id)))


async def told(town: Town) -> list[str]:
    """The changes that were told of, in order."""
    async with town.database.transaction(town.tenant.id) as db:
        rows = await db.execute(
            text(
                "SELECT body ->> 'change' FROM outbox WHERE kind = 'BookingsChanged' ORDER BY created_at, id"
            )
        )
        return [each[0] for each in rows]


async def as_actor(town: Town, token: str, work: Callable[[AsyncSession, Actor], Awaitable[Any]]) -> Any:
    async def inside(db: AsyncSession) -> Any:
        return await work(db, await actor_of_token(db, token, utc_now()))

    return await town.have(inside)


async def test_two_payments_of_one_booking_count_once(town: Town) -> None:
    hall = await priced_hall(town)
    kari = await town.person()
    for number in ROUNDS:
        booking_id = await town.booked(kari, hall.whole, make.at(TUESDAY, 8 + number))

        answers = await asyncio.gather(*(pay(town, booking_id) for _ in range(4)))

        assert sorted(len(each.kept) for each in answers) == [0, 0, 0, 1]
        assert (await row(town, booking_id)).paid_ore == PRICE
    assert (await told(town)).count("paid") == len(ROUNDS)


async def test_a_payment_a_lapse_and_another_applicant_leave_one_who_has_it(town: Town) -> None:
    hall = await priced_hall(town)
    kari, ola = await town.people(2)
    for number in ROUNDS:
        span = make.at(TUESDAY, 8 + number)
        made = await town.book(kari, hall.whole, span)
        (booking_id,) = [each["id"] for each in made["bookings"]]
        await run_out(town, made)

        money, _, answer = await asyncio.gather(
            pay(town, booking_id),
            lapses(town, booking_id),
            town.apply(ola, make.wish(hall.parts[number % 3], span)),
        )

        has_it, state = bool(money.kept), await town.state(booking_id)
        assert (answer.status_code, state) == ((409, "confirmed") if has_it else (201, "lapsed"))
        assert (await row(town, booking_id)).owed_ore == (PRICE if has_it else 0)


async def test_many_who_paid_too_late_for_one_time_share_it_with_nobody(town: Town) -> None:
    hall = await priced_hall(town)
    late: list[str] = []
    for who in await town.people(5):
        made = await town.book(who, hall.whole, EVENING)
        await run_out(town, made)
        (booking_id,) = [each["id"] for each in made["bookings"]]
        await lapses(town, booking_id)
        late.append(booking_id)

    answers = await asyncio.gather(*(pay(town, each) for each in late))

    assert sum(len(each.kept) for each in answers) == 1
    assert sorted([await town.state(each) for each in late]) == ["confirmed"] + ["lapsed"] * 4


@pytest.mark.parametrize("what", ["cancel", "withdraw", "displace"])
async def test_a_payment_and_an_end_are_one_after_the_other(town: Town, what: str) -> None:
    hall = await priced_hall(town)
    kari, manager = await town.person(), await town.person("facility_manager")
    for number in ROUNDS:
        span = make.at(TUESDAY, 8 + number)
        made = await town.book(kari, hall.whole, span)
        (booking_id,) = [each["id"] for each in made["bookings"]]

        async def end(
            made: dict[str, Any] = made, booking_id: str = booking_id, span: Any = span
        ) -> httpx.Response:
            if what == "cancel":
                return await town.post(f"/bookings/{booking_id}/cancel", kari, {"reason": ""})
            if what == "withdraw":
                return await town.post(f"/applications/{made['id']}/withdraw", kari)
            return await town.close(manager, span, resource_id=str(hall.whole), displace=True)

        money, (answer,) = await asyncio.gather(pay(town, booking_id), race(end()))

        stands = await row(town, booking_id)
        if what == "withdraw":  # of what waits alone
            assert (answer.status_code, stands.state) == (
                (409, "confirmed") if money.kept else (200, "withdrawn")
            )
        else:
            assert stands.state == {"cancel": "cancelled", "displace": "displaced"}[what]
        assert stands.paid_ore == (PRICE if money.kept else 0)
        assert stands.owed_ore == (PRICE if stands.state == "confirmed" else 0)


async def test_a_payment_of_what_is_moved_meanwhile_is_for_the_price_it_had(town: Town) -> None:
    hall = await priced_hall(town)
    kari = await town.person()
    booking_id = await town.booked(kari, hall.whole, EVENING)

    money, (answer,) = await asyncio.gather(pay(town, booking_id), race(town.move(kari, booking_id, LATER)))

    stands = await row(town, booking_id)
    assert answer.status_code == 200
    assert (stands.state, stands.owed_ore, stands.paid_ore) == (
        ("confirmed", 2 * PRICE, PRICE) if money.kept else ("awaiting_payment", 0, 0)
    )


async def test_all_of_an_application_is_paid_at_once_and_each_has_its_own_fate(town: Town) -> None:
    hall = await priced_hall(town)
    kari, ola = await town.people(2)
    spans = [make.at(TUESDAY, hour) for hour in (9, 12, 15)]
    answer = await town.apply(kari, *(make.wish(hall.whole, span) for span in spans))
    first, second, third = [each["id"] for each in answer.json()["bookings"]]
    await run_out(town, answer.json())
    await lapses(town, second)
    await lapses(town, third)
    await town.booked(ola, hall.parts[1], spans[1])

    money = await pay(town, first, second, third)

    assert (set(money.kept), money.lost) == ({UUID(first), UUID(third)}, [UUID(second)])
    assert [await town.state(each) for each in (first, second, third)] == ["confirmed", "lapsed", "confirmed"]


async def test_what_is_over_when_its_payment_is_heard_of_is_lost(town: Town) -> None:
    hall = await priced_hall(town)
    made = await town.book(await town.person(), hall.whole, EVENING)
    (booking_id,) = [each["id"] for each in made["bookings"]]
    amounts = {UUID(booking_id): PRICE}

    async def work(db: AsyncSession) -> Paid:
        return await paying.confirm_paid(db, amounts, EVENING.end + DAY)

    assert (await town.have(work)).lost == [UUID(booking_id)]


async def test_money_for_what_is_unknown_is_lost(town: Town) -> None:
    unknown = new_id()
    assert await town.have(lambda db: paying.confirm_paid(db, {unknown: 1}, utc_now())) == Paid([], [unknown])


async def test_a_deadline_to_pay_is_kept_by_the_clock(town: Town) -> None:
    hall = await priced_hall(town)
    made = await town.book(await town.person(), hall.whole, EVENING)
    (booking_id,) = [each["id"] for each in made["bookings"]]
    await run_out(town, made)

    await happen(town)

    assert await town.state(booking_id) == "lapsed"
    assert await town.free(hall.whole, EVENING) == [EVENING]


async def test_whoever_did_not_pay_is_told_so_and_a_hold_that_ran_out_is_not(town: Town) -> None:
    hall = await priced_hall(town)
    kari = await town.person()
    for hold in (False, True):
        made = await town.book(kari, hall.whole, LATER if hold else EVENING, hold=hold)
        await run_out(town, made)
        await lapses(town, made["bookings"][0]["id"])
    async with town.database.transaction(town.tenant.id) as db:
        rows = await db.execute(
            text(
                "SELECT coalesce(body -> 'bookings' -> 0 ->> 'unpaid', 'false') FROM outbox"
                " WHERE body ->> 'change' = 'lapsed' ORDER BY created_at, id"
            )
        )
        assert [each[0] for each in rows] == ["true", "false"]


async def test_moved_nearer_it_is_paid_before_it_begins(town: Town) -> None:
    hall = await priced_hall(town, decision="case_officer")
    kari, officer = await town.person(), await town.person("case_officer")
    made = await town.book(kari, hall.whole, EVENING)
    await town.decide(officer, made)
    (booking_id,) = [each["id"] for each in made["bookings"]]
    tomorrow = make.at((utc_now() + DAY).astimezone(town.tenant.zone).date(), 20)

    answer = await town.move(officer, booking_id, tomorrow)

    assert answer.status_code == 200, answer.text
    stands = await row(town, booking_id)
    assert (stands.state, stands.held_until) == ("awaiting_payment", tomorrow.start)


@pytest.mark.parametrize(
    ("who", "refusal"), [("stranger", NotFound), ("case_officer", Forbidden), ("holder", None)]
)
async def test_only_whose_it_is_pays_for_it(town: Town, who: str, refusal: type[Refusal] | None) -> None:
    hall = await priced_hall(town)
    kari = await town.person()
    other = await town.person(None if who == "stranger" else "case_officer")
    answer = await town.apply(kari, *(make.wish(hall.whole, span) for span in (LATER, EVENING)))
    ids = [UUID(each["id"]) for each in answer.json()["bookings"]]

    async def work(db: AsyncSession, actor: Actor) -> list[paying.Payable]:
        return await paying.payable(db, actor, ids[0], utc_now())

    if refusal is not None:
        with pytest.raises(refusal):
            await as_actor(town, other, work)
        return
    found = await as_actor(town, kari, work)
    assert [(each.starts_at, each.price.gross_ore) for each in found] == [
        (EVENING.start, PRICE),
        (LATER.start, 2 * PRICE),
    ]


async def test_what_has_run_out_or_is_paid_is_not_paid_again(town: Town) -> None:
    hall = await priced_hall(town)
    kari = await town.person()
    made = await town.book(kari, hall.whole, EVENING)
    (booking_id,) = [each["id"] for each in made["bookings"]]

    async def work(db: AsyncSession, actor: Actor) -> list[paying.Payable]:
        return await paying.payable(db, actor, UUID(booking_id), utc_now())

    await run_out(town, made)
    with pytest.raises(WrongState) as late:
        await as_actor(town, kari, work)
    await pay(town, booking_id)
    with pytest.raises(WrongState) as paid:
        await as_actor(town, kari, work)
    assert (late.value.facts["state"], paid.value.facts["state"]) == ("lapsed", "confirmed")


async def test_only_who_gives_money_back_at_the_place_lowers_what_is_owed(town: Town) -> None:
    hall = await priced_hall(town)
    kari, caretaker = await town.person(), await town.person("caretaker")
    booking_id = await town.booked(kari, hall.whole, EVENING)
    await pay(town, booking_id)

    async def work(db: AsyncSession, actor: Actor) -> None:
        await paying.owe_less(db, actor, UUID(booking_id), 0, reason="", now=utc_now())

    for who in (kari, caretaker):
        with pytest.raises((Forbidden, StepUpNeeded)):
            await as_actor(town, who, work)
    assert (await row(town, booking_id)).owed_ore == PRICE


async def test_money_of_another_municipality_is_not_seen(town: Town, stranger: Tenant) -> None:
    hall = await priced_hall(town)
    booking_id = UUID(await town.booked(await town.person(), hall.whole, EVENING))
    async with town.database.transaction(stranger.id) as db:
        assert await paying.standing(db, [booking_id]) == {}
        assert await paying.confirm_paid(db, {booking_id: PRICE}, utc_now()) == Paid([], [booking_id])
    assert await town.state(str(booking_id)) == "awaiting_payment"


async def test_an_account_that_was_closed_meanwhile_puts_it_on_an_invoice(town: Town) -> None:
    hall = await priced_hall(town, decision="case_officer")
    kari, officer = await town.person(), await town.person("case_officer")
    made = await town.book(kari, hall.whole, EVENING)
    await town.have(lambda db: db.execute(text("UPDATE pay_terms SET online_open = false")))

    done = (await town.decide(officer, made)).json()["bookings"][0]

    assert (done["state"], done["payment"], done["owed"]["amount"]) == ("confirmed", "invoice", PRICE)
