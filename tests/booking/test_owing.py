"""What is owed for a booking as it is granted, moved and cancelled: never more than its price, never below nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.models import Booking
from booking.owing import SHORTEST, By, grant, granted, hasten, put_price, refund_due, reprice
from resources.prices import FREE, Payment, Price, Priced, price_of, read_price
from resources.tariff_facts import Tier
from resources.tariffs import Priceable

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
ONLINE = Priceable(online_open=True, pay_minutes=45, pay_hours=72)
TIERS = st.lists(
    st.builds(Tier, minutes_before=st.integers(0, 20_000), fee_percent=st.integers(0, 100)), max_size=4
)
GROSS = st.integers(1, 10_000_000)


def cost(gross_ore: int, payment: Payment = "online", *, deposit_ore: int = 0) -> Price:
    def line(kind: str, amount_ore: int) -> Priced:
        return Priced(
            kind=kind,  # type: ignore[arg-type]  # one of them
            key=kind,
            text={"nb": kind},
            unit="occasion",
            quantity_milli=1000,
            unit_ore=amount_ore,
            amount_ore=amount_ore,
            includes_vat=True,
            vat_code="full" if kind == "hire" else "exempt",
        )

    lines = [line("hire", gross_ore - deposit_ore)] + ([line("deposit", deposit_ore)] if deposit_ore else [])
    return price_of(lines, payment=payment, customer_group="resident")


def booking(price: Price, *, state: str = "requested", ahead: timedelta = timedelta(days=10)) -> Booking:
    made = Booking(
        state=state,
        starts_at=NOW + ahead,
        ends_at=NOW + ahead + timedelta(hours=2),
        owed_ore=0,
        paid_ore=0,
        held_until=None,
    )
    put_price(made, price)
    return made


def paid(price: Price, *, paid_ore: int | None = None, ahead: timedelta = timedelta(days=10)) -> Booking:
    made = booking(price, state="confirmed", ahead=ahead)
    made.owed_ore, made.paid_ore = price.gross_ore, price.gross_ore if paid_ore is None else paid_ore
    return made


@pytest.mark.parametrize(
    ("by", "ahead", "until"),
    [
        ("rule", timedelta(days=10), timedelta(minutes=45)),
        ("officer", timedelta(days=10), timedelta(hours=72)),
        ("officer", timedelta(hours=5), timedelta(hours=5)),
        ("rule", timedelta(minutes=31), timedelta(minutes=31)),
    ],
)
def test_what_is_paid_before_waits_until_its_deadline_and_owes_nothing_yet(
    by: By, ahead: timedelta, until: timedelta
) -> None:
    made = booking(cost(60_000), ahead=ahead)
    grant(made, ONLINE, by=by, now=NOW)
    assert (made.state, made.held_until, made.owed_ore) == ("awaiting_payment", NOW + until, 0)


@pytest.mark.parametrize("known", [None, Priceable(online_open=False)])
def test_where_nobody_takes_money_it_comes_on_an_invoice(known: Priceable | None) -> None:
    made = booking(cost(60_000))
    grant(made, known, by="officer", now=NOW)
    assert (made.state, made.payment, made.owed_ore) == ("confirmed", "invoice", 60_000)
    assert read_price(made.price).payment == "invoice"


def test_what_begins_at_once_comes_on_an_invoice() -> None:
    made = booking(cost(60_000), ahead=SHORTEST - timedelta(seconds=1))
    grant(made, ONLINE, by="rule", now=NOW)
    assert (made.state, made.payment, made.owed_ore) == ("confirmed", "invoice", 60_000)


def test_what_is_free_is_had_at_once() -> None:
    made = booking(FREE)
    grant(made, ONLINE, by="rule", now=NOW)
    assert (made.state, made.payment, made.owed_ore, made.price) == ("confirmed", None, 0, {})


@given(gross=GROSS, minutes=st.integers(-1000, 10_000), by=st.sampled_from(["rule", "officer"]))
def test_a_deadline_is_never_after_the_start_nor_too_near(gross: int, minutes: int, by: By) -> None:
    made = booking(cost(gross), ahead=timedelta(minutes=minutes))
    state, until = granted(made, ONLINE, by=by, now=NOW)
    assert (state == "awaiting_payment") == (until is not None)
    if until is not None:
        assert until >= NOW + SHORTEST
        assert until <= made.starts_at


@given(gross=GROSS, minutes=st.integers(-60, 10_000), left=st.integers(1, 5000))
def test_what_waits_and_is_moved_is_never_paid_after_it_begins(gross: int, minutes: int, left: int) -> None:
    made = booking(cost(gross), state="awaiting_payment", ahead=timedelta(minutes=minutes))
    made.held_until = before = NOW + timedelta(minutes=left)
    hasten(made, NOW)
    until = made.held_until
    if until is not None:
        assert made.state == "awaiting_payment"
        assert until <= min(before, made.starts_at)
        assert made.owed_ore == 0
    else:
        assert (made.state, made.payment, made.owed_ore) == ("confirmed", "invoice", gross)


@given(before=GROSS, after=GROSS)
def test_moved_it_owes_its_new_price_and_what_was_paid_stays_paid(before: int, after: int) -> None:
    made = paid(cost(before))
    reprice(made, cost(after))
    assert (made.state, made.owed_ore, made.paid_ore, made.payment) == (
        "confirmed",
        after,
        before,
        "online",
    )


@given(first=GROSS, moves=st.lists(GROSS, max_size=5), reduced=st.integers(0, 100))
def test_what_has_gone_back_is_not_given_back_again(first: int, moves: list[int], reduced: int) -> None:
    made = paid(cost(first))
    there = first  # of the money that came, what has not gone back: documents follow each move
    for gross in moves:
        reprice(made, cost(gross))
        there = min(there, made.owed_ore)
        made.owed_ore = made.owed_ore * reduced // 100  # by an officer
        there = min(there, made.owed_ore)
    refund = refund_due(made, Priceable(online_open=True), waived=True, now=NOW)
    assert refund.amount_ore == there
    assert refund.spared_ore == made.owed_ore - there


@given(
    gross=GROSS,
    deposit=st.integers(0, 100),
    tiers=TIERS,
    minutes=st.integers(-100, 30_000),
    reduced=st.integers(0, 100),
    pays=st.booleans(),
)
def test_cancelled_nothing_is_kept_beyond_what_is_owed_and_nothing_is_lost(
    gross: int, deposit: int, tiers: list[Tier], minutes: int, reduced: int, pays: bool
) -> None:
    price = cost(gross, deposit_ore=gross * deposit // 101)
    made = paid(price, paid_ore=None if pays else 0, ahead=timedelta(minutes=minutes))
    made.owed_ore = gross * reduced // 100
    known = Priceable(online_open=True, tiers=tuple(tiers))
    refund = refund_due(made, known, waived=False, now=NOW)
    assert 0 <= refund.fee_ore <= min(made.owed_ore, price.gross_ore - price.deposit_ore)
    assert refund.amount_ore == (max(0, made.owed_ore - refund.fee_ore) if pays else 0)
    if not pays and refund.fee_ore == 0:
        assert refund.rule == "nothing_paid"


@given(
    gross=GROSS,
    paid_ore=GROSS,
    tiers=TIERS,
    minutes=st.integers(-100, 30_000),
    reduced=st.integers(0, 100),
    waived=st.booleans(),
)
def test_cancelled_every_ore_goes_back_is_kept_is_due_or_is_spared(
    gross: int, paid_ore: int, tiers: list[Tier], minutes: int, reduced: int, waived: bool
) -> None:
    made = paid(cost(gross), paid_ore=paid_ore, ahead=timedelta(minutes=minutes))
    made.owed_ore = gross * reduced // 100
    known = Priceable(online_open=True, tiers=tuple(tiers))
    refund = refund_due(made, known, waived=waived, now=NOW)
    parts = (refund.amount_ore, refund.kept_ore, refund.due_ore, refund.spared_ore)
    assert min(parts) >= 0
    assert sum(parts) == made.owed_ore
    assert refund.amount_ore + refund.kept_ore == min(paid_ore, made.owed_ore), "all of what was paid"
    assert refund.kept_ore + refund.due_ore == refund.fee_ore


@given(gross=GROSS, tiers=TIERS, minutes=st.integers(-100, 30_000))
def test_what_the_municipality_cancels_goes_back_whole(gross: int, tiers: list[Tier], minutes: int) -> None:
    made = paid(cost(gross), ahead=timedelta(minutes=minutes))
    refund = refund_due(made, Priceable(online_open=True, tiers=tuple(tiers)), waived=True, now=NOW)
    assert refund == (0, gross, "waived", 0, 0)


@pytest.mark.parametrize("state", ["held", "requested", "awaiting_payment"])
def test_what_was_never_had_costs_nothing_to_give_up(state: str) -> None:
    made = booking(cost(60_000), state=state)
    known = Priceable(online_open=True, tiers=(Tier(minutes_before=100_000, fee_percent=100),))
    assert refund_due(made, known, waived=False, now=NOW) == (0, 0, "nothing_paid", 0, 0)
