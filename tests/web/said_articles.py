"""What the rows of the two test municipalities say about articles and what a booking costs; said.py takes it in."""

from typing import Any

ARTICLES: dict[str, Any] = {
    "article.kind": "article",
    "article.facility_id": None,
    "article.resource_id": "resource",
    "article.unit_id": None,
    "article.unit": "piece",
    "article.vat_code": "full",
    "article.customer_groups": [],
    "article.valid_from": None,
    "article.valid_until": None,
    "article.ended_at": None,
}
