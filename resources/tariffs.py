"""What does it cost? Tariffs, articles and what is asked go in, a price with its lines comes out. Pure.

How lines are chosen and counted is told for people in docs/tariffs.md; the two must say the same.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from core.errors import Invalid
from core.money import WHOLE, VatCode, divided
from core.spans import DAY, DAY_MINUTES, MINUTE, Span, clock_reaches, local_date
from core.texts import N_
from resources.holidays import public_holidays
from resources.prices import LineKind, Price, Priced, Unit, price_of
from resources.tariff_facts import ArticleFacts as ArticleFacts
from resources.tariff_facts import ArticleKind as ArticleKind
from resources.tariff_facts import ArticleUnit as ArticleUnit
from resources.tariff_facts import Ask as Ask
from resources.tariff_facts import Hours as Hours
from resources.tariff_facts import Ordered as Ordered
from resources.tariff_facts import OrdinaryHours as OrdinaryHours
from resources.tariff_facts import Priceable as Priceable
from resources.tariff_facts import TariffFacts as TariffFacts
from resources.tariff_facts import TariffLineFacts as TariffLineFacts
from resources.tariff_facts import TariffLineKind as TariffLineKind
from resources.tariff_facts import Tier as Tier

HOLIDAY = 8
"""Among weekdays: a public holiday, whatever day of the week it is."""
WEEKEND_MINUTE = 12 * 60
"""A weekend begins on Friday at noon and ends with Sunday."""
LONGEST = 400 * DAY
"""No booking is longer; a price is not worked out for more."""
UNIT_MINUTES: Mapping[Unit, int] = {"hour": 60, "started_hour": 60, "quarter": 15}


class Piece(NamedTuple):
    """A part of the time within which no line begins or ends to fit."""

    span: Span
    day: date
    """The local day it lies in."""


def price(known: Priceable, ask: Ask) -> Price:
    """What it costs, with the lines that say why. What no line fits is free.

    Raises Invalid for articles that are not offered, for too many of one, and for a time beyond all measure.
    """
    if ask.span.length > LONGEST:
        raise Invalid(field="end", expected=N_("at most 400 days after the start"))
    lines: list[Priced] = []
    chosen: list[TariffLineFacts] = []
    if known.tariff is not None:
        lines, chosen = _hire(known.tariff, ask)
    lines += _articles(known.articles, ask)
    payment = chosen[0].payment if chosen else "internal" if ask.customer_group == "internal" else "online"
    if payment == "online" and not known.online_open:
        payment = "invoice"
    return price_of(
        lines,
        payment=payment,
        customer_group=ask.customer_group,
        usage=ask.usage,
        tariff_id="" if known.tariff is None else str(known.tariff.id),
        tariff_version=0 if known.tariff is None else known.tariff.version,
    )


# --- which lines


def _hire(tariff: TariffFacts, ask: Ask) -> tuple[list[Priced], list[TariffLineFacts]]:
    """The lines for the time itself; and the tariff's lines behind them, base lines first."""
    of_kind = {kind: _fitting(tariff, kind, ask) for kind in ("base", "supplement", "discount")}
    pieces = pieces_of(tariff, [line for lines in of_kind.values() for line in lines], ask.span, ask.zone)
    based: dict[UUID, list[Piece]] = {}
    added: dict[UUID, list[Piece]] = {}
    for piece in pieces:
        first = next(iter(fitting_piece(tariff, of_kind["base"], piece, ask.zone)), None)
        if first is not None:
            based.setdefault(first.id, []).append(piece)
        for line in fitting_piece(tariff, of_kind["supplement"], piece, ask.zone):
            added.setdefault(line.id, []).append(piece)
    base = [line for line in of_kind["base"] if line.id in based]
    supplements = [line for line in of_kind["supplement"] if line.id in added]
    told: list[Priced] = []
    for line in base:
        told += _base(line, based[line.id], ask)
    told += [_counted(line, "supplement", added[line.id], ask)[0] for line in supplements]
    everywhere = [
        line
        for line in of_kind["discount"]
        if all(line in fitting_piece(tariff, of_kind["discount"], piece, ask.zone) for piece in pieces)
    ]
    return [*told, *_discounts(everywhere, told)], [*base, *supplements]


