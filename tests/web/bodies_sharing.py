"""Bodies, ids and queries of the routes of subscribing, weeks for other sites and open data; towns.py takes them in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.web.said import DAY

PARAMETERS: dict[str, str] = {}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {"free_of_many": {"from": str(DAY), "to": str(DAY + timedelta(days=7))}}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    assert ids
    return {}
