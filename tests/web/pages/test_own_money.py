"""What one's own bookings cost, on the pages: to pay, paid, and what cancelling costs before it is done."""

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from booking import paying
from booking.models import Booking
from core.db import Database
from core.spans import utc_now
from resources.tariff_models import TariffLine
from tests import make, priced
from tests.web.village import WISH, Reader, Village, field_of, text_of

BY_INVOICE: dict[str, Any] = {**priced.HIRE, "payment": "invoice"}
DEPOSIT: dict[str, Any] = {
    "kind": "deposit",
    "vat_code": "zero",
    "price_ore": 30_000,
    "is_mandatory": True,
    "max_quantity": 1,
}


@pytest.fixture
async def online(village: Village, database: Database) -> Village:
    """600 kr an hour and a deposit of 300, paid before; cancelling costs half."""
    async with database.transaction(village.tenant.id) as db:
        await priced.tariff(db, village.hall.facility_id, priced.HIRE)
        await priced.article(db, "depositum", facility_id=village.hall.facility_id, **DEPOSIT)
        await priced.online(db)
        await priced.tier(db, 60 * 24 * 30, 0)
        await priced.tier(db, 0, 50)
    return village


@pytest.fixture
async def on_invoice(village: Village, database: Database) -> Village:
    """600 kr an hour, paid afterwards; cancelling costs half."""
    async with database.transaction(village.tenant.id) as db:
        await priced.tariff(db, village.hall.facility_id, BY_INVOICE)
        await priced.tariff(db, village.room_facility, BY_INVOICE)
        await priced.tier(db, 0, 50)
    return village


async def the_booking(database: Database, village: Village) -> Booking:
    async with database.transaction(village.tenant.id) as db:
        return (await db.scalars(select(Booking))).one()


async def paid(database: Database, village: Village) -> UUID:
    """The money for the one booking has come."""
    booking = await the_booking(database, village)
    amounts = {booking.id: booking.price["gross"]["amount"]}
    async with database.transaction(village.tenant.id) as db:
        assert (await paying.confirm_paid(db, amounts, utc_now())).kept == [booking.id]
    return booking.id


async def test_what_is_to_be_paid_is_told_with_a_way_to_pay(
    online: Village, database: Database, kari: Reader
) -> None:
    sent = await kari.book(online.hall.whole)
    receipt = await kari.get(sent.headers["location"])
    mine = await kari.get(online.url("/bookings"))
    booking = await the_booking(database, online)
    pay = f'<form method="post" action="{online.url(f"/bookings/{booking.id}/pay")}"'

    assert booking.state == "awaiting_payment"
    assert "The time is yours when you have paid" in text_of(receipt)
    assert "To pay: NOK 900" in text_of(receipt)
    assert "of which you get back after use NOK 300" in text_of(receipt)
    assert pay in receipt.text
    assert pay in mine.text
    for page in (receipt, mine):
        assert re.search(r"Pay by .*After that others can have the time\.", text_of(page))


async def test_paid_it_says_so_and_cancelling_tells_what_comes_back(
    online: Village, database: Database, kari: Reader
) -> None:
    await kari.book(online.hall.whole)
    booking_id = await paid(database, online)

    mine = text_of(await kari.get(online.url("/bookings")))
    ask = await kari.get(online.url(f"/bookings/{booking_id}/cancel"))
    told = text_of(ask)
    version = field_of(ask, "version") or ""
    done = await kari.post(online.url(f"/bookings/{booking_id}/cancel"), {"version": version, "reason": ""})
    after = text_of(await kari.get(online.url("/bookings")))

    assert "Paid: NOK 900." in mine
    assert "If you cancel now, NOK 300 of the price is kept." in mine
    assert "Pay now" not in mine
    assert "NOK 300 of the price is kept. You are paid back NOK 600" in told
    assert "The deposit of NOK 300 is in it." in told
    assert "Until the start: 50 % of the price is kept." in told
    assert done.status_code == 303
    assert (await the_booking(database, online)).owed_ore == 30_000
    assert "Of the price NOK 300 is kept." in after


def moved_to(page: Any, **times: str) -> dict[str, str]:
    """The form as it was answered, with other times."""
    told = {
        name: field_of(page, name) or "" for name in ("on", "from_time", "to_time", "version", "price_ore")
    }
    return {name: value for name, value in told.items() if value} | times


async def test_a_move_that_costs_another_price_is_made_once_that_is_known(
    online: Village, database: Database, kari: Reader
) -> None:
    await kari.book(online.hall.whole)
    booking_id = await paid(database, online)
    path = online.url(f"/bookings/{booking_id}/move")

    same = await kari.post(path, moved_to(await kari.get(path), from_time="17:00", to_time="18:00"))
    dearer = await kari.post(path, moved_to(await kari.get(path), from_time="17:00", to_time="19:00"))
    stands = await the_booking(database, online)
    done = await kari.post(path, moved_to(dearer))
    mine = text_of(await kari.get(online.url("/bookings")))
    cheaper = await kari.post(path, moved_to(await kari.get(path), from_time="17:00", to_time="17:30"))
    given_back = await kari.post(path, moved_to(cheaper))
    less = text_of(await kari.get(online.url("/bookings")))

    assert same.status_code == 303
    assert dearer.status_code == 409
    assert "The price is NOK 1,500 instead of NOK 900. NOK 600 comes on an invoice." in text_of(dearer)
    assert "Move it for NOK 1,500" in text_of(dearer)
    assert stands.price["gross"]["amount"] == 90_000
    assert done.status_code == 303
    assert "Price: NOK 1,500. Paid: NOK 900. NOK 600 comes on an invoice." in mine
    assert "NOK 300 is given back, the same way as it was paid." in text_of(cheaper)
    assert given_back.status_code == 303
    assert "Price: NOK 600. Paid: NOK 600." in less


