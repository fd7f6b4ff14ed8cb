"""Lines always add up, whatever is billed and taken back: of every rate, and to the øre."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from core.money import RATES, VatCode, vat_in
from payments.documents import (
    Delivered,
    Line,
    by_booking,
    by_rate,
    left_of,
    lines_of,
    spread,
    taken_back,
    totals,
)
from resources.prices import Price, Priced, price_of

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
CODES: list[VatCode] = list(RATES)


@st.composite
def prices(draw: st.DrawFn) -> Price:
    """Hire, articles, a discount on them, a deposit: with and without VAT in what was typed."""
    includes = draw(st.booleans())
    lines: list[Priced] = []
    for place in range(draw(st.integers(1, 4))):
        code = draw(st.sampled_from(CODES))
        amount = draw(st.integers(1, 200_000))
        lines.append(
            _priced("hire" if place == 0 else "article", f"a{place}", code, amount, includes=includes)
        )
        if draw(st.booleans()):
            off = -draw(st.integers(0, amount))
            lines.append(_priced("discount", f"d{place}", code, off, includes=includes))
    if draw(st.booleans()):
        lines.append(_priced("deposit", "deposit", "exempt", draw(st.integers(1, 50_000)), includes=True))
    return price_of(lines, payment="online", customer_group="resident")


def _priced(kind: Any, key: str, code: VatCode, amount: int, *, includes: bool) -> Priced:
    return Priced(
        kind=kind,
        key=key,
        text={"nb": key},
        unit="occasion",
        quantity_milli=1000,
        unit_ore=amount,
        amount_ore=amount,
        includes_vat=includes,
        vat_code=code,
    )


def delivered(found: list[Price]) -> list[Delivered]:
    return [
        Delivered(
            booking_id=new_id(), price=price, place="Hall", starts_at=NOON, ends_at=NOON + timedelta(hours=1)
        )
        for price in found
    ]


def vat_of(lines: list[Line]) -> dict[VatCode, int]:
    found: dict[VatCode, int] = {}
    for line in lines:
        found[line.vat_code] = found.get(line.vat_code, 0) + line.vat_ore
    return found


@given(st.lists(prices(), min_size=1, max_size=4))
def test_lines_add_up_and_vat_is_rounded_once_for_each_rate(found: list[Price]) -> None:
    lines = lines_of(delivered(found), "nb")
    whole = totals(lines)
    assert whole.gross_ore == sum(price.gross_ore for price in found)
    assert whole.net_ore + whole.vat_ore == whole.gross_ore
    assert all(line.net_ore + line.vat_ore == line.gross_ore for line in lines)
    for code, gross in by_rate(lines).items():
        assert vat_of(lines)[code] == vat_in(gross, RATES[code])


@given(st.lists(prices(), min_size=1, max_size=3), st.data())
def test_credit_notes_down_to_nothing_mirror_what_was_billed(found: list[Price], data: st.DataObject) -> None:
    billed = lines_of(delivered(found), "nb")
    ids = list(by_booking(billed))
    credited: list[Line] = []
    for _ in range(data.draw(st.integers(0, 4))):
        left = left_of(billed, credited)
        less = {
            each: data.draw(st.integers(1, left[each]))
            for each in ids
            if left[each] > 0 and data.draw(st.booleans())
        }
        credited += _credit(billed, credited, less, data.draw(st.booleans()))
    rest = {each: ore for each, ore in left_of(billed, credited).items() if ore > 0}
    credited += _credit(billed, credited, rest, data.draw(st.booleans()))
    assert all(ore == 0 for ore in left_of(billed, credited).values())
    assert by_rate(credited) == {
        code: gross for code, gross in by_rate(billed).items() if code in by_rate(credited)
    }
    assert totals(credited) == totals(billed)
    assert {code: vat for code, vat in vat_of(credited).items() if vat} == {
        code: vat for code, vat in vat_of(billed).items() if vat
    }


def _credit(billed: list[Line], credited: list[Line], less: dict[UUID, int], first: bool) -> list[Line]:
    """One credit note, held against what must be true of each."""
    lines = taken_back(billed, credited, less, deposit_first=list(less) if first else ())
    assert by_booking(lines) == less
    for code, gross in by_rate(lines).items():
        assert abs(vat_of(lines)[code] - vat_in(gross, RATES[code])) <= 1
    assert all(line.net_ore + line.vat_ore == line.gross_ore for line in lines)
    return lines


def test_a_deposit_goes_first_where_nothing_takes_place_and_last_where_it_does() -> None:
    price = price_of(
        [
            _priced("hire", "hire", "full", 100_000, includes=True),
            _priced("deposit", "deposit", "exempt", 50_000, includes=True),
        ],
        payment="online",
        customer_group="resident",
    )
    (booking,) = delivered([price])
    billed = lines_of([booking], "nb")
    first = taken_back(billed, [], {booking.booking_id: 60_000}, deposit_first=[booking.booking_id])
    assert [(line.kind, line.gross_ore, line.vat_ore) for line in first] == [
        ("deposit", 50_000, 0),
        ("hire", 10_000, 2_000),
    ]
    last = taken_back(billed, [], {booking.booking_id: 60_000})
    assert [(line.kind, line.gross_ore, line.vat_ore) for line in last] == [("hire", 60_000, 12_000)]


def test_what_is_taken_back_whole_reads_as_it_was_billed() -> None:
    (booking,) = delivered(
        [price_of([_priced("hire", "h", "low", 33_333, includes=True)], payment="online", customer_group="x")]
    )
    (line,) = billed = lines_of([booking], "nb")
    assert taken_back(billed, [], {booking.booking_id: 33_333}) == [line]


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=8))
def test_what_is_spread_adds_up(total: int, amounts: list[int]) -> None:
    if sum(amounts):
        assert sum(spread(total, amounts)) == total
