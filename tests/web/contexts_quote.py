"""What the templates of the booking form are given in their samples: quotes, repeats and questions."""

from datetime import date
from typing import Any, Final

from tests.web.contexts import BOOKING_FORM, CHOICES, RESOURCE, at

QUOTE: Final[dict[str, Any]] = {
    "span": at(24, "18:00"),
    "allowed": True,
    "refusals": [],
    "decision": "automatic",
    "rule": "mandag–fredag, 16–22",
    "holds": True,
    "free": 1,
    "refused": 0,
    "skips": False,
    "price": {
        "lines": [{"text": "Sal A, 1 time", "amount_ore": 65500}],
        "net_ore": 65500,
        "vat_ore": 16375,
        "gross_ore": 81875,
    },
    "occurrences": [],
}
OCCURRENCE: Final[dict[str, Any]] = {"place": None, "decision": None, "instead": None, "others": []}
WEEKLY: Final = {
    **QUOTE,
    "decision": "case_officer",
    "free": 2,
    "refused": 1,
    "skips": True,
    "price": None,
    "occurrences": [
        {
            "span": at(24, "18:00"),
            "day": date(2026, 11, 24),
            "on": "2026-11-24",
            "refusal": None,
            "is_skipped": False,
            **OCCURRENCE,
            "decision": "automatic",
        },
        {
            "span": at(30, "18:00"),
            "day": date(2026, 11, 30),
            "on": "2026-11-30",
            "refusal": "The time is taken.",
            "is_skipped": False,
            **OCCURRENCE,
            "others": [
                {"text": "kl. 20–21", "value": "2026-11-30~1~a~b"},
                {"text": "Sal B, Solvikhallen: kl. 18–19", "value": "2026-11-30~2~a~b"},
            ],
        },
        {
            "span": None,
            "day": date(2026, 12, 7),
            "on": "2026-12-07",
            "refusal": None,
            "is_skipped": True,
            **OCCURRENCE,
        },
        {
            "span": at(25, "18:00"),
            "day": date(2026, 12, 14),
            "on": "2026-12-14",
            "refusal": None,
            "is_skipped": False,
            **OCCURRENCE,
            "place": "Sal B, Solvikhallen",
            "instead": "2026-12-14~2~a~b",
        },
    ],
}


QUESTIONS: Final = [
    {
        "name": f"answer-{kind}-{kind}",
        "kind": kind,
        "label": label,
        "hint": "Vi spør for å rigge riktig." if kind == "number" else None,
        "required": kind == "number",
        "options": [("half", "Halve"), ("all", "Hele")] if kind == "choice" else [],
    }
    for kind, label in (
        ("text", "Hvem har nøkkelen?"),
        ("long_text", "Noe mer vi bør vite?"),
        ("yes_no", "Trenger dere tribunen?"),
        ("number", "Hvor mange mål?"),
        ("choice", "Hvor mye av salen?"),
    )
]


def booking_form(**other: Any) -> dict[str, Any]:
    return {
        "resource": RESOURCE,
        "form": BOOKING_FORM,
        "errors": {},
        "refusals": [],
        "quote": QUOTE,
        "is_ambiguous": False,
        "choices": CHOICES,
        "questions": QUESTIONS,
        "weekdays": [(1, "mandag", False), (2, "tirsdag", True), (3, "onsdag", True)],
        "idempotency_key": "0192",
        "post_url": "/solvik/resources/1/book",
        "quote_url": "/solvik/resources/1/quote",
        "is_known": True,
        **other,
    }
