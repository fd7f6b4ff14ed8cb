"""Something to show in the templates of the queue."""

from datetime import date, timedelta
from typing import Any, Final

from tests.web.contexts import NOW, Sample, at


def _row(**other: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "title": "Håndballcup for jenter 14",
        "applicant": "Kari Nordmann",
        "association": "Solvik idrettslag",
        "team": "Jenter 14",
        "trouble": "Under avvikling",
        "resource": "Hele hallen",
        "facility": "Solvikhallen",
        "first": at(28, "10:00", hours=6),
        "more": 3,
        "submitted_at": NOW - timedelta(days=9),
        "days": 9,
        "answer_by": NOW - timedelta(days=1),
        "is_overdue": True,
        "paused_at": None,
        "officer": "Ola Saksbehandler",
        "is_mine": False,
        "is_for_other": True,
        "bookings": 1,
        "rivals": 2,
        "approved": 12,
        "rejected": 1,
        "late": 2,
        "bends": ["Tiden er lenger enn den lengste bestillingen her."],
        "is_partly": False,
        "was": "none",
        "url": "/solvik/requests/1",
        "assign_url": "/solvik/requests/1/assign",
        **other,
    }


def _queue(name: str, **other: Any) -> Sample:
    return Sample(
        name=name,
        template="booking/queue.html",
        context={
            "refusals": [],
            "form": {"facility": "1", "resource": "", "whose": "", "sort": "deadline"},
            "facilities": [("1", "Solvikhallen")],
            "resources": [("2", "Hele hallen"), ("3", "En tredel")],
            "sorts": [("", "Eldste først"), ("deadline", "Frist først")],
            "tabs": [
                {"name": "Alle", "count": 3, "url": "?whose=all", "is_current": True},
                {"name": "Mine", "count": 1, "url": "?whose=own", "is_current": False},
            ],
            "count": 3,
            "looked_at": 10,
            "requests": [
                _row(),
                _row(
                    id="2",
                    title="Årsmøte",
                    association=None,
                    team=None,
                    trouble=None,
                    more=0,
                    days=0,
                    answer_by=NOW + timedelta(days=9),
                    is_overdue=False,
                    officer=None,
                    is_for_other=False,
                    bookings=0,
                    rivals=0,
                    approved=0,
                    rejected=0,
                    late=0,
                    bends=[],
                ),
                _row(
                    id="3",
                    title="Turnskole",
                    paused_at=NOW - timedelta(days=2),
                    is_overdue=False,
                    is_mine=True,
                    is_for_other=False,
                    is_partly=True,
                ),
            ],
            "officers": [("1", "Meg"), ("none", "Ingen"), ("2", "Ola Saksbehandler")],
            "assign_url": "/solvik/requests/assign",
            "previous_url": None,
            "next_url": "?cursor=x",
            **other,
        },
    )


SAMPLES: Final[tuple[Sample, ...]] = (
    _queue("requests"),
    _queue("requests-none", requests=[], count=0, next_url=None, resources=[]),
    _queue(
        "requests-taken",
        refusals=[
            {
                "title": "En annen saksbehandler har fått denne saken i mellomtiden.",
                "explanation": None,
                "conflicts": [],
                "alternatives": [],
            }
        ],
    ),
    Sample(
        name="routing",
        template="booking/routing.html",
        context={
            "routings": [
                {"place": "Solvikhallen", "officer": "Ola Saksbehandler", "end_url": "/x"},
                {"place": "Solvikhallen: En tredel", "officer": "Ingrid Saksbehandler", "end_url": "/y"},
            ],
            "places": [("facility:1", "Solvikhallen"), ("resource:2", "Solvikhallen: En tredel")],
            "officers": [("1", "Ola Saksbehandler")],
            "form": {"place": "", "officer": ""},
            "errors": {"place": "Velg hvor."},
            "post_url": "/solvik/staff/routing",
        },
    ),
    Sample(
        name="absences",
        template="booking/absences.html",
        context={
            "absences": [
                {
                    "officer": "Ola Saksbehandler",
                    "from_on": date(2026, 11, 23),
                    "until_on": date(2026, 11, 27),
                    "substitute": "Ingrid Saksbehandler",
                    "is_now": True,
                    "end_url": "/x",
                },
                {
                    "officer": "Ola Saksbehandler",
                    "from_on": date(2026, 12, 21),
                    "until_on": date(2027, 1, 1),
                    "substitute": None,
                    "is_now": False,
                    "end_url": "/y",
                },
            ],
            "officers": [("1", "Ola Saksbehandler")],
            "substitutes": [("2", "Ingrid Saksbehandler")],
            "form": {"officer": "1", "from_on": "2026-11-24", "until_on": "", "substitute": ""},
            "errors": {"until_on": "Velg en dag."},
            "post_url": "/solvik/staff/absences",
            "previous_url": None,
            "next_url": None,
        },
    ),
)
