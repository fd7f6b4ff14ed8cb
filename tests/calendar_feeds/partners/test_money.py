"""What partners see of money: states, and that something is to be read anew (docs/webhooks.md, "Money")."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from booking.guard import lapse
from booking.log_models import ChangeLog
from calendar_feeds.partners.kinds import kind_of
from core.spans import Span, utc_now
from tests import make, priced
from tests.booking.conftest import Town
from tests.booking.racing import run_out

EVENING = make.at(make.next_weekday(2, weeks=3), 18)
PRICE: Final = 60_000
LATER = make.at(make.next_weekday(2, weeks=3), 20)
ASKED: Final = ("awaiting_payment", "booking.requested")
CONFIRMED: Final = ("confirmed", "booking.confirmed")


async def priced_hall(town: Town) -> make.Hall:
    """Paid online; who cancels gets nothing back."""

    async def work(db: AsyncSession) -> make.Hall:
        hall = await make.hall(db)
        await priced.tariff(db, hall.facility_id, priced.HIRE)
        await priced.online(db)
        await priced.tier(db, 60 * 24 * 90, 0)
        return hall

    return await town.have(work)


async def waiting(town: Town, hall: make.Hall | None = None, span: Span = EVENING) -> tuple[str, str]:
    """A booking that waits to be paid, and its holder's token."""
    place = hall or await priced_hall(town)
    token = await town.person()
    return await town.booked(token, place.whole, span), token


async def pay(town: Town, booking_id: str) -> None:
    paid = await town.have(lambda db: paying.confirm_paid(db, {UUID(booking_id): PRICE}, utc_now()))
    assert paid.kept == [UUID(booking_id)]


async def owe_less(town: Town, booking_id: str, owed_ore: int) -> None:
    await town.have(
        lambda db: paying.owe_less(db, None, UUID(booking_id), owed_ore, reason="Kaldt", now=utc_now())
    )


async def seen(town: Town, booking_id: str) -> list[tuple[str, str | None]]:
    """(state in the log, type of the webhook) of its changes, in order."""

    async def work(db: AsyncSession) -> list[str]:
        rows = await db.scalars(
            select(ChangeLog.state)
            .where(ChangeLog.thing_id == UUID(booking_id))
            .order_by(ChangeLog.version, ChangeLog.xid)
        )
        return list(rows)

    states = await town.have(work)
    return [(state, kind_of("booking", state, states[:place])) for place, state in enumerate(states)]


async def test_what_is_paid_is_confirmed_and_what_is_given_back_is_changed(town: Town) -> None:
    booking_id, token = await waiting(town)
    await pay(town, booking_id)
    await owe_less(town, booking_id, 40_000)
    assert await seen(town, booking_id) == [ASKED, CONFIRMED, ("confirmed", "booking.changed")]
    stands = await town.get(f"/bookings/{booking_id}", token)
    assert (stands["payment"], stands["owed"]["amount"]) == ("online", 40_000)


async def test_the_fee_of_what_is_cancelled_is_read_from_the_booking(town: Town) -> None:
    booking_id, token = await waiting(town)
    await pay(town, booking_id)
    assert (await town.post(f"/bookings/{booking_id}/cancel", token, {})).status_code == 200
    stands = await town.get(f"/bookings/{booking_id}", token)
    assert (stands["state"], stands["owed"]["amount"]) == ("cancelled", PRICE)
    await owe_less(town, booking_id, 0)
    ended = ("cancelled", "booking.ended")
    assert await seen(town, booking_id) == [ASKED, CONFIRMED, ended, ended]


async def test_money_that_comes_late_confirms_what_had_lapsed(town: Town) -> None:
    booking_id, _ = await waiting(town)
    await run_out(town, {"bookings": [{"id": booking_id}]})
    await town.have(lambda db: lapse(db, [UUID(booking_id)], utc_now()))
    await pay(town, booking_id)
    assert await seen(town, booking_id) == [ASKED, ("lapsed", "booking.ended"), CONFIRMED]


async def test_nobody_can_tell_from_the_log_alone_whether_it_was_paid(town: Town) -> None:
    """Why there is no kind of news for it: what is moved to where it is free looks the same there."""
    hall, free = await priced_hall(town), await town.hall()
    paid, _ = await waiting(town, hall)
    await pay(town, paid)
    moved, token = await waiting(town, hall, LATER)
    assert (await town.move(token, moved, EVENING, free.whole)).json()["payment"] is None
    there = [each for each in await seen(town, moved) if each[0] != "elsewhere"]
    assert there == await seen(town, paid) == [ASKED, CONFIRMED]
