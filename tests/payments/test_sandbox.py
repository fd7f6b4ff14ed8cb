"""The stand-in for Stripe: as a program of its own, its notices, and what it keeps."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from core.spans import utc_now
from payments.provider import Declined
from payments.sandbox import paying
from payments.sandbox.notices import Manner
from payments.sandbox.program import KEY, serving
from tests.calendar_feeds.partners.receiving import Partner, listening, status
from tests.conftest import ROOT
from tests.payments.tills import ACCOUNT, OTHER, SECRET, Till, till, wish

COMMAND = [sys.executable, "-m", "payments.sandbox"]


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LEDIG_STRIPE")}


@pytest.mark.parametrize(
    "told",
    [
        {"LEDIG_STRIPE_KEY": "sk_live_0123456789"},
        {"STRIPE_API_KEY": "rk_live_0123456789"},
        {"ANYTHING": "key=sk_test_4eC39HqLyjWDarjt"},
    ],
)
def test_it_does_not_start_beside_a_key_of_stripes(told: dict[str, str]) -> None:
    done = subprocess.run(
        COMMAND, check=False, cwd=ROOT, env={**clean(), **told}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert next(iter(told)) in done.stderr
    assert next(iter(told.values())) not in done.stderr + done.stdout


def test_it_starts_says_where_it_is_and_stops(tmp_path: Path) -> None:
    told = {"LEDIG_STRIPE_KEY": KEY, "LEDIG_STRIPE_SECRETS": SECRET}
    words = [*COMMAND, "--account", ACCOUNT, "--file", str(tmp_path / "sandbox.json")]
    with subprocess.Popen(
        words, cwd=ROOT, env={**clean(), **told}, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        url = child.stdout.readline().strip()
        auth = {"Authorization": f"Bearer {KEY}"}
        assert httpx.get(f"{url}/v1/accounts/{ACCOUNT}", headers=auth).json()["charges_enabled"] is True
        assert httpx.get(f"{url}/v1/accounts/{ACCOUNT}").status_code == 401
        child.terminate()
        assert child.wait(timeout=20) == 0
    assert ACCOUNT in (tmp_path / "sandbox.json").read_text()


async def test_what_it_knows_outlives_it(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    async with serving(file=file, accounts=(ACCOUNT,)) as first:
        form = {"mode": "payment", "success_url": "http://x.test", "line_items": {"0": {"quantity": "1"}}}
        price = {"currency": "nok", "unit_amount": "1000", "product_data": {"name": "Sal"}}
        form["line_items"]["0"]["price_data"] = price  # type: ignore[index]  # a form as it was read
        ref = first.paying.open_session(ACCOUNT, form)["id"]
    async with serving(file=file, accounts=(ACCOUNT,)) as second:
        assert second.paying.session(ACCOUNT, ref)["amount_total"] == 1000
        assert second.books.accounts() == [ACCOUNT]


async def pay(there: Till) -> None:
    opened = await there.gateway.open_session(ACCOUNT, wish(utc_now()))
    assert opened.url
    await there.press(opened.url, action="pay", card=paying.PAYS)


async def heard(partner: Partner, count: int) -> list[str]:
    while len(partner.got) < count:
        await asyncio.sleep(0.01)
    return [got.json()["type"] for got in partner.got]


async def test_its_notices_are_signed_so_that_the_gateway_believes_them() -> None:
    async with listening() as partner, till(notices_url=partner.url) as there:
        await pay(there)
        kinds = await heard(partner, 5)
        assert "checkout.session.completed" in kinds
        assert "payment_intent.succeeded" in kinds
        for got in partner.got:
            notice = there.gateway.read_notice(got.body, got.headers, utc_now())
            assert notice.ref == got.json()["id"]
            assert notice.account in {ACCOUNT, OTHER}
            with pytest.raises(Declined, match="signature"):
                there.gateway.read_notice(got.body + b" ", got.headers, utc_now())
            with pytest.raises(Declined, match="too_old"):
                there.gateway.read_notice(got.body, got.headers, utc_now() + timedelta(minutes=6))


async def test_notices_are_doubled_held_and_turned_about_on_command() -> None:
    async with listening() as partner, till(notices_url=partner.url) as there:
        await heard(partner, 2)  # of the two accounts
        there.sandbox.notices.manner = Manner(copies=2, held=True, backwards=True)
        await pay(there)
        assert len(partner.got) == 2
        there.sandbox.notices.release()
        kinds = await heard(partner, 8)
        assert sorted(kinds[2:]) == sorted(
            2 * ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]
        )
        ids = [got.json()["id"] for got in partner.got[2:]]
        assert len(set(ids)) == 3, "the same event twice is the same event"


async def test_a_notice_comes_again_until_it_is_taken() -> None:
    async with listening(status(500), status(404), status(200)) as partner:
        async with serving(notices_url=partner.url, secret=SECRET) as sandbox:
            sandbox.notices.manner = Manner(first_pause=0.01)
            made = sandbox.connecting.make({}, ref=ACCOUNT)
            sandbox.connecting.activate(made["id"])
            await sandbox.notices.settled()
        assert [code for _, code in sandbox.notices.sent] == [500, 404, 200]
        assert len({got.json()["id"] for got in partner.got}) == 1


async def test_it_is_commanded_over_http() -> None:
    async with till() as there:
        url = f"{there.sandbox.url}/_control"
        opened = await there.gateway.open_session(ACCOUNT, wish(utc_now()))
        told = {"account": ACCOUNT, "session": opened.ref, "card": paying.LATER}
        assert (await there.browser.post(f"{url}/pay", content=json.dumps(told))).status_code == 200
        assert (await there.gateway.session(ACCOUNT, opened.ref)).state == "processing"
        await there.browser.post(f"{url}/settle")
        assert (await there.gateway.session(ACCOUNT, opened.ref)).state == "paid"
        await there.browser.post(f"{url}/restrict", content=json.dumps({"account": ACCOUNT}))
        assert (await there.gateway.account(ACCOUNT)).state == "restricted"
        await there.browser.post(f"{url}/faults", content=json.dumps({"down": True}))
        with pytest.raises(httpx.HTTPError):
            await there.browser.get(f"{there.sandbox.url}/v1/balance")


async def test_the_balance_is_what_came_less_what_went() -> None:
    async with till() as there:
        await pay(there)
        headers = {"Authorization": f"Bearer {KEY}", "Stripe-Account": ACCOUNT}
        answer = await there.browser.get(f"{there.sandbox.url}/v1/balance", headers=headers)
        assert answer.json()["available"] == [{"amount": 65_500, "currency": "nok"}]
        answer = await there.browser.get(f"{there.sandbox.url}/v1/events?limit=2", headers=headers)
        assert (len(answer.json()["data"]), answer.json()["has_more"]) == (2, True)
