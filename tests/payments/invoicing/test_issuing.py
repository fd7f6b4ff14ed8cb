"""Drafts become invoices with numbers without gaps, and are taken back by credit notes."""

import asyncio
from datetime import date
from uuid import UUID

import pytest

from core.errors import InvoiceTermsMissing, NotFound, WrongState
from core.ids import new_id
from payments.invoicing import crediting, issuing
from payments.invoicing.invoice_schemas import CodeIn, CreditIn
from payments.invoicing.invoice_terms import add_code
from payments.invoicing.kid import is_kid
from tests.payments.invoicing.dues import FINANCE, NOW, Dues, billed, price, priced


async def test_invoices_have_number_kid_day_and_who(dues: Dues) -> None:
    await dues.owe(many=2)
    await dues.owe(club=None)
    await dues.issue(await dues.gather())
    orders = await dues.orders("issued")
    assert [each.number for each in orders] == [1, 2, 3]
    assert all(is_kid(each.kid, "mod10") and len(each.kid) == 10 for each in orders)
    assert {each.due_on for each in orders} == {date(2026, 12, 28)}
    assert {each.seller["name"] for each in orders} == {"Sola kommune"}
    assert {each.customer["name"] for each in orders} == {"Klubb 0", "Klubb 1", "Kari Nordmann"}
    (run,) = await dues.rows("SELECT state FROM invoice_run")
    assert run.state == "issued"


async def test_internal_ones_have_neither_kid_nor_day(dues: Dues) -> None:
    await dues.owe(asks=price(priced(100_00), payment="internal"))
    await dues.issue(await dues.gather())
    (order,) = await dues.orders("issued")
    assert (order.kid, order.due_on, order.number) == (None, None, 1)


async def test_numbers_have_no_gaps_when_many_runs_are_issued_at_once(dues: Dues) -> None:
    runs: list[UUID] = []
    for _ in range(4):
        await dues.owe(many=2)
        runs.append(await dues.gather())
    await asyncio.gather(*(dues.issue(run_id) for run_id in runs))
    assert [each.number for each in await dues.orders("issued")] == list(range(1, 9))


