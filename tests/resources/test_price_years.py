"""Which prices of a tariff become which."""

from datetime import date

from core.texts import texts
from resources.price_years import compare
from tests.resources.pricing import line

NOW, NEXT = date(2026, 12, 1), date(2027, 1, 1)
LAST = date(2026, 12, 31)


def test_a_price_that_is_renewed_is_one_row() -> None:
    lines = [
        line(600, valid_until=LAST),
        line(621, valid_from=NEXT),
        line(50, "day"),
        line(70, "day", valid_from=NEXT),
    ]

    rows = compare(lines, NOW, NEXT, texts("en"))

    assert [(row.before, row.after) for row in rows] == [
        ("NOK 600 an hour", "NOK 621 an hour"),
        ("NOK 50 a day", "NOK 50 a day"),
    ]


def test_what_ends_and_what_begins_stand_alone() -> None:
    lines = [line(600, valid_until=LAST), line(9, "day", valid_from=NEXT)]

    rows = compare(lines, NOW, NEXT, texts("en"))

    assert [(row.before, row.after) for row in rows] == [("NOK 600 an hour", ""), ("", "NOK 9 a day")]
