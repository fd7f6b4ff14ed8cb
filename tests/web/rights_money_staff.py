"""Who may set tariffs, articles and what is kept, on pages, and their forms filled in."""

from tests.web.entitled import Only, Right
from tests.web.towns import Form

KEEPERS = "administrator facility_manager finance"
KEEP = Only(KEEPERS, at="resource")
"""The town's tariff and article are at its resource."""
SOMEWHERE = Only(KEEPERS, at="anywhere")
RIGHTS: dict[str, Right] = {
    "GET /{m}/staff/tariffs": SOMEWHERE,
    "GET /{m}/staff/tariffs/new": SOMEWHERE,
    "POST /{m}/staff/tariffs/new": Only(KEEPERS),
    "GET /{m}/staff/tariffs/{tariff_id}": SOMEWHERE,
    "GET /{m}/staff/tariffs/{tariff_id}/lines/new": SOMEWHERE,
    "POST /{m}/staff/tariffs/{tariff_id}/lines/new": KEEP,
    "GET /{m}/staff/tariffs/{tariff_id}/lines/{number}": SOMEWHERE,
    "POST /{m}/staff/tariffs/{tariff_id}/lines/{number}": KEEP,
    "GET /{m}/staff/tariffs/{tariff_id}/lines/import": SOMEWHERE,
    "POST /{m}/staff/tariffs/{tariff_id}/lines/import": KEEP,
    "GET /{m}/staff/tariffs/{tariff_id}/settings": SOMEWHERE,
    "POST /{m}/staff/tariffs/{tariff_id}/settings": KEEP,
    "POST /{m}/staff/tariffs/{tariff_id}/renew": KEEP,
    "POST /{m}/staff/tariffs/{tariff_id}/end": KEEP,
    "GET /{m}/staff/articles": SOMEWHERE,
    "GET /{m}/staff/articles/new": SOMEWHERE,
    "POST /{m}/staff/articles/new": KEEP,
    "GET /{m}/staff/articles/{article_id}": SOMEWHERE,
    "POST /{m}/staff/articles/{article_id}": KEEP,
    "POST /{m}/staff/articles/{article_id}/end": KEEP,
    "GET /{m}/staff/cancel-tiers": SOMEWHERE,
    "POST /{m}/staff/cancel-tiers": KEEP,
    "POST /{m}/staff/cancel-tiers/pay-terms": Only(KEEPERS),
}
"""Route → who may, as in tests/web/rights.py."""
LINE = {
    "kind": "base",
    "text_nb": "Hall",
    "unit": "hour",
    "price": "600",
    "vat_code": "full",
    "payment": "invoice",
}
ARTICLE = {
    "name_nb": "Stoler",
    "kind": "article",
    "unit": "piece",
    "price": "10",
    "vat_code": "full",
    "max_quantity": "9",
}
FORMS: dict[str, Form] = {
    "POST /{m}/staff/tariffs/new": lambda _: {"key": "ny-liste", "name_nb": "Ny"},
    "POST /{m}/staff/tariffs/{tariff_id}/lines/new": lambda _: {**LINE, "step": "save", "version": "1"},
    "POST /{m}/staff/tariffs/{tariff_id}/lines/{number}": lambda _: {**LINE, "step": "save", "version": "1"},
    "POST /{m}/staff/tariffs/{tariff_id}/lines/import": lambda _: {
        "version": "1",
        "step": "add",
        "text": "text_nb;unit;price;vat_code\nHall;hour;600;full",
    },
    "POST /{m}/staff/tariffs/{tariff_id}/settings": lambda town: {
        "name_nb": "Ny",
        "version": "1",
        "place-new": f"resource:{town.ids['resource']}",
    },
    "POST /{m}/staff/tariffs/{tariff_id}/renew": lambda _: {
        "renew_from": "2080-01-01",
        "renew_change": "3.5",
        "round_to": "krone",
        "version": "1",
    },
    "POST /{m}/staff/tariffs/{tariff_id}/end": lambda _: {"version": "1"},
    "POST /{m}/staff/articles/new": lambda town: {
        **ARTICLE,
        "key": "stoler-nye",
        "place": f"resource:{town.ids['resource']}",
    },
    "POST /{m}/staff/articles/{article_id}": lambda town: {
        **ARTICLE,
        "version": "1",
        "place": f"resource:{town.ids['resource']}",
    },
    "POST /{m}/staff/articles/{article_id}/end": lambda _: {"version": "1"},
    "POST /{m}/staff/cancel-tiers": lambda town: {
        "place": f"resource:{town.ids['resource']}",
        "tier-0-hours": "24",
        "tier-0-percent": "50",
    },
    "POST /{m}/staff/cancel-tiers/pay-terms": lambda _: {
        "pay_minutes": "45",
        "pay_hours": "72",
        "version": "1",
    },
}
"""Route → its form, filled in so that whoever may is answered with success."""
