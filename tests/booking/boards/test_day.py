"""When the caretaker must be there, and when not."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from booking.boards.day import SHORTEST_GAP, gaps, there
from core.spans import Span
from tests.booking.worlds import spans_near
from tests.make import at

DAY = date(2026, 11, 24)


def test_from_the_first_set_up_to_the_last_clean_up() -> None:
    spans = [at(DAY, 18, 2), at(DAY, 10, 1), at(DAY, 17, 2)]
    assert there(spans) == Span(at(DAY, 10).start, at(DAY, 20).start)
    assert there([]) is None


def test_a_gap_is_half_an_hour_or_longer() -> None:
    assert gaps([at(DAY, 10, 1), at(DAY, 11.25, 1), at(DAY, 13, 1)]) == [
        Span(at(DAY, 12.25).start, at(DAY, 13).start)
    ]


@given(st.lists(spans_near(DAY), max_size=6))
def test_nobody_is_there_in_a_gap(spans: list[Span]) -> None:
    for gap in gaps(spans):
        assert gap.length >= SHORTEST_GAP
        assert not any(span.meets(gap) for span in spans)
