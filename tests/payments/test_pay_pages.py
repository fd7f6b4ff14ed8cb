"""Paying by the pages: back from the provider it is told right, whatever came first, and however often."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from core.db import Database
from core.spans import Span
from core.tenants import Directory, Tenant
from payments.provider_models import Difference
from tests import make
from tests.payments.market import Market, priced


@dataclass
class Counter:
    """The market, and the pages of its municipality as Kari sees them."""

    market: Market
    http: httpx.AsyncClient
    token: str
    officer: str

    def url(self, path: str) -> str:
        return f"/{self.market.tenant.slug}{path}"

    async def get(self, path: str, token: str | None = None) -> httpx.Response:
        headers = {**make.bearer(token or self.token), "Accept-Language": "en"}
        return await self.http.get(self.url(path), headers=headers)

    async def post(self, path: str, token: str | None = None, **form: str) -> httpx.Response:
        headers = {**make.bearer(token or self.token), "Accept-Language": "en"}
        return await self.http.post(self.url(path), headers=headers, data=form)

    async def click(self, booking_id: UUID) -> str:
        """The provider's id of the page that "Pay" leads to."""
        answer = await self.post(f"/bookings/{booking_id}/pay")
        assert answer.status_code == 200, answer.text
        return answer.headers["refresh"].rpartition("/")[2]

    async def back(self, ref: str) -> str:
        """What is told on coming back: the heading."""
        order_id = self.market.till.sessions[ref].order_id
        answer = await self.get(f"/orders/{order_id}/return")
        assert answer.status_code == 200, answer.text
        return heading(answer)


def heading(answer: httpx.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text)
    assert found is not None
    return found[1]


@pytest.fixture
async def counter(
    app: Litestar, http: httpx.AsyncClient, database: Database, tenant: Tenant
) -> AsyncIterator[Counter]:
    market = await Market(database, tenant).open()
    async with market.door() as db:
        assert market.kari.person_id is not None
        token = make.token(db, market.kari.person_id, "read", "write")
        _, officer = await make.person(db, role="case_officer")
    app.state.directory = Directory(app.state.database)
    before, app.state.provider = app.state.provider, market.till
    yield Counter(market, http, token, officer)
    app.state.provider = before
    await market.happen()
    await market.check_settled()


async def test_what_waits_is_shown_with_its_sum_and_paying_leads_to_the_provider(counter: Counter) -> None:
    first, _ = await counter.market.waiting(priced(50_000), priced(12_345))
    page = await counter.get(f"/bookings/{first}/pay")
    assert "NOK 623.45" in page.text
    assert "You have not paid" not in page.text
    ref = await counter.click(first)
    assert await counter.click(first) == ref
    assert "You have not paid" in (await counter.get(f"/bookings/{first}/pay?from=back")).text


@pytest.mark.parametrize("first", ["notice", "return", "both"])
async def test_it_is_paid_whoever_tells_it_first_and_however_often(counter: Counter, first: str) -> None:
    market = counter.market
    (booking_id,) = await market.waiting(priced(50_000))
    ref = await counter.click(booking_id)
    assert market.till.pay(ref)
    for who in {"notice": "nrnr", "return": "rnrr", "both": "rnnr"}[first]:
        if who == "n":
            await market.hear(ref)
        else:
            assert await counter.back(ref) == "Paid: it is yours"
    await market.happen()
    assert await counter.back(ref) == "Paid: it is yours"
    assert (await market.booking(booking_id)).state == "confirmed"
    assert len(await market.payments()) == 1
    (receipt,) = await market.orders("receipt")
    assert "Receipt 1" in (await counter.get("/orders")).text
    assert (await counter.get(f"/orders/{receipt.id}")).status_code == 200
    pdf = await counter.get(f"/orders/{receipt.id}/receipt.pdf")
    assert pdf.content.startswith(b"%PDF")


async def test_who_comes_back_without_having_paid_can_pay_and_when_it_is_too_late_is_told(
    counter: Counter,
) -> None:
    market = counter.market
    (booking_id,) = await market.waiting(priced(50_000))
    ref = await counter.click(booking_id)
    assert await counter.back(ref) == "It is not paid"
    market.till.moods = ["silent_before"]
    assert await counter.back(ref) == "We do not know yet whether it is paid"
    await market.cancel(booking_id)
    await market.happen()
    assert await counter.back(ref) == "It was not paid in time"
    assert (await counter.get(f"/bookings/{booking_id}/pay")).status_code == 409


async def test_while_the_bank_has_not_said_one_waits_and_looks_again(counter: Counter) -> None:
    market = counter.market
    (booking_id,) = await market.waiting(priced(50_000))
    ref = await counter.click(booking_id)
    market.till.alter(ref, state="processing")
    assert await counter.back(ref) == "We are waiting for the bank"
    market.till.alter(ref, state="open")
    assert market.till.pay(ref)
    assert await counter.back(ref) == "Paid: it is yours"


