"""Bookings become drafts once, whoever is killed or hurries."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Forbidden, Invalid, NotFound, WrongState
from core.ids import new_id
from core.money import RATES, vat_in
from core.tenants import Tenant
from payments.invoicing import gathering
from payments.invoicing.drafting import Left, draft_lines
from people.actors import Actor, Grant
from tests.payments.invoicing.dues import FINANCE, NOVEMBER, NOW, Dues, price, priced


async def test_a_draft_for_each_customer_and_way_of_paying(dues: Dues) -> None:
    await dues.owe(many=4)
    await dues.owe(club=None)
    await dues.owe(asks=price(priced(100_00), payment="internal"))
    run_id = await dues.gather()
    orders = await dues.orders()
    assert sorted((each.payment, each.gross_ore) for each in orders) == [
        ("internal", 100_00),
        ("invoice", 655_00),
        ("invoice", 1310_00),
        ("invoice", 1310_00),
    ]
    (run,) = await dues.rows("SELECT * FROM invoice_run")
    assert (run.id, run.state, run.found, run.done) == (run_id, "drafted", 6, 6)


async def test_nothing_is_drafted_twice(dues: Dues) -> None:
    await dues.owe(many=3)
    await dues.gather()
    await dues.gather()
    assert sum(each.gross_ore for each in await dues.orders()) == 3 * 655_00


async def test_two_runs_at_once_share_what_there_is(dues: Dues) -> None:
    await dues.owe(many=40)
    await asyncio.gather(*(dues.gather() for _ in range(4)))
    assert sum(each.gross_ore for each in await dues.orders()) == 40 * 655_00
    lines = await dues.rows("SELECT booking_id FROM order_line")
    assert len(lines) == len({each.booking_id for each in lines}) == 40


async def test_a_run_that_is_told_a_piece_again_drafts_the_same(dues: Dues) -> None:
    ids = await dues.owe(many=6)
    run_id = await dues.begin()
    async with dues.open() as db:
        (piece,) = await gathering.find(db, dues.tenant, run_id, NOW)
    assert set(piece) == set(ids)
    for booking_ids in (piece, piece):
        async with dues.open() as db:
            await gathering.draft(db, dues.tenant, run_id, booking_ids, NOW)
    assert sum(each.gross_ore for each in await dues.orders()) == 6 * 655_00


async def test_killed_in_a_piece_it_leaves_nothing_of_it(dues: Dues) -> None:
    await dues.owe(many=4)
    run_id = await dues.begin()
    async with dues.open() as db:
        (piece,) = await gathering.find(db, dues.tenant, run_id, NOW)

    async def be_killed() -> None:
        async with dues.open() as db:
            await gathering.draft(db, dues.tenant, run_id, piece, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await be_killed()
    assert await dues.orders() == []
    async with dues.open() as db:
        await gathering.draft(db, dues.tenant, run_id, piece, NOW)
    assert sum(each.gross_ore for each in await dues.orders()) == 4 * 655_00


async def test_the_delay_and_the_period_hold(dues: Dues) -> None:
    await dues.owe(day=date(2026, 11, 25))
    await dues.owe(day=date(2026, 10, 31))
    await dues.owe(day=date(2026, 11, 1))
    await dues.gather()
    assert len(await dues.orders()) == 1


async def test_a_day_is_the_local_one(dues: Dues) -> None:
    """23.30 UTC on 31 October is half past midnight on 1 November, Norwegian time."""
    (booking_id,) = await dues.owe(day=date(2026, 10, 31))
    await dues.rows(
        "UPDATE booking SET ends_at = '2026-10-31 23:30Z', starts_at = '2026-10-31 22:00Z' WHERE id = :id RETURNING id",
        id=booking_id,
    )
    await dues.gather()
    assert len(await dues.orders()) == 1


async def test_nobody_pays_for_what_is_free_or_not_granted(dues: Dues) -> None:
    await dues.owe(owed_ore=0)
    await dues.owe(owed_ore=0, state="requested")
    assert await dues.gather()
    assert await dues.orders() == []
    (run,) = await dues.rows("SELECT state FROM invoice_run")
    assert run.state == "drafted"


async def test_a_late_cancellation_is_billed_as_a_fee_by_the_rates_of_its_price(dues: Dues) -> None:
    asks = price(priced(600_00), priced(400_00, "full"), priced(200_00, kind="deposit", key="d"))
    await dues.owe(asks=asks, owed_ore=500_00, state="cancelled")
    await dues.gather()
    lines = await dues.rows(
        "SELECT kind, vat_code, gross_ore, vat_ore, text FROM order_line ORDER BY position"
    )
    assert [(each.kind, each.vat_code, each.gross_ore, each.vat_ore) for each in lines] == [
        ("fee", "exempt", 300_00, 0),
        ("fee", "full", 200_00, 40_00),
    ]


async def test_what_is_dearer_than_was_billed_is_a_difference(dues: Dues) -> None:
    (booking_id,) = await dues.owe()
    await dues.issue(await dues.gather())
    await dues.owes(booking_id, 700_00)
    await dues.gather()
    (draft,) = await dues.orders()
    (line,) = await dues.rows("SELECT kind FROM order_line WHERE order_id = :id", id=draft.id)
    assert (line.kind, draft.gross_ore) == ("difference", 45_00)


async def test_a_draft_follows_its_bookings_and_goes_when_nothing_is_left(dues: Dues) -> None:
    first, second = (await dues.owe(club=0))[0], (await dues.owe(club=0))[0]
    await dues.gather()
    await dues.owes(first, 0, "cancelled")
    async with dues.open() as db:
        await gathering.follow(db, [first], NOW)
    assert [each.gross_ore for each in await dues.orders()] == [655_00]
    await dues.owes(second, 0, "cancelled")
    async with dues.open() as db:
        await gathering.follow(db, [second], NOW)
    assert await dues.orders() == []


async def test_left_out_this_time_it_is_found_the_next(dues: Dues) -> None:
    (first,) = await dues.owe(club=0)
    await dues.owe(club=0)
    await dues.owe(club=1)
    await dues.gather()
    one, other = sorted(await dues.orders(), key=lambda each: -each.gross_ore)
    async with dues.open() as db:
        await gathering.leave_out(db, FINANCE, one.id, booking_id=first, version=one.version, now=NOW)
        await gathering.leave_out(db, FINANCE, other.id, booking_id=None, version=None, now=NOW)
    assert [each.gross_ore for each in await dues.orders()] == [655_00]
    await dues.gather()
    assert sum(each.gross_ore for each in await dues.orders()) == 3 * 655_00


async def test_a_run_that_is_dropped_gives_back_what_it_took(dues: Dues) -> None:
    await dues.owe(many=2)
    run_id = await dues.gather()
    async with dues.open() as db:
        await gathering.drop(db, FINANCE, run_id, NOW)
    assert await dues.orders() == []
    with pytest.raises(WrongState):
        async with dues.open() as db:
            await gathering.drop(db, FINANCE, run_id, NOW)
    await dues.gather()
    assert len(await dues.orders()) == 2


async def test_one_with_more_bookings_than_a_piece_gets_several_drafts(dues: Dues) -> None:
    dues.clubs = dues.clubs[:1]
    await dues.owe(many=gathering.PIECE + 5)
    await dues.gather()
    orders = await dues.orders()
    assert len(orders) == 2
    assert sum(each.gross_ore for each in orders) == (gathering.PIECE + 5) * 655_00


async def test_only_finance_begins_a_run_and_it_has_a_period(dues: Dues) -> None:
    officer = Actor(person_id=new_id(), grants=(Grant(role="case_officer"),))
    async with dues.open() as db:
        with pytest.raises(Forbidden):
            await gathering.begin(db, officer, NOVEMBER[0], until_on=NOVEMBER[1], now=NOW)
        with pytest.raises(Invalid):
            await gathering.begin(db, FINANCE, NOVEMBER[1], until_on=NOVEMBER[0], now=NOW)
        with pytest.raises(NotFound):
            await gathering.drop(db, FINANCE, new_id(), NOW)


async def test_a_municipality_sees_nothing_of_anothers(dues: Dues, stranger: Tenant) -> None:
    await dues.owe()
    other = await Dues(dues.database, stranger).set_up()
    await other.gather()
    assert await other.orders() == []


LEFTS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(0, 10_000_00), st.sampled_from(list(RATES))), min_size=1, max_size=4),
        st.integers(1, 10_000_00),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@given(LEFTS)
def test_lines_add_up_to_what_is_left_and_vat_is_rounded_once_for_each_rate(
    made: list[tuple[list[tuple[int, str]], int, bool]],
) -> None:
    lefts: list[Left] = []
    for parts, left_ore, is_whole in made:
        asks = price(*(priced(gross, code) for gross, code in parts))
        lefts.append(
            Left(
                booking_id=new_id(),
                price=asks,
                place="Hallen",
                starts_at=NOW - timedelta(hours=2),
                ends_at=NOW,
                left_ore=asks.gross_ore if is_whole else left_ore,
                is_whole=is_whole,
                is_cancelled=False,
            )
        )
    lines = draft_lines(lefts, "nb")
    of: dict[UUID, int] = {}
    for line in lines:
        assert line.net_ore + line.vat_ore == line.gross_ore
        of[line.booking_id] = of.get(line.booking_id, 0) + line.gross_ore  # type: ignore[index]  # it is a booking's
    assert {each.booking_id: each.left_ore for each in lefts if each.left_ore} == {
        each: ore for each, ore in of.items() if ore
    }
    for code, rate in RATES.items():
        inside = [line for line in lines if line.vat_code == code]
        assert sum(line.vat_ore for line in inside) == vat_in(sum(line.gross_ore for line in inside), rate)
