"""Who loses a booking is told what becomes of the money: what was written down with it, and nothing else."""

from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from booking import paying
from booking.messages import Settled
from booking.telling.money_words import money_text
from core.spans import utc_now
from core.texts import texts
from tests import make, priced
from tests.booking.conftest import Town
from tests.booking.telling.reading import letters, notices, person, spread

TUESDAY = make.next_weekday(2, weeks=3)
EVENING = make.at(TUESDAY, 18)
PRICE: Final = 60_000
MONTHS: Final = 60 * 24 * 90
"""So many minutes ahead that whoever cancels now is later than that."""
BY_INVOICE: Final = {**priced.HIRE, "payment": "invoice"}
FREE: Final = {**priced.HIRE, "price_ore": 0}
CREDIT_NOTE: Final = "We write again, with a credit note, when the money is on its way."
ENGLISH: Final = texts("en")


async def hall_of(
    town: Town, *tiers: tuple[int, int], line: dict[str, Any] = priced.HIRE, **columns: Any
) -> make.Hall:
    """600 kr an hour; `tiers`: minutes before, percent that is kept."""

    async def work(db: AsyncSession) -> make.Hall:
        hall = await make.hall(db, **columns)
        await priced.tariff(db, hall.facility_id, line)
        await priced.online(db)
        for minutes, percent in tiers:
            await priced.tier(db, minutes, percent)
        return hall

    return await town.have(work)


async def pay(town: Town, *booking_ids: str, amount: int = PRICE) -> None:
    amounts = {UUID(each): amount for each in booking_ids}
    paid = await town.have(lambda db: paying.confirm_paid(db, amounts, utc_now()))
    assert len(paid.kept) == len(booking_ids)


async def cancel(town: Town, token: str, booking_id: str, **more: Any) -> tuple[int, int]:
    """What goes back and what is kept, as whoever cancels is answered."""
    answer = await town.post(f"/bookings/{booking_id}/cancel", token, more)
    assert answer.status_code == 200, answer.text
    return answer.json()["refund"]["amount"], answer.json()["fee"]["amount"]


async def told(town: Town, kind: str = "cancelled") -> str:
    """The one letter of that kind, and the message inside says the same."""
    await spread(town, times=2)
    [notice] = [each for each in await notices(town) if each.kind == kind]
    [letter] = [each for each in await letters(town) if each.subject == notice.subject]
    for line in notice.text.strip().splitlines():
        assert line in letter.text
    return plain(letter.text)


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


async def test_paid_and_cancelled_in_time_all_goes_back(town: Town) -> None:
    hall = await hall_of(town, (60, 0))
    _, token = await person(town)
    booked = await town.booked(token, hall.whole, EVENING)
    await pay(town, booked)
    assert await cancel(town, token, booked) == (PRICE, 0)
    text = await told(town)
    assert f"NOK 600 is given back, the same way as it was paid. {CREDIT_NOTE}\n" in text
    assert "fee" not in text
    assert "invoice" not in text


async def test_cancelled_late_the_fee_is_kept_and_the_rest_goes_back(town: Town) -> None:
    hall = await hall_of(town, (MONTHS, 0), (60, 30))
    _, token = await person(town)
    booked = await town.booked(token, hall.whole, EVENING)
    await pay(town, booked)
    assert await cancel(town, token, booked) == (42_000, 18_000)
    text = await told(town)
    assert "Of what was paid, NOK 180 is kept as the fee for cancelling. NOK 420 is given back" in text
    assert "You owe" not in text


async def test_where_the_whole_price_is_kept_no_refund_is_told(town: Town) -> None:
    hall = await hall_of(town, (MONTHS, 0))
    _, token = await person(town)
    booked = await town.booked(token, hall.whole, EVENING)
    await pay(town, booked)
    assert await cancel(town, token, booked) == (0, PRICE)
    text = await told(town)
    assert "Of what was paid, NOK 600 is kept as the fee for cancelling. Nothing is given back.\n" in text
    assert "credit note" not in text


async def test_what_waited_to_be_paid_and_was_not_is_not_given_back(town: Town) -> None:
    hall = await hall_of(town, (MONTHS, 100))
    _, token = await person(town)
    _, officer = await person(town, "case_officer")
    booked = await town.booked(token, hall.whole, EVENING)
    assert await cancel(town, officer, booked, reason="Vannlekkasje") == (0, 0)
    text = await told(town)
    assert "Reason: Vannlekkasje\n\nYou owe nothing for it.\n\n" in text
    assert "given back" not in text
    assert "credit note" not in text


