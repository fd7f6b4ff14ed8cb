"""Something to show in the pages of prices side by side."""

from typing import Any, Final

from resources.price_list import PriceRow
from resources.price_years import YearRow
from tests.web.contexts import Sample

ROW: Final = PriceRow(
    "Idrettshall", "Lag, mandag–fredag", "600 kr for hver påbegynte time", "25 % mva. inkludert"
)
CHAIR: Final = PriceRow("Stoler", "", "12,50 kr per stykk", "")
PLACES: Final = [{"name": "Sal A", "url": "/a"}, {"name": "Sal B", "url": "/b"}]
FACILITY: Final[dict[str, Any]] = {
    "name": "Solvikhallen",
    "url": "/f",
    "lists": [{"places": PLACES, "rows": [ROW, ROW]}, {"places": [{"name": "Rom", "url": "/r"}], "rows": []}],
    "articles": [CHAIR],
}
YEARS: Final[dict[str, Any]] = {
    "name": "Idrettshaller",
    "before": "28. november 2026",
    "after": "1. januar 2027",
    "rows": [YearRow("Hall", "alle", "600 kr", "621 kr"), YearRow("Sal", "alle", "", "100 kr")],
    "tariffs_url": "/x",
    "back_url": "/y",
}
SAMPLES: Final[tuple[Sample, ...]] = (
    Sample(
        name="prices",
        template="resources/prices.html",
        context={"facilities": [FACILITY, {**FACILITY, "name": "Strandhallen", "url": "/s", "articles": []}]},
    ),
    Sample(name="prices-none", template="resources/prices.html", context={"facilities": []}),
    Sample(name="tariff-years", template="resources/tariff_years.html", context=YEARS),
    Sample(name="tariff-years-none", template="resources/tariff_years.html", context={**YEARS, "rows": []}),
)
