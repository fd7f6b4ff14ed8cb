"""Who may do what with door locks, and their forms filled in."""

from tests.web.entitled import Only, Right
from tests.web.towns import Form

KEEPERS = "administrator facility_manager"
KEEP = Only(KEEPERS, at="resource")
TAKEN = Only(KEEPERS, at="resource", held=409)
"""The town's resource has a lock."""
RIGHTS: dict[str, Right] = {
    "GET /api/{m}/doors": Only(KEEPERS, at="anywhere"),
    "POST /api/{m}/doors": TAKEN,
    "GET /api/{m}/doors/{lock_id}": KEEP,
    "PATCH /api/{m}/doors/{lock_id}": KEEP,
    "DELETE /api/{m}/doors/{lock_id}": KEEP,
    "POST /api/{m}/doors/{lock_id}/place-anew": KEEP,
    "GET /api/{m}/doors/{lock_id}/codes": KEEP,
    "GET /{m}/staff/doors": Only(KEEPERS, at="anywhere"),
    "GET /{m}/staff/doors/new": Only(KEEPERS, at="anywhere"),
    "POST /{m}/staff/doors/new": TAKEN,
    "GET /{m}/staff/doors/{lock_id}": KEEP,
    "POST /{m}/staff/doors/{lock_id}": KEEP,
    "POST /{m}/staff/doors/{lock_id}/place-anew": KEEP,
    "POST /{m}/staff/doors/{lock_id}/disconnect": KEEP,
}
"""Route → who may, as in tests/web/rights.py."""
LOCK = {
    "address": "https://lock.example.no/1",
    "secret": "lock-secret-0123",
    "minutes_before": "15",
    "minutes_after": "15",
}
FORMS: dict[str, Form] = {
    "POST /{m}/staff/doors/new": lambda town: {**LOCK, "place": f"resource:{town.ids['resource']}"},
    "POST /{m}/staff/doors/{lock_id}": lambda _: LOCK,
}
"""Route → its form, filled in so that whoever may is answered with success."""
