"""A price in words: what each line is, how it comes about and what VAT is in it; what a line holds for, and what is
kept when one cancels.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import replace

from core.money import RATES, Money, VatCode
from core.texts import N_, Texts
from people.groups import CUSTOMER_GROUPS
from resources.cancelling import Fee
from resources.policies import Policy, line_text
from resources.prices import LineOut, Payment, Price, Priced, PriceLine, Unit, Usage
from resources.tariff_checks import Doubt
from resources.tariffs import HOLIDAY, TariffLineFacts, Tier

COUNTED: Final[Mapping[Unit, tuple[str, str]]] = {
    "hour": (N_("%(count)s hour at %(price)s"), N_("%(count)s hours at %(price)s")),
    "started_hour": (N_("%(count)s started hour at %(price)s"), N_("%(count)s started hours at %(price)s")),
    "quarter": (
        N_("%(count)s started quarter of an hour at %(price)s"),
        N_("%(count)s started quarters of an hour at %(price)s"),
    ),
    "day": (N_("%(count)s day at %(price)s"), N_("%(count)s days at %(price)s")),
    "weekend": (N_("%(count)s weekend at %(price)s"), N_("%(count)s weekends at %(price)s")),
    "piece": (N_("%(count)s piece at %(price)s"), N_("%(count)s pieces at %(price)s")),
}
GROUPS: Final[Mapping[str, str]] = {**CUSTOMER_GROUPS}
USAGES: Final[Mapping[str, str]] = {
    "ordinary": N_("ordinary use"),
    "arrangement": N_("an event"),
    "commercial": N_("an event that earns money"),
}
PAYMENTS: Final[Mapping[Payment, str]] = {
    "online": N_("paid online before it is confirmed"),
    "invoice": N_("paid afterwards, on an invoice"),
    "internal": N_("settled between the municipality's own accounts"),
}
HOURS: Final[Mapping[str, str]] = {
    "ordinary": N_("within ordinary hours"),
    "outside": N_("outside ordinary hours"),
}


class PriceOut(msgspec.Struct, kw_only=True):
    """A price for the wire: its lines explained in words, and their sums."""

    lines: list[LineOut]
    net: Money
    vat: Money
    gross: Money
    payment: Payment
    customer_group: str
    usage: Usage


def price_out(price: Price, texts: Texts) -> PriceOut:
    """The price in the reader's language."""
    return PriceOut(
        lines=lines_out(price, texts),
        net=Money(price.net_ore),
        vat=Money(price.vat_ore),
        gross=Money(price.gross_ore),
        payment=price.payment,
        customer_group=price.customer_group,
        usage=price.usage,
    )


def lines_out(price: Price, texts: Texts) -> list[LineOut]:
    """Each line as it is told: `Idrettshall, hverdag` and `1,5 timer à 600 kr, unntatt mva. (§ 3-11)`."""
    return [_line_out(line, texts) for line in price.lines]


def _line_out(line: PriceLine, texts: Texts) -> LineOut:
    return LineOut(
        kind=line.kind,
        text=worded(line.text, texts),
        why=why_text(line, texts),
        unit=line.unit,
        quantity=str(_trimmed(Decimal(line.quantity_milli).scaleb(-3))),
        unit_price=Money(0 if line.unit == "percent" else line.unit_ore),
        net=Money(line.net_ore),
        vat=Money(line.vat_ore),
        gross=Money(line.gross_ore),
        vat_code=line.vat_code,
        vat_rate=_percent(RATES[line.vat_code]),
    )


def worded(text: Mapping[str, str], texts: Texts) -> str:
    """What staff have written, in the reader's language or else the first there is."""
    return text.get(texts.language) or next((told for told in text.values() if told), "")


def why_text(line: Priced, texts: Texts) -> str:
    """How the line comes about, with its VAT: `3 plasser, hver 1,5 timer à 120 kr, 25 % mva. inkludert`."""
    if line.unit_ore == 0:
        return texts.gettext("free of charge")
    return (
        f"{_made(line, texts)}, {vat_text(line.vat_code, line.vat_reason, texts, includes=line.includes_vat)}"
    )


