"""A refusal in words: what is wrong, why, what is in the way, and where to go instead."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.errors import Refusal
from core.spans import Span
from core.texts import Texts

View = dict[str, Any]


def refusal_view(refusal: Refusal, texts: Texts, alternatives: Sequence[View] = ()) -> View:
    """For the macro `refusal`. `alternatives`: each name (or none), span and url."""
    return {
        "title": texts.gettext(refusal.title),
        "explanation": explanation(refusal, texts),
        "conflicts": in_the_way(refusal),
        "alternatives": list(alternatives),
    }


def in_the_way(refusal: Refusal) -> list[Span]:
    """Times of others and closures; never who."""
    spans: Sequence[Span] = refusal.facts.get("conflicts") or refusal.facts.get("closures") or ()
    return [Span(*span) for span in spans[:6]]


def explanation(refusal: Refusal, texts: Texts) -> str | None:
    """What the facts of the refusal say; None when its title says it all."""
    facts = refusal.facts
    told = {
        "outside-opening-hours": _opening,
        "off-grid": _grid,
        "limit-reached": _limit,
        "too-far-ahead": _far_ahead,
        "nonexistent-local-time": _skipped,
        "article-taken": _article,
        "price-changed": _price,
    }.get(refusal.type)
    if told is not None:
        return told(facts, texts)
    if "min_minutes" in facts:
        length = texts.length(facts["min_minutes"])
        return texts.gettext("The shortest booking here is %(length)s.", length=length)
    if "max_minutes" in facts:
        length = texts.length(facts["max_minutes"])
        return texts.gettext("The longest booking here is %(length)s.", length=length)
    if "earliest_at" in facts:
        return texts.gettext(
            "The earliest that can be booked now is %(instant)s.",
            instant=_instant(facts["earliest_at"], texts),
        )
    if "deadline_at" in facts:
        return texts.gettext(
            "It could be changed until %(instant)s. Contact the municipality if you cannot come.",
            instant=_instant(facts["deadline_at"], texts),
        )
    if facts.get("field") == "quantity" and "at_most" in facts:
        return texts.gettext("There are %(capacity)d in all.", capacity=facts["at_most"])
    return None


def _opening(facts: dict[str, Any], texts: Texts) -> str:
    spans: Sequence[Span] = facts.get("open") or ()
    if not spans:
        return texts.gettext("It is closed the whole day.")
    return texts.gettext("Open: %(times)s.", times=texts.listed([texts.span(span) for span in spans]))


def _grid(facts: dict[str, Any], texts: Texts) -> str:
    told = texts.gettext(
        "Book in steps of %(step)s, counted from when it opens.", step=texts.length(facts["interval_minutes"])
    )
    nearest: Sequence[datetime] = facts.get("nearest") or ()
    if not nearest:
        return told
    starts = texts.listed([texts.instant(start) for start in nearest])
    near = texts.gettext("The nearest starts: %(starts)s.", starts=starts)
    return f"{told} {near}"


def _price(facts: dict[str, Any], texts: Texts) -> str:
    was, price, back, due = (facts[name]["amount"] for name in ("was", "price", "given_back", "on_invoice"))
    return price_text(was, price, back, due, texts)


def price_text(was_ore: int, price_ore: int, given_back_ore: int, on_invoice_ore: int, texts: Texts) -> str:
    """What a move does to the price: before it is made, and after."""
    price, was = texts.money(price_ore), texts.money(was_ore)
    told = [texts.gettext("The price is %(price)s instead of %(was)s.", price=price, was=was)]
    if given_back_ore:
        back = texts.money(given_back_ore)
        told.append(texts.gettext("%(amount)s is given back, the same way as it was paid.", amount=back))
    if on_invoice_ore:
        due = texts.money(on_invoice_ore)
        told.append(texts.gettext("%(amount)s comes on an invoice.", amount=due))
    return " ".join(told)


def _limit(facts: dict[str, Any], texts: Texts) -> str:
    if facts["kind"] == "active_bookings":
        return texts.gettext(
            "You can have %(limit)d coming bookings at a time, and have %(used)d.",
            limit=facts["limit"],
            used=facts["used"],
        )
    if facts["kind"] == "waits":
        return texts.gettext("You can wait for %(limit)d times at once.", limit=facts["limit"])
    return texts.gettext(
        "You can book %(limit)s a week, and have booked %(used)s.",
        limit=texts.length(facts["limit"]),
        used=texts.length(facts["used"]),
    )


def _far_ahead(facts: dict[str, Any], texts: Texts) -> str:
    return texts.gettext("It can be booked from %(instant)s.", instant=_instant(facts["opens_at"], texts))


def _skipped(_facts: dict[str, Any], texts: Texts) -> str:
    return texts.gettext("The clock goes from 02:00 straight to 03:00 that night.")


def _instant(instant: datetime, texts: Texts) -> str:
    return texts.instant(instant, year=True)


def title_of(type_: str) -> str | None:
    """The title of the refusals of that name, to be translated."""
    return next((each.title for each in _all(Refusal) if each.type == type_), None)


def _all(kind: type[Refusal]) -> list[type[Refusal]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _all(child))]


def _article(facts: dict[str, Any], texts: Texts) -> str:
    names: dict[str, str] = facts["name"]
    name = names.get(texts.language) or next(filter(None, names.values()), facts["article"])
    left: int = facts["left"]
    if left <= 0:
        return texts.gettext("%(article)s: nothing is left at that time.", article=name)
    return texts.gettext("%(article)s: at most %(left)d can be had at that time.", article=name, left=left)
