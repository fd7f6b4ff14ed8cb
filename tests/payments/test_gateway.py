"""The gateway against the sandbox, over HTTP, with Stripe's own library: good days and bad ones."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from core.ids import new_id
from core.spans import utc_now
from payments.gateway import Stripe
from payments.provider import Declined, Session, Unclear
from payments.sandbox import paying
from payments.sandbox.program import Faults
from tests.payments.tills import ACCOUNT, OTHER, Till, till, wish

PAID = {"action": "pay", "card": paying.PAYS}


@pytest.fixture
async def there() -> AsyncGenerator[Till, None]:
    async with till() as made:
        yield made


@pytest.fixture
async def hasty() -> AsyncGenerator[Till, None]:
    """A gateway that waits a twentieth as long."""
    async with till(patience=0.05) as made:
        yield made


async def paid(there: Till, *amounts: int, card: str = paying.PAYS) -> Session:
    opened = await there.gateway.open_session(ACCOUNT, wish(utc_now(), *amounts))
    assert opened.url
    answer = await there.press(opened.url, action="pay", card=card)
    assert answer.status_code == 303
    return await there.gateway.session(ACCOUNT, opened.ref)


async def test_a_session_is_opened_with_our_own_prices(there: Till) -> None:
    asked = wish(utc_now(), 65_500, 5_000)
    opened = await there.gateway.open_session(ACCOUNT, asked)
    assert (opened.state, opened.amount_ore, opened.currency) == ("open", 70_500, "NOK")
    assert (opened.order_id, opened.checkout_id) == (asked.order_id, asked.checkout_id)
    assert opened.expires_at == asked.expires_at.replace(microsecond=0)
    known = there.sandbox.paying.session(ACCOUNT, opened.ref)
    assert (known["locale"], known["client_reference_id"]) == ("nb", str(asked.order_id))


async def test_paying_leads_back_and_is_seen(there: Till) -> None:
    opened = await there.gateway.open_session(ACCOUNT, wish(utc_now(), 65_500))
    assert opened.url
    shown = await there.browser.get(opened.url)
    assert "NOK 655.00" in shown.text
    answer = await there.press(opened.url, **PAID)
    assert answer.headers["location"] == f"http://ledig.test/done?session={opened.ref}"
    found = await there.gateway.session(ACCOUNT, opened.ref)
    assert (found.state, found.amount_ore) == ("paid", 65_500)
    assert found.payment_ref
    assert found.paid_at
    captured = await there.gateway.captured(ACCOUNT, found.payment_ref)
    assert (captured.amount_ore, captured.order_id, captured.refunds) == (65_500, opened.order_id, [])


async def test_a_declined_card_leaves_it_open_and_turning_back_too(there: Till) -> None:
    opened = await there.gateway.open_session(ACCOUNT, wish(utc_now()))
    assert opened.url
    answer = await there.press(opened.url, action="pay", card=paying.DECLINED)
    assert "declined" in answer.text
    assert (await there.gateway.session(ACCOUNT, opened.ref)).state == "open"
    answer = await there.press(opened.url, action="back")
    assert answer.headers["location"] == "http://ledig.test/back"
    assert (await there.gateway.session(ACCOUNT, opened.ref)).state == "open"


async def test_money_that_comes_later_is_processing_until_it_is_there_or_not(there: Till) -> None:
    came, never = await paid(there, card=paying.LATER), await paid(there, card=paying.NEVER)
    assert (came.state, never.state) == ("processing", "processing")
    there.sandbox.paying.settle()
    assert (await there.gateway.session(ACCOUNT, came.ref)).state == "paid"
    assert (await there.gateway.session(ACCOUNT, never.ref)).state == "ended"


async def test_an_ended_session_cannot_be_paid_and_a_paid_one_is_not_ended(there: Till) -> None:
    opened = await there.gateway.open_session(ACCOUNT, wish(utc_now()))
    assert opened.url
    assert (await there.gateway.end_session(ACCOUNT, opened.ref)).state == "ended"
    assert (await there.gateway.end_session(ACCOUNT, opened.ref)).state == "ended"
    answer = await there.press(opened.url, **PAID)
    assert "expired" in answer.text
    done = await paid(there)
    assert (await there.gateway.end_session(ACCOUNT, done.ref)).state == "paid"


async def test_time_ends_it_too(there: Till) -> None:
    opened = await there.gateway.open_session(ACCOUNT, wish(utc_now()))
    there.sandbox.forward(timedelta(minutes=46))
    assert (await there.gateway.session(ACCOUNT, opened.ref)).state == "ended"


@pytest.mark.parametrize("lasts", [timedelta(minutes=29), timedelta(hours=24, minutes=1)])
async def test_a_session_lasts_half_an_hour_to_a_day(there: Till, lasts: timedelta) -> None:
    with pytest.raises(Declined):
        await there.gateway.open_session(ACCOUNT, wish(utc_now(), lasts=lasts))


async def test_less_than_three_kroner_cannot_be_paid(there: Till) -> None:
    with pytest.raises(Declined, match="amount_too_small"):
        await there.gateway.open_session(ACCOUNT, wish(utc_now(), 299))


async def test_the_same_key_is_the_same_session_and_another_wish_under_it_says_nothing(there: Till) -> None:
    asked = wish(utc_now())
    first = await there.gateway.open_session(ACCOUNT, asked)
    assert (await there.gateway.open_session(ACCOUNT, asked)).ref == first.ref
    with pytest.raises(Unclear):
        await there.gateway.open_session(ACCOUNT, wish(utc_now(), 1_000, key=asked.key))
    assert (await there.gateway.open_session(OTHER, asked)).ref != first.ref, "keys are each account's own"


async def test_one_municipality_does_not_see_another(there: Till) -> None:
    opened = await there.gateway.open_session(ACCOUNT, wish(utc_now()))
    with pytest.raises(Declined, match="resource_missing"):
        await there.gateway.session(OTHER, opened.ref)
    with pytest.raises(Declined, match="account_invalid"):
        await there.gateway.session("acct_nobody", opened.ref)


async def test_what_is_given_back_never_exceeds_what_was_paid(there: Till) -> None:
    done = await paid(there, 65_500)
    assert done.payment_ref
    refund_id = new_id()

    async def give(amount: int, one: object = refund_id) -> str:
        assert done.payment_ref
        found = await there.gateway.refund(
            ACCOUNT, key=f"{one}:refund", payment_ref=done.payment_ref, amount_ore=amount, refund_id=refund_id
        )
        assert (found.state, found.amount_ore, found.refund_id) == ("done", amount, refund_id)
        return found.ref

    first = await give(40_000)
    assert await give(40_000) == first, "however often"
    there.sandbox.forward(timedelta(hours=25))
    assert await give(40_000) == first, "also when the key is forgotten"
    with pytest.raises(Declined):
        await there.gateway.refund(
            ACCOUNT, key="x:refund", payment_ref=done.payment_ref, amount_ore=25_501, refund_id=new_id()
        )
    captured = await there.gateway.captured(ACCOUNT, done.payment_ref)
    assert [each.amount_ore for each in captured.refunds] == [40_000]


@pytest.mark.parametrize(
    ("card", "before", "after"),
    [(paying.REFUND_PENDS, "sent", "done"), (paying.REFUND_FAILS, "done", "failed")],
)
async def test_refunds_that_take_their_time(there: Till, card: str, before: str, after: str) -> None:
    done = await paid(there, card=card)
    assert done.payment_ref
    given = await there.gateway.refund(
        ACCOUNT, key="y:refund", payment_ref=done.payment_ref, amount_ore=1_000, refund_id=new_id()
    )
    assert given.state == before
    there.sandbox.paying.settle()
    found = await there.gateway.refunded(ACCOUNT, given.ref)
    assert found.state == after
    assert bool(found.error) == (after == "failed")


async def test_what_came_in_between_is_listed_with_what_went_out(there: Till) -> None:
    began = utc_now() - timedelta(minutes=1)
    refs = [(await paid(there, 1_000 + each)).payment_ref for each in range(3)]
    assert refs[0]
    await there.gateway.refund(ACCOUNT, key="z", payment_ref=refs[0], amount_ore=500, refund_id=new_id())
    await there.gateway.open_session(ACCOUNT, wish(utc_now()))
    found = await there.gateway.captured_between(ACCOUNT, began, utc_now() + timedelta(minutes=1))
    assert {each.ref: [r.amount_ore for r in each.refunds] for each in found} == {
        refs[0]: [500],
        refs[1]: [],
        refs[2]: [],
    }
    there.sandbox.forward(timedelta(days=40))
    await there.gateway.refund(ACCOUNT, key="w", payment_ref=refs[0], amount_ore=100, refund_id=new_id())
    later = await there.gateway.captured_between(
        ACCOUNT, began + timedelta(days=39), began + timedelta(days=41)
    )
    assert [(each.ref, len(each.refunds)) for each in later] == [(refs[0], 2)]
    assert not await there.gateway.captured_between(OTHER, began, began + timedelta(days=50))


async def test_a_hundred_and_more_are_listed_page_by_page(there: Till) -> None:
    began = utc_now() - timedelta(minutes=1)
    for _ in range(130):
        form = {"mode": "payment", "success_url": "http://x.test", "line_items": {"0": {"quantity": "1"}}}
        price = {"currency": "nok", "unit_amount": "1000", "product_data": {"name": "Sal"}}
        form["line_items"]["0"]["price_data"] = price  # type: ignore[index]  # a form as it was read
        made = there.sandbox.paying.open_session(ACCOUNT, form)
        there.sandbox.paying.pay(ACCOUNT, made["id"], paying.PAYS)
    found = await there.gateway.captured_between(ACCOUNT, began, utc_now() + timedelta(minutes=1))
    assert len({each.ref for each in found}) == 130


async def test_a_dispute_is_told(there: Till) -> None:
    done = await paid(there, card=paying.DISPUTED)
    assert done.payment_ref
    assert (await there.gateway.captured(ACCOUNT, done.payment_ref)).dispute == "needs_response"


async def test_an_account_is_made_onboarded_and_restricted(there: Till) -> None:
    made = await there.gateway.make_account(key="k:account", name="Sandnes", email="post@sandnes.example")
    assert (made.state, bool(made.wants)) == ("onboarding", True)
    again = await there.gateway.make_account(key="k:account", name="Sandnes", email="post@sandnes.example")
    assert again.ref == made.ref
    with pytest.raises(Declined, match="account_invalid"):
        await there.gateway.open_session(made.ref, wish(utc_now()))
    urls = {"return_url": "http://ledig.test/done", "refresh_url": "http://ledig.test/again"}
    url = await there.gateway.onboarding(made.ref, **urls)
    assert "Sandnes" in (await there.browser.get(url)).text
    assert (await there.press(url, action="done")).headers["location"] == urls["return_url"]
    assert (await there.gateway.account(made.ref)).state == "active"
    assert (await there.browser.get(url)).headers["location"] == urls["refresh_url"], "for one use"
    there.sandbox.connecting.restrict(made.ref)
    found = await there.gateway.account(made.ref)
    assert (found.state, bool(found.wants)) == ("restricted", True)


async def test_no_answer_leaves_nothing_unclear_for_ever(hasty: Till) -> None:
    """Done and not told, slowly done, not done at all: the same call tells in the end, and it is done once."""
    asked = wish(utc_now())
    for faults in (Faults(slow_seconds=2), Faults(hang_up=2), Faults(down=True)):
        hasty.sandbox.faults = faults
        with pytest.raises(Unclear):
            await hasty.gateway.open_session(ACCOUNT, asked)
    hasty.sandbox.faults = Faults()
    opened = await hasty.gateway.open_session(ACCOUNT, asked)
    sessions = list(hasty.sandbox.books.all(ACCOUNT, "checkout.session"))
    assert [each["id"] for each in sessions] == [opened.ref]


async def test_one_connection_that_breaks_is_not_even_felt(there: Till) -> None:
    there.sandbox.faults = Faults(hang_up=1)
    asked = wish(utc_now())
    opened = await there.gateway.open_session(ACCOUNT, asked)
    assert len(list(there.sandbox.books.all(ACCOUNT, "checkout.session"))) == 1
    assert opened.state == "open"


async def test_a_failure_of_theirs_is_unclear_and_so_is_its_echo(there: Till) -> None:
    asked = wish(utc_now())
    there.sandbox.faults = Faults(fail=1)
    for _ in range(2):
        with pytest.raises(Unclear):
            await there.gateway.open_session(ACCOUNT, asked)
    there.sandbox.forward(timedelta(hours=25))
    later = wish(utc_now() + timedelta(hours=25), key=asked.key)
    assert (await there.gateway.open_session(ACCOUNT, later)).state == "open"


async def test_a_refund_whose_answer_was_lost_is_found_again(there: Till) -> None:
    done = await paid(there)
    assert done.payment_ref
    refund_id = new_id()
    there.sandbox.faults = Faults(only="POST /v1/refunds", hang_up=2)
    given = {"key": f"{refund_id}:refund", "payment_ref": done.payment_ref, "amount_ore": 1_000}
    with pytest.raises(Unclear):
        await there.gateway.refund(ACCOUNT, refund_id=refund_id, **given)  # type: ignore[arg-type]  # as above
    found = await there.gateway.refund(ACCOUNT, refund_id=refund_id, **given)  # type: ignore[arg-type]  # as above
    assert found.refund_id == refund_id
    assert len(list(there.sandbox.books.all(ACCOUNT, "refund"))) == 1


async def test_a_wrong_key_says_nothing_about_a_payment(there: Till) -> None:
    wrong = Stripe("sk_test_of_somebody_else", (), there.sandbox.url)
    with pytest.raises(Unclear):
        await wrong.open_session(ACCOUNT, wish(utc_now()))
    await wrong.close()
