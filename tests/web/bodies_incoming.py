"""Bodies, ids and queries of the routes of calendars that are read in; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {
    "import_id": "calendar_import",
    "event_id": "imported_event",
    "resource": "resource",
}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    wanted = {
        "resource_id": ids["resource"],
        "address": "https://skole.invalid/timeplan.ics",
        "label": "Timeplan",
        "kind": "bookings",
        "association_id": ids["association"],
    }
    return {
        "add_import": wanted,
        "try_import": wanted,
        "change_import": {"label": "Timeplanen"},
        "resolve_event": {"action": "ignore"},
    }
