"""What is said of invoicing in JSON."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from core.money import Money
from core.wire import NO_NUL, OptionalText

Days = Annotated[int, msgspec.Meta(ge=0, le=90)]
Day = Annotated[date, msgspec.Meta(description="From 2000 to 2100.")]
Part = Annotated[str, msgspec.Meta(max_length=50, pattern=NO_NUL)]
ArticleKey = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=NO_NUL)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=NO_NUL)]


class TermsIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays."""

    seller_name: OptionalText | UnsetType = UNSET
    """Empty: the municipality's name."""
    address: OptionalText | UnsetType = UNSET
    postcode: Annotated[str, msgspec.Meta(pattern=r"^([0-9]{4})?(?!\n)$")] | UnsetType = UNSET
    town: OptionalText | UnsetType = UNSET
    email: OptionalText | UnsetType = UNSET
    vat_registered: bool | UnsetType = UNSET
    bank_account: Annotated[str, msgspec.Meta(pattern=r"^[0-9 .]{0,20}(?!\n)$")] | UnsetType = UNSET
    kid_prefix: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{0,20}(?!\n)$")] | UnsetType = UNSET
    kid_length: Annotated[int, msgspec.Meta(ge=4, le=25)] | UnsetType = UNSET
    """With the check digit."""
    kid_check: Literal["mod10", "mod11"] | UnsetType = UNSET
    delay_days: Annotated[int, msgspec.Meta(ge=0, le=365)] | UnsetType = UNSET
    """How long after its use a booking is invoiced at the earliest."""
    due_days: Days | UnsetType = UNSET
    deposit_days: Days | UnsetType = UNSET
    layout: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,50}(?!\n)$")] | UnsetType = UNSET


class InvoiceTermsOut(msgspec.Struct, kw_only=True):
    """What stands on the municipality's invoices."""

    seller_name: str = ""
    address: str = ""
    postcode: str = ""
    town: str = ""
    email: str = ""
    vat_registered: bool = False
    bank_account: str = ""
    kid_prefix: str = ""
    kid_length: int = 10
    kid_check: str = "mod10"
    delay_days: int = 7
    due_days: int = 30
    deposit_days: int = 7
    layout: str = "csv"
    version: int = 1


class CodeIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Accounts of a facility, a resource or an article; of none: of the whole municipality."""

    facility_id: UUID | None = None
    resource_id: UUID | None = None
    article: ArticleKey | None = None
    account: Part = ""
    department: Part = ""
    project: Part = ""
    product: Part = ""


class CodeOut(msgspec.Struct, kw_only=True):
    """What is empty is taken from the wider one."""

    id: UUID
    facility_id: UUID | None
    resource_id: UUID | None
    article: str | None
    account: str
    department: str
    project: str
    product: str
    facility: str = ""
    resource: str = ""
    resource_facility: str = ""


class RunIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The local days on which the use of what is invoiced ended, both included."""

    from_on: Day
    until_on: Day


class RunOut(msgspec.Struct, kw_only=True):
    """A run and how far it has come."""

    id: UUID
    from_on: date
    until_on: date
    state: str
    """gathering, drafted, issuing, issued, void."""
    found: int
    """Bookings that are due."""
    done: int
    orders: int
    """Drafts and invoices in it."""
    open_orders: int
    gross: Money
    created_at: datetime
    created_by: str
    issued_at: datetime | None
    version: int


class InvoiceOut(msgspec.Struct, kw_only=True):
    """A draft or an invoice of a run."""

    id: UUID
    state: str
    number: int | None
    payment: str
    """invoice, or internal: between the municipality's own accounts."""
    association_id: UUID | None
    person_id: UUID | None
    customer: str
    organisation_number: str
    reference: str
    lines: int
    net: Money
    vat: Money
    gross: Money
    credited: Money
    kid: str | None
    due_on: date | None
    exported: bool
    warnings: list[str]
    """no_organisation_number, no_address, small, no_name."""
    version: int


class ReferenceIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The customer's own, which the invoice carries."""

    reference: OptionalText


class LeaveOutIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Not this time. Without a booking: the whole draft."""

    booking_id: UUID | None = None


class CreditIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is taken back: the whole invoice, or these bookings of it."""

    reason: Reason
    bookings: Annotated[list[UUID], msgspec.Meta(max_length=1000)] | None = None
    again: bool = False
    """Whether it is to be invoiced anew, as when the customer was the wrong one. Else it is owed no more."""


class CreditOut(msgspec.Struct, kw_only=True):
    """The credit note."""

    id: UUID
    number: int
    gross: Money


class ExportIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """All that is issued and has not gone out, in this layout."""

    layout: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,50}(?!\n)$")]


class ExportOut(msgspec.Struct, kw_only=True):
    """A file for the books."""

    id: UUID
    number: int
    layout: str
    state: str
    """making, made."""
    orders: int
    file_name: str
    created_at: datetime
    created_by: str
