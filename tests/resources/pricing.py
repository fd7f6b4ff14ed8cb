"""Tariffs made up for tests: a line in few words, and any line at all."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from core.ids import new_id
from core.spans import Span, local_instant
from resources.prices import Price, Unit, Usage
from resources.tariffs import (
    ArticleFacts,
    ArticleKind,
    ArticleUnit,
    Ask,
    Ordered,
    OrdinaryHours,
    Priceable,
    TariffFacts,
    TariffLineFacts,
    TariffLineKind,
    price,
)
from tests.make import OSLO

GROUPS = ("association", "children_youth", "commercial", "other")
USAGES: tuple[Usage, ...] = ("ordinary", "arrangement", "commercial")
WEEKDAYS = tuple(OrdinaryHours(weekday=day, from_minute=8 * 60, until_minute=22 * 60) for day in range(1, 6))
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)
"""Sundays on which the clock is set."""


def line(kroner: int = 0, unit: Any = "hour", **more: Any) -> TariffLineFacts:
    """With VAT of nought, on an invoice, for all; a price in whole kroner."""
    return TariffLineFacts(id=new_id(), text={"nb": "Hall"}, unit=unit, price_ore=kroner * 100, **more)


def discount(percent: int, **more: Any) -> TariffLineFacts:
    return line(unit="percent", kind="discount", percent=percent * 100, **more)


def article(key: str, kroner: int, **more: Any) -> ArticleFacts:
    return ArticleFacts(id=new_id(), key=key, name={"nb": key.title()}, price_ore=kroner * 100, **more)


def known(*lines: TariffLineFacts, hours: tuple[OrdinaryHours, ...] = (), **more: Any) -> Priceable:
    return Priceable(tariff=TariffFacts(id=new_id(), lines=lines, ordinary_hours=hours), **more)


def clock(day: date, since: float, until: float) -> Span:
    """Between clock times of the day, beyond 24 on the days after; of a time that comes twice, from the first and
    until the second.
    """
    after, rest = divmod(until, 24)
    last = day + timedelta(days=int(after))
    return Span(
        local_instant(OSLO, day, round(since * 60)), local_instant(OSLO, last, round(rest * 60), fold=1)
    )


def cost(
    priceable: Priceable,
    span: Span,
    *,
    group: str = "other",
    usage: Usage = "ordinary",
    quantity: int = 1,
    articles: tuple[Ordered, ...] = (),
) -> Price:
    ask = Ask(span=span, zone=OSLO, customer_group=group, usage=usage, quantity=quantity, articles=articles)
    return price(priceable, ask)


def told(found: Price) -> list[tuple[str, int]]:
    """Kind and gross of each line, in øre."""
    return [(each.kind, each.gross_ore) for each in found.lines]


# --- any tariff

clock_minutes = st.integers(0, 1439) | st.sampled_from([0, 60, 120, 150, 180, 480, 720, 960, 1320])
days = st.sampled_from(
    [SPRING, AUTUMN, date(2026, 5, 14), date(2026, 5, 17), date(2026, 12, 24), date(2026, 12, 31)]
) | st.dates(date(2026, 1, 1), date(2027, 12, 31))
bands = st.one_of(
    st.just((None, None)),
    st.tuples(clock_minutes, st.none()),
    st.tuples(st.none(), clock_minutes.map(lambda minute: minute + 1)),
    st.tuples(clock_minutes, clock_minutes).map(lambda pair: (min(pair), max(pair) + 1)),
)
some_weekdays = st.just(()) | st.sets(st.integers(1, 8), min_size=1).map(lambda found: tuple(sorted(found)))
prices_ore = st.integers(0, 300_000) | st.sampled_from([1, 33, 38_000, 60_000, 65_500])


def _vat(code: str) -> dict[str, Any]:
    return {"vat_code": code, "vat_reason": "§ 3-11" if code == "exempt" else ""}


vat = st.sampled_from(["exempt", "zero", "low", "middle", "full"]).map(_vat)


@st.composite
def _ordinary_line(draw: st.DrawFn) -> OrdinaryHours:
    edges = draw(st.tuples(clock_minutes, clock_minutes))
    return OrdinaryHours(weekday=draw(st.integers(1, 8)), from_minute=min(edges), until_minute=max(edges) + 1)


ordinary = st.lists(_ordinary_line(), max_size=8).map(tuple)


@st.composite
def spans(draw: st.DrawFn, *, longest: int = 4 * 1440) -> Span:
    """Of whole minutes, from any minute of the local day on."""
    day, start = draw(days), draw(st.integers(0, 1439))
    first = datetime(day.year, day.month, day.day, tzinfo=OSLO).astimezone(UTC)
    at = first + timedelta(minutes=start)
    return Span(at, at + timedelta(minutes=draw(st.integers(1, longest))))


@st.composite
def lines(draw: st.DrawFn, *, hourly: bool = False) -> TariffLineFacts:
    """Any base line or supplement; `hourly`: by the minute, without least and most."""
    since, until = draw(bands)
    kind: TariffLineKind = draw(st.sampled_from(["base", "base", "base", "supplement"]))
    more: dict[str, Any] = {}
    if not hourly and kind == "base":
        least = draw(st.none() | prices_ore)
        more = {
            "minimum_ore": least,
            "most_ore": draw(st.none() | prices_ore.map(lambda ore: ore + (least or 0))),
        }
    if not hourly:
        more["min_minutes"] = draw(st.none() | st.integers(1, 600))
    units: list[Unit] = ["hour", "started_hour", "quarter", "day", "weekend", "occasion"]
    return TariffLineFacts(
        id=UUID(int=draw(st.integers(0, 2**128 - 1))),
        kind=kind,
        text={"nb": "Hall"},
        customer_groups=draw(st.just(()) | st.sets(st.sampled_from(GROUPS), min_size=1).map(tuple)),
        usages=draw(st.just(()) | st.sets(st.sampled_from(USAGES), min_size=1).map(tuple)),
        weekdays=draw(some_weekdays),
        from_minute=since,
        until_minute=until,
        hours=draw(st.sampled_from(["any", "ordinary", "outside"])),
        unit="hour" if hourly else draw(st.sampled_from(units)),
        price_ore=draw(prices_ore),
        per_place=draw(st.booleans()),
        includes_vat=draw(st.booleans()),
        **draw(vat),
        **more,
    )


discounts = st.builds(discount, st.integers(0, 100))


@st.composite
def articles(draw: st.DrawFn) -> ArticleFacts:
    """Any that may be ordered up to ten times."""
    kind: ArticleKind = draw(st.sampled_from(["article", "deposit"]))
    unit: ArticleUnit = draw(st.sampled_from(["piece", "started_hour", "occasion"]))
    return ArticleFacts(
        id=new_id(),
        key=f"a{draw(st.integers(0, 10**6))}",
        name={"nb": "Stol"},
        kind=kind,
        unit=unit,
        price_ore=draw(prices_ore),
        is_mandatory=draw(st.booleans()),
        max_quantity=10,
        **draw(vat),
    )


@st.composite
def priceables(draw: st.DrawFn) -> Priceable:
    """Any tariff with any articles."""
    found = draw(st.lists(lines(), max_size=6, unique_by=lambda each: each.id)) + draw(
        st.lists(discounts, max_size=3)
    )
    offered = draw(st.lists(articles(), max_size=3, unique_by=lambda each: each.key))
    tariff = TariffFacts(id=new_id(), lines=tuple(found), ordinary_hours=draw(ordinary))
    return Priceable(tariff=tariff, articles=tuple(offered), online_open=draw(st.booleans()))


@st.composite
def asks(draw: st.DrawFn, priceable: Priceable) -> Ask:
    """Anybody who asks for anything that is offered."""
    keys = [each.key for each in priceable.articles]
    wanted = draw(st.lists(st.sampled_from(keys), unique=True)) if keys else []
    units = {each.key: each.unit for each in priceable.articles}
    return Ask(
        span=draw(spans()),
        zone=OSLO,
        customer_group=draw(st.sampled_from(GROUPS)),
        usage=draw(st.sampled_from(USAGES)),
        quantity=draw(st.integers(1, 9)),
        articles=tuple(
            Ordered(key, 1 if units[key] == "occasion" else draw(st.integers(1, 10))) for key in wanted
        ),
    )
