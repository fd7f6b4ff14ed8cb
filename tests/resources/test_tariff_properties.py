"""What is true of every price: sums, VAT, minutes; and a second opinion that goes through the time minute by minute."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.ids import new_id
from core.money import RATES
from core.spans import Span
from resources.holidays import public_holidays
from resources.prices import Price, kept_price, read_price
from resources.tariffs import Ask, Priceable, TariffFacts, TariffLineFacts, price
from tests.make import OSLO
from tests.resources.pricing import GROUPS, asks, lines, ordinary, priceables, spans

MINUTE = timedelta(minutes=1)


@st.composite
def asked(draw: st.DrawFn) -> tuple[Priceable, Ask]:
    found = draw(priceables())
    return found, draw(asks(found))


@given(asked())
def test_lines_add_up_and_no_price_is_negative(case: tuple[Priceable, Ask]) -> None:
    found = price(*case)
    assert found.net_ore == sum(line.net_ore for line in found.lines)
    assert found.vat_ore == sum(line.vat_ore for line in found.lines)
    assert found.gross_ore == found.net_ore + found.vat_ore == sum(line.gross_ore for line in found.lines)
    assert all(line.gross_ore == line.net_ore + line.vat_ore for line in found.lines)
    assert min(found.gross_ore, found.net_ore, found.vat_ore, found.deposit_ore) >= 0
    lowering = {"discount", "ceiling"}
    assert all(
        (line.amount_ore <= 0) if line.kind in lowering else (line.amount_ore >= 0) for line in found.lines
    )


@given(asked())
def test_vat_is_right_to_the_ore_for_each_rate(case: tuple[Priceable, Ask]) -> None:
    found = price(*case)
    for group in {(line.vat_code, line.vat_reason, line.includes_vat) for line in found.lines}:
        mine = [line for line in found.lines if (line.vat_code, line.vat_reason, line.includes_vat) == group]
        amount, rate = sum(line.amount_ore for line in mine), RATES[mine[0].vat_code]
        exact = Fraction(amount * rate, 10_000 + rate) if group[2] else Fraction(amount * rate, 10_000)
        assert abs(sum(line.vat_ore for line in mine) - exact) <= Fraction(1, 2)


@given(asked())
def test_a_price_is_read_as_it_was_kept(case: tuple[Priceable, Ask]) -> None:
    found = price(*case)
    if found.lines:
        assert read_price(kept_price(found)) == found


@given(asked())
def test_the_same_question_has_the_same_answer(case: tuple[Priceable, Ask]) -> None:
    assert price(*case) == price(*case)


@given(asked())
def test_so_many_places_cost_so_many_times_as_much(case: tuple[Priceable, Ask]) -> None:
    known, ask = case
    one = price(known, replace(ask, quantity=1, articles=()))
    more = price(known, replace(ask, articles=()))
    assert known.tariff is not None
    per_place = {str(line.id): line.per_place for line in known.tariff.lines}
    timed = [
        [line for line in found.lines if line.kind in {"hire", "supplement", "minimum", "ceiling"}]
        for found in (one, more)
    ]
    for mine, theirs in zip(*timed, strict=True):
        times = ask.quantity if per_place[mine.key] else 1
        assert (theirs.amount_ore, theirs.times) == (mine.amount_ore * times, times)


@st.composite
def hourly(draw: st.DrawFn) -> tuple[TariffFacts, Span, str]:
    found = draw(st.lists(lines(hourly=True), max_size=5, unique_by=lambda line: line.id))
    tariff = TariffFacts(id=new_id(), lines=tuple(found), ordinary_hours=draw(ordinary))
    return tariff, draw(spans(longest=3 * 1440)), draw(st.sampled_from(GROUPS))


def ask_for(span: Span, group: str) -> Ask:
    return Ask(span=span, zone=OSLO, customer_group=group)


def minutes_of(found: Price) -> dict[str, int]:
    return {line.key: line.minutes or 0 for line in found.lines}


@given(hourly())
def test_minute_by_minute_it_comes_to_the_same(case: tuple[TariffFacts, Span, str]) -> None:
    tariff, span, group = case
    found = price(Priceable(tariff=tariff), ask_for(span, group))
    counted = by_the_minute(tariff, span, group)
    assert minutes_of(found) == {str(key): minutes for key, minutes in counted.items()}
    for line in tariff.lines:
        for each in found.lines:
            if each.key == str(line.id):
                exact = Fraction(line.price_ore * counted[line.id], 60)
                assert abs(each.amount_ore - exact) <= Fraction(1, 2)


@given(hourly(), st.data())
def test_cutting_it_in_two_changes_no_minute(
    case: tuple[TariffFacts, Span, str], data: st.DataObject
) -> None:
    tariff, span, group = case
    whole = span.length // MINUTE
    assume(whole > 1)
    cut = span.start + data.draw(st.integers(1, whole - 1)) * MINUTE
    known = Priceable(tariff=tariff)
    parts = [price(known, ask_for(part, group)) for part in (Span(span.start, cut), Span(cut, span.end))]
    summed = Counter(minutes_of(parts[0])) + Counter(minutes_of(parts[1]))
    assert +Counter(minutes_of(price(known, ask_for(span, group)))) == summed


# --- the second opinion: what the wall clock shows at each minute, and which lines fit it


def by_the_minute(tariff: TariffFacts, span: Span, group: str) -> dict[UUID, int]:
    counted: Counter[UUID] = Counter()
    reached = clock_seen(span)
    at = span.start
    while at < span.end:
        day, minute = at.astimezone(OSLO).date(), reached[at]
        usual = is_usual(tariff, day, minute)
        fits = [line for line in tariff.lines if fits_then(line, group, minute, usual=usual)]
        base = on_day([line for line in fits if line.kind == "base"], day)
        counted.update(line.id for line in base[:1])
        counted.update(line.id for line in on_day([line for line in fits if line.kind == "supplement"], day))
        at += MINUTE
    return dict(counted)


def clock_seen(span: Span) -> dict[datetime, int]:
    """Instant → the latest minute of its day that the clock has shown: in autumn it does not go back by that."""
    local = span.start.astimezone(OSLO)
    at = datetime(local.year, local.month, local.day, tzinfo=OSLO).astimezone(span.start.tzinfo)
    seen: dict[datetime, int] = {}
    day, latest = local.date(), 0
    while at < span.end:
        local = at.astimezone(OSLO)
        if local.date() != day:
            day, latest = local.date(), 0
        latest = max(latest, local.hour * 60 + local.minute)
        seen[at] = latest
        at += MINUTE
    return seen


def is_usual(tariff: TariffFacts, day: date, minute: int) -> bool:
    weekday = 8 if day in public_holidays(day.year) else day.isoweekday()
    return not tariff.ordinary_hours or any(
        hours.weekday == weekday and hours.from_minute <= minute < hours.until_minute
        for hours in tariff.ordinary_hours
    )


def fits_then(line: TariffLineFacts, group: str, minute: int, *, usual: bool) -> bool:
    return (
        (not line.customer_groups or group in line.customer_groups)
        and (not line.usages or "ordinary" in line.usages)
        and (line.from_minute is None or minute >= line.from_minute)
        and (line.until_minute is None or minute < line.until_minute)
        and (line.hours == "any" or (line.hours == "ordinary") == usual)
    )


def on_day(found: Sequence[TariffLineFacts], day: date) -> list[TariffLineFacts]:
    weekday = day.isoweekday()
    if day in public_holidays(day.year) and any(8 in line.weekdays for line in found):
        weekday = 8
    return [line for line in found if not line.weekdays or weekday in line.weekdays]
