"""Price lists that municipalities have published, line by line: entered as data, and priced as one would by hand."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from core.ids import new_id
from core.spans import Span, local_instant
from core.texts import texts
from resources.price_words import lines_out
from resources.prices import Price, Usage
from resources.tariff_checks import doubts
from resources.tariff_schemas import facts_of, ordinary_of
from resources.tariffs import Ask, Priceable, TariffFacts, price
from tests.make import OSLO
from web.demo_prices import price_lists

FRIDAY, SATURDAY, SUNDAY, TUESDAY = (date(2026, 12, day) for day in (4, 5, 6, 1))
ASCENSION = date(2026, 5, 14)
"""A public holiday on a Thursday."""
LISTED_AT = {"Sandnes": "sandnes", "Sola": "sola", "Nesodden": "time"}
"""Time bears Nesodden's list in the demo."""


def tariff_of(municipality: str, key: str) -> TariffFacts:
    (listed,) = (each for each in price_lists()[municipality].tariffs if each.key == key)
    return TariffFacts(
        id=new_id(),
        key=key,
        ordinary_hours=ordinary_of(listed.ordinary_hours),
        lines=tuple(facts_of(line, f"lines.{place}", new_id()) for place, line in enumerate(listed.lines)),
    )


def clock(day: date, since: float, until: float) -> Span:
    """Between clock times of the day; beyond 24 on the days after."""
    after, rest = divmod(until, 24)
    return Span(
        local_instant(OSLO, day, round(since * 60)),
        local_instant(OSLO, day + timedelta(days=int(after)), round(rest * 60)),
    )


def priced(municipality: str, key: str, group: str, span: Span, usage: Usage = "ordinary") -> Price:
    known = Priceable(tariff=tariff_of(municipality, key), online_open=True)
    return price(known, Ask(span=span, zone=OSLO, customer_group=group, usage=usage))


class Case(NamedTuple):
    """A line of the list, and what it comes to for somebody at some time, in øre, worked out by hand."""

    key: str
    group: str
    ore: int
    span: Span = clock(TUESDAY, 18, 19.5)
    usage: Usage = "ordinary"


