"""What goes over the wire about what hire costs: tariffs with their lines, the trial, cancel tiers and pay terms."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core.errors import Invalid
from core.money import RATES, Ore, VatCode
from core.texts import N_
from core.wire import Clock, Code, Instant, OptionalText, clock_of, minutes_of
from people.groups import CustomerGroup
from resources.price_words import PriceOut
from resources.prices import Payment, Unit, Usage
from resources.schemas import In, OpensAt, ShortTranslated
from resources.tariffs import Hours, OrdinaryHours, TariffLineFacts, TariffLineKind, Tier

MOST_LINES = 400
Weekday = Annotated[int, Meta(ge=1, le=8)]
"""1 is Monday, 7 Sunday, 8 a public holiday."""
Length = Annotated[int, Meta(ge=1, le=576_000)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
"""Hundredths of a per cent: 2500 is a quarter."""
LineUnit = Literal["started_hour", "hour", "quarter", "day", "weekend", "occasion"]
RoundTo = Literal["krone", "ore"]


class MoneyIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An amount in øre."""

    amount: Ore
    currency: Literal["NOK"] = "NOK"


class OrdinaryLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ordinary hours of a weekday. On a public holiday only those of weekday 8 hold."""

    weekday: Weekday
    from_time: OpensAt
    until_time: Clock


class TariffLineIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price and what it holds for. What is left out fits all; docs/tariffs.md tells how lines are chosen."""

    kind: TariffLineKind = "base"
    text: ShortTranslated
    customer_groups: Annotated[list[CustomerGroup], Meta(max_length=6)] = []
    usages: Annotated[list[Usage], Meta(max_length=3)] = []
    weekdays: Annotated[list[Weekday], Meta(max_length=8)] = []
    from_time: OpensAt | None = None
    until_time: Clock | None = None
    hours: Hours = "any"
    min_minutes: Length | None = None
    max_minutes: Length | None = None
    unit: LineUnit | None = None
    """Not of a discount."""
    price: MoneyIn = MoneyIn(amount=0)
    """Of one unit; nothing: free."""
    percent: BasisPoints | None = None
    """Of a discount, in hundredths of a per cent."""
    minimum: MoneyIn | None = None
    """The least that the line comes to in a booking."""
    most: MoneyIn | None = None
    """The most that it comes to on each local day."""
    per_place: bool = True
    includes_vat: bool = True
    vat_code: VatCode | None = None
    """Not of a discount, which takes that of what it is taken off."""
    vat_reason: OptionalText = ""
    """Of what is exempt: the paragraph."""
    payment: Payment = "invoice"
    valid_from: date | None = None
    valid_until: date | None = None
    """The last day; of the local day on which the booking starts."""


class TariffLineOut(TariffLineIn, frozen=True, kw_only=True):
    """The same, known by its id, with what it holds for in words."""

    id: UUID
    when: str


class PlaceIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A facility, for all its resources that have no tariff of their own; or one resource."""

    facility_id: UUID | None = None
    resource_id: UUID | None = None


class PlaceOut(msgspec.Struct, kw_only=True):
    facility_id: UUID | None
    resource_id: UUID | None
    name: str
    """Of the facility, and of the resource where it is one."""


Ordinary = Annotated[list[OrdinaryLine], Meta(max_length=100)]
Lines = Annotated[list[TariffLineIn], Meta(max_length=MOST_LINES)]
Places = Annotated[list[PlaceIn], Meta(max_length=500)]


class TariffIn(In, kw_only=True):
    """`key` is the municipality's own short name for it."""

    key: Code
    name: ShortTranslated
    ordinary_hours: Ordinary = []
    """Empty: all hours are ordinary."""
    lines: Lines = []
    """In order: of the base lines that fit, the first prices each part of the time."""
    places: Places = []


class TariffPatch(In, kw_only=True):
    """Only what is given changes; a list that is given replaces the whole of it."""

    name: ShortTranslated | UnsetType = UNSET
    ordinary_hours: Ordinary | UnsetType = UNSET
    lines: Lines | UnsetType = UNSET
    places: Places | UnsetType = UNSET


class RenewIn(In, kw_only=True):
    """New prices from a day on."""

    valid_from: date
    change: Annotated[int, Meta(ge=-10_000, le=100_000)]
    """In hundredths of a per cent: 350 is 3.5 % dearer, -200 is 2 % cheaper."""
    round_to: RoundTo = "krone"


class WarningOut(msgspec.Struct, kw_only=True):
    """What may be meant otherwise. It keeps nothing from being saved."""

    kind: Literal["no_lines", "uncovered", "never_reached"]
    line: int | None
    """Its place among the lines, from 0."""
    text: str
    """In the reader's language."""