def _fitting(tariff: TariffFacts, kind: TariffLineKind, ask: Ask) -> list[TariffLineFacts]:
    """Lines of the kind that fit the booking as a whole; what of its time they fit comes after."""
    day, length = local_date(ask.zone, ask.span.start), ask.span.length
    return [
        line
        for line in tariff.lines
        if line.kind == kind
        and (not line.customer_groups or ask.customer_group in line.customer_groups)
        and (not line.usages or ask.usage in line.usages)
        and (line.min_minutes is None or length >= line.min_minutes * MINUTE)
        and (line.max_minutes is None or length <= line.max_minutes * MINUTE)
        and is_valid(line, day)
    ]


def is_valid(thing: TariffLineFacts | ArticleFacts, day: date) -> bool:
    """Whether it holds for what begins on that local day."""
    return (thing.valid_from is None or thing.valid_from <= day) and (
        thing.valid_until is None or day <= thing.valid_until
    )


def pieces_of(
    tariff: TariffFacts, lines: Sequence[TariffLineFacts], span: Span, zone: ZoneInfo
) -> list[Piece]:
    """The span, cut wherever a line may begin or end to fit: at local midnights, at edges of bands and of ordinary
    hours, and at noon on Fridays where a weekend has a price. Real time, all of it, whatever the clock does.
    """
    minutes = {line.from_minute for line in lines} | {line.until_minute for line in lines}
    if any(line.hours != "any" for line in lines):
        minutes |= {edge for each in tariff.ordinary_hours for edge in (each.from_minute, each.until_minute)}
    if any(line.unit == "weekend" for line in lines):
        minutes.add(WEEKEND_MINUTE)
    clock = sorted({0, *(minute for minute in minutes if minute is not None and minute < DAY_MINUTES)})
    pieces: list[Piece] = []
    day, at = local_date(zone, span.start), span.start
    while at < span.end:
        edges = [clock_reaches(zone, day, minute) for minute in clock[1:]]
        for edge in (*edges, clock_reaches(zone, day, DAY_MINUTES)):
            until = min(edge, span.end)
            if at < until:
                pieces.append(Piece(Span(at, until), day))
                at = until
        day += DAY
    return pieces


def fitting_piece(
    tariff: TariffFacts, lines: Sequence[TariffLineFacts], piece: Piece, zone: ZoneInfo
) -> list[TariffLineFacts]:
    """Of lines of one kind those that fit the piece, in their order.

    On a public holiday lines that name weekdays fit by the holiday (8). Where none that would fit at that hour names
    it, the holiday counts as the day of the week that it is.
    """
    fits = [line for line in lines if _fits_clock(tariff, line, piece, zone)]
    weekday = piece.day.isoweekday()
    if is_holiday(piece.day) and any(HOLIDAY in line.weekdays for line in fits):
        weekday = HOLIDAY
    return [line for line in fits if not line.weekdays or weekday in line.weekdays]


def _fits_clock(tariff: TariffFacts, line: TariffLineFacts, piece: Piece, zone: ZoneInfo) -> bool:
    day, span = piece.day, piece.span
    if line.from_minute is not None and span.start < clock_reaches(zone, day, line.from_minute):
        return False
    if line.until_minute is not None and span.end > clock_reaches(zone, day, line.until_minute):
        return False
    if line.hours != "any" and _is_ordinary(tariff, piece, zone) != (line.hours == "ordinary"):
        return False
    return line.unit != "weekend" or _is_weekend(piece, zone)