async def test_a_price_that_changes_while_she_reads_is_told_anew(
    online: Village, database: Database, kari: Reader
) -> None:
    await kari.book(online.hall.whole)
    booking_id = await paid(database, online)
    path = online.url(f"/bookings/{booking_id}/move")
    dearer = await kari.post(path, moved_to(await kari.get(path), from_time="17:00", to_time="19:00"))
    async with database.transaction(online.tenant.id) as db:
        await db.execute(update(TariffLine).values(price_ore=TariffLine.price_ore * 2))

    again = await kari.post(path, moved_to(dearer))

    assert again.status_code == 409
    assert "The price is NOK 2,700 instead of NOK 900." in text_of(again)
    assert "Move it for NOK 2,700" in text_of(again)
    assert (await the_booking(database, online)).price["gross"]["amount"] == 90_000


async def test_of_a_series_that_is_moved_the_sum_is_told(
    on_invoice: Village, database: Database, kari: Reader
) -> None:
    until = make.next_weekday(2, weeks=3).isoformat()
    await kari.book(on_invoice.hall.whole, every_weeks="1", until=until)
    async with database.transaction(on_invoice.tenant.id) as db:
        first = (await db.scalars(select(Booking).order_by(Booking.starts_at))).first()
    assert first is not None
    path = on_invoice.url(f"/bookings/{first.id}/move")

    wish = moved_to(await kari.get(path), from_time="17:00", to_time="19:00", which="all")
    dearer = await kari.post(path, wish)
    done = await kari.post(path, moved_to(dearer, which="all"))

    assert "The price is NOK 3,600 instead of NOK 1,800. NOK 3,600 comes on an invoice." in text_of(dearer)
    assert done.status_code == 303
    assert text_of(await kari.get(on_invoice.url("/bookings"))).count("Price: NOK 1,200.") == 3


async def test_the_form_says_whether_it_is_hers_when_she_books_or_when_she_has_paid(
    online: Village, kari: Reader
) -> None:
    form = await kari.post(online.book(online.hall.whole), {**WISH, "action": "check"})
    assert "It is yours as soon as you have paid." in text_of(form)
    assert "as soon as you book" not in text_of(form)


async def test_on_an_invoice_it_is_told_so_and_an_officer_cancels_without_fee(
    on_invoice: Village, database: Database, kari: Reader, ingrid: Reader
) -> None:
    sent = await kari.book(on_invoice.hall.whole)
    receipt = text_of(await kari.get(sent.headers["location"]))
    booking = await the_booking(database, on_invoice)
    path = on_invoice.url(f"/bookings/{booking.id}/cancel")

    hers, officers = text_of(await kari.get(path)), text_of(await ingrid.get(path))

    assert "Your time is booked" in receipt
    assert "You get an invoice afterwards." in receipt
    assert "Pay now" not in receipt
    assert "NOK 300 of the price is kept." in hers
    assert "It costs nothing to cancel." in officers
    assert "The municipality cancels: nothing is kept." in officers


async def test_what_is_free_is_said_plainly_and_cancelling_says_nothing_of_money(
    village: Village, database: Database, kari: Reader
) -> None:
    sent = await kari.book(village.hall.whole)
    receipt = text_of(await kari.get(sent.headers["location"]))
    booking = await the_booking(database, village)
    ask = text_of(await kari.get(village.url(f"/bookings/{booking.id}/cancel")))

    assert "Price: Free of charge" in receipt
    assert "What it costs to cancel now" not in ask


async def test_of_a_series_each_choice_tells_what_it_costs(
    on_invoice: Village, database: Database, kari: Reader
) -> None:
    until = make.next_weekday(2, weeks=3).isoformat()
    await kari.book(on_invoice.hall.whole, every_weeks="1", until=until)
    async with database.transaction(on_invoice.tenant.id) as db:
        first = (await db.scalars(select(Booking).order_by(Booking.starts_at))).first()
    assert first is not None

    told = text_of(await kari.get(on_invoice.url(f"/bookings/{first.id}/cancel")))

    assert "Only this one NOK 300 of the price is kept." in told
    assert "This and the following NOK 900 of the price is kept." in told
    assert "All that are to come NOK 900 of the price is kept." in told


async def test_an_officer_sees_the_price_and_the_customer_group(
    on_invoice: Village, database: Database, kari: Reader, ingrid: Reader
) -> None:
    sent = await kari.book(on_invoice.room, accepted_terms="2026-1")
    assert sent.status_code == 303, text_of(sent)
    booking = await the_booking(database, on_invoice)

    case = text_of(await ingrid.get(on_invoice.url(f"/requests/{booking.application_id}")))

    assert "Price: NOK 600 · Customer group: Resident" in case
    assert "1 hour at NOK 600" in case
