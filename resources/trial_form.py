"""The form in which staff try what a booking would cost: what stands in it, and what is meant by it. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from core.errors import Invalid, Refusal
from core.spans import DAY
from core.texts import N_, Texts
from core.wire import CODE
from resources import tariff_form
from resources.article_form import ARTICLE, HOW_MANY, HOW_MANY_WRONG, article_errors, article_fields
from resources.tariff_form import Wrong, number_in, until_in
from resources.tariff_schemas import TryArticle, TryIn
from resources.tariffs import ArticleFacts

FIELDS: Final = ("on", "on_end", "try_from", "try_until", "group", "usage", "quantity", "resource")
"""Besides those of articles."""
CHOICE_WRONG: Final = N_("Choose one of those in the list.")
WRONG: Final[Mapping[str, str]] = {
    "on": tariff_form.WRONG["try"],
    "quantity": N_("Write a whole number, 1 or more."),
}
"""Field → what would be right; of all others one of the choices."""
FIELD_OF: Final[Mapping[str, str]] = {
    "quantity": "quantity",
    "resource_id": "resource",
    "customer_group": "group",
    "usage": "usage",
}
"""Member of what is asked → the field it is told at; all else at the day."""


def example(today: date) -> dict[str, str]:
    """A booking to begin with: tomorrow evening."""
    return {"on": (today + DAY).isoformat(), "try_from": "18:00", "try_until": "20:00"}


def trial_form(asked: Mapping[str, str]) -> dict[str, str]:
    """Of all that was sent, what belongs to the trial."""
    return {**{name: asked.get(name, "") for name in FIELDS}, **_ordered(asked)}


def trial_articles(
    asked: Mapping[str, str], offered: Sequence[ArticleFacts], texts: Texts, day: date
) -> list[dict[str, Any]]:
    """Fields of what can be ordered along, and of what was asked for and cannot, so that it can be taken away."""
    fields = article_fields(offered, texts, day)
    named = {each["name"] for each in fields}
    others = [name for name, text in _ordered(asked).items() if text and name not in named]
    return [
        *fields,
        *({"name": name, "label": name.removeprefix(ARTICLE), "hint": None, "most": None} for name in others),
    ]


def read_trial(form: Mapping[str, str], texts: Texts) -> TryIn:
    """The trial's question. Raises Wrong."""
    ordered = {name: text for name, text in _ordered(form).items() if text}
    errors = {
        name: texts.gettext(HOW_MANY_WRONG) for name, text in ordered.items() if not HOW_MANY.fullmatch(text)
    }
    if errors:
        raise Wrong(errors)
    values: dict[str, Any] = {
        "start": {"date": form.get("on", ""), "time": form.get("try_from", "")},
        "end": {
            "date": form.get("on_end") or form.get("on", ""),
            "time": until_in(form.get("try_until", "")),
        },
        "customer_group": form.get("group") or "resident",
        "usage": form.get("usage") or "ordinary",
        "quantity": number_in(form.get("quantity", "")) or 1,
        "resource_id": form.get("resource") or None,
        "articles": [
            TryArticle(article=name.removeprefix(ARTICLE), quantity=int(text))
            for name, text in ordered.items()
            if int(text)
        ],
    }
    try:
        return msgspec.convert(values, TryIn, strict=False)
    except msgspec.ValidationError as error:
        member = str(error).rpartition("$.")[2].rstrip("`").partition(".")[0]
        field = FIELD_OF.get(member, "on")
        raise Wrong({field: texts.gettext(WRONG.get(field, CHOICE_WRONG))}) from error


def trial_errors(refusal: Refusal, form: TryIn, texts: Texts) -> dict[str, str]:
    """A refusal of what was asked, at the field that it is about."""
    found = article_errors(refusal, [each.article for each in form.articles], texts)
    if found:
        return found
    told = refusal.expected(texts.gettext) if isinstance(refusal, Invalid) else None
    field = FIELD_OF.get(str(refusal.facts.get("field", "")), "on")
    return {field: told or texts.gettext(refusal.title)}


def _ordered(form: Mapping[str, str]) -> dict[str, str]:
    """The fields of articles, in the order of the form."""
    return {
        name: text
        for name, text in form.items()
        if name.startswith(ARTICLE) and re.search(CODE, name.removeprefix(ARTICLE))
    }
