"""Where a refused time would go better: the same day first, then halls of the kind, the nearest first."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from booking.alternatives import Alternative, alternatives, alternatives_of
from core.spans import Span, utc_now
from people.actors import NOBODY
from tests import make
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18, 2)


async def place(town: Town, name: str, latitude: float, **columns: Any) -> UUID:
    """A hall of its own at that latitude."""

    async def work(db: AsyncSession) -> UUID:
        facility_id = await make.facility(db, name=name, latitude=latitude, longitude=5.7)
        await make.open_daily(db, facility_id)
        unit_id = await make.unit(db, facility_id)
        return await make.resource(db, facility_id, [unit_id], name=name, **columns)

    return await town.have(work)


async def found(town: Town, resource: UUID, *spans: Span, **more: Any) -> dict[Span, list[Alternative]]:
    async def work(db: AsyncSession) -> dict[Span, list[Alternative]]:
        return await alternatives_of(db, NOBODY, town.tenant, resource, spans, now=utc_now(), **more)

    return await town.have(work)


async def test_the_same_evening_then_the_nearest_halls_of_the_kind(town: Town) -> None:
    mine = await place(town, "Midt", 58.90)
    far, near = await place(town, "Fjern", 59.40), await place(town, "Nær", 58.91)
    await place(town, "Nærmest", 58.901, kind="pool")
    nearer = await place(town, "Nærmere", 58.905)
    (ola,) = await town.people(1)
    await town.book(ola, mine, EVENING)
    await town.book(ola, nearer, EVENING)

    told = (await found(town, mine, EVENING))[EVENING]

    assert [each.span for each in told if not each.is_elsewhere] == [
        make.at(TUESDAY, 16, 2),
        make.at(TUESDAY, 20, 2),
    ]
    assert [each.resource_id for each in told if each.is_elsewhere] == [near, far]
    assert {each.span for each in told if each.is_elsewhere} == {EVENING}


async def test_each_of_many_gets_its_own(town: Town) -> None:
    mine, other = await place(town, "Midt", 58.90), await place(town, "Nær", 58.91)
    (ola,) = await town.people(1)
    weeks = [Span(EVENING.start + n * timedelta(7), EVENING.end + n * timedelta(7)) for n in range(3)]
    await town.book(ola, other, weeks[1])
    told = await found(town, mine, *weeks)
    assert [any(each.is_elsewhere for each in told[week]) for week in weeks] == [True, False, True]


async def test_what_only_associations_may_have_is_told_only_to_them(town: Town) -> None:
    mine = await place(town, "Midt", 58.90)
    await place(town, "Klubb", 58.91, association_only=True)
    alone = (await found(town, mine, EVENING, association=False))[EVENING]
    assert not any(each.is_elsewhere for each in alone)
    assert any(each.is_elsewhere for each in (await found(town, mine, EVENING))[EVENING])


async def test_when_the_day_is_full_the_first_of_another_day_is_told(town: Town) -> None:
    mine = await place(town, "Midt", 58.90)
    (ola,) = await town.people(1)
    await town.book(ola, mine, make.at(TUESDAY, 8, 14))

    async def work(db: AsyncSession) -> list[Alternative]:
        return await alternatives(db, NOBODY, town.tenant, mine, EVENING, utc_now())

    (first, *_) = await town.have(work)
    assert (first.span, first.is_elsewhere) == (make.at(TUESDAY + timedelta(1), 8, 2), False)
