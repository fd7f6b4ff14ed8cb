"""What hire costs at the least, told in a line before a time is chosen. Pure; `resources.tariffs.price` reckons it."""

from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from core.money import Money
from core.spans import DAY, MINUTE, Span, clock_reaches
from core.texts import Texts
from resources.price_list import PER
from resources.prices import Price, Unit, Usage
from resources.tariff_facts import Ask, Priceable, TariffFacts, TariffLineFacts
from resources.tariffs import UNIT_MINUTES, price

SATURDAY = 6
NOON = 12 * 60


class ShortPrice(Struct, kw_only=True):
    """A price in a line. `gross` and `deposit` (which is part of it) only of a time that was asked for."""

    text: str
    """In the reader's language."""
    customer_group: str
    """For whom."""
    gross: Money | None = None
    deposit: Money | None = None


class Least(Struct, frozen=True):
    """The least that one unit of hire comes to, with VAT."""

    unit: Unit
    ore: int


def least(
    tariff: TariffFacts,
    *,
    zone: ZoneInfo,
    group: str,
    first_on: date,
    last_on: date,
    usage: Usage = "ordinary",
) -> list[Least]:
    """Of each unit that the group may meet on those days, in the tariff's order; empty where no line fits.

    A line that fits every time ends the list: what stands after it is never used. Discounts are taken off whatever
    they ask of the time, so nothing turns out cheaper than what is told here.
    """
    lines = [line for line in tariff.lines if _concerns(line, group, usage, first_on, last_on)]
    discounts = tuple(_anytime(line) for line in lines if line.kind == "discount")
    found: dict[Unit, int] = {}
    for line in lines:
        if line.kind != "base":
            continue
        known = Priceable(tariff=replace(tariff, lines=(_anytime(line), *discounts)))
        ask = Ask(span=_one_unit(line.unit, zone, first_on), zone=zone, customer_group=group, usage=usage)
        ore = price(known, ask).gross_ore
        found[line.unit] = min(ore, found.get(line.unit, ore))
        if _is_always(line, first_on, last_on):
            break
    return [Least(unit, ore) for unit, ore in found.items()]


def least_text(rates: list[Least], texts: Texts) -> str:
    """`from 600 kr an hour, from 3 000 kr a day`; `free`."""
    paid = [each for each in rates if each.ore]
    if not paid:
        return texts.gettext("free")
    told = ", ".join(
        texts.gettext("from %(price)s", price=texts.gettext(PER[each.unit], price=texts.money(each.ore)))
        for each in paid
    )
    if len(paid) < len(rates):
        return texts.gettext("free at some times, else %(price)s", price=told)
    return told


def whole_text(found: Price, texts: Texts) -> str:
    """`600 kr`; `900 kr, of which 300 kr is a deposit`; `free`."""
    if not found.gross_ore:
        return texts.gettext("free")
    whole = texts.money(found.gross_ore)
    if not found.deposit_ore:
        return whole
    return texts.gettext(
        "%(price)s, of which %(deposit)s is a deposit", price=whole, deposit=texts.money(found.deposit_ore)
    )


def _concerns(line: TariffLineFacts, group: str, usage: Usage, first_on: date, last_on: date) -> bool:
    return (
        (not line.customer_groups or group in line.customer_groups)
        and (not line.usages or usage in line.usages)
        and (line.valid_from is None or line.valid_from <= last_on)
        and (line.valid_until is None or first_on <= line.valid_until)
    )


def _anytime(line: TariffLineFacts) -> TariffLineFacts:
    """The line without what it asks of the time, and without what evens its sum."""
    return replace(
        line,
        weekdays=(),
        from_minute=None,
        until_minute=None,
        hours="any",
        min_minutes=None,
        max_minutes=None,
        minimum_ore=None,
        most_ore=None,
        valid_from=None,
        valid_until=None,
    )


def _is_always(line: TariffLineFacts, first_on: date, last_on: date) -> bool:
    """Whether it fits every booking that begins on those days."""
    asks_of_time = line.weekdays or line.hours != "any" or line.unit == "weekend"
    limits = (line.from_minute, line.until_minute, line.min_minutes, line.max_minutes)
    return (
        not asks_of_time
        and all(limit is None for limit in limits)
        and (line.valid_from is None or line.valid_from <= first_on)
        and (line.valid_until is None or last_on <= line.valid_until)
    )


def _one_unit(unit: Unit, zone: ZoneInfo, day: date) -> Span:
    """A time that is one of the unit: from noon on a Saturday, when a weekend can be hired, too."""
    saturday = day + ((SATURDAY - day.isoweekday()) % 7) * DAY
    start = clock_reaches(zone, saturday, NOON)
    return Span(start, start + UNIT_MINUTES.get(unit, 60) * MINUTE)
