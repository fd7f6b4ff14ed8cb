"""Bookings of a month invoiced and exported, measured: 10,000 and 100,000 of them, and the bare rows that it writes."""

import time
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from bench.database import Measured
from bench.guest import guest
from bench.report import Row, at_most
from core.db import Database
from core.ids import new_id
from core.tenants import Tenant, tenant_here
from payments.invoice_models import InvoiceTerms
from payments.invoicing import exporting, gathering, issuing
from people.actors import Actor, Grant
from people.models import Association, Person
from resources.models import Facility, Resource
from resources.prices import Priced, kept_price, price_of

FEW: Final = 10_000
MANY: Final = 100_000
PER_CLUB: Final = 50
NOW: Final = datetime(2026, 11, 28, 12, tzinfo=UTC)
PERIOD: Final = (date(2026, 11, 1), date(2026, 11, 30))
BOOKINGS = text(
    """
INSERT INTO booking (tenant_id, id, application_id, resource_id, person_id, association_id, starts_at, ends_at,
    setup_minutes, cleanup_minutes, state, price, payment, owed_ore)
SELECT :tenant_id, gen_random_uuid(), :application_id, :resource_id, :person_id,
    (CAST(:clubs AS uuid[]))[1 + n / :per_club], CAST(:start AS timestamptz) + n * interval '15 seconds',
    CAST(:start AS timestamptz) + n * interval '15 seconds' + interval '1 hour', 0, 0, 'confirmed',
    CAST(:price AS jsonb), 'invoice', :owed
FROM generate_series(CAST(:first AS int), :first + :many - 1) n
"""
)
RAW_ORDERS = """
INSERT INTO pay_order (tenant_id, id, kind, payment, association_id, run_id, net_ore, vat_ore, gross_ore, kid,
    created_at)
SELECT tenant_id, gen_random_uuid(), kind, payment, association_id, run_id, net_ore, vat_ore, gross_ore, kid,
    created_at
FROM pay_order WHERE tenant_id = :tenant_id
"""
RAW_LINES = """
INSERT INTO order_line (tenant_id, id, order_id, position, booking_id, kind, key, text, unit, quantity_milli, unit_ore,
    vat_code, vat_rate, vat_reason, net_ore, vat_ore, gross_ore, starts_at, ends_at)
SELECT l.tenant_id, gen_random_uuid(), o.id, l.position, l.booking_id, l.kind, l.key, l.text, l.unit, l.quantity_milli,
    l.unit_ore, l.vat_code, l.vat_rate, l.vat_reason, l.net_ore, l.vat_ore, l.gross_ore, l.starts_at, l.ends_at
FROM order_line l
JOIN pay_order i ON i.tenant_id = l.tenant_id AND i.id = l.order_id
JOIN pay_order o ON o.tenant_id = i.tenant_id AND o.kid = i.kid AND o.state = 'open'
WHERE l.tenant_id = :tenant_id
"""
RAW = (RAW_ORDERS, RAW_LINES)
"""As many drafts and lines again, without a thought for what they say."""
EMPTIED: Final = (
    *("order_line", "pay_order", "number_series", "export_run", "invoice_run", "invoice_terms", "change_log"),
    *(
        "outbox",
        "audit_entry",
        "booking",
        "application",
        "resource",
        "facility",
        "association",
        "person",
    ),
)
GUARDED: Final = ("order_line", "pay_order")
"""Tables whose triggers keep what is issued; the bench takes its own away."""


async def invoicing_rows(found: Measured) -> list[Row]:
    """Each in a municipality of its own, which is gone afterwards."""
    few, raw = await measured(found, FEW)
    many, _ = await measured(found, MANY)
    return [
        at_most(f"{FEW:,} bookings gathered, issued and exported", few, "ms", factor=15, limit=raw),
        at_most(f"{MANY:,} bookings gathered, issued and exported", many, "ms", factor=11, limit=few),
    ]


