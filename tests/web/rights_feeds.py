"""Who may do what with feeds and their secret addresses, and their forms filled in."""

from msgspec.structs import replace

from tests.web.entitled import ANYBODY, SIGNED_IN, SIGNED_IN_WRITES, Only, Right
from tests.web.towns import Form

RIGHTS: dict[str, Right] = {
    # What everybody may know
    "GET /ical/{m}/resources/{resource_id}": ANYBODY,
    "GET /ical/{m}/facilities/{facility_id}": ANYBODY,
    "GET /ical/{m}/associations/{association_id}": ANYBODY,
    "GET /ical/{m}/teams/{team_id}": ANYBODY,
    "GET /ical/{m}/municipality.ics": ANYBODY,
    # Secret addresses
    "GET /api/{m}/feeds": SIGNED_IN,
    "POST /api/{m}/feeds": SIGNED_IN_WRITES,
    "POST /api/{m}/feeds/{feed_id}/rotate": Only("", "herself", others=404),
    "DELETE /api/{m}/feeds/{feed_id}": Only("", "herself", others=404),
    # Pages of subscriptions
    "GET /{m}/subscribe": ANYBODY,
    "GET /{m}/resources/{resource_id}/subscribe": ANYBODY,
    "GET /{m}/facilities/{facility_id}/subscribe": ANYBODY,
    "GET /{m}/associations/{association_id}/subscribe": ANYBODY,
    "GET /{m}/teams/{team_id}/subscribe": ANYBODY,
    "GET /{m}/bookings/subscribe": SIGNED_IN,
    "GET /{m}/me/subscriptions": SIGNED_IN,
    "POST /{m}/me/subscriptions": SIGNED_IN_WRITES,
    "POST /{m}/me/subscriptions/{feed_id}/rotate": Only("", "herself", others=404),
    "POST /{m}/me/subscriptions/{feed_id}/revoke": Only("", "herself", others=404),
    "GET /ical/t/{secret_name}": replace(ANYBODY, held=404),  # the id of a feed is no secret
}
"""Route → who may, as in tests/web/rights.py."""
FORMS: dict[str, Form] = {
    "POST /{m}/me/subscriptions": lambda _: {"kind": "person", "variant": "full", "label": "Telefon"},
}
"""Route → its form, filled in so that whoever may is answered with success."""
