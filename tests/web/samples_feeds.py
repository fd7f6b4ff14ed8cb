"""Something to show in the templates of feeds and their secret addresses."""

from datetime import UTC, datetime
from typing import Any, Final

from calendar_feeds.addresses import links
from tests.web.contexts import Sample

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
OPEN: Final = [
    {
        "key": key,
        "shows": shows,
        "links": links(f"https://ledig.example/ical/solvik/resources/1.ics?variant={key}", "Sal A"),
    }
    for key, shows in (("public", "Det alle kan vite"), ("busy", "Bare når det er opptatt"))
]
SECRET: Final = links("https://ledig.example/ical/t/solvik.hemmelig.ics", "Mine bestillinger")
SUBSCRIBE: Final[dict[str, Any]] = {
    "name": "Solvikhallen – Sal A",
    "open": OPEN,
    "choices": [("full", "Alt om bestillingene", None), ("staff", "For ansatte", None)],
    "step_up_url": None,
    "sign_in_url": None,
    "kind": "resource",
    "thing_id": "1",
    "form": {"variant": "full", "label": ""},
    "errors": {},
    "refusals": [],
    "idempotency_key": "abc",
    "post_url": "/x",
    "back_url": "/y",
    "mine_url": "/z",
    "share_url": "/s",
}
OWN: Final[dict[str, Any]] = {
    **SUBSCRIBE,
    "name": "Mine bestillinger",
    "open": [],
    "choices": [("full", "Alt om bestillingene", None)],
    "kind": "person",
    "thing_id": "",
    "share_url": None,
}
FEED: Final[dict[str, Any]] = {
    "label": "Telefon",
    "name": "Mine bestillinger",
    "url": "/solvik/bookings",
    "shows": "Alt om bestillingene",
    "is_live": True,
    "created_at": NOW,
    "used_at": NOW,
    "used_by": "Thunderbird",
    "revoke_url": "/x",
    "rotate_url": "/y",
    "idempotency_key": "abc",
}


def sample(name: str, template: str, context: dict[str, Any]) -> Sample:
    return Sample(name=name, template=template, context=context)


SAMPLES: Final[tuple[Sample, ...]] = (
    sample("subscribe", "calendar_feeds/subscribe.html", SUBSCRIBE),
    sample(
        "subscribe-open",
        "calendar_feeds/subscribe.html",
        {
            **SUBSCRIBE,
            "choices": [],
            "step_up_url": "/in",
            "sign_in_url": "/in",
        },
    ),
    sample("subscribe-own", "calendar_feeds/subscribe.html", OWN),
    sample(
        "subscribe-errors",
        "calendar_feeds/subscribe.html",
        {
            **SUBSCRIBE,
            "form": {"variant": "", "label": "x" * 81},
            "errors": {"variant": "Velg hva kalenderen skal vise.", "label": "Skriv mindre."},
            "refusals": [
                {
                    "title": "Grensen er nådd.",
                    "explanation": "Ta bort en adresse først.",
                    "conflicts": [],
                    "alternatives": [],
                }
            ],
        },
    ),
    sample(
        "subscribed",
        "calendar_feeds/subscribed.html",
        {
            "name": "Mine bestillinger",
            "label": "Telefon",
            "shows": "Alt om bestillingene",
            "links": SECRET,
            "caldav_url": "https://ledig.example/caldav/t/solvik.hemmelig/",
            "mine_url": "/z",
        },
    ),
    sample(
        "subscriptions",
        "calendar_feeds/subscriptions.html",
        {
            "feeds": [
                FEED,
                {**FEED, "label": "Jobben", "used_at": None, "used_by": None, "url": None},
                {**FEED, "label": "Vakta", "is_live": False, "used_by": None, "rotate_url": None},
            ],
            "previous_url": "?previous",
            "next_url": "?next",
        },
    ),
    sample(
        "subscriptions-none",
        "calendar_feeds/subscriptions.html",
        {"feeds": [], "previous_url": None, "next_url": None},
    ),
)
"""Each template with what its page may hold."""
