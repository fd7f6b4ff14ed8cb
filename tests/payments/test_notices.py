"""What the provider tells: kept once when it is signed by it and of now, and otherwise as if it had not come."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.db import Database
from core.ids import new_id
from core.spans import utc_now
from core.tenants import Tenant
from payments.sandbox.notices import signed
from payments.stripe_answers import KINDS
from payments.webhook_door import BODY_LIMIT
from tests.conftest import ROOT
from tests.payments.conftest import Counter, connected
from tests.payments.tills import OLD_SECRET, SECRET

PATH = "/webhooks/stripe"


def event(account: str | None, **members: Any) -> bytes:
    said = {
        "id": f"evt_{new_id().hex}",
        "object": "event",
        "type": "checkout.session.completed",
        "created": int(utc_now().timestamp()),
        "account": account,
        "data": {"object": {"id": "cs_test_1", "object": "checkout.session", "payment_intent": "pi_1"}},
        **members,
    }
    return json.dumps(said).encode()


def seal(body: bytes, *, secret: str = SECRET, ago: timedelta = timedelta(0)) -> dict[str, str]:
    return dict(signed(body, secret, int((utc_now() - ago).timestamp())))


async def send(there: Counter, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return await there.http.post(PATH, content=body, headers=headers)


async def test_a_notice_is_kept_and_worked_on_later(counter: Counter) -> None:
    body = event(counter.account)
    assert (await send(counter, body, seal(body))).status_code == 200
    [kept] = await counter.rows("provider_notice")
    assert (kept.provider, kept.kind, kept.about, kept.worked_at) == ("stripe", "session", "cs_test_1", None)
    assert kept.ref == json.loads(body)["id"]
    [message] = [each for each in await counter.rows("outbox") if each.kind == "NoticeCame"]
    assert message.body == {"notice_id": str(kept.id)}


async def test_the_same_notice_is_kept_once_however_often_and_at_once(counter: Counter) -> None:
    body = event(counter.account)
    answers = await asyncio.gather(*[send(counter, body, seal(body)) for _ in range(8)])
    answers.append(await send(counter, body, seal(body, ago=timedelta(seconds=-30))))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await counter.rows("provider_notice")) == 1
    assert len([each for each in await counter.rows("outbox") if each.kind == "NoticeCame"]) == 1


async def test_either_of_two_secrets_will_do(counter: Counter) -> None:
    for secret in (SECRET, OLD_SECRET):
        body = event(counter.account)
        assert (await send(counter, body, seal(body, secret=secret))).status_code == 200
    assert len(await counter.rows("provider_notice")) == 2


async def test_forged_old_and_unsigned_ones_change_nothing(counter: Counter) -> None:
    body = event(counter.account)
    good = seal(body)["Stripe-Signature"]
    bad: dict[str, tuple[bytes, str | None]] = {
        "unsigned": (body, None),
        "empty": (body, ""),
        "of another secret": (body, seal(body, secret="whsec_of_somebody_else")["Stripe-Signature"]),
        "of no secret": (body, seal(body, secret="")["Stripe-Signature"]),
        "of another body": (body.replace(b"cs_test_1", b"cs_test_2"), good),
        "with a space more": (body + b" ", good),
        "old": (body, seal(body, ago=timedelta(seconds=400))["Stripe-Signature"]),
        "of the time to come": (body, seal(body, ago=timedelta(seconds=-400))["Stripe-Signature"]),
        "with another time": (body, "t=1," + good.partition(",")[2]),
        "without its time": (body, good.partition(",")[2]),
        "of another scheme": (body, good.replace("v1=", "v0=")),
        "of no shape": (body, "v1"),
        "not text": (b"\xff" + body, good),
    }
    for what, (sent, signature) in bad.items():
        headers = {} if signature is None else {"Stripe-Signature": signature}
        answer = await send(counter, sent, headers)
        assert answer.status_code == 400, what
        assert SECRET not in answer.text
    for nonsense in (b"[]", b"{}", b"nothing", b'{"id": 5}'):
        assert (await send(counter, nonsense, seal(nonsense))).status_code == 400
    assert not await counter.rows("provider_notice")
    assert not await counter.rows("outbox")


async def test_what_is_too_long_is_not_even_read(counter: Counter) -> None:
    body = event(counter.account, more="x" * BODY_LIMIT)
    assert (await send(counter, body, seal(body))).status_code == 400
    assert not await counter.rows("provider_notice")


@pytest.mark.parametrize(
    "members",
    [{"account": "acct_of_nobody"}, {"account": None}, {"type": "customer.created"}],
    ids=["an account of nobody's", "of the platform itself", "of no interest"],
)
async def test_what_is_nothing_for_us_is_taken_and_forgotten(
    counter: Counter, members: dict[str, Any]
) -> None:
    """Stripe would otherwise go on for three days."""
    body = event(**{"account": counter.account, **members})
    assert (await send(counter, body, seal(body))).status_code == 200
    assert not await counter.rows("provider_notice")
    assert not await counter.rows("outbox")


async def test_it_is_kept_with_the_municipality_whose_account_it_is(
    counter: Counter, database: Database, stranger: Tenant
) -> None:
    theirs = await connected(database, stranger, f"acct_{new_id().hex}")
    body = event(theirs)
    assert (await send(counter, body, seal(body))).status_code == 200
    assert not await counter.rows("provider_notice")
    assert len(await counter.rows("provider_notice", stranger)) == 1


async def test_a_dispute_is_about_its_payment(counter: Counter) -> None:
    about = {"id": "du_1", "object": "dispute", "payment_intent": "pi_1"}
    body = event(counter.account, type="charge.dispute.created", data={"object": about})
    assert (await send(counter, body, seal(body))).status_code == 200
    [kept] = await counter.rows("provider_notice")
    assert (kept.kind, kept.about) == ("payment", "pi_1")


def test_the_documents_name_the_kinds_that_are_listened_to() -> None:
    said = (ROOT / "docs" / "payments.md").read_text()
    block = said.partition("of these kinds and no others:")[2].partition("```")[2].partition("```")[0]
    assert sorted(block.split()) == sorted(KINDS)
