"""What is issued goes out once, and again only as the same bytes."""

import asyncio
import csv
import io
import secrets
import zipfile
from datetime import timedelta
from typing import Any, Final
from uuid import UUID
from xml.etree.ElementTree import fromstring, tostring

import pytest
from msgspec.structs import replace
from sqlalchemy import text
from stdnum.no import orgnr

from core.errors import Invalid, NothingToExport
from core.provision import connect
from core.texts import texts
from payments import reading
from payments.invoicing import crediting, exporting
from payments.invoicing.ehf import CAC
from payments.invoicing.invoice_schemas import CreditIn
from payments.paper import paper_of
from payments.privacy import forget_customers
from tests.conftest import Urls
from tests.payments.invoicing.dues import FINANCE, NOW, Dues, price, priced
from tests.payments.invoicing.peer import faults

PARTIES: Final = ("AccountingSupplierParty", "AccountingCustomerParty")
LONG_AGO: Final = NOW - timedelta(days=6 * 366)
MIXED = price(priced(655_00), priced(99_99, "full"), priced(100_00, "zero"), priced(12_34, "low"))


async def export(dues: Dues, layout: str) -> tuple[bytes, int]:
    """The file, and how many orders are in it."""
    async with dues.open() as db:
        told = await exporting.begin(db, FINANCE, layout, NOW)
    async with dues.open() as db:
        orders = await exporting.make(db, dues.tenant, told.id, NOW)
    async with dues.open() as db:
        content, _, name = await exporting.content(db, FINANCE, told.id)
    assert str(told.number) in name
    return content, orders


async def issued(dues: Dues, **more: Any) -> None:
    await dues.owe(**more)
    await dues.issue(await dues.gather())


