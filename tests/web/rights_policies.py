"""Who may do what with policies, terms, questions and repeats, and their forms filled in."""

from msgspec.structs import replace

from tests.web.entitled import ANYBODY, Only, Right
from tests.web.towns import Form

UNKNOWN = replace(ANYBODY, held=404)
MANAGERS = "administrator facility_manager"
RIGHTS: dict[str, Right] = {
    "GET /api/{m}/resources/{resource_id}/policies": ANYBODY,
    "PUT /api/{m}/resources/{resource_id}/policies": Only(MANAGERS, at="resource"),
    "GET /api/{m}/resources/{resource_id}/terms": ANYBODY,
    "GET /{m}/resources/{resource_id}/terms": UNKNOWN,  # none are in force there
    "GET /{m}/resources/{resource_id}/terms/{version}": UNKNOWN,
    "GET /{m}/staff/resources": Only(MANAGERS, at="anywhere"),
    "GET /{m}/staff/resources/{resource_id}/policy": Only(MANAGERS, at="resource"),
    "POST /{m}/staff/resources/{resource_id}/policy": Only(MANAGERS, at="resource"),
}
"""Route → who may, as in tests/web/rights.py."""
FORMS: dict[str, Form] = {
    "POST /{m}/staff/resources/{resource_id}/policy": lambda _: {
        "version": "1",
        "decision": "case_officer",
        "decision_kind": "vedtak",
        "answer_days": "10",
        "request_holds": "yes",
        "line-0-decision": "automatic",
        "line-0-day-2": "yes",
        "line-0-from": "16:00",
        "line-0-until": "22:00",
        "question-0-key": "goals",
        "question-0-kind": "number",
        "question-0-label_nb": "Hvor mange mål?",
        "terms_version": "2026-2",
        "terms_nb": "Rydd.",
    },
}
"""Route → its form, filled in so that whoever may is answered with success."""
