"""Bodies, ids and queries of the routes of displacing, arrangements and the waiting list; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

from tests import make

PARAMETERS: dict[str, str] = {
    "arrangement_id": "arrangement",
    "replacement_id": "replacement",
    "wait_id": "wait",
}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    day = make.next_weekday(2, weeks=2)
    free, booked = make.at(day, 10), make.at(day, 18)
    return {
        "arrange": {
            "title": "Åpen dag",
            "organiser": "Kommunen",
            "description": {"nb": "Kom!"},
            "website": "https://example.no/dagen",
            "times": [make.wish(ids["resource"], free)],  # type: ignore[arg-type]  # as text
        },
        "change_arrangement": {"title": "Åpen kveld", "picture_alt": {"nb": "En hall"}},
        "replace": {"replacement_id": ids["replacement"]},
        "wait": {**make.wish(ids["resource"], booked), "association_id": ids["association"]},  # type: ignore[arg-type]  # as text
    }
