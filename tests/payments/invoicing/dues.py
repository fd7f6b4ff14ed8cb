"""A municipality with bookings that owe money, as many as a test wants, made as rows."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.ids import new_id
from core.tenants import Tenant
from payments.invoice_models import InvoiceTerms
from payments.invoicing import gathering, issuing
from people.actors import Actor, Grant
from resources.prices import Price, Priced, kept_price, price_of
from tests import make

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
FINANCE = Actor(person_id=new_id(), grants=(Grant(role="finance"),))

BOOKINGS = text(
    """
INSERT INTO booking (tenant_id, id, application_id, resource_id, person_id, association_id, starts_at, ends_at,
    setup_minutes, cleanup_minutes, state, price, payment, owed_ore)
SELECT :tenant_id, n.id, :application_id, :resource_id, :person_id, n.association_id, n.starts_at, n.ends_at,
    0, 0, n.state, n.price, n.payment, n.owed_ore
FROM json_populate_recordset(NULL::booking, CAST(:rows AS json)) n
"""
)
APPLICATION = text(
    "INSERT INTO application (tenant_id, id, person_id, title, public, created_at)"
    " VALUES (:tenant_id, :id, :person_id, 'Trening', false, now())"
)


def priced(gross_ore: int, code: str = "exempt", **more: Any) -> Priced:
    values: dict[str, Any] = {
        "kind": "hire",
        "key": "t",
        "text": {"nb": "Leie", "nn": "Leige", "en": "Hire"},
        "unit": "hour",
        "quantity_milli": 1000,
        "unit_ore": gross_ore,
        "amount_ore": gross_ore,
        "includes_vat": True,
        "vat_code": code,
        "vat_reason": "mval. § 3-11" if code == "exempt" else "",
    }
    return Priced(**{**values, **more})


def price(*lines: Priced, payment: str = "invoice") -> Price:
    return price_of(lines, payment=cast(Any, payment), customer_group="association")


HOUR = price(priced(655_00))


@dataclass
class Dues:
    """What a test of invoicing has at hand."""

    database: Database
    tenant: Tenant
    person_id: UUID = field(default_factory=new_id)
    resource_id: UUID = field(default_factory=new_id)
    facility_id: UUID = field(default_factory=new_id)
    application_id: UUID = field(default_factory=new_id)
    clubs: list[UUID] = field(default_factory=list[UUID])

    def open(self) -> Any:
        return self.database.transaction(self.tenant.id)

    async def set_up(self, *, clubs: int = 2) -> "Dues":
        async with self.open() as db:
            hall = await make.hall(db)
            self.facility_id, self.resource_id = hall.facility_id, hall.whole
            self.person_id, _ = await make.person(db, name="Kari Nordmann")
            for number in range(clubs):
                club, _ = await make.association(db, name=f"Klubb {number}")
                self.clubs.append(club)
            await db.execute(
                APPLICATION,
                {"tenant_id": self.tenant.id, "id": self.application_id, "person_id": self.person_id},
            )
            db.add(InvoiceTerms(bank_account="86011117947", vat_registered=True, seller_name="Sola kommune"))
        return self

    async def owe(
        self,
        *,
        club: int | None = 0,
        asks: Price = HOUR,
        owed_ore: int | None = None,
        day: date = date(2026, 11, 2),
        state: str = "confirmed",
        many: int = 1,
    ) -> list[UUID]:
        """Bookings of an hour that owe what they cost, unless said otherwise; their ids."""
        start = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
        ids = [new_id() for _ in range(many)]
        rows = [
            {
                "id": each,
                "association_id": None if club is None else self.clubs[(club + place) % len(self.clubs)],
                "starts_at": start + timedelta(seconds=place),
                "ends_at": start + timedelta(hours=1, seconds=place),
                "state": state,
                "price": kept_price(asks),
                "payment": asks.payment,
                "owed_ore": asks.gross_ore if owed_ore is None else owed_ore,
            }
            for place, each in enumerate(ids)
        ]
        async with self.open() as db:
            await db.execute(
                BOOKINGS,
                {
                    "tenant_id": self.tenant.id,
                    "application_id": self.application_id,
                    "resource_id": self.resource_id,
                    "person_id": self.person_id,
                    "rows": msgspec.json.encode(rows).decode(),
                },
            )
        return ids

    async def owes(self, booking_id: UUID, owed_ore: int, state: str = "confirmed") -> None:
        async with self.open() as db:
            await db.execute(
                text("UPDATE booking SET owed_ore = :ore, state = :state WHERE id = :id"),
                {"ore": owed_ore, "state": state, "id": booking_id},
            )

    async def begin(self, now: datetime = NOW) -> UUID:
        async with self.open() as db:
            run = await gathering.begin(db, FINANCE, NOVEMBER[0], until_on=NOVEMBER[1], now=now)
            return run.id

    async def gather(self, now: datetime = NOW) -> UUID:
        """A run with its drafts."""
        run_id = await self.begin(now)
        async with self.open() as db:
            pieces = await gathering.find(db, self.tenant, run_id, now)
        for piece in pieces:
            async with self.open() as db:
                await gathering.draft(db, self.tenant, run_id, piece, now)
        return run_id

    async def issue(self, run_id: UUID, now: datetime = NOW) -> None:
        async with self.open() as db:
            await issuing.begin(db, FINANCE, run_id, version=None, now=now)
        await self.issue_all(run_id, now)

    async def issue_all(self, run_id: UUID, now: datetime = NOW) -> None:
        is_more = True
        while is_more:
            async with self.open() as db:
                is_more = await issuing.issue_piece(db, self.tenant, run_id, now)

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.open() as db:
            return list((await db.execute(text(sql), values)).all())

    async def orders(self, state: str = "open") -> list[Any]:
        return await self.rows(
            "SELECT * FROM pay_order WHERE state = :state ORDER BY number, id", state=state
        )


async def billed(db: AsyncSession) -> dict[UUID, int]:
    """What every booking has been billed, by a rule of its own: issued, less credited."""
    rows = await db.execute(
        text(
            "SELECT l.booking_id, sum(CASE o.kind WHEN 'credit' THEN -l.gross_ore ELSE l.gross_ore END)::bigint AS ore"
            " FROM order_line l JOIN pay_order o ON o.id = l.order_id WHERE o.state = 'issued' GROUP BY 1"
        )
    )
    return {row.booking_id: row.ore for row in rows}
