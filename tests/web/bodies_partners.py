"""Bodies, ids and queries of the routes of webhooks, the change log and door locks; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {
    "webhook_id": "webhook",
    "delivery_id": "webhook_delivery",
}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    return {
        "make_webhook": {
            "label": "Varmestyring",
            "address": "https://partner.example.no/hook",
            "kinds": ["booking.confirmed", "closure.laid"],
        },
        "change_webhook": {"label": "Låser", "state": "paused"},
        "replay_webhook": {"delivery_id": ids["webhook_delivery"]},
    }
