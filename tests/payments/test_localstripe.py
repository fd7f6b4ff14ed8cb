"""A second opinion: the gateway against localstripe, written by others, as far as that goes.

It knows payment intents, refunds and signed notices; no Checkout, no accounts, no idempotency (docs/payments.md).
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import pytest

from core.ids import new_id
from core.spans import utc_now
from payments.gateway import Stripe
from payments.provider import Declined
from tests.calendar_feeds.partners.receiving import Partner, listening
from tests.people.signing.world import free_port

SECRET = "whsec_localstripe"
PROGRAM = (
    "import sys; from aiohttp import web; from localstripe.server import app;"
    " web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)"
)


class Local(NamedTuple):
    """`raw` asks it what the gateway does not."""

    gateway: Stripe
    raw: httpx.AsyncClient
    partner: Partner

    async def made(self, path: str, **form: Any) -> dict[str, Any]:
        answer = await self.raw.post(f"/v1/{path}", data=form)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def paid(self, amount: int) -> str:
        """The id of a payment intent that a card has paid."""
        card = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2040", "cvc": "123"}
        method = await self.made(
            "payment_methods", type="card", **{f"card[{name}]": value for name, value in card.items()}
        )
        intent = await self.made(
            "payment_intents", amount=amount, currency="nok", payment_method=method["id"]
        )
        done = await self.made(f"payment_intents/{intent['id']}/confirm")
        assert done["status"] == "succeeded"
        return str(intent["id"])


@pytest.fixture
async def local() -> AsyncGenerator[Local, None]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(port)])
    try:
        async with (
            listening() as partner,
            httpx.AsyncClient(base_url=url, auth=("sk_test_localstripe", "")) as raw,
        ):
            await _answers(raw)
            hook = {"url": partner.url, "secret": SECRET}
            assert (await raw.post("/_config/webhooks/w1", json=hook)).status_code == 200
            gateway = Stripe("sk_test_localstripe", (SECRET,), url)
            yield Local(gateway, raw, partner)
            await gateway.close()
    finally:
        process.terminate()
        process.wait(20)


async def _answers(raw: httpx.AsyncClient) -> None:
    for _ in range(600):
        try:
            await raw.get("/v1/balance")
        except httpx.HTTPError:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("localstripe does not start")


async def test_what_was_paid_there_is_read_as_from_stripe(local: Local) -> None:
    ref = await local.paid(65_500)
    found = await local.gateway.captured("acct_any", ref)
    assert (found.ref, found.amount_ore, found.currency) == (ref, 65_500, "NOK")
    assert abs(found.captured_at - utc_now()) < timedelta(minutes=5)
    assert (found.refunds, found.dispute, found.order_id) == ([], "", None)


async def test_money_is_given_back_in_parts_and_once_each(local: Local) -> None:
    ref = await local.paid(65_500)
    ids = [new_id(), new_id()]
    for refund_id, amount in ((ids[0], 20_000), (ids[1], 5_500), (ids[0], 20_000)):
        found = await local.gateway.refund(
            "acct_any", key=f"{refund_id}:refund", payment_ref=ref, amount_ore=amount, refund_id=refund_id
        )
        assert (found.state, found.amount_ore, found.payment_ref) == ("done", amount, ref)
        assert found.refund_id == refund_id
        assert (await local.gateway.refunded("acct_any", found.ref)).amount_ore == amount
    captured = await local.gateway.captured("acct_any", ref)
    assert sorted(each.amount_ore for each in captured.refunds) == [5_500, 20_000]


async def test_what_is_not_there_is_declined(local: Local) -> None:
    with pytest.raises(Declined):
        await local.gateway.captured("acct_any", "pi_made_up")
    with pytest.raises(Declined):
        await local.gateway.refund(
            "acct_any", key="x", payment_ref="pi_made_up", amount_ore=1, refund_id=new_id()
        )


async def test_its_notices_are_believed_and_forged_ones_are_not(local: Local) -> None:
    await local.paid(65_500)
    async with asyncio.timeout(20):
        while not any(b"payment_intent.succeeded" in got.body for got in local.partner.got):
            await asyncio.sleep(0.05)
    for got in local.partner.got:
        notice = local.gateway.read_notice(got.body, got.headers, utc_now())
        assert notice.ref == got.json()["id"]
        for body, now in ((got.body + b" ", utc_now()), (got.body, utc_now() + timedelta(minutes=6))):
            with pytest.raises(Declined):
                local.gateway.read_notice(body, got.headers, now)
