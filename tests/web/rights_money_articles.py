"""Who may do what with articles."""

from tests.web.entitled import ANYBODY, Only, Right
from tests.web.towns import Form

KEEPERS = "administrator facility_manager finance"
KEEP = Only(KEEPERS, at="resource")
RIGHTS: dict[str, Right] = {
    "GET /api/{m}/articles": ANYBODY,
    "GET /api/{m}/articles/{article_id}": ANYBODY,
    "POST /api/{m}/articles": KEEP,
    "PATCH /api/{m}/articles/{article_id}": KEEP,
    "DELETE /api/{m}/articles/{article_id}": KEEP,
}
"""Route → who may, as in tests/web/rights.py."""
FORMS: dict[str, Form] = {}
"""Route → its form, filled in so that whoever may is answered with success."""
