"""Something to show in the templates of policies, terms, questions and repeats."""

from collections import defaultdict
from typing import Any, Final

from tests.web.contexts import NOW, Sample

RESOURCE: Final = {
    "name": "Sal A",
    "facility": "Solvikhallen",
    "facility_url": "/solvik/facilities/1",
    "url": "/solvik/resources/1",
    "version": 3,
    "terms_url": "/solvik/resources/1/terms/2026-1",
}
FILLED: Final = {
    "decision": "case_officer",
    "decision_kind": "vedtak",
    "answer_days": "14",
    "request_holds": "yes",
    "line-0-decision": "automatic",
    "line-0-day-1": "yes",
    "line-0-day-5": "yes",
    "line-0-from": "16:00",
    "line-0-until": "22:00",
    "line-0-max": "120",
    "line-0-group-association": "yes",
    "question-0-key": "goals",
    "question-0-kind": "choice",
    "question-0-label_nb": "Hvor mange mål trenger dere?",
    "question-0-options": "two = To | To | Two",
    "terms_version": "2026-1",
    "terms_nb": "Leietaker rydder etter seg.",
}
POLICY: Final[dict[str, Any]] = {
    "resource": RESOURCE,
    "form": defaultdict(str, FILLED),
    "errors": {},
    "lines": range(3),
    "questions": range(2),
    "weekdays": [(1, "mandag"), (2, "tirsdag"), (3, "onsdag"), (4, "torsdag"), (5, "fredag")],
    "groups": [("children_youth", "Barn og unge"), ("association", "Lag og forening")],
    "kinds": [("text", "En linje tekst"), ("choice", "Ett av flere")],
    "post_url": "/x",
    "back_url": "/solvik/staff/resources",
}
TERMS: Final[dict[str, Any]] = {
    "resource": RESOURCE,
    "terms": {
        "version": "2026-1",
        "text": "Leietaker rydder etter seg.\nDet er ikke lov å røyke.",
        "since": NOW,
        "is_in_force": True,
    },
    "others": [{"version": "2025-2", "since": NOW, "url": "/solvik/resources/1/terms/2025-2"}],
    "now_url": None,
}
SAMPLES: Final[tuple[Sample, ...]] = (
    Sample(name="staff-policy", template="resources/staff_policy.html", context=POLICY),
    Sample(
        name="staff-policy-wrong",
        template="resources/staff_policy.html",
        context={
            **POLICY,
            "errors": {
                "line-0-decision": "Regelen kan ikke forstås.",
                "question-0-key": "Spørsmålet kan ikke stilles slik.",
                "terms_version": "Teksten er ny, så gi den en ny versjon.",
            },
        },
    ),
    Sample(
        name="staff-resources",
        template="resources/staff_resources.html",
        context={
            "form": {"text": "sal"},
            "resources": [
                {
                    "name": "Sal A",
                    "facility": "Solvikhallen",
                    "decision": "automatic",
                    "lines": 2,
                    "url": "/solvik/staff/resources/1/policy",
                },
                {
                    "name": "Sal B",
                    "facility": "Solvikhallen",
                    "decision": "case_officer",
                    "lines": 0,
                    "url": "/solvik/staff/resources/2/policy",
                },
            ],
            "previous_url": None,
            "next_url": "/x",
        },
    ),
    Sample(
        name="staff-resources-none",
        template="resources/staff_resources.html",
        context={"form": {"text": "xyz"}, "resources": [], "previous_url": None, "next_url": None},
    ),
    Sample(name="terms", template="resources/terms.html", context=TERMS),
    Sample(
        name="terms-earlier",
        template="resources/terms.html",
        context={
            **TERMS,
            "terms": {**TERMS["terms"], "is_in_force": False},
            "now_url": "/solvik/resources/1/terms",
        },
    ),
)
