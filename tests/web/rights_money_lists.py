"""Who may read prices side by side."""

from tests.web.entitled import ANYBODY, Only, Right

RIGHTS: dict[str, Right] = {
    "GET /{m}/prices": ANYBODY,
    "GET /{m}/staff/tariffs/{tariff_id}/years": Only("administrator facility_manager finance", at="anywhere"),
}
"""Route → who may, as in tests/web/rights.py."""
