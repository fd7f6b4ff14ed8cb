"""Until when a decision can be appealed, and what a question does to the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from booking.deadlines import appeal_until, resumed


@pytest.mark.parametrize(
    ("told_on", "until"),
    [
        (date(2026, 11, 24), date(2026, 12, 15)),  # an ordinary Tuesday
        (date(2026, 11, 28), date(2026, 12, 21)),  # ends on a Saturday: Monday
        (date(2026, 11, 29), date(2026, 12, 21)),  # on a Sunday
        (date(2027, 4, 26), date(2027, 5, 18)),  # on 17 May, which is also the Monday of Whitsun that year
        (date(2028, 4, 26), date(2028, 5, 18)),  # on Wednesday 17 May
        (date(2026, 4, 10), date(2026, 5, 4)),  # on 1 May, a Friday: over the weekend
        (date(2026, 3, 12), date(2026, 4, 7)),  # Maundy Thursday: past all of Easter
        (date(2026, 3, 16), date(2026, 4, 7)),  # Easter Monday
        (date(2026, 4, 23), date(2026, 5, 15)),  # Ascension Day
        (date(2026, 12, 4), date(2026, 12, 28)),  # 25 December, then St Stephen's Day and Sunday
        (date(2026, 12, 3), date(2026, 12, 24)),  # Christmas Eve is no public holiday
        (date(2026, 12, 11), date(2027, 1, 4)),  # New Year's Day, a Friday
    ],
    ids=str,
)
def test_the_last_day_to_appeal(told_on: date, until: date) -> None:
    assert appeal_until(told_on) == until
    assert until.isoweekday() <= 5


def test_the_time_it_waited_for_her_is_added() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    answer_by = noon + timedelta(days=10)

    assert resumed(answer_by, noon, noon + timedelta(days=3, hours=2)) == answer_by + timedelta(
        days=3, hours=2
    )
    assert resumed(answer_by, noon, noon) == answer_by
    assert resumed(None, noon, noon + timedelta(days=3)) is None