async def test_money_for_a_time_that_is_gone_goes_back_and_she_is_told_so(counter: Counter) -> None:
    market = counter.market
    kept, lost = await market.waiting(priced(50_000), priced(30_000))
    ref = await counter.click(kept)
    booking = await market.booking(lost)
    await market.cancel(lost)
    await market.waiting(priced(), span=Span(booking.starts_at, booking.ends_at), state="confirmed")
    assert market.till.pay(ref)
    assert await counter.back(ref) == "Paid: some of it is yours"
    await market.happen()
    assert (await market.booking(kept)).state == "confirmed"


async def test_all_of_it_gone_all_of_it_goes_back(counter: Counter) -> None:
    market = counter.market
    (booking_id,) = await market.waiting(priced(50_000))
    ref = await counter.click(booking_id)
    await market.cancel(booking_id)
    assert market.till.pay(ref)
    assert await counter.back(ref) == "Somebody else has the time: your money is on its way back"
    await market.happen()
    assert await counter.back(ref) == "Somebody else has the time: your money is on its way back"
    assert market.till.kept_ore == 0


async def test_nobody_else_comes_back_to_it_or_pays_it(counter: Counter) -> None:
    market = counter.market
    (booking_id,) = await market.waiting(priced(50_000))
    ref = await counter.click(booking_id)
    order_id = market.till.sessions[ref].order_id
    async with market.door() as db:
        _, other = await make.person(db)
    for path in (f"/orders/{order_id}", f"/orders/{order_id}/return", f"/bookings/{booking_id}/pay"):
        assert (await counter.get(path, other)).status_code == 404
    assert (await counter.post(f"/bookings/{booking_id}/pay", other)).status_code == 404


async def test_without_a_provider_it_is_said_kindly(counter: Counter, app: Litestar) -> None:
    (booking_id,) = await counter.market.waiting(priced(50_000))
    app.state.provider = None
    answer = await counter.post(f"/bookings/{booking_id}/pay")
    assert answer.status_code == 409
    assert "does not take payment online" in answer.text


async def test_a_provider_that_is_silent_takes_nothing_and_the_page_says_so(counter: Counter) -> None:
    (booking_id,) = await counter.market.waiting(priced(50_000))
    counter.market.till.moods = ["silent_before"]
    answer = await counter.post(f"/bookings/{booking_id}/pay")
    assert answer.status_code == 503
    await counter.click(booking_id)


async def test_an_officer_gives_back_what_she_has_seen_and_said_yes_to_and_no_more(counter: Counter) -> None:
    market = counter.market
    first, second = await market.bought(priced(50_000), priced(30_000))
    (receipt,) = await market.orders("receipt")
    path = f"/staff/payments/{receipt.id}/refund"
    assert (await counter.get(path)).status_code == 403
    page = await counter.get(path, counter.officer)
    assert page.status_code == 200, page.text
    assert "NOK 500" in page.text
    form = {f"amount-{first}": "100,50", f"amount-{second}": "", "reason": "Water leak"}
    too_much = await counter.post(path, counter.officer, **{**form, f"amount-{first}": "501"})
    assert too_much.status_code == 422
    for wrong in ({"reason": ""}, {f"amount-{first}": "much"}, {f"amount-{first}": ""}):
        assert (await counter.post(path, counter.officer, **{**form, **wrong})).status_code == 422
    sure = await counter.post(path, counter.officer, **form)
    assert "Give NOK 100.50 back?" in sure.text
    assert await market.orders("credit") == []
    changed = await counter.post(path, counter.officer, **form, step="change")
    assert 'value="100,50"' in changed.text
    done = await counter.post(path, counter.officer, **form, step="give")
    assert done.status_code == 303, done.text
    await market.happen()
    (note,) = await market.orders("credit")
    assert (note.gross_ore, note.reason) == (10_050, "Water leak")
    assert done.headers["location"] == counter.url(f"/orders/{note.id}?done=given_back")
    landed = await counter.get(f"/orders/{note.id}?done=given_back", counter.officer)
    assert "It is given back. The money is on its way." in landed.text
    assert market.till.kept_ore == 69_950
    assert (await market.booking(first)).owed_ore == 39_950
    again = await counter.post(path, counter.officer, **{**form, f"amount-{first}": "399.51"}, step="give")
    assert again.status_code == 422
    receipt_page = await counter.get(f"/orders/{receipt.id}", counter.officer)
    assert "Credit note 1" in receipt_page.text