class TariffBrief(msgspec.Struct, kw_only=True):
    id: UUID
    key: str
    name: ShortTranslated
    places: list[PlaceOut]
    ended_at: datetime | None
    version: int


class TariffOut(TariffBrief, kw_only=True):
    """A tariff with its lines in their order."""

    ordinary_hours: list[OrdinaryLine]
    lines: list[TariffLineOut]
    warnings: list[WarningOut]


class TryArticle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    article: Code
    quantity: Annotated[int, Meta(ge=1, le=10_000)] = 1


class TryIn(In, kw_only=True):
    """What if somebody booked then? Articles are those offered at the resource, or without one those of everywhere."""

    start: Instant
    end: Instant
    customer_group: CustomerGroup
    usage: Usage = "ordinary"
    quantity: Annotated[int, Meta(ge=1, le=10_000)] = 1
    """Places in a pool."""
    resource_id: UUID | None = None
    articles: Annotated[list[TryArticle], Meta(max_length=50)] = []


class TryOut(msgspec.Struct, kw_only=True):
    """What it would cost. Nothing is written."""

    price: PriceOut


class TierLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When cancelled at least so long before the start, so many per cent of the price are kept."""

    minutes_before: Annotated[int, Meta(ge=0, le=527_040)]
    fee_percent: Annotated[int, Meta(ge=0, le=100)]


class TiersIn(In, kw_only=True):
    """All tiers of a facility, a resource or (neither) the municipality. An empty list: those around it hold."""

    facility_id: UUID | None = None
    resource_id: UUID | None = None
    tiers: Annotated[list[TierLine], Meta(max_length=20)]


class TiersOut(msgspec.Struct, kw_only=True):
    """The tiers in force there, the longest before the start first."""

    facility_id: UUID | None
    resource_id: UUID | None
    set_at: Literal["resource", "facility", "municipality"] | None
    """Whose they are; null: none are set, and cancelling is free until the start."""
    tiers: list[TierLine]
    text: list[str]
    """In the reader's language."""


class PayTermsPatch(In, kw_only=True):
    """Only what is given changes."""

    pay_minutes: Annotated[int, Meta(ge=31, le=1440)] | UnsetType = UNSET
    pay_hours: Annotated[int, Meta(ge=1, le=720)] | UnsetType = UNSET


class PayTermsOut(msgspec.Struct, kw_only=True):
    """How the municipality is paid. `online_open` follows from whether somebody can take the money."""

    online_open: bool
    pay_minutes: int
    """How long who booked by herself has for paying."""
    pay_hours: int
    """The same after an officer's approval."""
    version: int


# --- between the wire and the engine


def facts_of(line: TariffLineIn, field: str, line_id: UUID) -> TariffLineFacts:
    """The line as the engine reads it. Raises Invalid with the member that cannot be meant."""
    since = None if line.from_time is None else minutes_of(line.from_time)
    until = None if line.until_time is None else minutes_of(line.until_time)
    text = {name: told for name, told in msgspec.to_builtins(line.text).items() if told}
    if not text:
        raise Invalid(field=f"{field}.text", expected=N_("a text in at least one language"))
    if until is not None and until <= (since or 0):
        expected = N_("later than from_time; what goes on over midnight is two lines")
        raise Invalid(field=f"{field}.until_time", expected=expected)
    if line.min_minutes and line.max_minutes and line.max_minutes < line.min_minutes:
        raise Invalid(field=f"{field}.max_minutes", expected=N_("not less than min_minutes"))
    if line.valid_from and line.valid_until and line.valid_until < line.valid_from:
        raise Invalid(field=f"{field}.valid_until", expected=N_("not before valid_from"))
    unit, vat_code = _discount(line, field) if line.kind == "discount" else _priced(line, field)
    return TariffLineFacts(
        id=line_id,
        kind=line.kind,
        text=text,
        customer_groups=tuple(sorted(set(line.customer_groups))),
        usages=tuple(sorted(set(line.usages))),
        weekdays=tuple(sorted(set(line.weekdays))),
        from_minute=since,
        until_minute=until,
        hours=line.hours,
        min_minutes=line.min_minutes,
        max_minutes=line.max_minutes,
        unit=unit,
        price_ore=line.price.amount,
        percent=line.percent,
        minimum_ore=None if line.minimum is None else line.minimum.amount,
        most_ore=None if line.most is None else line.most.amount,
        per_place=line.per_place,
        includes_vat=line.includes_vat,
        vat_code=vat_code,
        vat_reason=line.vat_reason.strip() if vat_code == "exempt" else "",
        payment=line.payment,
        valid_from=line.valid_from,
        valid_until=line.valid_until,
    )