TWO_HOURS = clock(TUESDAY, 18, 20)
WEEKEND = clock(SATURDAY, 12, 13.5)
CASES: dict[tuple[str, str, str, str], Case] = {
    # Municipality, what, who, note → how much for an hour and a half where nothing else is said.
    ("Sandnes", "Idrettshall inkl. garderobe", "non-commercial", ""): Case("idrettshall", "resident", 900_00),
    ("Sandnes", "Svømmehall inkl. garderobe ekskl. badevakt", "non-commercial", ""): Case(
        "svommehall", "other", 1200_00
    ),
    ("Sandnes", "Møtelokale", "non-commercial", ""): Case("motelokale", "association", 300_00),
    ("Sandnes", "Friidrettsanlegg inkl. garderobe og utstyr", "non-commercial", ""): Case(
        "friidrett", "resident", 600_00
    ),
    ("Sandnes", "Sandnes stadion hovedbane inkl. garderobe", "non-commercial", ""): Case(
        "hovedbane", "resident", 600_00
    ),
    ("Sandnes", "Hele Sandnes stadion inkl. servicebygg", "non-commercial", ""): Case(
        "hele-stadion", "resident", 1200_00
    ),
    ("Sandnes", "Gressbane inkl. garderobe", "non-commercial", ""): Case("gressbane", "internal", 450_00),
    ("Sandnes", "Kunstgressbane inkl. garderobe", "non-commercial", ""): Case(
        "kunstgressbane", "resident", 450_00
    ),
    ("Sandnes", "Grusbane inkl. garderobe", "non-commercial", ""): Case("grusbane", "resident", 225_00),
    ("Sandnes", "1 tennisbane", "non-commercial", ""): Case("tennisbane", "resident", 150_00),
    ("Sandnes", "Klatrerom", "non-commercial", ""): Case("klatrerom", "resident", 900_00),
    ("Sandnes", "Idrettshall inkl. garderobe", "commercial", ""): Case(
        "idrettshall", "commercial", 2600_00, TWO_HOURS
    ),
    ("Sandnes", "Svømmehall inkl. garderobe ekskl. badevakt", "commercial", ""): Case(
        "svommehall", "commercial", 3400_00, TWO_HOURS
    ),
    ("Sandnes", "Møtelokale", "commercial", ""): Case("motelokale", "commercial", 1300_00, TWO_HOURS),
    ("Sandnes", "Friidrettsanlegg inkl. garderobe og utstyr", "commercial", ""): Case(
        "friidrett", "resident", 3000_00, TWO_HOURS, "commercial"
    ),
    ("Sola", "Idrettshall med garderobe", "all paying", ""): Case("hall-1", "resident", 982_50),
    ("Sola", "Idrettshall med garderobe halv sal", "all paying", ""): Case("halv-hall", "other", 570_00),
    ("Sola", "Gymsal", "all paying", ""): Case("gymsal", "commercial", 322_50),
    ("Sola", "Idrettshall kommersielt arrangement av kommunens idrettslag", "sports club", ""): Case(
        "hall-1", "association", 16_250_00, clock(FRIDAY, 16, 48 + 18), "commercial"
    ),
    ("Sola", "Hall 1 eksternt arrangement", "external", ""): Case(
        "hall-1", "commercial", 32_500_00, clock(SATURDAY, 8, 24 + 18), "arrangement"
    ),
    ("Sola", "Hall 2 eksternt arrangement", "external", ""): Case(
        "hall-2", "other", 8_125_00, clock(TUESDAY, 8, 22), "arrangement"
    ),
    ("Sola", "Fotballbane gress eller kunstgress", "all paying", ""): Case(
        "fotballbane", "resident", 1185_00
    ),
    ("Sola", "Garderobe", "all paying", ""): Case("garderobe", "association", 115_00, WEEKEND),
    # From 22.00 to 23.10 are two started hours.
    ("Sola", "Overtidstillegg utenom ordinær åpningstid", "schools and clubs", ""): Case(
        "gymsal", "association", 1000_00, clock(TUESDAY, 20.5, 23 + 1 / 6)
    ),
    ("Nesodden", "Gymsal eller svømmehall med garderobe", "clubs over 19 years", "weekday"): Case(
        "gymsal", "association", 322_50
    ),
    ("Nesodden", "Gymsal eller svømmehall med garderobe", "others", "weekday"): Case(
        "gymsal", "resident", 645_00
    ),
    ("Nesodden", "Hall med garderobe", "clubs over 19 years", "weekday"): Case("hall", "association", 525_00),
    ("Nesodden", "Hall med garderobe", "others", "weekday"): Case("hall", "commercial", 825_00),
    ("Nesodden", "Hall med garderobe", "children and youth", "weekend"): Case(
        "hall", "children_youth", 525_00, WEEKEND
    ),
    ("Nesodden", "Hall med garderobe", "clubs over 19 years", "weekend"): Case(
        "hall", "association", 787_50, WEEKEND
    ),
    ("Nesodden", "Hall med garderobe", "others", "weekend"): Case("hall", "other", 1245_00, WEEKEND),
}
UNITS = {
    "hour": "hour",
    "weekend": "weekend",
    "day": "day",
    "occasion": "occasion",
    "started hour": "started_hour",
}


