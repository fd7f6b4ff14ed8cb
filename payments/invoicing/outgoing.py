"""An invoice or a credit note as it goes out to others: what EHF and the layouts are written from. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Seller or customer as they stood when it was issued."""

    name: str
    organisation_number: str = ""
    address: str = ""
    postcode: str = ""
    town: str = ""
    email: str = ""
    vat_registered: bool = False
    bank_account: str = ""
    """Of the seller: 11 digits."""


class OutgoingLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of it. Amounts of a credit note are positive here too: what is taken back."""

    text: str
    unit: str
    quantity_milli: int
    vat_code: str
    vat_rate: int
    vat_reason: str
    net_ore: int
    vat_ore: int
    gross_ore: int
    starts_on: date | None
    ends_on: date | None
    """Local days of the time that was booked."""
    account: Mapping[str, str] = {}


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document. Days are local."""

    id: UUID
    kind: str
    """invoice, credit, receipt."""
    number: int
    payment: str
    issued_on: date
    due_on: date | None
    kid: str
    reference: str
    credits_number: int | None
    """Of a credit note: the number of what it credits."""
    credits_issued_on: date | None
    reason: str
    customer_id: UUID
    seller: Party
    customer: Party
    net_ore: int
    vat_ore: int
    gross_ore: int
    lines: tuple[OutgoingLine, ...]

    @property
    def is_credit(self) -> bool:
        return self.kind == "credit"


def party(stored: Mapping[str, object]) -> Party:
    """Of `pay_order.seller` or `.customer`."""
    known = {name: value for name, value in stored.items() if value is not None}
    return msgspec.convert({"name": "", **known}, Party)


def local_day(at: datetime | None, zone: object) -> date | None:
    """The day on the municipality's clock."""
    return None if at is None else at.astimezone(zone).date()  # type: ignore[arg-type]  # a ZoneInfo
