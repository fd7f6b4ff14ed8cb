"""Prices as the pages show them: each line with why, deposits, how it is paid, what is kept when one cancels."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from booking.own_money import OwnMoney
from core.texts import N_, Texts
from people.groups import CUSTOMER_GROUPS
from resources.price_words import fee_text, lines_out
from resources.prices import Payment, Price, Usage
from resources.tariffs import Priceable

View = dict[str, Any]
USED_FOR: Final[Mapping[Usage, str]] = {
    "ordinary": N_("Training, meetings and other ordinary use"),
    "arrangement": N_("An event"),
    "commercial": N_("An event that earns money"),
}
PAID_HOW: Final[Mapping[Payment, str]] = {
    "online": N_("You pay online before the booking is confirmed."),
    "invoice": N_("You get an invoice afterwards."),
    "internal": N_("It is settled between the municipality's own accounts."),
}


def price_view(price: Price, texts: Texts) -> View:
    """For booking/_price.html."""
    return {
        "lines": [
            {
                "text": line.text,
                "why": line.why,
                "amount_ore": line.gross.amount,
                "is_deposit": line.kind == "deposit",
            }
            for line in lines_out(price, texts)
        ],
        "net_ore": price.net_ore,
        "vat_ore": price.vat_ore,
        "gross_ore": price.gross_ore,
        "deposit_ore": price.deposit_ore,
        "paid_how": texts.gettext(PAID_HOW[price.payment]) if price.gross_ore else None,
    }


def usage_pairs(known: Priceable, texts: Texts) -> list[tuple[str, str]]:
    """What the form asks, where the price depends on what the time is used for; else nothing."""
    lines = () if known.tariff is None else known.tariff.lines
    if not any(line.usages for line in lines):
        return []
    return [(usage, texts.gettext(name)) for usage, name in USED_FOR.items()]


def own_view(money: OwnMoney, *, pay_url: str | None, can_cancel: bool, texts: Texts) -> View:
    """What whoever has a booking is told of its money, for booking/_money.html. `pay_url`: for who may pay."""
    is_hers = money.state == "confirmed"
    paid_ore = (
        min(money.paid_ore, money.owed_ore) if is_hers else money.paid_ore
    )  # the rest is on its way back
    return {
        "gross_ore": money.price.gross_ore,
        "owed_ore": money.owed_ore,
        "paid_ore": paid_ore,
        "deposit_ore": money.price.deposit_ore,
        "pay_by": money.pay_by,
        "pay_url": pay_url if money.pay_by is not None else None,
        "invoice_ore": money.owed_ore - paid_ore if is_hers and paid_ore else 0,
        "on_invoice": is_hers and money.payment == "invoice" and money.owed_ore > 0,
        "fee_ore": money.fee.fee_ore if can_cancel else 0,
        "refund_ore": money.refund_ore if can_cancel else 0,
        "price": price_view(money.price, texts),
    }


def cancel_views(chosen: Sequence[tuple[str, Sequence[OwnMoney]]], texts: Texts) -> list[View]:
    """What cancelling now costs, told before it is done: for each choice (its name, and what goes with it) `fee_ore`,
    `refund_ore` of what was paid, and the rules. Nothing where nothing costs anything.
    """
    if not any(money.owed_ore for _, every in chosen for money in every):
        return []
    return [
        {
            "name": name,
            "fee_ore": sum(money.fee.fee_ore for money in every),
            "refund_ore": sum(money.refund_ore for money in every),
            "paid_ore": sum(money.paid_ore for money in every),
            "deposit_ore": sum(money.price.deposit_ore for money in every if money.paid_ore),
            "rules": list(dict.fromkeys(rule_text(money, texts) for money in every if money.owed_ore)),
        }
        for name, every in chosen
    ]


def rule_text(money: OwnMoney, texts: Texts) -> str:
    """Because of what something is kept, or nothing."""
    if money.is_waived:
        return texts.gettext("The municipality cancels: nothing is kept.")
    return fee_text(money.fee, texts)


def officer_price(money: OwnMoney, texts: Texts) -> View:
    """What an officer sees of a booking: its lines, and the customer group by which it was priced."""
    group = money.price.customer_group
    known = next((name for code, name in CUSTOMER_GROUPS.items() if code == group), None)
    return {**price_view(money.price, texts), "group": None if known is None else texts.gettext(known)}
