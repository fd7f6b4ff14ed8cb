"""Something to show in the templates by which staff set prices."""

from typing import Any, Final

from core.texts import texts
from resources import tariff_form
from resources.price_file import Fault
from resources.price_list import PriceRow
from resources.price_words import price_out
from resources.prices import Priced, price_of
from tests.web.contexts import Sample


class Empty(dict[str, str]):
    """A form whose fields are empty until they are filled in."""

    def __missing__(self, key: str) -> str:
        return ""


OPTIONS: Final = tariff_form.choices(texts("nb"))
PLACES: Final = [("facility:1", "Solvikhallen"), ("resource:1", "Solvikhallen: Sal A")]
PRICE: Final = price_out(
    price_of(
        [
            Priced(
                kind="hire",
                key="1",
                text={"nb": "Idrettshall"},
                unit="hour",
                quantity_milli=1500,
                unit_ore=60_000,
                amount_ore=90_000,
                includes_vat=True,
                vat_code="full",
                minutes=90,
            )
        ],
        payment="online",
        customer_group="resident",
    ),
    texts("nb"),
)
LINE: Final = {
    "text": "Idrettshall",
    "when": "mandag–fredag, kl. 16–22, lag og foreninger",
    "price": "600 kr per påbegynt time, minst 1 200 kr",
    "vat": "25 % mva. i prisen",
    "payment": "på faktura",
    "url": "/x/lines/0",
}
TARIFF: Final[dict[str, Any]] = {
    "name": "Haller 2027",
    "key": "haller",
    "version": 3,
    "has_ended": False,
    "places": ["Solvikhallen", "Solvikhallen: Sal A"],
    "lines": [LINE, {**LINE, "vat": "", "price": "gratis"}],
    "warnings": ["Linje 2 gjelder aldri."],
    "url": "/x",
    "settings_url": "/x/settings",
    "new_line_url": "/x/lines/new",
    "renew_url": "/x/renew",
    "end_url": "/x/end",
}
TRIAL: Final[dict[str, Any]] = {
    "resources": [("1", "Solvikhallen: Sal A")],
    "articles": [
        {"name": "article-stoler", "label": "Stoler", "hint": "10 kr per stykk", "most": 60},
        {"name": "article-gull", "label": "gull", "hint": None, "most": None},
    ],
    "options": OPTIONS,
    "price": None,
}
ONE: Final[dict[str, Any]] = {
    **TRIAL,
    "tariff": TARIFF,
    "form": Empty(on="2026-11-24", try_from="18:00", try_until="19:30"),
    "errors": {},
    "price": PRICE,
    "back_url": "/y",
}
LINE_FORM: Final[dict[str, Any]] = {
    **TRIAL,
    "tariff_name": "Haller 2027",
    "version": 3,
    "is_new": False,
    "form": Empty(tariff_form.line_form(None)),
    "errors": {},
    "post_url": "/x",
    "back_url": "/y",
}
SETTINGS: Final[dict[str, Any]] = {
    **TRIAL,
    "tariff_name": "Haller 2027",
    "version": 3,
    "form": Empty({"name_nb": "Haller 2027", "place-resource:1": "resource:1"}),
    "errors": {},
    "held": [("place-resource:1", "resource:1", "Solvikhallen: Sal A")],
    "places": PLACES,
    "post_url": "/x",
    "back_url": "/y",
}
ARTICLE: Final[dict[str, Any]] = {
    "name": "Stoler",
    "version": 2,
    "is_ended": False,
    "form": Empty(price="10", kind="article"),
    "errors": {},
    "places": PLACES,
    "kinds": [("article", "En vare")],
    "units": [("piece", "per stykk")],
    "options": OPTIONS,
    "post_url": "/x",
    "end_url": "/x/end",
    "back_url": "/y",
}
LISTED: Final[dict[str, Any]] = {
    "name": "Stoler",
    "price_ore": 1000,
    "unit": "per stykk",
    "stock": 60,
    "is_deposit": False,
    "is_mandatory": True,
    "is_ended": False,
    "url": "/x/1",
}
TIERS: Final[dict[str, Any]] = {
    "told": ["Avbestiller du minst 14 dager før, betaler du ingenting.", "Senere betaler du alt."],
    "set_at": "municipality",
    "is_own": True,
    "rows": range(4),
    "places": PLACES,
    "sees_all": True,
    "online_open": True,
    "terms_version": 1,
    "form": Empty({"tier-0-hours": "336", "tier-0-percent": "0", "pay_minutes": "45", "pay_hours": "72"}),
    "errors": {},
    "post_url": "/x",
    "terms_url": "/x/pay-terms",
    "tariffs_url": "/y",
}
FILE: Final[dict[str, Any]] = {
    "tariff_name": "Haller 2027",
    "version": 3,
    "form": Empty(text="text_nb;unit;price\nHall;hour;600"),
    "errors": {},
    "faults": [],
    "added": [(2, PriceRow(text="Hall", who="alle", price="600 kr per time", vat="25 % mva."))],
    "columns": ("text_nb", "unit", "price"),
    "post_url": "/x",
    "back_url": "/y",
}
LIST: Final[dict[str, Any]] = {
    "tariffs": [
        {"name": "Haller 2027", "places": ["Solvikhallen"], "url": "/x/1"},
        {"name": "Svømmehaller", "places": [], "url": "/x/2"},
    ],
    "ended": False,
    "new_url": "/x/new",
    "other_url": "/x?ended=yes",
    "articles_url": "/articles",
    "tiers_url": "/tiers",
    "previous_url": None,
    "next_url": "?next",
}


