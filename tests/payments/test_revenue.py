"""Revenue is what was issued minus what was credited, however it is cut, and only of the reader's places."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Forbidden, Invalid
from core.ids import new_id
from core.tenants import Tenant
from payments import revenue
from payments.plots import bars
from payments.revenue_schemas import BY, Wanted
from people.actors import Actor, Grant
from tests import make
from tests.booking.conftest import Town
from tests.payments import papers
from tests.payments.papers import Sold

EVENING = make.at(date(2026, 3, 3), 18)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
FINANCE = Actor(person_id=new_id(), grants=(Grant("finance"),))


def wanted(by: Any, **more: Any) -> Wanted:
    asked: dict[str, Any] = {"by": by, "from_on": FIRST, "until_on": LAST, **more}
    return Wanted(**asked)


async def year(db: AsyncSession) -> tuple[make.Hall, make.Hall]:
    """Two halls: 1000.00 and 250.00 in March and June, of which 200.00 is credited in July."""
    here, there = await make.hall(db), await make.hall(db)
    person_id, _ = await make.person(db)
    youth = {"customer_group": "children_youth"}
    first = await papers.booking(db, here.whole, person_id, EVENING, price=youth)
    second = await papers.booking(db, there.whole, person_id, EVENING)
    march, june = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    chair = Sold(50_000, "full", first, "Stoler", key="chairs", kind="article")
    order = await papers.order(db, person_id, [Sold(50_000, "exempt", first), chair], at=march)
    await papers.order(
        db, person_id, [Sold(25_000, "full", second)], at=june, kind="invoice", payment="invoice"
    )
    await papers.order(
        db, person_id, [Sold(20_000, "exempt", first)], at=datetime(2026, 7, 1, tzinfo=UTC), kind="credit",
        credits_id=order,
    )  # fmt: skip
    await papers.order(db, person_id, [Sold(99_999, "exempt", first)], at=march, state="open")
    return here, there


async def test_however_it_is_cut_it_adds_up_to_issued_minus_credited(db: AsyncSession, home: Tenant) -> None:
    here, there = await year(db)
    for by in BY:
        found = await revenue.revenue(db, FINANCE, home, wanted(by))
        assert (found.net_ore, found.vat_ore, found.gross_ore) == (90_000, 15_000, 105_000), by
    months = (await revenue.revenue(db, FINANCE, home, wanted("month"))).rows
    assert [row.gross_ore for row in months] == [0, 0, 100_000, 0, 0, 25_000, -20_000, 0, 0, 0, 0, 0]
    places = (await revenue.revenue(db, FINANCE, home, wanted("facility"))).rows
    assert [(row.key, row.gross_ore) for row in places] == [
        (str(here.facility_id), 80_000),
        (str(there.facility_id), 25_000),
    ]
    groups = (await revenue.revenue(db, FINANCE, home, wanted("customer_group"))).rows
    assert {row.key: row.gross_ore for row in groups} == {"children_youth": 80_000, "": 25_000}
    sold = (await revenue.revenue(db, FINANCE, home, wanted("article"))).rows
    assert {(row.key, row.name): row.gross_ore for row in sold} == {
        ("hire", ""): 55_000,
        ("chairs", "Stoler"): 50_000,
    }


async def test_a_month_begins_at_local_midnight(db: AsyncSession, home: Tenant) -> None:
    person_id, _ = await make.person(db)
    await papers.order(db, person_id, [Sold(100)], at=datetime(2026, 4, 30, 22, 30, tzinfo=UTC))
    months = (await revenue.revenue(db, FINANCE, home, wanted("month"))).rows
    assert [row.key for row in months if row.gross_ore] == ["2026-05"]
    in_april = wanted("month", until_on=date(2026, 4, 30))
    assert (await revenue.revenue(db, FINANCE, home, in_april)).gross_ore == 0


async def test_whoever_reads_money_of_one_place_reads_that_place_alone(
    db: AsyncSession, home: Tenant
) -> None:
    here, there = await year(db)
    of_here = Actor(person_id=new_id(), grants=(Grant("finance", facility_id=here.facility_id),))
    of_there = Actor(person_id=new_id(), grants=(Grant("finance", resource_id=there.whole),))
    assert (await revenue.revenue(db, of_here, home, wanted("month"))).gross_ore == 80_000
    assert (await revenue.revenue(db, of_there, home, wanted("resource"))).gross_ore == 25_000
    assert [key for key, _ in await revenue.facilities(db, of_there)] == [there.facility_id]
    asked = wanted("month", facility_id=there.facility_id)
    assert (await revenue.revenue(db, of_here, home, asked)).gross_ore == 0
    assert (await revenue.revenue(db, FINANCE, home, asked)).gross_ore == 25_000
    officer = Actor(person_id=new_id(), grants=(Grant("case_officer"),))
    with pytest.raises(Forbidden):
        await revenue.revenue(db, officer, home, wanted("month"))


@pytest.mark.parametrize("days", [-1, 401])
async def test_a_period_has_an_end_and_is_not_too_long(db: AsyncSession, home: Tenant, days: int) -> None:
    with pytest.raises(Invalid):
        await revenue.revenue(db, FINANCE, home, wanted("month", until_on=FIRST + timedelta(days=days)))


@given(st.lists(st.integers(-(10**9), 10**9), max_size=30))
def test_no_bar_leaves_the_plot_and_what_is_lost_lies_left_of_the_line(values: list[int]) -> None:
    plot = bars([("x" * 50, value, str(value)) for value in values])
    for bar, value in zip(plot.bars, values, strict=True):
        assert bar.x >= 0
        assert bar.x + bar.width <= 1000
        assert bar.x >= plot.zero if value >= 0 else bar.x + bar.width <= plot.zero
        assert bar.top + 44 <= plot.height


async def test_the_page_shows_bars_and_the_same_as_table_and_file(town: Town) -> None:
    async def work(db: AsyncSession) -> tuple[UUID, str]:
        person_id, _ = await make.person(db)
        await papers.order(db, person_id, [Sold(125_000, "full")], at=datetime(2026, 3, 1, tzinfo=UTC))
        return await make.person(db, role="finance")

    _, token = await town.have(work)
    base = f"/{town.tenant.slug}/staff/revenue"
    asked = {"from": "2026-01-01", "until": "2026-12-31", "by": "article"}
    page = await town.http.get(base, params=asked, headers=make.bearer(token))
    assert page.status_code == 200, page.text
    assert page.text.count("<rect") == 1
    assert "1\xa0000,00" in page.text
    sheet = await town.http.get(f"{base}.csv", params=asked, headers=make.bearer(token))
    assert sheet.content.decode("utf-8-sig").splitlines()[1].endswith(";1000;250;1250;1")
    wrong = await town.http.get(base, params={"from": "2026-13-01"}, headers=make.bearer(token))
    assert wrong.status_code == 422
    wrong = await town.http.get(f"{base}.csv", params={"from": "x"}, headers=make.bearer(token))
    assert wrong.status_code == 422
