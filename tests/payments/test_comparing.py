"""In what the provider's books and ours differ, without a database: nothing where they agree, each thing where not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.ids import new_id
from payments.comparing import Found, OurPayment, OurRefund, compare, names
from payments.provider import Captured, Refunded, RefundState

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
ORDER = UUID(int=1)


def refund(amount: int, state: RefundState, ref: str | None = None) -> tuple[OurRefund, Refunded]:
    """The same on both sides."""
    ref, id_ = ref or f"re_{new_id().hex}", new_id()
    return (
        OurRefund(id=id_, ref=ref, amount_ore=amount, state=state, created_at=NOW),
        Refunded(ref=ref, state=state, amount_ore=amount, payment_ref="pi_1", refund_id=id_),
    )


def both(amount: int, *refunds: tuple[OurRefund, Refunded]) -> tuple[OurPayment, Captured]:
    back = sum(each.amount_ore for each, _ in refunds if each.state != "failed")
    return (
        OurPayment(
            ref="pi_1",
            order_id=ORDER,
            order_ore=amount,
            amount_ore=amount,
            refunded_ore=back,
            refunds=[each for each, _ in refunds],
        ),
        Captured(
            ref="pi_1",
            amount_ore=amount,
            currency="NOK",
            captured_at=NOW,
            order_id=ORDER,
            refunds=[each for _, each in refunds],
        ),
    )


PARTS = st.lists(
    st.tuples(st.integers(1, 1000), st.sampled_from(["sent", "done", "failed"])), min_size=0, max_size=6
)


@given(PARTS)
def test_books_that_agree_do_not_differ(parts: list[tuple[int, RefundState]]) -> None:
    ours, theirs = both(10_000, *[refund(*part) for part in parts])
    assert compare(ours, theirs, NOW) == []


@given(PARTS, st.integers(1, 5000))
def test_a_refund_that_one_side_does_not_know_is_found(
    parts: list[tuple[int, RefundState]], more: int
) -> None:
    ours, theirs = both(10_000, *[refund(*part) for part in parts])
    mine, yours = refund(more, "done")
    [found] = compare(ours, replace(theirs, refunds=[*theirs.refunds, yours]), NOW)
    assert found == Found(kind="refund_unknown", ref=yours.ref, theirs_ore=more)
    [found] = compare(replace(ours, refunds=[*ours.refunds, mine]), theirs, NOW)
    assert found == Found(kind="refund_missing", ref=yours.ref, ours_ore=more)


def test_a_payment_that_one_side_does_not_know_is_found() -> None:
    ours, theirs = both(500)
    assert compare(None, theirs, NOW) == [Found(kind="payment_unknown", ref="pi_1", theirs_ore=500)]
    assert compare(ours, None, NOW) == [Found(kind="payment_missing", ref="pi_1", ours_ore=500)]


@pytest.mark.parametrize(
    "changes", [{"amount_ore": 501}, {"currency": "SEK"}, {"amount_ore": 1, "currency": "EUR"}]
)
def test_another_amount_or_currency_is_found(changes: dict[str, int | str]) -> None:
    ours, theirs = both(500)
    [found] = compare(ours, replace(theirs, **changes), NOW)
    assert (found.kind, found.ref, found.ours_ore) == ("amount", "pi_1", 500)


def test_a_payment_of_another_amount_than_its_order_is_found_until_it_is_given_back() -> None:
    ours, theirs = both(500)
    assert [each.kind for each in compare(replace(ours, order_ore=600), theirs, NOW)] == ["amount"]
    ours, theirs = both(500, refund(500, "done"))
    assert compare(replace(ours, order_ore=600), theirs, NOW) == []


def test_a_refund_that_is_on_its_way_to_them_has_a_day() -> None:
    ours, theirs = both(500)
    asked = OurRefund(id=new_id(), ref=None, amount_ore=100, state="wanted", created_at=NOW)
    ours = replace(ours, refunds=[asked])
    assert compare(ours, theirs, NOW + timedelta(hours=23)) == []
    [found] = compare(ours, theirs, NOW + timedelta(hours=25))
    assert found == Found(kind="refund_missing", ref=str(asked.id), ours_ore=100)


def test_a_refund_whose_answer_was_lost_is_known_by_our_id() -> None:
    mine, yours = refund(100, "done")
    ours, theirs = both(500, (replace(mine, ref=None, state="wanted"), yours))
    assert compare(ours, theirs, NOW + timedelta(days=2)) == []


def test_what_failed_here_and_was_given_there_is_found() -> None:
    mine, yours = refund(100, "done")
    ours, theirs = both(500, (replace(mine, state="failed"), yours))
    assert [each.kind for each in compare(ours, theirs, NOW)] == ["refund_unknown"]


@pytest.mark.parametrize(
    ("state", "is_found"),
    [("needs_response", True), ("under_review", True), ("lost", True), ("won", False), ("", False)],
)
def test_a_dispute_is_found_until_it_is_won(state: str, is_found: bool) -> None:
    ours, theirs = both(500)
    found = compare(ours, replace(theirs, dispute=state), NOW)
    assert [each.kind for each in found] == (["disputed"] if is_found else [])


def test_everything_found_has_one_of_the_names() -> None:
    ours, theirs = both(500, refund(100, "done"))
    asked = OurRefund(id=new_id(), ref=None, amount_ore=1, state="sent", created_at=NOW)
    unknown = refund(7, "done")[1]
    ours = replace(ours, refunds=[*ours.refunds, asked])
    theirs = replace(theirs, amount_ore=5, dispute="lost", refunds=[*theirs.refunds, unknown])
    found = compare(ours, theirs, NOW)
    assert {each.kind for each in found} == {"amount", "disputed", "refund_missing", "refund_unknown"}
    assert {each.ref for each in found} <= set(names(ours, theirs))
