"""Arrangements as the pages show them, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from booking.arrangements.schemas import ArrangementOut
from core.spans import Span
from core.texts import Texts
from resources.views import in_language

View = dict[str, Any]


def arrangement_view(out: ArrangementOut, texts: Texts, *, base: str) -> View:
    """For booking/arrangements.html and booking/arrangement.html."""
    path = f"{base}/arrangements/{out.id}"
    return {
        "title": out.title,
        "description": in_language(out.description, texts.language),
        "organiser": out.organiser,
        "website": out.website,
        "picture_url": f"{path}/picture?v={out.version}" if out.has_picture else None,
        "picture_text": in_language(out.picture_alt, texts.language),
        "url": path,
        "cancelled": out.cancelled,
        "times": [
            {
                "span": Span(each.start, each.end),
                "start": each.start.isoformat(),
                "end": each.end.isoformat(),
                "place": f"{each.resource_name}, {each.facility_name}",
                "url": f"{base}/resources/{each.resource_id}",
            }
            for each in out.times
        ],
    }


def languages_of(values: Mapping[str, str], name: str) -> dict[str, str]:
    """The fields `name-nb`, `name-nn`, `name-en` that say something."""
    found = {code: values.get(f"{name}-{code}", "").strip() for code in ("nb", "nn", "en")}
    return {code: text for code, text in found.items() if text}
