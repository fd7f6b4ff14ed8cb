"""Files for the books: every layout writes, columns keep their width, and nobody's name becomes a formula."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.invoicing.layouts import DoesNotFit, Layout, layouts, scaled, written
from payments.invoicing.outgoing import Outgoing, Party
from tests.payments.invoicing.papers import CUSTOMER, credit, line, paper

DAY = date(2026, 12, 2)
RECORDS = [layout for layout in layouts().values() if layout.writes == "records"]
SEPARATED = [layout for layout in RECORDS if layout.separator]
FIXED = [layout for layout in RECORDS if not layout.separator]
HOSTILE = Party(
    name='=cmd|"x";,\r\nØ \U0001f600', organisation_number="971274042", address="@SUM(1)", town="-1"
)


def key_of(layout: Layout) -> str:
    return layout.key


def rows(layout: Layout, *papers: Outgoing) -> list[str]:
    return written(layout, papers, number=3, made_on=DAY).decode(layout.encoding).split(layout.newline)[:-1]


@pytest.mark.parametrize("layout", RECORDS, ids=key_of)
def test_every_layout_writes_invoices_and_credit_notes(layout: Layout) -> None:
    assert rows(layout, paper(), credit(line(100_00, "full")), paper(due_on=None, kid="", reference=""))


@pytest.mark.parametrize("layout", FIXED, ids=key_of)
def test_fixed_records_have_one_width_whatever_stands_in_them(layout: Layout) -> None:
    widths = {record.of: sum(field.width for field in record.fields) for record in layout.records}
    told = rows(layout, paper(), credit(customer=HOSTILE), paper(line(-5), customer=HOSTILE))
    assert {len(row) for row in told} == set(widths.values())


@pytest.mark.parametrize("layout", SEPARATED, ids=key_of)
def test_separated_rows_have_as_many_cells_as_columns(layout: Layout) -> None:
    content = written(layout, [paper(customer=HOSTILE, reference="a;b,c")], number=3, made_on=DAY)
    quoting = csv.QUOTE_NONE if layout.quote == "never" else csv.QUOTE_MINIMAL
    read = list(
        csv.reader(io.StringIO(content.decode(layout.encoding)), delimiter=layout.separator, quoting=quoting)
    )
    assert {len(row) for row in read} == {len(record.fields) for record in layout.records}


@pytest.mark.parametrize("layout", [each for each in RECORDS if each.guard_formulas], ids=key_of)
def test_no_cell_is_a_formula(layout: Layout) -> None:
    content = written(layout, [paper(line(100, text="+1"), customer=HOSTILE)], number=3, made_on=DAY)
    read = csv.reader(io.StringIO(content.decode(layout.encoding)), delimiter=layout.separator)
    assert not [cell for row in read for cell in row if cell[:1] in "=+@" and cell]


def test_the_minus_of_a_credit_note_is_a_number_not_text() -> None:
    (_, row) = rows(layouts()["csv"], credit(line(100_00, "full")))
    assert ";-80,00;-20,00;-100,00;" in row


def test_noughts_are_filled_in_behind_the_minus() -> None:
    told = rows(layouts()["unit4-lg04"], credit(line(100_00, "full")))
    assert "-0000000000008000" in told[0]


def test_a_number_that_does_not_fit_is_refused_and_never_cut() -> None:
    with pytest.raises(DoesNotFit):
        rows(layouts()["unit4-lg04"], paper(line(10**18)))


def test_internal_postings_have_neither_kid_nor_vat() -> None:
    head = rows(layouts()["internal"], paper(kid="123"))[0]
    assert not {"KID", "Mva", "Brutto"} & set(head.split(";"))


def test_the_same_again_is_the_same_bytes() -> None:
    document = paper(customer=CUSTOMER)
    for layout in RECORDS:
        assert written(layout, [document], number=1, made_on=DAY) == written(
            layout, [document], number=1, made_on=DAY
        )


def test_keys_are_names_of_files_and_every_layout_says_what_it_is() -> None:
    assert {"csv", "ehf", "internal", "unit4-lg04", "visma-enterprise", "xledger"} <= layouts().keys()
    assert all(layout.about and "{number}" in layout.file_name for layout in layouts().values())


@given(ore=st.integers(-(10**12), 10**12))
def test_amounts_lose_nothing(ore: int) -> None:
    told = scaled(ore, 2, 2, ",")
    assert int(told.replace(",", "")) == ore


@pytest.mark.parametrize(
    ("value", "places", "decimals", "told"),
    [
        (1500, 3, 2, "1.50"),
        (1255, 3, 2, "1.26"),
        (-1255, 3, 2, "-1.26"),
        (5, 2, 0, "0"),
        (50, 2, 0, "1"),
        (-4, 2, 1, "0.0"),
    ],
)
def test_rounding_is_half_away_from_zero(value: int, places: int, decimals: int, told: str) -> None:
    assert scaled(value, places, decimals, ".") == told
