"""A price list in a CSV file: what its lines say, and every fault with its line and column."""

from datetime import date

import pytest

from core.money import VatCode
from core.texts import texts
from resources.price_file import COLUMNS, read_price_file
from resources.tariff_schemas import MoneyIn, ShortTranslated, TariffLineIn

EN = texts("en")
HEAD = "text_nb;unit;price;vat_code"


def faults(text: str) -> list[tuple[int, str]]:
    return [(each.line, each.field) for each in read_price_file(text, EN)[1]]


def test_a_line_says_what_the_form_says() -> None:
    head = ";".join(COLUMNS)
    cells = (
        "base", "Hall", "Hall", "Hall", "association | other", "ordinary", "mon-fri|holiday", "16:00", "24:00",
        "ordinary", "60", "180", "started_hour", "600,50", "", "1200", "3000", "false", "true", "exempt",
        "mval. § 3-11", "online", "2026-01-01", "2026-12-31",
    )  # fmt: skip
    found, wrong = read_price_file(f"{head}\r\n\r\n{';'.join(cells)}\r\n", EN)

    assert wrong == []
    vat: VatCode = "exempt"
    assert [(each.number, each.line) for each in found] == [
        (
            3,
            TariffLineIn(
                text=ShortTranslated(nb="Hall", nn="Hall", en="Hall"),
                customer_groups=["association", "other"],
                usages=["ordinary"],
                weekdays=[1, 2, 3, 4, 5, 8],
                from_time="16:00",
                until_time="24:00",
                hours="ordinary",
                min_minutes=60,
                max_minutes=180,
                unit="started_hour",
                price=MoneyIn(amount=60_050),
                minimum=MoneyIn(amount=120_000),
                most=MoneyIn(amount=300_000),
                per_place=False,
                vat_code=vat,
                vat_reason="mval. § 3-11",
                payment="online",
                valid_from=date(2026, 1, 1),
                valid_until=date(2026, 12, 31),
            ),
        )
    ]


def test_what_is_left_out_fits_all_and_commas_do_as_well() -> None:
    (first, second), wrong = read_price_file(
        'text_nb,kind,unit,price,vat_code,percent\nHall,,hour,"600,50",full\nRabatt,discount,,,,25\n', EN
    )

    assert wrong == []
    assert first.line == TariffLineIn(
        text=ShortTranslated(nb="Hall"), unit="hour", price=MoneyIn(amount=60_050), vat_code="full"
    )
    assert (second.number, second.line.kind, second.line.percent) == (3, "discount", 2500)


def test_every_fault_is_told_with_its_line_and_column() -> None:
    head = "kind;text_nb;unit;price;vat_code;weekdays;groups;from;per_place;min_minutes;valid_from;percent"
    text = "\n".join(
        [
            head,
            "base;Hall;hour;600;full",
            "basis;Hall;timer;seks;mva;man-fre;alle;8;ja;en;2026-02-30",
            "base;;hour;600;full",
            "base;Hall;hour;;full;;;;;;;10",
            "discount;Rabatt;hour;5;full",
            "base;Hall;hour;600;exempt",
            ";".join(["x"] * 13),
        ]
    )
    found, wrong = read_price_file(text, EN)

    assert [each.number for each in found] == [2]
    told: dict[int, set[str]] = {}
    for each in wrong:
        told.setdefault(each.line, set()).add(each.field)
    assert told == {
        3: {"kind", "unit", "price", "vat_code", "weekdays", "groups", "from", "per_place", "min_minutes",
            "valid_from"},
        4: {"text_nb"},
        5: {"price", "percent"},
        6: {"unit", "price", "vat_code", "percent"},
        7: {"vat_reason"},
        8: {"row"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "row")]),
        (f"{HEAD}\n", [(1, "row")]),
        ("text_nb;pris;price;price\nHall;1;2;3", [(1, "pris"), (1, "price")]),
        (f"{HEAD};until;from\nHall;hour;1;full;08:00;16:00", [(2, "until")]),
        (f"{HEAD};until\nHall;hour;1;full;25:00", [(2, "until")]),
        (f"{HEAD}\nHall;hour;{'9' * 30};full", [(2, "price")]),
        (f'{HEAD}\n"Hall\nog sal";hour;1;full\nHall;hour;x;full', [(4, "price")]),
        (f"{HEAD}\n{'x' * 201};hour;1;full", [(2, "text_nb")]),
        (f"{HEAD}\n{'x' * 140_000};hour;1;full", [(2, "row")]),
    ],
)
def test_what_is_no_price_list_is_told(text: str, expected: list[tuple[int, str]]) -> None:
    assert faults(text) == expected
