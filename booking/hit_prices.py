"""What the hits of a search cost who would have them: the same reckoning as the quote, of all that is shown at once."""

from collections.abc import Sequence

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from booking.schemas import HitOut
from booking.searching import Holder, Sought
from core.money import Money
from core.spans import Span, span_between
from core.tenants import Tenant
from core.texts import Texts
from resources.price_from import ShortPrice, least, least_text, whole_text
from resources.tariff_queries import priceables
from resources.tariffs import Ask, Priceable, price


async def with_prices(
    db: AsyncSession, holder: Holder, tenant: Tenant, sought: Sought, hits: Sequence[HitOut], *, texts: Texts
) -> list[HitOut]:
    """The hits with their prices, in the same order; one statement, however many. For what is shown, not for all
    that is found. Without a price where no tariff holds and nothing else costs.
    """
    if not hits:
        return []
    known = await priceables(db, sorted(hit.resource_id for hit in hits))
    told: dict[tuple[int, Span | None], ShortPrice | None] = {}
    priced: list[HitOut] = []
    for hit in hits:
        here = known.get(hit.resource_id)
        if here is None:
            priced.append(hit)
            continue
        span = _asked(sought, hit)
        key = (id(here), span)  # halls of one facility share what decides their price, and often the time
        if key not in told:
            told[key] = _price(here, span, holder.group, tenant, sought, texts)
        priced.append(replace(hit, price=told[key]))
    return priced


def _asked(sought: Sought, hit: HitOut) -> Span | None:
    """The hit's first time, where the search was for times of the clock or for a length."""
    is_any_time = (sought.from_minute, sought.to_minute % 1440) == (0, 0) and sought.minutes is None
    return None if hit.first is None or is_any_time else span_between(hit.first.start, hit.first.end)


def _price(
    known: Priceable, span: Span | None, group: str, tenant: Tenant, sought: Sought, texts: Texts
) -> ShortPrice | None:
    if span is not None:
        whole = price(known, Ask(span=span, zone=tenant.zone, customer_group=group, quantity=sought.quantity))
        if known.tariff is None and not whole.gross_ore:
            return None
        return ShortPrice(
            text=whole_text(whole, texts),
            customer_group=group,
            gross=Money(whole.gross_ore),
            deposit=Money(whole.deposit_ore),
        )
    if known.tariff is None:
        return None
    rates = least(known.tariff, zone=tenant.zone, group=group, first_on=sought.from_on, last_on=sought.to_on)
    return ShortPrice(text=least_text(rates, texts), customer_group=group)
