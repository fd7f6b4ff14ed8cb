"""Bodies, ids and queries of the routes of associations; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {
    "secret": "invitation",
    "invitation_id": "invitation",
    "contact_id": "association_contact",
    "delegate_id": "delegate",
    "claim_id": "leader_claim",
    "to": "delegate",
}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    assert ids
    return {
        "add_association": {"name": "Ny klubb", "activities": ["handball"], "youth_percent": 60},
        "change_association": {"name": "Nytt navn", "customer_group": "other"},
        "add_team": {"name": "Gutter 12", "age_group": "0-12", "activity": "handball"},
        "change_team": {"name": "Gutter 13"},
        "add_contact": {"title": "Kasserer", "name": "Per", "is_public": True},
        "change_contact": {"title": "Materialforvalter"},
        "change_delegate": {"role": "booker"},
        "add_invitation": {"email": "per@example.no", "role": "booker"},
        "decide_leader_claim": {"approve": False, "reason": "Vi finner deg ikke i årsmøtet."},
    }
