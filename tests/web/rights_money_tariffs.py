"""Who may do what with tariffs, cancel tiers and terms of pay."""

from tests.web.entitled import ANYBODY, Only, Right
from tests.web.towns import Form

KEEPERS = "administrator facility_manager finance"
KEEP = Only(KEEPERS, at="resource")
"""The town's tariff holds at its resource."""
SOMEWHERE = Only(KEEPERS, at="anywhere")
RIGHTS: dict[str, Right] = {
    "GET /api/{m}/tariffs": SOMEWHERE,
    "GET /api/{m}/tariffs/{tariff_id}": SOMEWHERE,
    "POST /api/{m}/tariffs": Only(KEEPERS, at="facility"),
    "PATCH /api/{m}/tariffs/{tariff_id}": KEEP,
    "POST /api/{m}/tariffs/{tariff_id}/renew": KEEP,
    "POST /api/{m}/tariffs/{tariff_id}/end": KEEP,
    "POST /api/{m}/tariffs/{tariff_id}/try": SOMEWHERE,
    "GET /api/{m}/cancel-tiers": ANYBODY,
    "PUT /api/{m}/cancel-tiers": KEEP,
    "GET /api/{m}/pay-terms": SOMEWHERE,
    "PATCH /api/{m}/pay-terms": Only(KEEPERS),
}
"""Route → who may, as in tests/web/rights.py."""
FORMS: dict[str, Form] = {}
"""Route → its form, filled in so that whoever may is answered with success."""
