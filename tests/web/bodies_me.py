"""Bodies, ids and queries of the routes of what is one's own; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {"token_id": "token", "row_id": "booking"}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""

AT_BROWSER = {"make_token", "erase_me"}
"""Operations that no token may ask for: they are asked with the cookie."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    assert ids
    return {
        "make_token": {"label": "Nettsiden", "scopes": ["read", "write"], "days": 30},
        "set_retention": {"rules": [{"kind": "letter", "days": 90}]},
        "change_my_profile": {
            "name": "Kari Nordmann",
            "email": "kari@example.no",
            "phone": "51 97 30 00",
            "postcode": "4006",
            "language": "nn",
            "notices": ["email"],
        },
    }
