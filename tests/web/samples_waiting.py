"""Something to show in the templates of displacing, arrangements and the waiting list."""

from typing import Any, Final

from tests.web.contexts import (
    EMPTY_FORM,
    NOW,
    RESOURCE,
    RULES,
    TAKEN,
    WEEK,
    Sample,
    application,
    at,
    booking,
    search,
)
from tests.web.contexts_quote import NO_PRICES

UNDER: Final = [
    {
        "who": "Solvik idrettslag: Håndball jenter 14",
        "span": at(24, "18:00"),
        "resource": "Sal A",
        "state": "confirmed",
    },
    {"who": "Noen andre", "span": at(25, "18:00"), "resource": "Sal B", "state": "requested"},
]
TIMES: Final = {"on": "2026-11-24", "from_time": "18:00", "to_time": "19:00", "to_on": "", "second_time": ""}
CLOSURE: Final[dict[str, Any]] = {
    "places": [("facility:1", "Solvikhallen: alt"), ("resource:1", "Solvikhallen: Sal A")],
    "form": {**TIMES, "place": "", "reason": "", "displace": ""},
    "is_ambiguous": False,
    "errors": {},
    "refusals": [],
    "post_url": "/x",
    "back_url": "/y",
}
ARRANGEMENT: Final[dict[str, Any]] = {
    "title": "Håndballens dag",
    "description": "Kom og prøv håndball!\nFor hele familien.",
    "organiser": "Solvik idrettslag",
    "website": "https://solvik.example/dagen",
    "picture_url": "/static/court.svg",
    "picture_text": "Barn som spiller håndball",
    "url": "/solvik/arrangements/1",
    "cancelled": False,
    "times": [
        {
            "span": at(day, "10:00", hours=4),
            "start": "2026-11-28T10:00:00+01:00",
            "end": "2026-11-28T14:00:00+01:00",
            "place": "Sal A, Solvikhallen",
            "url": "/solvik/resources/1",
        }
        for day in (24, 25, 26, 27)
    ],
}
PLAIN: Final[dict[str, Any]] = {
    **ARRANGEMENT,
    "title": "Loppemarked",
    "description": None,
    "website": None,
    "picture_url": None,
    "picture_text": None,
    "times": ARRANGEMENT["times"][:1],
}
TEXTS: Final = {
    "title": "Håndballens dag",
    "organiser": "Solvik idrettslag",
    "website": "",
    **{f"{name}-{code}": "" for name in ("description", "alt") for code in ("nb", "nn", "en")},
}
NEW: Final[dict[str, Any]] = {
    "places": CLOSURE["places"][1:],
    "rows": range(4),
    "form": {
        **TEXTS,
        **{f"{name}-{n}": value for n in range(4) for name, value in {**TIMES, "place": ""}.items()},
    },
    "errors": {},
    "refusals": [],
    "under": None,
    "post_url": "/x",
    "back_url": "/y",
}
EDIT: Final[dict[str, Any]] = {
    "arrangement": ARRANGEMENT,
    "version": 3,
    "form": TEXTS,
    "errors": {},
    "refusals": [],
    "post_url": "/x",
    "cancel_url": "/x/cancel",
    "times_url": "/solvik/applications/1",
    "back_url": "/y",
}
WAIT: Final[dict[str, Any]] = {
    "place": "Sal A, Solvikhallen",
    "span": at(24, "18:00"),
    "searched": None,
    "url": "/solvik/resources/1",
    "association": "Solvik idrettslag",
    "told_at": None,
    "answer_by": None,
    "offer_url": None,
    "stop_url": "/solvik/waiting/1/stop",
}
WAIT_NEW: Final[dict[str, Any]] = {
    "place": "Sal A, Solvikhallen",
    "resource_id": "1",
    "searched": None,
    "kept": [],
    "associations": [("1", "Solvik idrettslag")],
    "associations_only": False,
    "form": {**TIMES, "title": "", "association_id": ""},
    "is_ambiguous": False,
    "errors": {},
    "refusals": [],
    "post_url": "/x",
    "back_url": "/y",
}


def sample(name: str, template: str, context: dict[str, Any]) -> Sample:
    return Sample(name=name, template=template, context=context)


