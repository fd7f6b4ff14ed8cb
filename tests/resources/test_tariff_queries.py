"""What decides a price is found in one statement: the nearest tariff and tiers, articles in scope, terms of pay."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from core.spans import utc_now
from resources.tariff_models import Article, CancelTier, PayTerms, Tariff, TariffLine, TariffPlace
from resources.tariff_queries import priceables
from resources.tariffs import Ask, Priceable, Tier, price
from tests import make


async def tariff(db: AsyncSession, price_ore: int, *places: dict[str, UUID], **columns: Any) -> UUID:
    """One price for an hour, valid for all."""
    row_id = new_id()
    db.add(Tariff(id=row_id, key=f"t{row_id.hex}", name={"nb": "Sats"}, **columns))
    await db.flush()
    line = {"unit": "hour", "price_ore": price_ore, "vat_code": "zero", "text": {"nb": "Hall"}}
    db.add(TariffLine(tariff_id=row_id, position=0, **line))
    db.add_all(TariffPlace(tariff_id=row_id, **place) for place in places)
    await db.flush()
    return row_id


async def article(db: AsyncSession, key: str, **columns: Any) -> None:
    values = {"unit": "piece", "price_ore": 1000, "vat_code": "full", "name": {"nb": "Stol"}}
    db.add(Article(key=key, **{**values, **columns}))
    await db.flush()


def hour_ore(known: Priceable) -> int:
    span = make.at(make.next_weekday(), 18)
    return price(known, Ask(span=span, zone=make.OSLO, customer_group="resident")).gross_ore


async def test_a_resources_own_tariff_wins_over_its_facilitys(db: AsyncSession) -> None:
    hall = await make.hall(db)
    await tariff(db, 60_000, {"facility_id": hall.facility_id})
    own = await tariff(db, 25_000, {"resource_id": hall.parts[0]})
    await tariff(db, 99_000, {"resource_id": hall.parts[1]}, ended_at=utc_now())
    found = await priceables(db, [hall.whole, *hall.parts, new_id()])
    assert [hour_ore(found[each]) for each in (hall.whole, *hall.parts)] == [60_000, 25_000, 60_000, 60_000]
    assert set(found) == {hall.whole, *hall.parts}
    facts = found[hall.parts[0]].tariff
    assert facts is not None
    assert (facts.id, facts.version, dict(facts.name)) == (own, 1, {"nb": "Sats"})


async def test_articles_are_those_of_the_place_and_of_everywhere(db: AsyncSession) -> None:
    hall, other = await make.hall(db), await make.hall(db)
    await article(db, "everywhere")
    await article(db, "building", facility_id=hall.facility_id)
    await article(db, "part", resource_id=hall.parts[0], unit_id=hall.units[1], customer_groups=["other"])
    await article(db, "ended", ended_at=utc_now())
    await article(db, "elsewhere", facility_id=other.facility_id)
    found = await priceables(db, [hall.whole, hall.parts[0]])
    assert [each.key for each in found[hall.whole].articles] == ["building", "everywhere"]
    assert [each.key for each in found[hall.parts[0]].articles] == ["building", "everywhere", "part"]
    assert found[hall.parts[0]].articles[2].unit_id == hall.units[1]


async def test_tiers_are_those_of_the_nearest_place(db: AsyncSession) -> None:
    hall, other = await make.hall(db), await make.hall(db)
    db.add_all(
        [
            CancelTier(minutes_before=0, fee_percent=100),
            CancelTier(minutes_before=1440, fee_percent=50),
            CancelTier(minutes_before=60, fee_percent=20, facility_id=hall.facility_id),
            CancelTier(minutes_before=30, fee_percent=10, resource_id=hall.parts[0]),
        ]
    )
    await db.flush()
    found = await priceables(db, [hall.whole, hall.parts[0], other.whole])
    everywhere = (Tier(minutes_before=1440, fee_percent=50), Tier(minutes_before=0, fee_percent=100))
    assert found[other.whole].tiers == everywhere
    assert found[hall.whole].tiers == (Tier(minutes_before=60, fee_percent=20),)
    assert found[hall.parts[0]].tiers == (Tier(minutes_before=30, fee_percent=10),)


async def test_terms_of_pay_are_read_along(db: AsyncSession) -> None:
    hall = await make.hall(db)
    before = (await priceables(db, [hall.whole]))[hall.whole]
    assert before == Priceable()
    db.add(PayTerms(online_open=True, pay_minutes=60, pay_hours=24))
    await db.flush()
    after = (await priceables(db, [hall.whole]))[hall.whole]
    assert (after.online_open, after.pay_minutes, after.pay_hours) == (True, 60, 24)