async def test_a_run_is_issued_in_pieces_and_goes_on_where_it_was_killed(dues: Dues) -> None:
    await dues.owe(many=2)
    run_id = await dues.gather()
    async with dues.open() as db:
        await issuing.begin(db, FINANCE, run_id, version=None, now=NOW)

    async def be_killed() -> None:
        async with dues.open() as db:
            await issuing.issue_piece(db, dues.tenant, run_id, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await be_killed()
    assert await dues.orders("issued") == []
    await dues.issue_all(run_id)
    await dues.issue_all(run_id)
    assert [each.number for each in await dues.orders("issued")] == [1, 2]


async def test_what_was_cancelled_meanwhile_is_not_invoiced(dues: Dues) -> None:
    first, second = await dues.owe(club=0, many=1), await dues.owe(club=0, many=1)
    await dues.owe(club=1)
    run_id = await dues.gather()
    await dues.owes(first[0], 0, "cancelled")
    await dues.issue(run_id)
    async with dues.open() as db:
        assert first[0] not in await billed(db)
        assert (await billed(db))[second[0]] == 655_00
    assert [each.number for each in await dues.orders("issued")] == [1, 2]


async def test_all_billed_is_all_owed(dues: Dues) -> None:
    mixed = price(
        priced(333_33), priced(99_99, "full"), priced(10_01, "low"), priced(-5_00, "full", kind="discount")
    )
    ids = await dues.owe(asks=mixed, many=7)
    await dues.issue(await dues.gather())
    async with dues.open() as db:
        found = await billed(db)
    assert found == dict.fromkeys(ids, mixed.gross_ore)


async def test_without_a_bank_account_nothing_goes_out(dues: Dues) -> None:
    await dues.owe()
    run_id = await dues.gather()
    await dues.rows("UPDATE invoice_terms SET bank_account = '' RETURNING id")
    async with dues.open() as db:
        with pytest.raises(InvoiceTermsMissing) as refused:
            await issuing.begin(db, FINANCE, run_id, version=None, now=NOW)
    assert refused.value.facts == {"missing": ["bank_account"]}


async def test_who_is_not_registered_invoices_no_vat(dues: Dues) -> None:
    await dues.owe(asks=price(priced(100_00, "full")))
    run_id = await dues.gather()
    await dues.rows("UPDATE invoice_terms SET vat_registered = false RETURNING id")
    async with dues.open() as db:
        with pytest.raises(InvoiceTermsMissing) as refused:
            await issuing.begin(db, FINANCE, run_id, version=None, now=NOW)
    assert refused.value.facts == {"missing": ["vat_registered"]}


async def test_a_kid_that_would_run_full_is_told_before(dues: Dues) -> None:
    await dues.owe()
    run_id = await dues.gather()
    await dues.rows("UPDATE invoice_terms SET kid_prefix = '12345' RETURNING id")
    await dues.rows("UPDATE number_series SET next_number = 9500 RETURNING id")
    async with dues.open() as db:
        with pytest.raises(InvoiceTermsMissing):
            await issuing.begin(db, FINANCE, run_id, version=None, now=NOW)


async def test_accounts_are_fixed_when_it_is_issued(dues: Dues) -> None:
    async with dues.open() as db:
        await add_code(db, FINANCE, CodeIn(account="16000", department="100"), NOW)
        await add_code(db, FINANCE, CodeIn(facility_id=dues.facility_id, department="310"), NOW)
        await add_code(db, FINANCE, CodeIn(article="cleaning", account="16200"), NOW)
    await dues.owe(asks=price(priced(500_00), priced(100_00, kind="article", key="cleaning")))
    await dues.issue(await dues.gather())
    lines = await dues.rows("SELECT kind, account FROM order_line ORDER BY position")
    assert [(each.kind, each.account) for each in lines] == [
        ("hire", {"account": "16000", "department": "310"}),
        ("article", {"account": "16200", "department": "310"}),
    ]


async def test_a_run_is_issued_once(dues: Dues) -> None:
    await dues.owe()
    run_id = await dues.gather()
    await dues.issue(run_id)
    async with dues.open() as db:
        with pytest.raises(WrongState):
            await issuing.begin(db, FINANCE, run_id, version=None, now=NOW)
        with pytest.raises(NotFound):
            await issuing.begin(db, FINANCE, new_id(), version=None, now=NOW)


async def test_a_credit_note_takes_back_all_and_it_is_owed_no_more(dues: Dues) -> None:
    (booking_id,) = await dues.owe(asks=price(priced(333_33), priced(99_99, "full")))
    await dues.issue(await dues.gather())
    (order,) = await dues.orders("issued")
    async with dues.open() as db:
        told = await crediting.credit(db, FINANCE, order.id, CreditIn(reason="Feil"), NOW)
    assert (told.number, told.gross.amount) == (1, 433_32)
    async with dues.open() as db:
        assert (await billed(db))[booking_id] == 0
    notes = await dues.rows("SELECT * FROM pay_order WHERE kind = 'credit'")
    assert (notes[0].vat_ore, notes[0].reason) == (order.vat_ore, "Feil")
    await dues.gather()
    assert await dues.orders() == []
    async with dues.open() as db:
        with pytest.raises(WrongState):
            await crediting.credit(db, FINANCE, order.id, CreditIn(reason="Igjen"), NOW)


async def test_credited_to_be_invoiced_anew_it_is_found_by_the_next_run(dues: Dues) -> None:
    await dues.owe()
    await dues.issue(await dues.gather())
    (order,) = await dues.orders("issued")
    async with dues.open() as db:
        await crediting.credit(db, FINANCE, order.id, CreditIn(reason="Feil kunde", again=True), NOW)
    await dues.gather()
    assert [each.gross_ore for each in await dues.orders()] == [655_00]


async def test_some_bookings_of_an_invoice_are_credited_and_the_rest_stays(dues: Dues) -> None:
    (first,), (second,) = await dues.owe(club=0), await dues.owe(club=0)
    await dues.issue(await dues.gather())
    (order,) = await dues.orders("issued")
    async with dues.open() as db:
        await crediting.credit(db, FINANCE, order.id, CreditIn(reason="Ikke brukt", bookings=[first]), NOW)
        with pytest.raises(NotFound):
            await crediting.credit(db, FINANCE, order.id, CreditIn(reason="x", bookings=[new_id()]), NOW)
    async with dues.open() as db:
        assert await billed(db) == {first: 0, second: 655_00}


async def test_two_who_credit_the_same_take_it_back_once(dues: Dues) -> None:
    await dues.owe()
    await dues.issue(await dues.gather())
    (order,) = await dues.orders("issued")

    async def once() -> bool:
        try:
            async with dues.open() as db:
                await crediting.credit(db, FINANCE, order.id, CreditIn(reason="Feil"), NOW)
        except WrongState:
            return False
        return True

    assert sorted(await asyncio.gather(*(once() for _ in range(4)))) == [False, False, False, True]