def cells(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


async def be_in_the_register(dues: Dues) -> None:
    """Organisation numbers, with which both sides are found."""
    for club, number in zip(dues.clubs, ["971274042", "974760673"], strict=False):
        await dues.rows(
            "UPDATE association SET organisation_number = :n WHERE id = :id RETURNING id", n=number, id=club
        )


async def test_all_lines_of_all_invoices_are_in_it_once(dues: Dues) -> None:
    await issued(dues, many=5, asks=MIXED)
    content, orders = await export(dues, "csv")
    rows = cells(content)
    assert (orders, len(rows)) == (2, 5 * 4)
    assert {row["Fakturasum"] for row in rows} == {"2601,99", "1734,66"}
    with pytest.raises(NothingToExport):
        await export(dues, "csv")


async def test_two_exports_at_once_share_nothing(dues: Dues) -> None:
    await issued(dues, many=6)
    async with dues.open() as db:
        told = [await exporting.begin(db, FINANCE, layout, NOW) for layout in ("csv", "visma-enterprise")]

    async def make(export_id: UUID) -> int:
        async with dues.open() as db:
            return await exporting.make(db, dues.tenant, export_id, NOW)

    assert sorted(await asyncio.gather(*(make(each.id) for each in told))) == [0, 2]


async def test_made_again_it_is_the_same_bytes_and_takes_nothing_more(dues: Dues) -> None:
    await issued(dues, many=2)
    async with dues.open() as db:
        told = await exporting.begin(db, FINANCE, "unit4-lg04", NOW)
    contents: list[bytes] = []
    for _ in range(2):
        async with dues.open() as db:
            await exporting.make(db, dues.tenant, told.id, NOW)
        async with dues.open() as db:
            contents.append((await exporting.content(db, FINANCE, told.id))[0])
        await issued(dues)
    assert contents[0] == contents[1] != b""


async def test_killed_while_it_is_written_nothing_has_gone_out(dues: Dues) -> None:
    await issued(dues)
    async with dues.open() as db:
        told = await exporting.begin(db, FINANCE, "csv", NOW)

    async def be_killed() -> None:
        async with dues.open() as db:
            await exporting.make(db, dues.tenant, told.id, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await be_killed()
    (order,) = await dues.orders("issued")
    assert order.export_id is None
    async with dues.open() as db:
        assert await exporting.make(db, dues.tenant, told.id, NOW) == 1


async def test_internal_postings_go_out_apart(dues: Dues) -> None:
    await issued(dues)
    await issued(dues, asks=price(priced(100_00), payment="internal"))
    assert len(cells((await export(dues, "internal"))[0])) == 1
    assert len(cells((await export(dues, "csv"))[0])) == 1


async def test_every_ehf_in_the_zip_is_valid_and_who_has_no_number_stays(
    dues: Dues, database_urls: Urls
) -> None:
    await be_in_the_register(dues)
    await be_a_municipality(dues, database_urls)
    await dues.owe(many=4, asks=MIXED)
    await dues.owe(club=None)
    await dues.issue(await dues.gather())
    first = next(each for each in await dues.orders("issued") if each.association_id)
    async with dues.open() as db:
        await crediting.credit(db, FINANCE, first.id, CreditIn(reason="<b>Feil</b> & mer"), NOW)
    content, orders = await export(dues, "ehf")
    files = zipfile.ZipFile(io.BytesIO(content))
    names = sorted(files.namelist())
    assert [name.partition("-")[0] for name in names] == ["faktura", "faktura", "kreditnota"]
    assert orders == 3
    for name in names:
        xml = files.read(name)
        assert faults(xml) == []
    rest = cells((await export(dues, "csv"))[0])
    assert {row["Kunde"] for row in rest} == {"Kari Nordmann"}


async def be_a_municipality(dues: Dues, urls: Urls) -> None:
    """With an organisation number that is one."""
    numbers = (str(900_000_000 + secrets.randbelow(99_999_999)) for _ in range(10_000))
    number = next(each for each in numbers if orgnr.is_valid(each))
    connection = await connect(urls.owner)
    try:
        await connection.execute(
            "UPDATE tenant SET organisation_number = $1 WHERE id = $2", number, dues.tenant.id
        )
    finally:
        await connection.close()
    dues.tenant = replace(dues.tenant, organisation_number=number)


async def test_a_customers_name_is_no_formula(dues: Dues) -> None:
    await dues.rows("UPDATE association SET name = '=1+1;\"x' RETURNING id")
    await issued(dues)
    (row,) = cells((await export(dues, "csv"))[0])
    assert row["Kunde"] == "'=1+1;\"x"


async def test_a_layout_that_is_not_there_is_refused(dues: Dues) -> None:
    async with dues.open() as db:
        with pytest.raises(Invalid):
            await exporting.begin(db, FINANCE, "sap", NOW)


async def test_the_seller_stands_as_it_was_when_it_was_issued(dues: Dues) -> None:
    await issued(dues)
    await dues.rows("UPDATE invoice_terms SET seller_name = 'Ny kommune' RETURNING id")
    async with dues.open() as db:
        found = (await db.execute(text("SELECT seller ->> 'name' FROM pay_order"))).scalar_one()
    assert found == "Sola kommune"


async def test_a_credit_note_names_whom_the_invoice_named(dues: Dues, database_urls: Urls) -> None:
    """Though customer and seller have another name, address and number by then; in all that goes out."""
    await be_in_the_register(dues)
    await be_a_municipality(dues, database_urls)
    await dues.owe(many=2, asks=MIXED)
    await dues.rows(
        "UPDATE association SET address = 'Solavegen 1', postcode = '4050', town = 'Sola' RETURNING id"
    )
    await dues.issue(await dues.gather())
    before = await dues.orders("issued")
    await dues.rows(
        "UPDATE association SET name = 'Ny ' || name, address = 'Nyvegen 2', postcode = '4020', town = 'Stavanger',"
        " email = 'ny@example.org', organisation_number = CASE organisation_number"
        " WHEN '971274042' THEN '923609016' ELSE '985589534' END RETURNING id"
    )
    await dues.rows(
        "UPDATE invoice_terms SET seller_name = 'Ny kommune', address = 'Nygata 1', vat_registered = false,"
        " bank_account = '12345678911' RETURNING id"
    )
    number = dues.tenant.organisation_number
    await be_a_municipality(dues, database_urls)
    for invoice in before:
        async with dues.open() as db:
            await crediting.credit(db, FINANCE, invoice.id, CreditIn(reason="Feil"), NOW)
    invoices = {row.id: row for row in await dues.orders("issued") if row.kind == "invoice"}
    notes = [row for row in await dues.orders("issued") if row.kind == "credit"]
    assert len(notes) == 2
    for note in notes:
        invoice = invoices[note.credits_id]
        assert (note.customer, note.seller) == (invoice.customer, invoice.seller)
        assert note.seller["organisation_number"] == number != dues.tenant.organisation_number
        async with dues.open() as db:
            on_paper = [await reading.full(db, each) for each in (invoice.id, note.id)]
        papers = [paper_of(each, texts("nb"), "Sola") for each in on_paper if each is not None]
        assert papers[0].customer == papers[1].customer
        assert (papers[0].seller, papers[0].seller_name) == (papers[1].seller, papers[1].seller_name)
        assert "Solavegen 1" in papers[1].customer
    files = zipfile.ZipFile(io.BytesIO((await export(dues, "ehf"))[0]))
    parties: dict[str, set[tuple[bytes, ...]]] = {}
    for name in files.namelist():
        xml = files.read(name)
        assert faults(xml) == []
        told = tuple(tostring(each) for tag in PARTIES for each in fromstring(xml).iter(f"{CAC}{tag}"))
        assert len(told) == 2
        parties.setdefault(name.partition("-")[0], set()).add(told)
    assert parties["faktura"] == parties["kreditnota"]
    assert len(parties["faktura"]) == 2


async def test_in_files_for_the_accounts_too_a_credit_note_names_whom_the_invoice_named(dues: Dues) -> None:
    await be_in_the_register(dues)
    await issued(dues)
    (invoice,) = await dues.orders("issued")
    await dues.rows(
        "UPDATE association SET name = 'Ny klubb', organisation_number = NULL, town = 'By' RETURNING id"
    )
    async with dues.open() as db:
        await crediting.credit(db, FINANCE, invoice.id, CreditIn(reason="Feil"), NOW)
    of_invoice, of_note = cells((await export(dues, "csv"))[0])
    same = ("Kunde", "Kundenr", "Orgnr", "Adresse", "Postnr", "Poststed")
    assert [of_note[each] for each in same] == [of_invoice[each] for each in same]
    assert of_note["Kunde"] == "Klubb 0"


async def test_where_the_customer_is_forgotten_the_credit_note_names_her_as_she_is(dues: Dues) -> None:
    await dues.owe()
    await dues.issue(await dues.gather(), LONG_AGO)
    (invoice,) = await dues.orders("issued")
    async with dues.open() as db:
        assert await forget_customers(db, LONG_AGO + timedelta(days=1), NOW, 10) == 1
        await crediting.credit(db, FINANCE, invoice.id, CreditIn(reason="Feil"), NOW)
    (note,) = [row for row in await dues.orders("issued") if row.kind == "credit"]
    assert note.customer["name"] == "Klubb 0"
