"""Bodies, ids and queries of the routes of administering people; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {"role_id": "role_grant", "invitation_id": "invitation"}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {"find_people": {"text": "hemmelig"}}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    return {
        "give_role": {"person_id": ids["person"], "role": "caretaker", "facility_id": ids["facility"]},
        "invite_to_role": {"email": "ny@example.org", "role": "caretaker", "resource_id": ids["resource"]},
        "change_staff_person": {"customer_group": "internal"},
    }
