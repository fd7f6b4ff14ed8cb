"""Something to show in the templates of door locks."""

from typing import Any, Final

from booking.doors import Code
from tests.web.contexts import NOW, Sample, application, at, booking

FORM: Final = {
    "place": "resource:1",
    "address": "https://lock.example.no/1",
    "secret": "",
    "minutes_before": "15",
    "minutes_after": "15",
}
DOOR: Final[dict[str, Any]] = {
    "name": "Solvikhallen: Sal A",
    "failing_since": None,
    "reached_at": NOW,
    "late": 0,
    "failed": 0,
    "url": "/solvik/staff/doors/1",
}
AMISS: Final[dict[str, Any]] = {**DOOR, "failing_since": NOW, "late": 1, "failed": 2}
LIST: Final[dict[str, Any]] = {
    "doors": [DOOR, AMISS, {**DOOR, "name": "Solvikhallen: Sal B", "reached_at": None}],
    "new_url": "/new",
    "previous_url": None,
    "next_url": "?next",
}
NEW: Final[dict[str, Any]] = {
    "places": [("resource:1", "Solvikhallen: Sal A")],
    "form": FORM,
    "errors": {},
    "refusals": [],
    "post_url": "/x",
    "back_url": "/y",
}
ONE: Final[dict[str, Any]] = {
    "door": AMISS,
    "form": FORM,
    "errors": {},
    "codes": [
        {"span": at(24, "18:00"), "state": "I låsen", "is_amiss": False, "why": ""},
        {"span": at(25, "18:00"), "state": "På vei", "is_amiss": True, "why": "Tjeneren svarer ikke."},
    ],
    "post_url": "/x",
    "anew_url": "/x/place-anew",
    "disconnect_url": "/x/disconnect",
    "back_url": "/y",
    "previous_url": None,
    "next_url": "?next",
}


def sample(name: str, template: str, context: dict[str, Any]) -> Sample:
    return Sample(name=name, template=template, context=context)


def code(*, is_placed: bool = False, has_failed: bool = False) -> Code:
    return Code(code="012345", valid=at(24, "17:45"), is_placed=is_placed, has_failed=has_failed)


SAMPLES: Final[tuple[Sample, ...]] = (
    sample("doors", "calendar_feeds/doors.html", LIST),
    sample("doors-none", "calendar_feeds/doors.html", {**LIST, "doors": [], "next_url": None}),
    sample("door-new", "calendar_feeds/door_new.html", NEW),
    sample(
        "door-new-errors",
        "calendar_feeds/door_new.html",
        {
            **NEW,
            "errors": {
                "place": "Velg hvor.",
                "address": "Adressen må begynne med https://.",
                "secret": "For kort.",
            },
            "refusals": [
                {"title": "Dette finnes allerede.", "explanation": None, "conflicts": [], "alternatives": []}
            ],
        },
    ),
    sample("door", "calendar_feeds/door.html", ONE),
    sample(
        "door-errors",
        "calendar_feeds/door.html",
        {
            **ONE,
            "door": DOOR,
            "codes": [],
            "next_url": None,
            "errors": {"minutes_before": "Skriv et helt tall.", "minutes_after": "Skriv et helt tall."},
        },
    ),
    sample(
        "receipt-doors",
        "booking/receipt.html",
        application(
            booking(door=code(is_placed=True)), booking(door=code()), booking(door=code(has_failed=True))
        ),
    ),
)
"""Each template with what its page may hold."""
