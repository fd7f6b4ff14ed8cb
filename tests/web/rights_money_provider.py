"""Who may do what with the municipality's account with the payment provider."""

from tests.web.entitled import Only, Right

KEEP = Only("administrator")
RIGHTS: dict[str, Right] = {
    "GET /{m}/staff/provider": KEEP,
    "POST /{m}/staff/provider": KEEP,
    "GET /{m}/staff/provider/back": KEEP,
    "POST /{m}/staff/provider/ask": KEEP,
    "POST /{m}/staff/provider/compare": KEEP,
}
"""Route → who may, as in tests/web/rights.py."""
