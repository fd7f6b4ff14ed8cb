"""Bodies, ids and queries of the routes of door locks; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {"lock_id": "door_lock"}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    lock = {"address": "https://lock.example.no/1", "secret": "lock-secret-0123"}
    return {
        "connect_door": {"resource_id": ids["resource"], **lock},
        "change_door": {"minutes_before": 30},
    }