def _is_ordinary(tariff: TariffFacts, piece: Piece, zone: ZoneInfo) -> bool:
    if not tariff.ordinary_hours:
        return True
    weekday = HOLIDAY if is_holiday(piece.day) else piece.day.isoweekday()
    return any(
        each.weekday == weekday
        and clock_reaches(zone, piece.day, each.from_minute) <= piece.span.start
        and piece.span.end <= clock_reaches(zone, piece.day, each.until_minute)
        for each in tariff.ordinary_hours
    )


def is_holiday(day: date) -> bool:
    """Whether it is a public holiday; an ordinary Sunday is none."""
    return day in public_holidays(day.year)


def _is_weekend(piece: Piece, zone: ZoneInfo) -> bool:
    weekday = piece.day.isoweekday()
    return weekday > 5 or (
        weekday == 5 and piece.span.start >= clock_reaches(zone, piece.day, WEEKEND_MINUTE)
    )


# --- how much of each


def minutes_in(pieces: Sequence[Piece]) -> int:
    """Real minutes; one that has begun counts."""
    whole = sum((piece.span.length for piece in pieces), timedelta())
    return -(-whole // MINUTE)


def _base(line: TariffLineFacts, pieces: Sequence[Piece], ask: Ask) -> list[Priced]:
    """The hire, with what the line's ceiling takes off or its minimum adds."""
    hire, one = _counted(line, "hire", pieces, ask)
    told = [hire]
    least, most = line.minimum_ore, line.most_ore
    if most is not None:
        by_day: dict[date, list[Piece]] = {}
        for piece in pieces:
            by_day.setdefault(piece.day, []).append(piece)
        days = [_amount(line, each) for each in by_day.values()]
        capped = min(one, sum(min(most, day) for day in days)) if any(day > most for day in days) else one
        if capped < one:
            told.append(_evened(hire, "ceiling", unit="day", unit_ore=most, ore=capped - one))
            one = capped
    if least is not None and one < least:
        told.append(_evened(hire, "minimum", unit="occasion", unit_ore=least, ore=least - one))
    return told


def _counted(line: TariffLineFacts, kind: LineKind, pieces: Sequence[Piece], ask: Ask) -> tuple[Priced, int]:
    """The line for these pieces; and what it comes to for one place."""
    times = ask.quantity if line.per_place else 1
    one = _amount(line, pieces)
    told = Priced(
        kind=kind,
        key=str(line.id),
        text=line.text,
        unit=line.unit,
        quantity_milli=_quantity_milli(line.unit, pieces),
        unit_ore=line.price_ore,
        amount_ore=one * times,
        includes_vat=line.includes_vat,
        vat_code=line.vat_code,
        vat_reason=line.vat_reason,
        minutes=minutes_in(pieces) if line.unit in UNIT_MINUTES else None,
        times=times,
    )
    return told, one


def _amount(line: TariffLineFacts, pieces: Sequence[Piece]) -> int:
    """Øre for one place. An hour is paid by its minutes, all else whole."""
    if line.unit == "hour":
        return divided(line.price_ore * minutes_in(pieces), 60)
    return line.price_ore * (_quantity_milli(line.unit, pieces) // 1000)


def _quantity_milli(unit: Unit, pieces: Sequence[Piece]) -> int:
    if unit == "hour":
        return divided(1000 * minutes_in(pieces), 60)
    if unit in UNIT_MINUTES:
        return 1000 * -(-minutes_in(pieces) // UNIT_MINUTES[unit])
    days = {piece.day for piece in pieces}
    if unit == "day":
        return 1000 * len(days)
    return 1000 * (len({day.isocalendar()[:2] for day in days}) if unit == "weekend" else 1)


def _evened(hire: Priced, kind: LineKind, *, unit: Unit, unit_ore: int, ore: int) -> Priced:
    """What a minimum adds to a line, or a ceiling takes off, for each place."""
    return Priced(
        kind=kind,
        key=hire.key,
        text=hire.text,
        unit=unit,
        quantity_milli=1000,
        unit_ore=unit_ore,
        amount_ore=ore * hire.times,
        includes_vat=hire.includes_vat,
        vat_code=hire.vat_code,
        vat_reason=hire.vat_reason,
        times=hire.times,
    )


def _discounts(lines: Sequence[TariffLineFacts], told: Sequence[Priced]) -> list[Priced]:
    """Each of all that hire and supplements come to, and never more than is left of it.

    One line for each VAT code, because what is taken off takes its VAT along.
    """
    taken: list[Priced] = []
    sums: dict[tuple[VatCode, str, bool], int] = {}
    for each in told:
        group = (each.vat_code, each.vat_reason, each.includes_vat)
        sums[group] = sums.get(group, 0) + each.amount_ore
    left = dict(sums)
    for line in lines:
        for group, whole in sums.items():
            off = min(divided(whole * (line.percent or 0), WHOLE), left[group])
            if off <= 0:
                continue
            left[group] -= off
            taken.append(
                Priced(
                    kind="discount",
                    key=str(line.id),
                    text=line.text,
                    unit="percent",
                    quantity_milli=1000,
                    unit_ore=line.percent or 0,
                    amount_ore=-off,
                    vat_code=group[0],
                    vat_reason=group[1],
                    includes_vat=group[2],
                )
            )
    return taken


# --- articles


def _articles(offered: Sequence[ArticleFacts], ask: Ask) -> list[Priced]:
    """Those asked for and those that go with every booking; deposits last."""
    wanted = ordered_articles(offered, ask)
    return sorted(
        (_article(article, quantity, ask) for article, quantity in wanted),
        key=lambda line: line.kind == "deposit",
    )


def ordered_articles(offered: Sequence[ArticleFacts], ask: Ask) -> list[tuple[ArticleFacts, int]]:
    """What goes with the booking and how many, in the order they were asked for, then what is mandatory.

    Raises Invalid naming the place in what was asked.
    """
    day: date = local_date(ask.zone, ask.span.start)
    known = {article.key: article for article in offered if is_valid(article, day)}
    wanted: dict[str, int] = {}
    for place, ordered in enumerate(ask.articles):
        article = known.get(ordered.key)
        if article is None and ask.of_many:
            continue
        if article is None:
            raise Invalid(
                field=f"articles.{place}.article",
                expected=sorted(known) or N_("no article: none is offered here then"),
            )
        if ordered.key in wanted:
            raise Invalid(field=f"articles.{place}.article", expected=N_("each article once"))
        most = 1 if article.unit == "occasion" else article.max_quantity
        if not 1 <= ordered.quantity <= most:
            raise Invalid(
                field=f"articles.{place}.quantity",
                expected=N_("from 1 to %(most)s"),
                words={"most": str(most)},
            )
        wanted[ordered.key] = ordered.quantity
    for article in known.values():
        if article.is_mandatory:
            wanted.setdefault(article.key, 1)
    return [(known[key], quantity) for key, quantity in wanted.items()]


def _article(article: ArticleFacts, quantity: int, ask: Ask) -> Priced:
    pays = not article.customer_groups or ask.customer_group in article.customer_groups
    unit_ore = article.price_ore if pays else 0
    minutes = -(-ask.span.length // MINUTE)
    counted = -(-minutes // 60) if article.unit == "started_hour" else 1
    times = quantity if article.unit == "started_hour" else 1
    whole = quantity if article.unit == "piece" else counted
    return Priced(
        kind=article.kind,
        key=article.key,
        text=article.name,
        unit=article.unit,
        quantity_milli=1000 * whole,
        unit_ore=unit_ore,
        amount_ore=unit_ore * whole * times,
        includes_vat=article.includes_vat,
        vat_code=article.vat_code,
        vat_reason=article.vat_reason,
        minutes=minutes if article.unit == "started_hour" else None,
        times=times,
    )