async def test_the_fee_of_what_comes_on_an_invoice_is_still_owed(town: Town) -> None:
    hall = await hall_of(town, (MONTHS, 0), (60, 30), line=BY_INVOICE)
    _, token = await person(town)
    booked = await town.booked(token, hall.whole, EVENING)
    assert await cancel(town, token, booked) == (0, 18_000)
    text = await told(town)
    assert "You owe NOK 180 as the fee for cancelling, on an invoice." in text
    assert "If you have got an invoice for more, you get a credit note." in text
    assert "given back" not in text
    assert "was paid" not in text


async def test_an_invoice_that_is_not_needed_any_more_is_told_so(town: Town) -> None:
    hall = await hall_of(town, (60, 0), line=BY_INVOICE)
    _, token = await person(town)
    booked = await town.booked(token, hall.whole, EVENING)
    assert await cancel(town, token, booked) == (0, 0)
    text = await told(town)
    assert "You owe nothing for it. If you have got an invoice for it, you get a credit note." in text
    assert "given back" not in text


async def test_what_the_municipality_cancels_goes_back_without_a_fee(town: Town) -> None:
    hall = await hall_of(town, (MONTHS, 100))
    _, token = await person(town)
    _, officer = await person(town, "case_officer")
    booked = await town.booked(token, hall.whole, EVENING)
    await pay(town, booked)
    assert await cancel(town, officer, booked, reason="Vannlekkasje") == (PRICE, 0)
    text = await told(town)
    assert "Reason: Vannlekkasje\n\nNOK 600 is given back" in text
    assert "fee" not in text


async def test_what_a_closure_displaces_goes_back_without_a_fee(town: Town) -> None:
    hall = await hall_of(town, (MONTHS, 100))
    _, token = await person(town)
    _, manager = await person(town, "facility_manager")
    booked = await town.booked(token, hall.whole, EVENING)
    await pay(town, booked)
    closed = await town.close(manager, EVENING, facility_id=str(hall.facility_id), displace=True)
    assert closed.status_code == 201, closed.text
    text = await told(town, "displaced")
    assert f"Reason: Vask\n\nNOK 600 is given back, the same way as it was paid. {CREDIT_NOTE}\n\n" in text
    assert "fee" not in text


async def test_a_displaced_booking_that_nobody_paid_gives_nothing_back(town: Town) -> None:
    hall = await hall_of(town, line=BY_INVOICE)
    _, token = await person(town)
    _, manager = await person(town, "facility_manager")
    await town.booked(token, hall.whole, EVENING)
    await town.close(manager, EVENING, facility_id=str(hall.facility_id), displace=True)
    text = await told(town, "displaced")
    assert "You owe nothing for it. If you have got an invoice for it, you get a credit note." in text
    assert "given back" not in text


async def test_a_series_is_told_in_sums(town: Town) -> None:
    hall = await hall_of(town, (MONTHS, 0), (60, 30))
    _, token = await person(town)
    repeat = {"every_weeks": 1, "until": str(make.next_weekday(2, weeks=5))}
    made = (await town.apply(token, make.wish(hall.whole, EVENING), repeat=repeat)).json()["bookings"]
    ids = [each["id"] for each in made]
    assert len(ids) == 3
    await pay(town, *ids)
    assert await cancel(town, token, ids[0], which="all") == (3 * 42_000, 3 * 18_000)
    text = await told(town)
    assert "Of what was paid, NOK 540 is kept as the fee for cancelling." in text
    assert "NOK 1,260 is given back" in text


async def test_of_a_series_only_what_was_cancelled_is_told(town: Town) -> None:
    hall = await hall_of(town, (60, 0))
    _, token = await person(town)
    repeat = {"every_weeks": 1, "until": str(make.next_weekday(2, weeks=5))}
    made = (await town.apply(token, make.wish(hall.whole, EVENING), repeat=repeat)).json()["bookings"]
    ids = [each["id"] for each in made]
    await pay(town, *ids)
    assert await cancel(town, token, ids[1], which="following") == (2 * PRICE, 0)
    assert "NOK 1,200 is given back" in await told(town)


