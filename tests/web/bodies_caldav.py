"""Bodies, ids and queries of the routes of CalDAV; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    assert ids
    return {}
