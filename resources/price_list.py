"""The price list of a place in words: who pays what when, what can be ordered along, what cancelling costs. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from core.texts import N_, Texts
from people.groups import CUSTOMER_GROUPS
from resources.price_words import PAYMENTS, percent_text, tiers_text, vat_text, when_text, worded
from resources.prices import Payment, Unit
from resources.tariffs import ArticleFacts, Priceable, TariffLineFacts

PER: Final[Mapping[Unit, str]] = {
    "hour": N_("%(price)s an hour"),
    "started_hour": N_("%(price)s for each started hour"),
    "quarter": N_("%(price)s for each started quarter of an hour"),
    "day": N_("%(price)s a day"),
    "weekend": N_("%(price)s a weekend"),
    "occasion": N_("%(price)s for the whole booking"),
    "piece": N_("%(price)s each"),
}


class PriceRow(Struct, frozen=True):
    """A line of the list."""

    text: str
    """What it is."""
    who: str
    """For whom and when; empty: for all, always."""
    price: str
    vat: str
    """What VAT is in it; empty where it costs nothing."""


class PriceList(Struct, frozen=True):
    """All there is to tell of what it costs. Without rows it costs nothing."""

    rows: list[PriceRow]
    articles: list[PriceRow]
    payments: list[str]
    """How it is paid, when that is not the same for all: first what comes first."""
    cancelling: list[str]
    """What is kept of the price; empty: nothing ever is."""


def price_list(known: Priceable, texts: Texts, today: date) -> PriceList:
    """What holds today or later, as the tariff has it in order."""
    lines = () if known.tariff is None else known.tariff.lines
    coming = [line for line in lines if is_coming(line, today)]
    costs = any(line.price_ore for line in coming)
    payments: dict[Payment, None] = dict.fromkeys(
        _payment(line, known) for line in coming if line.kind == "base" and line.price_ore
    )
    return PriceList(
        rows=[line_row(line, texts) for line in coming],
        articles=[article_row(each, texts) for each in known.articles if is_coming(each, today)],
        payments=[texts.gettext(PAYMENTS[payment]) for payment in payments],
        cancelling=tiers_text(known.tiers, texts) if costs else [],
    )


def rate_text(line: TariffLineFacts, texts: Texts) -> str:
    """`600 kr for each started hour, at least 1 200 kr`."""
    if line.kind == "discount":
        return texts.gettext("%(percent)s %% off the hire", percent=percent_text(line.percent or 0, texts))
    if line.price_ore == 0:
        return texts.gettext("free")
    told = [texts.gettext(PER[line.unit], price=texts.money(line.price_ore))]
    if line.minimum_ore:
        told.append(texts.gettext("at least %(price)s", price=texts.money(line.minimum_ore)))
    if line.most_ore is not None:
        told.append(texts.gettext("at most %(price)s a day", price=texts.money(line.most_ore)))
    if line.kind == "supplement":
        told.append(texts.gettext("in addition"))
    return ", ".join(told)


def line_row(line: TariffLineFacts, texts: Texts) -> PriceRow:
    """A line as the list tells of it."""
    is_paid = line.kind != "discount" and line.price_ore > 0
    return PriceRow(
        text=worded(line.text, texts),
        who=when_text(line, texts),
        price=rate_text(line, texts),
        vat=vat_text(line.vat_code, line.vat_reason, texts, includes=line.includes_vat) if is_paid else "",
    )


def article_row(article: ArticleFacts, texts: Texts) -> PriceRow:
    """An article as the list and the form tell of it."""
    who = [texts.gettext(name) for code, name in CUSTOMER_GROUPS.items() if code in article.customer_groups]
    told = [texts.gettext("free") if not article.price_ore else _article_price(article, texts)]
    if article.kind == "deposit":
        told.append(texts.gettext("a deposit that is paid back after use"))
    if article.is_mandatory:
        told.append(texts.gettext("goes with every booking"))
    return PriceRow(
        text=worded(article.name, texts),
        who=texts.gettext("others get it free: paid by %(groups)s", groups=texts.listed(who)) if who else "",
        price=", ".join(told),
        vat=vat_text(article.vat_code, article.vat_reason, texts, includes=article.includes_vat)
        if article.price_ore and article.kind != "deposit"
        else "",
    )


def _article_price(article: ArticleFacts, texts: Texts) -> str:
    return texts.gettext(PER[article.unit], price=texts.money(article.price_ore))


def _payment(line: TariffLineFacts, known: Priceable) -> Payment:
    is_closed = line.payment == "online" and not known.online_open
    return "invoice" if is_closed else line.payment


def is_coming(thing: TariffLineFacts | ArticleFacts, today: date) -> bool:
    return thing.valid_until is None or today <= thing.valid_until
