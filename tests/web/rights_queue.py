"""Who may do what with the queue, and their forms filled in."""

from tests.web.entitled import ALL_STAFF, Only, Right
from tests.web.towns import DAY, Form

MANAGERS = "administrator facility_manager"
OFFICERS = "administrator facility_manager case_officer"

RIGHTS: dict[str, Right] = {
    "POST /api/{m}/applications/{application_id}/assign": Only(
        OFFICERS, at="resource", others=404, sees=f"leader booker treasurer {ALL_STAFF}"
    ),
    "POST /{m}/requests/{application_id}/assign": Only(
        OFFICERS, at="resource", others=404, sees=f"leader booker treasurer {ALL_STAFF}"
    ),
    "POST /{m}/requests/assign": Only(OFFICERS, at="anywhere"),  # as many as can be, if none
    "GET /{m}/staff/routing": Only(MANAGERS, at="anywhere"),
    "POST /{m}/staff/routing": Only(MANAGERS, at="resource"),
    "POST /{m}/staff/routing/{routing_id}/end": Only(MANAGERS, at="resource", out_of_reach=404),
    "GET /{m}/staff/absences": Only(OFFICERS, at="anywhere"),
    "POST /{m}/staff/absences": Only(OFFICERS, at="anywhere"),  # her own
    "POST /{m}/staff/absences/{absence_id}/end": Only("administrator"),
}
"""Route → who may, as in tests/web/rights.py."""
FORMS: dict[str, Form] = {
    "POST /{m}/requests/{application_id}/assign": lambda _: {"was": "none", "to": "none"},
    "POST /{m}/requests/assign": lambda town: {"case": f"{town.ids['application']}:none", "to": "none"},
    "POST /{m}/staff/routing": lambda town: {
        "place": f"resource:{town.ids['resource']}",
        "officer": str(town.ids["person"]),
    },
    "POST /{m}/staff/absences": lambda _: {"from_on": str(DAY), "until_on": str(DAY), "substitute": ""},
}
"""Route → its form, filled in so that whoever may is answered with success."""
