"""Bodies, ids and queries of the routes of policies, terms, questions and repeats; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {"version": "terms_version"}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    assert ids
    return {
        "set_policies": {
            "lines": [
                {
                    "decision": "automatic",
                    "weekdays": [1, 2, 3, 4, 5],
                    "from_time": "16:00",
                    "until_time": "22:00",
                    "max_minutes": 180,
                    "customer_groups": ["children_youth", "association"],
                    "max_people": 60,
                }
            ]
        },
    }