def _discount(line: TariffLineIn, field: str) -> tuple[Unit, VatCode]:
    if line.percent is None:
        raise Invalid(field=f"{field}.percent", expected=N_("hundredths of a per cent, such as 2500"))
    for name, given in (("unit", line.unit), ("minimum", line.minimum), ("most", line.most)):
        if given is not None:
            raise Invalid(field=f"{field}.{name}", expected=N_("nothing: a discount is in per cent"))
    if line.price.amount:
        raise Invalid(field=f"{field}.price", expected=N_("nothing: a discount is in per cent"))
    return "percent", "zero"


def _priced(line: TariffLineIn, field: str) -> tuple[Unit, VatCode]:
    if line.unit is None:
        raise Invalid(field=f"{field}.unit", expected=list(LineUnit.__args__))
    if line.vat_code is None:
        raise Invalid(field=f"{field}.vat_code", expected=list(RATES))
    if line.percent is not None:
        raise Invalid(field=f"{field}.percent", expected=N_("nothing: only a discount is in per cent"))
    if line.vat_code == "exempt" and not line.vat_reason.strip():
        raise Invalid(
            field=f"{field}.vat_reason", expected=N_("why it is exempt, such as the paragraph of the law")
        )
    if line.kind != "base" and (line.minimum or line.most):
        name = "minimum" if line.minimum else "most"
        raise Invalid(field=f"{field}.{name}", expected=N_("nothing: only a base line has it"))
    if line.minimum and line.most and line.most.amount < line.minimum.amount:
        raise Invalid(field=f"{field}.most", expected=N_("not less than minimum"))
    return line.unit, line.vat_code


def line_out(line: TariffLineFacts, when: str) -> TariffLineOut:
    """As people state it."""
    is_discount = line.kind == "discount"
    values: dict[str, Any] = {
        **{name: getattr(line, name) for name in TariffLineIn.__struct_fields__ if hasattr(line, name)},
        "customer_groups": list(line.customer_groups),
        "usages": list(line.usages),
        "weekdays": list(line.weekdays),
        "text": msgspec.convert(line.text, ShortTranslated),
        "from_time": None if line.from_minute is None else clock_of(line.from_minute),
        "until_time": None if line.until_minute is None else clock_of(line.until_minute),
        "unit": None if is_discount else line.unit,
        "price": MoneyIn(amount=line.price_ore),
        "minimum": None if line.minimum_ore is None else MoneyIn(amount=line.minimum_ore),
        "most": None if line.most_ore is None else MoneyIn(amount=line.most_ore),
        "vat_code": None if is_discount else line.vat_code,
    }
    return TariffLineOut(id=line.id, when=when, **values)


def line_in(line: TariffLineOut) -> TariffLineIn:
    """A line that was read, as it is sent again."""
    return TariffLineIn(**{name: getattr(line, name) for name in TariffLineIn.__struct_fields__})


def ordinary_of(lines: list[OrdinaryLine]) -> tuple[OrdinaryHours, ...]:
    """As the engine reads them. Raises Invalid with the member that cannot be meant."""
    made: list[OrdinaryHours] = []
    for place, line in enumerate(lines):
        since, until = minutes_of(line.from_time), minutes_of(line.until_time)
        if until <= since:
            expected = N_("later than from_time; what goes on over midnight is two lines")
            raise Invalid(field=f"ordinary_hours.{place}.until_time", expected=expected)
        made.append(OrdinaryHours(weekday=line.weekday, from_minute=since, until_minute=until))
    return tuple(made)


def ordinary_out(hours: tuple[OrdinaryHours, ...]) -> list[OrdinaryLine]:
    return [
        OrdinaryLine(
            weekday=each.weekday, from_time=clock_of(each.from_minute), until_time=clock_of(each.until_minute)
        )
        for each in hours
    ]


def tiers_of(lines: list[TierLine]) -> list[Tier]:
    """The longest first. Raises Invalid for two of the same time, and where the later one costs less."""
    seen: dict[int, int] = {}
    for place, line in enumerate(lines):
        if line.minutes_before in seen:
            raise Invalid(field=f"tiers.{place}.minutes_before", expected=N_("each time once"))
        seen[line.minutes_before] = line.fee_percent
        for before, percent in seen.items():
            if (before > line.minutes_before and percent > line.fee_percent) or (
                before < line.minutes_before and percent < line.fee_percent
            ):
                raise Invalid(
                    field=f"tiers.{place}.fee_percent",
                    expected=N_("the later it is cancelled, the same or more"),
                )
    return [Tier(minutes_before=before, fee_percent=seen[before]) for before in sorted(seen, reverse=True)]
