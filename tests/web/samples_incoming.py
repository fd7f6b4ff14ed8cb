"""Something to show in the templates of calendars that are read in."""

from typing import Any, Final

from tests.web.contexts import NOW, Sample, at

CALENDAR: Final[dict[str, Any]] = {
    "label": "Skolens timeplan",
    "place": "Sal A, Solvikhallen",
    "host": "skole.example",
    "kind": "closures",
    "state": "on",
    "wrong": None,
    "is_held": False,
    "every": "hver time",
    "fetched_at": NOW,
    "changed_at": NOW,
    "failed_at": None,
    "applied": 120,
    "colliding": 0,
    "ignored": 0,
    "shows_title": False,
    "problems": [],
    "url": "/x",
    "resource_url": "/solvik/resources/1",
    "version": 1,
}
FAILING: Final[dict[str, Any]] = {
    **CALENDAR,
    "label": "Kampoppsett",
    "kind": "bookings",
    "wrong": "Det som kom, er ingen kalender.",
    "failed_at": NOW,
    "colliding": 2,
    "ignored": 60,
    "shows_title": True,
    "problems": [("Arrangementet kunne ikke leses.", 3)],
}
HELD: Final[dict[str, Any]] = {**CALENDAR, "is_held": True, "wrong": "Mye er borte."}
PAUSED: Final[dict[str, Any]] = {**CALENDAR, "state": "paused", "fetched_at": None, "changed_at": None}
GONE: Final[dict[str, Any]] = {**FAILING, "state": "gone"}
EVENT: Final[dict[str, Any]] = {
    "span": at(24, "18:00"),
    "title": "Skolens timeplan",
    "why": "Noen har bestilt da.",
    "can_displace": True,
    "is_changed": False,
    "url": "/x/events/1",
}
OTHER: Final[dict[str, Any]] = {**EVENT, "span": at(25, "18:00"), "can_displace": False, "why": None}
ONE: Final[dict[str, Any]] = {
    "calendar": CALENDAR,
    "colliding": [],
    "ignored": [],
    "every": [("60", "hver time")],
    "form": {"address": "", "label": "Skolens timeplan", "every_minutes": "60"},
    "errors": {},
    "path": "/x",
    "back_url": "/y",
    "previous_url": None,
    "next_url": None,
}
NEW: Final[dict[str, Any]] = {
    "places": [("resource:1", "Solvikhallen: Sal A")],
    "associations": [("1", "Solvik idrettslag")],
    "every": [("60", "hver time")],
    "form": {
        "place": "",
        "address": "",
        "label": "",
        "kind": "closures",
        "association_id": "",
        "shows_title": "",
        "every_minutes": "60",
    },
    "errors": {},
    "found": None,
    "post_url": "/x",
    "back_url": "/y",
}
FOUND: Final[dict[str, Any]] = {
    "wrong": None,
    "name": "Timeplan",
    "count": 120,
    "colliding": 1,
    "problems": [("Arrangementet kunne ikke leses.", 3)],
    "events": [
        {"span": at(24, "08:00"), "title": "Skolens timeplan", "in_the_way": 2, "is_closed": False},
        {"span": at(25, "08:00"), "title": "Skolens timeplan", "in_the_way": 0, "is_closed": True},
        {"span": at(26, "08:00"), "title": "Skolens timeplan", "in_the_way": 0, "is_closed": False},
    ],
}


def sample(name: str, template: str, context: dict[str, Any]) -> Sample:
    return Sample(name=name, template=f"calendar_feeds/{template}", context=context)


SAMPLES: Final[tuple[Sample, ...]] = (
    sample(
        "imports",
        "imports.html",
        {
            "imports": [FAILING, HELD, CALENDAR, PAUSED, GONE],
            "new_url": "/new",
            "previous_url": None,
            "next_url": "?next",
        },
    ),
    sample(
        "imports-none",
        "imports.html",
        {"imports": [], "new_url": "/new", "previous_url": None, "next_url": None},
    ),
    sample("import-new", "import_new.html", NEW),
    sample("import-new-found", "import_new.html", {**NEW, "found": FOUND}),
    sample(
        "import-new-errors",
        "import_new.html",
        {
            **NEW,
            "errors": {"place": "Velg hvor.", "address": "Skriv adressen.", "kind": "Velg."},
            "found": {**FOUND, "wrong": "Det som kom, er ingen kalender.", "count": 0, "events": []},
        },
    ),
    sample("import", "import.html", ONE),
    sample(
        "import-failing",
        "import.html",
        {
            **ONE,
            "calendar": FAILING,
            "colliding": [EVENT, OTHER],
            "ignored": [OTHER],
            "errors": {"label": "Skriv hva alle skal lese."},
            "next_url": "?next",
        },
    ),
    sample("import-held", "import.html", {**ONE, "calendar": HELD}),
    sample("import-paused", "import.html", {**ONE, "calendar": PAUSED}),
    sample(
        "import-remove",
        "import_remove.html",
        {
            "calendar": CALENDAR,
            "form": {"brought": "keep"},
            "errors": {},
            "post_url": "/x",
            "back_url": "/y",
        },
    ),
)
"""Each template with what its page may hold."""
