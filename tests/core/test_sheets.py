"""What people wrote comes back from a sheet as they wrote it, and nothing of it is a formula."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sheets import csv_of, is_formula

SIGNS = st.text(
    alphabet=st.one_of(
        st.sampled_from(" \t\r\n=+-@＝﹢－＠'\";,\u200b\ufeffa1"), st.characters(codec="utf-8")
    )
)
CELLS = st.one_of(
    SIGNS, st.integers(), st.none(), st.decimals(allow_nan=False, allow_infinity=False, places=2)
)


def read(sheet: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheet.decode("utf-8-sig"), newline=""), delimiter=";"))


@given(st.lists(SIGNS, min_size=1), st.lists(st.lists(CELLS, min_size=2, max_size=2)))
def test_what_goes_in_comes_out(header: list[str], rows: list[list[object]]) -> None:
    sheet = csv_of(header, rows)
    assert sheet.startswith(b"\xef\xbb\xbf")
    assert sheet.endswith(b"\r\n")
    found = read(sheet)
    assert len(found) == 1 + len(rows)
    for put, got in zip([header, *rows], found, strict=True):
        for value, cell in zip(put, got, strict=True):
            if isinstance(value, str):
                assert cell in {value, f"'{value}"}
                assert not is_formula(cell)
            elif value is None:
                assert cell == ""
            else:
                assert Decimal(cell.replace(",", ".")) == value


@pytest.mark.parametrize(
    "text",
    [
        *["=1+1", "+47 90 00 00 00", "-2", "@SUM(A1)", "\tx", "\rx", "\n=x", "  =1", "\u00a0=1"],
        *["\u200b=1", "\ufeff=1", "\x00=1", "＝1", "＋1", "－1", "＠a", "﹦1", "−1", " \t＝1"],
    ],
)
def test_a_formula_is_made_text(text: str) -> None:
    assert read(csv_of(["a", "b"], [[text, 1]])) == [["a", "b"], [f"'{text}", "1"]]


def test_a_heading_is_text_too() -> None:
    assert read(csv_of(["=1"], [])) == [["'=1"]]


def test_what_is_no_formula_is_left_alone() -> None:
    row = [
        "Øvre IL",
        "a=1",
        "'=1",
        "3;4",
        'sa "hei"',
        "to\r\nlinjer",
        "",
        None,
        -5,
        Decimal("-2.50"),
        1.5,
        True,
    ]
    told = [
        *("Øvre IL", "a=1", "'=1", "3;4", 'sa "hei"', "to\r\nlinjer", "", ""),
        *("-5", "-2,50", "1,5", "True"),
    ]
    assert read(csv_of(["x"] * len(row), [row]))[1] == told
    assert csv_of(["navn"], [["Ås"]]) == b"\xef\xbb\xbfnavn\r\n\xc3\x85s\r\n"
