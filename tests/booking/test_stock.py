"""The stock of articles as a pure rule: what goes with a booking, how many are left, and what it claims."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from booking.availability import Part
from booking.claims import Board
from booking.models import CORE, PAD, Claim
from booking.stock import Stake, claims_for, most_at_once, refusals, stakes_of, units_of
from core.ids import new_id
from core.spans import Span
from resources.tariffs import ArticleFacts, Ordered, Priceable
from tests.make import OSLO

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
CHAIRS, KEY, GOALS = new_id(), new_id(), new_id()


def span(start: int, minutes: int) -> Span:
    """From so many minutes after noon."""
    begins = NOON + timedelta(minutes=start)
    return Span(begins, begins + timedelta(minutes=minutes))


def article(key: str, unit_id: UUID | None = None, **more: object) -> ArticleFacts:
    return ArticleFacts(id=new_id(), key=key, name={"nb": key}, unit_id=unit_id, price_ore=0, **more)  # type: ignore[arg-type]


def chairs(quantity: int) -> Stake:
    return Stake(article_id=new_id(), key="stoler", name={"nb": "Stoler"}, unit_id=CHAIRS, quantity=quantity)


def board(stock: int, *claims: Claim) -> Board:
    made = Board((), NOON)
    made.stocks = {CHAIRS: stock}
    made.add(claims)
    return made


def taking(quantity: int, when: Span, pad: int = 0) -> list[Claim]:
    return claims_for([chairs(quantity)], new_id(), when, setup_minutes=pad, cleanup_minutes=pad)


def test_what_goes_with_a_booking_is_what_is_ordered_and_what_is_mandatory_where_it_is_offered() -> None:
    known = Priceable(
        articles=(
            article("stoler", CHAIRS),
            article("nokkel", KEY, is_mandatory=True),
            article("vask", is_mandatory=True),
            article("mal", GOALS),
            article("i-fjor", new_id(), is_mandatory=True, valid_until=date(2026, 11, 30)),
        )
    )
    ordered = [Ordered("stoler", 20), Ordered("finnes-ikke", 3), Ordered("i-fjor", 1)]

    stakes = stakes_of(known, ordered, span(0, 60), OSLO)

    assert [(each.key, each.quantity, each.unit_id) for each in stakes] == [
        ("stoler", 20, CHAIRS),
        ("nokkel", 1, KEY),
        ("vask", 1, None),
    ]
    assert units_of(stakes) == {CHAIRS, KEY}
    assert stakes_of(None, ordered, span(0, 60), OSLO) == ()


def test_a_stake_claims_the_time_and_the_padded_time_of_its_stock_alone() -> None:
    booking_id = new_id()
    nothing = Stake(article_id=new_id(), key="vask", name={}, unit_id=None, quantity=1)

    claims = claims_for([chairs(20), nothing], booking_id, span(0, 60), setup_minutes=15, cleanup_minutes=30)

    assert {(each.unit_id, each.booking_id, each.rival_id, each.quantity) for each in claims} == {
        (CHAIRS, booking_id, CHAIRS, 20)
    }
    assert sorted((each.kind, each.starts_at, each.ends_at) for each in claims) == [
        (CORE, *span(0, 60)),
        (PAD, *span(-15, 105)),
    ]


def test_too_few_left_is_refused_by_name_with_how_many_and_when() -> None:
    taken = [*taking(20, span(0, 60)), *taking(25, span(30, 60))]

    (refusal,) = refusals([chairs(30)], board(60, *taken), span(0, 120), setup_minutes=0, cleanup_minutes=0)

    assert refusal.type == "article-taken"
    assert refusal.facts["article"] == "stoler"
    assert refusal.facts["left"] == 15
    assert refusal.facts["conflicts"] == [span(30, 30)]
    assert not refusals([chairs(15)], board(60, *taken), span(0, 120), setup_minutes=0, cleanup_minutes=0)


def test_more_than_there_are_is_refused_for_the_whole_time() -> None:
    (refusal,) = refusals([chairs(61)], board(60), span(0, 60), setup_minutes=10, cleanup_minutes=0)

    assert (refusal.facts["left"], refusal.facts["conflicts"]) == (60, [span(-10, 70)])


def test_a_closed_stock_has_nothing_left() -> None:
    closing = Claim(
        unit_id=CHAIRS,
        booking_id=new_id(),
        rival_id=CHAIRS,
        kind=PAD,
        closing=True,
        quantity=60,
        starts_at=span(0, 60).start,
        ends_at=span(0, 60).end,
    )
    closed = Board([closing], NOON)
    closed.stocks = {CHAIRS: 60}

    (refusal,) = refusals([chairs(1)], closed, span(30, 60), setup_minutes=0, cleanup_minutes=0)

    assert refusal.facts["left"] == 0


Times = st.tuples(st.integers(0, 20), st.integers(1, 10), st.integers(0, 3), st.integers(1, 5))
"""Start, length and padding in tens of minutes, and how many."""


def by_counting(stock: int, others: Sequence[tuple[int, int, int, int]], mine: tuple[int, int, int]) -> int:
    """How many are left, instant by instant: each one's time beside the padded time of all others together."""
    start, length, pad = mine
    left = stock
    for at in range(-5, 40):
        times = sum(n for begin, long, _, n in others if begin <= at < begin + long)
        pads = sum(n for begin, long, p, n in others if begin - p <= at < begin + long + p)
        if start <= at < start + length:
            left = min(left, stock - pads)
        if start - pad <= at < start + length + pad:
            left = min(left, stock - times)
    return max(0, left)


@given(st.lists(Times, max_size=6), Times)
def test_how_many_are_left_is_what_counting_says(
    others: list[tuple[int, int, int, int]], mine: tuple[int, int, int, int]
) -> None:
    start, length, pad, _ = mine
    taken = [
        claim
        for begin, long, padding, number in others
        for claim in taking(number, span(begin * 10, long * 10), padding * 10)
    ]
    left = by_counting(20, others, (start, length, pad))

    def refused(quantity: int) -> bool:
        found = refusals(
            [chairs(quantity)],
            board(20, *taken),
            span(start * 10, length * 10),
            setup_minutes=pad * 10,
            cleanup_minutes=pad * 10,
        )
        assert all(each.facts["left"] == left and each.facts["conflicts"] for each in found)
        return bool(found)

    assert left == 0 or not refused(left)
    assert refused(left + 1)


def test_parts_that_only_meet_outside_are_not_added_up() -> None:
    parts = [Part(span(0, 20), 3), Part(span(20, 20), 4), Part(span(100, 10), 50)]

    assert most_at_once(parts, span(0, 60)) == 4
    assert most_at_once(parts, span(0, 20)) == 3
    assert most_at_once((), span(0, 20)) == 0
