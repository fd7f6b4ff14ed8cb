"""Something to show in the templates of webhooks, the change log and door locks."""

from typing import Any, Final

from calendar_feeds.partners.kinds import KINDS
from tests.web.contexts import NOW, Sample

WEBHOOK: Final[dict[str, Any]] = {
    "id": "1",
    "label": "Varmestyring i hallene",
    "address": "https://varme.example.no/ledig?key=1234567890123456789012345678901234567890",
    "kinds": ["booking.confirmed", "closure.laid"],
    "state": "on",
    "health": "on",
    "why": None,
    "created_at": NOW,
    "reached_at": NOW,
    "failing_since": None,
    "earlier_secret_until": None,
    "due": 0,
    "dead": 0,
    "url": "/solvik/staff/webhooks/1",
}
FAILING: Final[dict[str, Any]] = {
    **WEBHOOK,
    "label": "Låser",
    "health": "failing",
    "failing_since": NOW,
    "due": 12,
    "dead": 1,
}
PAUSED: Final[dict[str, Any]] = {
    **FAILING,
    "label": "Kalender for møterom",
    "state": "paused",
    "health": "paused",
    "why": "Den svarte at den er borte (410).",
    "reached_at": None,
    "earlier_secret_until": NOW,
}
DONE: Final[dict[str, Any]] = {
    "id": "1",
    "message_id": "msg_0f5146376e8d5ab886d2aebc2e203aab",
    "kind": "booking.confirmed",
    "state": "done",
    "created_at": NOW,
    "due_at": None,
    "attempts": 1,
    "tried_at": NOW,
    "status": 204,
    "took_ms": 87,
    "answer": None,
    "error": None,
}
DUE: Final[dict[str, Any]] = {
    **DONE,
    "message_id": "msg_13d7d69a3f9286cbe7f00f5146376e8d",
    "kind": "closure.laid",
    "state": "due",
    "due_at": NOW,
    "attempts": 3,
    "status": 503,
    "answer": "Prøv igjen senere.\n" * 3,
}
DEAD: Final[dict[str, Any]] = {
    **DONE,
    "message_id": "msg_f16fa1a17efd5ad498ff3f9286cbe7f0",
    "kind": "booking.ended",
    "state": "dead",
    "attempts": 10,
    "status": None,
    "error": "Verten svarer ikke.",
}
FORM: Final[dict[str, Any]] = {
    "label": "Varmestyring i hallene",
    "address": "https://varme.example.no/ledig",
    "since": "",
    **dict.fromkeys(KINDS, ""),
    "closure.laid": "yes",
}
NEW: Final[dict[str, Any]] = {
    "form": FORM,
    "kinds": list(KINDS.items()),
    "errors": {},
    "idempotency_key": "1",
    "post_url": "/x",
    "back_url": "/y",
}
ONE: Final[dict[str, Any]] = {
    **NEW,
    "webhook": WEBHOOK,
    "deliveries": [DONE, DUE, DEAD],
    "previous_url": None,
    "next_url": "?next",
}


def sample(name: str, template: str, context: dict[str, Any]) -> Sample:
    return Sample(name=name, template=f"calendar_feeds/{template}.html", context=context)


SAMPLES: Final[tuple[Sample, ...]] = (
    sample(
        "webhooks",
        "webhooks",
        {
            "webhooks": [WEBHOOK, FAILING, PAUSED],
            "new_url": "/new",
            "previous_url": None,
            "next_url": "?next",
        },
    ),
    sample(
        "webhooks-none",
        "webhooks",
        {"webhooks": [], "new_url": "/new", "previous_url": None, "next_url": None},
    ),
    sample("webhook-new", "webhook_new", NEW),
    sample(
        "webhook-new-errors",
        "webhook_new",
        {
            **NEW,
            "form": {**FORM, "address": "ftp://x", "closure.laid": ""},
            "errors": {
                "address": "Adressen må begynne med https://.",
                next(iter(KINDS)): "Velg minst én.",
            },
        },
    ),
    sample("webhook", "webhook", ONE),
    sample(
        "webhook-paused",
        "webhook",
        {
            **ONE,
            "webhook": PAUSED,
            "deliveries": [],
            "next_url": None,
            "errors": {"since": "Skriv en dag.", "label": "Skriv hva dere kaller programmet."},
        },
    ),
    sample(
        "webhook-secret",
        "webhook_secret",
        {
            "label": "Varmestyring",
            "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYq=",
            "earlier_until": NOW,
            "list_url": "/y",
            "back_url": "/x",
        },
    ),
)
"""Each template with what its page may hold."""
