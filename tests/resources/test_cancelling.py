"""What is kept of the price of a cancelled booking: a table of tiers and times."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.texts import texts
from resources.cancelling import Fee, fee
from resources.price_words import fee_text
from resources.tariffs import Ordered, Priceable, Tier
from tests.resources.pricing import article, clock, cost, known, line

START = datetime(2026, 12, 1, 17, tzinfo=UTC)
SPAN = clock(START.date(), 18, 19)
PRICE = cost(known(line(655)), SPAN)
DAY = 24 * 60
TIERS = [(7 * DAY, 0), (DAY, 50), (0, 100)]


def tiers(*pairs: tuple[int, int]) -> list[Tier]:
    return [Tier(minutes_before=before, fee_percent=percent) for before, percent in pairs]


@pytest.mark.parametrize(
    ("pairs", "minutes_left", "fee_ore", "rule", "text"),
    [
        (TIERS, 8 * DAY, 0, "tier", "At least 7 days before the start: nothing is kept of the price."),
        (TIERS, 7 * DAY, 0, "tier", "At least 7 days before the start: nothing is kept of the price."),
        (TIERS, 7 * DAY - 1, 327_50, "tier", "At least 1 day before the start: 50 % of the price is kept."),
        (TIERS, DAY, 327_50, "tier", "At least 1 day before the start: 50 % of the price is kept."),
        (TIERS, DAY - 1, 655_00, "tier", "Until the start: the whole price is kept."),
        (TIERS[::-1], DAY, 327_50, "tier", "At least 1 day before the start: 50 % of the price is kept."),
        (TIERS, 0, 655_00, "started", "It has begun: the whole price is kept."),
        (TIERS, -60, 655_00, "started", "It has begun: the whole price is kept."),
        ([(DAY, 0)], DAY - 1, 655_00, "late", "Less than 1 day before the start: the whole price is kept."),
        ([], 1, 0, "no_tiers", "Nothing is kept of the price."),
        ([], 0, 655_00, "started", "It has begun: the whole price is kept."),
        ([(0, 33)], 5, 216_15, "tier", "Until the start: 33 % of the price is kept."),
    ],
)
def test_the_fee(pairs: list[tuple[int, int]], minutes_left: int, fee_ore: int, rule: str, text: str) -> None:
    found = fee(PRICE, tiers(*pairs), starts_at=START, now=START - timedelta(minutes=minutes_left))
    assert (found.fee_ore, found.rule) == (fee_ore, rule)
    assert fee_text(found, texts("en")) == text


def test_a_deposit_is_always_given_back() -> None:
    offered = Priceable(articles=(article("key", 500, kind="deposit"), article("chairs", 100)))
    price = cost(offered, SPAN, articles=(Ordered("key"), Ordered("chairs")))
    assert price.gross_ore == 600_00
    assert fee(price, tiers((0, 100)), starts_at=START, now=START) == Fee(
        fee_ore=100_00, percent=100, rule="started"
    )


@given(
    st.dictionaries(st.integers(0, 20 * DAY), st.integers(0, 100), max_size=6),
    st.integers(-DAY, 30 * DAY),
    st.integers(0, 10**7),
)
def test_what_is_kept_is_part_of_the_price(found: dict[int, int], minutes_left: int, ore: int) -> None:
    price = cost(known(line(ore, "occasion")), SPAN)
    now = START - timedelta(minutes=minutes_left)
    kept = fee(price, tiers(*found.items()), starts_at=START, now=now)
    assert 0 <= kept.fee_ore <= price.gross_ore
    assert kept.fee_ore * 100 <= price.gross_ore * kept.percent < kept.fee_ore * 100 + 100