async def measured(found: Measured, many: int) -> tuple[float, float]:
    """Milliseconds that all of it takes, and that the bare rows take (of few: of many they would take too long)."""
    async with guest(found, "regning", emptied=EMPTIED, guarded=GUARDED) as tenant_id:
        database = Database(found.program_url, pool_size=2)
        try:
            async with database.transaction(tenant_id) as db:
                tenant = await tenant_here(db)
            await _fill(database, tenant, many)
            started = time.perf_counter()
            await _invoice(database, tenant)
            took = (time.perf_counter() - started) * 1000
            return took, await _raw(database, tenant_id) if many == FEW else 0.0
        finally:
            await database.close()


async def _invoice(database: Database, tenant: Tenant) -> None:
    """As the tasks do it, one transaction after another."""
    finance = Actor(person_id=new_id(), grants=(Grant(role="finance"),))
    async with database.transaction(tenant.id) as db:
        run = await gathering.begin(db, finance, PERIOD[0], until_on=PERIOD[1], now=NOW)
    async with database.transaction(tenant.id) as db:
        pieces = await gathering.find(db, tenant, run.id, NOW)
    for piece in pieces:
        async with database.transaction(tenant.id) as db:
            await gathering.draft(db, tenant, run.id, piece, NOW)
    async with database.transaction(tenant.id) as db:
        await issuing.begin(db, finance, run.id, version=None, now=NOW)
    is_more = True
    while is_more:
        async with database.transaction(tenant.id) as db:
            is_more = await issuing.issue_piece(db, tenant, run.id, NOW)
    async with database.transaction(tenant.id) as db:
        told = await exporting.begin(db, finance, "csv", NOW)
    async with database.transaction(tenant.id) as db:
        assert await exporting.make(db, tenant, told.id, NOW), "there is something to export"


async def _raw(database: Database, tenant_id: UUID) -> float:
    """Taken back afterwards."""
    async with database.transaction(tenant_id) as db:
        begun = await db.begin_nested()
        started = time.perf_counter()
        for statement in RAW:
            await db.execute(text(statement), {"tenant_id": tenant_id})
        took = (time.perf_counter() - started) * 1000
        await begun.rollback()
    return took


async def _fill(database: Database, tenant: Tenant, many: int) -> None:
    """A hall, clubs, and for each so many hours with cleaning, that each owes for."""
    price = price_of(
        [_line("hire", 655_00, "exempt"), _line("article", 99_99, "full")],
        payment="invoice",
        customer_group="association",
    )
    facility, hall, person, application = (new_id() for _ in range(4))
    clubs = [new_id() for _ in range(many // PER_CLUB)]
    async with database.transaction(tenant.id) as db:
        db.add(Facility(id=facility, key="f", name="Hall", closed_on_public_holidays=False))
        db.add(Person(id=person, name="Kari"))
        db.add_all(Association(id=each, name=f"Klubb {number}") for number, each in enumerate(clubs))
        db.add(InvoiceTerms(bank_account="86011117947", vat_registered=True))
        await db.flush()
        db.add(
            Resource(
                id=hall,
                facility_id=facility,
                key="r",
                name="Sal",
                kind="hall",
                decision="automatic",
                search_text="sal",
            )
        )
        await db.flush()
        await db.execute(
            text(
                "INSERT INTO application (tenant_id, id, person_id, title, public, created_at)"
                " VALUES (:tenant_id, :id, :person_id, 'Trening', false, now())"
            ),
            {"tenant_id": tenant.id, "id": application, "person_id": person},
        )
        values: dict[str, Any] = {
            "tenant_id": tenant.id,
            "application_id": application,
            "resource_id": hall,
            "person_id": person,
            "clubs": clubs,
            "per_club": PER_CLUB,
            "start": datetime(2026, 11, 2, 8, tzinfo=UTC),
            "price": msgspec.json.encode(kept_price(price)).decode(),
            "owed": price.gross_ore,
            "many": FEW,
        }
        for first in range(0, many, FEW):
            await db.execute(BOOKINGS, {**values, "first": first})


def _line(kind: Any, ore: int, code: Any) -> Priced:
    return Priced(
        kind=kind,
        key="cleaning",
        text={"nb": "Leie"},
        unit="hour",
        quantity_milli=1000,
        unit_ore=ore,
        amount_ore=ore,
        includes_vat=True,
        vat_code=code,
    )
