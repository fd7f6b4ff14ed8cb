"""Bodies, ids and queries of the routes of tariffs, cancel tiers and terms of pay; towns.py takes them in."""

from collections.abc import Mapping
from typing import Any

PARAMETERS: dict[str, str] = {"tariff_id": "tariff"}
"""Name of an id in a path, an address or a body → its table."""
QUERIES: dict[str, dict[str, str]] = {}
"""Operation → what must stand behind the question mark."""


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Operation → a body that the town itself accepts. `ids`: table → the id of its row there."""
    line = {
        "text": {"nb": "Hall, hverdag"},
        "customer_groups": ["association", "other"],
        "weekdays": [1, 2, 3, 4, 5],
        "from_time": "08:00",
        "until_time": "22:00",
        "unit": "started_hour",
        "price": {"amount": 60_000},
        "minimum": {"amount": 60_000},
        "most": {"amount": 300_000},
        "vat_code": "exempt",
        "vat_reason": "mval. § 3-11",
        "valid_from": "2026-01-01",
    }
    hours = [{"weekday": 1, "from_time": "08:00", "until_time": "24:00"}]
    tried = {"start": "2080-12-03T18:00:00+01:00", "end": "2080-12-03T20:00:00+01:00"}
    return {
        "add_tariff": {
            "key": "ny",
            "name": {"nb": "Ny"},
            "ordinary_hours": hours,
            "lines": [line],
            "places": [{"facility_id": ids["facility"]}],
        },
        "change_tariff": {"name": {"nb": "Ny"}, "ordinary_hours": hours, "lines": [line]},
        "renew_tariff": {"valid_from": "2080-01-01", "change": 350},
        "try_tariff": {**tried, "customer_group": "other", "resource_id": ids["resource"]},
        "set_cancel_tiers": {
            "resource_id": ids["resource"],
            "tiers": [{"minutes_before": 60, "fee_percent": 100}],
        },
        "change_pay_terms": {"pay_minutes": 45, "pay_hours": 72},
    }