def _made(line: Priced, texts: Texts) -> str:
    if line.kind == "discount":
        return texts.gettext("%(percent)s %% off the hire", percent=_shown_percent(line.unit_ore, texts))
    price = texts.money(line.unit_ore)
    if line.kind == "minimum":
        told = texts.gettext("up to the least price, %(price)s", price=price)
    elif line.kind == "ceiling":
        told = texts.gettext("down to the highest price for a day, %(price)s", price=price)
    else:
        told = _counted(line, price, texts)
    if line.times == 1:
        return told
    if line.kind in {"article", "deposit"}:
        return texts.gettext("%(n)d pieces, for each %(price)s", n=line.times, price=told)
    return texts.gettext("%(n)d places, for each %(price)s", n=line.times, price=told)


def _counted(line: Priced, price: str, texts: Texts) -> str:
    """`1,5 timer à 600 kr`; minutes that are no neat part of an hour are told as minutes."""
    if line.unit not in COUNTED:
        return texts.gettext("one price for the whole booking, %(price)s", price=price)
    if line.unit == "hour" and line.minutes is not None and line.minutes % 3:
        return texts.gettext(
            "%(length)s at %(price)s an hour", length=texts.length(line.minutes), price=price
        )
    count = _trimmed(Decimal(line.quantity_milli).scaleb(-3))
    one, many = COUNTED[line.unit]
    return texts.gettext(one if count == 1 else many, count=_shown(count, texts), price=price)


def vat_text(code: VatCode, reason: str, texts: Texts, *, includes: bool) -> str:
    """What VAT is in a price, or comes on top of it."""
    if code == "exempt":
        if not reason:
            return texts.gettext("exempt from VAT")
        return texts.gettext("exempt from VAT (%(reason)s)", reason=reason)
    if code == "zero":
        return texts.gettext("0 % VAT")
    percent = _percent(RATES[code])
    if includes:
        return texts.gettext("%(percent)s %% VAT included", percent=percent)
    return texts.gettext("and %(percent)s %% VAT on top", percent=percent)


def when_text(line: TariffLineFacts, texts: Texts) -> str:
    """What the line holds for: `Lag, mandag–fredag, 8–16, i ordinær tid`; all there is when it names nothing."""
    told: list[str] = []
    weekdays = tuple(day for day in line.weekdays if day != HOLIDAY)
    clock = Policy(
        "automatic",
        weekdays=weekdays,
        from_minute=line.from_minute,
        until_minute=line.until_minute,
        min_minutes=line.min_minutes,
        max_minutes=line.max_minutes,
        customer_groups=line.customer_groups,
    )
    if clock != Policy("automatic"):
        told.append(line_text(clock, texts))
    if HOLIDAY in line.weekdays:
        told.append(texts.gettext("public holidays"))
    if line.hours in HOURS:
        told.append(texts.gettext(HOURS[line.hours]))
    told += [texts.gettext(USAGES[usage]) for usage in USAGES if usage in line.usages]
    if line.valid_from is not None:
        told.append(texts.gettext("from %(day)s", day=texts.day(line.valid_from, year=True)))
    if line.valid_until is not None:
        told.append(texts.gettext("until %(day)s", day=texts.day(line.valid_until, year=True)))
    return ", ".join(told) or texts.gettext("all bookings")


