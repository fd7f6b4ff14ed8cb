"""Who may do what with CalDAV, and their forms filled in."""

from tests.web.entitled import Right
from tests.web.towns import Form

RIGHTS: dict[str, Right] = {}
"""Route → who may, as in tests/web/rights.py."""
FORMS: dict[str, Form] = {}
"""Route → its form, filled in so that whoever may is answered with success."""