def sample(name: str, template: str, context: dict[str, Any]) -> Sample:
    return Sample(name=name, template=f"resources/{template}.html", context=context)


SAMPLES: Final[tuple[Sample, ...]] = (
    sample("tariffs", "tariffs", LIST),
    sample("tariffs-none", "tariffs", {**LIST, "tariffs": [], "next_url": None}),
    sample("tariffs-ended", "tariffs", {**LIST, "tariffs": [], "ended": True, "next_url": None}),
    sample(
        "tariff-new",
        "tariff_new",
        {"form": Empty(), "errors": {"key": "Skriv et kort ord."}, "post_url": "/x", "back_url": "/y"},
    ),
    sample("tariff", "tariff", ONE),
    sample("tariff-ended", "tariff", {**ONE, "tariff": {**TARIFF, "has_ended": True}, "price": None}),
    sample(
        "tariff-empty",
        "tariff",
        {
            **ONE,
            "tariff": {**TARIFF, "lines": [], "places": [], "warnings": []},
            "price": None,
            "errors": {
                "on": "Skriv en dag.",
                "article-gull": "Kan ikke bestilles.",
                "renew_from": "Skriv en dag.",
            },
        },
    ),
    sample("tariff-line", "tariff_line", LINE_FORM),
    sample("tariff-line-tried", "tariff_line", {**LINE_FORM, "price": PRICE}),
    sample(
        "tariff-line-new",
        "tariff_line",
        {**LINE_FORM, "is_new": True, "errors": {"price": "Skriv et beløp.", "vat_reason": "Skriv hvorfor."}},
    ),
    sample("price-file", "price_file", FILE),
    sample(
        "price-file-wrong",
        "price_file",
        {
            **FILE,
            "added": [],
            "faults": [Fault(2, "price", "Skriv et beløp."), Fault(3, "row", "For mange celler.")],
            "errors": {"text": "Noe er feil.", "file": "Velg en fil."},
        },
    ),
    sample("tariff-settings", "tariff_settings", SETTINGS),
    sample("tariff-settings-tried", "tariff_settings", {**SETTINGS, "price": PRICE, "articles": []}),
    sample(
        "tariff-settings-bare", "tariff_settings", {**SETTINGS, "held": [], "errors": {"name_nb": "Skriv."}}
    ),
    sample(
        "articles",
        "articles",
        {
            "articles": [
                LISTED,
                {**LISTED, "is_deposit": True, "stock": None, "price_ore": 0, "is_ended": True},
            ],
            "new_url": "/x/new",
            "tariffs_url": "/y",
        },
    ),
    sample("articles-none", "articles", {"articles": [], "new_url": "/x/new", "tariffs_url": "/y"}),
    sample("article", "article", ARTICLE),
    sample(
        "article-new",
        "article",
        {**ARTICLE, "name": None, "version": None, "end_url": None, "errors": {"stock": "Skriv et tall."}},
    ),
    sample("article-ended", "article", {**ARTICLE, "is_ended": True}),
    sample("cancel-tiers", "cancel_tiers", TIERS),
    sample(
        "cancel-tiers-none",
        "cancel_tiers",
        {
            **TIERS,
            "told": [],
            "is_own": False,
            "sees_all": False,
            "online_open": False,
            "errors": {"tier-0-hours": "Skriv hele timer."},
        },
    ),
    sample("cancel-tiers-around", "cancel_tiers", {**TIERS, "is_own": False}),
)
