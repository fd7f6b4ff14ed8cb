"""Bodies, ids and queries of the routes of the case; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {
    "offer_id": "offer",
    "file_id": "stored_file",
    "reason_id": "rejection_reason",
}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    return {
        "write_message": {"text": "Hva er ledig?"},
        "appeal_decision": {"text": "Vi klager."},
        "close_appeal": {"outcome": "upheld", "text": "Det står."},
        "accept_offer": {"offer_id": ids["offer"]},
        "decline_offer": {"offer_id": ids["offer"]},
    }
