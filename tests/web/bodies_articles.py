"""Bodies, ids and queries of the routes of articles; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {"article_id": "article"}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    return {
        "add_article": {"key": "ny", "name": {"nb": "Stoler"}, "resource_id": ids["resource"], "stock": 5},
        "change_article": {"price": {"amount": 500}},
    }