def rows() -> list[dict[str, str]]:
    with (Path(__file__).parent / "hire_prices.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def name_of(row: dict[str, str]) -> str:
    return "-".join([row["municipality"], row["resource_type"], row["customer"]])


def test_every_line_of_the_lists_is_tried() -> None:
    names = [(row["municipality"], row["resource_type"], row["customer"], row["note"]) for row in rows()]
    assert len(set(names)) == len(names) == 31
    assert set(names) == set(CASES)


@pytest.mark.parametrize("row", rows(), ids=name_of)
def test_a_line_of_the_list_is_what_one_pays(row: dict[str, str]) -> None:
    case = CASES[row["municipality"], row["resource_type"], row["customer"], row["note"]]

    told = priced(LISTED_AT[row["municipality"]], case.key, case.group, case.span, case.usage)

    assert told.gross_ore == case.ore
    paid = [line for line in told.lines if line.unit_ore]
    assert [(line.unit, line.unit_ore) for line in paid] == [
        (UNITS[row["unit"]], int(row["price_nok"]) * 100)
    ]


@pytest.mark.parametrize("key", ["idrettshall", "svommehall", "friidrett", "gressbane", "klatrerom"])
@pytest.mark.parametrize("group", ["children_youth", "association"])
def test_clubs_of_sandnes_train_free_within_ordinary_hours(key: str, group: str) -> None:
    assert priced("sandnes", key, group, clock(TUESDAY, 18, 22)).gross_ore == 0
    assert priced("sandnes", key, group, clock(SATURDAY, 9, 20)).gross_ore == 0
    # An hour of it lies outside; that hour is paid.
    hour = priced("sandnes", key, "resident", clock(TUESDAY, 21, 22)).gross_ore
    assert priced("sandnes", key, group, clock(TUESDAY, 18, 23)).gross_ore == hour
    assert priced("sandnes", key, group, clock(SUNDAY, 9, 20)).gross_ore == hour
    assert priced("sandnes", key, group, clock(TUESDAY, 18, 19), "arrangement").gross_ore == hour


@pytest.mark.parametrize(
    ("span", "started_hours"),
    [
        (clock(TUESDAY, 15, 22), 0),
        (clock(TUESDAY, 14.5, 22), 1),
        (clock(TUESDAY, 14.5, 22.5), 1),  # half an hour before and half an hour after are one
        (clock(TUESDAY, 14.5, 22.75), 2),
        (clock(SATURDAY, 9, 20), 0),
        (clock(SUNDAY, 9, 20), 1),
        (clock(TUESDAY, 21, 25), 3),
        (clock(ASCENSION, 18, 20), 2),  # a public holiday has no ordinary hours unless they are said
    ],
)
def test_clubs_and_schools_of_sola_pay_overtime_by_the_started_hour(span: Span, started_hours: int) -> None:
    for group in ("children_youth", "association", "internal"):
        told = priced("sola", "hall-1", group, span)
        assert told.gross_ore == started_hours * 500_00
        over = [line for line in told.lines if line.kind == "supplement"]
        assert [line.quantity_milli for line in over] == [started_hours * 1000][: len(over)]
    assert not [
        line for line in priced("sola", "hall-1", "resident", span).lines if line.kind == "supplement"
    ]


def test_a_clubs_event_in_sola_costs_by_the_weekend_and_before_noon_on_friday_by_the_hour() -> None:
    told = priced("sola", "hall-2", "children_youth", clock(FRIDAY, 10, 48 + 12), "commercial")
    assert [(line.unit, line.quantity_milli, line.gross_ore) for line in told.lines] == [
        ("weekend", 1000, 16_250_00),
        ("hour", 2000, 1310_00),
    ]


def test_a_public_holiday_is_as_a_weekend_where_the_list_says_so() -> None:
    span = clock(ASCENSION, 18, 19)
    told = [
        priced("time", "hall", group, span).gross_ore for group in ("children_youth", "association", "other")
    ]
    assert told == [350_00, 525_00, 830_00]
    # The gym's list knows weekdays only: there a holiday is the day of the week that it is.
    assert priced("time", "gymsal", "other", span).gross_ore == 430_00


def test_who_pays_how() -> None:
    def payment(municipality: str, key: str, group: str) -> str:
        return priced(municipality, key, group, clock(TUESDAY, 18, 19)).payment

    assert payment("sandnes", "idrettshall", "resident") == "online"
    assert payment("sandnes", "idrettshall", "commercial") == "invoice"
    assert payment("sandnes", "idrettshall", "internal") == "internal"
    assert payment("sola", "hall-1", "other") == "online"


def test_the_lists_leave_only_such_doubts_as_the_municipality_has_left() -> None:
    told = {
        (municipality, listed.key): [
            (each.kind, each.customer_group, each.times)
            for each in doubts(tariff_of(municipality, listed.key), TUESDAY, OSLO)
        ]
        for municipality, prices in price_lists().items()
        for listed in prices.tariffs
    }
    gym = told.pop(("time", "gymsal"))
    assert {(kind, times) for kind, _, times in gym} == {("uncovered", ((6, 0, 1440), (7, 0, 1440)))}
    assert {kind for doubted in told.values() for kind, _, _ in doubted} == set()


def test_a_line_of_the_demo_is_told_in_three_languages() -> None:
    told = priced("sandnes", "idrettshall", "resident", clock(TUESDAY, 18, 19.5))
    assert [
        (line.text, line.why) for language in ("nb", "nn", "en") for line in lines_out(told, texts(language))
    ][2] == ("Sports hall with changing room", "1.5 hours at NOK 600, exempt from VAT (mval. § 3-11)")
