"""The least that hire costs, in a line."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.ids import new_id
from core.texts import texts
from resources.price_from import least, least_text, whole_text
from resources.prices import FREE
from resources.tariffs import TariffFacts, TariffLineFacts

OSLO = ZoneInfo("Europe/Oslo")
MONDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 29)


def line(unit: Any, ore: int = 0, **more: Any) -> TariffLineFacts:
    return TariffLineFacts(id=new_id(), text={"nb": "Leie"}, unit=unit, price_ore=ore, **more)


HOUR = line("hour", 60_000)
CLUBS = line("hour", 0, customer_groups=("association",), hours="ordinary")
OFF = line("percent", kind="discount", percent=2500, customer_groups=("association",))


@pytest.mark.parametrize(
    ("lines", "group", "told"),
    [
        ((), "resident", []),
        ((HOUR,), "resident", [("hour", 60_000)]),
        ((line("hour", 60_000, includes_vat=False, vat_code="full"),), "resident", [("hour", 75_000)]),
        ((line("quarter", 15_000), HOUR), "resident", [("quarter", 15_000)]),
        ((line("weekend", 300_000), HOUR), "resident", [("weekend", 300_000), ("hour", 60_000)]),
        ((line("day", 200_000, min_minutes=480), HOUR), "resident", [("day", 200_000), ("hour", 60_000)]),
        ((line("hour", 90_000, weekdays=(6, 7)), HOUR), "resident", [("hour", 60_000)]),
        ((HOUR, line("hour", 1_000)), "resident", [("hour", 60_000)]),
        ((line("hour", 60_000, minimum_ore=120_000, most_ore=10_000),), "resident", [("hour", 60_000)]),
        ((HOUR, OFF), "association", [("hour", 45_000)]),
        ((HOUR, OFF), "resident", [("hour", 60_000)]),
        ((HOUR, line("hour", 50_000, kind="supplement")), "resident", [("hour", 60_000)]),
        ((CLUBS, HOUR), "association", [("hour", 0)]),
        ((line("occasion", 5_000, usages=("arrangement",)), HOUR), "resident", [("hour", 60_000)]),
        ((line("hour", 1_000, valid_until=date(2026, 11, 22)), HOUR), "resident", [("hour", 60_000)]),
        ((line("hour", 1_000, valid_until=date(2026, 11, 23)), HOUR), "resident", [("hour", 1_000)]),
        ((line("hour", 1_000, valid_from=date(2026, 11, 30)), HOUR), "resident", [("hour", 60_000)]),
    ],
)
def test_the_least_of_each_unit_that_the_group_may_meet(
    lines: tuple[TariffLineFacts, ...], group: str, told: list[tuple[str, int]]
) -> None:
    tariff = TariffFacts(id=new_id(), lines=lines)
    found = least(tariff, zone=OSLO, group=group, first_on=MONDAY, last_on=SUNDAY)
    assert [(each.unit, each.ore) for each in found] == told


def test_it_is_told_in_words() -> None:
    def told(*lines: TariffLineFacts) -> str:
        tariff = TariffFacts(id=new_id(), lines=lines)
        rates = least(tariff, zone=OSLO, group="association", first_on=MONDAY, last_on=SUNDAY)
        return least_text(rates, texts("en"))

    assert told() == told(line("hour", 0)) == "free"
    assert told(HOUR) == "from NOK 600 an hour"
    assert told(line("weekend", 300_000), HOUR) == "from NOK 3,000 a weekend, from NOK 600 an hour"
    assert told(line("occasion", hours="ordinary"), HOUR) == "free at some times, else from NOK 600 an hour"
    assert whole_text(FREE, texts("en")) == "free"
