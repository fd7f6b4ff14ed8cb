"""Who may do what with webhooks, the change log and door locks, and their forms filled in."""

from tests.web.entitled import ALL_STAFF, Only, Right
from tests.web.towns import Form

CONNECT = Only("administrator")
RIGHTS: dict[str, Right] = {
    "GET /api/{m}/changes": Only(ALL_STAFF, "reading", at="anywhere"),
    "GET /api/{m}/webhooks": CONNECT,
    "POST /api/{m}/webhooks": CONNECT,
    "GET /api/{m}/webhooks/{webhook_id}": CONNECT,
    "PATCH /api/{m}/webhooks/{webhook_id}": CONNECT,
    "DELETE /api/{m}/webhooks/{webhook_id}": CONNECT,
    "POST /api/{m}/webhooks/{webhook_id}/rotate": CONNECT,
    "POST /api/{m}/webhooks/{webhook_id}/ping": CONNECT,
    "POST /api/{m}/webhooks/{webhook_id}/replay": CONNECT,
    "GET /api/{m}/webhooks/{webhook_id}/deliveries": CONNECT,
    "GET /{m}/staff/webhooks": CONNECT,
    "GET /{m}/staff/webhooks/new": CONNECT,
    "POST /{m}/staff/webhooks": CONNECT,
    "GET /{m}/staff/webhooks/{webhook_id}": CONNECT,
    "POST /{m}/staff/webhooks/{webhook_id}": CONNECT,
    "POST /{m}/staff/webhooks/{webhook_id}/ping": CONNECT,
    "POST /{m}/staff/webhooks/{webhook_id}/rotate": CONNECT,
    "POST /{m}/staff/webhooks/{webhook_id}/replay": CONNECT,
    "POST /{m}/staff/webhooks/{webhook_id}/remove": CONNECT,
}
"""Route → who may, as in tests/web/rights.py."""
FILLED = {"label": "Varmestyring", "address": "https://partner.example.no/hook", "closure.laid": "yes"}
FORMS: dict[str, Form] = {
    "POST /{m}/staff/webhooks": lambda _: FILLED,
    "POST /{m}/staff/webhooks/{webhook_id}": lambda _: FILLED,
    "POST /{m}/staff/webhooks/{webhook_id}/replay": lambda town: {
        "delivery_id": str(town.ids["webhook_delivery"])
    },
}
"""Route → its form, filled in so that whoever may is answered with success."""
