"""What can be ordered along with a booking, as fields of a form, and what is wrong with what was written. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from core.errors import Refusal
from core.texts import N_, Texts
from resources.price_list import article_row, is_coming
from resources.tariffs import ArticleFacts

ARTICLE: Final = "article-"
"""Before the key of what can be ordered along, in the name of the field that says how many."""
HOW_MANY: Final = re.compile(r"[0-9]{1,4}")
HOW_MANY_WRONG: Final = N_("Write a whole number, 0 or more.")
ORDERED: Final = re.compile(r"articles\.([0-9]{1,3})\.(article|quantity)")


def article_fields(articles: Sequence[ArticleFacts], texts: Texts, day: date) -> list[dict[str, Any]]:
    """Of what is offered on the day or later: each name (of its field), label, hint, most. What goes along anyway
    has none.
    """
    fields: list[dict[str, Any]] = []
    for each in articles:
        if each.is_mandatory or not is_coming(each, day):
            continue
        row = article_row(each, texts)
        fields.append(
            {
                "name": f"{ARTICLE}{each.key}",
                "label": row.text,
                "hint": ". ".join(part for part in (row.price, row.vat, row.who) if part),
                "most": 1 if each.unit == "occasion" else each.max_quantity,
            }
        )
    return fields


def article_errors(refusal: Refusal, keys: Sequence[str], texts: Texts) -> dict[str, str]:
    """Field → what is wrong with it, where the refusal names one of the articles that were asked for, `keys` in their
    order; else nothing.
    """
    ordered = ORDERED.fullmatch(str(refusal.facts.get("field", "")))
    if ordered is None or int(ordered[1]) >= len(keys):
        return {}
    words: Mapping[str, str] = refusal.facts.get("words") or {}
    field = f"{ARTICLE}{keys[int(ordered[1])]}"
    if "most" in words:
        return {field: texts.gettext("At most %(n)s of this can be ordered.", n=words["most"])}
    return {field: texts.gettext("This cannot be ordered here at that time.")}
