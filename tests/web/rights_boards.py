"""Who may do what with boards, screens and lists of the day, and their forms filled in."""

from tests.web.entitled import ANYBODY, Only, Right
from tests.web.towns import Form

OPENERS = "administrator facility_manager case_officer caretaker"
"""Who open, set up and clean, or answer for it."""

RIGHTS: dict[str, Right] = {
    "GET /{m}/facilities/{facility_id}/board": ANYBODY,
    "GET /{m}/facilities/{facility_id}/board/events": ANYBODY,
    "GET /{m}/facilities/{facility_id}/screen": ANYBODY,
    "GET /{m}/resources/{resource_id}/screen": ANYBODY,
    "GET /{m}/day": Only(OPENERS, "reading", at="anywhere"),
    "GET /api/{m}/day": Only(OPENERS, "reading", at="anywhere"),
}
"""Route → who may, as in tests/web/rights.py."""
FORMS: dict[str, Form] = {}
"""Route → its form, filled in so that whoever may is answered with success."""