async def test_an_officer_keeps_of_a_deposit_with_a_reason_and_the_rest_goes_back(counter: Counter) -> None:
    market = counter.market
    market.wait(days=-3)
    start = market.now + timedelta(days=1)
    deposited = priced(50_000, deposit=(20_000, "exempt"))
    (booking_id,) = await market.waiting(deposited, span=Span(start, start + timedelta(hours=1)))
    await market.hear(await market.click_and_pay(booking_id))
    await market.happen()
    market.wait(days=3)
    (receipt,) = await market.orders("receipt")
    path = f"/staff/payments/{receipt.id}/deposit"
    assert (await counter.get(path)).status_code == 403
    assert path not in (await counter.get(f"/orders/{receipt.id}")).text
    assert path in (await counter.get(f"/orders/{receipt.id}", counter.officer)).text
    assert "Deposit: NOK 200" in (await counter.get(path, counter.officer)).text
    kept, reason = f"kept-{booking_id}", f"reason-{booking_id}"
    form = {"booking_id": str(booking_id), kept: "50,50", reason: "A broken window"}
    for wrong, told in (
        ({kept: "200.01"}, "At most NOK 200 can be kept."),
        ({kept: ""}, "Write how much is to be kept."),
        ({kept: "much"}, "Write an amount in kroner"),
        ({reason: " "}, "Write why it is kept"),
    ):
        refused = await counter.post(path, counter.officer, **{**form, **wrong})
        assert refused.status_code == 422
        assert told in refused.text
    assert (await counter.post(path, **form)).status_code == 403
    assert (await counter.post(path, counter.officer, **{**form, "booking_id": "x"})).status_code == 404
    assert await market.orders("credit") == []
    done = await counter.post(path, counter.officer, **form)
    assert done.status_code == 303, done.text
    await market.happen()
    (note,) = await market.orders("credit")
    assert (note.gross_ore, note.reason) == (14_950, "A broken window")
    assert market.till.kept_ore == 55_050
    page = (await counter.get(f"{path}?done=kept", counter.officer)).text
    assert "It is kept" in page
    assert "NOK 50.50" in page
    assert '<form method="post" action="' + counter.url(path) not in page
    again = await counter.post(path, counter.officer, **form)
    assert again.status_code == 409


async def test_before_it_was_used_no_deposit_can_be_kept(counter: Counter) -> None:
    market = counter.market
    (booking_id,) = await market.bought(priced(50_000, deposit=(20_000, "exempt")))
    (receipt,) = await market.orders("receipt")
    path = f"/staff/payments/{receipt.id}/deposit"
    assert path not in (await counter.get(f"/orders/{receipt.id}", counter.officer)).text
    assert "when the time is over" in (await counter.get(path, counter.officer)).text
    form = {"booking_id": str(booking_id), f"kept-{booking_id}": "1", f"reason-{booking_id}": "x"}
    assert (await counter.post(path, counter.officer, **form)).status_code == 404


async def test_a_refund_that_failed_is_a_difference_that_is_tried_again_or_explained(
    counter: Counter,
) -> None:
    market = counter.market
    async with market.door() as db:
        _, finance = await make.person(db, role="finance")
    (booking_id,) = await market.bought(priced(50_000))
    market.till.fails_refunds = True
    await market.cancel(booking_id)
    await market.happen()
    market.till.fails_refunds = False
    page = await counter.get("/staff/payments/differences", finance)
    assert "could not give the money back" in page.text
    (row,) = await market.rows(Difference)
    path = f"/staff/payments/differences/{row.id}"
    assert (await counter.get(path, counter.officer)).status_code == 403
    assert "Try again" in (await counter.get(path, finance)).text
    assert (await counter.post(f"{path}/again", finance)).status_code == 303
    await market.happen()
    assert market.till.kept_ore == 0
    assert (await counter.post(f"{path}/again", finance)).status_code == 409
    assert (await counter.post(path, finance, explanation="Cash")).status_code == 409
    assert "The books agree." in (await counter.get("/staff/payments/differences", finance)).text
    assert "could not give" in (await counter.get("/staff/payments/differences?settled=yes", finance)).text


async def test_a_difference_is_explained_once_with_words(counter: Counter) -> None:
    market = counter.market
    async with market.door() as db:
        _, finance = await make.person(db, role="finance")
        row = Difference(kind="payment_unknown", ref="pi_x", ours_ore=0, theirs_ore=500, found_at=market.now)
        db.add(row)
        await db.flush()
        path = f"/staff/payments/differences/{row.id}"
    assert (await counter.post(path, finance, explanation="  ")).status_code == 422
    assert (await counter.post(path, counter.officer, explanation="x")).status_code == 403
    assert (await counter.post(path, finance, explanation="Paid at the counter")).status_code == 303
    assert "Paid at the counter" in (await counter.get(path, finance)).text
    assert (await counter.post(f"{path}/again", finance)).status_code == 409