def doubt_text(doubt: Doubt, texts: Texts) -> str:
    """What in a tariff may be meant otherwise, as a sentence."""
    if doubt.kind == "no_lines":
        return texts.gettext("The tariff has no price: hire is free of charge.")
    if doubt.line is not None and doubt.other is not None:
        return texts.gettext(
            "Line %(line)d is never used: line %(other)d comes before it and fits wherever it does.",
            line=doubt.line + 1,
            other=doubt.other + 1,
        )
    group = texts.gettext(GROUPS[doubt.customer_group])
    usage = texts.gettext(USAGES[doubt.usage])
    if not doubt.times:
        return texts.gettext(
            "%(group)s: %(usage)s is free of charge, for no line holds.", group=group, usage=usage
        )
    times = _times_text(doubt.times, texts)
    return texts.gettext(
        "%(group)s: %(usage)s is free of charge at some times, for no line holds then: %(times)s.",
        group=group,
        usage=usage,
        times=times,
    )


def _times_text(times: Sequence[tuple[int, int, int]], texts: Texts) -> str:
    """`mandag–fredag, 0–8; helligdager, 0–24`."""
    days_of: dict[tuple[int, int], list[int]] = {}
    for weekday, since, until in times:
        days_of.setdefault((since, until), []).append(weekday)
    told: list[str] = []
    for (since, until), days in days_of.items():
        clock = Policy("automatic", from_minute=since, until_minute=until)
        plain = tuple(day for day in days if day != HOLIDAY)
        if plain:
            told.append(line_text(replace(clock, weekdays=plain), texts))
        if HOLIDAY in days:
            told.append(f"{texts.gettext('public holidays')}, {line_text(clock, texts)}")
    return "; ".join(told)


def fee_text(fee: Fee, texts: Texts) -> str:
    """What is kept of the price of a booking that is cancelled, and by which rule."""
    if fee.rule == "started":
        return texts.gettext("It has begun: the whole price is kept.")
    if fee.rule == "no_tiers":
        return texts.gettext("Nothing is kept of the price.")
    if fee.rule == "late":
        length = texts.length(fee.minutes_before or 0)
        return texts.gettext("Less than %(length)s before the start: the whole price is kept.", length=length)
    return tier_text(Tier(minutes_before=fee.minutes_before or 0, fee_percent=fee.percent), texts)


def tiers_text(tiers: Sequence[Tier], texts: Texts) -> list[str]:
    """The tiers as the terms tell them, the longest before the start first; nothing where there are none."""
    told = [
        tier_text(tier, texts) for tier in sorted(tiers, key=lambda tier: tier.minutes_before, reverse=True)
    ]
    nearest = min((tier.minutes_before for tier in tiers), default=0)
    if nearest > 0:
        told.append(
            texts.gettext(
                "Less than %(length)s before the start: the whole price is kept.",
                length=texts.length(nearest),
            )
        )
    return told


def tier_text(tier: Tier, texts: Texts) -> str:
    """One of them."""
    if tier.minutes_before == 0:
        since = texts.gettext("Until the start")
    else:
        since = texts.gettext(
            "At least %(length)s before the start", length=texts.length(tier.minutes_before)
        )
    if tier.fee_percent == 0:
        return texts.gettext("%(since)s: nothing is kept of the price.", since=since)
    if tier.fee_percent == 100:
        return texts.gettext("%(since)s: the whole price is kept.", since=since)
    return texts.gettext(
        "%(since)s: %(percent)d %% of the price is kept.", since=since, percent=tier.fee_percent
    )


def percent_text(basis_points: int, texts: Texts) -> str:
    """`12,5`."""
    return _shown_percent(basis_points, texts)


def _percent(basis_points: int) -> str:
    """`25`, `12.5`."""
    return str(_trimmed(Decimal(basis_points).scaleb(-2)))


def _shown_percent(basis_points: int, texts: Texts) -> str:
    return _shown(Decimal(basis_points).scaleb(-2), texts)


def _shown(number: Decimal, texts: Texts) -> str:
    plain = str(_trimmed(number))
    return plain.replace(".", ",") if texts.is_norwegian else plain


def _trimmed(number: Decimal) -> Decimal:
    """Without noughts at the end: 1.500 is 1.5, 2.000 is 2."""
    whole = number.to_integral_value()
    return whole.quantize(Decimal(1)) if number == whole else number.normalize()