SAMPLES: Final[tuple[Sample, ...]] = (
    sample(
        "closures",
        "booking/closures.html",
        {
            "closures": [
                {
                    "place": "Solvikhallen: Sal A",
                    "span": at(24, "08:00", hours=14),
                    "reason": "Vask av gulvet",
                    "lift_url": "/x",
                },
                {
                    "place": "Solvikhallen: alt",
                    "span": at(25, "08:00", hours=60),
                    "reason": "Jul",
                    "lift_url": None,
                },
            ],
            "new_url": "/new",
            "previous_url": None,
            "next_url": "?next",
        },
    ),
    sample(
        "closures-none",
        "booking/closures.html",
        {"closures": [], "new_url": "/new", "previous_url": None, "next_url": None},
    ),
    sample("closure-new", "booking/closure_new.html", CLOSURE),
    sample(
        "closure-new-errors",
        "booking/closure_new.html",
        {
            **CLOSURE,
            "form": {**CLOSURE["form"], "to_on": "2026-11-23"},
            "is_ambiguous": True,
            "errors": {"place": "Velg hvor.", "to_on": "Siste dag må ikke være før den første."},
            "refusals": [TAKEN],
        },
    ),
    sample(
        "displace",
        "booking/displace.html",
        {
            "heading": "Noen har bestilt her",
            "lead": "Stengingen tar tiden deres.",
            "span": at(24, "08:00", hours=14),
            "count": 102,
            "bookings": UNDER,
            "kept": [("place", "resource:1"), ("displace", "yes")],
            "button": "Steng",
            "post_url": "/x",
            "back_url": "/y",
        },
    ),
    sample(
        "arrangements",
        "booking/arrangements.html",
        {
            "arrangements": [ARRANGEMENT, PLAIN],
            "facilities": [("1", "Solvikhallen")],
            "form": {"facility": "1"},
            "previous_url": None,
            "next_url": "?next",
        },
    ),
    sample(
        "arrangements-none",
        "booking/arrangements.html",
        {
            "arrangements": [],
            "facilities": [],
            "form": {"facility": ""},
            "previous_url": None,
            "next_url": None,
        },
    ),
    sample(
        "arrangement",
        "booking/arrangement.html",
        {"arrangement": ARRANGEMENT, "edit_url": "/x", "back_url": "/y"},
    ),
    sample(
        "arrangement-cancelled",
        "booking/arrangement.html",
        {"arrangement": {**PLAIN, "cancelled": True, "times": []}, "edit_url": None, "back_url": "/y"},
    ),
    sample(
        "staff-arrangements",
        "booking/staff_arrangements.html",
        {
            "arrangements": [{**ARRANGEMENT, "edit_url": "/x"}, {**PLAIN, "edit_url": None}],
            "new_url": "/new",
            "previous_url": "?previous",
            "next_url": None,
        },
    ),
    sample(
        "staff-arrangements-none",
        "booking/staff_arrangements.html",
        {"arrangements": [], "new_url": "/new", "previous_url": None, "next_url": None},
    ),
    sample("arrangement-new", "booking/arrangement_new.html", NEW),
    sample(
        "arrangement-new-under",
        "booking/arrangement_new.html",
        {**NEW, "under": {"count": 2, "seen": "abc", "bookings": UNDER}},
    ),
    sample(
        "arrangement-new-errors",
        "booking/arrangement_new.html",
        {
            **NEW,
            "errors": {"place-0": "Velg hvor.", "title": "Skriv hva det heter.", "picture": "Velg en fil."},
            "refusals": [TAKEN],
        },
    ),
    sample("arrangement-edit", "booking/arrangement_edit.html", EDIT),
    sample(
        "arrangement-edit-errors",
        "booking/arrangement_edit.html",
        {**EDIT, "arrangement": PLAIN, "errors": {"title": "Skriv hva det heter."}, "cancel_url": None},
    ),
    sample(
        "waiting",
        "booking/waiting.html",
        {
            "waits": [
                {**WAIT, "answer_by": NOW, "offer_url": "/solvik/applications/1", "told_at": NOW},
                {**WAIT, "association": None, "told_at": NOW},
                {
                    **WAIT,
                    "place": None,
                    "association": None,
                    "searched": "håndball, 2 timer, 24.–30. november 2026",
                    "url": "/solvik/search?activity=handball",
                },
            ],
            "previous_url": None,
            "next_url": "?next",
        },
    ),
    sample("waiting-none", "booking/waiting.html", {"waits": [], "previous_url": None, "next_url": None}),
    sample("wait-new", "booking/wait_new.html", WAIT_NEW),
    sample(
        "wait-new-search",
        "booking/wait_new.html",
        {
            **WAIT_NEW,
            "place": None,
            "resource_id": "",
            "searched": "håndball, 24.–30. november 2026",
            "kept": [("activity", "handball"), ("from_on", "2026-11-24")],
            "associations": [],
            "form": {"until": "2026-11-30"},
            "errors": {"until": "Skriv en dag som finnes."},
        },
    ),
    sample(
        "wait-new-refused",
        "booking/wait_new.html",
        {**WAIT_NEW, "is_ambiguous": True, "errors": {"title": "Skriv mindre."}, "refusals": [TAKEN]},
    ),
    sample(
        "receipt-displaced",
        "booking/receipt.html",
        {
            **application({**booking(), "state": "displaced"}),
            "replacements": [
                {
                    "span": at(24, "18:00"),
                    "choices": [
                        {"id": "1", "span": at(24, "20:00"), "name": "Sal A, Solvikhallen"},
                        {"id": "2", "span": at(24, "18:00"), "name": "Gymsalen, Fjordby skole"},
                    ],
                    "post_url": "/x",
                },
                {"span": at(25, "18:00"), "choices": [], "post_url": "/x"},
            ],
        },
    ),
    sample(
        "front-arrangements",
        "booking/front.html",
        {
            "search": search("facility", EMPTY_FORM),
            "facilities": [],
            "activities": [],
            "arrangements": [ARRANGEMENT, PLAIN],
        },
    ),
    sample(
        "resource-to-wait-for",
        "booking/resource.html",
        {
            "resource": RESOURCE,
            "rules": RULES,
            "prices": NO_PRICES,
            **WEEK,
            "wait_url": "/solvik/waiting/new?resource=1",
        },
    ),
)
