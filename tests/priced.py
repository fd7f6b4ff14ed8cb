"""A priced place to test with: a tariff that asks what it is used for, chairs with a stock, cleaning, a deposit."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from resources.models import Unit
from resources.tariff_models import Article, CancelTier, PayTerms, Tariff, TariffLine, TariffPlace

HIRE: dict[str, Any] = {
    "text": {"nb": "Leie av hall", "nn": "Leige av hall", "en": "Hire of the hall"},
    "unit": "hour",
    "price_ore": 60_000,
    "vat_code": "full",
    "payment": "online",
}
EVENT: dict[str, Any] = {
    "text": {"nb": "Arrangement", "nn": "Arrangement", "en": "Event"},
    "unit": "occasion",
    "price_ore": 500_000,
    "vat_code": "full",
    "usages": ["arrangement"],
}
CLUBS: dict[str, Any] = {
    "text": {"nb": "Lag", "nn": "Lag", "en": "Clubs"},
    "unit": "hour",
    "price_ore": 0,
    "vat_code": "zero",
    "customer_groups": ["association", "children_youth"],
}


async def tariff(db: AsyncSession, facility_id: UUID, *lines: dict[str, Any]) -> UUID:
    """For all of the facility; without lines: events at a price of their own, clubs free, others by the hour."""
    row_id = new_id()
    db.add(Tariff(id=row_id, key=f"t{row_id.hex}", name={"nb": "Leie"}))
    await db.flush()
    db.add(TariffPlace(tariff_id=row_id, facility_id=facility_id))
    db.add_all(
        TariffLine(tariff_id=row_id, position=place, **line)
        for place, line in enumerate(lines or (EVENT, CLUBS, HIRE))
    )
    await db.flush()
    return row_id


async def article(
    db: AsyncSession, key: str, *, stock_at: UUID | None = None, stock: int = 60, **columns: Any
) -> UUID:
    """Offered everywhere unless said; with `stock_at`, at that facility, and so many of it."""
    unit_id = None
    if stock_at is not None:
        unit_id = new_id()
        db.add(Unit(id=unit_id, facility_id=stock_at, key=f"article-{key}", name=key, capacity=stock))
        await db.flush()
        columns = {"facility_id": stock_at, **columns}
    values = {
        "name": {"nb": key.capitalize(), "en": key.capitalize()},
        "unit": "piece",
        "price_ore": 1000,
        "vat_code": "full",
        "max_quantity": stock,
    }
    row_id = new_id()
    db.add(Article(id=row_id, key=key, unit_id=unit_id, **{**values, **columns}))
    await db.flush()
    return row_id


async def goods(db: AsyncSession, facility_id: UUID) -> None:
    """At the facility 60 chairs and a deposit that goes with every booking; cleaning everywhere."""
    await article(db, "stoler", stock_at=facility_id, stock=60)
    await article(db, "vask", unit="occasion", price_ore=40_000, max_quantity=1)
    await article(
        db,
        "depositum",
        facility_id=facility_id,
        kind="deposit",
        vat_code="zero",
        price_ore=30_000,
        is_mandatory=True,
        max_quantity=1,
    )


async def online(db: AsyncSession, *, pay_minutes: int = 45) -> None:
    """Somebody takes the money."""
    db.add(PayTerms(online_open=True, pay_minutes=pay_minutes))
    await db.flush()


async def tier(db: AsyncSession, minutes_before: int, fee_percent: int) -> None:
    """Of the municipality."""
    db.add(CancelTier(minutes_before=minutes_before, fee_percent=fee_percent))
    await db.flush()
