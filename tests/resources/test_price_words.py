"""A price is told in words: what each line is, how much of it, with which VAT; and what a tariff line holds for."""

from datetime import date
from typing import Any

import msgspec
import pytest

from core.texts import texts
from resources.price_words import lines_out, price_out, tiers_text, when_text
from resources.tariffs import Ordered, Priceable, TariffLineFacts, Tier
from tests.resources.pricing import WEEKDAYS, article, clock, cost, discount, known, line

TUESDAY = date(2026, 12, 1)
EN = texts("en")


@pytest.mark.parametrize(
    ("of", "hours", "why"),
    [
        (
            line(600, vat_code="exempt", vat_reason="mval. § 3-11"),
            1.5,
            "1.5 hours at NOK 600, exempt from VAT (mval. § 3-11)",
        ),
        (line(600, vat_code="exempt"), 1, "1 hour at NOK 600, exempt from VAT"),
        (line(600, vat_code="full"), 2.25, "2.25 hours at NOK 600, 25 % VAT included"),
        (line(600, vat_code="low", includes_vat=False), 2, "2 hours at NOK 600, and 12 % VAT on top"),
        (line(600), 4 / 3, "1 hour 20 minutes at NOK 600 an hour, 0 % VAT"),
        (line(500, "started_hour"), 1.5, "2 started hours at NOK 500, 0 % VAT"),
        (line(500, "started_hour"), 1, "1 started hour at NOK 500, 0 % VAT"),
        (line(25, "quarter"), 0.5, "2 started quarters of an hour at NOK 25, 0 % VAT"),
        (line(900, "day"), 3, "1 day at NOK 900, 0 % VAT"),
        (line(115, "occasion"), 3, "one price for the whole booking, NOK 115, 0 % VAT"),
        (line(0), 3, "free of charge"),
    ],
)
def test_a_line_says_how_it_comes_about(of: TariffLineFacts, hours: float, why: str) -> None:
    (told,) = lines_out(cost(known(of), clock(TUESDAY, 12, 12 + hours)), EN)
    assert told.why == why


def test_what_is_evened_out_and_taken_off_is_told() -> None:
    lines = [line(100, minimum_ore=350_50), discount(10)]
    whys = [each.why for each in lines_out(cost(known(*lines), clock(TUESDAY, 12, 14), quantity=2), EN)]
    assert whys == [
        "2 places, for each 2 hours at NOK 100, 0 % VAT",
        "2 places, for each up to the least price, NOK 350.50, 0 % VAT",
        "10 % off the hire, 0 % VAT",
    ]
    ceiling = lines_out(cost(known(line(100, most_ore=150_00)), clock(TUESDAY, 12, 14)), EN)
    assert ceiling[1].why == "down to the highest price for a day, NOK 150, 0 % VAT"


def test_articles_are_told() -> None:
    offered = Priceable(
        articles=(
            article("chairs", 10, max_quantity=50, vat_code="full"),
            article("sound", 200, unit="started_hour", max_quantity=2),
        )
    )
    found = cost(offered, clock(TUESDAY, 12, 14), articles=(Ordered("chairs", 30), Ordered("sound", 2)))
    assert [(each.text, each.why) for each in lines_out(found, EN)] == [
        ("Chairs", "30 pieces at NOK 10, 25 % VAT included"),
        ("Sound", "2 pieces, for each 2 started hours at NOK 200, 0 % VAT"),
    ]


def test_a_price_goes_over_the_wire() -> None:
    found = cost(known(line(655, vat_code="full"), online_open=True), clock(TUESDAY, 12, 13.5))
    told = msgspec.to_builtins(price_out(found, EN))
    assert told["gross"] == {"amount": 98_250, "currency": "NOK"}
    assert told["vat"] == {"amount": 19_650, "currency": "NOK"}
    assert {name: told["lines"][0][name] for name in ("quantity", "vat_rate", "unit_price", "kind")} == {
        "quantity": "1.5",
        "vat_rate": "25",
        "unit_price": {"amount": 65_500, "currency": "NOK"},
        "kind": "hire",
    }


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "all bookings"),
        ({"weekdays": (1, 2, 3, 4, 5)}, "Monday–Friday"),
        ({"weekdays": (6, 7, 8)}, "Saturday and Sunday, public holidays"),
        ({"weekdays": (8,)}, "public holidays"),
        (
            {
                "customer_groups": ("association",),
                "from_minute": 960,
                "until_minute": 1320,
                "hours": "outside",
            },
            "16:00–22:00, Association, outside ordinary hours",
        ),
        ({"usages": ("arrangement", "commercial")}, "an event, an event that earns money"),
        ({"valid_from": date(2027, 1, 1)}, "from Friday 1 January 2027"),
    ],
)
def test_a_line_says_what_it_holds_for(columns: dict[str, Any], words: str) -> None:
    assert when_text(line(1, **columns), EN) == words


def test_texts_are_in_the_readers_language_or_in_one_there_is() -> None:
    of = msgspec.structs.replace(line(1), text={"nb": "Sal", "en": "Hall"})
    found = cost(known(of, hours=WEEKDAYS), clock(TUESDAY, 12, 13))
    assert [lines_out(found, texts(each))[0].text for each in ("nb", "nn", "en")] == ["Sal", "Sal", "Hall"]


def test_decimals_are_written_as_the_reader_writes_them() -> None:
    found = cost(known(line(600)), clock(TUESDAY, 12, 13.5))
    assert "1,5 " in lines_out(found, texts("nb"))[0].why
    assert "1.5 " in lines_out(found, EN)[0].why


def test_tiers_that_leave_the_last_hours_unsaid_say_what_then() -> None:
    told = tiers_text([Tier(minutes_before=60, fee_percent=0), Tier(minutes_before=1440, fee_percent=0)], EN)
    assert told == [
        "At least 1 day before the start: nothing is kept of the price.",
        "At least 1 hour before the start: nothing is kept of the price.",
        "Less than 1 hour before the start: the whole price is kept.",
    ]
    assert tiers_text([], EN) == []
