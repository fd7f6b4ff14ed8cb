"""HTML routes of prices side by side: all of the municipality's for everybody, and a tariff now and next year."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from core.alphabet import alphabetical
from core.spans import local_date
from people.actors import Actor
from people.desk import AtDesk, Desk
from resources import place_queries, tariff_queries, tariff_reading
from resources.place_queries import Kept
from resources.price_list import PriceRow, price_list
from resources.price_words import worded
from resources.price_years import compare
from resources.tariff_schemas import TariffOut, facts_of, line_in
from resources.tariffs import Priceable


@get("/prices")
async def prices(desk: AtDesk) -> Response[str]:
    """Of every place that the reader may see, by facility; places of the same prices together."""

    async def work(db: AsyncSession, actor: Actor) -> tuple[list[Kept], Mapping[UUID, Priceable]]:
        kept = await place_queries.resources(db, place_queries.sight_of(actor, desk.now))
        return kept, await tariff_queries.priceables(db, [each.resource.id for each in kept])

    kept, known = await desk.read(work)
    kept.sort(key=lambda each: (alphabetical(each.facility.name), alphabetical(each.resource.name)))
    today = local_date(desk.tenant.zone, desk.now)
    facilities: dict[UUID, dict[str, Any]] = {}
    for each in kept:
        facility = facilities.setdefault(
            each.facility.id,
            {
                "name": each.facility.name,
                "url": desk.url(f"/facilities/{each.facility.id}"),
                "lists": {},
                "articles": {},
            },
        )
        told = price_list(known[each.resource.id], desk.texts, today)
        key = tuple(_key(row) for row in told.rows)
        same = facility["lists"].setdefault(key, {"places": [], "rows": told.rows})
        same["places"].append({"name": each.resource.name, "url": desk.url(f"/resources/{each.resource.id}")})
        facility["articles"].update({_key(row): row for row in told.articles})
    return desk.page(
        "resources/prices.html",
        facilities=[
            {
                "name": each["name"],
                "url": each["url"],
                "lists": list(each["lists"].values()),
                "articles": list(each["articles"].values()),
            }
            for each in facilities.values()
        ],
    )


def _key(row: PriceRow) -> tuple[str, str, str, str]:
    return row.text, row.who, row.price, row.vat


@get("/staff/tariffs/{tariff_id:uuid}/years")
async def years(desk: AtDesk, tariff_id: FromPath[UUID]) -> Response[str]:
    """What each price is today, and when next year begins."""
    found = await desk.read(
        lambda db, actor: tariff_reading.tariff(
            db, actor, desk.tenant, tariff_id, texts=desk.texts, now=desk.now
        )
    )
    today = local_date(desk.tenant.zone, desk.now)
    after = date(today.year + 1, 1, 1)
    return desk.page(
        "resources/tariff_years.html",
        name=worded(msgspec.to_builtins(found.name), desk.texts),
        before=desk.texts.day(today, year=True),
        after=desk.texts.day(after, year=True),
        rows=_rows(desk, found, today, after),
        tariffs_url=desk.url("/staff/tariffs"),
        back_url=desk.url(f"/staff/tariffs/{tariff_id}"),
    )


def _rows(desk: Desk, found: TariffOut, today: date, after: date) -> list[Any]:
    facts = [facts_of(line_in(line), "line", line.id) for line in found.lines]
    return list(compare(facts, today, after, desk.texts))


handlers = [prices, years]