async def test_what_an_officer_lowers_afterwards_does_not_change_what_was_told(town: Town) -> None:
    hall = await hall_of(town, (MONTHS, 0), (60, 30))
    _, token = await person(town)
    booked = await town.booked(token, hall.whole, EVENING)
    await pay(town, booked)
    await cancel(town, token, booked)

    async def forgive(db: AsyncSession) -> None:
        await paying.owe_less(db, None, UUID(booked), 0, reason="Syk", now=utc_now())

    await town.have(forgive)
    assert "Of what was paid, NOK 180 is kept as the fee for cancelling. NOK 420 is given" in await told(town)


async def test_who_is_moved_to_a_dearer_time_is_told_what_comes_on_an_invoice(town: Town) -> None:
    hall = await hall_of(town)
    _, kari = await person(town)
    manager = await town.person("facility_manager")
    booking_id = await town.booked(kari, hall.whole, EVENING)
    await pay(town, booking_id)
    assert (await town.move(manager, booking_id, make.at(TUESDAY, 19, 2))).status_code == 200
    assert "The price is NOK 1,200 instead of NOK 600. NOK 600 comes on an invoice." in await told(
        town, "moved"
    )


async def test_who_is_moved_to_a_cheaper_time_is_told_what_goes_back(town: Town) -> None:
    hall = await hall_of(town)
    _, kari = await person(town)
    manager = await town.person("facility_manager")
    booking_id = await town.booked(kari, hall.whole, make.at(TUESDAY, 18, 2))
    await pay(town, booking_id, amount=2 * PRICE)
    assert (await town.move(manager, booking_id, EVENING)).status_code == 200
    letter = await told(town, "moved")
    assert "The price is NOK 600 instead of NOK 1,200. NOK 600 is given back" in letter
    assert "invoice" not in letter


async def test_a_move_at_the_same_price_says_nothing_of_money(town: Town) -> None:
    hall = await hall_of(town)
    _, kari = await person(town)
    manager = await town.person("facility_manager")
    booking_id = await town.booked(kari, hall.whole, EVENING)
    await pay(town, booking_id)
    assert (await town.move(manager, booking_id, make.at(TUESDAY, 20))).status_code == 200
    letter = await told(town, "moved")
    assert "Before, it was:" in letter
    assert "NOK" not in letter
    assert "{" not in letter


async def test_what_is_free_says_nothing_of_money(town: Town) -> None:
    hall = await hall_of(town, (MONTHS, 100), line=FREE)
    _, token = await person(town)
    booked = await town.booked(token, hall.whole, EVENING)
    assert await cancel(town, token, booked) == (0, 0)
    text = await told(town)
    for word in ("owe", "fee", "given back", "NOK", "{money}"):
        assert word not in text


def settled(
    refund: int = 0, kept: int = 0, due: int = 0, spared: int = 0, *, is_internal: bool = False
) -> Settled:
    return Settled(refund_ore=refund, kept_ore=kept, due_ore=due, spared_ore=spared, is_internal=is_internal)


@pytest.mark.parametrize(
    ("every", "said"),
    [
        ([], ""),
        ([settled()], "You owe nothing for it."),
        ([settled(spared=100, is_internal=True)], "You owe nothing for it."),
        (
            [settled(due=5000, spared=100, is_internal=True)],
            "The fee for cancelling is NOK 50. It is settled between the municipality's own accounts.",
        ),
        ([settled(due=5000)], "You owe NOK 50 as the fee for cancelling, on an invoice."),
        (
            [settled(kept=5000), settled(due=3000)],
            (
                "Of what was paid, NOK 50 is kept as the fee for cancelling. Nothing is given back. "
                "You owe NOK 30 as the fee for cancelling, on an invoice."
            ),
        ),
        (
            [settled(refund=5000), settled(spared=3000)],
            (
                f"NOK 50 is given back, the same way as it was paid. {CREDIT_NOTE} "
                "You owe nothing for what was not paid. If you have got an invoice for it, you get a credit note."
            ),
        ),
    ],
)
def test_what_is_told_of_mixed_money(every: list[Settled], said: str) -> None:
    assert plain(money_text(every, ENGLISH)) == said


@given(st.lists(st.builds(settled, *[st.integers(0, 10**7)] * 4, is_internal=st.booleans()), min_size=1))
def test_a_refund_is_told_only_where_there_is_one(every: list[Settled]) -> None:
    told = money_text(every, ENGLISH)
    refund_ore = sum(each.refund_ore for each in every)
    assert ("is given back, the same way" in told) == (refund_ore > 0)
    assert ("Nothing is given back" in told) == (refund_ore == 0 < sum(each.kept_ore for each in every))
