"""What hire costs in the demo: price lists that municipalities have published, as demo_data/prices.json states them.

Sandnes and Sola 2019. Time bears the list of Nesodden 2017, for its prices go by age and weekend. What a list says
nothing of (VAT, how one pays, cancel tiers) is made up.
"""

from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.tenants import Tenant
from core.texts import texts
from resources.schemas import In, ShortTranslated
from resources.tariff_schemas import (
    Lines,
    Ordinary,
    PlaceIn,
    TariffIn,
    TierLine,
    TiersIn,
)
from resources.tariff_service import add
from resources.tier_service import set_tiers
from web.demo_people import DATA, Municipality, actor_of, demo_id


class PriceList(In):
    """A tariff of prices.json: as the API takes it, but with places by their keys."""

    key: str
    name: ShortTranslated
    lines: Lines
    ordinary_hours: Ordinary = []
    places: list[str] = []
    """`facility` or `facility/resource`."""


class Prices(In):
    """All that a municipality has laid down."""

    tariffs: list[PriceList]
    cancel_tiers: list[TierLine]


def price_lists() -> dict[str, Prices]:
    """By municipality."""
    return msgspec.json.decode((DATA / "prices.json").read_bytes(), type=dict[str, Prices])


async def lay_prices(db: AsyncSession, each: Municipality, tenant: Tenant, now: datetime) -> None:
    """By the services that staff use."""
    prices = price_lists().get(each.slug)
    if prices is None:
        return
    admin, words = actor_of(each, "admin"), texts(tenant.languages[0], tenant.zone_name)
    for listed in prices.tariffs:
        form = TariffIn(
            key=listed.key,
            name=listed.name,
            ordinary_hours=listed.ordinary_hours,
            lines=listed.lines,
            places=[_place(each, key) for key in listed.places],
        )
        await add(db, admin, tenant, form, texts=words, now=now)
    await set_tiers(db, admin, TiersIn(tiers=prices.cancel_tiers), texts=words, now=now)


def _place(each: Municipality, key: str) -> PlaceIn:
    if "/" in key:
        return PlaceIn(resource_id=demo_id(each.slug, "resource", key))
    return PlaceIn(facility_id=demo_id(each.slug, "facility", key))
