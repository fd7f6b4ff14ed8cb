"""Who may do what with calendars that are read in, and their forms filled in."""

from tests.web.entitled import Only, Right
from tests.web.towns import Form

MANAGERS = "administrator facility_manager"
SEES = Only(MANAGERS, at="anywhere")
MANAGES = Only(MANAGERS, at="resource")
RIGHTS: dict[str, Right] = {
    "GET /api/{m}/imports": SEES,
    "POST /api/{m}/imports": MANAGES,
    "POST /api/{m}/imports/try": MANAGES,
    "GET /api/{m}/imports/{import_id}": MANAGES,
    "PATCH /api/{m}/imports/{import_id}": MANAGES,
    "DELETE /api/{m}/imports/{import_id}": MANAGES,
    "POST /api/{m}/imports/{import_id}/fetch": MANAGES,
    "POST /api/{m}/imports/{import_id}/sure": MANAGES,
    "GET /api/{m}/imports/{import_id}/events": MANAGES,
    "POST /api/{m}/imports/{import_id}/events/{event_id}/resolve": MANAGES,
    "GET /{m}/staff/imports": SEES,
    "GET /{m}/staff/imports/new": SEES,
    "POST /{m}/staff/imports/new": MANAGES,
    "GET /{m}/staff/imports/{import_id}": MANAGES,
    "POST /{m}/staff/imports/{import_id}": MANAGES,
    "POST /{m}/staff/imports/{import_id}/fetch": MANAGES,
    "POST /{m}/staff/imports/{import_id}/pause": MANAGES,
    "GET /{m}/staff/imports/{import_id}/remove": MANAGES,
    "POST /{m}/staff/imports/{import_id}/remove": MANAGES,
    "POST /{m}/staff/imports/{import_id}/events/{event_id}": MANAGES,
}
"""Route → who may, as in tests/web/rights.py."""
FORMS: dict[str, Form] = {
    "POST /{m}/staff/imports/new": lambda town: {
        "place": f"resource:{town.ids['resource']}",
        "address": "https://skole.invalid/timeplan.ics",
        "label": "Timeplan",
        "kind": "closures",
        "every_minutes": "60",
        "step": "add",
    },
    "POST /{m}/staff/imports/{import_id}": lambda _: {"label": "Timeplanen", "every_minutes": "60"},
    "POST /{m}/staff/imports/{import_id}/remove": lambda _: {"brought": "keep"},
    "POST /{m}/staff/imports/{import_id}/events/{event_id}": lambda _: {"action": "ignore"},
}
"""Route → its form, filled in so that whoever may is answered with success."""
