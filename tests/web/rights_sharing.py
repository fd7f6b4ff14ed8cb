"""Who may do what with subscribing, weeks for other sites and open data, and their forms filled in."""

from tests.web.entitled import ANYBODY, Right
from tests.web.towns import Form

FILES = (
    *("resources.json", "resources.csv", "bookings.json", "bookings.csv"),
    *("catalog.jsonld", "catalog.ttl"),
)
THINGS = {"resources": "resource", "facilities": "facility", "associations": "association"}
RIGHTS: dict[str, Right] = {
    "GET /api/{m}/free": ANYBODY,
    **{
        f"GET /{{m}}/{before}/{things}/{{{thing}_id}}{tail}": ANYBODY
        for things, thing in THINGS.items()
        for before, tail in (("embed", ""), ("embed", "/fragment"), ("share", ""))
    },
    "GET /{m}/open-data": ANYBODY,
    **{f"GET /api/{{m}}/open-data/{name}": ANYBODY for name in FILES},
}
"""Route → who may, as in tests/web/rights.py."""
FORMS: dict[str, Form] = {}
"""Route → its form, filled in so that whoever may is answered with success."""
