"""Which days are holidays."""

from datetime import date

from resources.holidays import days_of, public_holidays, public_holidays_between


def test_the_public_holidays_of_norway_2026() -> None:
    assert sorted(public_holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 2),
        date(2026, 4, 3),
        date(2026, 4, 5),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 14),
        date(2026, 5, 17),
        date(2026, 5, 24),
        date(2026, 5, 25),
        date(2026, 12, 25),
        date(2026, 12, 26),
    ]


def test_between_two_days_both_count_also_over_new_year() -> None:
    assert public_holidays_between(date(2026, 12, 26), date(2027, 1, 1)) == {
        date(2026, 12, 26),
        date(2027, 1, 1),
    }
    assert public_holidays_between(date(2026, 12, 27), date(2026, 12, 31)) == frozenset()


def test_a_period_has_both_its_days_and_is_cut_by_the_window() -> None:
    autumn = (date(2026, 10, 5), date(2026, 10, 9))
    assert len(days_of([autumn], date(2026, 1, 1), date(2026, 12, 31))) == 5
    assert days_of([autumn], date(2026, 10, 9), date(2026, 12, 31)) == {date(2026, 10, 9)}
    assert days_of([autumn], date(2026, 10, 10), date(2026, 12, 31)) == frozenset()
    assert days_of([(date(1, 1, 1), date(9999, 12, 31))], date(2026, 1, 1), date(2026, 1, 2)) == {
        date(2026, 1, 1),
        date(2026, 1, 2),
    }
