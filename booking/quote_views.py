"""The quote that follows the booking form, as booking/_quote.html shows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from booking.alternatives import Alternative
from booking.booking_form import BookingForm, Instead
from booking.preview import Preview
from booking.price_views import price_view
from booking.told import refusal_view
from core.errors import Refusal
from core.spans import Span
from core.texts import Texts
from resources.policies import line_text
from resources.prices import Price

View = dict[str, Any]


def quote_view(
    previewed: Preview,
    read: BookingForm,
    alternatives: Sequence[View],
    texts: Texts,
    *,
    others: Mapping[Span, Sequence[Alternative]] | None = None,
) -> View:
    """For booking/_quote.html. `others`: of the refused ones of a repeat, where they would go better."""
    repeats = len(previewed.wishes) > 1 or "every_weeks" in read.found
    refused = [reasons for _, reasons in previewed.wishes if reasons]
    shown: list[Refusal] = [previewed.holder_refusal] if previewed.holder_refusal else []
    if not repeats and refused:
        shown += refused[0]
    views = [
        refusal_view(each, texts, alternatives if number == len(shown) - 1 else ())
        for number, each in enumerate(shown)
    ]
    some_left = len(refused) < len(previewed.wishes)
    skips = repeats and read.form["if_refused"] == "skip" and some_left
    return {
        "span": read.span,
        "allowed": not views and (not refused or skips),
        "refusals": views,
        **decision_view(previewed, texts),
        "pays_first": any(each.gross_ore and each.payment == "online" for each in _prices(previewed)),
        "holds": previewed.bookable.facts.request_holds,
        "price": _price_of(previewed, texts),
        "total": _total_of(previewed) if repeats else None,
        "free": len(previewed.wishes) - len(refused),
        "refused": len(refused) if repeats else 0,
        "skips": skips,
        "occurrences": occurrence_views(previewed, read, texts, others or {}) if repeats else [],
    }


def _price_of(previewed: Preview, texts: Texts) -> View | None:
    """Of each of the times, when it is the same for all; else None, and each occurrence says its own."""
    prices = _prices(previewed)
    if not prices or any(each.gross_ore != prices[0].gross_ore for each in prices):
        return None
    return price_view(prices[0], texts)


def _total_of(previewed: Preview) -> View | None:
    """Of a repeat: how many times that can be had, and what they cost together."""
    prices = _prices(previewed)
    if len(prices) < 2:
        return None
    gross = sum(each.gross_ore for each in prices)
    return {
        "n": len(prices),
        "gross_ore": gross,
        "is_same": all(each.gross_ore == prices[0].gross_ore for each in prices),
    }


def _prices(previewed: Preview) -> list[Price]:
    """Of the times that can be had; of all that exist, when none can."""
    pairs = [
        (price, reasons)
        for price, (_, reasons) in zip(previewed.prices, previewed.wishes, strict=True)
        if price is not None
    ]
    return [price for price, reasons in pairs if not reasons] or [price for price, _ in pairs]


def decision_view(previewed: Preview, texts: Texts) -> View:
    """Who decides the times that can be had, and because of which rule; "mixed" when it is not the same for all."""
    verdicts = [
        verdict
        for verdict, (_, reasons) in zip(previewed.verdicts, previewed.wishes, strict=True)
        if verdict is not None and not reasons
    ] or [verdict for verdict in previewed.verdicts if verdict is not None]
    decisions = {verdict.decision for verdict in verdicts}
    whys = {verdict.why for verdict in verdicts}
    return {
        "decision": decisions.pop() if len(decisions) == 1 else "mixed",
        "rule": line_text(whys.pop(), texts) if len(whys) == 1 and verdicts[0].why.line is not None else None,
    }


def occurrence_views(
    previewed: Preview,
    read: BookingForm,
    texts: Texts,
    others: Mapping[Span, Sequence[Alternative]],
) -> list[View]:
    """Every repeat with why it cannot be had and where it could be instead, and those left out, so that they can be
    taken back in.
    """
    moved = {each.day: each for each in read.instead}
    mixed = len({verdict.decision for verdict in previewed.verdicts if verdict is not None}) > 1
    views: list[View] = []
    differ = len({each.gross_ore for each in previewed.prices if each is not None}) > 1
    for (wish, reasons), verdict, price in zip(
        previewed.wishes, previewed.verdicts, previewed.prices, strict=True
    ):
        span = wish.span if isinstance(wish.span, Span) else None
        facts = previewed.bookables[wish.resource_id].facts
        is_elsewhere = wish.resource_id != previewed.bookable.facts.id
        views.append(
            {
                "span": span,
                "day": wish.day,
                "on": wish.day.isoformat(),
                "refusal": texts.gettext(reasons[0].title) if reasons else None,
                "is_skipped": False,
                "place": f"{facts.name}, {facts.facility_name}" if is_elsewhere else None,
                "decision": verdict.decision if verdict is not None and mixed and not reasons else None,
                "gross_ore": price.gross_ore if price is not None and differ and not reasons else None,
                "instead": str(moved[wish.day]) if wish.day in moved else None,
                "others": [
                    {
                        "text": f"{each.name}: {texts.times(each.span)}"
                        if each.name
                        else texts.times(each.span),
                        "value": str(Instead(wish.day, each.resource_id, each.span)),
                    }
                    for each in (others.get(span, ()) if span is not None and reasons else ())
                ],
            }
        )
    views += [
        {
            "span": None,
            "day": day,
            "on": day.isoformat(),
            "refusal": None,
            "is_skipped": True,
            "place": None,
            "decision": None,
            "gross_ore": None,
            "instead": None,
            "others": [],
        }
        for day in dict.fromkeys(read.except_on)
    ]
    return sorted(views, key=lambda view: view["on"])
