"""What tariffs, articles and cancel tiers say, and what is asked of them; `resources.tariffs` makes a price of it."""

from collections.abc import Mapping
from datetime import date
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from core.money import VatCode
from core.spans import Span
from resources.prices import Payment, Unit, Usage

TariffLineKind = Literal["base", "supplement", "discount"]
Hours = Literal["any", "ordinary", "outside"]
ArticleKind = Literal["article", "deposit"]
ArticleUnit = Literal["piece", "started_hour", "occasion"]


class OrdinaryHours(Struct, frozen=True, kw_only=True):
    """When hours are ordinary. On a public holiday only those of weekday 8 hold."""

    weekday: int
    from_minute: int
    until_minute: int


class TariffLineFacts(Struct, frozen=True, kw_only=True):
    """A line as `tariff_line` keeps it; see the model for what each column means."""

    id: UUID
    kind: TariffLineKind = "base"
    text: Mapping[str, str]
    customer_groups: tuple[str, ...] = ()
    usages: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    from_minute: int | None = None
    until_minute: int | None = None
    hours: Hours = "any"
    min_minutes: int | None = None
    max_minutes: int | None = None
    unit: Unit
    price_ore: int = 0
    percent: int | None = None
    """Of a discount: basis points."""
    minimum_ore: int | None = None
    most_ore: int | None = None
    per_place: bool = True
    includes_vat: bool = True
    vat_code: VatCode = "zero"
    vat_reason: str = ""
    payment: Payment = "invoice"
    valid_from: date | None = None
    valid_until: date | None = None


class TariffFacts(Struct, frozen=True, kw_only=True):
    """A tariff with its lines in their order."""

    id: UUID
    version: int = 1
    key: str = ""
    name: Mapping[str, str] = field(default_factory=dict[str, str])
    ordinary_hours: tuple[OrdinaryHours, ...] = ()
    lines: tuple[TariffLineFacts, ...] = ()


class ArticleFacts(Struct, frozen=True, kw_only=True):
    """An article that is offered at the resource."""

    id: UUID
    key: str
    name: Mapping[str, str]
    kind: ArticleKind = "article"
    unit_id: UUID | None = None
    """The pooled unit that is its stock; None: there is always enough."""
    unit: ArticleUnit = "piece"
    price_ore: int
    includes_vat: bool = True
    vat_code: VatCode = "zero"
    vat_reason: str = ""
    customer_groups: tuple[str, ...] = ()
    """Who pays; others get it free. Empty: all pay."""
    is_mandatory: bool = False
    max_quantity: int = 1
    valid_from: date | None = None
    valid_until: date | None = None


class Tier(Struct, frozen=True, kw_only=True):
    """What is kept when cancelled at least so long before the start."""

    minutes_before: int
    fee_percent: int


class Priceable(Struct, frozen=True, kw_only=True):
    """All that decides what a resource costs and how that is paid."""

    tariff: TariffFacts | None = None
    articles: tuple[ArticleFacts, ...] = ()
    """Those offered there, by key."""
    tiers: tuple[Tier, ...] = ()
    """The longest before the start first."""
    online_open: bool = False
    pay_minutes: int = 45
    pay_hours: int = 72


class Ordered(Struct, frozen=True):
    """An article that somebody wants, and how many."""

    key: str
    quantity: int = 1


class Ask(Struct, frozen=True, kw_only=True):
    """What somebody wants to know the price of."""

    span: Span
    zone: ZoneInfo
    customer_group: str
    usage: Usage = "ordinary"
    quantity: int = 1
    """Places in a pool."""
    articles: tuple[Ordered, ...] = ()
    of_many: bool = False
    """The articles are those of an application with several places: what is not offered here goes with another."""
