"""What the templates of the booking form are given in their samples: quotes, repeats and questions."""

from datetime import date
from typing import Any, Final

from tests.web.contexts import BOOKING_FORM, CHOICES, RESOURCE, at

PRICE: Final[dict[str, Any]] = {
    "lines": [
        {
            "text": "Sal A",
            "why": "1 time à 655 kr, 25 % mva. inkludert",
            "amount_ore": 65500,
            "is_deposit": False,
        },
        {
            "text": "Nøkkel",
            "why": "1 stk. à 300 kr, unntatt mva.",
            "amount_ore": 30000,
            "is_deposit": True,
        },
    ],
    "net_ore": 82400,
    "vat_ore": 13100,
    "gross_ore": 95500,
    "deposit_ore": 30000,
    "paid_how": "Du betaler på nett før bestillingen er bekreftet.",
}
FREE: Final[dict[str, Any]] = {
    "lines": [],
    "net_ore": 0,
    "vat_ore": 0,
    "gross_ore": 0,
    "deposit_ore": 0,
    "paid_how": None,
}
ARTICLES: Final = [
    {"name": "article-stoler", "label": "Stoler", "hint": "10 kr for hver", "most": 60},
    {"name": "article-nokkel", "label": "Nøkkel", "hint": "gratis", "most": 1},
]
PRICES: Final[dict[str, Any]] = {
    "rows": [
        {"text": "Hverdag", "who": "mandag–fredag", "price": "655 kr timen", "vat": "25 % mva. inkludert"},
        {"text": "Lag", "who": "Lag og forening", "price": "gratis", "vat": ""},
    ],
    "articles": [{"text": "Stoler", "who": "", "price": "10 kr for hver", "vat": "25 % mva. inkludert"}],
    "payments": ["betales på nett før den er bekreftet"],
    "cancelling": ["Minst 48 timer før start: ingenting beholdes av prisen."],
}
NO_PRICES: Final[dict[str, Any]] = {"rows": [], "articles": [], "payments": [], "cancelling": []}
QUOTE: Final[dict[str, Any]] = {
    "span": at(24, "18:00"),
    "allowed": True,
    "refusals": [],
    "decision": "automatic",
    "rule": "mandag–fredag, 16–22",
    "pays_first": False,
    "holds": True,
    "free": 1,
    "refused": 0,
    "skips": False,
    "price": PRICE,
    "total": None,
    "occurrences": [],
}
OCCURRENCE: Final[dict[str, Any]] = {
    "place": None,
    "decision": None,
    "gross_ore": None,
    "instead": None,
    "others": [],
}
WEEKLY: Final = {
    **QUOTE,
    "decision": "case_officer",
    "free": 2,
    "refused": 1,
    "skips": True,
    "price": None,
    "total": {"n": 2, "gross_ore": 131000, "is_same": False},
    "occurrences": [
        {
            "span": at(24, "18:00"),
            "day": date(2026, 11, 24),
            "on": "2026-11-24",
            "refusal": None,
            "is_skipped": False,
            **OCCURRENCE,
            "decision": "automatic",
            "gross_ore": 65500,
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
        "articles": ARTICLES,
        "weekdays": [(1, "mandag", False), (2, "tirsdag", True), (3, "onsdag", True)],
        "idempotency_key": "0192",
        "post_url": "/solvik/resources/1/book",
        "quote_url": "/solvik/resources/1/quote",
        "is_known": True,
        **other,
    }
