"""Who may do what with displacing, arrangements and the waiting list, and their forms filled in."""

from msgspec.structs import replace

from tests import make
from tests.web.entitled import ALL_STAFF, ANYBODY, SIGNED_IN, SIGNED_IN_WRITES, Only, Right
from tests.web.towns import Form

CLOSERS = "administrator facility_manager caretaker"
ARRANGERS = "administrator facility_manager case_officer"
LAY = Only(ARRANGERS, at="resource")
TAKE = Only(  # whoever was displaced; the town's booking was not
    "", "leader booker herself", at="resource", others=404, sees=f"treasurer {ALL_STAFF}", held=409
)
RIGHTS: dict[str, Right] = {
    # Closures
    "GET /{m}/staff/closures": Only(CLOSERS, at="anywhere"),
    "GET /{m}/staff/closures/new": Only(CLOSERS, at="anywhere"),
    "POST /{m}/staff/closures/new": Only(CLOSERS, at="resource"),
    "POST /{m}/staff/closures/{closure_id}/lift": Only(CLOSERS, at="facility"),
    # Arrangements
    "GET /api/{m}/arrangements": ANYBODY,
    "GET /api/{m}/arrangements/{arrangement_id}": ANYBODY,
    "POST /api/{m}/arrangements": LAY,
    "PATCH /api/{m}/arrangements/{arrangement_id}": LAY,
    "POST /api/{m}/arrangements/{arrangement_id}/cancel": LAY,
    "GET /{m}/arrangements": ANYBODY,
    "GET /{m}/arrangements/{arrangement_id}": ANYBODY,
    "GET /{m}/arrangements/{arrangement_id}/picture": replace(ANYBODY, held=404),  # the town's has none
    "GET /{m}/staff/arrangements": Only(ARRANGERS, at="anywhere"),
    "GET /{m}/staff/arrangements/new": Only(ARRANGERS, at="anywhere"),
    "POST /{m}/staff/arrangements/new": LAY,
    "GET /{m}/staff/arrangements/{arrangement_id}": LAY,
    "POST /{m}/staff/arrangements/{arrangement_id}": LAY,
    "POST /{m}/staff/arrangements/{arrangement_id}/cancel": LAY,
    # Other times for the displaced
    "GET /api/{m}/bookings/{booking_id}/replacements": Only(
        ALL_STAFF, "leader booker treasurer reading", at="resource", others=404
    ),
    "POST /api/{m}/bookings/{booking_id}/replace": TAKE,
    "POST /{m}/bookings/{booking_id}/replace": TAKE,
    # Waiting: the town's person waits
    "GET /api/{m}/waiting": SIGNED_IN,
    "POST /api/{m}/waiting": Only("", "leader booker herself"),  # for the association
    "DELETE /api/{m}/waiting/{wait_id}": Only("", "herself", others=404),
    "GET /{m}/waiting": SIGNED_IN,
    "GET /{m}/waiting/new": SIGNED_IN,
    "POST /{m}/waiting": SIGNED_IN_WRITES,
    "POST /{m}/waiting/{wait_id}/stop": Only("", "herself", others=404),
}
"""Route → who may, as in tests/web/rights.py."""
DAY = str(make.next_weekday(2, weeks=2))
FORMS: dict[str, Form] = {
    "POST /{m}/staff/closures/new": lambda town: {
        "place": f"resource:{town.ids['resource']}",
        "on": DAY,
        "from_time": "10:00",
        "to_time": "11:00",
        "reason": "Vask",
    },
    "POST /{m}/staff/arrangements/new": lambda town: {
        "place-0": f"resource:{town.ids['resource']}",
        "on-0": DAY,
        "from_time-0": "10:00",
        "to_time-0": "11:00",
        "title": "Åpen dag",
        "organiser": "Kommunen",
    },
    "POST /{m}/staff/arrangements/{arrangement_id}": lambda _: {
        "version": "1",
        "title": "Åpen dag",
        "organiser": "Kommunen",
    },
    "POST /{m}/staff/arrangements/{arrangement_id}/cancel": lambda _: {"version": "1"},
    "POST /{m}/waiting": lambda town: {
        "resource": str(town.ids["resource"]),
        "on": DAY,
        "from_time": "18:00",
        "to_time": "19:00",
    },
    "POST /{m}/bookings/{booking_id}/replace": lambda town: {"replacement_id": str(town.ids["replacement"])},
}
"""Route → its form, filled in so that whoever may is answered with success."""
