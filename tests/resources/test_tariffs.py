"""What a tariff comes to: which lines fit, how they are counted, what is added and taken off, on all kinds of days."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.errors import Invalid
from core.spans import Span
from resources.prices import FREE, Usage
from resources.tariffs import Ordered, OrdinaryHours, Priceable, TariffLineFacts
from tests.resources.pricing import (
    AUTUMN,
    SPRING,
    WEEKDAYS,
    article,
    clock,
    cost,
    discount,
    known,
    line,
    told,
)

TUESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (date(2026, 12, day) for day in (1, 3, 4, 5, 6))
ASCENSION = date(2026, 5, 14)
"""A public holiday on a Thursday."""
EVENING = clock(TUESDAY, 18, 20)
MORNING: dict[str, Any] = {"from_minute": 8 * 60, "until_minute": 12 * 60}


def kroner(
    lines: list[TariffLineFacts], span: Span = EVENING, hours: tuple[OrdinaryHours, ...] = (), **asked: Any
) -> float:
    return cost(known(*lines, hours=hours), span, **asked).gross_ore / 100


@pytest.mark.parametrize(
    ("lines", "span", "kroner_due"),
    [
        # The first base line that fits prices each piece of the time.
        ([line(100, weekdays=(1,)), line(200), line(300)], EVENING, 400),
        ([line(100, from_minute=19 * 60), line(200)], EVENING, 300),
        ([line(100, until_minute=19 * 60)], EVENING, 100),
        ([line(100, **MORNING)], clock(TUESDAY, 7, 13), 400),
        # Over midnight each part is of the day that it lies in.
        ([line(100, weekdays=(5,)), line(300, weekdays=(6,))], clock(FRIDAY, 22, 26), 800),
        ([line(100, weekdays=(5, 6), until_minute=60)], clock(FRIDAY, 22, 26), 100),
        # What no line fits is free.
        ([], EVENING, 0),
        ([line(100, weekdays=(1,))], EVENING, 0),
        # Length is of the whole booking, validity of the day on which it starts.
        ([line(100, min_minutes=121), line(200)], EVENING, 400),
        ([line(100, min_minutes=120, max_minutes=120), line(200)], EVENING, 200),
        ([line(100, valid_until=date(2026, 11, 30)), line(200, valid_from=TUESDAY)], EVENING, 400),
        ([line(100, valid_until=FRIDAY)], clock(FRIDAY, 22, 26), 400),
        # Units.
        ([line(90)], clock(TUESDAY, 18, 18 + 50 / 60), 75),
        ([line(90, "started_hour")], clock(TUESDAY, 18, 18 + 61 / 60), 180),
        ([line(90, "started_hour")], clock(TUESDAY, 18, 19), 90),
        ([line(25, "quarter")], clock(TUESDAY, 18, 18 + 16 / 60), 50),
        ([line(500, "day")], clock(FRIDAY, 22, 24), 500),
        ([line(500, "day")], clock(FRIDAY, 22, 50), 1500),
        ([line(115, "occasion")], clock(FRIDAY, 22, 50), 115),
        ([line(900, "weekend")], clock(SATURDAY, 10, 11), 900),
        ([line(900, "weekend")], clock(FRIDAY, 12, 72), 900),
        ([line(900, "weekend")], clock(SATURDAY, 10, 24 * 7 + 12), 1800),
        ([line(900, "weekend"), line(10)], clock(FRIDAY, 11, 14), 910),
        ([line(900, "weekend"), line(10)], clock(THURSDAY, 10, 14), 40),
        ([line(900, "weekend"), line(10)], clock(SUNDAY, 22, 26), 920),
        # Minutes of a line are put together before they are counted: 20 and 20 minutes are one started hour.
        (
            [
                line(100, "started_hour", until_minute=18 * 60 + 20),
                line(1, from_minute=18 * 60 + 20, until_minute=19 * 60),
            ],
            clock(TUESDAY, 18, 19),
            100 + 2 / 3,
        ),
        ([line(100, "started_hour", weekdays=(5, 6))], clock(FRIDAY, 23 + 40 / 60, 24 + 20 / 60), 100),
        # The least that a line comes to, and the most for each local day.
        ([line(100, minimum_ore=300_00)], EVENING, 300),
        ([line(100, minimum_ore=100_00)], EVENING, 200),
        ([line(100, most_ore=150_00)], EVENING, 150),
        ([line(100, most_ore=1000_00)], clock(FRIDAY, 22, 48), 1200),
        ([line(100, most_ore=1000_00)], clock(FRIDAY, 22, 72), 2200),
        ([line(100, "started_hour", most_ore=150_00)], clock(TUESDAY, 18, 18.5), 100),
        # A public holiday goes by 8 where a line that would fit names it, else by its day of the week.
        ([line(100, weekdays=(4,)), line(300, weekdays=(8,))], clock(ASCENSION, 18, 20), 600),
        ([line(100, weekdays=(1, 2, 3, 4, 5)), line(300, weekdays=(6, 7))], clock(ASCENSION, 18, 20), 200),
        ([line(100), line(300, weekdays=(8,))], clock(ASCENSION, 18, 20), 200),
        ([line(300, weekdays=(8,), **MORNING), line(100, weekdays=(4,))], clock(ASCENSION, 18, 20), 200),
        (
            [line(300, weekdays=(8,), customer_groups=("association",)), line(100, weekdays=(4,))],
            clock(ASCENSION, 18, 20),
            200,
        ),
        ([line(300, weekdays=(8,))], EVENING, 0),
        # The nights when the clock is set: real time is paid.
        ([line(100)], clock(AUTUMN, 1, 4), 400),
        ([line(100)], clock(SPRING, 1, 4), 200),
        ([line(100, "day")], clock(AUTUMN, 0, 24), 100),
        ([line(100, from_minute=120, until_minute=180)], clock(AUTUMN, 1, 4), 200),
        ([line(100, from_minute=120, until_minute=180)], clock(SPRING, 1, 4), 0),
        ([line(100, min_minutes=180)], clock(SPRING, 1, 4), 0),
        ([line(100, most_ore=1000_00)], clock(AUTUMN, 0, 24), 1000),
    ],
)
def test_a_booking_costs(lines: list[TariffLineFacts], span: Span, kroner_due: float) -> None:
    assert kroner(lines, span) == pytest.approx(
        kroner_due, abs=0.005
    )  # øre are whole, a third of a krone is not


@pytest.mark.parametrize(
    ("span", "within", "outside"),
    [
        (clock(TUESDAY, 18, 20), 2, 0),
        (clock(TUESDAY, 21, 24), 1, 2),
        (clock(TUESDAY, 7, 9), 1, 1),
        (clock(FRIDAY, 20, 26), 2, 4),
        (clock(SATURDAY, 12, 14), 0, 2),
        (clock(ASCENSION, 12, 14), 0, 2),
    ],
)
def test_ordinary_hours_and_those_outside(span: Span, within: int, outside: int) -> None:
    assert kroner([line(1, hours="ordinary")], span, hours=WEEKDAYS) == within
    assert kroner([line(1, hours="outside")], span, hours=WEEKDAYS) == outside
    # Where none are said, all are ordinary.
    assert kroner([line(1, hours="ordinary")], span) == within + outside
    assert kroner([line(1, hours="outside")], span) == 0


def test_a_public_holiday_has_the_ordinary_hours_that_are_said_of_it() -> None:
    hours = (*WEEKDAYS, OrdinaryHours(weekday=8, from_minute=10 * 60, until_minute=14 * 60))
    assert kroner([line(1, hours="ordinary")], clock(ASCENSION, 12, 16), hours=hours) == 2


def test_who_books_and_what_for_decides_which_lines_fit() -> None:
    lines = [
        line(0, customer_groups=("association",), usages=("ordinary",)),
        line(1300, customer_groups=("commercial",)),
        line(1300, usages=("commercial",)),
        line(600),
    ]
    usages: tuple[Usage, ...] = ("ordinary", "commercial")
    due = {
        (group, usage): kroner(lines, group=group, usage=usage)
        for group in ("association", "commercial", "other")
        for usage in usages
    }
    assert due == {
        ("association", "ordinary"): 0,
        ("association", "commercial"): 2600,
        ("commercial", "ordinary"): 2600,
        ("commercial", "commercial"): 2600,
        ("other", "ordinary"): 1200,
        ("other", "commercial"): 2600,
    }


def test_supplements_are_all_added_and_discounts_taken_off_both() -> None:
    lines = [
        line(600),
        line(500, "started_hour", kind="supplement", hours="outside"),
        line(50, "occasion", kind="supplement"),
        discount(10),
        discount(50, customer_groups=("association",)),
    ]
    found = cost(known(*lines, hours=WEEKDAYS), clock(TUESDAY, 21, 22.5))
    assert told(found) == [
        ("hire", 900_00),
        ("supplement", 500_00),
        ("supplement", 50_00),
        ("discount", -145_00),
    ]
    assert found.gross_ore == 1305_00


def test_a_discount_for_some_hours_holds_for_what_lies_in_them_whole() -> None:
    lines = [line(100), discount(50, from_minute=8 * 60, until_minute=16 * 60)]
    assert kroner(lines, clock(TUESDAY, 10, 12)) == 100
    assert kroner(lines, clock(TUESDAY, 14, 18)) == 400


def test_discounts_never_take_more_than_there_is() -> None:
    assert kroner([line(100), discount(80), discount(80)]) == 0
    assert kroner([line(0), discount(80)]) == 0


def test_a_discount_takes_its_vat_along() -> None:
    exempt: dict[str, Any] = {"vat_code": "exempt", "vat_reason": "§ 3-11"}
    lines = [
        line(100, "occasion", **exempt),
        line(200, "occasion", kind="supplement", vat_code="full"),
        line(80, "occasion", kind="supplement", vat_code="full", includes_vat=False),
        discount(25),
    ]
    found = cost(known(*lines), EVENING)
    assert [(each.vat_code, each.includes_vat, each.amount_ore) for each in found.lines[3:]] == [
        ("exempt", True, -25_00),
        ("full", True, -50_00),
        ("full", False, -20_00),
    ]
    # 75 exempt; 150 with 30 of VAT in it; 60 and 15 of VAT on top.
    assert (found.net_ore, found.vat_ore, found.gross_ore) == (255_00, 45_00, 300_00)


def test_places_of_a_pool_are_paid_each_unless_said_otherwise() -> None:
    lines = [
        line(100, minimum_ore=250_00),
        line(30, "occasion", kind="supplement", per_place=False),
    ]
    found = cost(known(*lines), EVENING, quantity=3)
    assert told(found) == [("hire", 600_00), ("minimum", 150_00), ("supplement", 30_00)]
    assert [each.times for each in found.lines] == [3, 3, 1]


def test_the_first_line_says_how_it_is_paid() -> None:
    lines = [line(0, payment="internal", customer_groups=("internal",)), line(100, payment="online")]
    assert cost(known(*lines, online_open=True), EVENING).payment == "online"
    assert cost(known(*lines), EVENING).payment == "invoice", "nobody can take the money"
    assert cost(known(*lines, online_open=True), EVENING, group="internal").payment == "internal"
    later = known(line(100, from_minute=19 * 60, payment="online"), line(50), online_open=True)
    assert cost(later, EVENING).payment == "online", "by position, not by time"


def test_without_a_tariff_it_is_free() -> None:
    found = cost(Priceable(), EVENING)
    assert (found.lines, found.gross_ore) == (FREE.lines, 0)


def test_no_price_is_worked_out_for_what_is_beyond_all_measure() -> None:
    with pytest.raises(Invalid) as refused:
        cost(known(line(1)), Span(EVENING.start, EVENING.start + timedelta(days=401)))
    assert refused.value.facts["field"] == "end"


# --- articles

CHAIRS = article("chairs", 10, max_quantity=100, vat_code="full")
SOUND = article("sound", 200, unit="started_hour", max_quantity=2)
CLEANING = article("cleaning", 800, unit="occasion", is_mandatory=True, customer_groups=("other",))
KEY = article("key", 500, kind="deposit", unit="occasion")
OFFERED = Priceable(articles=(CHAIRS, CLEANING, KEY, SOUND))


def test_articles_are_counted_by_their_unit_and_deposits_come_last() -> None:
    wanted = (Ordered("key"), Ordered("chairs", 30), Ordered("sound", 2))
    found = cost(OFFERED, clock(TUESDAY, 18, 20.25), articles=wanted)
    assert [(each.key, each.kind, each.gross_ore) for each in found.lines] == [
        ("chairs", "article", 300_00),
        ("sound", "article", 2 * 3 * 200_00),
        ("cleaning", "article", 800_00),
        ("key", "deposit", 500_00),
    ]
    assert found.deposit_ore == 500_00
    assert found.vat_ore == 60_00, "of the chairs alone"


def test_what_goes_with_every_booking_is_added_once_and_some_get_it_free() -> None:
    assert [(each.key, each.gross_ore) for each in cost(OFFERED, EVENING).lines] == [("cleaning", 800_00)]
    twice = cost(OFFERED, EVENING, articles=(Ordered("cleaning"),))
    assert twice == cost(OFFERED, EVENING)
    (free,) = cost(OFFERED, EVENING, group="association").lines
    assert (free.key, free.gross_ore, free.unit_ore) == ("cleaning", 0, 0)


@pytest.mark.parametrize(
    ("wanted", "field", "expected"),
    [
        ((Ordered("goals"),), "articles.0.article", ["chairs", "cleaning", "key", "sound"]),
        ((Ordered("chairs", 5), Ordered("chairs", 5)), "articles.1.article", None),
        ((Ordered("chairs", 101),), "articles.0.quantity", None),
        ((Ordered("chairs"), Ordered("sound", 0)), "articles.1.quantity", None),
        ((Ordered("key", 2),), "articles.0.quantity", None),
    ],
)
def test_an_article_that_cannot_be_had_is_named(
    wanted: tuple[Ordered, ...], field: str, expected: list[str] | None
) -> None:
    with pytest.raises(Invalid) as refused:
        cost(OFFERED, EVENING, articles=wanted)
    assert refused.value.facts["field"] == field
    assert expected is None or refused.value.facts["expected"] == expected
    assert "%" not in refused.value.expected()


def test_an_article_holds_for_what_begins_while_it_is_offered() -> None:
    old = Priceable(articles=(article("mat", 1, valid_until=date(2026, 11, 30), is_mandatory=True),))
    assert cost(old, EVENING).lines == ()
    with pytest.raises(Invalid):
        cost(old, EVENING, articles=(Ordered("mat"),))
